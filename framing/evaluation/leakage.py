"""What could explain a score without framing: the name of the source, and what gives it away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

Vector = NDArray[np.float64]

WORD = r"\w+"

RARE = 1000
"""From so many sentences on, what stands in one sentence only is left out: it tells nothing about others."""

LARGEST_PROBE = 20_000
"""Sentences that the source probe looks at; of more, so many are drawn."""


@dataclass(frozen=True)
class SourceProbe:
    """How well the source of a sentence can be told from its words.

    Attributes:
        accuracy: share of sentences whose source is told, out of fold.
        majority: the same share for always saying the source with the most sentences.
        sentences: looked at.
        by_article: no article stood on both sides. When false, the words of an article's other
            sentences help, and the accuracy is too high for new articles.
    """

    accuracy: float
    majority: float
    sentences: int
    by_article: bool


def source_probe(
    texts: Sequence[str], sources: Sequence[str], articles: Sequence[str], *, folds: int, seed: int
) -> SourceProbe | None:
    """Predict the source from the words: TF-IDF of words and word pairs, linear support vector machine.

    Folds keep articles whole where every source has as many articles as there are folds.

    Args:
        texts: n sentences.
        sources: of each.
        articles: of each.
        folds: at least 2; fewer are used when a source has fewer sentences.
        seed: of the folds, and of the draw from more than `LARGEST_PROBE` sentences.

    Returns:
        None when there is one source only, one has a single sentence, or there are no words.
    """
    rows = _drawn(len(texts), seed)
    text, source, article = (np.asarray(values, dtype=object)[rows] for values in (texts, sources, articles))
    _, sentences_by_source = np.unique(source.astype(str), return_counts=True)
    told_apart = len(sentences_by_source) > 1 and sentences_by_source.min() > 1
    if not told_apart or not any(re.search(WORD, sentence) for sentence in text):
        return None
    by_article = _fewest_articles(source, article) >= folds
    parts = min(folds, int(sentences_by_source.min()))
    divide = (
        StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        if by_article
        else StratifiedKFold(parts, shuffle=True, random_state=seed)
    )
    model = make_pipeline(
        TfidfVectorizer(
            ngram_range=(1, 2), min_df=2 if len(text) >= RARE else 1, sublinear_tf=True, token_pattern=WORD
        ),
        LinearSVC(random_state=seed),
    )
    groups = article.astype(str) if by_article else None
    told = cross_val_predict(model, text, source.astype(str), groups=groups, cv=divide)
    return SourceProbe(
        accuracy=float(accuracy_score(source.astype(str), told)),
        majority=float(sentences_by_source.max() / len(source)),
        sentences=len(source),
        by_article=by_article,
    )


@dataclass(frozen=True)
class WithinSource:
    """The area under the ROC curve of frames, over all sentences and inside sources.

    Attributes:
        pooled: mean over the frames of the area over all sentences.
        within: the same, counting only pairs of sentences of one source. If the model leans on the
            source, this is lower.
        frames: that could be judged: some source has sentences with and without the frame.
    """

    pooled: float
    within: float
    frames: int


def within_source_auc(
    labelled: NDArray[np.bool_], probabilities: Vector, sources: Sequence[str]
) -> WithinSource | None:
    """Return how well frames are told apart inside sources, beside all sentences together.

    The area under the ROC curve is the share of pairs (a sentence with the frame, one without) in which
    the first has the higher probability, ties counting half (Hanley & McNeil 1982). Inside sources, only
    pairs of one source count, all pairs alike.

    Args:
        labelled: shape (n, number of frames).
        probabilities: the same shape.
        sources: of the n sentences.

    Returns:
        None when no frame can be judged.
    """
    _, source = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    pooled, within = [], []
    for column in range(labelled.shape[1]):
        has, probability = labelled[:, column], probabilities[:, column]
        parts = [_pairs_won(has[source == code], probability[source == code]) for code in np.unique(source)]
        won, pairs = np.sum(parts, axis=0) if parts else (0.0, 0.0)
        if pairs:
            all_won, all_pairs = _pairs_won(has, probability)
            pooled.append(all_won / all_pairs)
            within.append(won / pairs)
    if not within:
        return None
    return WithinSource(float(np.mean(pooled)), float(np.mean(within)), len(within))


def probe_table(probe: SourceProbe | None, within: WithinSource | None) -> pl.DataFrame:
    """Return what could be probed: `probe`, `value`, `reference`, `meaning`."""
    rows = []
    if probe is not None:
        divided = "" if probe.by_article else "; articles stand on both sides: too high for new ones"
        rows.append(
            {
                "probe": "source told from the text",
                "value": probe.accuracy,
                "reference": probe.majority,
                "meaning": f"share of {probe.sentences} sentences whose source the words tell; reference: "
                f"always the source with the most sentences{divided}",
            }
        )
    if within is not None:
        rows.append(
            {
                "probe": "frames told apart within sources",
                "value": within.within,
                "reference": within.pooled,
                "meaning": f"area under the ROC curve, mean of {within.frames} frames, over pairs of "
                "sentences of one source; reference: over all pairs. Much lower: the model leans on sources",
            }
        )
    return pl.DataFrame(rows)


def _pairs_won(has: NDArray[np.bool_], probability: Vector) -> tuple[float, float]:
    """Return how many pairs are in the right order, and how many there are."""
    positive = int(has.sum())
    pairs = positive * (len(has) - positive)
    won = rankdata(probability)[has].sum() - positive * (positive + 1) / 2 if pairs else 0.0
    return float(won), float(pairs)


def _drawn(number: int, seed: int) -> NDArray[np.intp]:
    if number <= LARGEST_PROBE:
        return np.arange(number)
    return np.sort(np.random.default_rng(seed).choice(number, LARGEST_PROBE, replace=False))


def _fewest_articles(source: NDArray[np.object_], article: NDArray[np.object_]) -> int:
    pairs = set(zip(source.tolist(), article.tolist(), strict=True))
    counts: dict[str, int] = {}
    for name, _ in pairs:
        counts[name] = counts.get(name, 0) + 1
    return min(counts.values())
