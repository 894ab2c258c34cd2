"""From sentences to words: what a word is, and words as numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

WORD = r"(?:\d+(?:[.,]\d+)+|[\p{L}\p{N}_]\w*)(?:(?:'-?|-'?)\w+)*"
"""A word: letters, digits and underscores, joined by apostrophes or hyphens; "40,000" is one word.

Two hyphens are a dash: "town--village" is two words."""

INVISIBLE = "[\u00ad\u200b\u2060\ufeff\ufe00-\ufe0f\u20e3]"
"""Soft hyphens, spaces of no width, and signs that make a picture of another: no part of a word."""

APOSTROPHES = "[’ʼ‘′]"
"""What a typewriter writes as '. Curly or straight is the typesetter's choice and would mark a source."""

GAP = "\n"
"""Stands in a text where something was taken out: no n-gram runs over it."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """The words of some documents in order, as numbers.

    Attributes:
        words: shape (T,); the number of each word in its `Vocabulary`.
        ends: shape (S,); where each segment ends in `words`. No n-gram runs over the end of a segment: it is
            a sentence, or what is left of one on either side of a `GAP`.
        documents: shape (S,); the document of each segment, in ascending order.
        begins: shape (S,); whether a sentence begins with the segment.
    """

    words: NDArray[np.uint32]
    ends: NDArray[np.int64]
    documents: NDArray[np.int64]
    begins: NDArray[np.bool_]


def plain(texts: pl.Series) -> pl.Series:
    """Return texts as words are looked for in them: lower case, one form of every letter and apostrophe.

    The form is NFC, so that a letter with its accent is one letter however it was typed.
    """
    beyond_ascii = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(False)
    if beyond_ascii.any():
        texts = texts.clone().scatter(beyond_ascii.arg_true(), _composed(texts.filter(beyond_ascii)))
    return texts.str.to_lowercase()


def _composed(texts: pl.Series) -> pl.Series:
    composed = texts.str.normalize("NFC").str.replace_all(INVISIBLE, "")
    return composed.str.replace_all(APOSTROPHES, "'")


def words_of(texts: pl.Series) -> pl.Series:
    """Return the words of every text, shape (n,), lists of strings; a `GAP` is passed over.

    >>> words_of(pl.Series(["The army's 40,000 men re-took Kup’yansk."])).to_list()
    [['the', "army's", '40,000', 'men', 're-took', "kup'yansk"]]
    """
    return plain(texts).str.extract_all(WORD)


class Vocabulary:
    """Numbers for words, shared by all parts of a corpus. It grows with every part that is encoded."""

    def __init__(self) -> None:
        self._categories = pl.Categories.random(namespace="framing", physical=pl.UInt32)
        self._known = pl.Series("word", [], dtype=pl.Categorical(self._categories))

    def encode(self, texts: pl.Series, documents: NDArray[np.int64]) -> Tokens:
        """Return the words of n texts.

        Args:
            texts: n sentences, those of a document together.
            documents: shape (n,), the document of each, in ascending order.
        """
        segments = pl.DataFrame({"text": texts, "document": documents})
        segments = (
            segments.with_row_index("sentence").with_columns(pl.col("text").str.split(GAP)).explode("text")
        )
        found = words_of(segments["text"])
        lengths = found.list.len().to_numpy()
        words = found.explode(empty_as_null=False).cast(pl.Categorical(self._categories))
        self._known = pl.concat([self._known, words.unique()]).unique()
        return Tokens(
            words.to_physical().to_numpy(),
            np.cumsum(lengths, dtype=np.int64),
            segments["document"].to_numpy(),
            np.diff(segments["sentence"].to_numpy().astype(np.int64), prepend=-1) > 0,
        )

    def words(self) -> pl.DataFrame:
        """Return all words met so far: `word` and its `number`, in alphabetical order."""
        known = pl.DataFrame({"number": self._known.to_physical(), "word": self._known.cast(pl.String)})
        return known.sort("word")
