"""A teacher's knowledge as soft labels for a student: the way up from the baseline.

On labelled sentences the teacher answers out of fold, so that it never repeats a label it was shown; on
unlabelled ones it is fitted on all labelled ones. The student then learns from both (distillation,
Hinton, Vinyals & Dean 2015, with the teacher's probabilities at temperature 1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.models.interface import Model


class InnerFold(Protocol):
    """One division of a training part."""

    @property
    def train(self) -> NDArray[np.intp]: ...

    @property
    def test(self) -> NDArray[np.intp]: ...


InnerSplit = Callable[[Corpus], Sequence[InnerFold]]
"""Divides the sentences of a training part, articles kept whole."""


@dataclass(frozen=True, eq=False)
class Teacher:
    """A teacher and what it teaches.

    Attributes:
        model: fitted anew on every training part.
        weight: of the teacher's answer beside the label, between 0 and 1.
        unlabelled: further sentences, for which its answer is all there is.
        inner: divides a training part for its out-of-fold answers.
    """

    model: Model
    weight: float
    unlabelled: tuple[str, ...]
    inner: InnerSplit

    def softened(self, corpus: Corpus) -> NDArray[np.float32]:
        """Return the labels drawn towards the teacher's out-of-fold answers, shape (n, number of frames)."""
        answers = np.zeros(corpus.frames.shape)
        for fold in self.inner(corpus):
            learned = self.model.fit(corpus[fold.train])
            answers[fold.test] = learned.predict(corpus.sentences[fold.test]).frames
        return np.asarray((1 - self.weight) * corpus.frames + self.weight * answers, dtype=np.float32)

    def answers(self, corpus: Corpus) -> NDArray[np.float32]:
        """Return its answers on the unlabelled sentences, shape (sentences, number of frames)."""
        if not self.unlabelled:
            return np.zeros((0, corpus.frames.shape[1]), dtype=np.float32)
        texts = pl.DataFrame({"text": list(self.unlabelled), "source": [""] * len(self.unlabelled)})
        return np.asarray(self.model.fit(corpus).predict(texts).frames, dtype=np.float32)
