"""Sequences of words that a corpus repeats."""

import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def repeated_sequences(texts: Sequence[str], words: int) -> pl.DataFrame:
    """Return the sequences of words that stand in more than one text, the most frequent first.

    Args:
        texts: n sentences.
        words: in a sequence. Case and punctuation do not matter.

    Returns:
        `sequence` and `sentences` (the number that have it).

    >>> repeated_sequences(["We went to the town.", "They went to the sea."], words=3).rows()
    [('went to the', 2)]
    """
    numbers: dict[str, int] = {}
    units: list[int] = []
    lengths = []
    for text in texts:
        found = re.findall(r"\w+", text.lower())
        units += [numbers.setdefault(word, len(numbers)) for word in found]
        lengths.append(len(found))
    row = np.repeat(np.arange(len(lengths)), lengths)
    codes = _codes(np.array(units, dtype=np.int64), words)
    whole = np.flatnonzero(row[: len(codes)] == row[len(row) - len(codes) :])
    pairs = np.unique(np.column_stack([codes[whole], row[whole]]), axis=0)
    run, counts = np.unique(pairs[:, 0], return_counts=True)
    begins = dict(zip(codes[whole].tolist(), whole.tolist(), strict=True))
    names = list(numbers)
    sequences = [
        " ".join(names[unit] for unit in units[begins[code] : begins[code] + words])
        for code in run[counts > 1].tolist()
    ]
    table = pl.DataFrame(
        {"sequence": sequences, "sentences": counts[counts > 1]},
        schema={"sequence": pl.String, "sentences": pl.Int64},
    )
    return table.sort("sentences", "sequence", descending=[True, False])


def _codes(units: Integers, size: int) -> Integers:
    """Return a number for every run of `size` neighbouring units, the same for the same run."""
    runs = max(0, len(units) - size + 1)
    codes = units[:runs]
    for step in range(1, size):
        # Numbered anew each time, so that the product fits into 64 bits.
        base = int(units.max(initial=0)) + 1
        codes = np.unique(codes * base + units[step : step + runs], return_inverse=True)[1]
    return codes
