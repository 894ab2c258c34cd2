"""Read a Parquet file of sentences in batches, for files that are larger than memory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from framing.core.codebook import Codebook
from framing.core.errors import FramingError
from framing.data.columns import Layout, corpus_columns
from framing.data.formats import text_table
from framing.data.reading import Rows, unreadable


def read_batches(codebook: Codebook, path: str, layout: Layout, size: int) -> Iterator[Rows]:
    """Yield the rows of a Parquet file, `size` at a time, as `load_described_sentences` returns them all.

    Args:
        codebook: its frames name the columns of a one-hot layout.
        path: the file.
        layout: which columns hold what; its further columns are carried.
        size: rows of a batch.

    Raises:
        FramingError: the file is missing, not Parquet, or lacks a column.
    """
    asked = layout.asked(codebook.frame_ids)
    try:
        file = pq.ParquetFile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except pa.ArrowInvalid as error:
        raise FramingError(
            f"{path}: cannot be read as Parquet ({error}). lexicon.at_once reads Parquet files alone."
        ) from error
    with file:
        names = file.schema_arrow.names
        there = [column for column in dict.fromkeys(asked.values()) if column in names]
        before = 0
        for batch in file.iter_batches(batch_size=size, columns=there):
            table = text_table(path, pl.DataFrame(pa.Table.from_batches([batch])), asked)
            table = table.with_columns(pl.col("line") + before)
            before += table.height
            rows = Rows(path, table, [], names, "row")
            yield corpus_columns(rows, layout, codebook, labelled=False)


def file_sha256(path: str) -> str:
    """Return the checksum of a file of any size."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
