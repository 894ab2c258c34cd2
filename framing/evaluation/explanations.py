"""What explanations say together, and whether the words that they name matter to the model.

Explanations are given as a table of `contributions`: `row` (of the texts), `frame`, `start`, `end`
(characters of the text), `contribution` (to the logit of the frame).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.errors import FramingError

Vector = NDArray[np.float64]


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


def deletions(contributions: pl.DataFrame, texts: Sequence[str], *, seed: int) -> pl.DataFrame:
    """Return sentences without their strongest word, without a random other word, and that word alone.

    The strongest word has the highest contribution to the frame. Marks of punctuation are not deleted. A
    sentence of fewer than two words, or in which no word adds to the logit, has no row; the number of rows
    tells how many remain.

    Args:
        contributions: as above.
        texts: the sentences.
        seed: of the random words.

    Returns:
        One row a sentence and frame: `row`, `frame`, `word` (the strongest), `other` (the random one), and
        the texts to predict: `without_word`, `without_other`, `word_alone`.
    """
    words = (
        contributions.with_columns(word=_words(contributions, texts))
        .filter(pl.col("word").str.contains(r"\w"))
        .sort("row", "frame", "start")
    )
    words = words.with_columns(drawn=np.random.default_rng(seed).random(words.height))
    pair = ["row", "frame"]
    strongest = words.sort("contribution", descending=True, maintain_order=True).unique(pair, keep="first")
    others = words.join(strongest, on=[*pair, "start"], how="anti").sort("drawn").unique(pair, keep="first")
    both = (
        strongest.filter(pl.col("contribution") > 0)
        .join(others.select(*pair, "start", "end", other="word"), on=pair, suffix="_other")
        .sort(pair)
    )
    cut = ["row", "start", "end"], ["row", "start_other", "end_other"]
    without = [[_without(texts[row], a, b) for row, a, b in both.select(where).iter_rows()] for where in cut]
    return both.select(
        *pair,
        "word",
        "other",
        without_word=pl.Series(without[0], dtype=pl.String),
        without_other=pl.Series(without[1], dtype=pl.String),
        word_alone="word",
    )


def faithfulness(
    before: Vector, without_word: Vector, without_other: Vector, word_alone: Vector
) -> pl.DataFrame:
    """Tell how far probabilities fall when words are deleted.

    Comprehensiveness and sufficiency after DeYoung et al. 2020 (ERASER), with one word as the rationale:
    the probability before less that without the word, and less that of the word alone. Deleting a random
    word is what the first is to be compared with.

    Args:
        before: probabilities of the explained frames, one a row of `deletions`, shape (m,).
        without_word: of the same frames, after the deletion, and so on: shape (m,).
        without_other: the same.
        word_alone: the same.

    Returns:
        `measure` (comprehensiveness, random word, sufficiency), `decisions` (m), `drop` (mean; a faithful
        explanation has a high comprehensiveness and a low sufficiency), `above_random` (share of decisions
        that drop more than by the random word). Null where there are no decisions.

    Raises:
        FramingError: the shapes differ, or a probability is no number.
    """
    after = {"comprehensiveness": without_word, "random word": without_other, "sufficiency": word_alone}
    if any(values.shape != before.shape for values in after.values()):
        shapes = [values.shape for values in (before, *after.values())]
        raise FramingError(f"Faithfulness: found probabilities of shapes {shapes}, expected one a deletion.")
    if not all(np.isfinite(values).all() for values in (before, *after.values())):
        raise FramingError("Faithfulness: a probability is no number. Predict the sentences again.")
    drops = {measure: before - values for measure, values in after.items()}
    rows = [
        {
            "measure": measure,
            "decisions": len(before),
            "drop": float(drop.mean()) if len(before) else None,
            "above_random": float((drop > drops["random word"]).mean())
            if len(before) and measure != "random word"
            else None,
        }
        for measure, drop in drops.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"drop": pl.Float64, "above_random": pl.Float64})


def _words(contributions: pl.DataFrame, texts: Sequence[str]) -> pl.Series:
    """Return the part of the text that every contribution is of."""
    places = contributions.select("row", "start", "end").iter_rows()
    return pl.Series("word", [texts[row][start:end] for row, start, end in places], dtype=pl.String)


def _without(text: str, start: int, end: int) -> str:
    """Return the text without a part of it, and without the space that it leaves."""
    return f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
