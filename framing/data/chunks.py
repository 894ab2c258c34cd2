"""Read sentences chunk by chunk with every column they have, so that memory does not grow with the file."""

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from framing.core.errors import FramingError
from framing.data.formats import long_fields
from framing.data.reading import json_object, unreadable

FORMATS = (".jsonl", ".csv", ".tsv", ".parquet", ".txt")
FOUND = 200
"""Characters of a rejected row that are told."""

SOURCE = "source"


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be used: where it begins, counted from 1, why, and what stands there."""

    line: int
    reason: str
    found: str

    def to_json(self) -> str:
        """Return the row as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


@dataclass
class Chunk:
    """Some rows of a file.

    Attributes:
        content: the good rows with all their columns, a table if they come from Parquet.
        texts: their sentences.
        sources: their sources, "" where there is none.
        rejected: the rows that cannot be used.
        blank: number of lines in which nothing stands.
    """

    content: list[dict[str, Any]] | pa.Table = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    blank: int = 0

    @property
    def columns(self) -> list[str]:
        """The columns that any of the rows has, in the order in which they are met."""
        if isinstance(self.content, pa.Table):
            return list(self.content.column_names)
        return list(dict.fromkeys(name for row in self.content for name in row))


Row = tuple[int, dict[str, Any] | RejectedRow | None]
"""The line where a row begins, and the row, why it cannot be used, or None for a blank line."""


def read_chunks(path: Path, text: str, size: int) -> Iterator[Chunk]:
    """Yield the rows of a file in chunks of `size` rows, the column `text` being the sentence.

    Raises:
        FramingError: the file cannot be read, or it has no such column.
    """
    kind = path.suffix.lower()
    try:
        if kind == ".parquet":
            yield from _parquet_chunks(path, text, size)
        elif kind in (".csv", ".tsv"):
            yield from _chunks(path, _csv_rows(path, "," if kind == ".csv" else "\t", text), text, size)
        else:
            rows = _json_rows if kind == ".jsonl" else partial(text_rows, text=text)
            with path.open("rb") as file:
                yield from _chunks(path, rows(_lines(file)), text, size)
    except pa.ArrowException as error:
        raise FramingError(f"{path}: cannot be read as Parquet ({error}). Check the file.") from error
    except OSError as error:
        raise unreadable(str(path), error) from error


def count_rows(path: Path) -> int | None:
    """Return about how many rows a file has, blank and bad ones included; None if it cannot be read."""
    try:
        return _count(path)
    except (OSError, pa.ArrowException, csv.Error):
        return None


def _count(path: Path) -> int:
    if path.suffix.lower() == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    if path.suffix.lower() in (".csv", ".tsv"):
        separator = "," if path.suffix.lower() == ".csv" else "\t"
        with path.open(encoding="utf-8", errors="replace", newline="") as file, long_fields():
            return max(sum(1 for _ in csv.reader(file, delimiter=separator)) - 1, 0)
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))


def chunk_of(rows: Iterable[Row], text: str) -> Chunk:
    """Return the rows as a chunk; one without a sentence is rejected."""
    chunk = Chunk()
    content: list[dict[str, Any]] = []
    for line, row in rows:
        if row is None:
            chunk.blank += 1
        elif isinstance(row, RejectedRow):
            chunk.rejected.append(row)
        elif (reason := _no_sentence(row.get(text), text)) is not None:
            chunk.rejected.append(RejectedRow(line, reason, _shown(row)))
        else:
            content.append(row)
            chunk.texts.append(row[text])
            chunk.sources.append(_source(row.get(SOURCE)))
    chunk.content = content
    return chunk


def text_rows(lines: Iterable[bytes], text: str, first: int = 1) -> Iterator[Row]:
    """Yield every line, counted from `first`, as a row whose only column is the sentence."""
    for number, raw in enumerate(lines, start=first):
        try:
            sentence = raw.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            yield number, RejectedRow(number, "is not UTF-8", _shown(raw))
            continue
        yield number, {text: sentence} if sentence.strip() else None


def _chunks(path: Path, rows: Iterator[Row], text: str, size: int) -> Iterator[Chunk]:
    first = True
    while batch := list(islice(rows, size)):
        chunk = chunk_of(batch, text)
        read = [row for _, row in batch if isinstance(row, dict)]
        if first and read and not any(text in row for row in read):
            raise _no_column(path, text, list(dict.fromkeys(name for row in read for name in row)))
        first = first and not read
        yield chunk


def _no_column(path: Path, text: str, names: list[str]) -> FramingError:
    return FramingError(
        f"{path}: has no column {text!r}; it has {', '.join(names)}. Say which is the sentence: text=NAME"
    )


def _no_sentence(value: object, text: str) -> str | None:
    if value is None:
        return f"has no text ({text})"
    if not isinstance(value, str):
        return f"{text} is not a string"
    return None if value.strip() else f"has no text ({text})"


def _source(value: object) -> str:
    return "" if value is None else str(value)


def _shown(found: object) -> str:
    match found:
        case bytes():
            told = found.decode(errors="replace").rstrip("\r\n")
        case str():
            told = found.encode(errors="replace").decode()
        case _:
            told = json.dumps(found, ensure_ascii=False, default=str).encode(errors="replace").decode()
    return told if len(told) <= FOUND else told[: FOUND - 3] + "..."


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    yield file.readline().removeprefix(codecs.BOM_UTF8)
    yield from file


def _json_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            yield number, None
            continue
        row = json_object(raw)
        if isinstance(row, str):
            row_or_reason: dict[str, Any] | RejectedRow = RejectedRow(
                number, f"is not one JSON object ({row})", _shown(raw)
            )
        else:
            row_or_reason = row if _fits(raw, row) else RejectedRow(number, "is not Unicode", _shown(raw))
        yield number, row_or_reason


def _fits(raw: bytes, row: dict[str, Any]) -> bool:
    """Return whether UTF-8 can hold the row: JSON can write half a surrogate pair."""
    if b"\\u" not in raw:
        return True
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _csv_rows(path: Path, separator: str, text: str) -> Iterator[Row]:
    # A byte that is not UTF-8 becomes half a surrogate pair, so that its row alone is rejected.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file, long_fields():
        reader = csv.reader(file, delimiter=separator, strict=True)
        names = _header(path, reader, text)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, RejectedRow(line, f"is not a row of cells ({error})", "")
                continue
            yield line, _record(line, cells, names)


def _record(line: int, cells: list[str], names: list[str]) -> dict[str, Any] | RejectedRow | None:
    if not cells:
        return None
    if len(cells) != len(names):
        reason = f"has {len(cells)} cell(s), expected {len(names)} as in the header"
        return RejectedRow(line, reason, _shown(cells))
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return RejectedRow(line, "is not UTF-8", _shown(cells))
    return dict(zip(names, cells, strict=True))


def _header(path: Path, reader: Iterator[list[str]], text: str) -> list[str]:
    try:
        names = [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error) as error:
        raise FramingError(
            f"{path}: found no header, expected a first line with the names of the columns."
        ) from error
    _check_names(path, names, text)
    return names


def _check_names(path: Path, names: list[str], text: str) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise FramingError(f"{path}: the column {repeated[0]!r} stands more than once. Rename one.")
    if text not in names:
        raise _no_column(path, text, names)


def _parquet_chunks(path: Path, text: str, size: int) -> Iterator[Chunk]:
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        _check_names(path, schema.names, text)
        kind = schema.field(text).type
        if not _is_text(kind):
            raise FramingError(
                f"{path}, column {text}: found {kind}, expected text. Choose another: text=NAME"
            )
        first = 1
        for batch in file.iter_batches(batch_size=size):
            table = pa.Table.from_batches([batch]).replace_schema_metadata(schema.metadata)
            yield _of_table(table, text, first)
            first += table.num_rows


def _is_text(kind: pa.DataType) -> bool:
    checks: list[Callable[[pa.DataType], bool]] = [
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
    ]  # fmt: skip
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(check(value) for check in checks)


def _of_table(table: pa.Table, text: str, first: int) -> Chunk:
    texts = table.column(text).to_pylist()
    reasons = [_no_sentence(value, text) for value in texts]
    rejected = [
        RejectedRow(number, reason, _shown(table.slice(number - first, 1).to_pylist()[0]))
        for number, reason in enumerate(reasons, start=first)
        if reason is not None
    ]
    if rejected:
        table = table.filter(pa.array([reason is None for reason in reasons]))
    has_source = SOURCE in table.column_names
    sources = table.column(SOURCE).to_pylist() if has_source else [""] * table.num_rows
    good = [value for value, reason in zip(texts, reasons, strict=True) if reason is None]
    return Chunk(table, good, [_source(source) for source in sources], rejected)
