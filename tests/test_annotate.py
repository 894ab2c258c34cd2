"""Sentences out to annotators and labels back, with invented sentences."""

import csv
import io
import json
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.annotate import overrides
from framing.core.errors import CorpusError, FramingError
from framing.labelling.annotations import Returned
from framing.labelling.candidates import Candidates, blind_id, load_candidates
from framing.labelling.label_studio import labelling_config
from framing.labelling.label_studio_export import read_label_studio
from framing.labelling.returning import changes, check_annotations, read_annotations
from framing.labelling.selection import SelectionSettings, choose, frame_doubt, frame_weights
from framing.labelling.sheet import read_sheet, sheet
from framing.labelling.story import choose_next, export, predict, without_labels, write_labelled
from framing.models.folder import save_model
from framing.models.interface import Prediction
from framing.models.majority import Majority
from tests.conftest import make_codebook, make_rows
from tests.test_command_line import own_rows, table
from tests.test_data import load

VOICES = ("asserted", "attributed")


def candidates_of(rows, codebook=None):
    """The candidates that a file with these rows gives, without the file."""
    columns = ("id", "text", "source", "article", "kind", "file", "line", "frames", "voice")
    filled = [
        {"kind": "body", "file": "f", "line": line, "frames": None, "voice": None, **row}
        for line, row in enumerate(rows, start=1)
    ]
    schema = dict.fromkeys(columns, pl.String) | {"line": pl.Int64, "frames": pl.List(pl.String)}
    return Candidates(codebook or make_codebook(), pl.DataFrame(filled, schema=schema))


def in_label_studio(tasks, labels):
    """What Label Studio exports as JSON when the annotators of `labels` have labelled the tasks.

    Args:
        labels: one list a task of (annotator, frames, voice); frames None for a skipped task.
    """
    exported = []
    for number, (task, made) in enumerate(zip(tasks, labels, strict=True), start=1):
        annotations = [annotation(number, *one) for one in made]
        exported.append(
            {"id": number, "annotations": annotations, "drafts": [], "predictions": [number], **task}
        )
    return exported


def annotation(number, annotator, frames, voice):
    result = [choices("frames", frames)] if frames else []
    result += [choices("voice", [voice])] if voice else []
    return {
        "id": number, "completed_by": annotator, "result": result, "was_cancelled": frames is None,
        "ground_truth": False, "created_at": "2026-01-02T03:04:05.678901Z", "lead_time": 3.1, "task": number,
    }  # fmt: skip


def choices(name, labels):
    return {
        "id": "Dx_aB91ISN", "from_name": name, "to_name": "text", "type": "choices", "origin": "manual",
        "value": {"choices": list(labels)},
    }  # fmt: skip


def minimal(exported):
    """The same export as JSON-MIN: skipped ones left out, one choice as a string, none without its key."""
    records = []
    for task in exported:
        made = [one for one in task["annotations"] if not one["was_cancelled"]]
        for one in made or ([] if task["annotations"] else [None]):
            record = task["data"] | {"id": task["id"]}
            for result in one["result"] if one else []:
                found = result["value"]["choices"]
                record[result["from_name"]] = found[0] if len(found) == 1 else {"choices": found}
            record["annotator"] = one["completed_by"] if one else None
            record["annotation_id"] = one["id"] if one else None
            records.append(record)
    return records


@pytest.fixture
def back(tmp_path):
    """Write what came back and read it."""

    def read(content, name="export.json", codebook=None):
        path = tmp_path / name
        path.write_text(
            content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8"
        )
        return read_annotations(codebook or make_codebook(), [str(path)])

    return read


def plain(annotations):
    return {(made.sentence, made.annotator): (set(made.frames), made.voice) for made in annotations}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
labellings = st.lists(st.sampled_from(["red", "blue", "green"]), unique=True).flatmap(
    lambda frames: st.tuples(st.just(frames), st.sampled_from(VOICES) if frames else st.none())
)
corpora = st.lists(st.tuples(texts, texts, labellings), min_size=1, max_size=8, unique_by=lambda row: row[0])


def corpus_from(drawn):
    return [
        {"id": name, "text": text, "source": text, "article": name, "frames": frames, "voice": voice}
        for name, text, (frames, voice) in drawn
    ]


@settings(deadline=None)
@given(drawn=corpora, blind=st.booleans(), seed=st.integers(0, 9), small=st.booleans())
def test_through_label_studio_nothing_is_lost(drawn, blind, seed, small):
    """Two annotators, of whom the second labels every sentence with no frame."""
    rows = corpus_from(drawn)
    labels = {row["id"]: row for row in rows} | {blind_id(row["id"]): row for row in rows}
    candidates = candidates_of(rows)
    made = json.loads(export(candidates, blind=blind, seed=seed).tasks)
    found = [labels[task["data"]["sentence"]] for task in made]
    labelled = in_label_studio(made, [[(1, row["frames"], row["voice"]), (2, [], None)] for row in found])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export.json")
        path.write_text(json.dumps(minimal(labelled) if small else labelled), encoding="utf-8")
        checked = check_annotations(read_label_studio(str(path)), candidates, quarantine=False)
    expected = {(row["id"], "1"): (set(row["frames"]), row["voice"]) for row in rows}
    expected |= {(row["id"], "2"): (set(), None) for row in rows}
    assert plain(checked.annotations) == expected
    assert checked.unlabelled == ()
    assert set(changes(checked, candidates)["annotator"]) <= {"2"}


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


def test_blind_tasks_tell_nothing_but_the_text_in_another_order(rows):
    candidates = candidates_of(rows)
    prediction = Prediction(np.full((18, 3), 0.9), np.full((18, 2), 0.5))
    made = export(candidates, blind=True, seed=1, prediction=prediction, reasons=["why"] * 18)
    tasks = json.loads(made.tasks)
    assert all(set(task) == {"data"} and set(task["data"]) == {"sentence", "text"} for task in tasks)
    assert "north" not in made.tasks + made.sheet
    order = [task["data"]["text"] for task in tasks]
    assert order != [row["text"] for row in rows]
    assert sorted(order) == sorted(row["text"] for row in rows)
    header = made.sheet.splitlines()[0]
    assert header == "sentence,annotator,text,red,blue,green,voice"
    assert export(candidates, blind=True, seed=1) == made
    assert export(candidates, blind=True, seed=2).tasks != made.tasks


def test_open_tasks_tell_source_article_and_earlier_labels(rows):
    rows[0] |= {"frames": None, "voice": None}
    data = [task["data"] for task in json.loads(export(candidates_of(rows), blind=False, seed=0).tasks)]
    assert [one["sentence"] for one in data] == [row["id"] for row in rows]
    assert (data[1]["source"], data[1]["article"]) == ("north", "north-article-0")
    assert (data[1]["earlier_frames"], data[1]["earlier_voice"]) == ("red", "attributed")
    assert "earlier_frames" not in data[0]


@pytest.mark.parametrize(("single", "choice"), [(False, "multiple"), (True, "single")])
def test_the_configuration_has_every_label_with_its_definition(single, choice):
    codebook = make_codebook(single_label=single)
    view = ElementTree.fromstring(labelling_config(codebook))
    frames, voices = view.findall("Choices")
    assert frames.get("choice") == choice
    assert frames.get("required") == ("true" if single else None)
    assert [(one.get("value"), one.get("hint")) for one in frames] == [
        (frame.id, frame.definition) for frame in codebook.frames
    ]
    assert (voices.get("choice"), voices.get("visibleWhen"), voices.get("whenTagName")) == (
        "single", "choice-selected", "frames",
    )  # fmt: skip
    assert [one.get("value") for one in voices] == list(codebook.voice_ids)
    panel = [one.get("value") for one in view.findall("Collapse/Panel/Header")]
    assert "red: about red" in panel
    assert len(ElementTree.fromstring(labelling_config(make_codebook(voices=()))).findall("Choices")) == 1


def test_the_configuration_of_the_project_is_well_formed(composed):
    from framing.build import build_codebook

    codebook = build_codebook(composed().codebook)
    view = ElementTree.fromstring(labelling_config(codebook))
    assert {one.get("value") for one in view.iter("Choice")} == {*codebook.frame_ids, *codebook.voice_ids}


def test_predictions_have_labels_and_scores():
    candidates = candidates_of(make_rows()[:2])
    prediction = Prediction(np.array([[0.9, 0.2, 0.6], [0.1, 0.3, 0.2]]), np.array([[0.3, 0.7], [0.5, 0.5]]))
    first, second = [
        task["predictions"][0]
        for task in json.loads(export(candidates, blind=False, seed=0, prediction=prediction).tasks)
    ]
    frames, voice = first["result"]
    assert (frames["value"]["choices"], frames["score"]) == (["red", "green"], 0.6)
    assert (voice["from_name"], voice["value"]["choices"], voice["score"]) == ("voice", ["attributed"], 0.7)
    assert first["score"] == 0.6
    assert (second["result"], second["score"]) == ([], 0.7)
    rows = list(
        csv.DictReader(io.StringIO(sheet(candidates, blind=False, prediction=prediction, reasons=None)))
    )
    assert (rows[0]["p_red"], rows[0]["p_attributed"], rows[0]["red"]) == ("0.900", "0.700", "0")


def test_every_annotator_is_kept_and_a_skipped_task_is_told(rows, back):
    candidates = candidates_of(rows[:4])
    tasks = json.loads(export(candidates, blind=False, seed=0).tasks)
    labels = [
        [("a@example.org", [], None), ({"id": 7, "email": "b@example.org"}, ["red"], "asserted")],
        [({"id": 8}, ["green"], "asserted"), (9, None, None)],
        [],
        [(None, ["blue", "red"], "attributed")],
    ]
    exported = in_label_studio(tasks, labels)
    exported[1]["annotations"][1]["result"] = [choices("frames", ["red"])]
    checked = check_annotations(back(exported), candidates, quarantine=False)
    assert plain(checked.annotations) == {
        ("north-0", "a@example.org"): (set(), None),
        ("north-0", "b@example.org"): ({"red"}, "asserted"),
        ("north-1", "8"): ({"green"}, "asserted"),
        ("north-3", "export"): ({"red", "blue"}, "attributed"),
    }
    skipped, nobody = map(str, checked.unlabelled)
    assert "skipped after red (north-1, annotator 9)" in skipped
    assert "none (north-2)" in nobody
    found = changes(checked, candidates)
    assert found.select("id", "change", "frames_before", "frames").rows() == [
        ("north-0", "changed", "", "red"),
        ("north-1", "changed", "red", "green"),
        ("north-3", "changed", "red;green", "red;blue"),
    ]


def test_labels_of_sentences_without_any_are_new(rows, back):
    rows = [row | {"frames": None, "voice": None} for row in rows[:2]]
    candidates = candidates_of(rows)
    exported = in_label_studio(
        json.loads(export(candidates, blind=True, seed=0).tasks),
        [[(1, [], None)], [(1, ["red"], "asserted")]],
    )
    checked = check_annotations(back(exported), candidates, quarantine=False)
    assert changes(checked, candidates)["change"].to_list() == ["new", "new"]


def broken(change):
    """An export of three tasks, each with one annotation, of which the second is changed."""
    rows = make_rows()[:3]
    tasks = json.loads(export(candidates_of(rows), blind=False, seed=0).tasks)
    exported = in_label_studio(tasks, [[("anna", ["red"], "asserted")]] * 3)
    change(exported[1])
    return exported


def set_result(*result):
    return lambda task: task["annotations"][0].update(result=list(result))


ASSERTED = choices("voice", ["asserted"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_result(choices("frames", ["rd"]), ASSERTED), ["'rd'", "north-1", "anna", "Did you mean 'red'?"]),
        (set_result(choices("frames", ["red"])), ["no voice", "north-1"]),
        (set_result(ASSERTED), ["'asserted'", "no frame"]),
        (set_result(choices("frames", ["red"]), choices("voice", ["asserted", "attributed"])), ["one voice"]),
        (lambda task: task["data"].update(sentence="nowhere"), ["'nowhere'", "data="]),
        (lambda task: task["data"].pop("sentence"), ["None", "framing.annotate export"]),
        (lambda task: task.update(data=7), ["None", "framing.annotate export"]),
        (lambda task: task.pop("annotations"), ["no annotations"]),
        (lambda task: task["annotations"][0].pop("result"), ["a list of results"]),
        (lambda task: task["annotations"].append(task["annotations"][0]), ["labels once an annotator", "[1].annotations[0]"]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_and_stops_or_is_left_out(back, change, words):
    exported = broken(change)
    returned = back(exported)
    with pytest.raises(CorpusError) as raised:
        check_annotations(returned, candidates_of(make_rows()), quarantine=False)
    [problem] = raised.value.problems
    assert problem.column.startswith("[1]")
    lines = json.dumps(exported, indent=1).splitlines()
    assert lines[problem.line - 1] == " {"
    assert json.dumps(exported[0], indent=1).count("\n") + 3 == problem.line
    for word in words:
        assert word in str(problem)
    checked = check_annotations(returned, candidates_of(make_rows()), quarantine=True)
    assert {"north-0", "north-2"} <= {made.sentence for made in checked.annotations}
    assert checked.problems == (problem,)


@pytest.mark.parametrize(
    "extra",
    [choices("comment", ["well"]), {"from_name": "frames", "value": {"rating": 3}}, 7,
     {"from_name": "voice", "value": {"choices": [[1]]}}],
)  # fmt: skip
def test_a_result_that_is_no_label_is_told_and_the_labels_are_kept(back, extra):
    def add(task):
        task["annotations"][0]["result"].append(extra)

    checked = check_annotations(back(broken(add)), candidates_of(make_rows()), quarantine=True)
    assert len(checked.annotations) == 3
    assert "expected choices named frames or voice" in str(checked.problems[0])


def test_json_min_with_strange_choices_is_told(back):
    records = minimal(broken(lambda task: None))
    records[0]["frames"] = 7
    records[1]["voice"] = {"choices": "asserted"}
    records[2] |= {"frames": ["red", {"choices": ["blue"]}], "sentence": None}
    returned = back(records)
    assert [problem.column for problem in returned.problems] == ["[0], frames", "[1], voice", "[2], sentence"]
    records = minimal(in_label_studio([{"data": {"sentence": "north-1"}}], [[]]))
    assert [problem.column for problem in back(records).unlabelled] == ["[0], annotation_id"]
    records = minimal(broken(lambda task: None))
    records[0]["frames"] = ["red", {"choices": ["blue"]}]
    assert back(records).annotations[0].frames == ("red", "blue")


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}", "no JSON array"), ("", "no JSON array"), ('[{"id": 1},\n {"id"', "line 2"), ("[1", "line 1")],
)
def test_a_file_that_is_no_export_is_an_error(back, content, words):
    with pytest.raises(FramingError, match=words):
        back(content)


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
    with pytest.raises(FramingError, match=words):
        back(content, "anna.csv")


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


def test_names_of_annotators_make_files_that_never_meet(tmp_path):
    names = ["a/b", "a%2Fb", "..", "a@example.org"]
    returned = Returned()
    for name in names:
        returned.annotations += [annotation_of("north-1", name)]
    candidates = candidates_of(make_rows())
    checked = check_annotations(returned, candidates, quarantine=False)
    paths = write_labelled(checked, candidates, tmp_path)
    assert len(set(paths)) == 4
    assert {path.parent for path in paths} == {tmp_path / "annotators"}
    assert {json.loads(path.read_text())["annotator"] for path in paths} == set(names)


def annotation_of(sentence, annotator):
    from framing.labelling.annotations import Annotation

    return Annotation(sentence, annotator, ("red",), "asserted", "export.json", 1)


def test_sentences_without_labels_are_candidates_and_bad_rows_are_told(write):
    rows = make_rows()[:6]
    rows[0] |= {"frames": None, "voice": None}
    rows[1]["frames"], rows[2]["text"], rows[3]["kind"] = ["rod"], " ", "boilerplate"
    rows[4]["id"] = rows[5]["id"]
    arguments = {"labels": None, "exclude_kinds": ["boilerplate"]}
    found = load_candidates(make_codebook(), sentences=write(rows), **arguments)
    assert [(problem.line, problem.column) for problem in found.problems] == [
        (3, "text"), (6, "id"), (2, "frames")
    ]  # fmt: skip
    assert found.table["id"].to_list() == ["north-0", "north-5"]
    assert found.table["frames"].to_list() == [None, ["blue"]]
    for bad in ([], [rows[3]], ["{"]):
        with pytest.raises(FramingError, match="no sentence is left to label"):
            load_candidates(make_codebook(), sentences=write(bad), **arguments)


def test_labels_in_a_file_of_their_own_may_cover_a_part(write):
    rows = make_rows()[:3]
    sentences = write([{key: row[key] for key in ("id", "text", "source")} for row in rows])
    labels = write(
        [{"id": "north-1", "frames": ["blue"], "voice": "asserted"}, {"id": "no", "frames": []}], "l.jsonl"
    )
    found = load_candidates(make_codebook(), sentences=sentences, labels=labels, exclude_kinds=[])
    assert found.table["frames"].to_list() == [None, ["blue"], None]
    assert ["'no'" in problem.found for problem in found.problems] == [True]
    assert without_labels(found).table["id"].to_list() == ["north-0", "north-2"]
    with pytest.raises(FramingError, match="relabel=true"):
        without_labels(candidates_of(rows))


probabilities = st.integers(1, 12).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda row: sum(row) > 0.01),
        min_size=n,
        max_size=n,
    )
)


@given(rows=probabilities, margin=st.booleans(), single=st.booleans())
def test_doubt_is_between_sure_and_fully_unsure(rows, margin, single):
    values = np.array(rows)
    if single:
        values = values / values.sum(axis=1, keepdims=True)
    doubt = frame_doubt(values, single_label=single, margin=margin)
    total = doubt.sum(axis=1) if single else doubt.max(axis=1)
    assert (doubt >= -1e-12).all()
    assert (total <= 1 + 1e-9).all()
    sure = frame_doubt(np.eye(3), single_label=single, margin=margin)
    assert np.allclose(sure, 0)
    unsure = np.full((1, 3), 1 / 3 if single else 1 / 2)
    full = frame_doubt(unsure, single_label=single, margin=margin)
    assert full.sum() == pytest.approx(1 if single else 3)


def test_rare_frames_weigh_more():
    values = np.column_stack([np.full(100, 0.5), np.full(100, 0.1), np.full(100, 0.1)])
    weights = frame_weights(values, 0.5)
    assert weights.mean() == pytest.approx(1)
    assert weights[1] > weights[0]
    assert frame_weights(values, 0) == pytest.approx([1, 1, 1])


def settings_of(**changed):
    return SelectionSettings(**({"count": 3, "margin": False, "rare": 0.0, "diversity": 1.0} | changed))


def choose_from(texts, values, **changed):
    steps = []
    found = choose(
        texts, np.array(values), ["red", "blue"], settings_of(**changed), single_label=False,
        advance=lambda: steps.append(1),
    )  # fmt: skip
    assert len(steps) == found.height
    return found


def test_near_duplicates_are_not_all_chosen():
    texts = ["Sector nine was quiet today."] * 3 + ["Rain fell on the harbour.", "Trains ran late again."]
    values = [[0.5, 0.5]] * 3 + [[0.4, 0.3], [0.2, 0.3]]
    assert choose_from(texts, values)["row"].to_list() == [0, 3, 4]
    alike = choose_from(texts, values, diversity=0.0)
    assert alike["row"].to_list() == [0, 1, 2]
    assert alike["likeness"].to_list() == pytest.approx([0, 1, 1])


@settings(deadline=None, max_examples=30)
@given(
    drawn=st.lists(
        st.tuples(texts.filter(str.strip), st.tuples(st.floats(0, 1), st.floats(0, 1))),
        min_size=1,
        max_size=12,
    ),
    count=st.integers(1, 15),
    margin=st.booleans(),
)
def test_every_sentence_is_chosen_once_at_most_and_the_most_doubtful_first(drawn, count, margin):
    found = choose_from([text for text, _ in drawn], [row for _, row in drawn], count=count, margin=margin)
    assert found.height == min(count, len(drawn))
    assert found["row"].n_unique() == found.height
    doubt = frame_doubt(np.array([row for _, row in drawn]), single_label=False, margin=margin).mean(axis=1)
    assert doubt[found["row"][0]] == pytest.approx(doubt.max())
    assert ((found["likeness"] >= 0) & (found["likeness"] <= 1)).all()


def test_the_reason_names_the_frames_in_doubt():
    found = choose_from(["a", "b"], [[0.9, 0.45], [0.99, 0.01]], count=1, rare=1.0)
    assert found["reason"][0] == (
        "unsure about blue (p 0.45, a rare frame) and red (p 0.90); likeness to sentences chosen before 0.00"
    )


def test_a_single_label_codebook_is_chosen_from_by_its_one_frame():
    codebook = make_codebook(single_label=True)
    values = np.array([[0.8, 0.1, 0.1], [0.4, 0.35, 0.25], [1.0, 0.0, 0.0]])
    candidates = candidates_of([row | {"frames": ["red"]} for row in make_rows()[:3]], codebook)
    for margin in (False, True):
        _, picked, table_ = choose_next(
            candidates,
            Prediction(values, np.full((3, 2), 0.5)),
            settings_of(count=2, margin=margin, diversity=0.0),
        )
        assert table_["id"].to_list() == ["north-1", "north-0"]
        assert picked.frames[0].tolist() == [0.4, 0.35, 0.25]


def test_a_model_with_another_codebook_is_refused(write, rows, tmp_path):
    corpus = load(write(rows)).corpus
    save_model(Majority().fit(corpus), corpus.codebook, tmp_path / "model")
    candidates = candidates_of(rows)
    assert predict(str(tmp_path / "model"), candidates).frames.shape == (18, 3)
    with pytest.raises(FramingError, match=r"whose voices are asserted, attributed; expected .* none"):
        predict(str(tmp_path / "model"), candidates_of(rows, make_codebook(voices=())))


def test_the_first_word_is_the_action_and_model_a_folder():
    assert overrides(["next", "model=m", "count=2"]) == ["action=next", "model_folder=m", "count=2"]
    assert overrides(["--help"]) == ["--help"]
    assert overrides(["action=export", "export"]) == ["action=export", "export"]
    assert overrides([]) == []


@pytest.fixture
def trained(command, write, tmp_path):
    """A model trained on own sentences, its folder, and a file in which some sentences have no label."""
    rows = own_rows()
    done = command("train", "data=jsonl", f"data.sentences={write(rows)}", "tracking=none", "baselines=[]")
    assert done.returncode == 0, done.stderr
    for row in rows[::2]:
        row |= {"frames": None, "voice": None}
    return f"model={tmp_path}/run/model", f"data.sentences={write(rows, 'part.jsonl')}"


def test_export_label_import_and_agree(command, tmp_path, trained):
    model, sentences = trained
    common = ["data=jsonl", sentences]
    done = command("annotate", "export", *common, model, f"output={tmp_path}/first")
    assert done.returncode == 0, done.stderr
    assert "18 sentences to label" in done.stdout
    assert (tmp_path / "first" / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbfsentence,")
    assert command("annotate", "export", *common, "blind=true", f"output={tmp_path}/second").returncode == 0

    tasks = json.loads((tmp_path / "second" / "tasks.json").read_text(encoding="utf-8"))
    exported = in_label_studio(
        tasks, [[(1, ["capture"], "asserted"), (2, [], None)]] * 17 + [[(1, None, None)]]
    )
    (tmp_path / "export.json").write_text(json.dumps(exported))
    done = command(
        "annotate", "import", *common, f"files=[{tmp_path}/export.json,{tmp_path}/first/sheet.csv]",
        f"output={tmp_path}/back",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "43 annotations by 3 annotator(s): 1, 2, sheet." in done.stdout
    assert "10 skipped or not labelled" in done.stdout
    assert len((tmp_path / "back" / "unlabelled.jsonl").read_text().splitlines()) == 10
    assert {row["change"] for row in table(tmp_path / "back" / "changes.csv")} == {"new", "changed"}
    assert sorted(path.name for path in (tmp_path / "back" / "annotators").iterdir()) == [
        "1.jsonl", "2.jsonl", "sheet.jsonl"
    ]  # fmt: skip

    done = command(
        "agreement",
        *common,
        f"passes=[{tmp_path}/back/annotators.jsonl]",
        "draws=5",
        f"output={tmp_path}/agreement",
    )
    assert done.returncode == 0, done.stderr
    assert "3 annotators" in done.stdout


def test_next_offers_what_has_no_label_with_a_reason(command, tmp_path, trained):
    model, sentences = trained
    done = command("annotate", "next", "data=jsonl", sentences, model, "count=4", f"output={tmp_path}/next")
    assert done.returncode == 0, done.stderr
    assert "4 of 9 sentences chosen" in done.stdout
    rows = table(tmp_path / "next" / "next.csv")
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert all(row["reason"].startswith("unsure about ") for row in rows)
    assert [row["reason"] for row in table(tmp_path / "next" / "sheet.csv")] == [
        row["reason"] for row in rows
    ]
    tasks = json.loads((tmp_path / "next" / "tasks.json").read_text(encoding="utf-8"))
    assert [task["data"]["sentence"] for task in tasks] == [row["id"] for row in rows]
    assert all("earlier_frames" not in task["data"] and task["predictions"] for task in tasks)
    done = command(
        "annotate",
        "next",
        "data=jsonl",
        sentences,
        model,
        "relabel=true",
        "measure=margin",
        f"output={tmp_path}/all",
    )
    assert "18 of 18 sentences chosen" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["exprt"], "action=exprt: expected one of export, import, next"),
        ([], "action: has no value yet"),
        (["import"], "files=[]"),
        (["next"], "model: has no value yet"),
        (["next", "model=nowhere", "count=0"], "count=0"),
        (["next", "model=nowhere", "rare=-1"], "rare=-1.0"),
        (["next", "model=nowhere", "relabel=true"], "nowhere: is not a saved model"),
        (["export", "model=m", "blind=true"], "Take out one of the two"),
        (["export", "output=."], "output=.: has files already"),
        (["export", "output=full"], "output=full: cannot be used"),
    ],
)
def test_a_mistake_gives_one_message_and_exit_code_2(command, tmp_path, arguments, words):
    (tmp_path / "full").write_text("a file")
    own = [] if any(word.startswith("output") for word in arguments) else [f"output={tmp_path}/out"]
    done = command("annotate", *arguments, *own)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_rows_stop_or_are_left_out_and_listed(command, write, tmp_path):
    rows = own_rows()
    rows[3]["text"] = ""
    arguments = [
        "annotate",
        "export",
        "data=jsonl",
        f"data.sentences={write(rows)}",
        f"output={tmp_path}/out",
    ]
    done = command(*arguments)
    assert done.returncode == 2
    assert "line 4, text" in done.stderr
    done = command(*arguments, "data.on_error=quarantine")
    assert done.returncode == 0, done.stderr
    assert "1 problem(s) in the data" in done.stdout
    assert "line" in (tmp_path / "out" / "rejected_rows.jsonl").read_text()


def test_help_shows_the_three_actions(command):
    done = command("annotate", "--help")
    assert done.returncode == 0
    for word in ("export", "import", "next", "model=FOLDER", "blind", "diversity"):
        assert word in done.stdout
