"""Counts of n-grams by document, beside scikit-learn's, and what may change none of them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sklearn.feature_extraction.text import CountVectorizer

from framing.core.errors import FramingError
from framing.evaluation.lexicon.analysis import count
from framing.evaluation.lexicon.counting import Counts, count_part, find_terms
from framing.evaluation.lexicon.words import GAP, Vocabulary, words_of
from tests.lexicon_corpora import compared, corpus, counted, lexicon, sentences, settings

PATTERN = r"(?:\d+(?:[.,]\d+)+|\w+)(?:(?:'-?|-'?)\w+)*"
"""`words.WORD` in Python's words, for ASCII."""


def dense(counts: Counts) -> np.ndarray:
    return np.vstack([part.matrix.toarray() for part in counts.parts])


def random_table(seed: int, number: int = 60) -> pl.DataFrame:
    """Sentences of ASCII with odd punctuation, two to a document on average."""
    generator = np.random.default_rng(seed)
    words = ["war", "Town", "sea's", "re-took", "40,000", "x_1", "of", "THE", "men", "1.5"]
    between = [" ", ", ", ". ", " -- ", "; "]
    texts = [
        "".join(
            f"{generator.choice(words)}{generator.choice(between)}" for _ in range(generator.integers(0, 9))
        )
        for _ in range(number)
    ]
    sources = generator.choice(["north", "south", "west"], number).tolist()
    articles = [f"a{generator.integers(0, number // 6)}" for _ in range(number)]
    return sentences(list(zip(sources, articles, texts, strict=True)))


@pytest.mark.parametrize("ngrams", [(1, 1), (1, 2), (1, 3), (2, 3), (3, 3)])
@pytest.mark.parametrize("min_count", [1, 4])
@pytest.mark.parametrize("seed", [0, 1])
def test_counts_are_those_of_scikit_learn(seed, ngrams, min_count):
    table = random_table(seed)
    how = settings(ngrams=ngrams, min_count=min_count)
    own = corpus(table, how)
    counts = count(own, how).counts
    vectorizer = CountVectorizer(token_pattern=PATTERN, ngram_range=ngrams, lowercase=True)
    by_sentence = vectorizer.fit_transform(own.sentences["text"].to_list())
    member = np.arange(len(own.documents.table))[:, np.newaxis] == own.sentences["document"].to_numpy()
    expected = member.astype(int) @ by_sentence.toarray()
    theirs = dict(zip(vectorizer.get_feature_names_out().tolist(), expected.T, strict=True))
    matrix = dense(counts)
    ours = dict(zip(counts.terms.to_list(), matrix.T, strict=True))
    kept = {term for term, column in theirs.items() if column.sum() >= min_count}
    assert {term for term, column in ours.items() if column.any()} == kept
    for term in kept:
        np.testing.assert_array_equal(ours[term], theirs[term])
    totals = np.vstack([part.totals for part in counts.parts])
    for length in range(ngrams[0], ngrams[1] + 1):
        of_length = [column for term, column in theirs.items() if len(term.split(" ")) == length]
        np.testing.assert_array_equal(totals[:, length - 1], sum(of_length, np.zeros(len(totals))))


def test_pruning_rare_terms_changes_no_total_and_no_other_count():
    table = random_table(3)
    how = settings(ngrams=(1, 3))
    everything, pruned = (count(corpus(table, how), replace(how, min_count=m)).counts for m in (1, 5))
    assert len(pruned.terms) < len(everything.terms)
    for one, other in zip(everything.parts, pruned.parts, strict=True):
        np.testing.assert_array_equal(one.totals, other.totals)
        np.testing.assert_array_equal(one.sentences, other.sentences)
    column = {term: place for place, term in enumerate(everything.terms)}
    kept = [column[term] for term in pruned.terms]
    np.testing.assert_array_equal(dense(everything)[:, kept], dense(pruned))


def test_no_ngram_runs_over_the_end_of_a_sentence_or_a_gap():
    rows = [("x", "1", "Russia’s 40,000 men."), ("x", "1", "U.S. left"), ("x", "1", f"the town{GAP}was free")]
    tokens_of = Vocabulary()
    tokens = tokens_of.encode(pl.Series([text for _, _, text in rows]), np.zeros(3, dtype=np.int64))
    terms = find_terms([tokens], tokens_of.words(), ngrams=(1, 3), min_count=1)
    found = set(terms.texts)
    assert {"russia's 40,000 men", "u s left", "the town", "was free"} <= found
    assert not found & {"men u", "left the", "town was", "the town was", "40,000 men u"}
    part = count_part(terms, tokens, (1, 3))
    assert part.totals.tolist() == [[10, 6, 2]]
    assert part.sentences.tolist() == [3]


def test_terms_stand_shorter_first_in_alphabetical_order():
    counts = counted(["war town army", "army war town"])
    assert counts.terms.to_list() == ["army", "town", "war", "army war", "town army", "war town"]
    assert counts.order.tolist() == [1, 1, 1, 2, 2, 2]


def test_a_rare_word_takes_its_ngrams_with_it_but_joins_no_neighbours():
    counts = counted(["war rare town"] + ["war town"] * 3, settings(min_count=2))
    assert counts.terms.to_list() == ["town", "war", "war town"]
    assert dense(counts)[:, 2].tolist() == [0, 1, 1, 1]


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("12"), st.text(alphabet="ab é-'\n5,", max_size=20)),
        min_size=1,
        max_size=12,
    )
)
def test_any_corpus_has_as_many_counted_as_it_has_in_total(rows):
    how = settings(ngrams=(1, 3))
    prepared = corpus(sentences(rows), how)
    if not any(words_of(prepared.sentences["text"]).to_list()):
        with pytest.raises(FramingError, match="found no word"):
            count(prepared, how)
        return
    counts = count(prepared, how).counts
    for length in (1, 2, 3):
        columns = np.flatnonzero(counts.order == length)
        for part in counts.parts:
            assert part.matrix[:, columns].sum() == part.totals[:, length - 1].sum()


def test_neither_the_order_of_rows_nor_the_division_into_parts_changes_a_table():
    table = random_table(5, 240)
    how = settings(draws=40, self_check=2, min_count=2, ngrams=(1, 3))
    whole = lexicon(table, how)
    assert whole.terms.height > 100
    others = [
        lexicon(table.sample(fraction=1, shuffle=True, seed=1), how),
        lexicon(table, how, at_once=7),
        lexicon(table.sample(fraction=1, shuffle=True, seed=2), how, at_once=30),
    ]
    for other in others:
        for name, expected in whole.tables().items():
            assert_frame_equal(other.tables()[name], expected, rel_tol=1e-5, abs_tol=1e-5)


def test_counting_twice_gives_the_same():
    table = random_table(6)
    how = settings(draws=20, self_check=1)
    prepared = corpus(table, how)
    for name, expected in compared(prepared, how).tables().items():
        assert_frame_equal(compared(prepared, how).tables()[name], expected)
