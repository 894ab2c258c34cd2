"""How far probabilities can be believed: Brier score, expected calibration error, reliability curve.

A decision is one frame of one sentence. Probabilities are calibrated if of all decisions with a probability
of 0.7 the frame holds in 70 of 100.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.errors import FramingError
from framing.evaluation.calibration_interval import drawn_groups, error_interval, group_codes

Labels = NDArray[np.bool_]
Probabilities = NDArray[np.float64]
Equal = Literal["mass", "width"]
Kind = TypeVar("Kind", bound=np.generic)

BINS = 10
"""Bins of the calibration error and of the reliability curve; some stay empty where probabilities repeat."""

FEWEST_DECISIONS = 100
"""With fewer decisions, ten a bin, there is no calibration error: it would show little but chance."""

FEWEST_GROUPS = 10
"""With fewer groups, such as articles, there is no interval."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """The labels of n sentences, and where the sentences stand.

    Attributes:
        frames: the ids of the F frames.
        labelled: shape (n, F).
        sources: the source of every sentence.
        groups: what is drawn as a whole for intervals, such as the article of every sentence; articles of
            two sources need two names.
    """

    frames: Sequence[str]
    labelled: Labels
    sources: Sequence[str]
    groups: Sequence[str]


def brier_score(labelled: Labels, probabilities: Probabilities) -> float:
    """Return the mean squared distance of the probabilities from the labels, 0 (best) to 1.

    The half of what Brier (1950, "Verification of forecasts expressed in terms of probability") defines
    over both outcomes of a decision, as is usual.

    Args:
        labelled: any shape with at least one element.
        probabilities: the same shape.
    """
    return float(((probabilities - labelled) ** 2).mean())


def bins_of(probabilities: Probabilities, *, bins: int = BINS, equal: Equal = "mass") -> NDArray[np.intp]:
    """Return the bin of every probability, counted from 0.

    Equal probabilities share a bin, so bins of equal mass are only as equal as that admits.

    Args:
        probabilities: shape (m,), at least one.
        bins: how many.
        equal: `mass`, every bin holds as many decisions; or `width`, every bin is as wide.
    """
    inner = np.arange(1, bins) / bins
    edges = np.quantile(probabilities, inner) if equal == "mass" else inner
    return np.searchsorted(edges, probabilities, side="right")


def calibration_error(
    labelled: Labels, probabilities: Probabilities, *, bins: int = BINS, equal: Equal = "mass"
) -> float:
    """Return the expected calibration error (ECE), 0..1.

    The mean over bins of |mean probability - share of decisions that hold|, weighted by the decisions of
    the bin (Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3; there over bins of equal
    width and for the likeliest class, here for every decision).

    It is biased upwards: in a bin of few decisions the share differs from the probability by chance, so
    that even perfectly calibrated probabilities have an error above 0, the more so the fewer the decisions
    (Kumar, Liang & Ma 2019, "Verified Uncertainty Calibration"). Only errors of about equally many decisions
    can be compared. And where most decisions are easy, as over all frames together, it is small.

    Args:
        labelled: shape (m,), at least one.
        probabilities: shape (m,).
        bins: how many.
        equal: see `bins_of`.
    """
    bin_ = bins_of(probabilities, bins=bins, equal=equal)
    return float(np.abs(np.bincount(bin_, probabilities - labelled)).sum() / len(probabilities))


def calibration_table(
    decisions: Decisions,
    scalings: Mapping[str, Probabilities],
    *,
    draws: int,
    seed: int,
    equal: Equal = "mass",
) -> pl.DataFrame:
    """Return Brier score and calibration error of all decisions, of every frame and of every source.

    Args:
        decisions: n sentences.
        scalings: probabilities of shape (n, F) by how they were scaled: none, temperature, isotonic.
        draws: bootstrap draws of whole groups for the interval, 0 for none.
        seed: of the draws.
        equal: bins of equal mass or of equal width (`bins_of`).

    Returns:
        `by` (all, frame, source), `part`, `scaling`, `decisions`, `brier` (null without decisions), `ece`
        (null below `FEWEST_DECISIONS`), and the 95% interval of the latter, `low` and `high` (null below
        `FEWEST_GROUPS`; `error_interval` says how). Frames stand in their own order, sources in the order
        of their names.

    Raises:
        FramingError: probabilities that are missing or not within 0..1, or shapes that do not fit.
    """
    for probabilities in scalings.values():
        check_probabilities(decisions.labelled, probabilities)
    generator = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for sentences, parts in _parts(decisions):
        groups = group_codes([decisions.groups[row] for row in sentences.tolist()])
        drawable = draws > 0 and len(np.unique(groups)) >= FEWEST_GROUPS
        times = drawn_groups(int(groups.max()) + 1, draws, generator) if drawable else None
        for part in parts:
            labelled = part.of(decisions.labelled)
            group = np.repeat(groups, len(part.columns))
            for scaling, probabilities in scalings.items():
                rows.append(
                    {
                        **part.named(scaling),
                        **_scores(labelled, part.of(probabilities), equal),
                        **_ends(labelled, part.of(probabilities), equal, group, times),
                    }
                )
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(["brier", "ece", "low", "high"], pl.Float64))


def reliability_table(
    decisions: Decisions, scalings: Mapping[str, Probabilities], *, equal: Equal = "mass"
) -> pl.DataFrame:
    """Return the reliability curve of all decisions, of every frame and of every source.

    Args:
        decisions: n sentences.
        scalings: probabilities of shape (n, F) by how they were scaled.
        equal: bins of equal mass or of equal width (`bins_of`).

    Returns:
        `by`, `part`, `scaling`, `bin` (from 1; empty ones are left out), `decisions`, `probability` (their
        mean) and `share` (of the decisions that hold). Parts with fewer than `FEWEST_DECISIONS` have no
        curve; the calibration table says how many they have.

    Raises:
        FramingError: as for `calibration_table`.
    """
    for probabilities in scalings.values():
        check_probabilities(decisions.labelled, probabilities)
    rows = [
        {**part.named(scaling), **row}
        for _, parts in _parts(decisions)
        for part in parts
        for scaling, probabilities in scalings.items()
        for row in _curve(part.of(decisions.labelled), part.of(probabilities), equal)
    ]
    return pl.DataFrame(rows)


def check_probabilities(labelled: Labels, probabilities: Probabilities) -> None:
    """Check that there is a probability, from 0 to 1, for every label.

    Raises:
        FramingError: shapes that do not fit, and probabilities that are missing (NaN) or not within 0..1.
    """
    if labelled.shape != probabilities.shape:
        raise FramingError(
            f"found probabilities of shape {probabilities.shape} for labels of shape {labelled.shape}; "
            "expected one for every sentence and frame. Give predictions of the same sentences and frames as "
            "the labels."
        )
    wrong = np.argwhere(~((probabilities >= 0) & (probabilities <= 1)))
    if len(wrong):
        sentence, frame = wrong[0].tolist()
        raise FramingError(
            f"found {len(wrong)} probabilities that are missing or not within 0 and 1, the first in sentence "
            f"{sentence + 1}, frame {frame + 1} ({probabilities[sentence, frame]}); expected numbers from 0 "
            "to 1. Correct the predictions."
        )


@dataclass(frozen=True, eq=False)
class _Part:
    """Decisions that are looked at together."""

    by: str
    name: str
    sentences: NDArray[np.intp]
    columns: NDArray[np.intp]

    def of(self, matrix: NDArray[Kind]) -> NDArray[Kind]:
        return matrix[np.ix_(self.sentences, self.columns)].ravel()

    def named(self, scaling: str) -> dict[str, str]:
        return {"by": self.by, "part": self.name, "scaling": scaling}


def _parts(decisions: Decisions) -> Iterator[tuple[NDArray[np.intp], list[_Part]]]:
    """Yield sentences, and the parts that are made of just these: of all sentences, then of every source."""
    sentences, columns = (np.arange(size) for size in decisions.labelled.shape)
    by_frame = [
        _Part("frame", frame, sentences, columns[number : number + 1])
        for number, frame in enumerate(decisions.frames)
    ]
    yield sentences, [_Part("all", "all", sentences, columns), *by_frame]
    source = np.asarray(decisions.sources)
    for name in np.unique(source).tolist():
        own = np.flatnonzero(source == name)
        yield own, [_Part("source", name, own, columns)]


def _scores(labelled: Labels, probabilities: Probabilities, equal: Equal) -> dict[str, float | None]:
    enough = len(labelled) >= FEWEST_DECISIONS
    return {
        "decisions": len(labelled),
        "brier": brier_score(labelled, probabilities) if len(labelled) else None,
        "ece": calibration_error(labelled, probabilities, equal=equal) if enough else None,
    }


def _ends(
    labelled: Labels,
    probabilities: Probabilities,
    equal: Equal,
    groups: NDArray[np.intp],
    times: NDArray[np.float32] | None,
) -> dict[str, float | None]:
    if times is None or len(labelled) < FEWEST_DECISIONS:
        return {"low": None, "high": None}
    bins = bins_of(probabilities, equal=equal)
    low, high = error_interval(probabilities - labelled, bins, groups, times)
    return {"low": low, "high": high}


def _curve(labelled: Labels, probabilities: Probabilities, equal: Equal) -> list[dict[str, float]]:
    if len(labelled) < FEWEST_DECISIONS:
        return []
    bins = bins_of(probabilities, equal=equal)
    decisions = np.bincount(bins)
    probability, holding = np.bincount(bins, probabilities), np.bincount(bins, labelled)
    return [
        {
            "bin": number + 1,
            "decisions": int(decisions[number]),
            "probability": float(probability[number] / decisions[number]),
            "share": float(holding[number] / decisions[number]),
        }
        for number in np.flatnonzero(decisions).tolist()
    ]
