"""What only the headlines themselves can tell: the words behind a choice, and whether it was read rightly."""

import polars as pl

from framing.core.config import PROJECT
from framing.evaluation.invariance import wilson_interval
from framing.evaluation.lexicon.alternation_file import read_alternations
from framing.evaluation.lexicon.choices import find_choices

ALTERNATIONS = PROJECT / "configs" / "alternations" / "territorial_war.yaml"
YEAR = pl.col("date").str.slice(0, 4)
SEED, SAMPLE = 11, 60

UKRAINE = "(?i)ukrain|kiev|kyiv|zelensk|donb|special military"
ANOTHER = r"(?i)\biran|israel|gaza|india|pakistan|\bsyria|venezuela|thai|tariff|sudan|korea|world war"
BULLETINS = "progress of (?:the )?special military operation|repelling afu attempt to invade"
"""Headings of two daily bulletins."""

JUDGED = {
    "agent": (59, 60),
    "place, where one was found": (48, 49),
    "no place, where none was found": (6, 11),
    "is about taking a place": (55, 60),
    "of these, in this war": (52, 55),
    "of these, done or claimed, not planned, wished or denied": (46, 55),
}
"""What was judged in the sample -> right, judged."""


def found_choices(headlines: pl.DataFrame) -> pl.DataFrame:
    """Return every choice between rival words in the file as it stands, with the word `chosen`."""
    numbered = headlines.sort("article").with_row_index("document")
    sentences = numbered.with_columns(
        id=pl.col("article"), group=pl.col("source"), stratum=pl.lit(""), frames=None, voice=None
    )
    found = find_choices(sentences, read_alternations(str(ALTERNATIONS)))
    chosen = pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    return found.with_columns(chosen=chosen.str.to_lowercase())


def sample(found: pl.DataFrame) -> pl.DataFrame:
    """Return the choices that were judged: drawn from all "taking a place" for which an agent was found."""
    asked = found.filter(pl.col("set") == "taking a place", pl.col("agent").is_not_null()).sort("id", "start")
    return asked.sample(SAMPLE, seed=SEED, shuffle=True)


def war_forms(found: pl.DataFrame) -> pl.DataFrame:
    """Return which words stand behind the variant "special military operation", by source and year."""
    named = found.filter(pl.col("variant") == "special military operation")
    return named.group_by("source", "chosen", year=YEAR, quoted="quoted").len("count").sort(pl.all())


def war_topics(found: pl.DataFrame) -> pl.DataFrame:
    """Return how many names of the war stand beside Ukraine, beside another war, and in daily bulletins."""
    named = found.filter(pl.col("set") == "the war's name", YEAR.is_in(["2022", "2025", "2026"]))
    part = pl.when(YEAR == "2022").then(pl.lit("2022")).otherwise(pl.lit("2025-26"))
    patterns = {"names_ukraine": UKRAINE, "names_another": ANOTHER, "in_a_bulletin": BULLETINS}
    counts = {name: pl.col("text").str.contains(pattern).sum() for name, pattern in patterns.items()}
    return named.group_by("source", "variant", part=part).agg(choices=pl.len(), **counts).sort(pl.all())


def precision() -> pl.DataFrame:
    """Return the shares of what was judged, with Wilson's 95% intervals."""
    rows = []
    for name, (right, number) in JUDGED.items():
        low, high = wilson_interval(right, number)
        rows.append(
            {"judged": name, "right": right, "of": number, "share": right / number, "low": low, "high": high}
        )
    return pl.DataFrame(rows)
