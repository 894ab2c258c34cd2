"""Sheets for a spreadsheet, and what comes back."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.core.errors import FramingError
from framing.labelling.returning import changes, check_annotations, read_annotations
from framing.labelling.sheet import read_sheet, sheet
from framing.labelling.story import export
from tests.conftest import make_codebook, make_rows
from tests.labelling import (
    candidates_of,
    corpora,
    corpus_from,
    plain,
)


@settings(deadline=None)
@given(drawn=corpora, seed=st.integers(0, 9))
def test_through_a_sheet_nothing_is_lost(drawn, seed):
    rows = corpus_from(drawn)
    candidates = candidates_of(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "anna.csv")
        path.write_text(export(candidates, blind=False, seed=seed).sheet, encoding="utf-8-sig", newline="")
        checked = check_annotations(read_sheet(str(path), candidates.codebook), candidates, quarantine=False)
        assert plain(checked.annotations) == {
            (row["id"], "anna"): (set(row["frames"]), row["voice"]) for row in rows
        }
        assert changes(checked, candidates).height == 0
        path.write_text(export(candidates, blind=True, seed=seed).sheet, encoding="utf-8-sig", newline="")
        blank = read_sheet(str(path), candidates.codebook)
        assert (len(blank.annotations), len(blank.unlabelled)) == (0, len(rows))


HEAD = "sentence,annotator,text,red,blue,green,voice\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_sheet_comes_back_from_any_spreadsheet(back, separator):
    content = HEAD + 'north-0,,"Calm,\nquiet.",1,,0,asserted\n\nnorth-1,ben,x,0,0,0,\nnorth-2,ben\n'
    if separator != ",":
        content = content.replace("Calm,", "Calm").replace(",", separator)
    returned = back("\ufeff" + content.replace("\n", "\r\n"), "anna.csv")
    first, second = returned.annotations
    assert (first.sentence, first.annotator, first.frames, first.voice) == (
        "north-0",
        "anna",
        ("red",),
        "asserted",
    )
    assert (second.annotator, second.frames, second.voice) == ("ben", (), None)
    assert [first.line, second.line] == [2, 5]
    [blank] = returned.unlabelled
    assert (blank.line, "north-2" in blank.found) == (6, True)


def test_a_cell_that_would_be_run_as_a_formula_is_guarded_and_comes_back(back):
    rows = [
        {"id": "=1+1", "text": "=HYPERLINK(1)", "source": "'s", "article": "a", "frames": [], "voice": None}
    ]
    made = export(candidates_of(rows), blind=False, seed=0).sheet
    cells = next(csv.DictReader(io.StringIO(made)))
    assert (cells["sentence"], cells["text"], cells["source"]) == ("'=1+1", "'=HYPERLINK(1)", "''s")
    assert back(made, "anna.csv").annotations[0].sentence == "=1+1"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("north-0,,x,yes,0,0,asserted", ["'yes'", "0 or 1"]),
        ("north-0,,x,1,0,0,asserted,more", ["8 cells", "7"]),
    ],
)
def test_a_row_that_cannot_be_read_is_told(back, line, words):
    returned = back(HEAD + line + "\n", "anna.csv")
    [problem] = returned.problems
    assert problem.line == 2
    assert all(word in str(problem) for word in words)
    assert returned.annotations == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "an empty file"),
        ("sentence,red,blue,voice\n", "expected green once"),
        ("sentence,red,red,blue,green,voice\n", "expected red once"),
        ("sentence,red,blue,green,voice,gold\n", "'gold'"),
        (HEAD + '"' + "x" * 140_000 + '"', "field larger"),
    ],
)
def test_a_sheet_of_another_kind_is_an_error(back, content, words):
    limit = csv.field_size_limit(131_072)  # another reader may have raised it
    try:
        with pytest.raises(FramingError, match=words):
            back(content, "anna.csv")
    finally:
        csv.field_size_limit(limit)


def test_a_frame_cannot_be_named_like_a_column():
    from dataclasses import replace

    codebook = make_codebook()
    codebook = replace(codebook, frames=(replace(codebook.frames[0], id="text"), *codebook.frames[1:]))
    with pytest.raises(FramingError, match="'text'"):
        sheet(candidates_of([], codebook), blind=False, prediction=None, reasons=None)


def test_without_voices_a_sheet_has_no_voice(back):
    codebook = make_codebook(voices=())
    rows = [row | {"voice": None} for row in make_rows()[:2]]
    made = export(candidates_of(rows, codebook), blind=False, seed=0).sheet
    assert "voice" not in made.splitlines()[0]
    assert [one.frames for one in back(made, "anna.csv", codebook).annotations] == [(), ("red",)]


def test_files_that_cannot_be_read_are_errors(tmp_path, back):
    codebook = make_codebook()
    (tmp_path / "latin.json").write_bytes(b'["\xe9"]')
    (tmp_path / "latin.csv").write_bytes(b"\xe9")
    for files, words in (
        ([], "at least one file"),
        (["labels.xlsx"], "'.xlsx'"),
        (["nowhere.json"], "cannot be read"),
        (["nowhere.csv"], "cannot be read"),
        ([str(tmp_path / "latin.json")], "is not UTF-8"),
        ([str(tmp_path / "latin.csv")], "is not UTF-8"),
    ):
        with pytest.raises(FramingError, match=words):
            read_annotations(codebook, files)
    assert back("[]").annotations == []
    assert back("[7]").problems
