"""Compare like with like: two sides within strata, such as the same month or the same event.

Every document is weighted so that both sides have the same mix of strata, with the weights of Mantel and
Haenszel for rates (Rothman, Greenland & Lash 2008, ch. 15): words of side a in a stratum count by the share
of b among the stratum's words, and the other way round. Without strata every weight is 1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from framing.evaluation.lexicon.permutation import Permutation, permutation
from framing.evaluation.lexicon.sums import Side, Vector

Sums = tuple[Side, Side, Side, Side, Permutation]
"""Both sides weighted, both as they are, and the test."""


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


def contrast(pairs: Iterable[tuple[Side, Side]]) -> Contrast:
    """Return the comparison of two sides over strata.

    Args:
        pairs: both sides in every stratum; one side without documents there is empty. They are gone through
            twice, and one stratum at a time is in memory if they are made when asked for.
    """
    sizes = np.array([(a.documents, b.documents, a.words, b.words) for a, b in pairs])
    shared = np.asarray((sizes[:, :2] > 0).all(axis=1))
    weights = _weights(sizes[shared, 2:])
    both: Iterable[tuple[Side, Side]] = (pair for pair, there in zip(pairs, shared, strict=True) if there)
    if not shared.any():
        first, _ = next(iter(pairs))
        both = [(first.minus(first), first.minus(first))]
    a, b, raw_a, raw_b, shuffled = reduce(_added, _weighted(both, weights))
    return Contrast(
        a=a,
        b=b,
        raw_a=raw_a,
        raw_b=raw_b,
        weights=weights,
        shared=shared,
        permutation=shuffled,
        left_out=float(sizes[~shared, :2].sum()),
    )


def _weighted(pairs: Iterable[tuple[Side, Side]], weights: Vector) -> Iterator[Sums]:
    for (a, b), (of_a, of_b) in zip(pairs, weights, strict=True):
        yield a.weighted(of_a), b.weighted(of_b), a, b, permutation(a, b)


def _added(one: Sums, other: Sums) -> Sums:
    a, b, raw_a, raw_b = (mine.plus(theirs) for mine, theirs in zip(one[:4], other[:4], strict=True))
    return a, b, raw_a, raw_b, one[4] + other[4]


def _weights(words: Vector) -> Vector:
    """Return what a document of either side counts in each stratum, from their words, both (strata, 2)."""
    if len(words) <= 1:
        return np.ones((1, 2))
    # A stratum of empty documents counts as one word, so that nothing is divided by 0.
    words = np.maximum(words, 1.0)
    both = words.sum(axis=1)
    common = words.prod(axis=1) / both
    return np.asarray(words[:, ::-1] / both[:, np.newaxis] * (words.sum(axis=0) / common.sum()))
