"""Calibration: Brier score, expected calibration error and reliability against scikit-learn and by hand."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from framing.core.errors import FramingError
from framing.evaluation.calibration import (
    FEWEST_DECISIONS,
    Decisions,
    bins_of,
    brier_score,
    calibration_error,
    calibration_table,
    reliability_table,
)
from framing.evaluation.calibration_interval import drawn_groups, error_interval

FRAMES = ["a", "b", "c"]


def made(sentences=200, seed=0):
    generator = np.random.default_rng(seed)
    probabilities = generator.random((sentences, 3)).round(2)
    labelled = generator.random((sentences, 3)) < probabilities**2
    articles = [f"article {number // 4}" for number in range(sentences)]
    sources = ["x" if number < sentences * 0.9 else "y" for number in range(sentences)]
    return Decisions(FRAMES, labelled, sources, articles), probabilities


def table_of(decisions, probabilities, **changes):
    arguments = {"draws": 100, "seed": 0} | changes
    return calibration_table(decisions, {"none": probabilities}, **arguments)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 999))
def test_the_brier_score_agrees_with_scikit_learn(seed):
    decisions, probabilities = made(60, seed)
    expected = brier_score_loss(decisions.labelled.ravel(), probabilities.ravel())
    assert brier_score(decisions.labelled, probabilities) == pytest.approx(expected)
    table = table_of(decisions, probabilities)
    for column, frame in enumerate(FRAMES):
        row = table.row(by_predicate=pl.col("part") == frame, named=True)
        expected = brier_score_loss(decisions.labelled[:, column], probabilities[:, column])
        assert row["brier"] == pytest.approx(expected)


@pytest.mark.parametrize(("equal", "strategy"), [("mass", "quantile"), ("width", "uniform")])
def test_the_reliability_curve_agrees_with_scikit_learn(equal, strategy):
    decisions, _ = made(300)
    probabilities = np.random.default_rng(1).beta(0.5, 1, size=(300, 3))
    table = reliability_table(decisions, {"none": probabilities}, equal=equal).filter(pl.col("by") == "all")
    share, mean = calibration_curve(
        decisions.labelled.ravel(), probabilities.ravel(), n_bins=10, strategy=strategy
    )
    assert table["share"].to_list() == pytest.approx(share)
    assert table["probability"].to_list() == pytest.approx(mean)
    assert table["decisions"].sum() == 900
    error = (table["decisions"] * (table["share"] - table["probability"]).abs()).sum() / 900
    found = calibration_error(decisions.labelled.ravel(), probabilities.ravel(), equal=equal)
    assert found == pytest.approx(error)


def test_the_calibration_error_of_a_hand_worked_case():
    probabilities = np.array([0.1, 0.1, 0.3, 0.9])
    labelled = np.array([False, True, False, True])
    # Two bins of equal width: |(0.1 + 0.1 + 0.3) - 1| and |0.9 - 1|, over 4.
    found = calibration_error(labelled, probabilities, bins=2, equal="width")
    assert found == pytest.approx((0.5 + 0.1) / 4)
    # Two of equal mass part at the median 0.2: |0.2 - 1| and |1.2 - 1|, over 4.
    assert calibration_error(labelled, probabilities, bins=2, equal="mass") == pytest.approx((0.8 + 0.2) / 4)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.7, 1.0]), min_size=1), st.sampled_from(["mass", "width"]))
def test_equal_probabilities_share_a_bin_and_bins_follow_their_order(values, equal):
    probabilities = np.array(values)
    bins = bins_of(probabilities, equal=equal)
    order = np.argsort(probabilities)
    assert (np.diff(bins[order]) >= 0).all()
    for value in set(values):
        assert len(set(bins[probabilities == value])) == 1
    assert 0 <= bins.min() <= bins.max() < 10


def test_a_perfect_model_has_no_error_and_a_wrong_one_the_largest():
    decisions, _ = made()
    perfect = decisions.labelled.astype(float)
    table = table_of(decisions, perfect)
    scores = table.filter(pl.col("ece").is_not_null())
    assert scores.select("brier", "ece", "low", "high").drop_nulls().to_numpy().max() == 0
    assert scores.height == 5
    wrong = table_of(decisions, 1 - perfect)
    assert wrong["brier"].to_list() == [1.0] * 6
    assert wrong["ece"][0] == pytest.approx(1)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999))
def test_the_order_of_the_sentences_changes_nothing(seed):
    decisions, probabilities = made(seed=seed)
    order = np.random.default_rng(seed).permutation(200)
    shuffled = Decisions(
        FRAMES,
        decisions.labelled[order],
        [decisions.sources[row] for row in order],
        [decisions.groups[row] for row in order],
    )
    one, other = table_of(decisions, probabilities), table_of(shuffled, probabilities[order])
    assert one.drop("low", "high").equals(other.drop("low", "high")) or np.allclose(
        one.select("brier", "ece").drop_nulls().to_numpy(),
        other.select("brier", "ece").drop_nulls().to_numpy(),
    )
    ends = [table.select("low", "high").drop_nulls().to_numpy() for table in (one, other)]
    assert np.allclose(ends[0], ends[1], atol=1e-4)
    curves = [
        reliability_table(each, {"none": values}).select("decisions", "probability", "share").to_numpy()
        for each, values in ((decisions, probabilities), (shuffled, probabilities[order]))
    ]
    assert np.allclose(*curves)


def test_too_few_decisions_have_a_brier_score_and_nothing_else():
    decisions, probabilities = made(200)
    table = table_of(decisions, probabilities)
    few = table.row(by_predicate=pl.col("part") == "y", named=True)
    assert few["decisions"] == 60 < FEWEST_DECISIONS
    assert few["brier"] is not None
    assert (few["ece"], few["low"], few["high"]) == (None, None, None)
    assert "y" not in reliability_table(decisions, {"none": probabilities})["part"]


def test_few_groups_have_an_error_without_an_interval():
    decisions, probabilities = made()
    few = Decisions(FRAMES, decisions.labelled, decisions.sources, [str(row % 9) for row in range(200)])
    table = table_of(few, probabilities)
    assert table["ece"][0] is not None
    assert table["low"].null_count() == table.height


def test_without_sentences_there_is_nothing_to_measure():
    nothing = Decisions(FRAMES, np.zeros((0, 3), dtype=bool), [], [])
    table = table_of(nothing, np.zeros((0, 3)))
    assert table["decisions"].to_list() == [0] * 4
    assert table["brier"].null_count() == 4
    assert reliability_table(nothing, {"none": np.zeros((0, 3))}).height == 0


def test_constant_probabilities_stand_in_one_bin():
    decisions, probabilities = made()
    table = reliability_table(decisions, {"none": np.full_like(probabilities, 0.25)})
    assert table.filter(pl.col("by") == "all").height == 1
    share = decisions.labelled.mean()
    assert table["share"][0] == pytest.approx(share)
    found = table_of(decisions, np.full_like(probabilities, 0.25))["ece"][0]
    assert found == pytest.approx(abs(share - 0.25))


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.5])
def test_a_probability_that_is_none_is_told(wrong):
    decisions, probabilities = made()
    probabilities[4, 1] = wrong
    with pytest.raises(FramingError, match=r"found 1 probabilities .* sentence 5, frame 2"):
        table_of(decisions, probabilities)
    with pytest.raises(FramingError, match="expected one for every sentence and frame"):
        reliability_table(decisions, {"none": probabilities[:5]})


def test_every_draw_is_of_as_many_groups_as_there_are():
    times = drawn_groups(7, 50, np.random.default_rng(0))
    assert (times.sum(axis=1) == 7).all()
    assert times.min() == 0
    assert times.max() > 1


def covered(shift, sentences, seed):
    """Return whether the interval of one simulated model holds its true error."""
    generator = np.random.default_rng(seed)
    probabilities = generator.beta(0.5, 2, size=sentences)
    true = np.clip(probabilities + shift, 0, 1)
    labelled = generator.random(sentences) < true
    bins = bins_of(probabilities)
    error = np.abs(np.bincount(bins, probabilities - true)).sum() / sentences
    times = drawn_groups(sentences, 300, generator)
    low, high = error_interval(probabilities - labelled, bins, np.arange(sentences), times)
    assert low <= calibration_error(labelled, probabilities) <= high + 1e-12
    return low <= error <= high


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0, 0.02, 0.1])
def test_the_interval_holds_the_true_error_even_if_that_is_zero(shift):
    held = np.mean([covered(shift, 1000, seed) for seed in range(400)])
    assert held >= 0.9
