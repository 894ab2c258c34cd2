"""Whether a model is better than another on the same sentences, and how far scores differ between seeds.

Macro F1 is compared by a paired cluster bootstrap: both models are scored on the same draws, so what makes
a draw easy or hard for both falls out of their difference. Under the null hypothesis the difference is 0,
and it varies by the standard error that the draws have. Its p is therefore two-sided from Student's t of
difference / standard error, with the degrees of freedom of the interval: p is below 0.05 exactly where the
interval leaves 0 out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import binomtest, t

from framing.core.errors import FramingError
from framing.evaluation.intervals import (
    Labels,
    Resampling,
    Vector,
    critical,
    effective_groups,
    interval,
    macro_f1_draws,
    sizes,
    standard_error,
)
from framing.evaluation.scores import summary

POWER = 0.8
"""How likely the smallest detectable difference is to be found."""


def comparison_table(
    labelled: Labels, predicted: Mapping[str, Labels], resampling: Resampling
) -> pl.DataFrame:
    """Compare the first model with each of the others.

    Args:
        labelled: shape (n, F).
        predicted: the predictions of every model by its name, each of shape (n, F); the evaluated
            model first.
        resampling: of the n sentences, in groups.

    Returns:
        One row a model compared with; no rows and no columns when there is none. `model`, `other`;
        `difference` (macro F1 of the model less that of the other), `low`, `high`, `p`, `p_holm`;
        `only_model`, `only_other` (sentences that only one has exactly right), `mcnemar_p` and
        `mcnemar_p_holm`, which take sentences as independent although those of an article are not, and
        are then too small; `detectable`: the difference that would be found 80 times in 100 with as much
        data, from the standard error of this difference. Of bootstrap columns, all but `difference` are
        null with fewer than `FEWEST_GROUPS` groups.
    """
    names = list(predicted)
    if len(names) < 2:
        return pl.DataFrame()
    model, others = names[0], names[1:]
    draws = macro_f1_draws(labelled, predicted[model], resampling)
    rows = []
    for other in others:
        apart = draws - macro_f1_draws(labelled, predicted[other], resampling)
        difference = _macro_f1(labelled, predicted[model]) - _macro_f1(labelled, predicted[other])
        bootstrap = _bootstrap(difference, apart, sizes(resampling))
        exact = _mcnemar(_right(labelled, predicted[model]), _right(labelled, predicted[other]))
        rows.append({"model": model, "other": other, "difference": difference, **bootstrap, **exact})
    table = pl.DataFrame(rows, schema_overrides=dict.fromkeys(BOOTSTRAP, pl.Float64))
    return table.with_columns(
        pl.Series("p_holm", holm(table["p"].to_list()), dtype=pl.Float64),
        pl.Series("mcnemar_p_holm", holm(table["mcnemar_p"].to_list()), dtype=pl.Float64),
    ).select(COLUMNS)


BOOTSTRAP = ("low", "high", "p", "detectable")
COLUMNS = (
    "model", "other", "difference", "low", "high", "p", "p_holm",
    "only_model", "only_other", "mcnemar_p", "mcnemar_p_holm", "detectable",
)  # fmt: skip


def _macro_f1(labelled: Labels, predicted: Labels) -> float:
    return summary(labelled, predicted)["macro_f1"]


def _right(labelled: Labels, predicted: Labels) -> Labels:
    return np.asarray((labelled == predicted).all(axis=1))


def _bootstrap(difference: float, draws: Vector, group_sizes: NDArray[np.generic]) -> dict[str, float | None]:
    low, high = interval(draws, difference, group_sizes, within=(-1.0, 1.0))
    error = standard_error(draws, group_sizes)
    if error is None:
        return dict.fromkeys(BOOTSTRAP)
    reach = critical(group_sizes) + critical(group_sizes, POWER)
    return {
        "low": low,
        "high": high,
        "p": _p(difference, error, effective_groups(group_sizes) - 1, len(draws)),
        # Models that never differ say nothing about the difference that could be found.
        "detectable": reach * error if error else None,
    }


def _p(difference: float, error: float, freedom: float, draws: int) -> float:
    """Return the two-sided p; never below 1 / (draws + 1), which is all that so many draws can show."""
    if difference == 0:
        return 1.0
    p = 2 * float(t.sf(abs(difference) / error, freedom)) if error else 0.0
    return max(p, 1 / (draws + 1))


def _mcnemar(right: Labels, other_right: Labels) -> dict[str, float]:
    """Return the exact test of McNemar (1947): the sentences that one has right are split by a fair coin."""
    only_model, only_other = int((right & ~other_right).sum()), int((other_right & ~right).sum())
    decided = only_model + only_other
    p = float(binomtest(only_model, decided).pvalue) if decided else 1.0
    return {"only_model": only_model, "only_other": only_other, "mcnemar_p": p}


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Return p values corrected for how many there are (Holm 1979, "A simple sequentially rejective
    multiple test procedure"). What is None stays so and does not count.
    """
    known = sorted((value, place) for place, value in enumerate(p) if value is not None)
    corrected: list[float | None] = [None] * len(p)
    highest = 0.0
    for rank, (value, place) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * value))
        corrected[place] = highest
    return corrected


@dataclass(frozen=True)
class Spread:
    """How far scores of runs that differ in their seed alone lie apart.

    Attributes:
        n: number of scores.
        mean: of the scores.
        standard_deviation: of one score (divisor n - 1), None with one score.
        low: lower end of the 95% t-interval of the mean, None with one score.
        high: its upper end.
    """

    n: int
    mean: float
    standard_deviation: float | None
    low: float | None
    high: float | None


def spread(scores: Sequence[float]) -> Spread:
    """Return mean, standard deviation and t-interval of the scores of several seeds.

    The interval is about what another seed would do on the same sentences. What other sentences would do
    is not in it: that is what the bootstrap is for.

    Args:
        scores: one for every seed.

    Raises:
        FramingError: there are no scores, or one is not a number.
    """
    values = np.asarray(scores, dtype=np.float64)
    if not len(values) or not np.isfinite(values).all():
        found = f"{int((~np.isfinite(values)).sum())} that are not numbers" if len(values) else "none"
        raise FramingError(f"Spread over seeds: of the scores found {found}; expected one number a seed.")
    mean = float(values.mean())
    if len(values) == 1:
        return Spread(1, mean, None, None, None)
    deviation = float(values.std(ddof=1))
    half = float(t.ppf(0.975, len(values) - 1)) * deviation / len(values) ** 0.5
    return Spread(len(values), mean, deviation, mean - half, mean + half)
