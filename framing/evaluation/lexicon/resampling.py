"""What the listed terms need from every document: how evenly they are spread, and the bootstrap.

The bootstrap draws documents with Poisson weights (Hanley & MacGibbon 2006; Chamandy et al. 2012), which can
be made for each document alone: neither the order of documents nor their division into parts changes a draw.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.stats import poisson

from framing.evaluation.lexicon.comparison import Comparison
from framing.evaluation.lexicon.counting import Integers, PartCounts
from framing.evaluation.lexicon.measures import Prior, dirichlet_log_odds
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Vector
from framing.evaluation.lexicon.tables import DOCUMENTS, THE_REST

Draws = NDArray[np.float32]

WEIGHTS = np.searchsorted(poisson.cdf(np.arange(10), 1), (np.arange(2**16) + 0.5) / 2**16).astype(np.float32)
"""The weight of every uniform number of 16 bits: quantiles of the Poisson distribution with mean 1."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIXED = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
"""The constants of SplitMix64."""

INTERVAL = (0.025, 0.975)


def uniform_bits(documents: Integers, number: int, seed: int) -> NDArray[np.uint64]:
    """Return `number` times 64 random bits for every document, shape (documents, number).

    They depend on the three numbers alone: the finaliser of SplitMix64 (Steele, Lea & Flood 2014) over a
    counter.
    """
    bits = documents.astype(np.uint64)[:, np.newaxis] << np.uint64(20)
    stream = np.arange(number, dtype=np.uint64) + (np.uint64(seed) << np.uint64(52))
    bits = np.add(bits, stream, dtype=np.uint64)
    with np.errstate(over="ignore"):
        np.multiply(bits, GOLDEN, out=bits)
        for shift, factor in MIXED:
            np.multiply(bits ^ (bits >> shift), factor, out=bits)
    return np.asarray(bits ^ (bits >> np.uint64(31)))


def poisson_weights(documents: Integers, draws: int, seed: int) -> Draws:
    """Return how often each document is drawn, shape (documents, draws): Poisson with mean 1."""
    bits = uniform_bits(documents, -(-draws // 4), seed).astype("<u8").view("<u2")
    return np.asarray(WEIGHTS[bits[:, :draws]])


class _Drawn:
    """Drawn occurrences of some terms and drawn n-grams of each length, summed over documents.

    Attributes:
        counts: shape (L, draws).
        lengths: shape (longest n-gram, draws).
    """

    def __init__(self, terms: int, longest: int, draws: int) -> None:
        self.counts = np.zeros((terms, draws), dtype=np.float32)
        self.lengths = np.zeros((longest, draws), dtype=np.float32)

    def add(self, counts: csr_matrix, totals: Integers, weights: Draws) -> None:
        """Add some documents: their counts, shape (documents, L), totals, and how often each is drawn."""
        self.counts += counts.T.astype(np.float32) @ weights
        self.lengths += totals.T.astype(np.float32) @ weights


def spread_over_documents(
    parts: Iterable[PartCounts],
    compared: Sequence[Comparison],
    cell: Integers,
    order: Integers,
    settings: LexiconSettings,
) -> list[dict[str, Vector]]:
    """Return how the listed terms of every comparison are spread over its documents.

    Args:
        parts: the counts of the documents.
        compared: the comparisons.
        cell: shape (all documents,); the cell of each document.
        order: shape (V,); length of each term in words.
        settings: `draws`, `prior` and `seed`.

    Returns:
        For every comparison `dp`, `dp_other` (Gries 2008), `boot_low` and `boot_high` (percentile interval
        of the log-odds), each of shape (L,); NaN where there is none.
    """
    longest = settings.ngrams[1]
    terms = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *(each.terms for each in compared)]))
    whole = _Drawn(len(terms), longest, settings.draws)
    gathered = [_Spread(each, terms, order, longest, settings.draws) for each in compared]
    for part in parts:
        weights = poisson_weights(part.documents, settings.draws, settings.seed)
        listed = part.matrix.tocsc()[:, terms]
        whole.add(listed, part.totals, weights)
        for each in gathered:
            each.add(listed, part.totals, cell[part.documents], weights)
    return [each.summary(whole, settings.prior) for each in gathered]


class _Spread:
    """Gathers what one comparison needs, part by part."""

    def __init__(
        self, compared: Comparison, terms: NDArray[np.intp], order: Integers, longest: int, draws: int
    ) -> None:
        self._compared = compared
        self._place = np.searchsorted(terms, compared.terms)
        self._order = order[compared.terms] - 1
        drawn = draws if compared.inference == DOCUMENTS else 0
        self._drawn = [_Drawn(len(compared.terms), longest, drawn) for _ in range(2)]
        self._deviation = np.zeros((2, len(compared.terms)))
        # Without strata the rest is everything but the group, so nothing more is drawn for it.
        self._rest = compared.other == THE_REST and len(compared.contrast.shared) == 1

    def add(self, listed: csc_matrix, totals: Integers, cell: Integers, weights: Draws) -> None:
        """Add the documents of a part; `listed` has the counts of all terms that any comparison lists."""
        own = listed[:, self._place].tocoo()
        for side in range(2):
            of_document = self._compared.weights[cell, side]
            on_side = of_document[own.row] > 0
            counts, row, column = own.data[on_side], own.row[on_side], own.col[on_side]
            self._add_deviation(side, counts, row, column, totals)
            if self._drawn[side].counts.size and not (side and self._rest):
                weighted = csr_matrix((counts * of_document[row], (row, column)), shape=own.shape)
                there = np.flatnonzero(of_document)
                lengths = totals[there] * of_document[there, np.newaxis]
                drawn = weights[there]
                self._drawn[side].add(weighted[there], lengths, drawn)

    def _add_deviation(
        self, side: int, counts: Integers, row: Integers, column: Integers, totals: Integers
    ) -> None:
        """Add to Gries' deviation: where a document lacks a term, it adds its share of the words."""
        raw = (self._compared.contrast.raw_a, self._compared.contrast.raw_b)[side]
        share = totals[row, self._order[column]] / raw.length[column]
        parts = np.abs(counts / raw.count[column] - share) - share
        self._deviation[side] += np.bincount(column, weights=parts, minlength=len(self._place))

    def summary(self, whole: _Drawn, prior: Prior) -> dict[str, Vector]:
        """Return the four columns."""
        raw = (self._compared.contrast.raw_a, self._compared.contrast.raw_b)
        deviation = [
            np.where(side.count > 0, (1 + parts) / 2, np.nan)
            for side, parts in zip(raw, self._deviation, strict=True)
        ]
        low, high = self._interval(whole, prior)
        return {"dp": deviation[0], "dp_other": deviation[1], "boot_low": low, "boot_high": high}

    def _interval(self, whole: _Drawn, prior: Prior) -> tuple[Vector, Vector]:
        a, b = self._drawn
        nothing = np.full(len(self._place), np.nan)
        if not a.counts.size:
            return nothing, nothing
        counts_b = whole.counts[self._place] - a.counts if self._rest else b.counts
        lengths_b = whole.lengths - a.lengths if self._rest else b.lengths
        drawn = dirichlet_log_odds(
            (a.counts, a.lengths[self._order]), (counts_b, lengths_b[self._order]), prior
        )
        low, high = np.quantile(drawn, INTERVAL, axis=1)
        # What a side never has, no draw of its documents has: the interval would be too narrow.
        raw = (self._compared.contrast.raw_a, self._compared.contrast.raw_b)
        unseen = (raw[0].count == 0) | (raw[1].count == 0)
        return np.where(unseen, np.nan, low), np.where(unseen, np.nan, high)
