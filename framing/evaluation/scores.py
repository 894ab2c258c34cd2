"""How good predicted labels are: arrays in, tables out."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from framing.core.corpus import NO_VOICE

Labels = NDArray[np.bool_]
Vector = NDArray[np.float64]


def precision_recall_f1(gold: Labels, predicted: Labels) -> tuple[Vector, Vector, Vector]:
    """Return precision, recall and F1 of every column, 0 where one would divide by zero.

    Args:
        gold: shape (n, F), the labels.
        predicted: shape (n, F).
    """
    right = (gold & predicted).sum(axis=0)
    labelled, given = gold.sum(axis=0), predicted.sum(axis=0)
    return _ratio(right, given), _ratio(right, labelled), _ratio(2 * right, labelled + given)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Vector:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def frame_table(
    frames: Sequence[str], gold: Labels, predicted: Labels, probabilities: NDArray[np.float64]
) -> pl.DataFrame:
    """Score every frame.

    Args:
        frames: the ids of the F frames.
        gold: shape (n, F), the labels.
        predicted: shape (n, F).
        probabilities: shape (n, F), for average precision.

    Returns:
        One row a frame: `frame`, `precision`, `recall`, `f1`, `average_precision`, `support` (sentences
        that have the frame) and `predicted` (sentences that were given it). A score is 0 when it would
        divide by zero, and null when the frame has no support.
    """
    precision, recall, f1 = precision_recall_f1(gold, predicted)
    support = gold.sum(axis=0)
    average_precision = [
        average_precision_score(gold[:, column], probabilities[:, column]) if support[column] else 0.0
        for column in range(len(frames))
    ]
    table = pl.DataFrame(
        {
            "frame": list(frames),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "average_precision": average_precision,
            "support": support.astype(int),
            "predicted": predicted.sum(axis=0).astype(int),
        }
    )
    scores = ["precision", "recall", "f1", "average_precision"]
    return table.with_columns(pl.when(pl.col("support") > 0).then(pl.col(scores)))


def summary(gold: Labels, predicted: Labels) -> dict[str, float]:
    """Score all frames together.

    Args:
        gold: shape (n, F).
        predicted: shape (n, F).

    Returns:
        `macro_f1` (mean F1 of the frames that have support), `micro_f1` (F1 of all n x F decisions) and
        `exact_match` (share of sentences with exactly the right frames).
    """
    f1 = precision_recall_f1(gold, predicted)[2]
    micro = precision_recall_f1(gold.reshape(-1, 1), predicted.reshape(-1, 1))[2]
    supported = gold.any(axis=0)
    return {
        "macro_f1": float(f1[supported].mean()) if supported.any() else 0.0,
        "micro_f1": float(micro[0]),
        "exact_match": float((gold == predicted).all(axis=1).mean()),
    }


def voice_table(voices: Sequence[str], gold: NDArray[np.int8], predicted: NDArray[np.int8]) -> pl.DataFrame:
    """Score every voice on the sentences that have one, whatever frames were predicted.

    Args:
        voices: the ids of the voices.
        gold: shape (n,), codes.
        predicted: shape (n,), codes.

    Returns:
        One row a voice: `voice`, `precision`, `recall`, `f1`, `support`, `predicted`.
    """
    has_voice = gold != NO_VOICE
    codes = np.arange(len(voices))
    is_gold = gold[has_voice, np.newaxis] == codes
    is_predicted = predicted[has_voice, np.newaxis] == codes
    precision, recall, f1 = precision_recall_f1(is_gold, is_predicted)
    return pl.DataFrame(
        {
            "voice": pl.Series(voices, dtype=pl.String),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "support": is_gold.sum(axis=0),
            "predicted": is_predicted.sum(axis=0),
        }
    )


def voice_macro_f1(table: pl.DataFrame) -> float:
    """Return the mean F1 of the voices that have support in a `voice_table`, 0 when none has."""
    supported = table.filter(pl.col("support") > 0)
    return float(supported["f1"].to_numpy().mean()) if supported.height else 0.0
