"""The words of texts, and how what a model reads is divided among them.

Models read n-grams, runs of letters, word pieces or whole patterns; people read words. A word is a run of
letters and digits, held together by hyphens and apostrophes; any other character that is no space is a
mark, a unit of its own. What stands somewhere in a text counts

1. in equal parts for the words of which it covers a character;
2. if it covers no word, in equal parts for the marks that it covers;
3. if it covers neither, for the unit after it, or else for the one before it.

So what is divided always adds up again, unless a text has no unit at all.
"""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from framing.models.interface import Explanation

Integers = NDArray[np.int64]

_UNIT = re.compile(r"(\w+(?:[-'’]\w+)*)|[^\w\s]")


@dataclass(frozen=True, eq=False)
class Words:
    """The words and marks of n texts, in their order, as arrays of one length.

    Attributes:
        row: in which text.
        start: first character in the text.
        end: the character after the last.
        mark: is a mark, not a word.
    """

    row: Integers
    start: Integers
    end: Integers
    mark: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: list[str]) -> "Words":
        """Return the words and marks of some texts."""
        found = [
            (row, unit.start(), unit.end(), unit.group(1) is None)
            for row, text in enumerate(texts)
            for unit in _UNIT.finditer(text)
        ]
        row, start, end, mark = np.array(found, dtype=np.int64).reshape(-1, 4).T
        return cls(row, start, end, mark.astype(bool))

    def __len__(self) -> int:
        return len(self.row)

    def shares(self, row: Integers, start: Integers, end: Integers) -> sparse.csr_array:
        """Return which share of every place counts for every word, shape (words, places).

        A place is a part of a text: `row`, `start` and `end`, all of one length. The shares of a place sum
        to 1, or to 0 if its text has no unit.
        """
        width = 1 + max(self.end.max(initial=0), end.max(initial=0))  # texts end to end, on one line
        starts, ends = self.row * width + self.start, self.row * width + self.end
        first_character, last_character = row * width + start, row * width + end
        left = np.arange(len(row))
        words, places, parts = [], [], []
        for units in (np.flatnonzero(~self.mark), np.flatnonzero(self.mark)):
            first = np.searchsorted(ends[units], first_character[left], "right")
            after = np.searchsorted(starts[units], last_character[left], "left")
            number = np.maximum(after - first, 0)
            words.append(units[_ranges(first, number)])
            places.append(np.repeat(left, number))
            parts.append(np.repeat(1 / np.maximum(number, 1), number))
            left = left[number == 0]
        nearest = self._nearest(row[left], np.searchsorted(starts, first_character[left]))
        words.append(nearest[nearest >= 0])
        places.append(left[nearest >= 0])
        parts.append(np.ones(int((nearest >= 0).sum())))
        where = (np.concatenate(words), np.concatenate(places))
        return sparse.csr_array((np.concatenate(parts), where), shape=(len(self), len(row)))

    def _nearest(self, row: Integers, after: Integers) -> Integers:
        """Return the unit after each place if it is of the same text, else the one before, else -1."""
        rows = np.append(self.row, -1)  # so that both the index -1 and that past the end are of no text
        before = np.where(rows[after - 1] == row, after - 1, -1)
        return np.asarray(np.where(rows[after] == row, after, before))

    def explanation(
        self,
        asked: NDArray[np.bool_],
        contributions: NDArray[np.float64],
        base: NDArray[np.float64],
        logits: NDArray[np.float64],
    ) -> Explanation:
        """Return the tables of what was asked.

        Args:
            asked: shape (n, F).
            contributions: shape (words, F); what is not asked may be anything.
            base: shape (n, F), or (F,) if it is the same for every sentence.
            logits: shape (n, F).
        """
        word, frame = np.nonzero(asked[self.row])
        summed = np.zeros(asked.shape)
        np.add.at(summed, self.row, contributions)
        places = {"row": self.row[word], "frame": frame, "start": self.start[word], "end": self.end[word]}
        table = pl.DataFrame(places | {"contribution": contributions[word, frame]})
        row, column = np.nonzero(asked)
        numbers = {"base": np.broadcast_to(base, asked.shape), "logit": logits}
        numbers["unexplained"] = logits - numbers["base"] - summed
        completeness = {name: values[row, column] for name, values in numbers.items()}
        return Explanation(
            table.sort("row", "frame", "start"),
            pl.DataFrame({"row": row, "frame": column} | completeness),
        )


def _ranges(first: Integers, number: Integers) -> Integers:
    """Return `first`, `first + 1`, ... for each of them, so many as `number` says, one after the other."""
    before = np.cumsum(number) - number
    return np.asarray(np.arange(number.sum()) + np.repeat(first - before, number))
