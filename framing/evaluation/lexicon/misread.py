"""Texts whose characters were misread: bytes of one encoding taken for another make new words of old ones.

Quotation marks and dashes suffer most, and they stand inside words ("Kyiv’s"): the word is then another word,
in one group alone. Nothing is mended here; how to read a file is said where it is read.
"""

from collections.abc import Sequence

import polars as pl

SHARE = 0.001
"""A larger share of the sentences of a group is told."""

SHOWN = 5
"""Signs shown of a group."""

MISREAD = (
    # UTF-8 read as Windows 1252: ’ is "â€™", – is "â€“", é is "Ã©", « is "Â«".
    r"â€[^\s\w]?|â[\u0080-\u009f]+|[ÃÂ][\u0080-\u00bf]",
    # Mac Roman read as Latin-1: – — “ ” ‘ ’ are Ð Ñ Ò Ó Ô Õ, capitals where none can stand.
    r"\p{Ll}([ÐÑÒÓÔÕ])(?:\p{Ll}|[^\p{L}]|$)",
    r"\p{Latin}\s([ÐÑ])\s",
    # What could not be read at all, and signs that control a terminal: Windows 1252 read as Latin-1.
    r"\p{Latin}\s?(\x{fffd})|(\x{fffd})\s?\p{Latin}",
    r"\p{Latin}\s?([\u0080-\u0084\u0086-\u009f])",
)
"""Signs beside Latin letters that no text in Latin letters has; the first group is the sign."""


def misread(part: pl.DataFrame) -> pl.DataFrame:
    """Return the sentences of a part by group: `group`, `sentences`, `misread` (number), `signs` (list).

    Args:
        part: sentences with `group` and `text`.
    """
    text = pl.col("text")
    found = pl.any_horizontal(text.str.contains(pattern) for pattern in MISREAD)
    sizes = part.group_by("group").agg(sentences=pl.len())
    signs = pl.coalesce(_sign(text, pattern) for pattern in MISREAD)
    some = part.lazy().select("group", "text").filter(found).with_columns(sign=signs)
    of_group = some.group_by("group").agg(misread=pl.len(), signs=pl.col("sign").drop_nulls().unique())
    return sizes.join(of_group.collect(engine="streaming"), on="group", how="left")


def _sign(text: pl.Expr, pattern: str) -> pl.Expr:
    groups = 2 if pattern.count("(\\x") == 2 else 1 if "([" in pattern else 0
    return pl.coalesce(text.str.extract(pattern, group) for group in range(1 if groups else 0, groups + 1))


def misread_notices(parts: Sequence[pl.DataFrame]) -> list[str]:
    """Return a notice for every group of which too many sentences were misread.

    Args:
        parts: of `misread`, one a part of the corpus.
    """
    if not parts:
        return []
    every = pl.concat(parts)
    sums = every.group_by("group").agg(pl.sum("sentences", "misread"), pl.col("signs").explode())
    told = sums.filter(pl.col("misread") > SHARE * pl.col("sentences")).sort("group")
    return [
        f"{row['misread']:,} of {row['sentences']:,} sentences of {row['group']} hold misread characters "
        f"({_shown(row['signs'])}), most often where a quotation mark or a dash stood: the words beside them "
        "are counted as other words. Read the file in the encoding that it was written in."
        for row in told.iter_rows(named=True)
    ]


def _shown(signs: Sequence[str | None]) -> str:
    distinct = sorted({sign for sign in signs if sign})[:SHOWN]
    # A sign that controls a terminal is shown by its number.
    return " ".join(sign if sign.isprintable() else f"U+{ord(sign[-1]):04X}" for sign in distinct)
