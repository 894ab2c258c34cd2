"""The baseline that reads the name of the source and no text: how far does the outlet alone go?"""

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.models.interface import AT_ONCE, Fitting, Prediction, voice_shares


class SourceOnly:
    """Predict the training shares of the sentence's source.

    Each source's shares are drawn towards those of all sources with the weight of one sentence. A
    source that was not in the training part gets the shares of all, so when sources are left out this
    is the majority baseline: that is what a model without text can know about a new source.
    """

    kind: ClassVar[str] = "source_only"

    def __init__(self) -> None:
        self.shares: dict[str, NDArray[np.float64]] = {}
        self.overall: NDArray[np.float64] = np.empty(0)
        self.frame_count = 0

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        self.frame_count = corpus.frames.shape[1]
        self.overall = _shares(corpus)
        source = corpus.sentences["source"].to_numpy()
        self.shares = {}
        for name in corpus.sources:
            part = corpus[source == name]
            self.shares[name] = (_shares(part) * len(part) + self.overall) / (len(part) + 1)
        return self

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        rows = [self.shares.get(source, self.overall) for source in sentences["source"]]
        shares = np.array(rows, dtype=np.float64).reshape(sentences.height, len(self.overall))
        return Prediction(shares[:, : self.frame_count], shares[:, self.frame_count :])

    def state(self, folder: Path) -> dict[str, Any]:
        return {
            "frame_count": self.frame_count,
            "overall": self.overall.tolist(),
            "shares": {source: shares.tolist() for source, shares in self.shares.items()},
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        model = cls()
        model.frame_count = int(state["frame_count"])
        model.overall = np.array(state["overall"], dtype=np.float64)
        model.shares = {source: np.array(shares) for source, shares in state["shares"].items()}
        return model


def _shares(corpus: Corpus) -> NDArray[np.float64]:
    """Return the shares of all frames, then of all voices, in one vector."""
    return np.concatenate([corpus.frames.mean(axis=0), voice_shares(corpus)])
