"""Where the sentences of a lexicon are: in memory, or on disk when there are more than memory holds.

Both give the same sentences in the same parts, so everything that is counted from them is the same.
"""

from collections.abc import Iterator, MutableSequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from framing.evaluation.lexicon.counting import PartCounts
from framing.evaluation.lexicon.documents import SENTENCES, Documents, in_parts, number_documents
from framing.evaluation.lexicon.words import Tokens


class Sentences(Protocol):
    """Sentences with `group`, `stratum` and `document`, part by part.

    Attributes:
        documents: the documents that they make up.
    """

    documents: Documents

    def parts(self) -> Iterator[pl.DataFrame]:
        """Yield whole documents, in ascending order."""
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
        return in_parts(self.sentences, self.at_once)

    def kept_tokens(self) -> list[Tokens]:
        """Return an empty list for the words of the parts."""
        return []

    def kept_counts(self) -> list[PartCounts]:
        """Return an empty list for the counts of the parts."""
        return []
