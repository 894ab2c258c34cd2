"""TF-IDF of word and character n-grams with one-vs-rest logistic regression, by scikit-learn."""

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion

from framing.core.corpus import NO_VOICE, Corpus
from framing.core.errors import FramingError
from framing.models.interface import Prediction, voice_shares

WEIGHTS = "weights.skops"
TRUSTED_TYPES: tuple[str, ...] = ()
"""Types in `weights.skops` that may be loaded beyond those that skops itself trusts."""


class Tfidf:
    """Linear baseline.

    A multi-label codebook gets one binary regression a frame, a single-label codebook one multinomial
    regression. Voice has a regression of its own, fitted on the sentences that have a voice. A frame
    or voice without both kinds of example in the training part is predicted at its training share.
    """

    kind: ClassVar[str] = "tfidf"

    def __init__(
        self,
        *,
        word_ngrams: list[int],
        char_ngrams: list[int],
        min_documents: int,
        C: float,  # noqa: N803 - the name that scikit-learn and every paper use
        balanced: bool,
        max_iterations: int,
    ) -> None:
        """Args are those of `configs/model/tfidf.yaml`; an empty n-gram range leaves that part out."""
        parts = [("word", "word", word_ngrams), ("char", "char_wb", char_ngrams)]
        self.ngrams = {
            name: (analyzer, _ngram_range(name, ngrams)) for name, analyzer, ngrams in parts if ngrams
        }
        if not self.ngrams:
            raise FramingError(
                "model=tfidf: word_ngrams and char_ngrams are both empty; give at least one, such as [1, 2]."
            )
        if C <= 0:
            raise FramingError(f"model.C={C}: expected a number above 0.")
        self.min_documents = min_documents
        self.regression: dict[str, Any] = {
            "C": C,
            "class_weight": "balanced" if balanced else None,
            "max_iter": max_iterations,
        }
        self.fitted: dict[str, Any] = {}
        self.frame_shares: NDArray[np.float64] = np.empty(0)
        self.voice_shares: NDArray[np.float64] = np.empty(0)
        self.frame_columns: list[int] = []
        self.voice_columns: list[int] = []

    def fit(self, corpus: Corpus) -> Self:
        features = FeatureUnion([(name, self._vectorizer(*part)) for name, part in self.ngrams.items()])
        matrix = features.fit_transform(corpus.sentences["text"].to_list()).tocsr()
        self.fitted = {"features": features}
        self.frame_shares = corpus.frames.mean(axis=0)
        self.voice_shares = voice_shares(corpus)
        self.frame_columns = self._fit_frames(matrix, corpus)
        self.voice_columns = self._fit_voices(matrix, corpus.voices)
        return self

    def _vectorizer(self, analyzer: str, ngrams: tuple[int, int]) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer=analyzer, ngram_range=ngrams, min_df=self.min_documents, sublinear_tf=True
        )

    def _fit_frames(self, matrix: csr_matrix, corpus: Corpus) -> list[int]:
        """Fit the frames and return the columns that could be learned."""
        if corpus.codebook.single_label:
            return self._fit_one_of("frames", matrix, corpus.frames.argmax(axis=1))
        present = corpus.frames.any(axis=0) & ~corpus.frames.all(axis=0)
        columns = np.flatnonzero(present).tolist()
        if columns:
            head = OneVsRestClassifier(LogisticRegression(**self.regression))
            # A single column must stay binary: one-vs-rest would read it as a multiclass target.
            target = corpus.frames[:, columns].astype(int)
            self.fitted["frames"] = head.fit(matrix, target if len(columns) > 1 else target.ravel())
        return columns

    def _fit_voices(self, matrix: csr_matrix, voices: NDArray[np.int8]) -> list[int]:
        has_voice = voices != NO_VOICE
        return self._fit_one_of("voices", matrix[has_voice], voices[has_voice])

    def _fit_one_of(self, head: str, matrix: csr_matrix, target: NDArray[Any]) -> list[int]:
        """Fit a head for exclusive classes and return the classes that it knows."""
        classes: list[int] = np.unique(target).tolist()
        if len(classes) < 2:
            return []
        self.fitted[head] = LogisticRegression(**self.regression).fit(matrix, target)
        return classes

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        matrix = self.fitted["features"].transform(sentences["text"].to_list())
        return Prediction(
            self._probabilities("frames", matrix, self.frame_shares, self.frame_columns),
            self._probabilities("voices", matrix, self.voice_shares, self.voice_columns),
        )

    def _probabilities(
        self, head: str, matrix: csr_matrix, shares: NDArray[np.float64], columns: list[int]
    ) -> NDArray[np.float64]:
        probabilities = np.tile(shares, (matrix.shape[0], 1))
        if columns:
            predicted = self.fitted[head].predict_proba(matrix)
            # One binary regression answers with two columns, for "without" and "with".
            binary = len(columns) == 1
            probabilities[:, columns] = predicted[:, 1:] if binary else predicted
        return probabilities

    def state(self, folder: Path) -> dict[str, Any]:
        from skops import io

        io.dump(self.fitted, folder / WEIGHTS)
        return {
            "ngrams": self.ngrams,
            "min_documents": self.min_documents,
            "regression": self.regression,
            "frame_shares": self.frame_shares.tolist(),
            "voice_shares": self.voice_shares.tolist(),
            "frame_columns": self.frame_columns,
            "voice_columns": self.voice_columns,
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        from skops import io

        weights = folder / WEIGHTS
        unexpected = set(io.get_untrusted_types(file=weights)) - set(TRUSTED_TYPES)
        if unexpected:
            raise FramingError(
                f"{weights}: holds the type {sorted(unexpected)[0]}, which no model of ours has. "
                "Load only model folders that this project wrote."
            )
        model = cls.__new__(cls)
        model.ngrams = {name: (analyzer, tuple(span)) for name, (analyzer, span) in state["ngrams"].items()}
        model.min_documents = state["min_documents"]
        model.regression = state["regression"]
        model.frame_shares = np.array(state["frame_shares"], dtype=np.float64)
        model.voice_shares = np.array(state["voice_shares"], dtype=np.float64)
        model.frame_columns = state["frame_columns"]
        model.voice_columns = state["voice_columns"]
        model.fitted = io.load(weights, trusted=list(TRUSTED_TYPES))
        return model


def _ngram_range(name: str, ngrams: list[int]) -> tuple[int, int]:
    if len(ngrams) != 2 or not 1 <= ngrams[0] <= ngrams[1]:
        raise FramingError(
            f"model.{name}_ngrams={ngrams}: expected the shortest and the longest n-gram, such as [1, 2]."
        )
    return ngrams[0], ngrams[1]
