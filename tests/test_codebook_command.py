"""`python -m framing.codebook new` and `check`."""

import json

import polars as pl
import pytest

from framing.core.codebook import Codebook
from framing.data.candidates import labelled_rows
from framing.data.columns import Layout, corpus_columns
from framing.data.loading import load_label_rows, matching_files
from framing.data.reading import read_jsonl
from framing.data.usage import label_usage
from tests.conftest import make_codebook, make_rows


@pytest.mark.parametrize("output", ["mine", "mine/codebook/my_study.yaml"])
def test_a_new_codebook_is_valid_and_can_be_chosen(command, tmp_path, output):
    done = command("codebook", "new", "name=my_study", f"output={output}")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "mine" / "codebook" / "my_study.yaml").read_text(encoding="utf-8")
    assert text.startswith("# my_study: ")
    assert text.count("#") > 12
    assert "--config-dir mine codebook=my_study" in done.stdout
    chosen = ["--config-dir", "mine", "codebook=my_study"]
    made = command("codebook", *chosen, "output=page.md")
    assert made.returncode == 0, made.stderr
    assert "my_study 1.0: 2 frames, 3 voices" in made.stdout
    helped = command("codebook", "check", "--config-dir", "mine", "--help")
    assert helped.returncode == 0, helped.stderr


def test_a_new_codebook_never_replaces_a_file(command, tmp_path):
    assert command("codebook", "new", "name=study").returncode == 0
    path = tmp_path / "mine" / "codebook" / "study.yaml"
    path.write_text("filled in")
    done = command("codebook", "new", "name=study")
    assert done.returncode == 2
    assert "is there already and is left as it is" in done.stderr
    assert path.read_text() == "filled in"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new"], "name: has no value yet"),
        (["new", "name=../x"], "name=../x: expected letters"),
        (["new", "name=a-b"], "name=a-b: expected letters"),
        (["new", "name=a", "output=b.yaml"], "a file named a.yaml"),
        (["new", "name=a", "output=file/below"], "cannot be written"),
        (["new", "nmae=a"], "Did you mean name?"),
        (["chek"], "chek: expected one of page, new, check"),
        (["check", "data=jsonl"], "data.path: has no value yet"),
        (["check", "data=jsonl", "data.path=nowhere"], "nowhere: cannot be read"),
    ],
)
def test_a_mistake_gives_one_message_and_exit_code_2(command, tmp_path, arguments, words):
    (tmp_path / "file").write_text("")
    done = command("codebook", *arguments)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_new_codebook_may_lie_anywhere(command, tmp_path):
    done = command("codebook", "new", "name=study", "output=study.yaml")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "study.yaml").exists()
    assert "put it into a folder named codebook" in done.stdout


def test_every_word_has_its_own_help(command):
    for words, expected in ((["new"], "name: ???"), (["check"], "min_sentences: 10"), ([], "new --help")):
        done = command("codebook", *words, "--help")
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout
    assert "python -m framing.codebook check --cfg job" in command("codebook", "check", "--help").stdout


def test_the_word_page_may_stand_or_not(command, tmp_path):
    assert command("codebook", "page", "output=one.md").returncode == 0
    assert command("codebook", "output=two.md").returncode == 0
    assert (tmp_path / "one.md").read_bytes() == (tmp_path / "two.md").read_bytes()


def test_the_seeds_have_warnings_and_no_unknown_label(command):
    done = command("codebook", "check", "data=seeds")
    assert done.returncode == 0, done.stderr
    for words in (
        "warning  frame defensive_justification: too rare to learn: fewer than 10 sentences; in one source only",
        "note  21 sentence(s) are not counted",
    ):
        assert words in done.stdout
    assert "frame advantage" not in done.stdout
    lenient = command("codebook", "check", "min_sentences=1", "min_sources=1")
    assert lenient.returncode == 0, lenient.stderr
    assert "warning" not in lenient.stdout


def test_a_table_of_the_user_is_checked_like_json_lines(command, tmp_path):
    rows = [row | {"frames": ";".join(row["frames"]) or "[]"} for row in make_rows()]
    pl.DataFrame(rows).write_parquet(tmp_path / "mine.parquet")
    done = command("codebook", "check", "data=parquet", "data.path=mine.parquet")
    assert done.returncode == 2
    assert "territorial_war does not know: red, blue, green" in done.stderr
    pl.DataFrame(rows).with_columns(frames=pl.lit("capture"), voice=pl.lit("asserted")).write_csv(
        tmp_path / "a.csv"
    )
    done = command("codebook", "check", "data=csv", "data.path=a.csv")
    assert done.returncode == 0, done.stderr
    assert "frame capture" not in done.stdout
    assert "frame liberation: never used" in done.stdout


def test_unknown_labels_are_told_with_their_rows(command, write, tmp_path):
    command("codebook", "new", "name=study")
    rows = [
        {"id": "a", "text": "One.", "source": "north", "frames": ["first_frame"], "voice": "asserted"},
        {"id": "b", "text": "Two.", "source": "north", "frames": ["frist_frame", "first_frame"], "voice": "loud"},
        {"id": "c", "text": "Three.", "source": "south", "frames": ["frist_frame"], "voice": "asserted"},
        {"id": "d", "text": "Four.", "source": "south", "frames": ["second_frame"], "voice": None},
        {"id": "e", "text": "Five.", "source": "south", "frames": None, "voice": None},
    ]  # fmt: skip
    path = write(rows)
    arguments = ["codebook", "check", "--config-dir", "mine", "codebook=study", "data=jsonl"]
    done = command(*arguments, f"data.path={path}")
    assert done.returncode == 2
    assert "labels that the codebook study does not know: frist_frame, loud" in done.stderr
    [unknown] = [line for line in done.stdout.splitlines() if "│ frist_frame" in line]
    cells = [cell.strip() for cell in unknown.strip("│").split("│")]
    assert cells == ["frist_frame", "frame", path, "2", "2, 3", "first_frame"]
    assert "frame definition" not in done.stdout
    assert "warning  frame first_frame, definition: still to fill in" in done.stdout
    assert "warning  voice contested: never used" in done.stdout
    assert f"warning  {path}, line 4, voice: found no voice" in done.stdout
    known = write([rows[0], rows[3] | {"voice": "attributed"}], "known.jsonl")
    done = command(*arguments, f"data.path={known}")
    assert done.returncode == 0, done.stderr


def rows_of(path, codebook):
    rows = read_jsonl(path, Layout().asked(codebook.frame_ids))
    return corpus_columns(rows, Layout(), codebook, labelled=False)


def usage(rows, write, codebook: Codebook | None = None, training_only=(), **limits):
    codebook = codebook or make_codebook()
    path = write(rows)
    paths = [path, *matching_files(training_only)]
    read = labelled_rows(codebook, [(rows_of(each, codebook), None) for each in paths])
    return label_usage(codebook, read, ["repeat"], **({"min_sentences": 3, "min_sources": 2} | limits))


def test_sentences_sources_and_articles_are_counted(write):
    rows = make_rows()
    rows[1]["frames"] = ["red", "red"]  # a label that stands twice counts once
    rows[4]["kind"] = "repeat"
    found = usage(rows, write)
    counts = {row["label"]: row for row in found.labels.rows(named=True)}
    for label in ("red", "blue", "green"):
        having = [row for row in rows if label in row["frames"] and row.get("kind") != "repeat"]
        assert counts[label]["sentences"] == len(having)
        assert counts[label]["sources"] == len({row["source"] for row in having})
        assert counts[label]["articles"] == len({row["article"] for row in having})
    voiced = [row for row in rows if row["voice"] == "asserted" and row.get("kind") != "repeat"]
    assert counts["asserted"]["sentences"] == len(voiced)
    assert (found.unknown.height, found.set_aside, found.remarked.height) == (0, 1, 0)


@pytest.mark.parametrize(
    ("sources", "limits", "remark"),
    [
        (("north", "south"), {"min_sentences": 99}, "too rare to learn: fewer than 99 sentences"),
        (("north",), {}, "in one source only"),
        (("north", "south"), {"min_sources": 3}, "in fewer than 3 sources"),
        (("north",), {"min_sentences": 99}, "too rare to learn: fewer than 99 sentences; in one source only"),
    ],
)
def test_labels_that_are_too_rare_are_remarked(write, sources, limits, remark):
    found = usage(make_rows(per_source=12, sources=sources), write, **limits)
    assert set(found.labels["remark"]) == {remark}


def test_labels_of_their_own_file_are_named_by_its_lines(write):
    rows = make_rows()
    sentences = write([{key: row[key] for key in ("id", "text", "source", "article")} for row in rows])
    labels = [{key: row[key] for key in ("id", "frames", "voice")} for row in rows[::-1]]
    labels[2]["frames"] = ["pink"]
    path = write(labels, "labels.jsonl")
    parts = [(rows_of(sentences, make_codebook()), load_label_rows(path))]
    read = labelled_rows(make_codebook(), parts)
    found = label_usage(make_codebook(), read, [], min_sentences=1, min_sources=1)
    [row] = found.unknown.rows(named=True)
    assert (row["label"], row["file"], row["lines"], row["similar"]) == ("pink", path, "3", "")
    assert found.problems == []


def test_many_rows_with_an_unknown_label_are_listed_in_short(write):
    rows = [row | {"frames": ["rd"], "voice": "asserted"} for row in make_rows()]
    [row] = usage(rows, write).unknown.rows(named=True)
    assert row["lines"] == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 8 more"
    assert row["similar"] == "red"


def test_a_codebook_without_voices_counts_none(write):
    found = usage(make_rows(), write, make_codebook(voices=()))
    assert found.labels["what"].unique().to_list() == ["frame"]
    assert found.unknown.height == 0


def test_sentences_that_are_only_learned_from_count_too(write):
    extra = [row | {"id": f"x{row['id']}"} for row in make_rows()]
    path = write(extra, "extra.jsonl")
    alone, both = usage(make_rows(), write), usage(make_rows(), write, training_only=[path])
    assert (both.labels["sentences"] == 2 * alone.labels["sentences"]).all()


@pytest.mark.parametrize(
    "row", [{"id": "a", "text": "One.", "source": "s", "frames": None, "voice": None}, "{bad"]
)
def test_a_corpus_without_labels_is_an_error(command, write, row):
    path = write([row if isinstance(row, str) else json.dumps(row)])
    done = command("codebook", "check", "data=jsonl", f"data.path={path}")
    assert done.returncode == 2
    assert "no sentence has a label" in done.stderr
