"""Making probabilities believable: temperature scaling and isotonic regression, fitted on other folds."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit, log_softmax, logit, softmax
from sklearn.isotonic import IsotonicRegression

from framing.core.errors import FramingError
from framing.evaluation.calibration import Labels, Probabilities, check_probabilities

Method = Literal["temperature", "isotonic"]

FEWEST_TO_LEARN = 10
"""Isotonic regression leaves a frame as it is that fewer sentences of the other folds have, or lack."""

SURE = 1e-6
"""Probabilities nearer to 0 or 1 count as this near where a logit is taken, so that it is finite."""

SHARPEST = 20.0
"""Logits are divided by a temperature from 1/20 to 20."""


def scaled(
    probabilities: Probabilities,
    labelled: Labels,
    folds: Sequence[str],
    method: Method,
    *,
    frames: Sequence[str],
    single_label: bool = False,
) -> tuple[Probabilities, list[str]]:
    """Return scaled probabilities; what scales a fold is fitted on the predictions of the other folds.

    So no label of a fold enters the scaling of its own probabilities. The models that predicted the other
    folds did learn from it, as always in cross-validation; only their predictions are used here.

    `temperature`: the logits of all frames are divided by one number, the likeliest (Guo et al. 2017, "On
    Calibration of Modern Neural Networks", sec. 4.2). Where a sentence may have several frames it keeps the
    order of a fold's sentences and the side of 0.5.
    `isotonic`: by frame, the share of the frame is fitted as a rising step function of the probability
    (Zadrozny & Elkan 2002, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates").
    It can correct more, and needs more labels.

    Args:
        probabilities: shape (n, F), out of fold: every sentence predicted by a fit that did not see it.
        labelled: shape (n, F).
        folds: the fold of every sentence.
        method: `temperature` or `isotonic`.
        frames: the ids of the F frames, for the notices.
        single_label: a sentence has exactly one frame, so that its row sums to 1, and does so afterwards.

    Returns:
        Probabilities, shape (n, F), and notices about what could not be scaled.

    Raises:
        FramingError: fewer than two folds; probabilities that are missing or not within 0..1.
    """
    check_probabilities(labelled, probabilities)
    fold = np.asarray(folds)
    names = np.unique(fold).tolist()
    if len(names) < 2:
        raise FramingError(
            f"found {len(names)} fold(s) to scale probabilities with; expected at least two, because a fold "
            "is scaled by what the others show. Choose a split with more folds, or do not scale."
        )
    result = np.empty_like(probabilities)
    kept: dict[str, int] = {}
    for name in names:
        own = fold == name
        learnt = probabilities[~own], labelled[~own]
        if method == "temperature":
            result[own] = _tempered(
                probabilities[own], temperature(*learnt, single_label=single_label), single_label
            )
            continue
        result[own], unfitted = _isotonic(*learnt, probabilities[own], single_label=single_label)
        for column in unfitted:
            kept[frames[column]] = kept.get(frames[column], 0) + 1
    return result, _kept_notices(kept, len(names))


def temperature(probabilities: Probabilities, labelled: Labels, *, single_label: bool = False) -> float:
    """Return the temperature under which the labels are likeliest, between 1/20 and 20.

    Above 1 the probabilities were too sure, below 1 not sure enough. 1 if nothing can be learned, because
    there is no sentence or every probability says nothing (0.5; for a single label, equal shares).

    Args:
        probabilities: shape (n, F).
        labelled: shape (n, F).
        single_label: a sentence has exactly one frame.
    """
    logits = _logits(probabilities, single_label)
    if not logits.size or (np.ptp(logits) == 0 and (single_label or logits.flat[0] == 0)):
        return 1.0
    signed = np.where(labelled, logits, -logits)

    def surprise(log_sharpness: float) -> float:
        sharpness = np.exp(log_sharpness)
        if single_label:
            return -float(log_softmax(sharpness * logits, axis=1)[labelled].mean())
        return -float(log_expit(sharpness * signed).mean())

    limit = np.log(SHARPEST)
    best = minimize_scalar(surprise, bounds=(-limit, limit), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(-best.x))


def _logits(probabilities: Probabilities, single_label: bool) -> NDArray[np.float64]:
    within = np.clip(probabilities, SURE, 1 - SURE)
    return np.log(within) if single_label else logit(within)


def _tempered(probabilities: Probabilities, degree: float, single_label: bool) -> Probabilities:
    logits = _logits(probabilities, single_label) / degree
    return np.asarray(softmax(logits, axis=1) if single_label else expit(logits))


def _isotonic(
    learnt: Probabilities, labelled: Labels, probabilities: Probabilities, *, single_label: bool
) -> tuple[Probabilities, list[int]]:
    """Return scaled probabilities, and the columns that had too little to learn from and are as they were."""
    result = probabilities.copy()
    holding = labelled.sum(axis=0)
    few = np.minimum(holding, len(labelled) - holding) < FEWEST_TO_LEARN
    for column in np.flatnonzero(~few):
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        steps.fit(learnt[:, column], labelled[:, column])
        result[:, column] = steps.predict(probabilities[:, column])
    if single_label:
        total = result.sum(axis=1, keepdims=True)
        result = np.where(total > 0, result / np.where(total > 0, total, 1), 1 / result.shape[1])
    return result, np.flatnonzero(few).tolist()


def _kept_notices(kept: dict[str, int], folds: int) -> list[str]:
    if not kept:
        return []
    frames = ", ".join(f"{frame} ({times} of {folds} folds)" for frame, times in kept.items())
    return [
        f"Isotonic scaling leaves frames as they are where fewer than {FEWEST_TO_LEARN} sentences of the "
        f"other folds have the frame, or lack it: {frames}."
    ]
