"""Paired comparison: who is better, by how much, how surely, and how often that is said wrongly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom, norm, t

from framing.core.errors import FramingError
from framing.evaluation.comparison import comparison_table, holm, spread
from framing.evaluation.intervals import Resampling, critical, sizes
from framing.evaluation.scores import summary
from tests.simulated import Population, articles, names

USUAL = Population()


def sample(seed, *, number=30, models=3, populations=(USUAL,), shared=0.5):
    """Labels, the predictions of models, and the articles drawn."""
    generator = np.random.default_rng(seed)
    article = articles(generator, number)
    labelled = populations[0].labels(generator, article)
    stream = generator.integers(2**31)
    predicted = [
        population.models(np.random.default_rng(stream), article, labelled, models=models, shared=shared)
        for population in populations
    ]
    return labelled, [each for models in predicted for each in models], names(article)


def compare(labelled, predicted, groups, *, draws=500):
    named = {f"model {place}": each for place, each in enumerate(predicted)}
    return comparison_table(labelled, named, Resampling.of(groups, draws=draws, seed=0))


def test_the_table_has_a_row_for_every_other_model():
    labelled, predicted, groups = sample(1)
    table = compare(labelled, predicted, groups)
    assert table.columns == [
        "model", "other", "difference", "low", "high", "p", "p_holm",
        "only_model", "only_other", "mcnemar_p", "mcnemar_p_holm", "detectable",
    ]  # fmt: skip
    assert table["model"].to_list() == ["model 0"] * 2
    assert table["other"].to_list() == ["model 1", "model 2"]
    scores = [summary(labelled, each)["macro_f1"] for each in predicted]
    assert table["difference"].to_list() == pytest.approx([scores[0] - scores[1], scores[0] - scores[2]])


@given(st.integers(0, 10_000))
def test_p_is_below_5_percent_exactly_where_the_interval_leaves_0_out(seed):
    weaker = Population(sensitivity=(0.5,) * 8)
    labelled, predicted, groups = sample(seed, number=12, models=1, populations=(Population(), weaker))
    row = compare(labelled, predicted, groups, draws=60).row(0, named=True)
    assert (row["p"] < 0.05) == (row["low"] > 0 or row["high"] < 0)
    assert row["low"] <= row["difference"] <= row["high"]
    assert 0 < row["p"] <= 1


@given(st.integers(0, 10_000))
def test_the_comparison_turned_round_has_the_opposite_difference(seed):
    labelled, predicted, groups = sample(seed, number=12, models=2)
    there = compare(labelled, predicted, groups, draws=60).row(0, named=True)
    back = compare(labelled, predicted[::-1], groups, draws=60).row(0, named=True)
    assert (back["difference"], back["low"], back["high"]) == pytest.approx(
        (-there["difference"], -there["high"], -there["low"])
    )
    assert (back["p"], back["mcnemar_p"], back["detectable"]) == pytest.approx(
        (there["p"], there["mcnemar_p"], there["detectable"])
    )
    assert (back["only_model"], back["only_other"]) == (there["only_other"], there["only_model"])


def test_the_order_of_the_sentences_changes_nothing():
    labelled, predicted, groups = sample(2)
    order = np.random.default_rng(2).permutation(len(labelled))
    shuffled = compare(labelled[order], [each[order] for each in predicted], [groups[row] for row in order])
    assert shuffled.equals(compare(labelled, predicted, groups))


def test_a_model_does_not_differ_from_itself():
    labelled, predicted, groups = sample(3, models=1)
    row = compare(labelled, predicted * 2, groups).row(0, named=True)
    assert (row["difference"], row["low"], row["high"], row["p"], row["mcnemar_p"]) == (0, 0, 0, 1, 1)
    assert row["detectable"] is None


def test_p_is_never_0():
    labelled = np.tile([[True], [False]], (20, 1))
    row = compare(labelled, [labelled, ~labelled], [str(row) for row in range(40)], draws=99).row(
        0, named=True
    )
    assert row["difference"] == 1
    assert row["p"] == 1 / 100


def test_mcnemar_counts_sentences_that_are_exactly_right_and_agrees_with_the_binomial():
    labelled = np.zeros((30, 2), dtype=bool)
    labelled[:, 0] = True
    predicted, other = labelled.copy(), labelled.copy()
    predicted[:2, 1] = True  # one frame too many is not exactly right
    other[2:11, 0] = False
    other[11, :] = [False, True]
    predicted[12:14] = other[12:14] = False  # wrong in both
    row = compare(labelled, [predicted, other], [str(row) for row in range(30)]).row(0, named=True)
    assert (row["only_model"], row["only_other"]) == (10, 2)
    assert row["mcnemar_p"] == pytest.approx(2 * binom.cdf(2, 12, 0.5))


def test_with_few_groups_the_difference_and_mcnemar_alone_are_told():
    labelled, predicted, _ = sample(4, models=3)
    table = compare(labelled, predicted, [str(row % 5) for row in range(len(labelled))])
    assert table.select("low", "high", "p", "p_holm", "detectable").null_count().row(0) == (2,) * 5
    assert table.select("difference", "mcnemar_p", "mcnemar_p_holm").null_count().row(0) == (0,) * 3


def test_alone_a_model_has_nothing_to_be_compared_with():
    labelled, predicted, groups = sample(5, models=1)
    assert compare(labelled, predicted, groups).shape == (0, 0)


def test_a_hand_worked_case_of_holm():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.02, None, 0.6, 0.7]) == [pytest.approx(0.06), None, 1, 1]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1))
def test_holm_keeps_the_order_and_makes_nothing_smaller(p):
    corrected = holm(p)
    assert all(after >= before for before, after in zip(p, corrected, strict=True))
    assert np.all(np.diff(np.array(corrected)[np.argsort(p)]) >= 0)
    assert min(corrected) == min(1, len(p) * min(p))


def test_the_detectable_difference_is_wider_than_half_the_interval():
    labelled, predicted, groups = sample(6, models=2)
    row = compare(labelled, predicted, groups).row(0, named=True)
    size = sizes(Resampling.of(groups, draws=2, seed=0))
    half = (row["high"] - row["low"]) / 2
    assert row["detectable"] == pytest.approx(half * (1 + critical(size, 0.8) / critical(size)))


@given(arrays(np.float64, st.integers(2, 10), elements=st.floats(0, 1)))
def test_the_spread_is_that_of_students_t(scores):
    found = spread(scores.tolist())
    assert (found.n, found.mean) == (len(scores), pytest.approx(scores.mean()))
    assert found.standard_deviation == pytest.approx(scores.std(ddof=1))
    half = found.standard_deviation * t.ppf(0.975, len(scores) - 1) / np.sqrt(len(scores))
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half))


def test_one_seed_has_no_spread_and_none_is_an_error():
    one = spread([0.5])
    assert (one.n, one.mean, one.standard_deviation, one.low, one.high) == (1, 0.5, None, None, None)
    with pytest.raises(FramingError, match="found none"):
        spread([])
    with pytest.raises(FramingError, match="found 1 that are not numbers"):
        spread([0.5, float("nan")])


@pytest.mark.slow
@pytest.mark.parametrize(("number", "shared"), [(40, 0.5), (15, 0.5), (40, 0.9), (150, 0.5)])
def test_of_equally_good_models_3_to_7_in_100_are_called_different(number, shared):
    found = [
        compare(*sample(seed, number=number, models=2, shared=shared), draws=600)["p"][0]
        for seed in range(1000)
    ]
    assert 0.03 <= np.mean(np.array(found) < 0.05) <= 0.07


@pytest.mark.slow
def test_the_detectable_difference_is_found_80_times_in_100():
    # Power is a function of the true difference in units of the detectable one; at another ratio it is
    # that of a normal test: cdf(ratio * 2.80 - 1.96).
    better, weaker = Population(), Population(sensitivity=(0.45, 0.54, 0.6, 0.64, 0.7, 0.74, 0.64, 0.8))
    rows = [
        compare(*sample(seed, number=40, models=1, populations=(better, weaker)), draws=400).row(
            0, named=True
        )
        for seed in range(400)
    ]
    ratio = (better.macro_f1 - weaker.macro_f1) / np.mean([row["detectable"] for row in rows])
    power = norm.cdf(ratio * (norm.ppf(0.975) + norm.ppf(0.8)) - norm.ppf(0.975))
    assert 0.6 < power < 0.95
    assert np.mean([row["p"] < 0.05 for row in rows]) == pytest.approx(power, abs=0.06)
