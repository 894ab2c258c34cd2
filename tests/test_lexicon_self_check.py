"""The A/A check: one source divided at random, where nothing is to be found."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import chi2

from framing.evaluation.lexicon import measures
from framing.evaluation.lexicon.comparison import effects
from framing.evaluation.lexicon.counting import Counts, PartCounts
from framing.evaluation.lexicon.documents import Documents, documents_of
from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.permutation import permutation
from framing.evaluation.lexicon.resampling import uniform_bits
from framing.evaluation.lexicon.self_check import (
    DISCOVERIES,
    DOCUMENTS,
    HALVES,
    SHARE,
    SHUFFLED,
    _halves,
    self_check,
)
from tests.lexicon_corpora import lexicon, sentences, settings, sides, topical

HOW = settings(min_documents=20, self_check=8, ngrams=(1, 1))


def as_counts(matrix: np.ndarray, groups: list[str]) -> tuple[Counts, Documents]:
    """Counts of documents, those of a group after each other."""
    table = pl.DataFrame(
        {
            "group": groups,
            "stratum": "",
            "source": groups,
            "article": [f"{number:05d}" for number in range(len(groups))],
            "sentences": pl.Series([1] * len(groups), dtype=pl.Int64),
        }
    )
    part = PartCounts(
        np.arange(len(matrix)),
        csr_matrix(matrix.astype(np.int32)),
        matrix.sum(axis=1, dtype=np.int64)[:, np.newaxis],
        np.ones(len(matrix), dtype=np.int64),
    )
    terms = pl.Series([f"w{number:04d}" for number in range(matrix.shape[1])])
    return Counts(terms, np.ones(len(terms), dtype=np.int64), [part]), documents_of(table)


def in_halves(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("division") == HALVES)


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    """600 documents with topics: each repeats words of its own."""
    return topical(np.random.default_rng(5), 600, terms=1500, words=200, evenness=80)


def test_the_check_of_documents_with_topics_is_as_expected(matrix):
    every = self_check(*as_counts(matrix, ["x"] * 300 + ["y"] * 300), HOW)
    assert every["repeats"].to_list() == [8] * 4
    found = in_halves(every)
    assert found["group"].to_list() == ["x", "y"]
    for row in found.iter_rows(named=True):
        assert row["tested"] > 100
        assert SHARE[0] <= row["share_p05"] <= SHARE[1]
        assert row["low"] <= row["share_p05"] <= row["high"]
        assert row["discoveries"] < DISCOVERIES
        assert row["as_expected"]


def test_with_names_shuffled_a_small_group_beside_a_large_rest_finds_nothing(matrix):
    """The normal distribution would find dozens of terms there; the halves cannot show it."""
    groups = ["x"] * 24 + ["y"] * 576
    found = self_check(*as_counts(matrix, groups), HOW).filter(pl.col("division") == SHUFFLED)
    assert found.select("group", "documents").rows() == [("x", 24), ("y", 576)]
    for row in found.iter_rows(named=True):
        assert row["share_p05"] <= SHARE[1]
        assert row["discoveries"] < DISCOVERIES
        assert row["as_expected"]
    a, b = sides(matrix, np.isin(np.arange(600), np.random.default_rng(1).permutation(600)[:24]))
    assert (measures.adjusted(measures.two_sided(permutation(a, b).z())) <= 0.05).sum() > 3


def test_measures_over_words_find_differences_where_there_are_none(matrix):
    """Why documents are the unit: of the same halves, Monroe's z and G2 find dozens of terms."""
    generator = np.random.default_rng(6)
    shares: dict[str, list[float]] = {"documents": [], "monroe": [], "g2": []}
    discoveries: dict[str, list[int]] = {"documents": [], "monroe": [], "g2": []}
    for _ in range(5):
        a, b = sides(matrix, generator.permutation(600) < 300)
        tested = np.flatnonzero(a.documents_with + b.documents_with >= DOCUMENTS)
        a, b = a.at(tested), b.at(tested)
        values = effects(a, b, permutation(a, b), enough=True, prior=Prior(500.0, 0.5))
        for name, p in (
            ("documents", values["p"]),
            ("monroe", measures.two_sided(values["z_words"])),
            ("g2", chi2.sf(np.abs(measures.signed_g2(a, b)), 1)),
        ):
            shares[name].append((p < 0.05).mean())
            discoveries[name].append((measures.adjusted(p) <= 0.05).sum())
    assert SHARE[0] <= np.mean(shares["documents"]) <= SHARE[1]
    assert np.mean(discoveries["documents"]) < DISCOVERIES
    for name in ("monroe", "g2"):
        assert np.mean(shares[name]) > 0.12
        assert np.mean(discoveries[name]) > 10


def test_halves_are_of_equal_size_within_every_group_and_random():
    group = np.random.default_rng(0).integers(0, 3, 101)
    one, other = (uniform_bits(np.arange(101), 1, seed)[:, 0] for seed in (1, 2))
    first, second = _halves(group, one), _halves(group, other)
    for each in range(3):
        assert abs((first[group == each] * 2 - 1).sum()) <= 1
    assert 0.3 < (first == second).mean() < 0.7
    np.testing.assert_array_equal(first, _halves(group, one))


def test_a_group_that_is_too_small_for_halves_is_not_checked(matrix):
    counts, documents = as_counts(matrix[:120], ["x"] * 39 + ["y"] * 81)
    assert in_halves(self_check(counts, documents, HOW))["group"].to_list() == ["y"]
    assert self_check(*as_counts(matrix[:30], ["x"] * 30), HOW).height == 0


def test_terms_of_too_few_documents_are_no_check_and_no_verdict():
    rows = [("xy"[number % 2], str(number), f"w{number} v{number}") for number in range(100)]
    found = in_halves(lexicon(sentences(rows), HOW).self_check)
    assert found["tested"].to_list() == [0, 0]
    assert found["as_expected"].to_list() == [None, None]
    assert found.schema["as_expected"] == pl.Boolean


def test_documents_that_are_two_populations_are_found_out():
    """Copies of one text in many documents are no independent documents: the check does not see that, p does not."""
    matrix = np.repeat(topical(np.random.default_rng(7), 100, terms=300), 4, axis=0)
    found = self_check(*as_counts(matrix, ["x"] * 400), HOW)
    assert found["as_expected"].to_list() == [True]


@pytest.mark.slow
def test_the_check_is_as_expected_for_many_kinds_of_documents():
    for seed, (documents, words, evenness) in enumerate(
        [(100, 20, 400.0), (400, 20, 100.0), (400, 300, 60.0), (2000, 80, 150.0), (1000, 150, 1000.0)]
    ):
        matrix = topical(np.random.default_rng(seed), documents, terms=1000, words=words, evenness=evenness)
        row = self_check(
            *as_counts(matrix, ["x"] * documents), settings(min_documents=20, self_check=30, ngrams=(1, 1))
        ).row(0, named=True)
        assert 0.025 <= row["share_p05"] <= 0.06
        assert row["discoveries"] < DISCOVERIES
