"""Sentences in memory and on disk give one lexicon; documents are numbered alike."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from framing.core.errors import FramingError
from framing.evaluation.lexicon.corpora import InMemory
from framing.evaluation.lexicon.documents import first_of_parts, number_documents, with_groups
from framing.evaluation.lexicon.on_disk import OnDisk
from tests.lexicon_corpora import compared, sentences, settings


def table(number: int = 200) -> pl.DataFrame:
    generator = np.random.default_rng(4)
    words = ["war", "town", "sea", "army", "bridge", "port", "the", "was"]
    rows = [
        (f"s{generator.integers(3)}", f"a{generator.integers(30)}", " ".join(generator.choice(words, 8)))
        for _ in range(number)
    ]
    events = generator.choice(["north bridge", "south port", ""], number).tolist()
    frames = [generator.choice(["red", "blue"], generator.integers(3), replace=False).tolist() for _ in rows]
    return sentences(rows, event=events, frames=pl.Series(frames, dtype=pl.List(pl.String)))


@pytest.mark.parametrize("strata", [(), ("event",)])
def test_memory_and_disk_give_the_same_tables(tmp_path, strata):
    how = settings(strata=strata, draws=40, self_check=2)
    grouped, _ = with_groups(table(), how)
    expected = compared(InMemory.of(grouped, 50), how).tables()
    shuffled = grouped.sample(fraction=1, shuffle=True, seed=3)
    batches = (shuffled[start : start + 33] for start in range(0, shuffled.height, 33))
    found = compared(OnDisk.of(batches, tmp_path / "corpus", 50), how).tables()
    for name, own in expected.items():
        assert_frame_equal(found[name], own, rel_tol=1e-5, abs_tol=1e-5)


def test_parts_on_disk_are_those_in_memory(tmp_path):
    grouped, _ = with_groups(table(), settings())
    here, there = InMemory.of(grouped, 40), OnDisk.of([grouped[:77], grouped[77:]], tmp_path / "corpus", 40)
    assert_frame_equal(here.documents.table, there.documents.table)
    parts = list(here.parts())
    assert len(parts) == there.number > 2
    for one, other in zip(parts, there.parts(), strict=True):
        assert_frame_equal(one, other, check_column_order=False)


def test_the_parts_within_a_value_are_the_same_on_disk(tmp_path):
    how = settings(within="frames")
    grouped, left_out = with_groups(table(), how)
    assert left_out == (table()["frames"].list.len() == 0).sum()
    here, there = InMemory.of(grouped), OnDisk.of([grouped], tmp_path / "corpus", 30)
    assert here.values() == there.values() == ["blue", "red"]
    for value in here.values():
        one, other = compared(here.within(value), how), compared(there.within(value), how)
        assert_frame_equal(one.terms, other.terms, rel_tol=1e-5, abs_tol=1e-5)


def test_what_is_cleaned_keeps_its_documents(tmp_path):
    grouped, _ = with_groups(table(), settings())
    for own in (InMemory.of(grouped, 40), OnDisk.of([grouped], tmp_path / "corpus", 40)):
        left = own.cleaned(lambda part: part.filter(~pl.col("text").str.contains("war")))
        assert_frame_equal(left.documents.table, own.documents.table)
        assert not any(part["text"].str.contains("war").any() for part in left.parts())


def test_articles_of_two_sources_with_one_name_are_two_documents():
    grouped, _ = with_groups(
        sentences([("x", "1", "war"), ("y", "1", "town"), ("x", "1", "sea")]), settings()
    )
    numbered, documents = number_documents(grouped)
    assert documents.table.select("source", "sentences").rows() == [("x", 2), ("y", 1)]
    assert numbered["document"].to_list() == [0, 0, 1]


def test_documents_of_a_cell_follow_each_other_and_parts_hold_whole_documents():
    grouped, _ = with_groups(table(), settings(strata=("event",)))
    numbered, documents = number_documents(grouped)
    assert (np.diff(documents.cell) >= 0).all()
    starts = first_of_parts(documents, 25).to_list()
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    sizes = [part.height for part in InMemory.of(grouped, 25).parts()]
    assert sum(sizes) == numbered.height
    own = [set(part["document"]) for part in InMemory.of(grouped, 25).parts()]
    assert sum(len(each) for each in own) == len(set.union(*own))


def test_sentences_without_a_value_are_left_out_and_counted():
    rows = [("x", "1", "war"), ("x", "2", "sea"), ("y", "3", "town"), ("y", "4", "port"), ("y", "5", "army")]
    by_frame = sentences(
        rows, frames=pl.Series([["r", "g"], ["r"], [], None, ["g"]], dtype=pl.List(pl.String))
    )
    grouped, left_out = with_groups(by_frame, settings(groups="frames"))
    assert (grouped.height, left_out) == (4, 2)
    assert sorted(grouped["group"]) == ["g", "g", "r", "r"]
    by_event = sentences(rows, event=["e", " ", "", None, "e"])
    assert with_groups(by_event, settings(strata=("event",)))[1] == 3


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("year", ["2022", "2022", None, "2023", None]),
        ("quarter", ["2022-Q1", None, None, "2023-Q4", None]),
        ("month", ["2022-03", None, None, "2023-12", None]),
    ],
)
def test_a_period_is_made_of_the_date(period, expected):
    rows = [("x", str(number), "war") for number in range(5)]
    dated = sentences(rows).with_columns(
        date=pl.Series(["2022-03-04", "2022", None, "2023-12-31T10:00", "soon"])
    )
    grouped, left_out = with_groups(dated, settings(groups="period", period=period))
    assert grouped.sort("id")["group"].to_list() == [each for each in expected if each]
    assert left_out == expected.count(None)


def test_a_column_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(FramingError, match=r"no column 'event'.*source"):
        with_groups(sentences([("x", "1", "war")]), settings(strata=("event",)))


def test_line_breaks_of_a_text_are_no_gaps():
    grouped, _ = with_groups(sentences([("x", "1", "the\ntown\r\nwas\u2028free")]), settings())
    assert grouped["text"].to_list() == ["the town was free"]


def test_a_missing_text_is_a_sentence_without_words():
    grouped, left_out = with_groups(sentences([("x", "1", None), ("x", "2", "war")]), settings())
    assert (grouped["text"].to_list(), left_out) == (["", "war"], 0)


def test_a_list_on_disk_only_grows(tmp_path):
    grouped, _ = with_groups(table(), settings())
    words = OnDisk.of([grouped], tmp_path / "corpus").kept_tokens()
    with pytest.raises(IndexError):
        words[0]
    with pytest.raises(TypeError, match="appended"):
        words.insert(0, words)  # type: ignore[arg-type]
    assert list(words) == []
