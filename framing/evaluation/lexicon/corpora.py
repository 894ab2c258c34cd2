"""Where the sentences of a lexicon are: in memory, or on disk when there are more than memory holds.

Both give the same sentences in the same parts, so everything that is counted from them is the same.
"""

from collections.abc import Callable, Iterator, MutableSequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from framing.evaluation.lexicon.counting import PartCounts
from framing.evaluation.lexicon.documents import SENTENCES, Documents, first_of_parts, number_documents
from framing.evaluation.lexicon.words import Tokens

Clean = Callable[[pl.DataFrame], pl.DataFrame]
"""What is done to every part: sentences in, those that are left out."""


class Sentences(Protocol):
    """Sentences with `group`, `stratum`, `within` and `document`, part by part."""

    @property
    def documents(self) -> Documents:
        """The documents that they make up."""
        ...

    def parts(self) -> Iterator[pl.DataFrame]:
        """Yield whole documents, in ascending order."""
        ...

    def cleaned(self, clean: Clean) -> "Sentences":
        """Return what `clean` leaves of every part, under the same documents."""
        ...

    def within(self, value: str) -> "Sentences":
        """Return the sentences of one value of `within`, their documents numbered anew."""
        ...

    def values(self) -> list[str]:
        """Return the values of `within`, in alphabetical order."""
        ...

    def kept_tokens(self) -> MutableSequence[Tokens]:
        """Return an empty list for the words of the parts."""
        ...

    def kept_counts(self) -> MutableSequence[PartCounts]:
        """Return an empty list for the counts of the parts."""
        ...


@dataclass(frozen=True, eq=False)
class InMemory:
    """Sentences in memory.

    Attributes:
        sentences: in ascending order of `document`.
        documents: the documents that they make up.
        at_once: sentences of a part.
    """

    sentences: pl.DataFrame
    documents: Documents
    at_once: int = SENTENCES

    @classmethod
    def of(cls, sentences: pl.DataFrame, at_once: int = SENTENCES) -> "InMemory":
        """Return sentences with `group` and `stratum`, their documents numbered."""
        numbered, documents = number_documents(sentences)
        return cls(numbered, documents, at_once)

    def parts(self) -> Iterator[pl.DataFrame]:
        """Yield whole documents, in ascending order."""
        starts = first_of_parts(self.documents, self.at_once).to_numpy()
        cuts = np.searchsorted(self.sentences["document"].to_numpy(), starts)
        for begin, end in zip(cuts, [*cuts[1:], self.sentences.height], strict=True):
            yield self.sentences[int(begin) : int(end)]

    def cleaned(self, clean: Clean) -> "InMemory":
        """Return what `clean` leaves of every part, under the same documents."""
        return InMemory(pl.concat([clean(part) for part in self.parts()]), self.documents, self.at_once)

    def within(self, value: str) -> "InMemory":
        """Return the sentences of one value of `within`, their documents numbered anew."""
        return InMemory.of(self.sentences.filter(pl.col("within") == value), self.at_once)

    def values(self) -> list[str]:
        """Return the values of `within`, in alphabetical order."""
        return sorted(self.sentences["within"].unique().to_list())

    def kept_tokens(self) -> list[Tokens]:
        """Return an empty list for the words of the parts."""
        return []

    def kept_counts(self) -> list[PartCounts]:
        """Return an empty list for the counts of the parts."""
        return []
