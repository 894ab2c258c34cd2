"""How far annotators agree: Krippendorff's alpha, by NLTK, with bootstrap intervals.

Krippendorff, K. (2019), Content Analysis, 4th ed., ch. 12: alpha = 1 - D_o / D_e, the observed over
the expected disagreement, for any number of annotators and with missing labels.
"""

import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, masi_distance

Label = Hashable | None
Distance = Callable[[Hashable, Hashable], float]


@dataclass(frozen=True)
class Agreement:
    """Alpha for one variable.

    Attributes:
        alpha: 1 for perfect agreement, 0 for chance; None when fewer than two annotators labelled a
            sentence, or when everybody always gave the same label, so that nothing can be said.
        low: lower end of the 95% bootstrap interval, None when it cannot be said.
        high: its upper end.
        sentences: how many sentences at least two annotators labelled.
        undefined: share of the bootstrap draws in which alpha could not be said; they are left out.
    """

    alpha: float | None
    low: float | None
    high: float | None
    sentences: int
    undefined: float


def masi(first: Hashable, second: Hashable) -> float:
    """Return how far two frozensets of labels are apart, from 0 (the same) to 1 (nothing shared).

    Passonneau, R. (2006), Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
    Annotation. Two empty sets are the same; NLTK's function knows no distance between them.
    """
    return 0.0 if first == second else float(masi_distance(first, second))


def alpha(labels: Sequence[Sequence[Label]], distance: Distance = binary_distance) -> float | None:
    """Return Krippendorff's alpha.

    Args:
        labels: one row a sentence, one column an annotator; None where a label is missing.
        distance: between two labels, from 0 to 1; without it labels are the same or not (nominal).

    Returns:
        Alpha, or None when it is not defined (see `Agreement`).
    """
    rows = [[label for label in row if label is not None] for row in labels]
    pairable = [row for row in rows if len(row) > 1]
    if len({label for row in pairable for label in row}) < 2:
        return None
    triples = [
        (annotator, sentence, label)
        for sentence, row in enumerate(pairable)
        for annotator, label in enumerate(row)
    ]
    return float(AnnotationTask(data=triples, distance=distance).alpha())


def agreement(
    labels: Sequence[Sequence[Label]],
    clusters: Sequence[Hashable],
    *,
    draws: int,
    seed: int,
    distance: Distance = binary_distance,
) -> Agreement:
    """Return alpha with a percentile interval from a cluster bootstrap.

    Args:
        labels: one row a sentence, one column an annotator; None where a label is missing.
        clusters: what is drawn with replacement: the sentence's own id, or its article.
        draws: number of bootstrap draws.
        seed: of the random numbers.
        distance: between two labels, from 0 to 1.
    """
    distance = functools.cache(distance)
    members: dict[Hashable, list[int]] = {}
    for row, cluster in enumerate(clusters):
        members.setdefault(cluster, []).append(row)
    groups = list(members.values())
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        chosen = generator.integers(len(groups), size=len(groups))
        drawn.append(alpha([labels[row] for group in chosen for row in groups[group]], distance))
    defined = [value for value in drawn if value is not None]
    low, high = np.quantile(defined, [0.025, 0.975]).tolist() if defined else (None, None)
    return Agreement(
        alpha=alpha(labels, distance),
        low=low,
        high=high,
        sentences=sum(len([label for label in row if label is not None]) > 1 for row in labels),
        undefined=1 - len(defined) / draws if draws else 0.0,
    )
