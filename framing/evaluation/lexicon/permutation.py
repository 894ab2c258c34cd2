"""The permutation test of a term: were documents exchanged between the sides, would they differ as much?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc

from framing.evaluation.lexicon.measures import ratio, two_sided
from framing.evaluation.lexicon.sums import Side, Vector

LEAST_SKEW = 0.01
"""Less is none."""


@dataclass(frozen=True, eq=False)
class Permutation:
    """The permutation test that shuffles documents between two sides, in closed form.

    The statistic is a term's count in a, less what the rate of both sides together gives; its mean over all
    permutations is 0. Statistics and variances of strata add up: documents are shuffled within them.

    Attributes:
        excess: shape (V,); the statistic.
        variance: shape (V,); its variance over all permutations, 0 where no shuffling changes it.
        third: shape (V,); its third moment, roughly (see `permutation`).
    """

    excess: Vector
    variance: Vector
    third: Vector

    def __add__(self, other: "Permutation") -> "Permutation":
        return Permutation(
            self.excess + other.excess, self.variance + other.variance, self.third + other.third
        )

    def at(self, terms: NDArray[np.intp]) -> "Permutation":
        """Return the test for some terms only."""
        return Permutation(self.excess[terms], self.variance[terms], self.third[terms])

    def z(self) -> Vector:
        """Return the statistic in standard deviations, 0 where it cannot vary."""
        deviation = np.sqrt(self.variance)
        return np.divide(self.excess, deviation, out=np.zeros_like(deviation), where=deviation > 0)

    def p(self) -> Vector:
        """Return the two-sided p from the Pearson type III distribution with the three moments.

        It is the normal distribution for sides of equal size. A term of few documents on a small side is
        far more frequent by chance than the normal distribution says (Berry & Mielke 1983). Within one
        standard deviation nothing hangs on it, and p is the normal one.
        """
        z = self.z()
        skew = ratio(self.third, self.variance**1.5)
        p = two_sided(z)
        for tail, side in ((gammaincc, z * skew > 0), (gammainc, z * skew < 0)):
            leaning = np.flatnonzero(side & (np.abs(skew) > LEAST_SKEW) & (np.abs(z) > 1))
            shape = 4 / skew[leaning] ** 2
            place = np.maximum(shape + np.sqrt(shape) * z[leaning] * np.sign(skew[leaning]), 0)
            p[leaning] = np.minimum(2 * tail(shape, place), 1)
        return p


def permutation(a: Side, b: Side) -> Permutation:
    """Return statistic and moments of the permutation test.

    Mean and variance are exact (Hoeffding 1951, theorem 2, for a sum). The third moment is an approximation
    for terms that few documents hold: instead of the sum of the cubed excesses of the documents, which nobody
    summed, it takes (sum of the squares)^2 / (occurrences). Where a share s of the documents holds the term,
    all equally often and all of one length, that is (1 - s) / (1 - 2 s) times the moment; where one document
    has most of the occurrences it is too small. Of a term that more than half of the documents hold it would
    have the wrong sign: it is 0 there, and p is the normal one.
    """
    documents = a.documents + b.documents
    rate = ratio(a.count + b.count, a.length + b.length)
    squares = a.squares + b.squares
    lengths = a.length_squares + b.length_squares
    spread = squares - 2 * rate * (a.cross + b.cross) + rate**2 * lengths
    # Where every document has the term at the same rate nothing can be shuffled; rounding leaves a trace.
    spread = np.where(spread > 1e-9 * squares, spread, 0.0)
    factor = a.documents * b.documents / max(documents * (documents - 1), 1)
    leaning = factor * (b.documents - a.documents) / max(documents - 2, 1)
    few = 2 * (a.documents_with + b.documents_with) < documents
    third = np.where(few, leaning * ratio(spread**2, a.count + b.count), 0.0)
    return Permutation(a.count - rate * a.length, factor * spread, third)
