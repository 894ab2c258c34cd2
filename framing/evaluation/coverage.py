"""What a model gains by abstaining: the surest sentences are decided, the others are left to people."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.calibration import Probabilities

Labels = NDArray[np.bool_]
Vector = NDArray[np.float64]

POINTS = 100
"""Most rows of a coverage table."""


def confidence(
    probabilities: Probabilities, thresholds: float | NDArray[np.float64], *, single_label: bool = False
) -> Vector:
    """Return how sure every sentence is: as sure as the least sure of its frame decisions, 0..1, shape (n,).

    A decision is the surer the further its probability p lies from its threshold t, as a share of the way
    that there is: (p - t) / (1 - t) above and (t - p) / t below. With t = 0.5 that is 2 |p - 0.5|. Without
    the share, a frame with a low threshold would be unsure wherever it is not predicted. With a single label
    it is the likeliest frame's probability less the next one's.

    Args:
        probabilities: shape (n, F), F at least 2 for a single label.
        thresholds: one number, one a frame, or one for every sentence and frame; unused for a single label.
        single_label: a sentence has exactly one frame.
    """
    if single_label:
        ordered = np.sort(probabilities, axis=1)
        return np.asarray(ordered[:, -1] - ordered[:, -2])
    threshold = np.clip(np.broadcast_to(thresholds, probabilities.shape), 0, 1)
    distance = np.abs(probabilities - threshold)
    way = np.where(probabilities >= threshold, 1 - threshold, threshold)
    share = np.divide(distance, way, out=np.zeros_like(distance), where=way > 0)
    return np.asarray(share.min(axis=1))


def coverage_table(labelled: Labels, predicted: Labels, sureness: Vector) -> pl.DataFrame:
    """Return what is wrong among the sentences that are decided on, the surest first.

    Sentences that are equally sure are decided on together. There are at most `POINTS` rows, about equally
    far apart; the last one decides on every sentence.

    Args:
        labelled: shape (n, F).
        predicted: shape (n, F).
        sureness: shape (n,), see `confidence`.

    Returns:
        `coverage` (share of sentences decided on), `risk` (share of those whose frames are not exactly
        right) and `macro_f1` (of those; over the frames they have, null if they have none). No rows without
        sentences.
    """
    if len(labelled) == 0:
        return pl.DataFrame()
    order, ends = _surest_first(sureness)
    wanted = np.ceil(np.arange(1, POINTS + 1) / POINTS * len(order)).astype(int) - 1
    shown = np.unique(ends[np.searchsorted(ends, wanted)])
    decided = shown + 1
    wrong = (labelled != predicted).any(axis=1)[order].cumsum()[shown]
    right, have, given = (
        matrix[order].cumsum(axis=0)[shown] for matrix in (labelled & predicted, labelled, predicted)
    )
    f1 = np.divide(2 * right, have + given, out=np.zeros(have.shape), where=have + given > 0)
    frames = (have > 0).sum(axis=1)
    macro_f1 = [
        float(scores[own].mean()) if number else None
        for scores, own, number in zip(f1, have > 0, frames, strict=True)
    ]
    return pl.DataFrame(
        {
            "coverage": decided / len(order),
            "risk": wrong / decided,
            "macro_f1": pl.Series(macro_f1, dtype=pl.Float64),
        }
    )


def area_under_risk_coverage(labelled: Labels, predicted: Labels, sureness: Vector) -> float | None:
    """Return the mean risk over all coverages 1/n, 2/n, ..., 1: 0 if nothing is wrong, lower is better.

    The area under the risk-coverage curve (AURC) of Geifman, Uziel & El-Yaniv 2019, "Bias-Reduced
    Uncertainty Estimation for Deep Neural Classifiers". Equally sure sentences count as if each order of
    them were as likely. A model whose sureness says nothing has the share of wrong sentences as its area.

    Args:
        labelled: shape (n, F).
        predicted: shape (n, F).
        sureness: shape (n,), see `confidence`.

    Returns:
        The area, None without sentences.
    """
    if len(labelled) == 0:
        return None
    order, ends = _surest_first(sureness)
    wrong = (labelled != predicted).any(axis=1)[order].cumsum()
    decided = np.arange(1, len(order) + 1)
    expected = np.interp(decided, np.append(0, ends + 1), np.append(0, wrong[ends]))
    return float((expected / decided).mean())


def _surest_first(sureness: Vector) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the order of the sentences, and where in it each run of equally sure ones ends."""
    order = np.argsort(-sureness, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(sureness[order]) < 0), len(order) - 1)
    return order, ends
