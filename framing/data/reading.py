"""Read JSON lines in bounded chunks, keeping the line number of every row.

A row that is not UTF-8, not JSON or not an object becomes a `Problem` that names its line; the rest of
the file is still read, so that all problems are told at once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from framing.core.errors import FramingError, Problem

CHUNK = 50_000


@dataclass(frozen=True)
class Rows:
    """The rows of one file.

    Attributes:
        path: the file, as the user gave it.
        table: one row for every line that could be read, with the columns asked for, any others that
            the file brings, and `line` (counted from 1).
        problems: the lines that could not be read.
    """

    path: str
    table: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)


def read_jsonl(path: str, schema: dict[str, pl.DataType]) -> Rows:
    """Read a file of JSON objects, one a line; blank lines are passed over.

    Args:
        path: the file.
        schema: type of every column that the caller needs; a key that a row lacks becomes null, a
            value of another type is a problem, keys that are not in the schema are left aside.

    Raises:
        FramingError: the file is missing or cannot be read.
    """
    problems: list[Problem] = []
    chunks: list[pl.DataFrame] = []
    parsed = _parse_lines(path, schema, problems)
    while chunk := list(islice(parsed, CHUNK)):
        chunks.append(pl.DataFrame(chunk, schema={**schema, "line": pl.Int64()}))
    empty = pl.DataFrame(schema={**schema, "line": pl.Int64()})
    return Rows(path, pl.concat([empty, *chunks]), problems)


def _parse_lines(
    path: str, schema: dict[str, pl.DataType], problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    """Yield the columns of the schema for every good line; append a problem for every bad one."""
    try:
        with Path(path).open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if not raw.strip():
                    continue
                row = _parse_line(path, number, raw, schema, problems)
                if row is not None:
                    yield row
    except OSError as error:
        raise FramingError(
            f"{path}: cannot be read ({error.strerror}). Check the path; relative paths start at the "
            "folder where the command was typed."
        ) from error


def _parse_line(
    path: str, number: int, raw: bytes, schema: dict[str, pl.DataType], problems: list[Problem]
) -> dict[str, Any] | None:
    try:
        row = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        problems.append(
            Problem(
                path, number, "", f"byte {raw[error.start]:#04x} at position {error.start + 1}",
                "UTF-8 text", "Save the file as UTF-8.",
            )
        )  # fmt: skip
        return None
    except json.JSONDecodeError as error:
        problems.append(
            Problem(
                path, number, "", f"{error.msg} at position {error.pos + 1}",
                "one JSON object a line", "Mend the line or remove it.",
            )
        )  # fmt: skip
        return None
    if not isinstance(row, dict):
        problems.append(
            Problem(
                path, number, "", type(row).__name__, 'an object such as {"id": ...}', "Mend the line."
            )
        )  # fmt: skip
        return None
    for column, kind in schema.items():
        if (expected := _wrong_type(row.get(column), kind)) is not None:
            cure = "Write the value as expected."
            problems.append(Problem(path, number, column, repr(row[column]), expected, cure))
            return None
    return {**{column: row.get(column) for column in schema}, "line": number}


def _wrong_type(value: object, kind: pl.DataType) -> str | None:
    """Return what was expected, or None when the value fits the column's type."""
    if value is None:
        return None
    if isinstance(kind, pl.List):
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if fits else "a list of strings"
    return None if isinstance(value, str) else "a string"
