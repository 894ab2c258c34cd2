"""What explanations say together: the words that predictions rest on.

Explanations are given as a table of `contributions`: `row` (of the texts), `frame`, `start`, `end`
(characters of the text), `contribution` (to the logit of the frame).
"""

from collections.abc import Sequence

import polars as pl


def strongest_words(
    contributions: pl.DataFrame, texts: Sequence[str], *, most: int = 20, at_least: int = 3
) -> pl.DataFrame:
    """Return the words that add most to the logit of each frame, and those that take most away.

    Case does not matter. A word's contribution is the mean over the explained sentences in which it
    stands; where it stands twice in one, both places count together. Which sentences are explained
    decides what is found.

    Args:
        contributions: as above.
        texts: the sentences.
        most: words of either direction, by frame.
        at_least: explained sentences in which a word must stand.

    Returns:
        By frame, the highest contribution first: `frame`, `word`, `sentences`, `contribution`.
    """
    means = (
        contributions.with_columns(word=_words(contributions, texts).str.to_lowercase())
        .group_by("frame", "word", "row")
        .agg(pl.col("contribution").sum())
        .group_by("frame", "word")
        .agg(sentences=pl.len().cast(pl.Int64), contribution=pl.col("contribution").sort().mean())
        .filter(pl.col("sentences") >= at_least)
        .sort("frame", "contribution", "word", descending=[False, True, False])
    )
    adding = means.filter(pl.col("contribution") > 0).group_by("frame", maintain_order=True).head(most)
    taking = means.filter(pl.col("contribution") < 0).group_by("frame", maintain_order=True).tail(most)
    return pl.concat([adding, taking]).sort("frame", "contribution", "word", descending=[False, True, False])


def _words(contributions: pl.DataFrame, texts: Sequence[str]) -> pl.Series:
    """Return the part of the text that every contribution is of."""
    places = contributions.select("row", "start", "end").iter_rows()
    return pl.Series("word", [texts[row][start:end] for row, start, end in places], dtype=pl.String)
