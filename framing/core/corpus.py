"""The corpus: sentences and their labels, column by column."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.codebook import Codebook

NO_VOICE = -1
"""Code of a sentence that has no voice."""

SENTENCE_COLUMNS = ("id", "text", "source", "article", "date", "kind", "file", "line")
"""The columns that every corpus has."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """n labelled sentences.

    Attributes:
        codebook: what the labels mean.
        sentences: n rows; `id` (unique), `text`, `source`, `article`, `date` (as it stands in the
            file, null without one), `kind`, and `file` and `line`, which say where the row was read;
            then further columns of the file, if any were asked for, as text or null.
        frames: shape (n, number of frames); whether the sentence has the frame.
        voices: shape (n,); index into `codebook.voices`, or `NO_VOICE`. All `NO_VOICE` when the
            codebook knows no voice.
    """

    codebook: Codebook
    sentences: pl.DataFrame
    frames: NDArray[np.bool_]
    voices: NDArray[np.int8]

    def __len__(self) -> int:
        return self.sentences.height

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Corpus":
        """Return the sentences of these rows (indices or a mask), with their labels."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Corpus(self.codebook, self.sentences[index], self.frames[index], self.voices[index])

    def __add__(self, other: "Corpus") -> "Corpus":
        """Return the sentences of both, this corpus first."""
        return Corpus(
            self.codebook,
            pl.concat([self.sentences, other.sentences]),
            np.vstack([self.frames, other.frames]),
            np.concatenate([self.voices, other.voices]),
        )

    @property
    def sources(self) -> list[str]:
        """The ids of the sources, sorted."""
        return sorted(self.sentences["source"].unique().to_list())

    def frame_lists(self) -> list[list[str]]:
        """Return the frame ids of every sentence."""
        return frame_lists(self.codebook, self.frames)

    def voice_names(self) -> list[str | None]:
        """Return the voice id of every sentence, None where it has no voice."""
        return voice_names(self.codebook, self.voices)


def frame_lists(codebook: Codebook, frames: NDArray[np.bool_]) -> list[list[str]]:
    """Return the ids of the frames in every row of an (n, number of frames) matrix."""
    ids = codebook.frame_ids
    return [[ids[column] for column in np.flatnonzero(row)] for row in frames]


def voice_names(codebook: Codebook, voices: NDArray[np.int8]) -> list[str | None]:
    """Return the voice id of every code, None for `NO_VOICE`."""
    ids = codebook.voice_ids
    return [None if code == NO_VOICE else ids[code] for code in voices]
