"""Read JSON lines block by block, keeping the line number of every row.

polars parses a block at once. Where a block has a line that is not UTF-8, not JSON or not an object,
Python looks at its lines one by one: a bad line becomes a `Problem` that names it, and the rest of the
file is still read, so that all problems are told at once.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from framing.core.errors import FramingError, Problem

BLOCK = 16 * 2**20
"""Bytes that are parsed at once: memory stays bounded, and a bad line costs one slow block."""

NAMED = 1000
"""First rows whose keys are told as the columns that a file has."""

# A value that polars made into text may have been something else. These texts are looked at again.
NOT_A_STRING = r"(?s)^(?:true|false|-?\d[\d.eE+-]*|[\[{].*[\]}]|.*\x00.*)$"
NOT_A_VALUE = r"(?s)^(?:[\[{].*[\]}]|.*\x00.*)$"
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which JSON can write and UTF-8 cannot; polars makes it a zero character."""


@dataclass(frozen=True)
class Rows:
    """The rows of one file.

    Attributes:
        path: the file, as the user gave it.
        table: one row for every row that could be read: of the columns asked for those that the file
            has, and `line`, which counts from 1.
        problems: what is wrong with rows that could not be read.
        names: the columns that the file has, under its own names.
        unit: what `line` counts: the lines of a text file, or the rows of a table.
        sha256: checksum of what was read.
    """

    path: str
    table: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)
    names: Sequence[str] = ()
    unit: str = "line"
    sha256: str = ""


Reader = Callable[[Mapping[str, str]], Rows]
"""Reads one corpus: given the columns to read (name -> name in the file), returns its rows."""


def read_jsonl(path: str, columns: Mapping[str, str]) -> Rows:
    """Read a file of JSON objects, one a line; blank lines are passed over.

    Args:
        path: the file.
        columns: name that the column gets -> key in the file. Values become text: a list under
            `frames` becomes its JSON, a number its digits. `text` has to be a string, and no other
            column may hold a list or an object.

    Returns:
        Rows whose `names` are the keys of the first thousand rows. A key that a row lacks is null.

    Raises:
        FramingError: the file is missing or cannot be read.
    """
    problems: list[Problem] = []
    tables: list[pl.DataFrame] = []
    names: list[str] = []
    digest, line = hashlib.sha256(), 1
    try:
        with Path(path).open("rb") as file:
            while block := file.read(BLOCK):
                block += file.readline()
                digest.update(block)
                if line == 1:
                    block = block.removeprefix(codecs.BOM_UTF8)
                    names = _keys(block)
                tables.append(_parse_block(path, block, line, columns, problems))
                line += block.count(b"\n")
    except OSError as error:
        raise unreadable(path, error) from error
    empty = pl.DataFrame(schema={**dict.fromkeys(columns, pl.String()), "line": pl.Int64()})
    table, names = _columns_there(pl.concat([empty, *tables]), names, columns)
    return Rows(path, table, problems, names, "line", digest.hexdigest())


def _columns_there(
    table: pl.DataFrame, names: Sequence[str], columns: Mapping[str, str]
) -> tuple[pl.DataFrame, list[str]]:
    """Return the table without the columns that no row has, and the names with those of late rows."""
    if table.is_empty():
        return table, list(names)
    there = {
        name: key
        for name, key in columns.items()
        if key in names or table[name].null_count() < table.height
    }  # fmt: skip
    return table.select(*there, "line"), list(dict.fromkeys([*names, *there.values()]))


def unreadable(path: str, error: OSError) -> FramingError:
    """Return the error of a file that the system does not let us read."""
    return FramingError(
        f"{path}: cannot be read ({error.strerror}). Check the path; relative paths start at the "
        "folder where the command was typed."
    )


def _keys(block: bytes) -> list[str]:
    """Return the keys of the first rows, in the order in which they are met."""
    keys: dict[str, None] = {}
    for raw in islice(block.splitlines(), NAMED):
        if raw.strip() and not isinstance(row := json_object(raw), str):
            keys |= dict.fromkeys(row)
    return list(keys)


def _parse_block(
    path: str, block: bytes, first: int, columns: Mapping[str, str], problems: list[Problem]
) -> pl.DataFrame:
    """Return the good lines of a block; append a problem for every bad one."""
    try:
        table = _parse(block, columns)
        if table.height == block.count(b"\n") + (not block.endswith(b"\n")):
            numbers = pl.int_range(first, first + table.height, eager=True)
        else:
            numbers = pl.Series(_not_blank(block.split(b"\n"), first), dtype=pl.Int64)
    except pl.exceptions.PolarsError:
        lines = block.split(b"\n")
        good = _parseable(path, lines, first, _good_lines(path, lines, first, problems), problems)
        table = _parse(_joined(lines, first, good), columns)
        numbers = pl.Series(good, dtype=pl.Int64)
    table = table.with_columns(line=numbers)
    wrong = _wrong_types(path, table, block, first, columns)
    problems += wrong
    return table.filter(~pl.col("line").is_in([problem.line for problem in wrong]))


def _parse(block: bytes, columns: Mapping[str, str]) -> pl.DataFrame:
    schema = dict.fromkeys(columns.values(), pl.String())
    table = pl.read_ndjson(block, schema=schema) if block else pl.DataFrame(schema=schema)
    return table.select(pl.col(key).alias(name) for name, key in columns.items())


def _not_blank(lines: Sequence[bytes], first: int) -> list[int]:
    return [number for number, raw in enumerate(lines, first) if raw.strip()]


def _good_lines(path: str, lines: Sequence[bytes], first: int, problems: list[Problem]) -> list[int]:
    """Return the numbers of the lines that can be parsed; append a problem for every other one."""
    good = []
    for number in _not_blank(lines, first):
        found = json_object(lines[number - first])
        if not isinstance(found, str):
            good.append(number)
        elif found.startswith("byte"):
            problems.append(Problem(path, number, "", found, "UTF-8 text", "Save the file as UTF-8."))
        else:
            cure = "Mend the line or remove it."
            problems.append(
                Problem(path, number, "", found, 'one JSON object a line, such as {"id": ...}', cure)
            )
    return good


def _parseable(
    path: str, lines: Sequence[bytes], first: int, numbers: list[int], problems: list[Problem]
) -> list[int]:
    """Return the numbers of the lines that polars parses; halve until a line that it refuses stands alone.

    These are rare: a number like 1e999, a thousand brackets, half a surrogate pair.
    """
    try:
        _parse(_joined(lines, first, numbers), {"": ""})
    except pl.exceptions.PolarsError as error:
        if len(numbers) == 1:
            cure = "Mend the line or remove it."
            problems.append(Problem(path, numbers[0], "", str(error), "one JSON object a line", cure))
            return []
        middle = len(numbers) // 2
        return [
            number
            for half in (numbers[:middle], numbers[middle:])
            for number in _parseable(path, lines, first, half, problems)
        ]
    return numbers


def _joined(lines: Sequence[bytes], first: int, numbers: Sequence[int]) -> bytes:
    return b"\n".join(lines[number - first] for number in numbers)


def json_object(raw: bytes) -> dict[str, Any] | str:
    """Return the object that a line holds, or what stands there instead."""
    try:
        row = json.loads(raw.decode(), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        return f"byte {raw[error.start]:#04x} at position {error.start + 1}"
    except json.JSONDecodeError as error:
        return f"{error.msg} at position {error.pos + 1}"
    except (ValueError, RecursionError) as error:
        return str(error)
    return row if isinstance(row, dict) else type(row).__name__


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is not JSON")


def _wrong_types(
    path: str, table: pl.DataFrame, block: bytes, first: int, columns: Mapping[str, str]
) -> list[Problem]:
    """Find values that are not text, by looking again at the lines where one may stand."""
    problems = []
    lines: Sequence[bytes] = ()
    for name, key in columns.items():
        if name.startswith("frames"):
            continue
        pattern = NOT_A_STRING if name == "text" else NOT_A_VALUE
        for number in table.filter(pl.col(name).str.contains(pattern))["line"]:
            lines = lines or block.split(b"\n")
            row = json_object(lines[number - first])
            found = row if isinstance(row, str) else _not_a_string(row[key])
            if found is not None:
                cure = "Write the value as expected."
                problems.append(Problem(path, number, key, found, "a string", cure))
    return problems


def _not_a_string(value: object) -> str | None:
    """Return what the value is, or None when it is a string that UTF-8 can hold."""
    fits = isinstance(value, str) and not SURROGATE.search(value)
    return None if fits else repr(value)
