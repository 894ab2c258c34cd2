"""Errors that are made for people: what was found, where, what was expected, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

SHOWN = 20
ROWS_SHOWN = 3


class FramingError(Exception):
    """A mistake that the user can mend. Commands print it without a traceback and exit with 2."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row of one file, or with the file.

    Attributes:
        file: path of the file, as the user gave it.
        line: line in that file, counted from 1; in a file without lines, the row; 0 for the whole file.
        column: name of the column, or "" when the whole row is meant.
        found: what stands there.
        expected: what should stand there.
        cure: what to do about it.
        unit: "line", or "row" for a file without lines.
        row: which row it is by its own name, such as the id of its sentence, "" when that says nothing.
    """

    file: str
    line: int
    column: str
    found: str
    expected: str
    cure: str
    unit: str = "line"
    row: str = ""

    def __str__(self) -> str:
        return _told([self])


def _told(alike: Sequence[Problem]) -> str:
    """Return the message of problems that differ in their rows alone: the first three rows in full."""
    first = alike[0]
    place = first.file
    if first.line and len(alike) == 1:
        place += f", {first.unit} {first.line}"
    elif first.line:
        rows = [f"{problem.line} ({problem.row})" if problem.row else f"{problem.line}" for problem in alike]
        more = f" and {len(alike) - ROWS_SHOWN} more" if len(alike) > ROWS_SHOWN else ""
        place += f", {first.unit}s {', '.join(rows[:ROWS_SHOWN])}{more}"
    place += f", {first.column}" if first.column else ""
    found = f"{first.found} ({first.row})" if first.row and len(alike) == 1 else first.found
    times = f" in {len(alike)} rows" if len(alike) > 1 else ""
    return f"{place}: found {found}{times}; expected {first.expected}. {first.cure}"


def grouped(problems: Sequence[Problem]) -> list[str]:
    """Return the messages of problems, one for all those that differ in their rows alone."""
    groups: dict[Problem, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(replace(problem, line=min(problem.line, 1), row=""), []).append(problem)
    return [_told(alike) for alike in groups.values()]


class CorpusError(FramingError):
    """Rows that cannot be used; the message lists every problem (the first 20 kinds in full)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        told = grouped(problems)
        lines = [f"The corpus has {len(problems)} problem(s):", *[f"  {text}" for text in told[:SHOWN]]]
        if len(told) > SHOWN:
            lines.append(f"  ... and {len(told) - SHOWN} more.")
        lines.append(
            "Mend the file, or set data.on_error=quarantine to list these rows in "
            "rejected_rows.jsonl and go on without them."
        )
        super().__init__("\n".join(lines))
