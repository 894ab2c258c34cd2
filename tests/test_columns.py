"""The columns and labels of a corpus that the user brings, the same in every format."""

import json

import numpy as np
import polars as pl
import pytest

from framing.core.errors import CorpusError, FramingError
from tests.conftest import make_codebook, make_rows, told


def flat(rows):
    """Rows as a spreadsheet has them: text in every cell."""
    return [{**row, "frames": ";".join(row["frames"]) or "[]", "voice": row["voice"] or ""} for row in rows]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet", "hf_disk"])
@pytest.mark.parametrize("listed", [True, False], ids=["lists", "text"])
def test_every_format_gives_the_same_corpus(corpus_of, save, rows, kind, listed):
    if listed and kind in ("csv", "tsv"):
        written = [row | {"frames": json.dumps(row["frames"]), "voice": row["voice"]} for row in rows]
    else:
        written = rows if listed else flat(rows)
        written = [row | {"voice": row["voice"] or None} for row in written]
    loaded = corpus_of(kind, save(written, kind))
    expected = corpus_of("jsonl", save(rows, "jsonl", "expected")).corpus
    assert loaded.problems == []
    assert (loaded.corpus.frames == expected.frames).all()
    assert (loaded.corpus.voices == expected.voices).all()
    columns = ["id", "text", "source", "article", "date", "kind"]
    assert loaded.corpus.sentences.select(columns).equals(expected.sentences.select(columns))
    assert [len(digest) for digest in loaded.sha256.values()] == [64]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet", "hf_disk"])
def test_columns_go_by_the_names_that_the_user_gives(corpus_of, save, rows, kind):
    names = {"text": "sentence", "source": "outlet", "frames": "label", "article": "url", "kind": "part"}
    written = [
        {names.get(name, name): value for name, value in row.items() if name not in ("id", "voice")}
        | {"part": "headline", "day": "2026-01-02", "noise": 3.5}
        for row in flat(rows)
    ]
    overrides = [f"columns.{name}={column}" for name, column in names.items()]
    loaded = corpus_of(
        kind, save(written, kind), *overrides, "columns.date=day", codebook=make_codebook(voices=())
    )
    sentences = loaded.corpus.sentences
    assert loaded.problems == []
    assert loaded.corpus.frame_lists() == corpus_of("jsonl", save(rows, "jsonl", "x")).corpus.frame_lists()
    assert sentences["article"].to_list() == [row["article"] for row in rows]
    assert set(sentences["kind"]) == {"headline"}
    assert set(sentences["date"]) == {"2026-01-02"}
    # Without an id the row's number makes one: the number that problems are told with.
    first = {"csv": 2, "tsv": 2}.get(kind, 1)
    assert sentences["id"].to_list() == [f"row-{number}" for number in range(first, first + len(rows))]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "hf_disk"])
@pytest.mark.parametrize("prefix", ["", "is_"])
def test_labels_may_be_a_column_a_frame(corpus_of, save, rows, kind, prefix):
    written = [
        {name: row[name] for name in ("id", "text", "source")}
        | {f"{prefix}{frame}": int(frame in row["frames"]) for frame in ("red", "blue", "green")}
        for row in rows
    ]
    if kind == "parquet":
        written = [row | {f"{prefix}red": bool(row[f"{prefix}red"])} for row in written]
    overrides = ["one_hot=true"] + ([f"columns.frames={prefix}"] if prefix else [])
    codebook = make_codebook(voices=())
    loaded = corpus_of(kind, save(written, kind), *overrides, codebook=codebook)
    assert loaded.problems == []
    assert [set(frames) for frames in loaded.corpus.frame_lists()] == [set(row["frames"]) for row in rows]


def test_a_mark_that_is_neither_0_nor_1_is_named(corpus_of, save, rows):
    written = [
        {"text": row["text"], "source": row["source"], "red": 1, "blue": "0", "green": "no"} for row in rows
    ]
    written[2]["blue"], written[5]["red"], written[7]["blue"] = "x", "", "x"
    loaded = corpus_of("csv", save(written, "csv"), "one_hot=true", codebook=make_codebook(voices=()))
    assert [(problem.line, problem.column, problem.found) for problem in loaded.problems] == [
        (4, "blue", "'x'"), (9, "blue", "'x'"), (7, "red", "nothing"),
    ]  # fmt: skip
    assert len(loaded.corpus) == 15
    lenient = ["one_hot=true", "blank_frames=no_frame"]
    loaded = corpus_of("csv", save(written, "csv"), *lenient, codebook=make_codebook(voices=()))
    assert {problem.line for problem in loaded.problems} == {4, 9}


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "hf_disk"])
def test_one_column_with_one_label(corpus_of, save, rows, kind):
    written = [
        {"text": row["text"], "source": row["source"], "label": row["frames"][0]}
        for row in rows
        if row["frames"]
    ]
    codebook = make_codebook(single_label=True, voices=())
    loaded = corpus_of(kind, save(written, kind), "columns.frames=label", codebook=codebook)
    assert loaded.problems == []
    assert loaded.corpus.frame_lists() == [[row["label"]] for row in written]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "hf_disk"])
def test_a_row_without_label_is_a_problem_unless_it_is_said_to_have_no_frame(corpus_of, save, rows, kind):
    written = [
        {"text": row["text"], "source": row["source"], "frames": ";".join(row["frames"]) or None}
        for row in rows
    ]
    codebook = make_codebook(voices=())
    path = save(written, kind)
    loaded = corpus_of(kind, path, codebook=codebook)
    assert {problem.found.split(" (")[0] for problem in loaded.problems} == {"no label"}
    assert len(loaded.problems) == 3
    loaded = corpus_of(kind, path, "blank_frames=no_frame", codebook=codebook)
    assert loaded.problems == []
    assert (~loaded.corpus.frames.any(axis=1)).sum() == 3


def test_null_lists_and_null_labels_in_a_table(corpus_of, save, rows):
    written = [{"text": row["text"], "source": row["source"], "frames": row["frames"]} for row in rows]
    written[1]["frames"], written[2]["frames"] = None, ["red", None]
    codebook = make_codebook(voices=())
    path = save(written, "parquet")
    loaded = corpus_of("parquet", path, codebook=codebook)
    assert {(problem.line, problem.found.split(" (")[0]) for problem in loaded.problems} == {
        (2, "no label"), (3, "'null'"),
    }  # fmt: skip
    assert told(corpus_of("parquet", path, "blank_frames=no_frame", codebook=codebook)).line == 3


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet", "hf_disk"])
def test_columns_that_are_not_there_are_one_error_that_names_those_that_are(corpus_of, save, rows, kind):
    written = [{"sentence": row["text"], "outlet": row["source"], "frames": "red"} for row in rows]
    with pytest.raises(FramingError) as raised:
        corpus_of(kind, save(written, kind), "columns.text=sentense", "columns.date=day")
    message = str(raised.value)
    assert "it has: sentence, outlet, frames." in message
    assert "no column 'sentense', expected it for data.columns.text. Did you mean 'sentence'?" in message
    for column in ("source", "voice", "day"):
        assert f"found no column '{column}'" in message
    assert "'article'" not in message
    with pytest.raises(FramingError, match=r"'green', expected it for a frame of the codebook"):
        corpus_of(
            kind, save(written, kind, "b"), "columns.text=sentence", "columns.source=outlet", "one_hot=true"
        )


def test_a_key_that_only_a_late_row_has_is_a_column(corpus_of, save, monkeypatch):
    monkeypatch.setattr("framing.data.reading.NAMED", 3)
    rows = make_rows()
    rows[-1]["kind"] = "headline"
    loaded = corpus_of("jsonl", save(rows, "jsonl"), "columns.kind=kind")
    assert loaded.corpus.sentences["kind"].to_list().count("headline") == 1


@pytest.mark.parametrize("kind", ["csv", "parquet", "hf_disk"])
def test_all_problems_are_told_with_row_and_the_column_of_the_file(corpus_of, save, rows, kind):
    written = flat(rows)
    written = [{"sentence": row.pop("text"), **row} for row in written]
    written[1]["sentence"], written[3]["frames"], written[5]["voice"] = " ", "rod", "loud"
    written[7]["id"] = written[0]["id"]
    if kind != "csv":
        written = [row | {"voice": row["voice"] or None} for row in written]
    loaded = corpus_of(kind, save(written, kind), "columns.text=sentence")
    unit, first = ("line", 2) if kind == "csv" else ("row", 1)
    assert sorted((problem.line - first, problem.column) for problem in loaded.problems) == [
        (1, "sentence"), (3, "frames"), (5, "voice"), (7, "id"),
    ]  # fmt: skip
    assert f"corpus.{kind}, {unit} {first + 1}, sentence: found" in str(CorpusError(loaded.problems))
    assert f"({unit} {first} has it)" in str(CorpusError(loaded.problems))
    assert len(loaded.corpus) == 14


WORDS = {"hawk": "weapons front attack", "dove": "peace talks ceasefire", "none": "weather roads market"}


def own_rows(*, several):
    generator = np.random.default_rng(0)
    for number in range(90):
        frames = [list(WORDS)[number % 3]]
        if several and number % 2:
            frames.append(list(WORDS)[(number + 1) % 3])
        words = " ".join(generator.permutation(" ".join(WORDS[frame] for frame in frames).split()))
        yield {
            "sentence": f'On day {number} the paper wrote, "{words}".', "outlet": f"paper {number % 4}",
            "label": ";".join(frames),
        }  # fmt: skip


@pytest.mark.parametrize("task", ["single_label", "multi_label"])
def test_a_csv_and_a_codebook_of_ones_own_give_a_model_and_a_lexicon_in_two_commands(
    command, save, tmp_path, task
):
    path = save(list(own_rows(several=task == "multi_label")), "csv")
    (tmp_path / "mine" / "codebook").mkdir(parents=True)
    (tmp_path / "mine" / "codebook" / "stance.yaml").write_text(
        f"# My three labels\ndefaults: [/schema/codebook@_here_, _self_]\nname: stance\nversion: '1'\n"
        f"title: Stance\ntask: {task}\nunit: one sentence\nframes:\n"
        + "".join(f"  - {{id: {frame}, definition: about {frame}}}\n" for frame in WORDS)
    )
    own = [
        "--config-dir", str(tmp_path / "mine"), "codebook=stance", "data=csv", f"data.path={path}",
        "data.columns.text=sentence", "data.columns.source=outlet", "data.columns.frames=label",
    ]  # fmt: skip
    done = command("train", *own, "tracking=none", "near_duplicates=keep")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "model" / "weights.safetensors").exists()
    frames = pl.read_csv(tmp_path / "run" / "tables" / "frames.csv")
    assert frames["frame"].to_list() == list(WORDS)
    assert frames["f1"].min() > 0.8
    done = command("lexicon", *own, f"output={tmp_path}/lexicon")
    assert done.returncode == 0, done.stderr
    lexicon = pl.read_csv(tmp_path / "lexicon" / "tables" / "terms.csv")
    assert set(lexicon["group"]) == {f"paper {number}" for number in range(4)}
