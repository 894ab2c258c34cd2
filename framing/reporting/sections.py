"""The parts that a section of the evaluation page is made of: words, figures, tables, changed sentences."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from framing.reporting.cells import interval

ROWS = 60
"""Rows of a table on the page; the whole one is in the folder `tables`."""

SIDE = 24
"""Rows and columns of a heat table on the page."""

INTERVAL = "95% interval"

TITLES = {
    "macro_f1": "macro F1", "micro_f1": "micro F1", "f1": "F1", "voice_macro_f1": "voice macro F1",
    "p_holm": "p (Holm)", "mcnemar_p": "McNemar p", "mcnemar_p_holm": "McNemar p (Holm)", "ece": "ECE",
    "brier": "Brier", "by_chance": "by chance",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Block:
    """A table on the page.

    Attributes:
        caption: what it shows, in a few words.
        table: the rows that are shown; the first column names the row.
        hidden: how many rows are not shown.
        file: the table file that has all rows.
        note: explains its columns.
        folded: shown only when the reader opens it.
        matrix: the columns are named by ids, which are written as they are.
        heat: every column but the first is a count, tinted by its size.
    """

    caption: str
    table: pl.DataFrame
    hidden: int = 0
    file: str = ""
    note: str = ""
    folded: bool = False
    matrix: bool = False
    heat: bool = False

    def largest(self) -> int:
        """Return the largest count of a heat table, at least 1."""
        counts = [value or 0 for row in self.table.iter_rows() for value in row[1:]]
        return max([1, *counts])


@dataclass(frozen=True)
class Changed:
    """A sentence before and after a change, in pieces: the text, and whether the change touched it."""

    perturbation: str
    id: str
    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]
    predicted_before: str
    predicted_after: str


@dataclass(frozen=True, eq=False)
class Section:
    """A section of the page.

    Attributes:
        id: the anchor.
        title: short, for the heading and the table of contents.
        reading: how to read it, for somebody who has never seen such numbers.
        limit: what it does not show.
        figures: names of figures, in order, each with a text that says what it draws.
        blocks: tables.
        changed: changed sentences on which the predictions were not as expected.
        remarks: further sentences made from the tables.
        link: a file in the folder of the page, and what it is.
    """

    id: str
    title: str
    reading: str
    limit: str
    figures: Sequence[tuple[str, str]] = ()
    blocks: Sequence[Block] = ()
    changed: Sequence[Changed] = ()
    remarks: Sequence[str] = ()
    link: tuple[str, str] | None = None


def block(caption: str, table: pl.DataFrame, file: str, *, note: str = "", folded: bool = False) -> Block:
    """Return a table with at most `ROWS` rows, the ends of an interval in one column.

    A column that has no value in the whole table is left out, such as average precision without
    probabilities; an interval stays, so that its lack is seen.
    """
    empty = [name for name in table.columns if table[name].is_null().all() and name not in ("low", "high")]
    shown = with_interval(table.drop(empty).head(ROWS))
    return Block(caption, shown, max(0, table.height - ROWS), file, note, folded)


def matrix(caption: str, cells: pl.DataFrame, row: str, column: str, value: str, file: str) -> Block:
    """Return values as a table of rows against columns, at most `SIDE` of each.

    Args:
        caption: what it shows.
        cells: `row`, `column` and `value`.
        row: the column of `cells` whose values name the rows, in the order of their first appearance.
        column: the one whose values name the columns.
        value: the one that is written into the table.
        file: the table file that has all values.
    """
    rows = cells[row].unique(maintain_order=True).to_list()
    columns = cells[column].unique(maintain_order=True).to_list()
    values = {(a, b): content for a, b, content in cells.select(row, column, value).iter_rows()}
    corner = f"{words_of(row)} / {words_of(column)}"
    table = pl.DataFrame(
        [[_name(name), *[values.get((name, other)) for other in columns[:SIDE]]] for name in rows[:SIDE]],
        schema={corner: pl.String, **{_name(other): cells.schema[value] for other in columns[:SIDE]}},
        orient="row",
    )
    hidden = max(0, len(rows) - SIDE) + max(0, len(columns) - SIDE)
    return Block(caption, table, hidden, file, matrix=True)


def heat(caption: str, counts: pl.DataFrame, row: str, column: str, file: str) -> Block:
    """Return a `matrix` of `sentences`, tinted by size."""
    return replace(matrix(caption, counts, row, column, "sentences", file), heat=True)


def _name(value: str | None) -> str:
    return "none" if value is None else value


def with_interval(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with `low` and `high` as one column of text."""
    if not {"low", "high"} <= set(table.columns):
        return table
    form = "+.2f" if {"difference", "gain"} & set(table.columns) else ".2f"
    form = ".3f" if "ece" in table.columns else form
    texts = [interval(row, form) for row in table.iter_rows(named=True)]
    merged = table.with_columns(pl.Series(INTERVAL, texts, dtype=pl.String))
    names = [INTERVAL if name == "low" else name for name in table.columns if name != "high"]
    return merged.select(names)


def heading(column: str) -> str:
    """Return the heading of a column.

    >>> heading("macro_f1"), heading("false_alarms")
    ('macro F1', 'false alarms')
    """
    return TITLES.get(column, column.replace("_", " "))


def words_of(name: str) -> str:
    """Return a name of the code as words."""
    return name.replace("_", " ")


def cut(text: str, length: int) -> str:
    """Return a text of at most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def changed(row: dict[str, Any], length: int) -> Changed:
    """Return a row of `findings.perturbed` with the changed words set apart; texts are cut at `length`."""
    before, after = _pieces(cut(row["before"], length), cut(row["after"], length))
    return Changed(
        words_of(row["perturbation"]),
        row["id"],
        before,
        after,
        _labels(row["frames_before"], row["voice_before"]),
        _labels(row["frames_after"], row["voice_after"]),
    )


def _labels(frames: str | None, voice: str | None) -> str:
    named = " + ".join((frames or "").split(";")) if frames else "no frame"
    return f"{named}, {voice}" if voice and frames else named


def _pieces(before: str, after: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return both texts in pieces that stand in both (False) or in one only (True)."""
    old, new = re.findall(r"\w+|\W", before), re.findall(r"\w+|\W", after)
    first, second = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        first.append(("".join(old[a:b]), kind != "equal"))
        second.append(("".join(new[c:d]), kind != "equal"))
    return [piece for piece in first if piece[0]], [piece for piece in second if piece[0]]
