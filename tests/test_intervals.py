"""Cluster bootstrap: what is drawn, what an interval holds, and how often it holds the truth."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t
from sklearn.metrics import f1_score

from framing.core.errors import FramingError
from framing.evaluation.intervals import (
    FEWEST_GROUPS,
    Resampling,
    effective_groups,
    f1_draws,
    frame_intervals,
    interval,
    interval_table,
    macro_f1_draws,
    macro_f1_interval,
    sizes,
    standard_error,
)
from framing.evaluation.scores import summary
from tests.simulated import Population, articles, names

FRAMES = ["a", "b", "c"]


@st.composite
def cases(draw, fewest=1):
    """Labels, predictions and the group of every sentence."""
    rows = draw(st.integers(1, 40))
    labelled = draw(arrays(np.bool_, (rows, 3)))
    predicted = draw(arrays(np.bool_, (rows, 3)))
    number = draw(st.integers(fewest, 25))
    return labelled, predicted, [f"g{draw(st.integers(0, number - 1))}" for _ in range(rows)]


@given(cases())
def test_a_draw_holds_whole_groups_and_as_many_as_there_are(case):
    labelled, _, groups = case
    resampling = Resampling.of(groups, draws=20, seed=1)
    assert resampling.groups == len(set(groups))
    assert (resampling.multiplicities.sum(axis=1) == resampling.groups).all()
    order = sorted(set(groups))
    times = resampling.multiplicities[:, [order.index(group) for group in groups]]
    assert np.array_equal(resampling.totals(labelled), times.astype(int) @ labelled.astype(int))


def test_totals_are_exact_over_several_blocks(monkeypatch):
    monkeypatch.setattr("framing.evaluation.intervals.BLOCK", 70)
    counts = np.arange(60).reshape(20, 3) * 1_000_003
    resampling = Resampling.of([f"g{row % 10}" for row in range(20)], draws=33, seed=2)
    times = resampling.multiplicities[:, resampling.group].astype(int)
    assert (resampling.multiplicities.sum(axis=1) == 10).all()
    assert np.array_equal(resampling.totals(counts), times @ counts)


def test_every_group_is_drawn_once_on_average():
    drawn = Resampling.of([f"g{row}" for row in range(300)], draws=4000, seed=3).multiplicities
    # The multiplicity of one of 300 groups has a variance of 1 - 1/300.
    assert np.abs(drawn.mean(axis=0) - 1).max() < 4.5 / np.sqrt(4000)
    assert drawn.var() == pytest.approx(1 - 1 / 300, abs=0.01)


@given(cases(), st.integers(0, 5))
@settings(max_examples=40)
def test_f1_of_a_draw_is_that_of_its_sentences(case, seed):
    labelled, predicted, groups = case
    resampling = Resampling.of(groups, draws=3, seed=seed)
    found = f1_draws(labelled, predicted, resampling)
    macro = macro_f1_draws(labelled, predicted, resampling)
    for draw, times in enumerate(resampling.multiplicities[:, resampling.group]):
        rows = np.repeat(np.arange(len(groups)), times)
        expected = f1_score(labelled[rows], predicted[rows], average=None, zero_division=0)
        support = labelled[rows].any(axis=0)
        assert np.array_equal(np.isnan(found[draw]), ~support)
        assert np.allclose(found[draw][support], expected[support])
        if support.any():
            assert macro[draw] == pytest.approx(summary(labelled[rows], predicted[rows])["macro_f1"])
        else:
            assert np.isnan(macro[draw])


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_the_sentences_changes_nothing(case, random):
    labelled, predicted, groups = case
    order = random.sample(range(len(groups)), len(groups))
    shuffled = Resampling.of([groups[row] for row in order], draws=30, seed=4)
    resampling = Resampling.of(groups, draws=30, seed=4)
    arguments = (labelled[order], predicted[order], shuffled)
    assert macro_f1_interval(*arguments) == macro_f1_interval(labelled, predicted, resampling)
    assert frame_intervals(FRAMES, *arguments).equals(
        frame_intervals(FRAMES, labelled, predicted, resampling)
    )


@given(cases())
@settings(max_examples=50)
def test_every_sentence_twice_changes_nothing(case):
    labelled, predicted, groups = case
    once = Resampling.of(groups, draws=30, seed=5)
    twice = Resampling.of(groups + groups, draws=30, seed=5)
    doubled = macro_f1_interval(np.vstack([labelled] * 2), np.vstack([predicted] * 2), twice)
    assert doubled == macro_f1_interval(labelled, predicted, once)


@given(cases(fewest=25), st.integers(0, 5))
def test_the_interval_holds_the_estimate_and_stays_between_0_and_1(case, seed):
    labelled, predicted, groups = case
    resampling = Resampling.of(groups, draws=30, seed=seed)
    low, high = macro_f1_interval(labelled, predicted, resampling)
    if resampling.groups < FEWEST_GROUPS or not labelled.any():
        assert (low, high) == (None, None)
    else:
        assert 0 <= low <= summary(labelled, predicted)["macro_f1"] <= high <= 1


@given(arrays(np.bool_, (40, 3)))
def test_a_perfect_model_has_an_interval_of_1_alone(labelled):
    labelled[:20] = True
    resampling = Resampling.of([f"g{row}" for row in range(40)], draws=30, seed=6)
    assert macro_f1_interval(labelled, labelled, resampling) == (1, 1)
    assert frame_intervals(FRAMES, labelled, labelled, resampling).rows() == [(f, 1, 1) for f in FRAMES]


def test_the_interval_of_a_mean_is_that_of_students_t():
    values = np.random.default_rng(7).random(30)
    resampling = Resampling.of([f"g{row:02}" for row in range(30)], draws=20_000, seed=7)
    means = resampling.totals(values[:, np.newaxis])[:, 0] / 30
    low, high = interval(means, float(values.mean()), sizes(resampling))
    expected = t.interval(0.95, 29, values.mean(), values.std(ddof=1) / np.sqrt(30))
    assert (low, high) == pytest.approx(expected, abs=0.003)


def test_a_large_group_counts_for_more_than_its_one():
    assert effective_groups(np.full(20, 7)) == pytest.approx(20)
    assert effective_groups(np.array([100, *[1] * 19])) == pytest.approx(119**2 / (100**2 + 19))
    assert effective_groups(np.zeros(3)) == 0
    draws = np.random.default_rng(8).normal(0.5, 0.05, 500)
    even = interval(draws, 0.5, np.full(20, 5))
    uneven = interval(draws, 0.5, np.array([100, *[1] * 19]))
    assert uneven[0] < even[0] < even[1] < uneven[1]


def test_resamplings_of_the_same_groups_are_paired_and_of_others_independent():
    first = Resampling.of(["a", "b", "c", "d"] * 3, draws=500, seed=9)
    assert np.array_equal(
        first.multiplicities, Resampling.of(["d", "c", "b", "a"], draws=500, seed=9).multiplicities
    )
    other = Resampling.of(["e", "f", "g", "h"], draws=500, seed=9)
    assert abs(np.corrcoef(first.multiplicities[:, 0], other.multiplicities[:, 0])[0, 1]) < 0.15


def test_with_few_groups_there_is_no_interval():
    labelled = np.ones((FEWEST_GROUPS, 1), dtype=bool)
    groups = [f"g{row}" for row in range(FEWEST_GROUPS)]
    enough = Resampling.of(groups, draws=50, seed=0)
    assert macro_f1_interval(labelled, labelled, enough) == (1, 1)
    few = Resampling.of([groups[0], *groups[:-1]], draws=50, seed=0)
    assert macro_f1_interval(labelled, labelled, few) == (None, None)
    assert frame_intervals(["a"], labelled, labelled, few).rows() == [("a", None, None)]
    assert standard_error(np.full(50, 0.5), np.ones(1)) is None


def test_a_frame_of_few_groups_has_no_interval_though_the_others_have_one():
    labelled = np.zeros((40, 3), dtype=bool)
    labelled[:, 0] = True
    labelled[:2, 1] = True
    resampling = Resampling.of([f"g{row}" for row in range(40)], draws=200, seed=0)
    table = frame_intervals(FRAMES, labelled, np.ones_like(labelled), resampling)
    assert table["low"].is_null().to_list() == [False, True, True]
    assert None not in macro_f1_interval(labelled, np.ones_like(labelled), resampling)


def test_a_sample_without_any_frame_has_no_interval():
    nothing = np.zeros((20, 3), dtype=bool)
    resampling = Resampling.of([f"g{row}" for row in range(20)], draws=20, seed=0)
    assert macro_f1_interval(nothing, nothing, resampling) == (None, None)


def test_the_table_has_a_row_for_every_model_and_kind_of_group():
    generator = np.random.default_rng(10)
    labelled, wrong = generator.random((60, 3)) < 0.4, generator.random((60, 3)) < 0.4
    resamplings = {
        "sentence": Resampling.of([str(row) for row in range(60)], draws=100, seed=0),
        "article": Resampling.of([str(row // 3) for row in range(60)], draws=100, seed=0),
        "source": Resampling.of([str(row // 20) for row in range(60)], draws=100, seed=0),
    }
    table = interval_table(labelled, {"good": labelled, "wrong": wrong}, resamplings)
    assert table.columns == ["model", "drawn", "groups", "macro_f1", "low", "high"]
    assert table.select("model", "drawn", "groups").rows() == [
        (model, drawn, groups)
        for model in ("good", "wrong")
        for drawn, groups in (("sentence", 60), ("article", 20), ("source", 3))
    ]
    assert table.filter(pl.col("low").is_null())["drawn"].to_list() == ["source", "source"]
    row = table.row(4, named=True)
    assert (row["low"], row["high"]) == macro_f1_interval(labelled, wrong, resamplings["article"])
    assert row["macro_f1"] == pytest.approx(f1_score(labelled, wrong, average="macro"))


@pytest.mark.parametrize(
    ("groups", "draws", "said"),
    [
        ([], 10, "found no sentences"),
        (["a", None], 10, "found 1 of 2 sentences without a group"),
        (["a"], 1, "found draws=1; expected at least 2"),
    ],
)
def test_what_cannot_be_drawn_is_said(groups, draws, said):
    with pytest.raises(FramingError, match=said):
        Resampling.of(groups, draws=draws, seed=0)


def test_arrays_of_other_sentences_are_refused():
    with pytest.raises(FramingError, match="found 3 sentences and 2 groups of sentences"):
        Resampling.of(["a", "b"], draws=5, seed=0).totals(np.ones((3, 1)))


def coverage(population, number, *, simulations, draws=1000, uneven=False, sentences=False):
    """The share of simulated samples of which the interval holds the population's macro F1."""
    generator = np.random.default_rng(11)
    held = []
    for _ in range(simulations):
        article = articles(generator, number, uneven=uneven)
        labelled = population.labels(generator, article)
        (predicted,) = population.models(generator, article, labelled)
        drawn = [str(row) for row in range(len(article))] if sentences else names(article)
        resampling = Resampling.of(drawn, draws=draws, seed=0)
        low, high = macro_f1_interval(labelled, predicted, resampling)
        held.append(low <= population.macro_f1 <= high)
    return np.mean(held)


def test_articles_have_to_be_drawn_and_not_sentences():
    strongly = Population(labels_vary=2.0, errors_vary=2.0)
    of_articles = coverage(strongly, 20, simulations=100, draws=200)
    of_sentences = coverage(strongly, 20, simulations=100, draws=200, sentences=True)
    assert of_articles > 0.88
    assert of_sentences < of_articles - 0.1


EASY = Population(sensitivity=(0.93,) * 8, false_alarms=(0.004, 0.006, 0.008, 0.01, 0.01, 0.02, 0.02, 0.03))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("population", "number", "uneven"),
    [
        (Population(), 40, False),
        (Population(), 15, False),
        (Population(), FEWEST_GROUPS, False),
        (Population(), 200, False),
        (Population(), 15, True),
        (EASY, 40, False),
    ],
)
def test_an_interval_of_95_percent_holds_the_truth_93_to_97_times_in_100(population, number, uneven):
    assert 0.93 <= coverage(population, number, simulations=1000, uneven=uneven) <= 0.97
