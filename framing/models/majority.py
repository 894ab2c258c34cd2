"""The baseline that reads nothing: every frame as often as in the training part."""

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.models.interface import AT_ONCE, Fitting, Prediction, voice_shares


class Majority:
    """Predict the training shares; at a threshold of 0.5 that is the majority class of every frame."""

    kind: ClassVar[str] = "majority"

    def __init__(self) -> None:
        self.frame_shares: NDArray[np.float64] = np.empty(0)
        self.voice_shares: NDArray[np.float64] = np.empty(0)

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        self.frame_shares = corpus.frames.mean(axis=0)
        self.voice_shares = voice_shares(corpus)
        return self

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        rows = (sentences.height, 1)
        return Prediction(np.tile(self.frame_shares, rows), np.tile(self.voice_shares, rows))

    def state(self, folder: Path) -> dict[str, Any]:
        return {"frame_shares": self.frame_shares.tolist(), "voice_shares": self.voice_shares.tolist()}

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        model = cls()
        model.frame_shares = np.array(state["frame_shares"], dtype=np.float64)
        model.voice_shares = np.array(state["voice_shares"], dtype=np.float64)
        return model
