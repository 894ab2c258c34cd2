"""Sentences whose label is probably wrong, by cleanlab.

Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels": a label is
doubted if the model is as sure of the other answer as it usually is where that is the labelled one.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.calibration import Labels, Probabilities, check_probabilities

FEWEST_TO_DOUBT = 5
"""Labels of a frame are not doubted if fewer sentences than this have it, or lack it."""


def label_issues(
    ids: Sequence[str],
    frames: Sequence[str],
    labelled: Labels,
    probabilities: Probabilities,
    *,
    single_label: bool = False,
) -> tuple[pl.DataFrame, list[str]]:
    """Return the labels that are probably wrong, the likeliest first.

    Not all mistakes are found: of those planted in tests/test_label_quality.py about half. And the less sure
    the model, the more right labels are doubted. A doubted label is one to look at, not to change unseen.

    Args:
        ids: of the n sentences.
        frames: the ids of the F frames.
        labelled: shape (n, F).
        probabilities: shape (n, F), out of sample only: a model that learned a label does not doubt it.
        single_label: a sentence has exactly one frame; then that one is doubted.

    Returns:
        `id`, `frame` (which is doubted), `labelled` (whether the sentence has it), `probability` (that it
        does), `quality` (cleanlab's self-confidence, the probability of the label as it is; 0 worst).
        Equally good ones in the order of their ids. No rows if nothing is doubted. And notices: which frames
        are not looked at.

    Raises:
        FramingError: probabilities that are missing or not within 0..1, or shapes that do not fit.
    """
    check_probabilities(labelled, probabilities)
    holding = labelled.sum(axis=0)
    lacking = len(labelled) - holding
    enough = np.minimum(holding, lacking) >= FEWEST_TO_DOUBT
    notices = _few_notices(frames, holding, lacking, enough)
    columns = np.flatnonzero(enough)
    if not len(columns):
        return pl.DataFrame(), notices
    find = _doubted_single if single_label else _doubted
    doubted, quality = find(labelled, probabilities, columns)
    rows, places = np.nonzero(doubted)
    found = columns[places]
    table = pl.DataFrame(
        {
            "id": [ids[row] for row in rows.tolist()],
            "frame": [frames[column] for column in found.tolist()],
            "labelled": labelled[rows, found],
            "probability": probabilities[rows, found],
            "quality": quality[rows, places],
        },
        schema_overrides={"id": pl.String, "frame": pl.String},
    )
    return table.sort("quality", "id", "frame") if table.height else pl.DataFrame(), notices


def _doubted(
    labelled: Labels, probabilities: Probabilities, columns: NDArray[np.intp]
) -> tuple[Labels, Probabilities]:
    """Return which labels of these columns are doubted and how good each is, both (n, columns)."""
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
    from cleanlab.rank import get_label_quality_scores

    answers = [np.flatnonzero(row).tolist() for row in labelled[:, columns]]
    doubted = find_multilabel_issues_per_class(answers, probabilities[:, columns], n_jobs=1)
    quality = [
        get_label_quality_scores(
            labelled[:, column].astype(int),
            np.column_stack([1 - probabilities[:, column], probabilities[:, column]]),
        )
        for column in columns
    ]
    return np.asarray(doubted), np.column_stack(quality)


def _doubted_single(
    labelled: Labels, probabilities: Probabilities, columns: NDArray[np.intp]
) -> tuple[Labels, Probabilities]:
    """Return the same where a sentence has one frame: only the labelled one is doubted."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    frame = labelled.argmax(axis=1)
    doubted = find_label_issues(frame, probabilities, n_jobs=1)
    quality = get_label_quality_scores(frame, probabilities)
    return doubted[:, np.newaxis] & labelled[:, columns], np.repeat(
        quality[:, np.newaxis], len(columns), axis=1
    )


def _few_notices(
    frames: Sequence[str], holding: NDArray[np.int64], lacking: NDArray[np.int64], enough: NDArray[np.bool_]
) -> list[str]:
    if enough.all():
        return []
    named = ", ".join(
        f"{frames[column]} ({holding[column]} have it, {lacking[column]} lack it)"
        for column in np.flatnonzero(~enough).tolist()
    )
    return [
        f"Labels are not checked for mistakes where fewer than {FEWEST_TO_DOUBT} sentences have the frame, "
        f"or lack it: {named}."
    ]
