"""Errors that are made for people: what was found, where, what was expected, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 20


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
    """

    file: str
    line: int
    column: str
    found: str
    expected: str
    cure: str
    unit: str = "line"

    def __str__(self) -> str:
        line = f", {self.unit} {self.line}" if self.line else ""
        place = f"{self.file}{line}" + (f", {self.column}" if self.column else "")
        return f"{place}: found {self.found}; expected {self.expected}. {self.cure}"


class CorpusError(FramingError):
    """Rows that cannot be used; the message lists every problem (the first 20 in full)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [f"The corpus has {len(problems)} problem(s):"]
        lines += [f"  {problem}" for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"  ... and {len(problems) - SHOWN} more.")
        lines.append(
            "Mend the file, or set data.on_error=quarantine to list these rows in "
            "rejected_rows.jsonl and go on without them."
        )
        super().__init__("\n".join(lines))
