import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.core.corpus import NO_VOICE
from framing.core.errors import FramingError
from framing.data.loading import load_corpus
from framing.data.splits import at_random, by_article, leave_one_source_out, untaught_frames
from tests.conftest import make_codebook, make_rows


def load(path, codebook=None, labels=None, exclude_kinds=()):
    return load_corpus(
        codebook or make_codebook(), sentences=path, labels=labels, exclude_kinds=list(exclude_kinds)
    )


def only_problem(loaded):
    assert len(loaded.problems) == 1, [str(problem) for problem in loaded.problems]
    return loaded.problems[0]


def test_labels_may_stand_with_the_sentences(write, rows):
    corpus = load(write(rows)).corpus
    assert len(corpus) == 18
    assert corpus.frame_lists() == [
        row["frames"] if row["frames"] != ["green", "red"] else ["red", "green"] for row in rows
    ]
    assert corpus.voice_names() == [row["voice"] for row in rows]
    assert corpus.sources == ["north", "south", "west"]


def test_labels_may_stand_in_a_file_of_their_own_in_another_order(write, rows):
    sentences = write([{k: row[k] for k in ("id", "text", "source")} for row in rows])
    labels = write([{k: row[k] for k in ("id", "frames", "voice")} for row in rows[::-1]], "labels.jsonl")
    loaded = load(sentences, labels=labels)
    assert loaded.problems == []
    assert loaded.corpus.voice_names() == [row["voice"] for row in rows]
    assert set(loaded.sha256) == {sentences, labels}


def test_without_articles_every_sentence_is_its_own(write, rows):
    corpus = load(write([{k: v for k, v in row.items() if k != "article"} for row in rows])).corpus
    assert corpus.sentences["article"].to_list() == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"frames": ["rd"]}, "frames", ["'rd'", "one of red, blue, green", "Did you mean 'red'?"]),
        ({"frames": ["zzz"]}, "frames", ["'zzz'", "add it to the codebook"]),
        ({"frames": None}, "frames", ["no label"]),
        ({"frames": 7}, "frames", ["'7'", "one of red, blue, green"]),
        ({"frames": '["red"'}, "frames", ["""'["red"'""", "one of red, blue, green"]),
        ({"frames": "red;rose"}, "frames", ["'rose'", "one of red, blue, green"]),
        ({"frames": ["red", None]}, "frames", ["'null'", "one of red, blue, green"]),
        ({"source": ["north"]}, "source", ["['north']", "a string"]),
        ({"text": "half a pair: \ud800"}, "text", ["\\ud800", "a string"]),
        ({"voice": "loud"}, "voice", ["'loud'", "asserted, attributed"]),
        ({"voice": None}, "voice", ["no voice", "has a frame"]),
        ({"frames": [], "voice": "asserted"}, "voice", ["null, as the sentence has no frame"]),
        ({"text": "  "}, "text", ["an empty string", "the sentence's text"]),
        ({"source": None}, "source", ["nothing", "the sentence's source"]),
        ({"text": 7}, "text", ["7", "a string"]),
        ({"id": "north-0"}, "id", ["'north-0'", "line 1 has it"]),
    ],
)
def test_a_bad_row_is_named_with_file_line_and_cure_and_left_out(write, rows, change, column, words):
    rows[4] |= change
    path = write(rows)
    loaded = load(path)
    problems = [problem for problem in loaded.problems if problem.column == column]
    assert (problems[0].file, problems[0].line) == (path, 5)
    for word in words:
        assert word in str(problems[0])
    assert len(loaded.corpus) == 17


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{not json", "Expecting property name"),
        ('["a list"]', "found list"),
        ("7", "found int"),
        ('{"id": NaN}', "found NaN, which is not JSON"),
        ('{"id": 1e999}', "InvalidNumber"),
        ('{"id": ' + "[" * 100_000, "recursion"),
    ],
)
def test_a_line_that_is_not_an_object_is_named(write, rows, line, words):
    problem = only_problem(load(write([*rows[:3], line, *rows[3:]])))
    assert problem.line == 4
    assert words in str(problem)


def test_a_line_that_is_not_utf8_is_named(tmp_path, rows):
    path = tmp_path / "latin.jsonl"
    lines = [json.dumps(row).encode() for row in rows]
    lines[2] = json.dumps(rows[2], ensure_ascii=False).replace("report", "r\xe9port").encode("latin-1")
    path.write_bytes(b"\n".join(lines))
    problem = only_problem(load(str(path)))
    assert problem.line == 3
    assert "0xe9" in str(problem)
    assert "UTF-8" in str(problem)


def test_a_byte_order_mark_and_blank_lines_are_no_problem(tmp_path, rows):
    path = tmp_path / "bom.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\n\n".join(json.dumps(row) for row in rows).encode())
    loaded = load(str(path))
    assert loaded.problems == []
    assert loaded.corpus.sentences["line"].to_list()[:3] == [1, 3, 5]


def test_all_problems_are_told_at_once(write, rows):
    rows[1]["frames"], rows[5]["text"], rows[7]["voice"] = ["rod"], "", "loud"
    assert {problem.line for problem in load(write(rows)).problems} == {2, 6, 8}


def test_labels_and_sentences_that_do_not_meet_are_named(write, rows):
    sentences = write([{k: row[k] for k in ("id", "text", "source")} for row in rows])
    labels = [{k: row[k] for k in ("id", "frames", "voice")} for row in rows]
    labels[3]["id"] = "nowhere"
    loaded = load(sentences, labels=write(labels, "labels.jsonl"))
    stray, unlabelled = loaded.problems
    assert (Path(stray.file).name, stray.line) == ("labels.jsonl", 4)
    assert (Path(unlabelled.file).name, unlabelled.line) == ("sentences.jsonl", 4)
    assert len(loaded.corpus) == 17


@pytest.mark.parametrize(
    ("path", "words"), [("missing.jsonl", "No such file"), (".", "Is a directory")], ids=["missing", "folder"]
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, path, words):
    with pytest.raises(FramingError, match=words):
        load(str(tmp_path / path))


@pytest.mark.parametrize(
    "content", ["", "{bad", "{}", '{"text": "a", "source": "s", "frames": ["red"], "voice": null}']
)
def test_nothing_usable_is_an_error_that_says_why(write, content):
    with pytest.raises(FramingError, match="no usable sentence is left"):
        load(write([content]))


def test_kinds_are_set_aside_and_counted(write, rows):
    rows[0]["kind"] = rows[1]["kind"] = "boilerplate"
    loaded = load(write(rows), exclude_kinds=["boilerplate"])
    assert loaded.set_aside == {"boilerplate": 2}
    assert len(loaded.corpus) == 16
    with pytest.raises(FramingError, match="exclude_kinds"):
        load(write(rows[:2]), exclude_kinds=["boilerplate"])


def test_a_codebook_without_voices_ignores_the_column(write, rows):
    corpus = load(write(rows), make_codebook(voices=())).corpus
    assert (corpus.voices == NO_VOICE).all()


def test_a_single_label_codebook_wants_exactly_one_frame(write, rows):
    loaded = load(write(rows), make_codebook(single_label=True, voices=()))
    assert {problem.line for problem in loaded.problems} == {1, 4, 7, 10, 13, 16}
    assert (loaded.corpus.frames.sum(axis=1) == 1).all()


def corpus_of(sources, tmp_path_factory=None):
    import tempfile

    rows = [
        row | {"source": source}
        for row, source in zip(make_rows(per_source=60, sources=("x",)), sources, strict=False)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("\n".join(json.dumps(row) for row in rows))
        file.flush()
        return load(file.name).corpus


@settings(deadline=None)  # it reads a file; how long that takes is no law
@given(sources=st.lists(st.sampled_from("abcde"), min_size=6, max_size=40), seed=st.integers(0, 99))
def test_every_sentence_is_scored_once_and_no_group_crosses_a_split(sources, seed):
    corpus = corpus_of(sources)
    splits = [(at_random(corpus, folds=3, seed=seed), "id")]
    if corpus.sentences["article"].n_unique() >= 2:
        splits.append((by_article(corpus, folds=2, seed=seed), "article"))
    if len(corpus.sources) > 1:
        splits.append((leave_one_source_out(corpus), "source"))
    for folds, group in splits:
        assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(len(corpus)))
        for fold in folds:
            groups = corpus.sentences[group].to_numpy()
            assert not set(groups[fold.train]) & set(groups[fold.test])
            assert len(fold.train) + len(fold.test) == len(corpus)


def test_one_source_cannot_be_left_out(write):
    corpus = load(write(make_rows(sources=("only",)))).corpus
    with pytest.raises(FramingError, match=r"one source \(only\)"):
        leave_one_source_out(corpus)


def test_more_folds_than_articles_is_an_error(write, rows):
    corpus = load(write(rows)).corpus
    with pytest.raises(FramingError, match=r"folds=9: found 6 articles"):
        by_article(corpus, folds=9, seed=0)
    with pytest.raises(FramingError, match="at least 2 folds"):
        at_random(corpus, folds=1, seed=0)


def test_a_frame_that_one_source_alone_has_is_named(write, rows):
    for row in rows:
        if row["source"] != "west":
            row["frames"] = [frame for frame in row["frames"] if frame != "green"]
            row["voice"] = row["voice"] if row["frames"] else None
    corpus = load(write(rows)).corpus
    [problem] = untaught_frames(corpus, leave_one_source_out(corpus), np.zeros(3, dtype=bool))
    assert "'green' in 2 sentence(s), all in west" in str(problem)
    assert problem.line == 16
    assert untaught_frames(corpus, leave_one_source_out(corpus), np.array([False, False, True])) == []


def test_training_only_sentences_are_learned_from_in_every_fold_and_never_scored(write, rows):
    from framing.cross_validation import Teaching, cross_validate
    from framing.models.majority import Majority

    seen: list[set[str]] = []

    class Watched(Majority):
        def fit(self, corpus, *rest):
            seen.append(set(corpus.sentences["id"]))
            return super().fit(corpus, *rest)

    extra = [row | {"id": f"extra-{number}", "source": "invented"} for number, row in enumerate(rows)]
    paths = [write(extra[:9], "extra_1.jsonl"), write(extra[9:], "extra_2.jsonl")]
    pattern = paths[0].replace("extra_1", "extra_*")
    loaded = load_corpus(
        make_codebook(), sentences=write(rows), labels=None, exclude_kinds=[], training_only=[pattern]
    )
    folds = leave_one_source_out(loaded.corpus)
    pooled = cross_validate({"watched": Watched()}, Teaching(loaded.corpus, loaded.training_only), folds)
    assert len(loaded.sha256) == 3
    assert pooled["watched"].frames.shape == (18, 3)
    ids = set(loaded.corpus.sentences["id"])
    for fold, ids_seen in zip(folds, seen, strict=True):
        assert {row["id"] for row in extra} <= ids_seen
        assert ids_seen & ids == set(loaded.corpus.sentences["id"][fold.train])


def test_a_pattern_that_fits_no_file_is_an_error(write, rows):
    with pytest.raises(FramingError, match="no file fits"):
        load_corpus(
            make_codebook(), sentences=write(rows), labels=None, exclude_kinds=[], training_only=["/no/*"]
        )


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet"])
def test_labels_in_a_file_of_their_own_and_what_has_none(composed, save, write, rows, kind):
    from framing.build import build_corpus

    bare = [{name: row[name] for name in ("id", "text", "source")} for row in rows]
    bare[5]["kind"] = "boilerplate"
    sentences = save([{"kind": None} | row for row in bare], kind)
    labels = write(
        [{name: row[name] for name in ("id", "frames", "voice")} for row in rows[:4]], "labels.jsonl"
    )
    choice = ["data=labelled", f"data.sentences={sentences}", f"data.labels={labels}"]
    loaded = build_corpus(composed(*choice).data, make_codebook())
    assert loaded.problems == []
    assert loaded.corpus.sentences["id"].to_list() == [row["id"] for row in rows[:4]]
    assert loaded.set_aside == {"without label": len(rows) - 5}
    strict = build_corpus(composed(*choice, "data.unlabelled=problem").data, make_codebook())
    assert len(strict.problems) == len(rows) - 4
    assert strict.set_aside == {}


def test_labels_that_are_not_those_of_the_sentences_are_told(composed, write, rows):
    from framing.build import build_corpus

    labels = write([{"id": "nowhere", "frames": [], "voice": None}], "labels.jsonl")
    config = composed("data=labelled", f"data.sentences={write(rows)}", f"data.labels={labels}")
    with pytest.raises(FramingError, match="nowhere"):
        build_corpus(config.data, make_codebook())
    empty = composed(
        "data=labelled", f"data.sentences={write(rows)}", f"data.labels={write([], 'none.jsonl')}"
    )
    with pytest.raises(FramingError, match=r"no usable sentence is left, because no sentence has a label"):
        build_corpus(empty.data, make_codebook())
