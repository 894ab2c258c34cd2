"""The A/A check: where there is nothing to find, how often is something found?

The documents of one group are divided at random into halves, or the names of all groups are shuffled: what is
compared then differs by chance alone. Of all p values about one in twenty should be below .05, and nothing
should be left after the false discovery rate.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.comparison import spread
from framing.evaluation.lexicon.comparison import effects
from framing.evaluation.lexicon.counting import Counts, Integers
from framing.evaluation.lexicon.documents import Documents
from framing.evaluation.lexicon.permutation import permutation
from framing.evaluation.lexicon.resampling import uniform_bits
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Side, cell_sums

HALVES, SHUFFLED = "in halves", "names shuffled"
"""How the documents are divided."""

Alarms = tuple[int, float, int]

SHARE = (0.03, 0.06)
"""Of all p values, so many should be below .05: the test holds its level, and is not much too cautious."""

DISCOVERIES = 1.0
"""Terms with q at most .05 should be fewer, on average."""

REPEATS = 20
"""Divisions of every group."""

DOCUMENTS = 20
"""The share leaves out terms in fewer documents: their p cannot come near .05, whatever the documents do."""


def self_check(counts: Counts, documents: Documents, settings: LexiconSettings) -> pl.DataFrame:
    """Look for differences where there are none; see `Lexicon.self_check` for the columns.

    In halves, every group that is large enough is compared with itself. Halves are equal in size, and groups
    are not: so the names of the groups are also shuffled among all documents, and each is compared with the
    rest.

    Args:
        counts: of the documents.
        documents: those documents; strata are not looked at.
        settings: `self_check` is the number of repeats.
    """
    number = documents.table["group"].replace_strict({g: i for i, g in enumerate(documents.groups)})
    group = number.to_numpy().astype(np.int64)
    sizes = np.bincount(group, minlength=len(documents.groups))
    large = np.flatnonzero(sizes >= 2 * settings.min_documents).tolist()
    enough = (sizes >= settings.min_documents) & (len(group) - sizes >= settings.min_documents)
    tested = np.flatnonzero(enough).tolist()
    alarms: dict[tuple[int, str], list[Alarms]] = {}
    for repeat in range(settings.self_check):
        key = uniform_bits(np.arange(len(group)), 1, settings.seed + repeat + 1)[:, 0]
        halved = cell_sums(counts.parts, 2 * group + _halves(group, key), 2 * len(sizes), counts.order)
        for each in large:
            sides = halved.side(np.array([2 * each])), halved.side(np.array([2 * each + 1]))
            alarms.setdefault((each, HALVES), []).append(_false_alarms(*sides, settings))
        shuffled = cell_sums(counts.parts, group[np.argsort(key)], len(sizes), counts.order)
        whole = shuffled.side(np.arange(len(sizes)))
        for each in tested:
            own = shuffled.side(np.array([each]))
            alarms.setdefault((each, SHUFFLED), []).append(_false_alarms(own, whole.minus(own), settings))
    rows = [
        {"group": documents.groups[each], "division": division, "documents": int(sizes[each])}
        | _row(division, alarms[each, division])
        for each, division in sorted(alarms, key=lambda found: (found[1], found[0]))
    ]
    table = pl.DataFrame(rows, infer_schema_length=None)
    # A column may have no value at all, and polars would not know what it is of.
    types = dict.fromkeys(("share_p05", "low", "high"), pl.Float64) | {"as_expected": pl.Boolean}
    return table.cast(types) if table.height else table  # type: ignore[arg-type]


def _halves(group: Integers, key: NDArray[np.uint64]) -> Integers:
    """Return 0 or 1 for every document: a random half of each group, of equal size but for one document."""
    order = np.lexsort((key, group))
    half = np.empty(len(group), dtype=np.int64)
    half[order] = np.arange(len(group)) % 2
    return half


def _false_alarms(a: Side, b: Side, settings: LexiconSettings) -> Alarms:
    """Return how many terms the share is of, the share of p below .05, and the terms with q at most .05."""
    tested = np.flatnonzero(a.count + b.count >= settings.min_count)
    if not len(tested):
        return 0, float("nan"), 0
    a, b = a.at(tested), b.at(tested)
    values = effects(a, b, permutation(a, b), enough=True, prior=settings.prior)
    common = values["p"][a.documents_with + b.documents_with >= DOCUMENTS]
    share = float((common < 0.05).mean()) if len(common) else float("nan")
    return len(common), share, int((values["q"] <= 0.05).sum())


def _row(division: str, found: Sequence[Alarms]) -> dict[str, object]:
    tested, shares, discoveries = zip(*found, strict=True)
    known = [share for share in shares if np.isfinite(share)]
    over = spread(known) if known else None
    mean_discoveries = float(np.mean(discoveries))
    low = high = over.mean if over else None
    if over and over.low is not None and over.high is not None:
        low, high = max(over.low, 0.0), over.high
    # Unless chance explains it: with few terms, the share of one division says little. Of names shuffled it
    # may be as low as it likes: on a small side, few terms can come near .05.
    often_enough = division == SHUFFLED or (high is not None and high >= SHARE[0])
    within = low is not None and low <= SHARE[1] and often_enough
    return {
        "repeats": len(found),
        "tested": float(np.mean(tested)),
        "share_p05": over.mean if over else None,
        "low": low,
        "high": high,
        "discoveries": mean_discoveries,
        "as_expected": within and mean_discoveries < DISCOVERIES if over else None,
    }
