"""What only the headlines themselves can tell: the words behind a choice, and whether it was read rightly."""

from hashlib import blake2b
from pathlib import Path

import polars as pl

from framing.core.config import PROJECT
from framing.evaluation.invariance import wilson_interval
from framing.evaluation.lexicon.alternation_file import read_alternations
from framing.evaluation.lexicon.choices import find_choices

ALTERNATIONS = PROJECT / "configs" / "alternations" / "territorial_war.yaml"
YEAR = pl.col("date").str.slice(0, 4)
SAMPLE = 60
JUDGEMENTS = Path(__file__).parent / "judgements.csv"
"""What was judged of every choice in the sample: true or false, and whether a place was found."""

UKRAINE = "(?i)ukrain|kiev|kyiv|zelensk|donb|special military"
ANOTHER = r"(?i)\biran|israel|gaza|india|pakistan|\bsyria|venezuela|thai|tariff|sudan|korea|world war"
WAR_NAMES = ["the war's name", "the war's name beside Ukraine"]
BULLETINS = "progress of .{0,4}special military|repelling afu"
"""Headings of two daily bulletins."""

JUDGED = {
    "agent": ("agent", pl.lit(value=True)),
    "place, where one was found": ("place", pl.col("place_found")),
    "no place, where none was found": ("place", ~pl.col("place_found")),
    "is about taking a place": ("taking", pl.lit(value=True)),
    "of these, in this war": ("this_war", pl.col("taking")),
    "of these, done or claimed, not planned, wished or denied": ("done", pl.col("taking")),
}
"""What was judged -> its column, and in which choices."""


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
    """Return the choices that are judged: drawn from all "taking a place" for which an agent was found.

    Those with the least hash of headline and place in it: patterns that find a few choices more or fewer
    change a few of the sample. `key` is that hash; it does not tell the headline.
    """
    asked = found.filter(pl.col("set") == "taking a place", pl.col("agent").is_not_null())
    keys = [_key(*row) for row in asked.select("id", "start").iter_rows()]
    return asked.with_columns(key=pl.Series(keys, dtype=pl.String)).sort("key").head(SAMPLE)


def _key(headline: str, start: int) -> str:
    return blake2b(f"{headline} {start}".encode(), digest_size=6).hexdigest()


def war_forms(found: pl.DataFrame) -> pl.DataFrame:
    """Return which words stand behind the variants that name an operation, by source and year."""
    named = found.filter(pl.col("set") == "the war's name", pl.col("variant").str.contains("operation"))
    return (
        named.group_by("source", "variant", "chosen", year=YEAR, quoted="quoted").len("count").sort(pl.all())
    )


def war_topics(found: pl.DataFrame) -> pl.DataFrame:
    """Return how many names of the war stand beside Ukraine, beside another war, and in daily bulletins."""
    named = found.filter(pl.col("set").is_in(WAR_NAMES), YEAR.is_in(["2022", "2025", "2026"]))
    part = pl.when(YEAR == "2022").then(pl.lit("2022")).otherwise(pl.lit("2025-26"))
    patterns = {"names_ukraine": UKRAINE, "names_another": ANOTHER, "in_a_bulletin": BULLETINS}
    counts = {name: pl.col("text").str.contains(pattern).sum() for name, pattern in patterns.items()}
    return (
        named.group_by("set", "source", "variant", part=part).agg(choices=pl.len(), **counts).sort(pl.all())
    )


def precision(sampled: pl.DataFrame) -> pl.DataFrame:
    """Return the shares of what was judged, with Wilson's 95% intervals.

    Raises:
        ValueError: other choices are in the sample than were judged.
    """
    judged = pl.read_csv(JUDGEMENTS)
    if set(judged["key"]) != set(sampled["key"]):
        raise ValueError("The patterns changed, and with them the sample: judge it again (sample=true).")
    rows = []
    for name, (column, asked) in JUDGED.items():
        answers = judged.filter(asked)[column]
        right, number = int(answers.sum()), len(answers)
        low, high = wilson_interval(right, number)
        rows.append(
            {"judged": name, "right": right, "of": number, "share": right / number, "low": low, "high": high}
        )
    return pl.DataFrame(rows)
