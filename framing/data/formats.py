"""Read CSV, TSV and Parquet files as text, keeping the line or row number of every row.

CSV is parsed by Python's csv module and stored in polars columns chunk by chunk. polars' own CSV reader
is faster, but it fills a row with too few fields with nulls in silence, and for a row with too many it
stops at the whole file and names no line.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import polars as pl

from framing.core.errors import FramingError, Problem
from framing.data.reading import Reader, Rows, read_jsonl, unreadable

if TYPE_CHECKING:
    import _csv

CHUNK = 50_000
"""Rows that are Python objects at the same time."""


def reader_of(path: str) -> Reader:
    """Return what reads a file of sentences, by its name; a file that is named otherwise is JSON lines."""
    match Path(path).suffix.lower():
        case ".parquet":
            return partial(read_parquet, path)
        case ".csv":
            return partial(read_csv, path, separator=",")
        case ".tsv":
            return partial(read_csv, path, separator="\t")
    return partial(read_jsonl, path)


def read_csv(path: str, columns: Mapping[str, str], separator: str) -> Rows:
    """Read a CSV file in UTF-8 with a header; an empty field becomes null.

    Args:
        path: the file.
        columns: name that the column gets -> name in the header.
        separator: what stands between two fields.

    Returns:
        Rows, all text; `line` is the line of the file where the row begins, counted from 1 (the header).

    Raises:
        FramingError: the file is missing, empty or not UTF-8, or a column stands twice in the header.
    """
    problems: list[Problem] = []
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file, long_fields():
            reader = csv.reader(file, delimiter=separator, strict=True)
            names = _header(path, reader)
            there = {name: names.index(column) for name, column in columns.items() if column in names}
            table = _collect(_records(path, reader, len(names), problems), there)
        with Path(path).open("rb") as binary:
            sha256 = hashlib.file_digest(binary, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise FramingError(_not_utf8(path)) from error
    repeated = sorted({name for name in names if names.count(name) > 1} & set(columns.values()))
    if repeated:
        raise FramingError(f"{path}, line 1: the column {repeated[0]!r} stands more than once. Rename one.")
    return Rows(path, table, problems, names, "line", sha256)


def read_parquet(path: str, columns: Mapping[str, str]) -> Rows:
    """Read a Parquet file.

    Args:
        path: the file.
        columns: name that the column gets -> name in the file. Values become text; columns whose name
            begins with `frames` may hold lists.

    Returns:
        Rows; `line` is the number of the row, counted from 1.

    Raises:
        FramingError: the file is missing or not Parquet, or a column cannot be read as text.
    """
    try:
        with Path(path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        names = list(pl.read_parquet_schema(path))
        there = [column for column in dict.fromkeys(columns.values()) if column in names]
        table = pl.read_parquet(path, columns=there, glob=False)
    except OSError as error:
        raise unreadable(path, error) from error
    except pl.exceptions.PolarsError as error:
        raise FramingError(
            f"{path}: cannot be read as Parquet ({_first_line(error)}). Check the file, or choose its "
            "format: data=jsonl, csv, tsv, parquet, hf_disk or hub."
        ) from error
    return Rows(path, text_table(path, table, columns), [], names, "row", sha256)


def text_table(path: str, table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return the columns asked for under their new names, as text or (`frames`) as lists of text.

    Adds `line`, the number of the row, counted from 1. A number that is none (NaN) is no value.

    Raises:
        FramingError: a column holds something that cannot be read as text.
    """
    made = {}
    for name, column in columns.items():
        if column not in table.columns:
            continue
        kind = table.schema[column]
        as_list = name == "frames" and isinstance(kind, pl.List | pl.Array)
        if (kind.is_nested() and not as_list) or isinstance(kind, pl.Binary | pl.Object):
            raise FramingError(f"{path}, column {column}: found {kind}, expected text. Write it as text.")
        values = table[column].fill_nan(None) if kind.is_float() else table[column]
        made[name] = values.cast(pl.List(pl.String) if as_list else pl.String)
    return pl.DataFrame(made).with_columns(line=pl.int_range(1, table.height + 1, dtype=pl.Int64))


@contextmanager
def long_fields() -> Iterator[None]:
    """Let fields be as long as an article; the csv module's limit is one for the whole process."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _header(path: str, reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error) as error:
        raise FramingError(
            f"{path}: found no header, expected a first line with the names of the columns."
        ) from error


def _records(
    path: str, reader: "_csv.Reader", width: int, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line where each good row begins, and its fields; append a problem for every bad one."""
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cure = 'Close the quote; write a quote inside quotes twice ("").'
            problems.append(Problem(path, line, "", str(error), "a row of fields", cure))
            continue
        if fields and len(fields) != width:
            cure = "Put a field that holds the separator or a line break into quotes."
            expected = f"{width}, as in the header"
            problems.append(Problem(path, line, "", f"{len(fields)} field(s)", expected, cure))
        elif fields:
            yield line, fields


def _collect(records: Iterator[tuple[int, list[str]]], there: Mapping[str, int]) -> pl.DataFrame:
    """Return the fields at the given places as columns, and `line`."""
    chunks = [pl.DataFrame(schema={**dict.fromkeys(there, pl.String()), "line": pl.Int64()})]
    while chunk := list(islice(records, CHUNK)):
        columns = {
            name: pl.Series([fields[place] or None for _, fields in chunk], dtype=pl.String)
            for name, place in there.items()
        }
        lines = pl.Series([line for line, _ in chunk], dtype=pl.Int64)
        chunks.append(pl.DataFrame({**columns, "line": lines}))
    return pl.concat(chunks)


def _not_utf8(path: str) -> str:
    with Path(path).open("rb") as file:
        line, byte = _first_bad_byte(file)
    return (
        f"{path}, line {line}: found the byte {byte:#04x}, expected UTF-8 text. Save the file as UTF-8 "
        '(in a spreadsheet: "CSV UTF-8").'
    )


def _first_bad_byte(file: IO[bytes]) -> tuple[int, int]:
    for number, raw in enumerate(file, start=1):
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            return number, raw[error.start]
    raise AssertionError("every line is UTF-8, although the file is not")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
