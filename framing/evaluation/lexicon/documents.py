"""From the sentences of a corpus to documents: what is compared with what, and what counts as one
document."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from framing.core.errors import FramingError
from framing.evaluation.lexicon.counting import Integers
from framing.evaluation.lexicon.settings import LexiconSettings

SENTENCES = 100_000
"""Sentences that are counted at once: memory stays small beside the counts."""

KEYS = ["group", "stratum", "source", "article"]
"""What makes a document: the sentences that are alike in all four."""

NO_CELL = -1
"""Stands where a group has no document in a stratum."""

LINE_BREAKS = "[\n\r\v\f\u0085\u2028\u2029]+"
PERIODS = {"year": 4, "month": 7}
"""Characters of a date in ISO 8601 that say the period; a quarter is made of the month."""

FIRST_YEAR = "1500"
"""An earlier date, such as 0001-01-01, stands for one that was not known: it makes no period."""


@dataclass(frozen=True, eq=False)
class Documents:
    """The documents of a corpus and the cells that they fall into.

    Attributes:
        table: one row a document by its number: `document`, `source`, `article`, `group`, `stratum`, `cell`,
            `sentences`.
        cells: one row a cell by its number: `cell`, `group`, `stratum`.
        groups: the names of the groups, in alphabetical order.
        strata: the names of the strata, in alphabetical order.
    """

    table: pl.DataFrame
    cells: pl.DataFrame
    groups: list[str]
    strata: list[str]

    @property
    def cell(self) -> Integers:
        """The cell of every document, shape (documents,)."""
        return self.table["cell"].to_numpy().astype(np.int64)

    def cells_of(self, group: str) -> Integers:
        """Return the cells of a group in every stratum, shape (strata,); `NO_CELL` where it has none."""
        own = self.cells.filter(pl.col("group") == group)
        places = dict(zip(own["stratum"], own["cell"], strict=True))
        return np.array([places.get(stratum, NO_CELL) for stratum in self.strata], dtype=np.int64)


def with_groups(sentences: pl.DataFrame, settings: LexiconSettings) -> tuple[pl.DataFrame, int]:
    """Return the sentences with `group`, `stratum` and `within`, and how many are left out.

    A sentence without a value in one of these columns is left out. One that has several frames stands once
    for each, where frames are compared or lexicons are made within them.

    Raises:
        FramingError: a column is not there.
    """
    asked = list(dict.fromkeys([settings.groups, *settings.strata, *filter(None, [settings.within])]))
    # A sentence without a text is one without words.
    table = sentences.with_columns(text=pl.col("text").fill_null("").str.replace_all(LINE_BREAKS, " "))
    if "period" in asked and "period" not in table.columns:
        table = table.with_columns(period=_periods(settings.period))
    _require(table, asked)
    values = [_values(table, name).alias(f"_{place}") for place, name in enumerate(asked)]
    table = table.with_columns(values)
    lists = [name for name in table.columns if name[0] == "_" and isinstance(table.schema[name], pl.List)]
    for name in lists:
        table = table.explode(name, empty_as_null=True)
    value = {name: pl.col(f"_{place}") for place, name in enumerate(asked)}
    there = table.drop_nulls([f"_{place}" for place in range(len(asked))])
    stratum = (
        pl.concat_str([value[name] for name in settings.strata], separator=" · ")
        if settings.strata
        else pl.lit("")
    )
    within = value[settings.within] if settings.within else pl.lit("")
    result = there.with_columns(group=value[settings.groups], stratum=stratum, within=within)
    return result.drop([f"_{place}" for place in range(len(asked))]), table.height - there.height


def _values(table: pl.DataFrame, name: str) -> pl.Expr:
    """Return the values of a column as text, or as lists of texts; an empty text is no value."""
    if isinstance(table.schema[name], pl.List):
        return pl.col(name).cast(pl.List(pl.String))
    text = pl.col(name).cast(pl.String)
    return pl.when(text.str.strip_chars() != "").then(text)


def _periods(period: str) -> pl.Expr:
    written = pl.col("date").cast(pl.String)
    date = pl.when(written.str.slice(0, 4) >= FIRST_YEAR).then(written)
    if period == "quarter":
        month = date.str.slice(5, 2).cast(pl.Int64, strict=False)
        return pl.when(month.is_between(1, 12)).then(
            pl.format("{}-Q{}", date.str.slice(0, 4), (month - 1) // 3 + 1)
        )
    length = PERIODS[period]
    shape = r"^\d{4}" if period == "year" else r"^\d{4}-(?:0[1-9]|1[0-2])"
    return pl.when(date.str.contains(shape)).then(date.str.slice(0, length))


def _require(table: pl.DataFrame, asked: list[str]) -> None:
    for name in asked:
        if name not in table.columns:
            there = ", ".join(sorted(set(table.columns) - {"file", "line"}))
            raise FramingError(
                f"lexicon: found no column {name!r} to compare or divide by; the sentences have: {there}. "
                "Choose one of these, or say which column of the file it is."
            )


def number_documents(sentences: pl.DataFrame) -> tuple[pl.DataFrame, Documents]:
    """Return the sentences with the number of their `document`, in its order, and the documents.

    A document is what one article of one source has in one group and stratum. Documents of one cell follow
    each other. Articles of two sources that have one name are two.

    Args:
        sentences: with `id`, `source`, `article`, `group` and `stratum`.
    """
    documents = documents_of(sentences.group_by(KEYS).agg(sentences=pl.len().cast(pl.Int64)))
    places = documents.table.select(*KEYS, "document")
    numbered = sentences.drop("document", strict=False).join(places, on=KEYS)
    return numbered.sort("document", "id"), documents


def documents_of(found: pl.DataFrame) -> Documents:
    """Return the documents, numbered so that those of one cell follow each other.

    Args:
        found: `group`, `stratum`, `source`, `article` and `sentences`; a document may stand in several rows.
    """
    table = found.group_by(KEYS).agg(pl.col("sentences").sum()).sort(KEYS)
    table = table.with_columns(document=pl.int_range(pl.len(), dtype=pl.UInt32))
    cells = table.select("group", "stratum").unique(maintain_order=True)
    cells = cells.with_columns(cell=pl.int_range(pl.len(), dtype=pl.Int64))
    table = table.join(cells, on=["group", "stratum"], maintain_order="left")
    groups, strata = (sorted(table[name].unique().to_list()) for name in ("group", "stratum"))
    return Documents(table, cells, groups, strata)


def first_of_parts(documents: Documents, at_once: int) -> pl.Series:
    """Return the first document of every part of about `at_once` sentences, whole documents each."""
    before = documents.table["sentences"].cum_sum() - documents.table["sentences"]
    part = pl.Series(before // at_once)
    first = documents.table.select("document", part=part).unique("part", keep="first", maintain_order=True)
    return first["document"]
