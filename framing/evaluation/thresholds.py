"""From which probability on a frame counts as predicted."""

import numpy as np
from numpy.typing import NDArray


def best_thresholds(
    frames: NDArray[np.bool_], probabilities: NDArray[np.float64], *, default: float
) -> NDArray[np.float64]:
    """Return the threshold of the highest F1, by frame, shape (number of frames,).

    A threshold lies halfway between two neighbouring probabilities. Of equally good ones the nearest to
    the default is taken; a frame that no sentence has, or whose probability is the same everywhere,
    keeps the default.

    The highest F1 of a sample is too good for others (Lipton, Elkan & Naryanaswamy 2014, "Optimal
    thresholding of classifiers to maximize F1 measure"), so the sentences given here must be others than
    those that are scored.

    Args:
        frames: shape (n, number of frames).
        probabilities: the same shape.
        default: for frames of which nothing can be learned here.
    """
    columns = [
        _best(frames[:, column], probabilities[:, column], default) for column in range(frames.shape[1])
    ]
    return np.array(columns)


def _best(labels: NDArray[np.bool_], probabilities: NDArray[np.float64], default: float) -> float:
    if not labels.any() or np.ptp(probabilities) == 0:  # nothing to tell sentences apart by
        return default
    order = np.argsort(-probabilities, kind="stable")
    sorted_probabilities = probabilities[order]
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(labels) + 1) + labels.sum())
    # A threshold can only lie where the probability changes.
    ends = np.append(np.flatnonzero(np.diff(sorted_probabilities) < 0), len(labels) - 1)
    below = np.append(sorted_probabilities, 0.0)[ends + 1]
    candidates = (sorted_probabilities[ends] + below) / 2
    good = candidates[f1[ends] >= f1[ends].max() - 1e-12]
    return float(good[np.abs(good - default).argmin()])
