"""Count n-grams by document: one sparse matrix, in parts of whole documents.

Words that are rarer than `min_count` get no column, and neither does an n-gram that holds one: it cannot be
more frequent than its words. So an n-gram is found from the frequent (n-1)-gram that it begins with, and
n-grams of any length are counted without ever making their texts (the apriori principle, Agrawal & Srikant
1994). Totals count all n-grams: pruning changes no total.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from framing.core.errors import FramingError
from framing.evaluation.lexicon.words import Tokens

Integers = NDArray[np.int64]

WAITING = 20_000_000
"""Keys that wait in memory until they are added up."""

NONE = -1
"""Stands for an n-gram that has no column."""


@dataclass(frozen=True, eq=False)
class PartCounts:
    """How often each term stands in each of some documents.

    Attributes:
        documents: shape (D,); the numbers of the documents, in ascending order.
        matrix: shape (D, V); counts.
        totals: shape (D, longest n-gram); n-grams of each length in each document, pruned ones too.
        sentences: shape (D,); sentences of each document.
    """

    documents: Integers
    matrix: csr_matrix
    totals: Integers
    sentences: Integers


@dataclass(frozen=True, eq=False)
class Counts:
    """The counts of a corpus.

    Attributes:
        terms: shape (V,); the n-grams, shorter ones first, in alphabetical order.
        order: shape (V,); length of each term in words.
        parts: the documents part by part, in ascending order; may be read from disk one by one.
    """

    terms: pl.Series
    order: Integers
    parts: Sequence[PartCounts]


@dataclass(frozen=True, eq=False)
class Terms:
    """The n-grams that are counted.

    Attributes:
        words: shape (all words met,); the column of each word by its number, `NONE` for a rare one.
        keys: for n = 2, 3, ...: shape (V_n,); the key of every n-gram, ascending (see `_keys`).
        texts: shape (V,); the terms, those of n = 1 first.
        order: shape (V,); length of each in words.
    """

    words: Integers
    keys: tuple[Integers, ...]
    texts: pl.Series
    order: Integers

    @property
    def singles(self) -> int:
        """How many single words are counted."""
        return int((self.words != NONE).sum())


def find_terms(
    parts: Sequence[Tokens], vocabulary: pl.DataFrame, *, ngrams: tuple[int, int], min_count: int
) -> Terms:
    """Return the n-grams that stand at least `min_count` times in all parts together.

    Args:
        parts: the words of the corpus.
        vocabulary: `word` and `number`, in alphabetical order of the words.
        ngrams: shortest and longest n-gram, in words. Shorter ones are counted too, to find the longer.
        min_count: rarer terms have no column.
    """
    numbers = vocabulary["number"].to_numpy().astype(np.int64)
    size = int(numbers.max(initial=-1)) + 1
    occurrences = np.zeros(size, dtype=np.int64)
    for tokens in parts:
        occurrences += np.bincount(tokens.words, minlength=size)
    frequent = occurrences[numbers] >= min_count
    words = np.full(size, NONE, dtype=np.int64)
    words[numbers[frequent]] = np.arange(frequent.sum())
    singles = vocabulary["word"].filter(pl.Series(frequent))
    terms = Terms(words, (), singles, np.ones(len(singles), dtype=np.int64))
    for length in range(2, ngrams[1] + 1):
        terms = _with_longer(terms, parts, singles, length, min_count)
    return terms


def _with_longer(
    terms: Terms, parts: Sequence[Tokens], singles: pl.Series, length: int, min_count: int
) -> Terms:
    """Return the terms together with the frequent n-grams of the next length."""
    keys, counts = _merged(_key_counts(terms, tokens, length) for tokens in parts)
    kept = keys[counts >= min_count]
    before, last = np.divmod(kept, max(len(singles), 1))
    shorter = terms.texts.filter(pl.Series(terms.order == length - 1))
    texts = shorter[before] + " " + singles[last]
    return Terms(
        terms.words,
        (*terms.keys, kept),
        pl.concat([terms.texts, texts]),
        np.concatenate([terms.order, np.full(len(kept), length)]),
    )


def _key_counts(terms: Terms, tokens: Tokens, length: int) -> tuple[Integers, Integers]:
    """Return the keys of the n-grams of one part, ascending, and how often each stands there."""
    columns = terms.words[tokens.words]
    *_, (_, keys) = _longer(terms, tokens, columns, length)
    return np.unique(keys, return_counts=True)


def _merged(counted: Iterable[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    """Return keys, ascending, with the sums of their counts."""
    waiting: list[pl.DataFrame] = []
    for keys, counts in counted:
        waiting.append(pl.DataFrame({"key": keys, "count": counts}))
        if sum(table.height for table in waiting[1:]) > WAITING:
            waiting = [_summed(waiting)]
    summed = waiting[0] if len(waiting) == 1 else _summed(waiting)
    return summed["key"].to_numpy(), summed["count"].to_numpy()


def _summed(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(tables).group_by("key").agg(pl.col("count").sum()).sort("key")


def _longer(
    terms: Terms, tokens: Tokens, columns: Integers, longest: int
) -> Iterator[tuple[Integers, Integers]]:
    """Yield for n = 2, 3, ... where n-grams of frequent words begin, and their keys.

    The key of an n-gram is the place of its first n-1 words among the (n-1)-grams times the number of
    single words, plus the place of its last word: keys are in alphabetical order.
    """
    singles = terms.singles
    segment = np.repeat(np.arange(len(tokens.ends)), np.diff(tokens.ends, prepend=0))
    starts = np.flatnonzero(columns != NONE)
    places = columns[starts]
    for length in range(2, longest + 1):
        ends = starts + length - 1
        inside = ends < len(columns)
        starts, places, ends = starts[inside], places[inside], ends[inside]
        whole = (segment[starts] == segment[ends]) & (columns[ends] != NONE)
        starts, keys = starts[whole], places[whole] * singles + columns[ends[whole]]
        yield starts, keys
        if length < longest:
            places = _places(terms.keys[length - 2], keys)
            starts, places = starts[places != NONE], places[places != NONE]


def _places(kept: Integers, keys: Integers) -> Integers:
    """Return where each key stands among those that are kept, `NONE` if it does not."""
    if not len(kept):
        return np.full(len(keys), NONE, dtype=np.int64)
    place = np.searchsorted(kept, keys)
    place[place == len(kept)] = 0
    return np.where(kept[place] == keys, place, NONE)


def occurrences(terms: Terms, tokens: Tokens, ngrams: tuple[int, int]) -> Iterator[tuple[Integers, Integers]]:
    """Yield for every length where terms begin in `tokens.words`, ascending, and their columns."""
    columns = terms.words[tokens.words]
    if ngrams[0] == 1:
        starts = np.flatnonzero(columns != NONE)
        yield starts, columns[starts]
    first = terms.singles
    if ngrams[1] == 1:
        return
    longer = _longer(terms, tokens, columns, ngrams[1])
    for length, (kept, (starts, keys)) in enumerate(zip(terms.keys, longer, strict=True), start=2):
        if length >= ngrams[0]:
            places = _places(kept, keys)
            there = places != NONE
            yield starts[there], first + places[there]
        first += len(kept)


def count_part(terms: Terms, tokens: Tokens, ngrams: tuple[int, int]) -> PartCounts:
    """Return how often each term stands in each document of a part.

    Raises:
        FramingError: the part is too large for 64-bit keys (documents times terms).
    """
    documents, row_of_segment = np.unique(tokens.documents, return_inverse=True)
    lengths = np.diff(tokens.ends, prepend=0)
    row = np.repeat(row_of_segment, lengths)
    totals = _totals(row_of_segment, lengths, len(documents), ngrams[1])
    width = len(terms.texts)
    if len(documents) * width >= 2**63:
        raise FramingError(
            f"{len(documents):,} documents and {width:,} terms at once: raise lexicon.min_count."
        )
    found = [np.empty(0, dtype=np.int64)]
    for starts, columns in occurrences(terms, tokens, ngrams):
        found.append(row[starts] * width + columns)
    cells, counts = np.unique(np.concatenate(found), return_counts=True)
    rows, column = np.divmod(cells, width) if width else (cells, cells)
    pointers = np.searchsorted(rows, np.arange(len(documents) + 1))
    matrix = csr_matrix(
        (counts.astype(np.int32), column.astype(np.int32), pointers), shape=(len(documents), width)
    )
    sentences = np.bincount(row_of_segment, weights=tokens.begins, minlength=len(documents))
    return PartCounts(documents, matrix, totals, sentences.astype(np.int64))


def _totals(row: Integers, lengths: Integers, documents: int, longest: int) -> Integers:
    """Return the n-grams of each length in each document, shape (documents, longest)."""
    orders = range(1, longest + 1)
    counted = [
        np.bincount(row, weights=np.maximum(lengths - order + 1, 0), minlength=documents) for order in orders
    ]
    return np.column_stack(counted).astype(np.int64)
