"""The document test of rival words: do groups choose alike, were documents exchanged between them?

One file for the test alone: its statistic, which rare variants are taken together before it, and its p.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, random_table

Counts = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

TOLERANCE = 1e-9

LEAST_EXPECTED = 5.0
"""Documents: a variant that the smallest group expects in fewer is taken together with others (Cochran
1954, "Some methods for strengthening the common chi-squared tests", Biometrics 10)."""

MANY_EXPECTED = 20.0
"""Documents: where every group expects every variant in so many, chi-squared is trusted."""

DRAWS, FEWEST_DRAWS = 999, 99
"""Exchanges that are drawn where chi-squared is not trusted; fewer where there are hundreds of groups."""

CELLS = 20_000_000
"""Cells of all drawn tables together: time and memory of a test are bounded by it."""

UNDECIDED = 0.1
"""Where chi-squared gives a larger p nothing is drawn; so p is never too small, and time is saved."""


@dataclass(frozen=True)
class DocumentTest:
    """The omnibus permutation test.

    Attributes:
        statistic: Q.
        degrees: its degrees of freedom.
        p: 1 where nothing can differ; None where fewer than two variants are frequent enough for a test.
    """

    statistic: float
    degrees: int
    p: float | None


def document_test(counts: Counts, groups: Codes, strata: Codes, seed: int = 0) -> DocumentTest:
    """Test whether groups choose alike, were documents exchanged between them at random within their stratum.

    Variants that some group expects in fewer than `LEAST_EXPECTED` documents are taken together, until what
    is taken together is frequent enough, too. Q (see `exchange`) is compared with chi-squared. Where p is
    below `UNDECIDED` and a group expects a variant in fewer than `MANY_EXPECTED` documents, p is (1 + draws
    with as large a Q) / (1 + draws) over random exchanges (Phipson & Smyth 2010), so at least .001.

    With 11 variants and nothing that differs, 20 documents beside 2,000, chi-squared alone called 7 to 9%
    below .05 and 0.5 to 1.5% below .001; rare variants taken together still 5 to 6% and up to 0.25%. With
    drawn exchanges the level holds by construction, whatever the sizes are.

    Args:
        counts: (D, K) choices of each document and variant.
        groups: (D,) code of the group, from 0.
        strata: (D,) code of the stratum, from 0.
        seed: of the exchanges.
    """
    if not len(groups) or int(groups.max()) < 1:
        return DocumentTest(0.0, 0, 1.0)
    # Where no variant has a rival nothing can differ; that is no question of rarity.
    if (counts.sum(axis=0) > 0).sum() < 2:
        return DocumentTest(0.0, 0, 1.0)
    pooled, expected = _pooled(counts, groups, strata)
    if pooled.shape[1] < 2:
        found = exchange(counts, groups, strata)
        return DocumentTest(found.statistic, found.degrees, None)
    found = exchange(pooled, groups, strata)
    p = float(chi2.sf(found.statistic, found.degrees)) if found.degrees else 1.0
    if p < UNDECIDED and expected < MANY_EXPECTED:
        as_large = found.drawn(np.random.default_rng(seed)) >= found.statistic * (1 - TOLERANCE)
        p = (1 + int(as_large.sum())) / (1 + len(as_large))
    return DocumentTest(found.statistic, found.degrees, p)


def _pooled(counts: Counts, groups: Codes, strata: Codes) -> tuple[Counts, float]:
    """Return the counts with rare variants in one column, and the least documents a group expects of any."""
    expected = _expected(counts > 0, groups, strata)
    while counts.shape[1] > 1 and expected.min() < LEAST_EXPECTED:
        rarest = np.sort(np.argsort(expected, kind="stable")[:2])
        together = counts[:, rarest].sum(axis=1, keepdims=True)
        counts = np.hstack([np.delete(counts, rarest, axis=1), together])
        expected = np.append(np.delete(expected, rarest), _expected(together > 0, groups, strata))
    return counts, float(expected.min())


def _expected(holds: npt.NDArray[np.bool_], groups: Codes, strata: Codes) -> Counts:
    """Return (K,): in how many documents the group with the fewest expects each variant."""
    number, size = int(strata.max()) + 1, int(groups.max()) + 1
    cells = np.bincount(strata * size + groups, minlength=number * size).reshape(number, size).astype(float)
    documents = cells.sum(axis=1)
    held = np.stack([np.bincount(strata[each], minlength=number) for each in holds.T], axis=1)
    # A stratum of one group has nothing to exchange, so it adds nothing.
    cells[(cells > 0).sum(axis=1) < 2] = 0
    by_group = cells.T @ (held / documents.clip(min=1)[:, np.newaxis])
    compared = cells.sum(axis=0) > 0
    least: Counts = by_group[compared].min(axis=0) if compared.any() else np.zeros(holds.shape[1])
    return least


@dataclass(frozen=True, eq=False)
class Exchange:
    """Sums of groups and their covariance over all exchanges of documents within strata.

    Attributes:
        residuals: (D, K) what each document chose beyond the shares of its stratum.
        groups: (D,) code of the group.
        strata: documents of each stratum, as numbers of rows.
        inverse: the pseudo-inverse of the covariance, of K variants if there is one stratum, otherwise of
            groups times variants without the last of either.
        degrees: the rank of the covariance.
    """

    residuals: Counts
    groups: Codes
    strata: list[npt.NDArray[np.intp]]
    inverse: Counts
    degrees: int

    @cached_property
    def statistic(self) -> float:
        """Return Q of the groups as they are."""
        sums = np.zeros((1, len(self._sizes), self.residuals.shape[1]))
        for rows in self.strata:
            np.add.at(sums[0], self.groups[rows], self.residuals[rows])
        return float(self._q(sums)[0])

    @property
    def _sizes(self) -> Codes:
        return np.bincount(self.groups)

    def _q(self, sums: Counts) -> Counts:
        """Return Q of (N, G, K) sums."""
        if len(self.strata) == 1:
            each = np.einsum("ngk,kl,ngl->ng", sums, self.inverse, sums, optimize=True) / self._sizes
            one: Counts = (len(self.groups) - 1) * each.sum(axis=1)
            return one
        free = sums[:, :-1, :-1].reshape(len(sums), -1)
        several: Counts = ((free @ self.inverse) * free).sum(axis=1)
        return several

    def drawn(self, generator: np.random.Generator) -> Counts:
        """Return Q of so many exchanges; like documents are drawn together (tables with fixed margins)."""
        kinds_of = [_kinds(self.residuals[rows]) for rows in self.strata]
        cells = len(self._sizes) * sum(len(kinds) for kinds, _ in kinds_of)
        draws = min(max(CELLS // max(cells, 1), FEWEST_DRAWS), DRAWS)
        sums = np.zeros((draws, len(self._sizes), self.residuals.shape[1]))
        for rows, (kinds, number) in zip(self.strata, kinds_of, strict=True):
            here, codes = np.unique(self.groups[rows], return_inverse=True)
            if len(here) < 2 or len(kinds) < 2:
                continue
            tables = random_table(np.bincount(codes), number).rvs(draws, random_state=generator)
            sums[:, here] += tables @ kinds
        return self._q(sums)


def exchange(counts: Counts, groups: Codes, strata: Codes) -> Exchange:
    """Return what the test needs of the documents.

    With n_d choices in document d, f_d those of each variant, p the shares of the stratum, r_d = f_d - n_d
    p, U_g = sum of r_d over the documents of g and S = sum of r_d r_d' over the stratum's D documents, D_g
    of them in g, permutations give U mean 0 and

        Cov(U_g, U_h) = (D_g [g = h] / (D - 1) - D_g D_h / (D (D - 1))) S

    (Strasser & Weber 1999, "On the asymptotic theory of permutation statistics"; U and Cov are summed over
    strata). Q = U' Cov^+ U is compared with chi-squared, its degrees the rank of Cov. Without strata that is
    Q = (D - 1) * sum over g of U_g' S^+ U_g / D_g with (G - 1) rank(S) degrees.

    Args:
        counts: (D, K) choices of each document and variant.
        groups: (D,) code of the group, from 0; two groups or more.
        strata: (D,) code of the stratum, from 0.
    """
    residuals = _residuals(counts, strata)
    order = np.argsort(strata, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(strata[order])) + 1)
    size = int(groups.max()) + 1
    if len(rows) == 1:
        inverse, rank = _inverse(residuals.T @ residuals)
        return Exchange(residuals, groups, rows, inverse, (size - 1) * rank)
    inverse, rank = _inverse(_covariance(residuals, groups, rows))
    return Exchange(residuals, groups, rows, inverse, rank)


def _kinds(rows: Counts) -> tuple[Counts, Codes]:
    """Return the rows that differ, and how many there are of each.

    Rows are told apart by one number, a fixed mixture of their values: sorting them column by column is slow.
    """
    mixture = rows @ np.sqrt(np.arange(2.0, rows.shape[1] + 2))
    _, first, number = np.unique(mixture.round(9), return_index=True, return_counts=True)
    return rows[first], number


def _residuals(counts: Counts, strata: Codes) -> Counts:
    """Return (D, K): what each document chose beyond the shares of its stratum."""
    sums = np.zeros((int(strata.max()) + 1, counts.shape[1]))
    np.add.at(sums, strata, counts)
    shares = sums / sums.sum(1, keepdims=True).clip(min=1)
    residuals: Counts = counts - counts.sum(1, keepdims=True) * shares[strata]
    return residuals


def _covariance(residuals: Counts, groups: Codes, strata: list[npt.NDArray[np.intp]]) -> Counts:
    """Return the covariance of the sums; the last group and variant follow from the others, and are out."""
    size, variants = int(groups.max()) + 1, residuals.shape[1] - 1
    covariance = np.zeros(((size - 1) * variants, (size - 1) * variants))
    for rows in strata:
        documents, here = len(rows), residuals[rows][:, :variants]
        if documents < 2:
            continue
        sizes = np.bincount(groups[rows], minlength=size).astype(float)
        between = (np.diag(sizes) - np.outer(sizes, sizes) / documents) / (documents - 1)
        covariance += np.kron(between[:-1, :-1], here.T @ here)
    return covariance


def _inverse(matrix: Counts) -> tuple[Counts, int]:
    """Return the pseudo-inverse of a symmetric matrix and its rank."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > TOLERANCE * max(float(values.max(initial=0.0)), TOLERANCE)
    inverse: Counts = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return inverse, int(kept.sum())
