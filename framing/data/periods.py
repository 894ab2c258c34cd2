"""Folds in time: the corpus is cut into periods, and each is scored by what came before it."""

import re
from datetime import date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.splits import Fold, require_groups

YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")


def by_time(corpus: Corpus, *, folds: int) -> list[Fold]:
    """Return a fold for every period but the first: it is scored by all that came before it.

    A date is a day; a month or a year is all its days, and an article all from its first to its last day.
    Periods end only where no such stretch is open, so no article and no day stands on both sides.

    Args:
        corpus: its `date` in ISO 8601, such as 2024-03-01, 2024-03-01T10:00:00Z, 2024-03 or 2024. The day
            is taken as it is written, whatever the time zone.
        folds: periods of about as many sentences. The first is scored in no fold.

    Raises:
        CorpusError: sentences whose date is missing or cannot be read.
        FramingError: no sentence has a date, or there are fewer stretches of time than periods.
    """
    dates = corpus.sentences["date"]
    if dates.null_count() == len(dates):
        raise FramingError(
            "split=time: no sentence has a date. Say which column has it, such as data.columns.date=COLUMN, "
            "or use another split."
        )
    days = {text: days_of(text) for text in dates.drop_nulls().unique()}
    found = [days.get(text) for text in dates]
    if None in found:
        undated = corpus.sentences.filter(pl.Series([each is None for each in found]))
        raise CorpusError(_unreadable(undated))
    first, last = np.array(found, dtype=np.int64).T
    stretch = _stretches(corpus.sentences["article"], first, last)
    sizes = np.bincount(stretch)
    require_groups(len(sizes), folds, "stretches of time that no date and no article spans")
    period = np.searchsorted(_cuts(sizes, folds), stretch, side="right")
    return [
        Fold(
            f"{date.fromordinal(first[period == number].min())} to "
            f"{date.fromordinal(last[period == number].max())}",
            np.flatnonzero(period < number),
            np.flatnonzero(period == number),
        )
        for number in range(1, folds)
    ]


def days_of(text: str) -> tuple[int, int] | None:
    """Return the first and the last day of a date, as ordinals; None if it cannot be read.

    >>> [str(date.fromordinal(day)) for day in days_of("2024-02")]
    ['2024-02-01', '2024-02-29']
    """
    text = text.strip()
    try:
        if coarse := YEAR_OR_MONTH.fullmatch(text):
            year, month = int(coarse[1]), int(coarse[2] or 1)
            after = (year + 1, 1) if coarse[2] is None or month == 12 else (year, month + 1)
            return date(year, month, 1).toordinal(), date(*after, 1).toordinal() - 1
        day = datetime.fromisoformat(text).toordinal()
        return day, day
    except ValueError:
        return None


def _stretches(articles: pl.Series, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for every sentence the number of its stretch of time, counted from 0 and in order.

    A stretch is the union of articles' times that overlap; between two of them is no article and no day.
    """
    table = pl.DataFrame({"article": articles, "first": first, "last": last})
    spans = table.group_by("article").agg(pl.col("first").min(), pl.col("last").max()).sort("first")
    reached = np.maximum.accumulate(spans["last"].to_numpy())
    begins = spans["first"].to_numpy()[1:] > reached[:-1]
    numbered = spans.with_columns(stretch=np.concatenate([[0], np.cumsum(begins)]))
    joined = table.join(numbered.select("article", "stretch"), on="article", maintain_order="left")
    return joined["stretch"].to_numpy().astype(np.int64)


def _cuts(sizes: NDArray[np.int64], periods: int) -> list[int]:
    """Return the first stretch of every period but the first, for periods of about as many sentences."""
    ends = np.cumsum(sizes)
    cuts: list[int] = []
    for number in range(1, periods):
        nearest = int(np.abs(ends - ends[-1] * number / periods).argmin()) + 1
        earliest, latest = (cuts[-1] if cuts else 0) + 1, len(sizes) - (periods - number)
        cuts.append(min(max(nearest, earliest), latest))
    return cuts


def _unreadable(sentences: pl.DataFrame) -> list[Problem]:
    expected = "a date, such as 2024-03-01 or 2024-03, as split=time orders by it"
    cure = "Write it so, remove the row, or use another split."
    return [
        Problem(file, line, "date", "nothing" if text is None else repr(text), expected, cure)
        for file, line, text in sentences.select("file", "line", "date").iter_rows()
    ]
