"""Logistic regression over any features, by scikit-learn: what the linear models share.

A multi-label codebook gets one binary regression a frame, a single-label codebook one multinomial
regression. Voice has a regression of its own, fitted on the sentences that have a voice. A frame that
all or no training sentences have cannot be learned; it is predicted at its training share.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from threadpoolctl import threadpool_limits

from framing.core.corpus import NO_VOICE, Corpus
from framing.core.errors import FramingError
from framing.models.interface import Prediction, voice_shares

Features: TypeAlias = Any
"""A matrix of shape (sentences, number of features), dense or sparse."""


@dataclass(frozen=True)
class Regression:
    """Settings of the solver.

    Attributes:
        C: inverse regularisation strength, above 0.
        balanced: weigh classes by the inverse of their training frequency.
        max_iterations: of the solver.
    """

    C: float
    balanced: bool
    max_iterations: int

    def __post_init__(self) -> None:
        if self.C <= 0:
            raise FramingError(f"model.C={self.C}: expected a number above 0.")

    def estimator(self) -> LogisticRegression:
        """Return the estimator, not yet fitted."""
        return LogisticRegression(
            C=self.C, class_weight="balanced" if self.balanced else None, max_iter=self.max_iterations
        )


@dataclass(frozen=True, eq=False)
class LinearHead:
    """Linear classes over the features.

    Attributes:
        columns: the k classes that could be learned, as columns of the result.
        weights: shape (k, number of features).
        bias: shape (k,).
        exclusive: the classes exclude one another (softmax); otherwise each is its own yes or no.
    """

    columns: list[int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    exclusive: bool

    def fill(self, probabilities: NDArray[np.float64], features: Features) -> None:
        """Write the probabilities of the learned classes into their columns."""
        if self.columns:
            scores = self.scores(features)
            probabilities[:, self.columns] = softmax(scores, axis=1) if self.exclusive else expit(scores)

    def scores(self, features: Features) -> NDArray[np.float64]:
        """Return the logits of the learned classes, shape (n, k)."""
        return np.asarray(features @ self.weights.T, dtype=np.float64) + self.bias

    def learned(self, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return what is asked, shape (n, number of classes), without the classes that were not learned."""
        return asked & np.isin(np.arange(asked.shape[1]), self.columns)


@dataclass(frozen=True, eq=False)
class LinearHeads:
    """The heads of frames and voices, fitted.

    Attributes:
        shares: training shares of the frames and of the voices, for what could not be learned.
        frames: predicts the frames.
        voices: predicts the voice.
    """

    shares: tuple[NDArray[np.float64], NDArray[np.float64]]
    frames: LinearHead
    voices: LinearHead

    def predict(self, features: Features) -> Prediction:
        """Return the probabilities for features of shape (n, number of features)."""
        frames, voices = (np.tile(shares, (features.shape[0], 1)) for shares in self.shares)
        self.frames.fill(frames, features)
        self.voices.fill(voices, features)
        return Prediction(frames, voices)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the numbers to store, by name."""
        stored: dict[str, NDArray[Any]] = {}
        for name, shares, head in zip(
            ("frames", "voices"), self.shares, (self.frames, self.voices), strict=True
        ):
            stored |= {f"{name}.shares": shares, f"{name}.weights": head.weights, f"{name}.bias": head.bias}
        # safetensors writes the buffer as it lies, so an array in column order would come back shuffled.
        return {name: np.ascontiguousarray(tensor) for name, tensor in stored.items()}

    def state(self) -> list[dict[str, Any]]:
        """Return the rest, as JSON."""
        return [{"columns": head.columns, "exclusive": head.exclusive} for head in (self.frames, self.voices)]

    @classmethod
    def restored(cls, tensors: dict[str, NDArray[Any]], state: list[dict[str, Any]]) -> "LinearHeads":
        """Return the heads that `tensors` and `state` were taken from."""
        frames, voices = (
            LinearHead(
                head["columns"], tensors[f"{name}.weights"], tensors[f"{name}.bias"], head["exclusive"]
            )
            for name, head in zip(("frames", "voices"), state, strict=True)
        )
        return cls((tensors["frames.shares"], tensors["voices.shares"]), frames, voices)


def fit_heads(features: Features, corpus: Corpus, regression: Regression) -> LinearHeads:
    """Fit both heads on features of shape (sentences, number of features)."""
    has_voice = corpus.voices != NO_VOICE
    # The solver's vector steps are too small to share: with two threads a fit takes three times as long.
    with threadpool_limits(limits=1):
        if corpus.codebook.single_label:
            frames = _fit_exclusive(features, corpus.frames.argmax(axis=1), regression)
        else:
            frames = _fit_one_vs_rest(features, corpus.frames, regression)
        voices = _fit_exclusive(features[has_voice], corpus.voices[has_voice], regression)
    return LinearHeads((corpus.frames.mean(axis=0), voice_shares(corpus)), frames, voices)


def _fit_one_vs_rest(features: Features, frames: NDArray[np.bool_], regression: Regression) -> LinearHead:
    columns = np.flatnonzero(frames.any(axis=0) & ~frames.all(axis=0)).tolist()
    if not columns:
        return _untaught(features)
    # One column alone must be a vector: as a matrix it would be read as a multiclass target.
    target = frames[:, columns].astype(int)
    fitted = OneVsRestClassifier(regression.estimator()).fit(
        features, target if len(columns) > 1 else target.ravel()
    )
    weights = np.vstack([estimator.coef_ for estimator in fitted.estimators_])
    bias = np.concatenate([estimator.intercept_ for estimator in fitted.estimators_])
    return LinearHead(columns, weights.astype(np.float32), bias.astype(np.float32), exclusive=False)


def _fit_exclusive(features: Features, target: NDArray[Any], regression: Regression) -> LinearHead:
    columns: list[int] = np.unique(target).tolist()
    if len(columns) < 2:
        return _untaught(features)
    fitted = regression.estimator().fit(features, target)
    weights, bias = fitted.coef_, fitted.intercept_
    if len(columns) == 2:  # scikit-learn keeps one row for two classes: that of the second
        weights, bias = np.vstack([0 * weights, weights]), np.concatenate([0 * bias, bias])
    return LinearHead(columns, weights.astype(np.float32), bias.astype(np.float32), exclusive=True)


def _untaught(features: Features) -> LinearHead:
    """Return a head that knows no class."""
    empty = np.empty((0, features.shape[1]), np.float32)
    return LinearHead([], empty, np.empty(0, np.float32), exclusive=True)
