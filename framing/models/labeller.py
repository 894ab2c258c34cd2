"""The columns that predictions add to sentences: probabilities, the frames and the voice."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from framing.core.codebook import Codebook
from framing.core.errors import FramingError
from framing.models.interface import Prediction

DIGITS = 6
"""Decimal places of the probabilities that are written."""

Predict = Callable[[pl.DataFrame], Prediction]
Cut = Callable[[list[str]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Labeller:
    """Turns sentences into the columns that are added to them; `cut` says which are read in part only."""

    predict: Predict
    codebook: Codebook
    thresholds: NDArray[np.float64]
    cut: Cut
    prefix: str = ""

    @property
    def columns(self) -> list[str]:
        """The names of the added columns."""
        frames = [f"p_{frame}" for frame in self.codebook.frame_ids]
        voices = [f"p_{voice.id}" for voice in self.codebook.voices]
        return [self.prefix + name for name in [*frames, "frames", "voice", *voices]]

    def added(self, texts: list[str], sources: list[str]) -> dict[str, pa.Array]:
        """Return the added columns of sentences."""
        schema = {"text": pl.String(), "source": pl.String()}
        prediction = self.predict(pl.DataFrame({"text": texts, "source": sources}, schema=schema))
        chosen = prediction.frame_labels(self.codebook, self.thresholds)
        ids = np.array(self.codebook.frame_ids, dtype=object)
        frames = [ids[row].tolist() for row in chosen]
        names = [voice.id for voice in self.codebook.voices]
        codes = prediction.voice_labels()
        voices = [names[code] if code >= 0 and row else None for code, row in zip(codes, frames, strict=True)]
        labels = [pa.array(frames, type=pa.list_(pa.string())), pa.array(voices, type=pa.string())]
        return dict(
            zip(
                self.columns, [*_shares(prediction.frames), *labels, *_shares(prediction.voices)], strict=True
            )
        )

    def check(self, columns: list[str], where: str) -> None:
        """Raise a FramingError if a column that would be added is there already."""
        added = self.columns
        if twice := sorted({name for name in added if added.count(name) > 1}):
            raise FramingError(f"codebook {self.codebook.name}: a frame and a voice both give {twice[0]}.")
        if taken := [name for name in columns if name in added]:
            raise FramingError(
                f"{where}: has a column {taken[0]!r} already, and one of that name would be added. "
                "prefix=new_ renames the added ones."
            )


def _shares(probabilities: NDArray[np.float64]) -> list[pa.Array]:
    """Return one array a column of the probabilities, rounded."""
    return [pa.array(column) for column in probabilities.astype(np.float64).round(DIGITS).T]
