"""Compare two sides term by term, and list the terms that set them apart."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.lexicon import measures
from framing.evaluation.lexicon.counting import Integers
from framing.evaluation.lexicon.documents import NO_CELL, Documents
from framing.evaluation.lexicon.permutation import Permutation
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.strata import Contrast, contrast
from framing.evaluation.lexicon.sums import CellSums, Side, Vector
from framing.evaluation.lexicon.tables import DOCUMENTS, NO_STRATUM, THE_REST, TOO_FEW


@dataclass(frozen=True, eq=False)
class Comparison:
    """What sets two sides apart.

    Attributes:
        group: the first side; effects are positive where it has more.
        other: the other group, or "the rest".
        weights: shape (C, 2); what a document of each cell counts on either side, 0 if it is not on it.
        contrast: both sides' sums, for the listed terms alone.
        inference: "documents", "too few documents" or "no stratum in common".
        tested: how many terms were compared.
        significant: terms with q at most the level; None without inference.
        jsd: Jensen-Shannon divergence of the single words, in bits.
        terms: shape (L,); columns of the listed terms, those of `group` first, the strongest first.
        values: by name, shape (L,): `log_odds`, `standard_error`, `low`, `high`, `bound`, `p`, `q`,
            `z_words`, `jsd_share`; NaN where there is none.
    """

    group: str
    other: str
    weights: Vector
    contrast: Contrast
    inference: str
    tested: int
    significant: int | None
    jsd: float
    terms: NDArray[np.intp]
    values: dict[str, Vector]


STRATA_AT_ONCE = 32
"""Sums of all groups together that are kept in memory, each as long as there are terms."""

LEAST_EXPECTED = 1.0
"""Occurrences: that a side lacks a term of which it would have fewer by chance says nothing."""

PAIRED = 30
"""Of more groups, pairs are not compared: they would be hundreds."""


def pairs_left_out(groups: int) -> int:
    """Return how many pairs of groups are too many to compare."""
    return groups * (groups - 1) // 2 if groups > PAIRED else 0


def comparisons(sums: CellSums, documents: Documents, settings: LexiconSettings) -> Iterator[Comparison]:
    """Yield every group against the rest, then, if the settings say so, every pair of groups."""
    own = {group: documents.cells_of(group) for group in documents.groups}
    everything = np.array(list(own.values()))
    if len(own) < 2:
        return
    # The rest of two groups is the other one.
    against_rest = own if len(own) > 2 or not settings.pairs else {}

    @lru_cache(maxsize=STRATA_AT_ONCE)
    def whole(stratum: int) -> Side:
        return sums.side(_there(everything[:, stratum]))

    for group, cells in against_rest.items():
        pairs = _Strata(sums, cells, whole)
        rest = np.where(everything == cells, NO_CELL, everything)
        yield _comparison((group, THE_REST), (cells[np.newaxis], rest), pairs, sums, settings)
    for group, other in combinations(own, 2) if settings.pairs and not pairs_left_out(len(own)) else ():
        cells_of_sides = (own[group][np.newaxis], own[other][np.newaxis])
        pairs = _Strata(sums, own[group], own[other])
        yield _comparison((group, other), cells_of_sides, pairs, sums, settings)


class _Strata:
    """Both sides of a comparison stratum by stratum, made when they are asked for: there may be thousands."""

    def __init__(self, sums: CellSums, cells: Integers, other: Integers | Callable[[int], Side]) -> None:
        """Take the cells of the first side, and those of the other or what gives both sides together."""
        self._sums, self._cells, self._other = sums, cells, other

    def __iter__(self) -> Iterator[tuple[Side, Side]]:
        for stratum in range(len(self._cells)):
            a = self._sums.side(_there(self._cells[[stratum]]))
            if callable(self._other):
                yield a, self._other(stratum).minus(a)
            else:
                yield a, self._sums.side(_there(self._other[[stratum]]))


def _there(cells: Integers) -> Integers:
    return np.asarray(cells[cells != NO_CELL])


def _comparison(
    names: tuple[str, str],
    cells: tuple[Integers, Integers],
    pairs: Iterable[tuple[Side, Side]],
    sums: CellSums,
    settings: LexiconSettings,
) -> Comparison:
    """Return the comparison of two sides, given in every stratum; `cells`: (groups, strata) of each."""
    if cells[0].shape[1] == 1:
        ((a, b),) = pairs
        tested, worked = _tested(a, b, settings)
        found, counts = contrast([(a.at(worked), b.at(worked))]), (a.count, b.count)
    else:
        every = contrast(pairs)
        tested, worked = _tested(every.raw_a, every.raw_b, settings)
        found, counts = every.at(worked), (every.a.count, every.b.count)
    enough = min(found.a.documents, found.b.documents) >= settings.min_documents
    values = effects(
        found.a,
        found.b,
        found.permutation,
        enough=enough,
        prior=settings.prior,
        tests=len(tested),
        absent=_says_nothing(found.raw_a, found.raw_b),
    )
    jsd, values["jsd_share"] = _divergence(*counts, tested, worked, sums.order)
    strength = values["bound"] if enough else _above_noise(found.a, found.b, settings.prior)
    listed = _listed(values["log_odds"], strength, settings.listed)
    return Comparison(
        group=names[0],
        other=names[1],
        weights=_cell_weights(found, cells, len(sums.documents)),
        contrast=found.at(listed),
        inference=_inference(found, enough),
        tested=len(tested),
        significant=int((values["q"] <= settings.level).sum()) if enough else None,
        jsd=jsd,
        terms=worked[listed],
        values={name: value[listed] for name, value in values.items()},
    )


def _inference(found: Contrast, enough: bool) -> str:
    if not found.shared.any():
        return NO_STRATUM
    return DOCUMENTS if enough else TOO_FEW


def _tested(a: Side, b: Side, settings: LexiconSettings) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the terms that are compared, and those that anything has to be worked out for.

    A term that one side lacks, and would have less than once by chance, has p = 1: its absence says nothing.
    It counts among the tests, and nothing more is worked out for it unless all terms are listed.
    """
    tested = np.flatnonzero(a.count + b.count >= settings.min_count)
    if settings.listed is None:
        return tested, tested
    return tested, tested[~_says_nothing(a.at(tested), b.at(tested))]


def _says_nothing(a: Side, b: Side) -> NDArray[np.bool_]:
    """Return which terms are absent from a side that would hardly have them; by raw counts, not weighted."""
    share = measures.ratio(a.count + b.count, a.length + b.length)
    lacks_a, lacks_b = ((side.count == 0) & (share * side.length < LEAST_EXPECTED) for side in (a, b))
    return np.asarray(lacks_a | lacks_b)


def _divergence(
    count_a: Vector, count_b: Vector, tested: NDArray[np.intp], worked: NDArray[np.intp], order: Integers
) -> tuple[float, Vector]:
    """Return the divergence of the single words, and the part of each term that was worked on."""
    singles = tested[order[tested] == 1]
    jsd, parts = measures.divergence_shares(count_a[singles], count_b[singles])
    shares = np.full(len(order), np.nan)
    shares[singles] = parts
    return jsd, shares[worked]


def _cell_weights(found: Contrast, cells: tuple[Integers, Integers], number: int) -> Vector:
    """Return what a document of each cell counts on either side, shape (number, 2)."""
    weights = np.zeros((number, 2))
    for side, own in enumerate(cells):
        for weight, column in zip(found.weights[:, side], own[:, found.shared].T, strict=False):
            weights[_there(column), side] = weight
    return weights


def effects(
    a: Side,
    b: Side,
    shuffled: Permutation,
    *,
    enough: bool,
    prior: measures.Prior,
    tests: int | None = None,
    absent: NDArray[np.bool_] | None = None,
) -> dict[str, Vector]:
    """Return effects, and where there are enough documents errors, p and q; each of shape (terms,).

    Args:
        a: the first side.
        b: the other.
        shuffled: the permutation test.
        enough: whether there are enough documents for inference; NaN otherwise.
        prior: of the log-odds.
        tests: how many terms are tested, if more than those given; the others have p = 1.
        absent: shape (terms,); which have p = 1 because their absence from a side says nothing, if the sides
            are weighted.
    """
    delta, _ = measures.log_odds(a, b, prior)
    nothing = np.full(len(delta), np.nan)
    # Monroe's z is that of Monroe's prior; a term that is nowhere has an infinite error, and z = 0.
    as_published = measures.log_odds(a, b, measures.Prior(prior.words, 0))
    values = {"log_odds": delta, "z_words": as_published[0] / as_published[1]}
    if not enough:
        return values | dict.fromkeys(("standard_error", "low", "high", "bound", "p", "q"), nothing)
    error, width = measures.clustered_error(a, b, prior), measures.half_width(a, b)
    # The larger p of the two tests: neither alone holds its level for rare terms. Within strata they may even
    # see opposite differences; then there is none.
    wald = measures.wald_z(a, b)
    absent = _says_nothing(a, b) if absent is None else absent
    p = np.maximum(measures.wald_p(a, b), shuffled.p())
    p = np.where((wald * shuffled.excess < 0) | absent, 1.0, p)
    return values | {
        "standard_error": error,
        "low": delta - width * error,
        "high": delta + width * error,
        "bound": measures.conservative(delta, error, width),
        "p": p,
        "q": measures.adjusted(p, tests),
    }


def _listed(delta: Vector, strength: Vector, number: int | None) -> NDArray[np.intp]:
    """Return the terms of either side, the strongest first, at most so many a side.

    The strongest is what lies farthest from 0 for sure (`bound`); without inference what lies farthest above
    the noise of single words.
    """
    chosen = []
    for sign in (1, -1):
        own = np.flatnonzero(sign * delta > 0)
        if number is not None and len(own) > number:
            # Those that tie with the last in `bound` are told apart by the effect.
            least = np.partition(sign * strength[own], len(own) - number)[len(own) - number]
            own = own[sign * strength[own] >= least]
        order = np.lexsort((own, -sign * delta[own], -sign * strength[own]))
        chosen.append(own[order][:number])
    if number is None:
        chosen.append(np.flatnonzero(delta == 0))
    return np.concatenate(chosen)


def _above_noise(a: Side, b: Side, prior: measures.Prior) -> Vector:
    """Return the effects shrunk by the standard error over words."""
    return measures.conservative(*measures.log_odds(a, b, prior))


def comparison_row(comparison: Comparison) -> dict[str, object]:
    """Return the row of a comparison in the table `comparisons`, without `within`."""
    found = comparison.contrast
    stratified = len(found.shared) > 1
    return {
        "group": comparison.group,
        "other": comparison.other,
        "documents": int(found.raw_a.documents),
        "documents_other": int(found.raw_b.documents),
        "words": int(found.raw_a.words),
        "words_other": int(found.raw_b.words),
        "strata": int(found.shared.sum()) if stratified else None,
        "documents_left_out": int(found.left_out) if stratified else None,
        "tested": comparison.tested,
        "significant": comparison.significant,
        "listed": len(comparison.terms),
        "jsd": None if np.isnan(comparison.jsd) else comparison.jsd,
        "inference": comparison.inference,
    }


def term_rows(comparison: Comparison, terms: pl.Series, spread: dict[str, Vector]) -> pl.DataFrame:
    """Return the listed terms of a comparison as rows of the table `terms`, without `within`.

    Args:
        comparison: what was found.
        terms: shape (V,); the texts of all terms.
        spread: `dp`, `dp_other`, `boot_low`, `boot_high`, each of shape (L,).
    """
    a, b = comparison.contrast.raw_a, comparison.contrast.raw_b
    value = comparison.values
    table = pl.DataFrame(
        {
            "group": pl.Series([comparison.group] * len(comparison.terms), dtype=pl.String),
            "other": pl.Series([comparison.other] * len(comparison.terms), dtype=pl.String),
            "term": terms[comparison.terms],
            "count": a.count.astype(np.int64),
            "count_other": b.count.astype(np.int64),
            "documents": a.documents_with.astype(np.int64),
            "documents_other": b.documents_with.astype(np.int64),
            "per_10k": 1e4 * measures.ratio(a.count, a.length),
            "per_10k_other": 1e4 * measures.ratio(b.count, b.length),
            **{
                name: value[name] for name in ("log_odds", "standard_error", "low", "high", "bound", "p", "q")
            },
            "z_words": value["z_words"],
            "g2": measures.signed_g2(a, b),
            "bic": measures.bic(a, b),
            "log_ratio": measures.log_ratio(a, b),
            "percent_difference": measures.percent_difference(a, b),
            "simple_maths": measures.simple_maths(a, b),
            "text_g2": measures.text_g2(a, b),
            "range": measures.ratio(a.documents_with, np.full(len(a.count), a.documents)),
            "range_other": measures.ratio(b.documents_with, np.full(len(b.count), b.documents)),
            "dp": spread["dp"],
            "dp_other": spread["dp_other"],
            "jsd_share": value["jsd_share"],
            "boot_low": spread["boot_low"],
            "boot_high": spread["boot_high"],
            "inference": pl.Series([comparison.inference] * len(comparison.terms), dtype=pl.String),
        }
    )
    return table.with_columns(pl.col(pl.Float64).fill_nan(None))
