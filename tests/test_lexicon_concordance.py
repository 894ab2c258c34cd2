"""Examples behind terms: drawn the same whatever the order, from different documents, at the right place."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from framing.evaluation.lexicon.concordance import best_examples, find_examples
from framing.evaluation.lexicon.counting import find_terms
from framing.evaluation.lexicon.words import Vocabulary

NGRAMS = (1, 3)


def sentences(rows: list[tuple[str, str, str]], **columns: Any) -> pl.DataFrame:
    """Return sentences of (group, article, text)."""
    group, article, text = zip(*rows, strict=True)
    table = pl.DataFrame({"group": group, "source": group, "article": article, "text": text})
    return table.with_columns(
        id=pl.int_range(len(rows)).cast(pl.String), date=pl.lit("2024-05-01"), **columns
    )


def wanted(*rows: tuple[str, str]) -> pl.DataFrame:
    group, term = zip(*rows, strict=True)
    return pl.DataFrame({"group": group, "term": term})


def examples(
    part: pl.DataFrame,
    asked: pl.DataFrame,
    number: int = 5,
    seed: int = 1,
    parts: int = 1,
    documents: int = 1,
) -> pl.DataFrame:
    """Return examples of a corpus in so many parts; a term that stands nowhere is not asked for.

    `documents` is how many hold a term; with 1, every sentence is looked at.
    """
    part = part.with_columns(document=pl.struct("group", "article").rank("dense").cast(pl.Int64))
    part = part.sort("document", "id")
    cut = [part.filter(pl.col("document") % parts == each) for each in range(parts)]
    vocabulary = Vocabulary()
    tokens = [vocabulary.encode(own["text"], own["document"].to_numpy()) for own in cut]
    terms = find_terms(tokens, vocabulary.words(), ngrams=NGRAMS, min_count=1)
    columns = pl.DataFrame({"term": terms.texts}).with_row_index("column")
    known = asked.join(columns, on="term", maintain_order="left").with_columns(documents=documents)
    found = [
        find_examples(own, words, terms, known, ngrams=NGRAMS, number=number, seed=seed)
        for own, words in zip(cut, tokens, strict=True)
    ]
    return best_examples(found, number)


@pytest.fixture(scope="module")
def corpus() -> pl.DataFrame:
    """Return 600 sentences of few words, 4 in a document, of two sources."""
    random = np.random.default_rng(5)
    words = np.array(["troops", "took", "the", "town", "on", "Friday", "liberated", "captured"])
    rows = [
        ("ab"[at % 8 // 4], f"article {at // 4}", " ".join(random.choice(words, random.integers(1, 9))))
        for at in range(600)
    ]
    return sentences(rows)


TERMS = wanted(*[(g, t) for g in "ab" for t in ("town", "the town", "troops took the", "liberated", "tow")])


def test_every_example_has_the_term_where_it_says(corpus: pl.DataFrame) -> None:
    found = examples(corpus, TERMS)
    assert len(found)
    for row in found.iter_rows(named=True):
        assert row["text"][row["start"] : row["end"]].lower() == row["term"]
        assert row["source"] == row["group"]


def test_all_sentences_with_a_term_are_found_when_there_is_room(corpus: pl.DataFrame) -> None:
    found = examples(corpus, TERMS, number=1000)
    for row in TERMS.iter_rows(named=True):
        holds = (f" {text.lower()} ".find(f" {row['term']} ") >= 0 for text in corpus["text"])
        expected = corpus.filter(pl.Series(list(holds)) & (pl.col("group") == row["group"]))
        got = found.filter((pl.col("group") == row["group"]) & (pl.col("term") == row["term"]))
        assert sorted(got["id"]) == sorted(expected["id"])


def test_neither_order_nor_parts_matter(corpus: pl.DataFrame) -> None:
    once = examples(corpus, TERMS)
    assert examples(corpus.sample(fraction=1, shuffle=True, seed=3), TERMS).equals(once)
    assert examples(corpus, TERMS, parts=3).equals(once)


def test_of_a_frequent_term_some_sentences_are_looked_at_and_they_are_enough(corpus: pl.DataFrame) -> None:
    asked = wanted(("a", "town"), ("b", "town"))
    some = examples(corpus, asked, number=2, documents=60)
    assert some.group_by("group").len().sort("group").rows() == [("a", 2), ("b", 2)]
    assert some.equals(examples(corpus, asked, number=2, documents=60, parts=3))
    assert some.equals(examples(corpus, asked, number=2))


def test_other_seeds_draw_other_sentences(corpus: pl.DataFrame) -> None:
    assert not examples(corpus, TERMS, seed=1).equals(examples(corpus, TERMS, seed=2))


def test_sentences_of_other_documents_come_first() -> None:
    rows = [("a", "long", f"the town number {at}") for at in range(50)]
    part = sentences([*rows, ("a", "other", "a town"), ("a", "third", "no town")])
    assert sorted(examples(part, wanted(("a", "town")), number=3)["article"]) == ["long", "other", "third"]
    assert len(examples(part, wanted(("a", "town")), number=10)) == 10


def test_no_term_stands_across_a_gap_or_an_end_of_a_sentence() -> None:
    part = sentences([("a", "1", "took\nthe town"), ("a", "2", "they took"), ("a", "3", "the town")])
    assert len(examples(part, wanted(("a", "took the")))) == 0
    assert len(examples(part, wanted(("a", "the town")))) == 2


def test_signs_may_stand_between_the_words_of_a_term_and_quotes_are_plain() -> None:
    part = sentences([("a", "1", "He said: “Russia’s, army” — 40,000 of them.")])
    found = examples(part, wanted(("a", "russia's army"), ("a", "army 40,000"), ("a", "russia")))
    assert found.select("term", "start", "end").rows() == [("army 40,000", 20, 34), ("russia's army", 10, 24)]


def test_the_first_occurrence_is_shown() -> None:
    part = sentences([("a", "1", "towns, a town and a town")])
    assert examples(part, wanted(("a", "town"))).select("start", "end").row(0) == (9, 13)


def test_groups_have_their_own_examples() -> None:
    part = sentences([("a", "1", "the town"), ("b", "2", "the town"), ("c", "3", "the town")])
    found = examples(part, wanted(("a", "town"), ("c", "town")))
    assert found.select("group", "id").rows() == [("a", "0"), ("c", "2")]


def test_frames_are_text_and_missing_columns_are_null() -> None:
    part = sentences([("a", "1", "the town")], frames=pl.Series([["moral", "economic"]]))
    row = examples(part, wanted(("a", "town"))).row(0, named=True)
    assert (row["frames"], row["voice"], row["date"]) == ("moral;economic", None, "2024-05-01")


def test_nothing_wanted_and_no_sentences_give_no_rows(corpus: pl.DataFrame) -> None:
    columns = examples(corpus, TERMS).columns
    assert examples(corpus, TERMS.clear()).columns == columns
    assert examples(corpus.clear(), TERMS).columns == columns
    assert len(examples(corpus.clear(), TERMS)) == len(examples(corpus, TERMS.clear())) == 0


def test_a_term_is_found_however_its_letters_were_typed() -> None:
    text = "İn the e\u0301cole to\u00adwn, they said"
    row = examples(sentences([("a", "1", text)]), wanted(("a", "école town"))).row(0, named=True)
    assert text[row["start"] : row["end"]] == "e\u0301cole to\u00adwn"
