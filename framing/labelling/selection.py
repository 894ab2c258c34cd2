"""Which sentences to label next: those that a model is unsure of, rare frames first, no two alike.

Uncertainty sampling (Lewis and Gale 1994) by frame, weighed by how rare the model thinks the frame is;
then greedily one sentence after the other, each discounted by its likeness to those already chosen, so
that near-duplicates of one report are not all labelled.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NAMED = 2
"""How many frames a reason names."""
LEAST = 1e-12


@dataclass(frozen=True)
class SelectionSettings:
    """How sentences are chosen.

    Attributes:
        count: how many; all of them if there are fewer.
        margin: measure doubt by the margin, otherwise by the entropy.
        rare: power of a frame's rarity; 0 weighs all frames alike.
        diversity: power of the unlikeness to sentences already chosen; 0 switches it off.
    """

    count: int
    margin: bool
    rare: float
    diversity: float


def frame_doubt(probabilities: Floats, *, single_label: bool, margin: bool) -> Floats:
    """Return how unsure a model is about every frame of every sentence.

    Args:
        probabilities: shape (n, number of frames).
        single_label: a sentence has exactly one frame, so that its row sums to 1.
        margin: measure by the margin between yes and no (or between the two likeliest frames),
            otherwise by the entropy.

    Returns:
        Shape (n, number of frames), 0 where sure. With many labels every value is at most 1; with a
        single label every row sums to at most 1.
    """
    if single_label:
        return (
            _margin_between(probabilities)
            if margin
            else _entropy(probabilities) / np.log2(probabilities.shape[1])
        )
    if margin:
        return np.asarray(1 - np.abs(2 * probabilities - 1))
    return _entropy(probabilities) + _entropy(1 - probabilities)


def frame_weights(probabilities: Floats, rare: float) -> Floats:
    """Return a weight for every frame, the higher the rarer the model thinks it is; their mean is 1."""
    share = (probabilities.sum(axis=0) + 1) / (len(probabilities) + 2)
    weights = share**-rare
    return np.asarray(weights / weights.mean())


def choose(
    texts: Sequence[str],
    probabilities: Floats,
    frames: Sequence[str],
    settings: SelectionSettings,
    *,
    single_label: bool,
    advance: Callable[[], None],
) -> pl.DataFrame:
    """Choose sentences one after the other.

    Args:
        texts: n sentences.
        probabilities: of a model, shape (n, number of frames).
        frames: ids of the frames.
        settings: how they are chosen.
        single_label: a sentence has exactly one frame.
        advance: called after every choice, for a progress bar.

    Returns:
        One row a choice, the best first: `row` (index into `texts`), `uncertainty` (weighted mean over
        the frames), `likeness` (cosine of TF-IDF to the nearest sentence chosen before; 0 for the
        first) and `reason`. Equal sentences are taken in the order of `texts`.
    """
    doubt = frame_doubt(probabilities, single_label=single_label, margin=settings.margin)
    weights = frame_weights(probabilities, settings.rare)
    weighted = doubt * weights
    uncertainty = weighted.sum(axis=1) if single_label else weighted.mean(axis=1)
    rows = []
    for row, likeness in _greedy(texts, uncertainty, settings, advance):
        named = np.argsort(-weighted[row], kind="stable")[:NAMED]
        told = [_told(frames[column], probabilities[row, column], weights[column]) for column in named]
        reason = f"unsure about {' and '.join(told)}; likeness to sentences chosen before {likeness:.2f}"
        rows.append((row, float(uncertainty[row]), likeness, reason))
    schema = {"row": pl.Int64, "uncertainty": pl.Float64, "likeness": pl.Float64, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _greedy(
    texts: Sequence[str], uncertainty: Floats, settings: SelectionSettings, advance: Callable[[], None]
) -> list[tuple[int, float]]:
    """Return the chosen rows and how like each was to those before it."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True)  # noqa: S106 - no password
    vectors = vectorizer.fit_transform(texts)
    likeness = np.zeros(len(texts))
    left = np.ones(len(texts), dtype=np.bool_)
    chosen: list[tuple[int, float]] = []
    for _ in range(min(settings.count, len(texts))):
        # LEAST keeps sentences in order of their doubt when all that is left is alike or sure.
        score = (uncertainty + LEAST) * ((1 - likeness) ** settings.diversity + LEAST)
        row = int(np.argmax(np.where(left, score, -1)))
        chosen.append((row, float(likeness[row])))
        left[row] = False
        nearness = np.asarray((vectors @ vectors[row].T).todense()).ravel()
        likeness = np.clip(np.maximum(likeness, nearness), 0, 1)
        advance()
    return chosen


def _entropy(probabilities: Floats) -> Floats:
    """Return -p log2 p, 0 for p = 0."""
    return np.asarray(-probabilities * np.log2(np.where(probabilities > 0, probabilities, 1)))


def _margin_between(probabilities: Floats) -> Floats:
    """Return 1 minus the margin of the two likeliest frames, half of it at each of the two."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    rows = np.arange(len(probabilities))
    margin = probabilities[rows, order[:, 0]] - probabilities[rows, order[:, 1]]
    doubt = np.zeros_like(probabilities)
    for column in (0, 1):
        doubt[rows, order[:, column]] = (1 - margin) / 2
    return doubt


def _told(frame: str, probability: float, weight: float) -> str:
    rarity = ", a rare frame" if weight > 1 else ""
    return f"{frame} (p {probability:.2f}{rarity})"
