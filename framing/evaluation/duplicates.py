"""Sentences that are nearly the same, found without comparing every sentence with every other.

Similarity is that of Jaccard over the runs of five characters. Two texts that share most of their runs
must share some of the rare ones: if their similarity is at least t, then the `n - ceil(t n) + k` rarest
runs of each (n is the number of its runs) have k in common (the prefix filter of Chaudhuri et al. 2006 and
Bayardo et al. 2007). So only texts that share k rare runs are compared, in blocks of bounded size.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Integers = NDArray[np.int64]

LARGEST = 2**62
"""The code of a run stays below it, so that it fits into 64 bits."""

SHARED = 8
"""Rare runs that two texts have to share before they are compared."""

BLOCK = 5_000_000
"""Entries of a sparse product, and shared runs counted, that are in memory at once."""


@dataclass(frozen=True, eq=False)
class NearDuplicates:
    """Which of n texts are nearly the same.

    Attributes:
        first: shape (n,); the first text that is the same but for case and spaces, itself without one.
        pairs: `first`, `second` (numbers of texts, the lower first) and `similarity`, which is 1 for a
            copy. A copy is paired with the first of its kind alone, which stands for it in other pairs.
    """

    first: Integers
    pairs: pl.DataFrame

    def near(self, others: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which texts have a copy or near-duplicate among the others (both of shape (n,))."""
        size = len(self.first)
        count = np.bincount(self.first[others], minlength=size)
        one, other = (self.pairs[column].to_numpy() for column in ("first", "second"))
        close = csr_matrix((np.ones(len(one), dtype=np.int64), (one, other)), shape=(size, size))
        around = count + close @ count + close.T @ count
        return np.asarray(around[self.first] - others > 0)


def near_duplicates(
    texts: Sequence[str], *, characters: int, threshold: float, compared: int | None = None
) -> NearDuplicates:
    """Find the texts whose similarity is above the threshold.

    Args:
        texts: n texts.
        characters: in a run.
        threshold: between 0 and 1; the higher, the faster.
        compared: look only for pairs with one of the first so many texts; None for all pairs.
    """
    plain = [" ".join(text.lower().split()) for text in texts]
    seen: dict[str, int] = {}
    first = np.array([seen.setdefault(text, number) for number, text in enumerate(plain)], dtype=np.int64)
    kept = np.array(list(seen.values()), dtype=np.int64)
    limit = len(texts) if compared is None else compared
    copies = np.flatnonzero((first != np.arange(len(first))) & (first < limit))
    runs = _runs(list(seen), characters)
    parts = [(first[copies], copies, np.ones(len(copies)))]
    for row, column, similarity in _similar(runs, threshold, int((kept < limit).sum())):
        parts.append((kept[row], kept[column], similarity))
    one, other, similarity = (np.concatenate(column) for column in zip(*parts, strict=True))
    pairs = pl.DataFrame({"first": one, "second": other, "similarity": similarity})
    return NearDuplicates(first, pairs.sort("similarity", "first", "second", descending=[True, False, False]))


def _runs(texts: Sequence[str], characters: int) -> csr_matrix:
    """Return which text has which run, shape (n, runs), the rarest run in the first column."""
    number = _numbers(texts, int(LARGEST ** (1 / characters)))
    codes = [_codes(number, text, characters) for text in texts]
    ends = np.cumsum([0, *map(len, codes)])
    flat = np.concatenate([*codes, np.empty(0, dtype=np.int64)])
    column = np.searchsorted(np.unique(flat), flat).astype(np.int32)
    order = np.argsort(np.bincount(column), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    made = csr_matrix(
        (np.ones(len(flat), dtype=np.int32), rank[column], ends), shape=(len(texts), len(order))
    )
    made.sort_indices()
    return made


def _numbers(texts: Sequence[str], most: int) -> Integers:
    """Return the number of every character, by its code point; all but the `most` frequent share one."""
    count = np.zeros(sys.maxunicode + 1, dtype=np.int64)
    for text in texts:
        np.add.at(count, _points(text), 1)
    frequent = np.argsort(-count, kind="stable")[:most]
    number = np.full(len(count), most - 1, dtype=np.int64)
    number[frequent] = np.arange(len(frequent))
    return number


def _codes(number: Integers, text: str, characters: int) -> Integers:
    """Return the runs of characters in a text, each once and as one number."""
    units = number[_points(text)]
    starts = max(0, len(units) - characters + 1)
    base = int(LARGEST ** (1 / characters))
    codes = np.zeros(starts, dtype=np.int64)
    for step in range(characters):
        codes = codes * base + units[step : step + starts]
    return np.unique(codes)


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _similar(
    runs: csr_matrix, threshold: float, compared: int
) -> Iterator[tuple[Integers, Integers, NDArray[np.float64]]]:
    """Yield pairs of rows and their similarity, block by block."""
    size = np.diff(runs.indptr).astype(np.int64)
    least = np.ceil(threshold * size - 1e-9).astype(np.int64)  # runs that a similar text must share
    shared = np.minimum(SHARED, least)
    rare = _beginnings(runs, size - least + shared)
    by_run = rare.T.tocsr()
    cost = rare @ np.diff(by_run.indptr)
    for start, end in _blocks(cost[:compared]):
        product = (rare[start:end] @ by_run).tocoo()
        row, column = product.row.astype(np.int64) + start, product.col.astype(np.int64)
        close = (row < column) & (product.data >= np.minimum(shared[row], shared[column]))
        smaller, larger = np.minimum(size[row], size[column]), np.maximum(size[row], size[column])
        close &= smaller >= threshold * larger - 1e-9
        yield from _measured(runs, size, row[close], column[close], threshold)


def _beginnings(runs: csr_matrix, lengths: Integers) -> csr_matrix:
    """Return the matrix with the first so many entries of every row."""
    place = np.arange(runs.nnz) - np.repeat(runs.indptr[:-1], np.diff(runs.indptr))
    kept = place < np.repeat(lengths, np.diff(runs.indptr))
    ends = np.concatenate([[0], np.cumsum(kept)])[runs.indptr]
    return csr_matrix((runs.data[kept], runs.indices[kept], ends), shape=runs.shape)


def _blocks(cost: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the starts and ends of blocks of rows whose costs together stay within `BLOCK`, or of one row."""
    total = np.cumsum(cost)
    start = 0
    while start < len(cost):
        before = total[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(total, before + BLOCK, side="right")))
        yield start, end
        start = end


def _measured(
    runs: csr_matrix, size: Integers, row: Integers, column: Integers, threshold: float
) -> Iterator[tuple[Integers, Integers, NDArray[np.float64]]]:
    """Yield the pairs above the threshold with their similarity."""
    for start, end in _blocks(size[row]):
        one, other = row[start:end], column[start:end]
        common = np.asarray(runs[one].multiply(runs[other]).sum(axis=1)).ravel()
        similarity = common / (size[one] + size[other] - common)
        above = similarity > threshold
        yield one[above], other[above], similarity[above]
