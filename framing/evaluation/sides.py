"""Whether a corpus lets both sides of a war do the same things equally often."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from framing.evaluation.corpus_checks import SHOWN, Check, no_value, skipped


def check_sides(
    actors: Sequence[str],
    sets: Sequence[str],
    frames: NDArray[np.bool_],
    frame_ids: Sequence[str],
    *,
    ratio: float,
    fewest: int,
) -> list[Check]:
    """Check that neither side of a war does much more of anything than the other.

    The two sides of a war are two actors each of which stands in more sets with the other than with
    anybody else. What they do is counted in the sets that both stand in.

    Args:
        actors: who acts in each of n sentences.
        sets: the set of each; the sentences of one set are about one event.
        frames: shape (n, number of frames).
        frame_ids: their ids.
        ratio: that the larger number stays below, divided by the smaller one.
        fewest: sentences of a war that is judged by itself; smaller ones are judged together only.

    Returns:
        A check of the sentences by side in every war, and one of all wars together by frame, in which the
        sides that come first in the alphabet are one.
    """
    names = ("both sides of each war", "both sides of all wars, by frame")
    if not actors:
        return [skipped(name, no_value("actor")) for name in names]
    wars = opponents(actors, sets)
    if not wars:
        return [skipped(name, "no two actors stand in the same article") for name in names]
    limit = f"a ratio below {ratio:g}"
    actor = np.array(actors)
    shared = _sets_with_both(wars, actors, sets)
    told = {war: [(actor == side) & np.isin(sets, shared[war]) for side in war] for war in wars}
    by_war = {" : ".join(war): (int(one.sum()), int(other.sum())) for war, (one, other) in told.items()}
    by_war = {war: pair for war, pair in by_war.items() if sum(pair) >= fewest}
    one, other = (sum(frames[sides[side]].sum(axis=0) for sides in told.values()) for side in (0, 1))
    by_frame = {frame: (int(one[column]), int(other[column])) for column, frame in enumerate(frame_ids)}
    large = _balanced(names[0], by_war, limit, ratio) if by_war else skipped(names[0], "all wars are small")
    return [large, _balanced(names[1], by_frame, limit, ratio)]


def _sets_with_both(
    wars: list[tuple[str, str]], actors: Sequence[str], sets: Sequence[str]
) -> dict[tuple[str, str], list[str]]:
    """Return, for every war, the sets in which both of its sides act."""
    members: dict[str, set[str]] = {}
    for actor, name in zip(actors, sets, strict=True):
        members.setdefault(actor, set()).add(name)
    return {war: sorted(members[war[0]] & members[war[1]]) for war in wars}


def opponents(actors: Sequence[str], sets: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of actors each of which is the one whom the other meets in most sets."""
    together: dict[str, Counter[str]] = {}
    members: dict[str, set[str]] = {}
    for actor, name in zip(actors, sets, strict=True):
        members.setdefault(name, set()).add(actor)
    for own in members.values():
        for one, other in permutations(sorted(own), 2):
            together.setdefault(one, Counter())[other] += 1
    closest = {actor: min(met, key=lambda other: (-met[other], other)) for actor, met in together.items()}
    return sorted((one, other) for one, other in closest.items() if closest[other] == one and one < other)


def _balanced(name: str, pairs: dict[str, tuple[int, int]], limit: str, ratio: float) -> Check:
    ratios = {label: max(pair) / max(1, min(pair)) for label, pair in pairs.items()}
    ordered = sorted(pairs, key=lambda label: -ratios[label])
    rows = [f"{label}: {pairs[label][0]} to {pairs[label][1]}" for label in ordered]
    beyond = [row for label, row in zip(ordered, rows, strict=True) if ratios[label] >= ratio]
    found = f"{ratios[ordered[0]]:.2f} ({rows[0]})" + (f"; {len(beyond)} beyond the limit" if beyond else "")
    return Check(name, found, limit, not beyond, tuple((beyond or rows)[:SHOWN]))
