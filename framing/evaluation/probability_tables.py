"""What the probabilities of predictions add to their labels: are they right, and does being sure help?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.evaluation.calibration import Decisions, calibration_table, reliability_table
from framing.evaluation.coverage import confidence, coverage_table
from framing.evaluation.label_quality import label_issues
from framing.evaluation.scaling import Method, scaled

SCALINGS: tuple[Method, ...] = ("temperature", "isotonic")

PARTS = 5
"""Parts of whole articles on which probabilities are scaled when predictions have no folds."""


@dataclass(frozen=True, eq=False)
class OfProbabilities:
    """Tables that need probabilities, as `Findings` describes them, and what must be said."""

    calibration: pl.DataFrame = field(default_factory=pl.DataFrame)
    reliability: pl.DataFrame = field(default_factory=pl.DataFrame)
    coverage: pl.DataFrame = field(default_factory=pl.DataFrame)
    label_issues: pl.DataFrame = field(default_factory=pl.DataFrame)
    notices: tuple[str, ...] = ()


LABELS_ONLY = OfProbabilities(
    notices=("There are labels only, no probabilities: calibration and doubtful labels cannot be judged.",)
)


def of_probabilities(
    corpus: Corpus,
    predicted: NDArray[np.bool_],
    probabilities: NDArray[np.float64] | None,
    articles: Sequence[str],
    folds: Sequence[str],
    thresholds: float | NDArray[np.float64],
    *,
    draws: int,
    seed: int,
) -> OfProbabilities:
    """Judge probabilities.

    Args:
        corpus: n labelled sentences.
        predicted: shape (n, number of frames).
        probabilities: the same shape; None when only labels are known.
        articles: the article of every sentence, by a name that no article of another source has.
        folds: in which each was predicted; none for predictions without folds.
        thresholds: from which probability on a frame is predicted.
        draws: of the bootstrap.
        seed: of the draws.
    """
    if probabilities is None:
        return LABELS_ONLY
    decisions = Decisions(
        corpus.codebook.frame_ids, corpus.frames, corpus.sentences["source"].to_list(), articles
    )
    parts = list(folds) if len(set(folds)) > 1 else _article_parts(articles)
    scalings, notices = _scalings(corpus, probabilities, parts)
    single = corpus.codebook.single_label
    issues, said = label_issues(
        corpus.sentences["id"].to_list(), corpus.codebook.frame_ids, corpus.frames, probabilities,
        single_label=single,
    )  # fmt: skip
    coverage, unknown = _coverage(corpus, predicted, probabilities, thresholds)
    return OfProbabilities(
        calibration=calibration_table(decisions, scalings, draws=draws, seed=seed),
        reliability=reliability_table(decisions, scalings),
        coverage=coverage,
        label_issues=issues,
        notices=(*notices, *said, *unknown),
    )


def _coverage(
    corpus: Corpus,
    predicted: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    thresholds: float | NDArray[np.float64],
) -> tuple[pl.DataFrame, list[str]]:
    """Return risk against coverage; nothing where labels were not made with these thresholds."""
    single = corpus.codebook.single_label
    if not single and not np.array_equal(predicted, probabilities >= thresholds):
        return pl.DataFrame(), [
            "The predicted labels are not those from a probability of 0.5 on, and their thresholds are not "
            "known here: how sure the model is of a sentence (risk against coverage) cannot be judged."
        ]
    sure = confidence(probabilities, thresholds, single_label=single)
    return coverage_table(corpus.frames, predicted, sure), []


def _scalings(
    corpus: Corpus, probabilities: NDArray[np.float64], parts: list[str]
) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Return the probabilities by how they were scaled, unscaled first."""
    scalings, notices = {"none": probabilities}, list[str]()
    if len(set(parts)) < 2:
        return scalings, ["There is one article, so probabilities cannot be scaled on others."]
    for method in SCALINGS:
        scalings[method], said = scaled(
            probabilities, corpus.frames, parts, method,
            frames=corpus.codebook.frame_ids, single_label=corpus.codebook.single_label,
        )  # fmt: skip
        notices += said
    return scalings, notices


def _article_parts(articles: Sequence[str]) -> list[str]:
    """Return the part of every sentence, of whole articles, for predictions that have no folds."""
    part = {article: str(number % PARTS) for number, article in enumerate(sorted(set(articles)))}
    return [part[article] for article in articles]
