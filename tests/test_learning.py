"""The learning curve: a known power law is found again, and what cannot be fitted is said."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from framing.core.errors import FramingError
from framing.evaluation.learning import learning_gain, nested_subsets

SIZES = [50, 100, 200, 300, 400]


def curve(n, level=0.75, scale=1.2, rate=0.5):
    return level - scale * np.asarray(n, dtype=float) ** -rate


def points(repeats=6, noise=0.0, seed=0, of=curve):
    generator = np.random.default_rng(seed)
    sizes = SIZES * repeats
    return (
        sizes,
        np.repeat(range(repeats), len(SIZES)).tolist(),
        of(sizes) + generator.normal(0, noise, len(sizes)),
    )


@pytest.mark.parametrize("rate", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("further", [100, 300])
def test_the_gain_on_an_exact_power_law_is_found(rate, further):
    sizes, repeats, scores = points(of=lambda n: curve(n, level=0.8, rate=rate))
    table, notices = learning_gain(sizes, repeats, scores, further=further)
    expected = curve(400 + further, rate=rate) - curve(400, rate=rate)
    row = table.row(0, named=True)
    assert row["gain"] == pytest.approx(expected, rel=0.02)
    assert (row["sentences"], row["further"]) == (400, further)
    assert row["low"] == pytest.approx(row["high"])
    assert notices == []


def test_the_fit_is_that_of_scipy_and_the_interval_holds_it():
    sizes, repeats, scores = points(noise=0.01)
    row = learning_gain(sizes, repeats, scores)[0].row(0, named=True)
    found, _ = curve_fit(curve, sizes, scores, p0=[0.7, 1, 0.5], bounds=([0, 0, 0.05], [1, np.inf, 3]))
    assert row["gain"] == pytest.approx(curve(500, *found) - curve(400, *found), rel=0.02)
    assert row["low"] < row["gain"] < row["high"]
    assert row == learning_gain(sizes, repeats, scores)[0].row(0, named=True)


@pytest.mark.slow
def test_the_interval_holds_the_true_gain_95_times_in_100():
    expected = curve(500) - curve(400)
    rows = [learning_gain(*points(8, 0.015, seed), draws=500)[0].row(0, named=True) for seed in range(400)]
    assert 0.92 <= np.mean([row["low"] <= expected <= row["high"] for row in rows]) <= 0.98


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(30)))
def test_the_order_of_the_points_changes_nothing(order):
    sizes, repeats, scores = points(noise=0.01)
    shuffled = [sizes[i] for i in order], [repeats[i] for i in order], scores[list(order)]
    one, other = (learning_gain(*each, draws=50)[0] for each in ((sizes, repeats, scores), shuffled))
    assert np.allclose(one.to_numpy(), other.to_numpy())


@pytest.mark.parametrize("of", [lambda n: np.full(len(n), 0.6), lambda n: 0.7 - np.array(n) / 4000])
def test_a_flat_or_falling_curve_promises_nothing(of):
    table, notices = learning_gain(*points(of=of))
    assert table.height == 0
    assert "flat or falls from 50 to 400 sentences (fitted rise 0.000)" in notices[0]


def test_three_sizes_are_too_few():
    table, notices = learning_gain([1, 2, 3] * 5, np.repeat(range(5), 3).tolist(), [0.1, 0.2, 0.3] * 5)
    assert table.height == 0
    assert "has 3 sizes, and 4 are needed" in notices[0]
    assert learning_gain([], [], [])[0].height == 0


def test_one_repeat_has_a_gain_without_an_interval_and_far_ahead_is_a_guess():
    table, notices = learning_gain(*points(repeats=1), further=1000)
    row = table.row(0, named=True)
    assert row["gain"] > 0
    assert (row["low"], row["high"]) == (None, None)
    assert ["beyond twice the 400" in notices[0], "has no interval" in notices[1]] == [True, True]


def test_a_score_cannot_be_expected_above_one():
    sizes, repeats, scores = points(of=lambda n: curve(n, level=1.1, scale=1.5, rate=0.3))
    row = learning_gain(sizes, repeats, scores, further=10**12)[0].row(0, named=True)
    assert 0.95 < scores[-1] + row["gain"] < 1.01


def test_a_missing_score_is_told():
    sizes, repeats, scores = points()
    scores[3] = np.nan
    with pytest.raises(FramingError, match="found 1 missing scores and 0 sizes below 1"):
        learning_gain(sizes, repeats, scores)


groups = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40)


@settings(deadline=None, max_examples=25)
@given(groups=groups, seed=st.integers(0, 9))
def test_subsets_are_nested_within_a_repeat_and_divide_no_group(groups, seed):
    fractions = [1.0, 0.25, 0.5]
    subsets = nested_subsets(groups, fractions, 3, seed)
    assert [(each.repeat, each.fraction) for each in subsets] == list(
        itertools.product(range(3), sorted(fractions))
    )
    group = np.array(groups)
    for subset in subsets:
        inside = set(group[subset.rows])
        assert inside.isdisjoint(np.delete(group, subset.rows))
        assert len(subset.rows) >= subset.fraction * len(groups)
    for smaller, larger in itertools.pairwise(subsets):
        if smaller.repeat == larger.repeat:
            assert set(smaller.rows) <= set(larger.rows)
    assert all(len(each.rows) == len(groups) for each in subsets if each.fraction == 1)


@settings(deadline=None, max_examples=25)
@given(groups=groups, seed=st.integers(0, 9))
def test_the_groups_of_a_subset_do_not_depend_on_the_order_of_the_sentences(groups, seed):
    order = np.random.default_rng(seed).permutation(len(groups))
    shuffled = [groups[row] for row in order]
    for one, other in zip(
        nested_subsets(groups, [0.3, 0.6], 2, seed),
        nested_subsets(shuffled, [0.3, 0.6], 2, seed),
        strict=True,
    ):
        assert {groups[row] for row in one.rows} == {shuffled[row] for row in other.rows}


def test_repeats_draw_different_groups():
    first = {tuple(each.rows) for each in nested_subsets([str(n) for n in range(30)], [0.3], 5, 0)}
    assert len(first) == 5


@pytest.mark.parametrize("fraction", [0.0, 1.2, float("nan")])
def test_a_fraction_that_is_none_is_told(fraction):
    with pytest.raises(FramingError, match="as a fraction of the sentences"):
        nested_subsets(["a"], [fraction], 1, 0)
    with pytest.raises(FramingError, match="found no sentence"):
        nested_subsets([], [0.5], 1, 0)
