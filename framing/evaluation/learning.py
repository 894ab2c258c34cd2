"""How many labels are enough: the learning curve, and what more labels would probably bring.

A score usually rises with the n sentences learned from as a - b n^-c: ever more slowly, towards a level a
(Figueroa et al. 2012, "Predicting sample size required for classification performance", who fit this curve
by least squares as well).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from framing.core.errors import FramingError

Vector = NDArray[np.float64]

FEWEST_SIZES = 4
"""The curve has three unknowns: with fewer sizes a repeat, nothing would show whether it fits."""

FEWEST_REPEATS = 3
"""With fewer repeats there is no interval."""

FLAT = 0.005
"""A fitted curve that rises by less from the smallest to the largest size counts as flat."""

RATES = np.geomspace(0.05, 3.0, 120)
"""The exponents c that are tried: 0.05 is nearly a logarithm, 3 nearly a step."""


@dataclass(frozen=True, eq=False)
class Subset:
    """Part of what can be learned from, made of whole groups.

    Attributes:
        repeat: counted from 0; the smaller subsets of a repeat are parts of its larger ones.
        fraction: that was asked for; whole groups seldom make it up exactly.
        rows: the sentences, indices in rising order.
    """

    repeat: int
    fraction: float
    rows: NDArray[np.intp]


def nested_subsets(
    groups: Sequence[str], fractions: Sequence[float], repeats: int, seed: int
) -> list[Subset]:
    """Return the sentences of every subset of a learning curve.

    Every repeat puts the groups into an order of its own; a subset is the shortest beginning of it that
    holds the fraction of the sentences. So no group is divided. With few groups two fractions may give the
    same subset.

    Args:
        groups: the group, such as the article, of each of n sentences.
        fractions: each above 0 and at most 1.
        repeats: how many orders.
        seed: of the orders; they do not depend on the order of the sentences.

    Returns:
        `repeats` times the fractions in rising order.

    Raises:
        FramingError: no sentence, or a fraction that is not above 0 and at most 1.
    """
    if wrong := [fraction for fraction in fractions if not 0 < fraction <= 1]:
        raise FramingError(
            f"found {wrong[0]} as a fraction of the sentences to learn from; expected numbers above 0 and up "
            "to 1. Correct the fractions of the learning curve."
        )
    if not len(groups):
        raise FramingError("found no sentence to learn from; expected at least one. Give labelled sentences.")
    names, group, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    subsets = []
    for repeat in range(repeats):
        order = np.random.default_rng([seed, repeat]).permutation(len(names))
        reached = sizes[order].cumsum()
        for fraction in sorted(fractions):
            taken = int(np.searchsorted(reached, fraction * len(group) - 1e-9)) + 1
            subsets.append(Subset(repeat, fraction, np.flatnonzero(np.isin(group, order[:taken]))))
    return subsets


def learning_gain(
    sizes: Sequence[int],
    repeats: Sequence[int],
    scores: Sequence[float],
    *,
    further: int = 100,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[pl.DataFrame, list[str]]:
    """Return by how much the score would probably rise with more labels.

    The curve a - b n^-c, with a at most 1, b at least 0 and c within `RATES`, is fitted to all points by
    least squares; the gain is its rise from the largest size on, so it is never negative. The 95% interval
    is by draws of whole repeats with replacement. It holds the chance of which sentences were learned from,
    not that of which were scored, nor that a curve may go on otherwise than so far.

    Args:
        sizes: shape (m,), the sentences learned from, each above 0.
        repeats: shape (m,), which repeat each point is of.
        scores: shape (m,), such as macro F1, 0..1.
        further: additional labelled sentences.
        draws: bootstrap draws.
        seed: of the draws.

    Returns:
        One row: `sentences` (the largest size), `further`, `gain`, `low`, `high` (null below
        `FEWEST_REPEATS`). No row if a curve cannot be fitted. And notices, which say why not, or what to be
        careful with.

    Raises:
        FramingError: a score that is missing (NaN), or a size below 1.
    """
    size, repeat, score = np.array(sizes, dtype=float), np.array(repeats), np.array(scores, dtype=float)
    _check_points(size, score)
    each = np.unique(repeat)
    fewest = min((len(np.unique(size[repeat == one])) for one in each), default=0)
    if fewest < FEWEST_SIZES:
        return pl.DataFrame(), [_sizes_notice(fewest)]
    start, end = float(size.max()), float(size.max()) + further
    curve = _fit(size, score, np.ones((1, len(size))))
    rise = float(curve.gain(float(size.min()), start)[0])
    if rise < FLAT:
        return pl.DataFrame(), [_flat_notice(rise, float(size.min()), start)]
    low, high = None, None
    if len(each) >= FEWEST_REPEATS:
        shares = np.full(len(each), 1 / len(each))
        times = np.random.default_rng(seed).multinomial(len(each), shares, size=draws).astype(float)
        curves = _fit(size, score, times[:, np.searchsorted(each, repeat)])
        low, high = np.quantile(curves.gain(start, end), _tails(len(each))).tolist()
    gain = float(curve.gain(start, end)[0])
    row = {"sentences": int(start), "further": further, "gain": gain, "low": low, "high": high}
    table = pl.DataFrame([row], schema_overrides={"low": pl.Float64, "high": pl.Float64})
    return table, _cautions(start, further, len(each))


def _tails(repeats: int) -> tuple[float, float]:
    """Return which shares of the draws lie below the ends of a 95% interval.

    They are nearer to 0 and 1 than 0.025 and 0.975, because percentiles of few things drawn are too near to
    each other (the expanded percentile interval of Hesterberg 2015, "What Teachers Should Know About the
    Bootstrap").
    """
    tail = float(norm.cdf(-np.sqrt(repeats / (repeats - 1)) * student.ppf(0.975, repeats - 1)))
    return tail, 1 - tail


def _check_points(size: Vector, score: Vector) -> None:
    if np.isnan(score).any() or (size < 1).any():
        raise FramingError(
            f"found {int(np.isnan(score).sum())} missing scores and {int((size < 1).sum())} sizes below 1 in "
            "the learning curve; expected a score and a number of sentences for every point. Correct these."
        )


def _sizes_notice(sizes: int) -> str:
    return (
        f"The gain of more labels is not estimated: a repeat of the learning curve has {sizes} sizes, and "
        f"{FEWEST_SIZES} are needed."
    )


def _flat_notice(rise: float, smallest: float, largest: float) -> str:
    return (
        f"The gain of more labels is not estimated: the learning curve is flat or falls from {smallest:g} to "
        f"{largest:g} sentences (fitted rise {rise:.3f}). More labels of this kind promise little, or the "
        "curve is too uneven to tell."
    )


def _cautions(largest: float, further: int, repeats: int) -> list[str]:
    notices = []
    if further > largest:
        notices.append(
            f"The gain of {further} more labels goes beyond twice the {largest:g} learned from: take it as a "
            "guess."
        )
    if repeats < FEWEST_REPEATS:
        notices.append(
            f"The gain of more labels has no interval: the learning curve has {repeats} repeat(s), and "
            f"{FEWEST_REPEATS} are needed."
        )
    return notices


@dataclass(frozen=True, eq=False)
class _Curves:
    """Fitted curves, one a draw; `scale` is b in units of the largest size: b n^-c = scale (n / unit)^-c."""

    scale: Vector
    rate: Vector
    unit: float

    def gain(self, start: float, end: float) -> Vector:
        return self.scale * ((start / self.unit) ** -self.rate - (end / self.unit) ** -self.rate)


def _fit(size: Vector, score: Vector, weights: Vector) -> _Curves:
    """Fit a curve for every row of weights, shape (draws, m).

    For a given c the best a and b are those of a straight line, so only c is searched.
    """
    unit = float(size.max())
    lines = [_line((size / unit) ** -rate, score, weights) for rate in RATES]
    scales, errors = (np.stack(values) for values in zip(*lines, strict=True))
    best = errors.argmin(axis=0)
    return _Curves(scales[best, np.arange(len(best))], RATES[best], unit)


def _line(x: Vector, score: Vector, weights: Vector) -> tuple[Vector, Vector]:
    """Return b and the squared error of the best score = a - b x, a <= 1, b >= 0, by row of weights."""
    one, sum_x, sum_xx = weights.sum(axis=1), weights @ x, weights @ x**2
    sum_y, sum_xy, sum_yy = weights @ score, weights @ (x * score), weights @ score**2
    b = np.maximum(0, (sum_x * sum_y - one * sum_xy) / (one * sum_xx - sum_x**2))
    a = (sum_y + b * sum_x) / one
    b = np.where(a > 1, np.maximum(0, (sum_x - sum_xy) / sum_xx), b)
    a = np.minimum(a, 1)
    error = sum_yy - 2 * a * sum_y + 2 * b * sum_xy + a**2 * one - 2 * a * b * sum_x + b**2 * sum_xx
    return b, error
