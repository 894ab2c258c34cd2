"""Where in the sentences one of several rival words was chosen.

Candidates come first: one pass finds the first words of all forms of all sets, and where they stand (the
search for many strings also finds them inside of longer words; those are taken out). What else a form asks
for is then looked for at these places only, one expression a form. Rust's expressions have no lookaround,
so what must stand before or after is matched against the text cut at the place.

Found: every place of a form as whole words, whatever is meant by it. What must stand beside a form is
looked for within 120 characters before and 200 after; never beyond a point, semicolon or colon. `near` is
looked for within 60 characters on either side, whatever stands between, and not in the chosen words
themselves: "the DPR" alone is not near the east of Ukraine. Two sets may count one word, each in its own
table; in one set a word is counted once, and twice in a sentence that has it twice.

Missed: words that are in no form, other spellings and misprints, names of a side further off than a form asks
("Russian and allied troops" are troops of no side), pronouns.
Wrong: irony, denial and plans count as said; a word in a quotation counts for the source that quotes it
(`quoted` tells).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from framing.evaluation.lexicon.alternation_file import Alternations, AlternationSet
from framing.evaluation.lexicon.alternation_form import GAP, Form
from framing.evaluation.lexicon.slots import with_slots

LONGEST = 60
"""Characters of a word that are looked at."""

BEHIND, AHEAD = 120, 200
"""Characters before and after a place that a form may ask about."""

CLOSE_BY = 60
"""Characters on either side in which `near` is looked for."""

CARRIED = ("id", "source", "article", "date", "text", "group", "stratum", "document")


@dataclass(frozen=True)
class _Rival:
    """A form, its set and variant by number; variant -1 is `never`."""

    chosen_set: int
    variant: int
    form: Form


def find_choices(sentences: pl.DataFrame, alternations: Alternations) -> pl.DataFrame:
    """Find every choice in sentences; the results of parts of a corpus may be put one below the other.

    Args:
        sentences: one row a sentence, with `id`, `text`, `source`, `article`, `date`, `group`, `stratum` and
            `document` (a code; no document may have sentences in two parts, and no two parts one code for
            two documents).
        alternations: what to look for.

    Returns:
        One row a choice, in the order of the sentences: `set`, `variant`, `group`, `stratum`, `document`,
        `agent`, `place` (null where not found or not asked for), `quoted`, `id`, `source`, `article`, `date`,
        `text`, `start`, `end` (characters of the text). Where forms of one set overlap the longest counts,
        of two as long the one that asks for more around it.
    """
    rivals = _rivals(alternations)
    candidates = _candidates(sentences, sorted({each for rival in rivals for each in rival.form.firsts}))
    matches = _without_overlaps(pl.concat([_none(), *_matches(candidates, rivals)]))
    sets = alternations.sets
    found = matches.join(sentences.select(CARRIED).with_row_index("row"), on="row", how="left")
    found = _near_by(found, sets).sort("row", "set", "start")
    asked = {
        f"wants_{slot}": pl.col("set").is_in([a for a, each in enumerate(sets) if slot in each.slots])
        for slot in ("agent", "place")
    }
    return _named(with_slots(found.with_columns(**asked), alternations), sets)


def _named(found: pl.DataFrame, sets: tuple[AlternationSet, ...]) -> pl.DataFrame:
    """Return the columns that are promised, with the names of sets and variants for their numbers."""
    names = [(a, b, each.name, v.name) for a, each in enumerate(sets) for b, v in enumerate(each.variants)]
    columns = {"set": pl.Int32, "variant": pl.Int32, "set_name": pl.String, "variant_name": pl.String}
    variants = pl.DataFrame(names, schema=columns, orient="row")
    named = found.join(variants, on=["set", "variant"], how="left", maintain_order="left")
    carried = [each for each in CARRIED if each not in ("group", "stratum", "document", "text")]
    return named.select(
        pl.col("set_name").alias("set"),
        pl.col("variant_name").alias("variant"),
        *("group", "stratum", "document", "agent", "place", "quoted"),
        *carried,
        *("text", "start", "end"),
    )


def _rivals(alternations: Alternations) -> list[_Rival]:
    return [
        _Rival(a, b, form)
        for a, each in enumerate(alternations.sets)
        for b, forms in [(-1, each.never), *((n, v.forms) for n, v in enumerate(each.variants))]
        for form in forms
    ]


def _none() -> pl.DataFrame:
    """Return a table of matches without rows."""
    return pl.DataFrame(
        schema={"row": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "set": pl.Int32, "variant": pl.Int32,
                "rival": pl.Int32, "asks": pl.Boolean}
    )  # fmt: skip


def _candidates(sentences: pl.DataFrame, firsts: list[str]) -> pl.DataFrame:
    """Return the words that a form may begin with: `row`, `start`, `word` (lower case), `text`."""
    stems = sorted({each for first in firsts for each in _stems(first)}, key=lambda each: (-len(each), each))
    rows = sentences.select("text").with_row_index("row")
    rows = rows.filter(pl.col("text").str.contains_any(stems, ascii_case_insensitive=True))
    # A stem has letters alone, so it lies in one word; of a word the beginning is found first.
    found = rows.with_columns(
        byte=pl.col("text").str.find_many(stems, ascii_case_insensitive=True, leftmost=True),
        plain=pl.col("text").str.len_bytes() == pl.col("text").str.len_chars(),
    ).explode("byte")
    as_bytes = pl.col("text").cast(pl.Binary).bin
    characters = as_bytes.slice(0, pl.col("byte")).cast(pl.String).str.len_chars()
    found = found.with_columns(
        start=pl.when("plain").then(pl.col("byte").cast(pl.Int64)).otherwise(characters.cast(pl.Int64))
    )
    start = pl.col("start")
    before = pl.col("text").str.slice(start - 1, 1)
    found = found.filter((start == 0) | ~before.str.contains(r"\w"))
    words = found.with_columns(word=pl.col("text").str.slice(start, LONGEST).str.extract(r"^(\w+)"))
    words = words.with_columns(pl.col("word").str.to_lowercase())
    pattern = re.compile("|".join(firsts))
    known = [word for word in words["word"].unique() if pattern.fullmatch(word)]
    return words.filter(pl.col("word").is_in(known)).select("row", "start", "word", "text")


def _stems(first: str) -> list[str]:
    """Return the beginning of a first word; what is not ASCII also in capital letters."""
    stem = first.replace(r"\w*", "")
    return [stem] if stem.isascii() else [stem, stem.capitalize(), stem.upper()]


def _matches(candidates: pl.DataFrame, rivals: list[_Rival]) -> Iterator[pl.DataFrame]:
    """Yield the matches of each form."""
    by_word = candidates.partition_by("word", as_dict=True)
    patterns = [re.compile("|".join(rival.form.firsts)) for rival in rivals]
    for number, (rival, pattern) in enumerate(zip(rivals, patterns, strict=True)):
        parts = [part for (word,), part in by_word.items() if pattern.fullmatch(str(word))]
        if parts:
            yield _matched(pl.concat(parts), rival.form).select(
                "row",
                "start",
                "end",
                pl.lit(rival.chosen_set, pl.Int32).alias("set"),
                pl.lit(rival.variant, pl.Int32).alias("variant"),
                pl.lit(number, pl.Int32).alias("rival"),
                pl.lit(bool(rival.form.before or rival.form.after)).alias("asks"),
            )


def _matched(candidates: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return the candidates that are the form, with `end`."""
    start = pl.col("start")
    if form.plain:
        return candidates.with_columns(end=start + pl.col("word").str.len_chars().cast(pl.Int64))
    if form.before:
        from_here = pl.max_horizontal(start - BEHIND, 0)
        head = pl.col("text").str.slice(from_here, start - from_here).str.to_lowercase()
        candidates = candidates.filter(head.str.contains(f"{form.before}$"))
    after = f"{GAP}{form.after}" if form.after else ""
    found = pl.col("text").str.slice(start, AHEAD).str.to_lowercase().str.extract(f"^({form.core}){after}")
    return candidates.with_columns(end=start + found.str.len_chars().cast(pl.Int64)).drop_nulls("end")


def _without_overlaps(matches: pl.DataFrame) -> pl.DataFrame:
    """Of overlapping matches of one set keep the longest; `never` goes first among those as long."""
    matches = matches.with_columns(length=pl.col("end") - pl.col("start"))
    order = ["row", "set", "length", "never", "asks", "rival", "start"]
    descending = [False, False, True, True, True, False, False]
    ordered = matches.with_columns(never=pl.col("variant") < 0).sort(order, descending=descending)
    ordered = ordered.with_row_index("rank")
    alone = pl.len().over("row", "set") == 1
    several = ordered.filter(~alone).select("rank", "row", "set", "start", "end")
    beaten = (
        several.join(several, on=["row", "set"], suffix="_other")
        .filter(
            (pl.col("rank_other") < pl.col("rank"))
            & (pl.col("start_other") < pl.col("end"))
            & (pl.col("start") < pl.col("end_other"))
        )
        .select("rank")
        .unique()
    )
    kept = ordered.join(beaten, on="rank", how="anti").filter(~pl.col("never"))
    return kept.select("row", "start", "end", "set", "variant")


def _near_by(found: pl.DataFrame, sets: tuple[AlternationSet, ...]) -> pl.DataFrame:
    """Keep the choices that have beside them what their set asks for."""
    from_here = pl.max_horizontal(pl.col("start") - CLOSE_BY, 0)
    before = pl.col("text").str.slice(from_here, pl.col("start") - from_here).str.to_lowercase()
    after = pl.col("text").str.slice(pl.col("end"), CLOSE_BY).str.to_lowercase()
    parts = [found.filter(~pl.col("set").is_in([a for a, each in enumerate(sets) if each.near]))]
    for number, each in enumerate(sets):
        if each.near:
            close = before.str.contains(each.near) | after.str.contains(each.near)
            parts.append(found.filter(pl.col("set") == number).filter(close))
    return pl.concat(parts)
