"""TF-IDF of word and character n-grams with one-vs-rest logistic regression, by scikit-learn."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from scipy.special import expit, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from threadpoolctl import threadpool_limits

from framing.core.corpus import NO_VOICE, Corpus
from framing.core.errors import FramingError
from framing.models.interface import Prediction, voice_shares

WEIGHTS = "weights.safetensors"
VOCABULARY = "vocabulary.json"


@dataclass(frozen=True)
class TfidfSettings:
    """What `configs/model/tfidf.yaml` sets.

    Attributes:
        word_ngrams: shortest and longest n-gram in words; empty to leave words out.
        char_ngrams: in characters, inside word boundaries; empty to leave characters out.
        min_documents: an n-gram must stand in this many training sentences.
        C: inverse regularisation strength, above 0.
        balanced: weigh classes by the inverse of their training frequency.
        max_iterations: of the solver.

    Raises:
        FramingError: a value out of range.
    """

    word_ngrams: tuple[int, ...]
    char_ngrams: tuple[int, ...]
    min_documents: int
    C: float
    balanced: bool
    max_iterations: int

    def __post_init__(self) -> None:
        for name, ngrams in (("word", self.word_ngrams), ("char", self.char_ngrams)):
            if ngrams and not (len(ngrams) == 2 and 1 <= ngrams[0] <= ngrams[1]):
                raise FramingError(
                    f"model.{name}_ngrams={list(ngrams)}: expected the shortest and the longest n-gram, "
                    "such as [1, 2], or [] for none."
                )
        if not self.word_ngrams and not self.char_ngrams:
            raise FramingError("model: word_ngrams and char_ngrams are both empty; give at least one.")
        for name, value in (("C", self.C), ("min_documents", self.min_documents)):
            if value <= 0:
                raise FramingError(f"model.{name}={value}: expected a number above 0.")


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

    def fill(self, probabilities: NDArray[np.float64], matrix: csr_matrix) -> None:
        """Write the probabilities of the learned classes into their columns."""
        if self.columns:
            scores = np.asarray(matrix @ self.weights.T, dtype=np.float64) + self.bias
            probabilities[:, self.columns] = softmax(scores, axis=1) if self.exclusive else expit(scores)


class Tfidf:
    """Linear baseline.

    A multi-label codebook gets one binary regression a frame, a single-label codebook one multinomial
    regression. Voice has a regression of its own, fitted on the sentences that have a voice. A frame
    that all or no training sentences have cannot be learned; it is predicted at its training share.
    """

    kind: ClassVar[str] = "tfidf"

    def __init__(self, settings: TfidfSettings) -> None:
        self.settings = settings
        self.features: FeatureUnion | None = None
        self.shares: tuple[NDArray[np.float64], NDArray[np.float64]] = (np.empty(0), np.empty(0))
        self.heads: tuple[LinearHead, ...] = ()

    def fit(self, corpus: Corpus) -> Self:
        self.features = FeatureUnion(
            [(name, self._vectorizer(analyzer, ngrams)) for name, analyzer, ngrams in self._parts()]
        )
        matrix = self.features.fit_transform(corpus.sentences["text"].to_list()).tocsr()
        self.shares = (corpus.frames.mean(axis=0), voice_shares(corpus))
        # The solver's vector steps are too small to share: with two threads a fit takes three times as long.
        with threadpool_limits(limits=1):
            self.heads = (self._fit_frames(matrix, corpus), self._fit_voices(matrix, corpus.voices))
        return self

    def _fit_frames(self, matrix: csr_matrix, corpus: Corpus) -> LinearHead:
        if corpus.codebook.single_label:
            return self._fit_exclusive(matrix, corpus.frames.argmax(axis=1))
        return self._fit_one_vs_rest(matrix, corpus.frames)

    def _fit_voices(self, matrix: csr_matrix, voices: NDArray[np.int8]) -> LinearHead:
        has_voice = voices != NO_VOICE
        return self._fit_exclusive(matrix[has_voice], voices[has_voice])

    def _parts(self) -> list[tuple[str, str, tuple[int, ...]]]:
        parts = [("word", "word", self.settings.word_ngrams), ("char", "char_wb", self.settings.char_ngrams)]
        return [part for part in parts if part[2]]

    def _vectorizer(self, analyzer: str, ngrams: tuple[int, ...]) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer=analyzer, ngram_range=ngrams, min_df=self.settings.min_documents, sublinear_tf=True
        )

    def _regression(self) -> LogisticRegression:
        return LogisticRegression(
            C=self.settings.C,
            class_weight="balanced" if self.settings.balanced else None,
            max_iter=self.settings.max_iterations,
        )

    def _fit_one_vs_rest(self, matrix: csr_matrix, frames: NDArray[np.bool_]) -> LinearHead:
        columns = np.flatnonzero(frames.any(axis=0) & ~frames.all(axis=0)).tolist()
        if not columns:
            return _untaught(matrix)
        # One column alone must be a vector: as a matrix it would be read as a multiclass target.
        target = frames[:, columns].astype(int)
        fitted = OneVsRestClassifier(self._regression()).fit(
            matrix, target if len(columns) > 1 else target.ravel()
        )
        weights = np.vstack([regression.coef_ for regression in fitted.estimators_])
        bias = np.concatenate([regression.intercept_ for regression in fitted.estimators_])
        return LinearHead(columns, weights.astype(np.float32), bias.astype(np.float32), exclusive=False)

    def _fit_exclusive(self, matrix: csr_matrix, target: NDArray[Any]) -> LinearHead:
        columns: list[int] = np.unique(target).tolist()
        if len(columns) < 2:
            return _untaught(matrix)
        fitted = self._regression().fit(matrix, target)
        weights, bias = fitted.coef_, fitted.intercept_
        if len(columns) == 2:  # scikit-learn keeps one row for two classes: that of the second
            weights, bias = np.vstack([0 * weights, weights]), np.concatenate([0 * bias, bias])
        return LinearHead(columns, weights.astype(np.float32), bias.astype(np.float32), exclusive=True)

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        if self.features is None:
            raise FramingError("model=tfidf: predict was called before fit.")
        frames, voices = (np.tile(shares, (sentences.height, 1)) for shares in self.shares)
        if sentences.height:  # scikit-learn refuses to transform nothing
            matrix = self.features.transform(sentences["text"].to_list()).tocsr()
            for head, probabilities in zip(self.heads, (frames, voices), strict=True):
                head.fill(probabilities, matrix)
        return Prediction(frames, voices)

    def state(self, folder: Path) -> dict[str, Any]:
        vectorizers = dict(self.features.transformer_list if self.features is not None else [])
        vocabulary = {name: part.get_feature_names_out().tolist() for name, part in vectorizers.items()}
        (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        tensors = {f"idf.{name}": part.idf_ for name, part in vectorizers.items()}
        for name, shares, head in zip(("frames", "voices"), self.shares, self.heads, strict=True):
            tensors |= {f"{name}.shares": shares, f"{name}.weights": head.weights, f"{name}.bias": head.bias}
        # safetensors writes the buffer as it lies, so an array in column order would come back shuffled.
        save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, folder / WEIGHTS)
        return {
            "settings": asdict(self.settings),
            "heads": [{"columns": head.columns, "exclusive": head.exclusive} for head in self.heads],
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        settings = state["settings"]
        ngrams = {name: tuple(settings[name]) for name in ("word_ngrams", "char_ngrams")}
        model = cls(TfidfSettings(**{**settings, **ngrams}))
        tensors = load_file(folder / WEIGHTS)
        vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        model.features = FeatureUnion(
            [
                (
                    name,
                    _restored(model._vectorizer(analyzer, ngrams), vocabulary[name], tensors[f"idf.{name}"]),
                )
                for name, analyzer, ngrams in model._parts()
            ]
        )
        model.shares = (tensors["frames.shares"], tensors["voices.shares"])
        frames, voices = (
            LinearHead(
                head["columns"], tensors[f"{name}.weights"], tensors[f"{name}.bias"], head["exclusive"]
            )
            for name, head in zip(("frames", "voices"), state["heads"], strict=True)
        )
        model.heads = (frames, voices)
        return model


def _untaught(matrix: csr_matrix) -> LinearHead:
    """Return a head that knows no class."""
    return LinearHead([], np.empty((0, matrix.shape[1]), np.float32), np.empty(0, np.float32), exclusive=True)


def _restored(vectorizer: TfidfVectorizer, terms: list[str], idf: NDArray[np.float64]) -> TfidfVectorizer:
    vectorizer.set_params(vocabulary={term: column for column, term in enumerate(terms)})
    vectorizer.idf_ = idf
    return vectorizer
