"""Sentences of different sources that are nearly the same, found from small sketches of them.

The sketch of a sentence is the `SKETCH` smallest hashes of its runs of three words (bottom-k sketch, Cohen &
Kaplan 2007). Two sentences are near copies when the Jaccard similarity of their runs reaches a threshold. It
is exact for sentences of up to 17 words, whose sketch is all of their runs, and an estimate for longer ones.
Only pairs that share one of their rarest runs are compared (the prefix filter of Chaudhuri et al. 2006), and
only runs that stand in different sources are looked at, so copies within a source cost nothing.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint32]

RUN = 3
"""Words in a run."""

SKETCH = 16
"""Hashes that are kept of a sentence."""

COMMON = 20
"""A run that more sentences share is a phrase and does not suggest a copy."""

SEVERAL = -1
"""The code of the source of a sentence that stands in several."""

_EMPTY = np.uint32(2**32 - 1)
_BLOCK = 200_000
_ODD = [np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)]


def sketches(texts: pl.Series) -> Hashes:
    """Return the sketches of n texts, shape (n, SKETCH): ascending hashes, filled up with 2^32 - 1.

    Args:
        texts: words with one space between them.
    """
    sketch = np.full((len(texts), SKETCH), _EMPTY, dtype=np.uint32)
    words = texts.str.split(" ")
    lengths = words.list.len().to_numpy().astype(np.int64)
    word = words.explode(empty_as_null=True).hash(0).to_numpy()
    if len(word) < RUN:
        return sketch
    starts = len(word) - RUN + 1
    run = sum((word[step : step + starts] * _ODD[step] for step in range(RUN)), np.zeros(starts, np.uint64))
    run = (run ^ (run >> np.uint64(32))) * _ODD[0]
    row = np.repeat(np.arange(len(texts)), lengths)
    within = row[:starts] == row[RUN - 1 :]
    both = (row[:starts][within].astype(np.uint64) << np.uint64(32)) | (run[within] >> np.uint64(32))
    both.sort()
    both = both[np.concatenate([[True], both[1:] != both[:-1]])] if len(both) else both
    row = (both >> np.uint64(32)).astype(np.int64)
    place = _places(row)
    kept = place < SKETCH
    sketch[row[kept], place[kept]] = (both[kept] & np.uint64(_EMPTY)).astype(np.uint32)
    return sketch


def near_pairs(sketch: Hashes, source: Integers, threshold: float) -> tuple[Integers, Integers]:
    """Return the pairs of sentences of different sources whose similarity is the threshold or more.

    Args:
        sketch: shape (n, SKETCH), of `sketches`.
        source: shape (n,); a code of the source, 0 or more; `SEVERAL` for a sentence of several sources.
        threshold: between 0 and 1.

    Returns:
        The lower and the higher number of each pair.
    """
    row, value = _crossing(sketch, source)
    size = (sketch != _EMPTY).sum(axis=1)
    group, count = _groups(value)
    # Runs of one source alone come first, then the rarest; equally rare ones by their number.
    alone = size - np.bincount(row[count > 1], minlength=len(size))
    some = np.flatnonzero((count > 1) & (count <= COMMON))
    some = some[np.lexsort((group[some], count[some], row[some]))]
    row, group = row[some], group[some]
    allowed = size - np.ceil(threshold * size - 1e-9).astype(np.int64) + 1
    rare = alone[row] + _places(row) < allowed[row]
    one, other = _pairs(group[rare], row[rare])
    apart = (source[one] != source[other]) | (source[one] == SEVERAL)
    one, other = one[apart], other[apart]
    pair = np.sort(np.minimum(one, other) * len(size) + np.maximum(one, other))
    pair = pair[np.diff(pair, prepend=-1) > 0]
    one, other = pair // max(1, len(size)), pair % max(1, len(size))
    alike = [
        _similarity(sketch[one[at : at + _BLOCK]], sketch[other[at : at + _BLOCK]]) >= threshold - 1e-9
        for at in range(0, len(one), _BLOCK)
    ]
    near = np.concatenate([np.empty(0, dtype=np.bool_), *alike])
    return one[near], other[near]


def _crossing(sketch: Hashes, source: Integers) -> tuple[Integers, Hashes]:
    """Return rows and hashes of the runs that stand in several sources; some others by chance."""
    order = np.argsort(source, kind="stable")
    ordered = sketch[order]
    filled = ordered != _EMPTY
    value, row = ordered[filled], np.repeat(order, filled.sum(axis=1))
    slots = 2 ** min(32, int(2 * len(value) + 1).bit_length())
    slot, code = value & np.uint32(slots - 1), source[row].astype(np.int32)
    # Of equal slots the last that is written stays: the highest source, and backwards the lowest.
    seen = np.empty(slots, dtype=np.int32)
    seen[slot] = code
    highest = seen[slot]
    seen[slot[::-1]] = code[::-1]
    lowest = seen[slot]
    crossing = (highest != lowest) | (lowest == SEVERAL)
    return row[crossing], value[crossing]


def _groups(value: Hashes) -> tuple[Integers, Integers]:
    """Return the number of each value among the different ones, and how often the value stands here."""
    order = np.argsort(value, kind="stable")
    new = np.ones(len(value), dtype=np.int64)
    new[1:] = value[order][1:] != value[order][:-1]
    number = np.empty(len(value), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return number, np.bincount(number)[number] if len(number) else number


def _places(sorted_codes: Integers) -> Integers:
    """Return the place of each entry among the equal ones, which stand together."""
    new = np.ones(len(sorted_codes), dtype=np.bool_)
    new[1:] = sorted_codes[1:] != sorted_codes[:-1]
    starts = np.flatnonzero(new)
    return np.arange(len(sorted_codes)) - np.repeat(starts, np.diff([*starts, len(sorted_codes)]))


def _pairs(group: Integers, row: Integers) -> tuple[Integers, Integers]:
    """Return all pairs of rows of one group."""
    order = np.lexsort((row, group))
    group, row = group[order], row[order]
    before = _places(group)
    later = np.repeat(np.arange(len(row)), before)
    earlier = later - 1 - _places(later)
    return row[earlier], row[later]


def _similarity(one: Hashes, other: Hashes) -> NDArray[np.float64]:
    """Return the Jaccard similarity of sketches, row by row: among the smallest hashes of both together."""
    whole = (one[:, -1] == _EMPTY) & (other[:, -1] == _EMPTY)
    limit = np.where(whole, 2 * SKETCH, SKETCH)[:, None]
    both = np.sort(np.concatenate([one, other], axis=1), axis=1)
    filled = both != _EMPTY
    new = filled.copy()
    new[:, 1:] &= both[:, 1:] != both[:, :-1]
    among = (new.cumsum(axis=1) <= limit) & filled
    different = (new & among).sum(axis=1)
    return np.asarray((among.sum(axis=1) - different) / np.maximum(1, different))
