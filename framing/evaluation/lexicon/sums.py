"""Sums over documents: all that the formulas need to know of a group.

A cell is what documents of one group and one stratum have together. Sums of cells add up, so one against the
rest, every pair and any division of the corpus into parts come from them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add, sub
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from framing.evaluation.lexicon.counting import Integers, PartCounts

Vector = NDArray[np.float64]
CellRow = tuple[NDArray[np.int32], Vector, Vector, Vector, Vector]


@dataclass(frozen=True, eq=False)
class CellSums:
    """Sums over the documents of each of C cells, for V terms.

    Attributes:
        count: shape (C, V), sparse; occurrences.
        squares: shape (C, V), sparse; sum over documents of the squared count.
        cross: shape (C, V), sparse; sum over documents of count times document length.
        documents_with: shape (C, V), sparse; documents that hold the term.
        length: shape (C, longest n-gram); n-grams of each length.
        length_squares: shape (C, longest n-gram); sum over documents of the squared length.
        documents: shape (C,); number of documents that have words.
        sentences: shape (C,); number of sentences.
        order: shape (V,); length of each term in words.
    """

    count: csr_matrix
    squares: csr_matrix
    cross: csr_matrix
    documents_with: csr_matrix
    length: Vector
    length_squares: Vector
    documents: Vector
    sentences: Vector
    order: Integers

    def __add__(self, other: "CellSums") -> "CellSums":
        """Return the sums over the documents of both; no document may be in both."""
        return CellSums(
            self.count + other.count,
            self.squares + other.squares,
            self.cross + other.cross,
            self.documents_with + other.documents_with,
            self.length + other.length,
            self.length_squares + other.length_squares,
            self.documents + other.documents,
            self.sentences + other.sentences,
            self.order,
        )

    def side(self, cells: Integers) -> "Side":
        """Return the sums over some cells together."""
        column = self.order - 1
        count = _total(self.count, cells)
        return Side(
            count=count,
            squares=_total(self.squares, cells),
            cross=_total(self.cross, cells),
            documents_with=_total(self.documents_with, cells),
            length=self.length[cells].sum(axis=0)[column],
            length_squares=self.length_squares[cells].sum(axis=0)[column],
            documents=float(self.documents[cells].sum()),
            words=float(self.length[cells, 0].sum()),
            count_variance=count,
        )


def _total(matrix: csr_matrix, rows: Integers) -> Vector:
    if len(rows) == 1:
        return np.asarray(matrix[rows[0]].toarray()[0], dtype=np.float64)
    return np.asarray(matrix[rows].sum(axis=0), dtype=np.float64).ravel()


@dataclass(frozen=True, eq=False)
class Side:
    """Sums over the documents of one side of a comparison, each of shape (V,) unless said otherwise.

    Attributes:
        count: occurrences of the term.
        squares: sum over documents of the squared count.
        cross: sum over documents of count times document length.
        documents_with: documents that hold the term.
        length: n-grams of the term's length.
        length_squares: sum over documents of the squared length.
        documents: number of documents, a scalar.
        words: number of single words, a scalar.
        count_variance: variance of the count if every occurrence were a draw of its own: the sum over
            occurrences of the squared weight, so the count itself where nothing is weighted.
    """

    count: Vector
    squares: Vector
    cross: Vector
    documents_with: Vector
    length: Vector
    length_squares: Vector
    documents: float
    words: float
    count_variance: Vector

    def minus(self, other: "Side") -> "Side":
        """Return the sums over the documents that are on this side and not on the other."""
        return self._with(other, sub)

    def plus(self, other: "Side") -> "Side":
        """Return the sums over the documents of both; no document may be on both."""
        return self._with(other, add)

    def _with(self, other: "Side", both: Callable[[Any, Any], Any]) -> "Side":
        mine, theirs = vars(self), vars(other)
        return Side(**{name: both(mine[name], theirs[name]) for name in mine})

    def weighted(self, weight: float) -> "Side":
        """Return the sums as if every document's counts were `weight` times as large.

        Numbers of documents and of words stay as they are.
        """
        return Side(
            weight * self.count,
            weight**2 * self.squares,
            weight**2 * self.cross,
            self.documents_with,
            weight * self.length,
            weight**2 * self.length_squares,
            self.documents,
            self.words,
            weight**2 * self.count_variance,
        )

    def at(self, terms: NDArray[np.intp] | NDArray[np.bool_]) -> "Side":
        """Return the sums for some terms only."""
        return Side(
            self.count[terms],
            self.squares[terms],
            self.cross[terms],
            self.documents_with[terms],
            self.length[terms],
            self.length_squares[terms],
            self.documents,
            self.words,
            self.count_variance[terms],
        )


def cell_sums(parts: Iterable[PartCounts], cell: Integers, cells: int, order: Integers) -> CellSums:
    """Return the sums over the documents of every cell.

    Args:
        parts: the counts of the documents.
        cell: shape (all documents,); the cell of each document by its number.
        cells: how many cells there are.
        order: shape (V,); length of each term in words.
    """
    return reduce(CellSums.__add__, (_part_sums(part, cell[part.documents], cells, order) for part in parts))


def _part_sums(part: PartCounts, cell: Integers, cells: int, order: Integers) -> CellSums:
    """Return the sums over the documents of one part; `cell` is that of each of its documents."""
    totals = part.totals.astype(np.float64)
    per_cell = csr_matrix((np.ones(len(cell)), (cell, np.arange(len(cell)))), shape=(cells, len(cell)))
    there = {each: _cell_row(part, np.flatnonzero(cell == each), order) for each in np.unique(cell)}
    empty = np.empty(0)
    nothing: CellRow = (np.empty(0, dtype=np.int32), empty, empty, empty, empty)
    rows = [there.get(each, nothing) for each in range(cells)]
    terms, *sums = (np.concatenate(column) for column in zip(*rows, strict=True))
    pointers = np.cumsum([0, *(len(row[0]) for row in rows)])
    shape = (cells, part.matrix.shape[1])
    count, squares, cross, documents_with = (
        csr_matrix((each, terms, pointers), shape=shape) for each in sums
    )
    return CellSums(
        count=count,
        squares=squares,
        cross=cross,
        documents_with=documents_with,
        length=per_cell @ totals,
        length_squares=per_cell @ totals**2,
        documents=np.bincount(cell[totals[:, 0] > 0], minlength=cells).astype(np.float64),
        sentences=np.bincount(cell, weights=part.sentences, minlength=cells).astype(np.float64),
        order=order,
    )


def _cell_row(part: PartCounts, documents: NDArray[np.intp], order: Integers) -> CellRow:
    """Return the terms that some documents hold, and their four sums."""
    own = part.matrix[documents] if len(documents) < part.matrix.shape[0] else part.matrix
    counts = own.data.astype(np.float64)
    row = np.repeat(np.arange(own.shape[0]), np.diff(own.indptr))
    length = part.totals[documents][row, order[own.indices] - 1]
    sums = [
        np.bincount(own.indices, weights=weights, minlength=own.shape[1])
        for weights in (counts, counts**2, counts * length, None)
    ]
    there = np.flatnonzero(sums[3]).astype(np.int32)
    count, squares, cross, documents_with = (each[there].astype(np.float64) for each in sums)
    return there, count, squares, cross, documents_with
