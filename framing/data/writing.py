"""Write rows to a Parquet or JSON lines file, a bounded number at a time."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from framing.core.errors import FramingError

GROUP = 50_000
"""Rows that are held in memory, and that make one row group of a Parquet file."""

FORMATS = (".parquet", ".jsonl")


def check_format(path: Path) -> None:
    """Raise a FramingError unless the file's name says which format to write."""
    if path.suffix.lower() not in FORMATS:
        raise FramingError(f"output={path}: expected a name that ends in .parquet or .jsonl.")


class TableWriter:
    """Writes rows to a file, used in a `with` block; the file is complete when the block has ended.

    Args:
        path: .parquet or .jsonl, overwritten.
        columns: name -> type, `str` or `int`; every value may also be None.
    """

    def __init__(self, path: Path, columns: Mapping[str, type]) -> None:
        self._path = path
        self._columns = list(columns)
        self._rows: list[Mapping[str, Any]] = []
        types = {str: pa.string(), int: pa.int64()}
        self._schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        self._parquet = path.suffix.lower() == ".parquet"

    def __enter__(self) -> Self:
        self._file: Any = (
            pq.ParquetWriter(self._path, self._schema)
            if self._parquet
            else self._path.open("w", encoding="utf-8", newline="\n")
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._file.close()

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append rows; keys that are no columns are left aside."""
        self._rows += rows
        if len(self._rows) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        rows = [{name: row[name] for name in self._columns} for row in self._rows]
        self._rows = []
        if self._parquet:
            self._file.write_table(pa.Table.from_pylist(rows, schema=self._schema))
        else:
            self._file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
