"""TF-IDF of word and character n-grams with one-vs-rest logistic regression, by scikit-learn."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from framing.core.corpus import Corpus
from framing.core.errors import FramingError
from framing.models.interface import AT_ONCE, Explanation, Fitting, Prediction, Progress
from framing.models.linear import LinearHeads, Regression, fit_heads
from framing.models.terms import standing_terms, term_contributions
from framing.models.words import Words

WEIGHTS = "weights.safetensors"
VOCABULARY = "vocabulary.json"


@dataclass(frozen=True)
class TfidfSettings:
    """What `configs/model/tfidf.yaml` sets.

    Attributes:
        word_ngrams: shortest and longest n-gram in words; empty to leave words out.
        char_ngrams: in characters, inside word boundaries; empty to leave characters out.
        min_documents: an n-gram must stand in this many training sentences.

    Raises:
        FramingError: a value out of range.
    """

    word_ngrams: tuple[int, ...]
    char_ngrams: tuple[int, ...]
    min_documents: int

    def __post_init__(self) -> None:
        for name, ngrams in (("word", self.word_ngrams), ("char", self.char_ngrams)):
            if ngrams and not (len(ngrams) == 2 and 1 <= ngrams[0] <= ngrams[1]):
                raise FramingError(
                    f"model.{name}_ngrams={list(ngrams)}: expected the shortest and the longest n-gram, "
                    "such as [1, 2], or [] for none."
                )
        if not self.word_ngrams and not self.char_ngrams:
            raise FramingError("model: word_ngrams and char_ngrams are both empty; give at least one.")
        if self.min_documents <= 0:
            raise FramingError(f"model.min_documents={self.min_documents}: expected a number above 0.")


class Tfidf:
    """Linear baseline: TF-IDF features under the linear heads of `models/linear.py`."""

    kind: ClassVar[str] = "tfidf"

    def __init__(self, settings: TfidfSettings, regression: Regression) -> None:
        self.settings, self.regression = settings, regression
        self.features: FeatureUnion | None = None
        self.heads: LinearHeads | None = None

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        self.features = FeatureUnion(
            [(name, self._vectorizer(analyzer, ngrams)) for name, analyzer, ngrams in self._parts()]
        )
        matrix = self.features.fit_transform(corpus.sentences["text"].to_list()).tocsr()
        self.heads = fit_heads(matrix, corpus, self.regression)
        return self

    def _parts(self) -> list[tuple[str, str, tuple[int, ...]]]:
        parts = [("word", "word", self.settings.word_ngrams), ("char", "char_wb", self.settings.char_ngrams)]
        return [part for part in parts if part[2]]

    def _vectorizer(self, analyzer: str, ngrams: tuple[int, ...]) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer=analyzer, ngram_range=ngrams, min_df=self.settings.min_documents, sublinear_tf=True
        )

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        if self.features is None or self.heads is None:
            raise FramingError("model=tfidf: predict was called before fit.")
        if not sentences.height:  # scikit-learn refuses to transform nothing
            return self.heads.predict(np.empty((0, self.heads.frames.weights.shape[1]), np.float32))
        return self.heads.predict(self.features.transform(sentences["text"].to_list()).tocsr())

    def explain(
        self, sentences: pl.DataFrame, asked: NDArray[np.bool_], progress: Progress = AT_ONCE.progress
    ) -> Explanation:
        """Divide the logits exactly, see `models/terms.py`; the base is the bias, as of an empty text."""
        if self.features is None or self.heads is None:
            raise FramingError("model=tfidf: explain was called before fit.")
        head = self.heads.frames
        asked = head.learned(asked)
        texts = sentences["text"].to_list()
        # A sentence of which nothing is asked may as well be empty.
        texts = [text if wanted.any() else "" for text, wanted in zip(texts, asked, strict=True)]
        words = Words.of(texts)
        contributions = np.zeros((len(words), asked.shape[1]))
        base, logits = np.zeros(asked.shape[1]), np.zeros(asked.shape)
        if asked.any():
            matrix = self.features.transform(texts).tocsr()
            terms = standing_terms(self.features, texts)
            contributions[:, head.columns] = term_contributions(words, terms, matrix, head)
            base[head.columns], logits[:, head.columns] = head.bias, head.scores(matrix)
        progress(1.0)
        return words.explanation(asked, contributions, base, logits)

    def state(self, folder: Path) -> dict[str, Any]:
        if self.features is None or self.heads is None:
            raise FramingError("model=tfidf: save was called before fit.")
        vectorizers = dict(self.features.transformer_list)
        vocabulary = {name: part.get_feature_names_out().tolist() for name, part in vectorizers.items()}
        (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        idf = {f"idf.{name}": part.idf_ for name, part in vectorizers.items()}
        save_file(idf | self.heads.tensors(), folder / WEIGHTS)
        return {
            "settings": asdict(self.settings),
            "regression": asdict(self.regression),
            "heads": self.heads.state(),
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        settings = state["settings"]
        ngrams = {name: tuple(settings[name]) for name in ("word_ngrams", "char_ngrams")}
        model = cls(TfidfSettings(**{**settings, **ngrams}), Regression(**state["regression"]))
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
        model.heads = LinearHeads.restored(tensors, state["heads"])
        return model


def _restored(vectorizer: TfidfVectorizer, terms: list[str], idf: NDArray[np.float64]) -> TfidfVectorizer:
    vectorizer.set_params(vocabulary={term: column for column, term in enumerate(terms)})
    vectorizer.idf_ = idf
    return vectorizer
