"""Keyword patterns from the codebook: no training, and the bar that a trained model has to clear."""

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import FramingError
from framing.models.interface import AT_ONCE, Fitting, Prediction, voice_shares
from framing.models.patterns import Patterns


class Dictionary:
    """Give a frame to every sentence in which one of its patterns stands, with probability 1, else 0.

    The patterns are regular expressions of the codebook; case does not matter. With a single-label
    codebook the matching frames share the probability, and a sentence without a match gets the training
    shares. Voice is predicted at its training shares: the patterns say nothing about it.

    A match decides, it does not add up, and a probability of 0 or 1 has no logit: so the dictionary is not
    `Explaining`. What it saw is `patterns.places`.
    """

    kind: ClassVar[str] = "dictionary"

    def __init__(self) -> None:
        self.patterns = Patterns(())
        self.single_label = False
        self.frame_shares: NDArray[np.float64] = np.empty(0)
        self.voice_shares: NDArray[np.float64] = np.empty(0)

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        """Take the codebook's patterns; of the sentences only the shares of labels are used.

        Raises:
            FramingError: no frame of the codebook has a pattern.
        """
        frames = corpus.codebook.frames
        if not any(frame.patterns for frame in frames):
            raise FramingError(
                f"model=dictionary: no frame of the codebook {corpus.codebook.name} has `patterns`. Write "
                "some into its YAML, such as patterns: ['\\bliberat\\w+'], or choose another model."
            )
        self.patterns = Patterns.of(corpus.codebook)
        self.single_label = corpus.codebook.single_label
        self.frame_shares = corpus.frames.mean(axis=0)
        self.voice_shares = voice_shares(corpus)
        return self

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        matches = self.patterns.matches(sentences["text"].to_list()).astype(np.float64)
        if self.single_label:
            matched = matches.sum(axis=1, keepdims=True)
            matches = np.where(matched > 0, matches / np.maximum(matched, 1), self.frame_shares)
        return Prediction(matches, np.tile(self.voice_shares, (sentences.height, 1)))

    def state(self, folder: Path) -> dict[str, Any]:
        return {
            "patterns": list(self.patterns.expressions),
            "single_label": self.single_label,
            "frame_shares": self.frame_shares.tolist(),
            "voice_shares": self.voice_shares.tolist(),
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        model = cls()
        model.patterns = Patterns(tuple(state["patterns"]))
        model.single_label = bool(state["single_label"])
        model.frame_shares = np.array(state["frame_shares"], dtype=np.float64)
        model.voice_shares = np.array(state["voice_shares"], dtype=np.float64)
        return model
