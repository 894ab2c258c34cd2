"""What the listed terms need from every document: how evenly they are spread, and the bootstrap.

The bootstrap draws documents with Poisson weights (Hanley & MacGibbon 2006; Chamandy et al. 2012), which can
be made for each document alone: neither the order of documents nor their division into parts changes a draw.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.stats import poisson

from framing.evaluation.lexicon.comparison import Comparison
from framing.evaluation.lexicon.counting import Integers, PartCounts
from framing.evaluation.lexicon.measures import Prior, dirichlet_log_odds
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Side, Vector
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
    counter. Seeds that differ by 4096 are the same.
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
        of the log-odds), each of shape (L,); NaN where there is none, as for a term that one side lacks.
    """
    sides = _Sides(order, settings)
    pairs = [sides.of(each) for each in compared]
    terms = sides.terms()
    for part in parts:
        drawn = poisson_weights(part.documents, settings.draws, settings.seed)
        listed = _Listed(part, terms)
        for side in sides:
            side.add(listed, part.totals, cell[part.documents], drawn)
    return [_columns(each, pair, settings.prior) for each, pair in zip(compared, pairs, strict=True)]


class _Listed:
    """The counts of the listed terms in a part, by document and by term."""

    def __init__(self, part: PartCounts, terms: NDArray[np.intp]) -> None:
        self._terms = terms
        self._by_document = part.matrix[:, terms]
        self._by_term = self._by_document.tocsc()

    def of(self, documents: NDArray[np.intp], terms: NDArray[np.intp]) -> coo_matrix:
        """Return the counts of some terms in some documents; rows are all documents of the part."""
        places = np.searchsorted(self._terms, terms)
        if 2 * len(documents) > self._by_document.shape[0]:
            found = self._by_term[:, places].tocoo()
            there = np.zeros(found.shape[0], dtype=np.bool_)
            there[documents] = True
            kept = there[found.row]
            row, column, data = found.row[kept], found.col[kept], found.data[kept]
        else:
            found = self._by_document[_rows(documents)][:, places].tocoo()
            row, column, data = documents[found.row], found.col, found.data
        return coo_matrix((data, (row, column)), shape=(self._by_document.shape[0], len(terms)))


class _Side:
    """Gathers, part by part, what some terms need from the documents of one side.

    Attributes:
        counts: shape (L, draws); drawn occurrences of the side's terms, or nothing if none are drawn.
        lengths: shape (longest n-gram, draws); drawn n-grams.
    """

    def __init__(self, weights: Vector, order: Integers, longest: int) -> None:
        self._weights, self._all_orders, self._longest = weights, order, longest
        self.terms = np.empty(0, dtype=np.intp)
        self._wanted: list[tuple[NDArray[np.intp], Side]] = []
        self.draws = 0

    def want(self, terms: NDArray[np.intp], raw: Side, draws: int) -> None:
        """Ask for some terms, whose sums over the side's documents are `raw`, and for draws of them."""
        self._wanted.append((terms, raw))
        self.terms = np.union1d(self.terms, terms)
        self.draws = max(self.draws, draws)

    def ready(self) -> None:
        """Make room, when everything has been asked for."""
        size = len(self.terms)
        self._order = self._all_orders[self.terms] - 1
        self._count, self._length = np.zeros(size), np.zeros(size)
        for terms, raw in self._wanted:
            place = self.places(terms)
            self._count[place], self._length[place] = raw.count, raw.length
        self._deviation = np.zeros(size)
        self.counts = np.zeros((size, self.draws), dtype=np.float32)
        self.lengths = np.zeros((self._longest, self.draws), dtype=np.float32)

    def places(self, terms: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return where these terms stand among those of the side."""
        return np.searchsorted(self.terms, terms)

    def add(self, listed: _Listed, totals: Integers, cell: Integers, drawn: Draws) -> None:
        """Add those documents of a part that are on this side."""
        of_document = self._weights[cell]
        on_side = np.flatnonzero(of_document)
        if not len(on_side):
            return
        own = listed.of(on_side, self.terms)
        # Gries' deviation: where a document lacks a term, it adds its share of the words.
        share = totals[own.row, self._order[own.col]] / self._length[own.col]
        parts = np.abs(own.data / self._count[own.col] - share) - share
        self._deviation += np.bincount(own.col, weights=parts, minlength=len(self.terms))
        if self.draws:
            weighted = (own.data * of_document[own.row]).astype(np.float32)
            self.counts += csr_matrix((weighted, (own.col, own.row)), shape=own.shape[::-1]) @ drawn
            rows = _rows(on_side)
            lengths = totals[rows] * of_document[rows][:, np.newaxis]
            self.lengths += lengths.T.astype(np.float32) @ drawn[rows]

    def orders(self, terms: NDArray[np.intp]) -> Integers:
        """Return the length of these terms in words, less one."""
        return np.asarray(self._all_orders[terms] - 1)

    def deviation(self, terms: NDArray[np.intp]) -> Vector:
        """Return Gries' deviation of proportions, NaN where the side lacks a term."""
        place = self.places(terms)
        return np.where(self._count[place] > 0, (1 + self._deviation[place]) / 2, np.nan)


def _rows(on_side: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return the rows as a slice if they follow each other: nothing is copied then."""
    first, last = int(on_side[0]), int(on_side[-1]) + 1
    return slice(first, last) if last - first == len(on_side) else on_side


class _Sides:
    """The different sides of all comparisons: a group that is in several is gathered once."""

    def __init__(self, order: Integers, settings: LexiconSettings) -> None:
        self._order, self._longest, self._draws = order, settings.ngrams[1], settings.draws
        self._known: dict[bytes, _Side] = {}

    def __iter__(self) -> Iterator[_Side]:
        return iter(self._known.values())

    def of(self, compared: Comparison) -> tuple[_Side, _Side | None, _Side | None]:
        """Return both sides of a comparison; where the other is all less the first, it is drawn so."""
        draws = self._draws if compared.inference == DOCUMENTS else 0
        first, second = compared.weights.T
        raw_a, raw_b = compared.contrast.raw_a, compared.contrast.raw_b
        unstratified_rest = compared.other == THE_REST and len(compared.contrast.shared) == 1
        a = self._side(first, compared.terms, raw_a, draws)
        if unstratified_rest:
            whole = self._side(np.ones(len(first)), compared.terms, raw_a.plus(raw_b), draws)
            return a, None, whole
        return a, self._side(second, compared.terms, raw_b, draws), None

    def _side(self, weights: Vector, terms: NDArray[np.intp], raw: Side, draws: int) -> _Side:
        side = self._known.setdefault(weights.tobytes(), _Side(weights, self._order, self._longest))
        side.want(terms, raw, draws)
        return side

    def terms(self) -> NDArray[np.intp]:
        """Return the terms of all sides, ascending; nothing more can be asked for then."""
        for side in self:
            side.ready()
        return np.unique(np.concatenate([np.empty(0, dtype=np.intp), *(side.terms for side in self)]))


def _columns(
    compared: Comparison, sides: tuple[_Side, _Side | None, _Side | None], prior: Prior
) -> dict[str, Vector]:
    a, b, whole = sides
    terms = compared.terms
    nothing = np.full(len(terms), np.nan)
    other = b.deviation(terms) if b is not None and compared.other != THE_REST else nothing
    columns = {"dp": a.deviation(terms), "dp_other": other}
    if compared.inference != DOCUMENTS or not a.draws:
        return columns | {"boot_low": nothing, "boot_high": nothing}
    order = a.orders(terms)
    counts_a, lengths_a = a.counts[a.places(terms)], a.lengths[order]
    if b is not None:
        counts_b, lengths_b = b.counts[b.places(terms)], b.lengths[order]
    elif whole is not None:
        counts_b = whole.counts[whole.places(terms)] - counts_a
        lengths_b = whole.lengths[order] - lengths_a
    odds = dirichlet_log_odds((counts_a, lengths_a), (counts_b, lengths_b), prior)
    low, high = np.quantile(odds, INTERVAL, axis=1)
    # What a side never has, no draw of its documents has: the interval would be too narrow.
    raw_a, raw_b = compared.contrast.raw_a, compared.contrast.raw_b
    unseen = (raw_a.count == 0) | (raw_b.count == 0)
    return columns | {
        "boot_low": np.where(unseen, np.nan, low),
        "boot_high": np.where(unseen, np.nan, high),
    }
