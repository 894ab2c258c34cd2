"""From the columns of a file to those of a corpus: names, ids that are missing, labels in any form."""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import polars as pl

from framing.core.codebook import Codebook
from framing.core.errors import FramingError, Problem
from framing.data.reading import Rows

TEXTS = ("id", "text", "voice", "source", "article", "date", "kind")
"""The columns that hold one text a row; beside them stands `frames`."""

YES = ("1", "1.0", "true", "yes")
NO = ("0", "0.0", "false", "no")


@dataclass(frozen=True)
class Layout:
    """Which columns of a file hold what.

    Attributes:
        columns: name -> column of the file, which must be there. A name that is left out is looked for
            under itself.
        one_hot: the labels are columns of 0 and 1, one a frame, named by the frame's id; what
            `columns` has for `frames` stands before the id.
        blank_is_no_frame: a row without labels is a sentence without a frame, not a problem.
        further: columns that the corpus carries beside its own, under the names that they have in the
            file; null where it lacks them.
        needed: those of `further` that must be there.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    one_hot: bool = False
    blank_is_no_frame: bool = False
    further: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that hold one text a row."""
        return tuple(dict.fromkeys(TEXTS + self.further))

    def asked(self, frame_ids: Collection[str]) -> dict[str, str]:
        """Return the columns to read: name -> column of the file."""
        asked = {name: self.columns.get(name, name) for name in self.texts}
        return asked | self.label_columns(frame_ids)

    def label_columns(self, frame_ids: Collection[str]) -> dict[str, str]:
        """Return the columns with the labels: `frames`, or `frames.ID` for every frame."""
        if self.one_hot:
            prefix = self.columns.get("frames", "")
            return {f"frames.{frame}": prefix + frame for frame in frame_ids}
        return {"frames": self.columns.get("frames", "frames")}


def corpus_columns(rows: Rows, layout: Layout, codebook: Codebook, *, labelled: bool = True) -> Rows:
    """Return rows with the columns of a corpus.

    Args:
        rows: what a reader read with `layout.asked`.
        layout: which columns hold what.
        codebook: its frames name the columns of a one-hot layout; its voices say whether `voice` is
            needed.
        labelled: the columns of labels must be there; otherwise they may be missing.

    Returns:
        Rows with `layout.texts` (null where the file has no such column), `frames` (lists, null where the row
        has no label or one that cannot be read) and `line`. Problems name the labels that cannot be read.

    Raises:
        FramingError: a column that is needed or mapped is not there.
    """
    labels = layout.label_columns(codebook.frame_ids)
    needed = {"text", "source", *layout.needed}
    if labelled:
        needed |= {*labels} | ({"voice"} if codebook.voice_ids else set())
    require_columns(rows, layout, layout.asked(codebook.frame_ids), needed, {"voice": _why_voice(codebook)})
    table, problems = _with_frames(_with_texts(rows.table, layout), rows, labels, layout)
    return replace(rows, table=table, problems=rows.problems + problems)


def sentence_columns(rows: Rows, layout: Layout) -> Rows:
    """Return rows as `corpus_columns` does, without their labels (`frames` and `voice` are null).

    Raises:
        FramingError: a column that is needed or mapped is not there.
    """
    asked = layout.asked(())
    asked = {name: asked[name] for name in asked if name not in ("voice", "frames")}
    require_columns(rows, layout, asked, {"text", "source", *layout.needed})
    there = [pl.col(name) for name in asked if name in rows.table]
    table = _with_texts(rows.table.select(pl.col("line"), *there), layout)
    no_label = pl.lit(None, dtype=pl.List(pl.String))
    return replace(rows, table=table.with_columns(frames=no_label))


def label_columns(rows: Rows) -> Rows:
    """Return rows of a file of labels: `id`, `frames`, `voice` (null where it is not there), `line`.

    Raises:
        FramingError: `id` or `frames` is not there.
    """
    layout = Layout()
    require_columns(rows, layout, {"id": "id", "frames": "frames"}, ("id", "frames"))
    table, problems = _with_frames(rows.table, rows, layout.label_columns(()), layout)
    table = _with_texts(table, layout).select("id", "frames", "voice", "line")
    return replace(rows, table=table, problems=rows.problems + problems)


def require_columns(
    rows: Rows,
    layout: Layout,
    asked: Mapping[str, str],
    needed: Collection[str],
    why: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Check that the file has the columns that are needed or mapped; `why` says more of what a column is for.

    Raises:
        FramingError: it lacks some; the message names them all, and the columns that are there.
    """
    if not rows.names:  # nothing could be read: that is told by the rows' problems
        return
    missing = [
        (name.partition(".")[0], column)
        for name, column in asked.items()
        if name not in rows.table and (name in needed or name in layout.columns)
    ]
    if not missing:
        return
    lines = [f"{rows.path}: column(s) that are not there; it has: {', '.join(rows.names)}."]
    for name, column in missing:
        close = difflib.get_close_matches(column, rows.names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        lines.append(f"  found no column {column!r}, expected it for {_purpose(name, layout)}.{hint}")
        lines += [f"    {why[name]}"] if name in why else []
    lines.append("Say which column it is, such as data.columns.text=COLUMN, or add it to the file.")
    raise FramingError("\n".join(lines))


def _why_voice(codebook: Codebook) -> str:
    return (
        f"The codebook {codebook.name} gives every sentence with a frame a voice "
        f"({', '.join(codebook.voice_ids)}). To do without voices, set codebook.voices=[]."
    )


def _purpose(name: str, layout: Layout) -> str:
    if name in layout.needed:
        return "a setting that names it, such as split.column or lexicon.groups"
    if name == "frames" and layout.one_hot:
        return "a frame of the codebook (data.one_hot=true)"
    return f"data.columns.{name}"


def _with_texts(table: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Return the table with every text column; ids that the file lacks are made from the line."""
    if "id" not in table:
        table = table.with_columns(id=pl.format("row-{}", "line"))
    return table.with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in layout.texts if name not in table.columns
    )


def _with_frames(
    table: pl.DataFrame, rows: Rows, labels: Mapping[str, str], layout: Layout
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the table with lists of frames, and problems with labels that cannot be read as such.

    A corpus has few different labels, so each is parsed once, whatever the number of rows.
    """
    blank: list[str] | None = [] if layout.blank_is_no_frame else None
    if not set(labels) <= set(table.columns):
        return table.with_columns(frames=pl.lit(None, dtype=pl.List(pl.String))), []
    if "frames" in labels and isinstance(table.schema["frames"], pl.List):
        lists = pl.col("frames").list.eval(pl.element().fill_null("null"))
        return table.with_columns(lists.fill_null(pl.lit(blank, dtype=pl.List(pl.String)))), []
    cells = table.select(*labels).unique(maintain_order=True)
    problems: list[Problem] = []
    parsed = []
    for cell in cells.iter_rows():
        if not layout.one_hot:
            parsed.append(_frames_of(cell[0], blank))
            continue
        frames, wrong = _marked(dict(zip(labels, cell, strict=True)), blank)
        parsed.append(frames)
        problems += [_not_a_mark(rows, labels[name], value, line)
                     for name, value in wrong.items()
                     for line in _lines(table, cells.columns, cell)]  # fmt: skip
    parsed_frames = pl.Series("parsed", parsed, dtype=pl.List(pl.String))
    joined = table.join(
        cells.with_columns(parsed_frames),
        on=cells.columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return joined.drop(cells.columns).rename({"parsed": "frames"}), problems


def _frames_of(cell: str | None, blank: list[str] | None) -> list[str] | None:
    """Return the frames in a JSON list, or in a text with one frame or several, divided by semicolons."""
    if cell is None or not cell.strip():
        return blank
    if cell.lstrip().startswith("["):
        try:
            items = json.loads(cell)
            return [item if isinstance(item, str) else json.dumps(item) for item in items]
        except (ValueError, RecursionError):
            pass  # not a list after all; the codebook's check will name it
    return [frame.strip() for frame in cell.split(";") if frame.strip()]


def _marked(
    cell: Mapping[str, str | None], blank: list[str] | None
) -> tuple[list[str] | None, dict[str, str | None]]:
    """Return the frames that are marked 1, and the cells that are neither 0 nor 1."""
    marks = {name: (value or "").strip().lower() for name, value in cell.items()}
    wrong = {
        name: cell[name]
        for name, mark in marks.items()
        if mark not in YES + NO and (mark or blank is None)
    }  # fmt: skip
    frames = [name.removeprefix("frames.") for name, mark in marks.items() if mark in YES]
    return (None if wrong else frames), wrong


def _lines(table: pl.DataFrame, columns: list[str], cell: tuple[str | None, ...]) -> list[int]:
    same = [pl.col(name).eq_missing(pl.lit(value)) for name, value in zip(columns, cell, strict=True)]
    return table.filter(same)["line"].to_list()


def _not_a_mark(rows: Rows, column: str, value: str | None, line: int) -> Problem:
    found = "nothing" if value is None else repr(value)
    cure = "Write 1 where the sentence has the frame, else 0."
    return Problem(rows.path, line, column, found, "0 or 1", cure, rows.unit)
