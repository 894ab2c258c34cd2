"""Compare like with like: two sides within strata, such as the same month or the same event.

Every document is weighted so that both sides have the same mix of strata, with the weights of Mantel and
Haenszel for rates (Rothman, Greenland & Lash 2008, ch. 15): words of side a in a stratum count by the share
of b among the stratum's words, and the other way round. Without strata every weight is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from framing.evaluation.lexicon.measures import Permutation, permutation
from framing.evaluation.lexicon.sums import Side, Vector


@dataclass(frozen=True, eq=False)
class Contrast:
    """Two sides, ready for the formulas; strata that one side alone has are left out.

    Attributes:
        a: the first side, weighted; `documents`, `documents_with` and `words` are not.
        b: the other.
        raw_a: the first side, nothing weighted.
        raw_b: the other.
        weights: shape (shared strata, 2); what a document of either side counts in each.
        shared: shape (strata,); which strata both sides have.
        permutation: the test that shuffles documents within strata.
        left_out: documents in strata that one side alone has.
    """

    a: Side
    b: Side
    raw_a: Side
    raw_b: Side
    weights: Vector
    shared: NDArray[np.bool_]
    permutation: Permutation
    left_out: float

    def at(self, terms: NDArray[np.intp]) -> "Contrast":
        """Return the comparison for some terms only."""
        return replace(
            self,
            a=self.a.at(terms),
            b=self.b.at(terms),
            raw_a=self.raw_a.at(terms),
            raw_b=self.raw_b.at(terms),
            permutation=self.permutation.at(terms),
        )


def contrast(pairs: Sequence[tuple[Side, Side]]) -> Contrast:
    """Return the comparison of two sides over strata.

    Args:
        pairs: both sides in every stratum; one side without documents there is empty.
    """
    shared = np.array([a.documents > 0 and b.documents > 0 for a, b in pairs])
    left_out = sum(
        a.documents + b.documents for (a, b), there in zip(pairs, shared, strict=True) if not there
    )
    both = [pair for pair, there in zip(pairs, shared, strict=True) if there]
    if not both:
        nothing = pairs[0][0].minus(pairs[0][0])
        both = [(nothing, nothing)]
    weights = _weights(both)
    raw = _total(both)
    alike = len(both) == 1
    weighted = raw if alike else _total(
        [(a.weighted(of_a), b.weighted(of_b)) for (a, b), (of_a, of_b) in zip(both, weights, strict=True)]
    )  # fmt: skip
    return Contrast(
        *weighted,
        *raw,
        weights=weights,
        shared=shared,
        permutation=reduce(add, (permutation(a, b) for a, b in both)),
        left_out=left_out,
    )


def _total(pairs: Sequence[tuple[Side, Side]]) -> tuple[Side, Side]:
    a, b = (reduce(Side.plus, sides) for sides in zip(*pairs, strict=True))
    return a, b


def _weights(pairs: Sequence[tuple[Side, Side]]) -> Vector:
    """Return what a document of either side counts in each stratum, shape (strata, 2)."""
    if len(pairs) == 1:
        return np.ones((1, 2))
    # A stratum of empty documents counts as one word, so that nothing is divided by 0.
    words = np.array([(max(a.words, 1.0), max(b.words, 1.0)) for a, b in pairs])
    both = words.sum(axis=1)
    common = words.prod(axis=1) / both
    return np.asarray(words[:, ::-1] / both[:, np.newaxis] * (words.sum(axis=0) / common.sum()))
