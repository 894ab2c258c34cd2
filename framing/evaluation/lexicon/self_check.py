"""The A/A check: where there is nothing to find, how often is something found?

The documents of one group are divided at random into halves, which then differ by chance alone. Of all p
values about one in twenty should be below .05, and nothing should be left after the false discovery rate.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from framing.evaluation.comparison import spread
from framing.evaluation.lexicon.comparison import effects
from framing.evaluation.lexicon.counting import Counts, Integers
from framing.evaluation.lexicon.documents import Documents
from framing.evaluation.lexicon.measures import permutation
from framing.evaluation.lexicon.resampling import uniform_bits
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Side, cell_sums

SHARE = (0.03, 0.06)
"""Of all p values, so many should be below .05: the test holds its level, and is not much too cautious."""

DISCOVERIES = 1.0
"""Terms with q at most .05 should be fewer, on average."""

REPEATS = 20
"""Divisions of every group."""

DOCUMENTS = 20
"""Terms in fewer documents are left out: the p of a rare term cannot come near .05, whatever its documents
do."""


def self_check(counts: Counts, documents: Documents, settings: LexiconSettings) -> pl.DataFrame:
    """Compare random halves of every group that is large enough; see `Lexicon.self_check` for the columns.

    Args:
        counts: of the documents.
        documents: those documents; strata are not looked at.
        settings: `self_check` is the number of repeats.
    """
    number = documents.table["group"].replace_strict({g: i for i, g in enumerate(documents.groups)})
    group = number.to_numpy().astype(np.int64)
    sizes = np.bincount(group, minlength=len(documents.groups))
    large = np.flatnonzero(sizes >= 2 * settings.min_documents)
    found: list[list[tuple[int, float, int]]] = [[] for _ in documents.groups]
    for repeat in range(settings.self_check):
        half = _halves(group, settings.seed + repeat)
        sums = cell_sums(counts.parts, 2 * group + half, 2 * len(documents.groups), counts.order)
        for each in large:
            sides = (sums.side(np.array([2 * each])), sums.side(np.array([2 * each + 1])))
            found[each].append(_false_alarms(*sides, settings))
    rows = [_row(documents.groups[each], int(sizes[each]), found[each]) for each in large if found[each]]
    table = pl.DataFrame(rows, infer_schema_length=None)
    # A column may have no value at all, and polars would not know what it is of.
    types = dict.fromkeys(("share_p05", "low", "high"), pl.Float64) | {"as_expected": pl.Boolean}
    return table.cast(types) if table.height else table  # type: ignore[arg-type]


def _halves(group: Integers, seed: int) -> Integers:
    """Return 0 or 1 for every document: a random half of each group, of equal size but for one document."""
    key = uniform_bits(np.arange(len(group)), 1, seed + 1)[:, 0]
    order = np.lexsort((key, group))
    half = np.empty(len(group), dtype=np.int64)
    half[order] = np.arange(len(group)) % 2
    return half


def _false_alarms(a: Side, b: Side, settings: LexiconSettings) -> tuple[int, float, int]:
    """Return how many terms were tested, the share of p below .05, and the terms with q at most .05."""
    tested = np.flatnonzero(a.documents_with + b.documents_with >= DOCUMENTS)
    if not len(tested):
        return 0, float("nan"), 0
    a, b = a.at(tested), b.at(tested)
    values = effects(a, b, permutation(a, b), enough=True, prior=settings.prior)
    return len(tested), float((values["p"] < 0.05).mean()), int((values["q"] <= 0.05).sum())


def _row(group: str, documents: int, found: Sequence[tuple[int, float, int]]) -> dict[str, object]:
    tested, shares, discoveries = zip(*found, strict=True)
    known = [share for share in shares if np.isfinite(share)]
    over = spread(known) if known else None
    mean_discoveries = float(np.mean(discoveries))
    low = high = over.mean if over else None
    if over and over.low is not None and over.high is not None:
        low, high = max(over.low, 0.0), over.high
    # Unless chance explains it: with few terms, the share of one division says little.
    within = low is not None and high is not None and low <= SHARE[1] and high >= SHARE[0]
    return {
        "group": group,
        "documents": documents,
        "repeats": len(found),
        "tested": float(np.mean(tested)),
        "share_p05": over.mean if over else None,
        "low": low,
        "high": high,
        "discoveries": mean_discoveries,
        "as_expected": within and mean_discoveries < DISCOVERIES if over else None,
    }
