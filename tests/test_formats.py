"""What is particular to a format: torn CSV rows, class labels, splits, the hub; and bad blocks of JSON."""

import csv
import json
from dataclasses import replace

import polars as pl
import pytest

from framing.build import build_codebook, build_corpus, build_reader, build_sentences
from framing.core.errors import FramingError
from tests.conftest import make_codebook, make_rows, told

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


def test_a_long_field_is_read_and_the_limit_of_other_readers_stays(corpus_of, tmp_path):
    before = csv.field_size_limit()
    loaded = csv_problems(corpus_of, tmp_path, f"{CSV}1,{'word ' * 50_000},s,red\n")
    assert len(loaded.corpus.sentences["text"][0]) == 250_000
    assert csv.field_size_limit() == before


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


def test_the_codebook_of_the_default_still_builds(composed):
    config = composed()
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    assert len(loaded.corpus) == 107
