"""What of a lexicon stands on its page, as JSON: capped by bytes, the strongest terms of everybody first."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import DOCUMENTS, NO_STRATUM, THE_REST, Lexicon
from framing.reporting.sections import cut
from framing.reporting.sentence_data import escaped

BYTES = 1_150_000
"""Of all data on the page, so that it stays under 2 MB whatever they hold."""

PARTS = {
    "groups": 90_000, "comparisons": 130_000, "sets": 50_000, "shares": 240_000, "terms": 560_000,
    "counts": 180_000, "choices": 100_000, "concordance": BYTES,
}  # fmt: skip
"""Bytes of each part; concordance has what the others leave."""

GROUPS = 1000
"""Groups on the page, in alphabetical order."""

COMPARISONS = 1000
"""Comparisons on the page, those with the rest before pairs of groups."""

SIDE = 1000
"""Terms of either side of a comparison on the page."""

PAIR = 4
"""A pair has a fourth of the terms of a comparison with the rest, fewer where pairs are many."""

NAME, ENDING = 80, 20
"""Characters of a name or term on the page, and those of them from its end, which often tell two apart."""

TEXT = 500
"""Characters of a sentence on the page."""

FILES = {
    "groups": "tables/groups.csv", "comparisons": "tables/comparisons.csv", "terms": "tables/terms.csv",
    "counts": "tables/counts.parquet", "concordance": "tables/concordance.csv", "noise": "tables/noise.csv",
    "sets": "tables/alternations.csv", "shares": "tables/shares.csv", "choices": "tables/choices.csv",
    "self_check": "tables/self_check.csv",
}  # fmt: skip
"""Where every row of a part stands."""

WORDS = {
    "groups": "groups", "comparisons": "comparisons", "terms": "listed terms", "shares": "shares",
    "sets": "sets of rival words", "choices": "sentences of rival words", "concordance": "sentences of terms",
}  # fmt: skip

NUMBERS = (
    "count", "count_other", "documents", "documents_other", "per_10k", "per_10k_other", "log_odds", "low",
    "high", "q", "bound", "standard_error", "p", "z_words", "g2", "bic", "log_ratio", "percent_difference",
    "simple_maths", "text_g2", "range", "range_other", "dp", "dp_other", "jsd_share", "boot_low", "boot_high",
)  # fmt: skip
"""Columns of a term on the page."""

SIZES = ("documents", "sentences", "words")
COMPARED = ("documents", "documents_other", "words", "words_other", "strata", "documents_left_out", "tested",
            "significant", "listed", "jsd")  # fmt: skip
SET = ("title", "choices", "documents", "groups", "cramers_v", "statistic", "degrees", "p", "q",
       "inference")  # fmt: skip
SHARE = ("count", "choices", "documents", "share", "shrunken", "low", "high", "suppressed")
SENTENCE = ("id", "source", "article", "date", "frames", "voice", "agent", "place", "quoted")
COMPARISON = ["within", "group", "other"]

Record = list[Any]


@dataclass(frozen=True)
class PageData:
    """The data of a page.

    Attributes:
        json: an object, as text that stands safely in a script element.
        remarks: what is left out, and the file that has it.
    """

    json: str
    remarks: list[str]


@dataclass
class _Room:
    """What may still be written."""

    left: int = BYTES

    def take(self, part: str, records: Iterable[Record]) -> list[Record]:
        """Return the first records that fit."""
        allowed = min(PARTS[part], self.left)
        used, taken = 0, []
        for record in records:
            used += _size(record)
            if used > allowed:
                break
            self.left -= _size(record)
            taken.append(record)
        return taken


def lexicon_data(lexicon: Lexicon, settings: LexiconSettings) -> PageData:
    """Return what the page shows, at most `BYTES` bytes.

    Comparisons with the rest stand before pairs; each keeps its strongest terms first; then come the counts
    of these terms in every group, and with the bytes that are left the sentences behind them.
    """
    room = _Room()
    parts: dict[str, list[Record]] = {}
    compared = _comparisons(lexicon)
    keys = ("within", "set", "condition")
    groups = lexicon.groups.sort("within", "group").head(GROUPS) if lexicon.groups.height else lexicon.groups
    parts["groups"] = room.take("groups", _rows(groups, 2, SIZES))
    parts["comparisons"] = room.take("comparisons", _rows(compared, 3, (*COMPARED, "inference")))
    parts["sets"] = room.take("sets", _rows(lexicon.alternations, 0, (*keys, *SET)))
    parts["shares"] = room.take(
        "shares", _rows(_ordered(lexicon.shares), 0, (*keys, "group", "variant", *SHARE))
    )
    ranked = _ranked(lexicon.terms, compared.head(len(parts["comparisons"])))
    parts["terms"] = room.take("terms", _terms(ranked))
    shown = ranked.head(len(parts["terms"]))
    parts["counts"] = room.take("counts", _counts(lexicon.counts, shown))
    choice, term = ["within", "set", "variant", "group"], ["within", "group", "term"]
    parts["choices"] = room.take("choices", _sentences(lexicon.choices, choice))
    parts["concordance"] = room.take("concordance", _sentences(_behind(lexicon.concordance, shown), term))
    return PageData(_json(_names(settings) | parts), _remarks(lexicon, parts, shown))


def _names(settings: LexiconSettings) -> dict[str, object]:
    """Return the settings that the page needs, and what the numbers of its rows are called."""
    return {
        "by": settings.groups, "level": settings.level, "few": settings.min_documents,
        "least": settings.min_choices, "shown": settings.shown, "rest": THE_REST, "tested": DOCUMENTS,
        "shares_file": FILES["shares"], "apart": NO_STRATUM, "strata": " and ".join(settings.strata),
        "numbers": NUMBERS, "compared": COMPARED, "share": SHARE, "set": SET, "sentence": SENTENCE,
    }  # fmt: skip


def _remarks(lexicon: Lexicon, parts: dict[str, list[Record]], shown: pl.DataFrame) -> list[str]:
    """Return what is left out of each part, and where it stands."""
    tables = lexicon.tables() | {"sets": lexicon.alternations}
    remarks = [
        f"{len(taken):,} of {tables[part].height:,} {WORDS[part]} are on this page; all stand in "
        f"{FILES[part]}."
        for part, taken in parts.items()
        if part != "counts" and len(taken) < tables[part].height
    ]
    if shown.height and len(parts["counts"]) < shown.select("within", "term").n_unique():
        remarks.append(
            f"For {len(parts['counts']):,} of the terms the page has the counts of every group; two groups "
            f"that the run did not compare show these only. All counts stand in {FILES['counts']}."
        )
    return remarks


def _json(content: object) -> str:
    return escaped(json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _size(record: Record) -> int:
    return len(_json(record).encode()) + 1


def _number(value: object) -> object:
    """Return a number with four digits, None for one that is not finite; other values as they are.

    >>> _number(0.0123456), _number(12.0), _number(float("nan")), _number(7), _number("a")
    (0.01235, 12, None, 7, 'a')
    """
    if not isinstance(value, float):
        return short_name(value) if isinstance(value, str) else value
    if not math.isfinite(value):
        return None
    short = float(f"{value:.4g}")
    return int(short) if short.is_integer() else short


def short_name(name: str) -> str:
    """Return a name of at most `NAME` characters, its beginning and its end."""
    return name if len(name) <= NAME else f"{name[: NAME - ENDING - 1]}…{name[-ENDING:]}"


def _rows(table: pl.DataFrame, names: int, columns: tuple[str, ...]) -> Iterator[Record]:
    """Yield the rows, the first `names` of within, group and other before the columns."""
    if table.height:
        for row in table.select(*COMPARISON[:names], *columns).iter_rows():
            yield [_number(value) for value in row]


def _comparisons(lexicon: Lexicon) -> pl.DataFrame:
    """Return the comparisons of the page: those with the rest first, each kind in alphabetical order."""
    table = lexicon.comparisons
    if not table.height:
        return table
    order = table.with_columns(pair=pl.col("other") != THE_REST).sort(
        "pair", *COMPARISON, maintain_order=True
    )
    return order.drop("pair").head(COMPARISONS)


def _ranked(terms: pl.DataFrame, comparisons: pl.DataFrame) -> pl.DataFrame:
    """Return the listed terms of these comparisons: the first of every side, then the second, and so on."""
    if not terms.height or not comparisons.height:
        return terms.clear()
    keys = comparisons.select(COMPARISON).with_row_index("comparison")
    side = (pl.col("log_odds") > 0).fill_null(False)
    # Ranks before the join: a table of millions is reduced before anything is copied.
    order = pl.int_range(pl.len(), dtype=pl.UInt32).over(*COMPARISON, side)
    rest = int((comparisons["other"] == THE_REST).sum())
    pair = max(PAIR, (comparisons.height - rest) // max(1, rest))
    weight = pl.when(pl.col("other") == THE_REST).then(1).otherwise(pair)
    first = terms.lazy().with_columns(rank=order).filter(pl.col("rank") < SIDE).collect()
    joined = first.join(keys, on=COMPARISON, how="inner", maintain_order="left")
    return joined.with_columns(rank=pl.col("rank") * weight).sort("rank", "comparison", maintain_order=True)


def _ordered(shares: pl.DataFrame) -> pl.DataFrame:
    """Return the shares under no condition before the others, so that every set has its own on the page."""
    return shares.sort(pl.col("condition") != "all", maintain_order=True) if shares.height else shares


def _terms(ranked: pl.DataFrame) -> Iterator[Record]:
    """Yield number of the comparison, term, and the numbers."""
    if ranked.height:
        for row in ranked.select("comparison", "term", *NUMBERS).iter_rows():
            yield [_number(value) for value in row]


def _counts(counts: pl.DataFrame, shown: pl.DataFrame) -> Iterator[Record]:
    """Yield within, term and its groups, counts and documents, for the shown terms, strongest first."""
    if not counts.height or not shown.height:
        return
    wanted = shown.select("within", "term").unique(maintain_order=True).with_row_index("order")
    found = counts.join(wanted, on=["within", "term"], how="inner").sort("order", "group")
    parts = found.group_by("order", "within", "term", maintain_order=True).agg("group", "count", "documents")
    for within, term, *lists in parts.drop("order").iter_rows():
        yield [_number(within), _number(term), [_number(name) for name in lists[0]], *lists[1:]]


def _behind(concordance: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Return the sentences of shown terms, those of the strongest terms first."""
    if not concordance.height or not shown.height:
        return concordance.clear()
    wanted = shown.select("within", "term").unique(maintain_order=True).with_row_index("order")
    found = concordance.join(wanted, on=["within", "term"], how="inner", maintain_order="left")
    return found.sort("order", maintain_order=True).drop("order")


def _sentences(table: pl.DataFrame, names: list[str]) -> Iterator[Record]:
    """Yield names, what is known of the sentence, and its text before, at and after the passage.

    One sentence of everything that is named, then the next of each, so that nothing is left without any.
    """
    if not table.height:
        return
    in_turn = table.with_columns(turn=pl.int_range(pl.len()).over(names)).sort("turn", maintain_order=True)
    known = [pl.col(name) if name in table.columns else pl.lit(None).alias(name) for name in SENTENCE]
    for row in in_turn.select(*names, *known, "text", "start", "end").iter_rows():
        *about, text, start, end = row
        yield [*(_number(value) for value in about), *passage(text, start, end, TEXT)]


def passage(text: str, start: int, end: int, length: int) -> tuple[str, str, str]:
    """Return a text before, at and after a passage, cut with ellipses to about `length` characters.

    >>> passage("They captured the town", 5, 13, 100)
    ('They ', 'captured', ' the town')
    >>> passage("one two three four five six seven", 14, 18, 14)
    ('…hree ', 'four', ' five…')
    """
    start, end = start or 0, end or 0
    middle = text[start:end]
    if len(text) <= length:
        return text[:start], middle, text[end:]
    side = max(0, length - len(middle)) // 2
    before, after = text[max(0, start - side) : start], text[end : end + side]
    opening = "…" if start > side else ""
    return opening + before, cut(middle, length), after + ("…" if end + side < len(text) else "")
