"""Near-duplicates on both sides of a fold: what is scored beside what was learned from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.evaluation.duplicates import NearDuplicates

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Crossing:
    """The near-duplicates that a fold has on both sides.

    Attributes:
        learned: shape (n,); learned from, with a near-duplicate among the scored texts.
        scored: shape (n,); scored, with a near-duplicate among the texts learned from.
        pairs: shape (pairs of the search,); which have a text on either side. If `scored` is true
            anywhere in folds that together score or learn from every text, so is one of these.
    """

    learned: Mask
    scored: Mask
    pairs: Mask


def crossing(found: NearDuplicates, learned: Mask, scored: Mask) -> Crossing:
    """Return what stands on both sides of a fold.

    Args:
        found: the near-duplicates among n texts.
        learned: shape (n,); which texts the fold learns from.
        scored: shape (n,); which texts it scores.
    """
    first, second = (found.pairs[name].to_numpy() for name in ("first", "second"))
    across = (scored[first] & learned[second]) | (learned[first] & scored[second])
    return Crossing(found.near(scored) & learned, found.near(learned) & scored, across)
