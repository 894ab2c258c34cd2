"""A corpus that the user brings: formats, columns, labels, and what is told when something is wrong."""

import csv
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from framing.build import build_codebook, build_corpus, build_reader, build_sentences
from framing.core.errors import CorpusError, FramingError
from tests.conftest import make_codebook, make_rows

COLUMNS = ["id", "text", "source", "article", "frames", "voice"]


def flat(rows):
    """Rows as a spreadsheet has them: text in every cell."""
    return [{**row, "frames": ";".join(row["frames"]) or "[]", "voice": row["voice"] or ""} for row in rows]


@pytest.fixture
def save(tmp_path):
    """Write rows in a format and return the path."""

    def save_rows(rows, kind, name="corpus"):
        path = tmp_path / f"{name}.{kind}"
        if kind in ("csv", "tsv"):
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if kind == "tsv" else ",")
                writer.writeheader()
                writer.writerows(rows)
        elif kind == "jsonl":
            path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        elif kind == "parquet":
            pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
        else:
            import datasets

            datasets.disable_progress_bars()
            datasets.Dataset.from_list(rows).save_to_disk(str(path))
        return str(path)

    return save_rows


@pytest.fixture
def corpus_of(composed):
    """Load `data=KIND data.path=PATH ...` by the configuration, with a small codebook."""

    def load(kind, path, *overrides, codebook=None):
        config = composed(f"data={kind}", f"data.path={path}", *[f"data.{text}" for text in overrides])
        return build_corpus(config.data, codebook or make_codebook())

    return load


def told(load):
    """Return the only problem, or all of them."""
    assert len(load.problems) == 1, [str(problem) for problem in load.problems]
    return load.problems[0]


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


CSV = "id,text,source,frames\n"


def csv_problems(corpus_of, tmp_path, body, *overrides):
    path = tmp_path / "own.csv"
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return corpus_of("csv", path, *overrides, codebook=make_codebook(voices=()))


def test_quotes_line_breaks_blank_lines_and_a_byte_order_mark_in_csv(corpus_of, tmp_path):
    body = '\ufeffid,text,source,frames\r\n1,"He said ""yes"",\r\nand left",s,red\r\n\r\n2,plain,s,zzz\r\n3,last,s,blue'
    loaded = csv_problems(corpus_of, tmp_path, body)
    assert loaded.corpus.sentences["text"].to_list() == ['He said "yes",\r\nand left', "last"]
    assert loaded.corpus.sentences["line"].to_list() == [2, 6]
    assert told(loaded).line == 5


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2,two,s", "found 3 field(s); expected 4"),
        ("2,two,more,s,red", "found 5 field(s); expected 4"),
        ('2,"two" more,s,red', "Close the quote"),
    ],
)
def test_a_csv_row_that_is_torn_is_named_and_the_others_are_read(corpus_of, tmp_path, line, words):
    loaded = csv_problems(corpus_of, tmp_path, f"{CSV}1,one,s,red\n{line}\n3,three,s,blue\n")
    assert told(loaded).line == 3
    assert words in str(told(loaded))
    assert len(loaded.corpus) == 2


def test_a_quote_that_is_never_closed_is_named_where_it_opens(corpus_of, tmp_path):
    loaded = csv_problems(corpus_of, tmp_path, f'{CSV}1,one,s,red\n2,"two,s,red\n3,three,s,blue\n')
    assert told(loaded).line == 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"id,text,source,frames\n1,r\xe9port,s,red\n", r"line 2: found the byte 0xe9, expected UTF-8.*Save"),
        ("id,text,source,frames\n1,a,s,red\n".encode("utf-16"), "line 1: found the byte 0xff"),
        (b"", "found no header"),
        (b"id,text,text,source,frames\n1,a,b,s,red\n", "line 1: the column 'text' stands more than once"),
        (CSV.encode(), "no usable sentence is left, because it is empty"),
    ],
)
def test_a_csv_file_that_cannot_be_used_is_one_error(corpus_of, tmp_path, body, words):
    with pytest.raises(FramingError, match=words):
        csv_problems(corpus_of, tmp_path, body)


def test_another_separator(corpus_of, tmp_path):
    body = "text;source;frames\na;s;red\n"
    assert len(csv_problems(corpus_of, tmp_path, body, 'separator=";"').corpus) == 1
    with pytest.raises(FramingError, match="it has: text;source;frames"):
        csv_problems(corpus_of, tmp_path, body)
    with pytest.raises(FramingError, match=r"data\.separator=';;': expected one character"):
        csv_problems(corpus_of, tmp_path, body, 'separator=";;"')


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet", "hf_disk"])
def test_a_file_that_is_not_there_is_one_error(corpus_of, tmp_path, kind):
    with pytest.raises(FramingError, match=r"nowhere.*cannot be read"):
        corpus_of(kind, tmp_path / "nowhere")


def test_what_is_not_parquet_is_one_error(corpus_of, save, rows):
    with pytest.raises(FramingError, match=r"cannot be read as Parquet.*data=jsonl"):
        corpus_of("parquet", save(rows, "jsonl"))


def test_a_table_without_columns_is_one_error(corpus_of, tmp_path):
    pl.DataFrame().write_parquet(tmp_path / "none.parquet")
    with pytest.raises(FramingError, match="no usable sentence is left, because it is empty"):
        corpus_of("parquet", tmp_path / "none.parquet")


def test_a_column_that_is_no_text_is_one_error(corpus_of, save, rows):
    written = [row | {"source": [row["source"]]} for row in rows]
    with pytest.raises(FramingError, match=r"column source: found List\(String\), expected text"):
        corpus_of("parquet", save(written, "parquet"))


def class_labels(many):
    from datasets import ClassLabel, Dataset, Features, List, Value

    label = ClassLabel(names=["red", "blue", "green"])
    features = Features(
        {"text": Value("string"), "source": Value("string"), "label": List(label) if many else label}
    )
    labels = [[0, 1], [2], [], [1]] if many else [0, 1, 2, -1]
    return Dataset.from_dict(
        {"text": list("abcd"), "source": list("nsns"), "label": labels}, features=features
    )  # fmt: skip


@pytest.mark.parametrize(
    ("many", "expected"),
    [(True, [["red", "blue"], ["green"], [], ["blue"]]), (False, [["red"], ["blue"], ["green"]])],
)
def test_class_labels_get_their_names(corpus_of, tmp_path, many, expected):
    class_labels(many).save_to_disk(str(tmp_path / "saved"))
    codebook = make_codebook(voices=())
    loaded = corpus_of("hf_disk", tmp_path / "saved", "columns.frames=label", codebook=codebook)
    assert loaded.corpus.frame_lists() == expected
    assert [problem.line for problem in loaded.problems] == ([] if many else [4])


def test_a_dataset_with_splits_wants_one_by_name(corpus_of, tmp_path):
    from datasets import DatasetDict

    part = class_labels(True)
    DatasetDict(train=part, test=part.select([3, 0])).save_to_disk(str(tmp_path / "two"))
    DatasetDict(train=part).save_to_disk(str(tmp_path / "one"))
    codebook, label = make_codebook(voices=()), "columns.frames=label"
    with pytest.raises(FramingError, match=r"it has the splits train, test. Choose one: data\.split=train"):
        corpus_of("hf_disk", tmp_path / "two", label, codebook=codebook)
    loaded = corpus_of("hf_disk", tmp_path / "two", label, "split=test", codebook=codebook)
    assert loaded.corpus.frame_lists() == [["blue"], ["red", "blue"]]
    assert len(corpus_of("hf_disk", tmp_path / "one", label, codebook=codebook).corpus) == 4


def test_a_dataset_of_the_hub_is_read_at_its_revision(corpus_of, monkeypatch):
    asked = []

    def fetched(path, subset, *, revision):
        asked.append((path, subset, revision))
        return class_labels(True)

    monkeypatch.setattr("datasets.load_dataset", fetched)
    codebook = make_codebook(voices=())
    loaded = corpus_of("hub", "owner/name", "revision=0a1b", "columns.frames=label", codebook=codebook)
    assert asked == [("owner/name", None, "0a1b")]
    assert list(loaded.sha256) == ["owner/name@0a1b"]
    assert set(loaded.corpus.sentences["file"]) == {"owner/name@0a1b"}


def test_a_dataset_of_the_hub_that_cannot_be_had_is_one_error(command):
    done = command(
        "lexicon", "data=hub", "data.path=nobody/nothing", "data.revision=main", HF_HUB_OFFLINE="1"
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: nobody/nothing at revision main: the dataset cannot be had")
    assert "data=hf_disk" in done.stderr
    assert "Traceback" not in done.stderr
    done = command("lexicon", "data=hub", "data.path=nobody/nothing")
    assert "data.revision: has no value yet" in done.stderr


def test_the_sentences_alone_need_no_labels(composed, save, rows):
    written = [{"sentence": row["text"], "source": row["source"]} for row in rows]
    data = composed("data=csv", f"data.path={save(written, 'csv')}", "data.columns.text=sentence").data
    table = build_sentences(data).table
    assert table["text"].to_list() == [row["text"] for row in rows]
    assert table["id"][0] == "row-2"
    with pytest.raises(FramingError, match="found no column 'text'"):
        build_sentences(replace(data, columns=replace(data.columns, text=None)))


def test_a_misspelled_column_setting_is_named_with_the_right_one(command):
    done = command("train", "data=csv", "data.path=x.csv", "data.columns.txt=a")
    assert done.returncode == 2
    assert "data.columns.txt: there is no such setting. Did you mean data.columns.text?" in done.stderr


def test_a_block_with_bad_lines_reads_like_one_without(corpus_of, tmp_path, monkeypatch):
    monkeypatch.setattr("framing.data.reading.BLOCK", 500)
    rows = make_rows(per_source=60)
    lines = [json.dumps(row) for row in rows]
    good = tmp_path / "good.jsonl"
    good.write_text("\n".join(lines), encoding="utf-8")
    bad = tmp_path / "bad.jsonl"
    for place, line in ((11, '{"id": 1e999}'), (50, "{oops"), (51, ""), (120, '{"text": NaN}')):
        lines.insert(place, line)
    bad.write_text("\n".join(lines), encoding="utf-8")
    clean, loaded = corpus_of("jsonl", good).corpus, corpus_of("jsonl", bad)
    assert [problem.line for problem in loaded.problems] == [12, 51, 121]
    assert loaded.corpus.sentences["id"].equals(clean.sentences["id"])
    assert (loaded.corpus.frames == clean.frames).all()
    assert {11: 11, 12: 13, 60: 63}.items() <= dict(
        zip(clean.sentences["line"], loaded.corpus.sentences["line"], strict=True)
    ).items()


def test_a_reader_is_made_for_every_format(composed):
    for kind in ("jsonl", "csv", "tsv", "parquet", "hf_disk", "hub"):
        data = composed(
            f"data={kind}", "data.path=x", *(["data.revision=main"] if kind == "hub" else [])
        ).data
        assert callable(build_reader(data))


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
    done = command("train", *own, "tracking=none")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "model" / "weights.safetensors").exists()
    frames = pl.read_csv(tmp_path / "run" / "tables" / "frames.csv")
    assert frames["frame"].to_list() == list(WORDS)
    assert frames["f1"].min() > 0.8
    done = command("lexicon", *own, f"output={tmp_path}/lexicon")
    assert done.returncode == 0, done.stderr
    lexicon = pl.read_csv(tmp_path / "lexicon" / "lexicon.csv")
    assert set(lexicon["source"]) == {f"paper {number}" for number in range(4)}


def test_the_codebook_of_the_default_still_builds(composed):
    config = composed()
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    assert len(loaded.corpus) == 107
