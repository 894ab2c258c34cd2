"""Write rows and the columns added to them as parts, and join the parts to one file, part by part."""

import csv
import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framing.data.formats import long_fields

OUTPUTS = (".jsonl", ".csv", ".parquet")
GROUP = 50_000
"""Rows of a row group in the joined Parquet file."""

Content = Any
"""Rows as dictionaries, or a table of Parquet."""


def write_part(path: Path, content: Content, added: Mapping[str, pa.Array]) -> None:
    """Write rows with added columns; the file is there whole or not at all. Its name says the format."""
    draft = path.with_name(f"draft-{path.name}")
    if path.suffix.lower() == ".parquet":
        table = content if isinstance(content, pa.Table) else _table(content)
        for name, values in added.items():
            table = table.append_column(name, values)
        pq.write_table(table, draft)
    else:
        rows = _rows(content, added)
        with draft.open("w", encoding="utf-8", newline="") as file:
            if path.suffix.lower() == ".csv":
                names = dict.fromkeys(name for row in rows for name in row if name not in added)
                writer = RowWriter(file)
                writer.write([*names, *added])
                for row in rows:
                    writer.write([_cell(row.get(name), name in added) for name in [*names, *added]])
            else:
                file.writelines(json_line(row) for row in rows)
    os.replace(draft, path)


def join_parts(parts: Sequence[Path], path: Path, added: Sequence[str]) -> list[str]:
    """Write the rows of all parts into one file.

    Returns:
        The columns whose values are of several kinds, which Parquet can hold only as text.
    """
    match path.suffix.lower():
        case ".csv":
            _join_csv(parts, path, added)
        case ".parquet":
            return _join_parquet(parts, path, added)
        case _:
            with path.open("wb") as file:
                for part in parts:
                    with part.open("rb") as rows:
                        shutil.copyfileobj(rows, file, 2**20)
    return []


def json_line(row: Mapping[str, Any]) -> str:
    """Return a row as one line of JSON; a number that JSON does not know becomes null."""
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False, default=str) + "\n"
    except ValueError:
        return json.dumps(_finite(row), ensure_ascii=False, default=str) + "\n"


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list():
            return [_finite(item) for item in value]
    return value


class RowWriter:
    """Writes CSV with line feeds; a row with a carriage return in a cell is quoted throughout.

    The csv module leaves a carriage return bare, and reads it as the end of a row.
    """

    def __init__(self, file: Any) -> None:
        self._plain = csv.writer(file, lineterminator="\n")
        self._quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, cells: Sequence[str]) -> None:
        """Append one row."""
        writer = self._quoted if any("\r" in cell for cell in cells) else self._plain
        writer.writerow(cells)


def _rows(content: Content, added: Mapping[str, pa.Array]) -> list[dict[str, Any]]:
    rows = content.to_pylist() if isinstance(content, pa.Table) else content
    columns = [values.to_pylist() for values in added.values()]
    return [
        {**row, **dict(zip(added, values, strict=True))}
        for row, *values in zip(rows, *columns, strict=True)
    ]  # fmt: skip


def _cell(value: object, is_added: bool) -> str:
    if value is None:
        return ""
    if is_added and isinstance(value, list):
        return ";".join(value)
    return _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: _array([row.get(name) for row in rows]) for name in names})


def _array(values: list[Any]) -> pa.Array:
    """Return values of JSON as an array, as text where they are of several kinds."""
    try:
        made = pa.array(values)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return _text_array(values)
    # Parquet knows no structure without fields.
    return _text_array(values) if "struct<>" in str(made.type) else made


def _text_array(values: list[Any]) -> pa.Array:
    return pa.array([None if value is None else _as_text(value) for value in values], type=pa.string())


def _join_csv(parts: Sequence[Path], path: Path, added: Sequence[str]) -> None:
    headers: dict[str, None] = {}
    for part in parts:
        with part.open(encoding="utf-8", newline="") as file, long_fields():
            headers |= dict.fromkeys(name for name in next(csv.reader(file)) if name not in added)
    names = [*headers, *added]
    with path.open("w", encoding="utf-8", newline="") as out, long_fields():
        writer = RowWriter(out)
        writer.write(names)
        for part in parts:
            with part.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    writer.write([row.get(name, "") for name in names])


def _join_parquet(parts: Sequence[Path], path: Path, added: Sequence[str]) -> list[str]:
    schemas = [pq.read_schema(part) for part in parts]
    schema, texts = _shared_schema(schemas, added)
    waiting: list[pa.Table] = []
    with pq.ParquetWriter(path, schema) as writer:
        for table in _fitted(parts, schema):
            waiting.append(table)
            if sum(one.num_rows for one in waiting) >= GROUP:
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting))
    return texts


def _shared_schema(schemas: Sequence[pa.Schema], added: Sequence[str]) -> tuple[pa.Schema, list[str]]:
    """Return columns that hold the rows of all parts, and the names of those that become text for it."""
    if all(schema.equals(schemas[0]) for schema in schemas):
        return schemas[0], []
    kinds: dict[str, set[pa.DataType]] = {}
    for schema in schemas:
        for field in schema:
            kinds.setdefault(field.name, set()).add(field.type)
    fields, texts = [], []
    for name in [*(name for name in kinds if name not in added), *added]:
        try:
            single = [pa.schema([(name, kind)]) for kind in sorted(kinds[name], key=str)]
            fields.append(pa.unify_schemas(single, promote_options="permissive").field(name))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            fields.append(pa.field(name, pa.string()))
            texts.append(name)
    return pa.schema(fields), texts


def _fitted(parts: Sequence[Path], schema: pa.Schema) -> Iterator[pa.Table]:
    for part in parts:
        table = pq.ParquetFile(part).read()
        if table.schema.equals(schema):
            yield table.replace_schema_metadata(schema.metadata)
            continue
        rows = table.to_pylist()
        columns = []
        for field in schema:
            values = [row.get(field.name) for row in rows]
            as_text = pa.types.is_string(field.type)
            if pa.types.is_floating(field.type):  # whole numbers of any size among them
                values = [None if value is None else float(value) for value in values]
            columns.append(_text_array(values) if as_text else pa.array(values, type=field.type))
        yield pa.Table.from_arrays(columns, schema=schema)
