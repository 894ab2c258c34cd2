"""Where the codebook's keyword patterns match: the dictionary's whole knowledge, and a hint to others."""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.codebook import Codebook


@dataclass(frozen=True)
class Patterns:
    """One regular expression a frame, without regard to case; empty for a frame without patterns."""

    expressions: tuple[str, ...]

    @classmethod
    def of(cls, codebook: Codebook) -> "Patterns":
        """Return the patterns of a codebook's frames, in their order."""
        return cls(tuple("|".join(f"(?:{one})" for one in frame.patterns) for frame in codebook.frames))

    def matches(self, texts: list[str]) -> NDArray[np.float32]:
        """Return 1 where a frame's pattern stands in a text and 0 elsewhere, shape (n, number of frames)."""
        found = np.zeros((len(texts), len(self.expressions)), dtype=np.float32)
        for column, expression in enumerate(self.expressions):
            if expression:
                compiled = re.compile(expression, re.IGNORECASE)
                found[:, column] = [compiled.search(text) is not None for text in texts]
        return found

    def places(self, texts: list[str]) -> pl.DataFrame:
        """Return where the patterns match.

        Returns:
            One row a match: `row` (of the texts), `frame` (its column), `start`, `end` (characters).
        """
        found = [
            (row, column, match.start(), match.end())
            for column, expression in enumerate(self.expressions)
            if expression
            for row, text in enumerate(texts)
            for match in re.compile(expression, re.IGNORECASE).finditer(text)
        ]
        schema = dict.fromkeys(("row", "frame", "start", "end"), pl.Int64)
        return pl.DataFrame(found, schema=schema, orient="row")
