"""Which of several rival words each group chooses: shares, intervals, and whether the groups differ.

Counts come first: how often each document chose each variant. A document that says "Kyiv" ten times is one
document, so intervals and test draw documents (`alternation_measures`). Groups stand by name.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from framing.evaluation.lexicon.alternation_file import Alternations, AlternationSet
from framing.evaluation.lexicon.alternation_measures import cramers_v, share_interval, shrunken_shares
from framing.evaluation.lexicon.exchange import Codes, Counts, DocumentTest, document_test
from framing.evaluation.lexicon.tables import DOCUMENTS, NO_STRATUM, TOO_FEW

ALL = "all"

ALTERNATIONS = {
    "within": pl.String, "set": pl.String, "title": pl.String, "condition": pl.String, "choices": pl.Int64,
    "documents": pl.Int64, "groups": pl.Int64, "groups_tested": pl.Int64, "cramers_v": pl.Float64,
    "statistic": pl.Float64, "degrees": pl.Int64, "p": pl.Float64, "q": pl.Float64, "inference": pl.String,
}  # fmt: skip
SHARES = {
    "within": pl.String, "set": pl.String, "condition": pl.String, "group": pl.String, "variant": pl.String,
    "count": pl.Int64, "choices": pl.Int64, "documents": pl.Int64, "share": pl.Float64,
    "shrunken": pl.Float64, "low": pl.Float64, "high": pl.Float64, "suppressed": pl.Boolean,
}  # fmt: skip
CHOICES = ("within", "set", "variant", "group", "agent", "place", "quoted", "id", "source", "article", "date",
           "text", "start", "end")  # fmt: skip


@dataclass(frozen=True)
class AlternationSettings:
    """How choices are compared.

    Attributes:
        min_choices: a group with fewer choices in a set and condition is suppressed and not compared.
        min_documents: a group with fewer documents is not in the test.
        examples: sentences a set, group and variant.
        seed: of the draw of examples.
    """

    min_choices: int
    min_documents: int
    examples: int
    seed: int


@dataclass(frozen=True, eq=False)
class _Counted:
    """The choices of one set and condition: (D, K) counts, (D,) groups and strata as codes, groups' names."""

    counts: Counts
    groups: Codes
    strata: Codes
    names: Sequence[str]


def alternation_tables(
    choices: pl.DataFrame, alternations: Alternations, settings: AlternationSettings, within: str = ""
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the tables `alternations`, `shares` and `choices` of `tables.Lexicon`.

    Besides those columns `alternations` has `groups_tested`: the groups with enough choices and documents.
    With two or more of them Cramer's V, statistic and p are about these; otherwise V and statistic are
    about the groups with enough choices, and there is no p; nor where, rare variants taken together, fewer
    than two are left (`exchange`). q is Benjamini & Hochberg's (1995) over the sets
    of one kind of condition, such as "agent". Pairs of agent and place are left out unless two groups have
    enough choices. Strata are in the test alone, shares and V are over all strata together; where no stratum
    has two groups, there is neither V nor p.

    Args:
        choices: what `find_choices` returned, for all parts of the corpus, one below the other.
        alternations: the sets.
        settings: how choices are compared.
        within: what the rows are about.
    """
    keys = ["set", "variant", "group", "stratum", "document", "agent", "place", "quoted"]
    counted = choices.group_by(keys).agg(pl.len().alias("count")).sort(keys)
    tests, shares = [], []
    by_set = counted.partition_by("set", as_dict=True)
    for each in alternations.sets:
        of_set = by_set.get((each.name,), counted.clear())
        for condition, part in _conditions(of_set, each):
            table = _tabulated(part, each)
            test, groups_enough = _tested(table, settings)
            optional = ", " in condition
            if optional and groups_enough < 2:
                continue
            told = {"within": within, "set": each.name, "condition": condition}
            tests.append({**told, "title": each.title, **test})
            shares += [{**told, **row} for row in _shares(table, each, settings)]
    found = _with_q(pl.DataFrame(tests, schema=ALTERNATIONS))
    return found, pl.DataFrame(shares, schema=SHARES), _examples(choices, settings, within)


def _conditions(part: pl.DataFrame, each: AlternationSet) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the conditions of a set that have any choices, with their counts."""
    if part.is_empty():
        return
    yield ALL, part
    values = {slot: part[slot].drop_nulls().unique().sort().to_list() for slot in ("agent", "place")}
    for slot in ("agent", "place"):
        for value in values[slot]:
            yield f"{slot}: {value}", part.filter(pl.col(slot) == value)
    for agent in values["agent"]:
        for place in values["place"]:
            both = part.filter((pl.col("agent") == agent) & (pl.col("place") == place))
            if both.height:
                yield f"agent: {agent}, place: {place}", both
    if "quoted" in each.slots:
        for name, rows in (("quoted", part.filter("quoted")), ("not quoted", part.filter(~pl.col("quoted")))):
            if rows.height:
                yield name, rows


def _tabulated(part: pl.DataFrame, each: AlternationSet) -> _Counted:
    keys = ["group", "stratum", "document"]
    # A document is in one group and stratum, so its code says both.
    documents = part.select(keys).unique("document").sort("document").with_row_index("place_of_document")
    variants = {variant.name: number for number, variant in enumerate(each.variants)}
    placed = part.join(documents.select("document", "place_of_document"), on="document")
    counts = np.zeros((documents.height, len(variants)))
    columns = placed["variant"].replace_strict(variants, return_dtype=pl.Int64).to_numpy()
    np.add.at(counts, (placed["place_of_document"].to_numpy(), columns), placed["count"].to_numpy())
    groups, codes = np.unique(documents["group"].to_numpy(), return_inverse=True)
    strata = np.unique(documents["stratum"].to_numpy(), return_inverse=True)[1]
    return _Counted(counts, codes.astype(np.int64), strata.astype(np.int64), [str(name) for name in groups])


def _tested(table: _Counted, settings: AlternationSettings) -> tuple[dict[str, object], int]:
    """Return the row of a set and condition, and how many groups have enough choices."""
    size = len(table.names)
    by_group = np.zeros((size, table.counts.shape[1]))
    np.add.at(by_group, table.groups, table.counts)
    enough = by_group.sum(axis=1) >= settings.min_choices
    tested = enough & (np.bincount(table.groups, minlength=size) >= settings.min_documents)
    number = int(enough.sum())
    inference = int(tested.sum()) >= 2
    compared = tested if inference else enough
    if int(compared.sum()) >= 2 and not _share_a_stratum(table, compared):
        return _untested(table, number), number
    result = _test_of(table, compared, settings.seed)
    if inference and result.p is None:
        # Too few documents for the variants: what is told is about all groups with enough choices.
        inference, compared = False, enough
        result = _test_of(table, compared, settings.seed)
    comparable = int(compared.sum()) >= 2
    row: dict[str, object] = {
        "choices": int(table.counts.sum()),
        "documents": len(table.counts),
        "groups": number,
        "groups_tested": int(tested.sum()) if inference else 0,
        "cramers_v": _known(cramers_v(by_group[compared])) if comparable else None,
        "statistic": result.statistic if comparable else None,
        "degrees": result.degrees if comparable else None,
        "p": result.p if inference else None,
        "inference": DOCUMENTS if inference else TOO_FEW,
    }
    return row, number


def _test_of(table: _Counted, compared: NDArray[np.bool_], seed: int) -> DocumentTest:
    """Return the test of some groups."""
    rows = compared[table.groups]
    groups, strata = (
        np.unique(codes[rows], return_inverse=True)[1].astype(np.int64)
        for codes in (table.groups, table.strata)
    )
    return document_test(table.counts[rows], groups, strata, seed)


def _share_a_stratum(table: _Counted, compared: NDArray[np.bool_]) -> bool:
    """Return whether any stratum has documents of two groups; otherwise there is nothing to exchange."""
    rows = compared[table.groups]
    pairs = np.unique(np.stack([table.strata[rows], table.groups[rows]]), axis=1)
    return bool((np.bincount(pairs[0]) > 1).any()) if pairs.size else False


def _untested(table: _Counted, groups: int) -> dict[str, object]:
    """Return the row of a set and condition whose groups have no stratum in common: no V, no test."""
    return {
        "choices": int(table.counts.sum()), "documents": len(table.counts), "groups": groups,
        "groups_tested": 0, "cramers_v": None, "statistic": None, "degrees": None, "p": None,
        "inference": NO_STRATUM,
    }  # fmt: skip


def _shares(
    table: _Counted, each: AlternationSet, settings: AlternationSettings
) -> Iterator[dict[str, object]]:
    """Yield a row for every group and variant; the prior's shares are those of all groups together."""
    pooled = table.counts.sum(0)
    for group, name in enumerate(table.names):
        counts = table.counts[table.groups == group]
        sums, per_document = counts.sum(0), counts.sum(1)
        suppressed = bool(sums.sum() < settings.min_choices)
        shrunken = shrunken_shares(sums, pooled)
        for number, variant in enumerate(each.variants):
            low, high = (
                (math.nan, math.nan) if suppressed else share_interval(counts[:, number], per_document)
            )
            yield {
                "group": name,
                "variant": variant.name,
                "count": int(sums[number]),
                "choices": int(sums.sum()),
                "documents": len(counts),
                "share": None if suppressed else float(sums[number] / sums.sum()),
                "shrunken": float(shrunken[number]),
                "low": _known(low),
                "high": _known(high),
                "suppressed": suppressed,
            }


def _with_q(tests: pl.DataFrame) -> pl.DataFrame:
    """Fill in q; conditions that name the same slots are one family."""
    p = tests["p"].to_list()
    families: dict[str, list[int]] = {}
    for row, condition in enumerate(tests["condition"]):
        if p[row] is not None:
            slots = ", ".join(part.split(":")[0] for part in condition.split(", "))
            families.setdefault(slots, []).append(row)
    q: list[float | None] = [None] * len(p)
    for rows in families.values():
        for row, value in zip(rows, false_discovery_control([p[row] for row in rows]), strict=True):
            q[row] = float(value)
    return tests.with_columns(pl.Series("q", q, dtype=pl.Float64))


def _examples(choices: pl.DataFrame, settings: AlternationSettings, within: str) -> pl.DataFrame:
    """Return some choices a set, group and variant; sentence and seed say which, the order of rows does not.

    The hash is that of Polars, as in `concordance`.
    """
    # Ids may be unique within a source only.
    sentence = ["id", "source", "article"]
    keys = ["set", "group", "variant"]
    named = pl.struct(pl.col(sentence).cast(pl.String))
    slim = choices.with_row_index("row").select(
        "row", *keys, *sentence, "start", drawn=named.hash(settings.seed)
    )
    ordered = slim.sort(*keys, "drawn", *sentence, "start")
    # A sentence is shown once for a variant, however often it stands there.
    ordered = ordered.unique([*keys, *sentence], keep="first", maintain_order=True)
    rows = ordered.group_by(keys, maintain_order=True).head(settings.examples)["row"]
    return choices[rows].with_columns(within=pl.lit(within)).select(CHOICES)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
