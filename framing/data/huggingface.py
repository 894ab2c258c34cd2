"""Read a Hugging Face dataset: one saved on disk, or one of the hub at a revision.

`datasets` is imported where it is used: it takes seconds, and the other formats do without.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from framing.core.errors import FramingError
from framing.data.formats import text_table
from framing.data.reading import Rows

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

SLICE = 50_000
"""Rows that are written as JSON at once, for the checksum."""


def read_hf_disk(path: str, columns: Mapping[str, str], split: str | None) -> Rows:
    """Read a dataset that `save_to_disk` wrote.

    Args:
        path: its folder.
        columns: name that the column gets -> name in the dataset. Values become text, class labels
            their names; `frames` may hold lists.
        split: the part to read, such as train; None when there is one only.

    Returns:
        Rows; `line` is the number of the row, counted from 1.

    Raises:
        FramingError: there is no such dataset, or no such split, or a column cannot be read as text.
    """
    from datasets import load_from_disk

    try:
        loaded = load_from_disk(path)
    except (OSError, ValueError) as error:
        raise FramingError(
            f"{path}: cannot be read as a saved dataset ({_first_line(error)}). Give the folder that "
            "save_to_disk wrote."
        ) from error
    return _rows(path, _part(path, loaded, split), columns)


def read_hub(
    path: str, columns: Mapping[str, str], split: str | None, subset: str | None, revision: str
) -> Rows:
    """Read a dataset of the hub; what was fetched once is kept by `datasets` and read without network.

    Args:
        path: its name on the hub, such as owner/name.
        columns: as in `read_hf_disk`.
        split: the part to read, such as train; None when there is one only.
        subset: the configuration, where the dataset has several.
        revision: commit, tag or branch of the dataset.

    Returns:
        Rows; `line` is the number of the row, counted from 1.

    Raises:
        FramingError: the dataset cannot be had, there is no such split, or a column is not text.
    """
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    try:
        loaded = load_dataset(path, subset, revision=revision)
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        raise FramingError(
            f"{path} at revision {revision}: the dataset cannot be had from the hub "
            f"({_first_line(error)}). Check its name, data.subset, data.revision and the network; without "
            "network, fetch it elsewhere, save_to_disk it and use data=hf_disk."
        ) from error
    return _rows(f"{path}@{revision}", _part(path, loaded, split), columns)


def _part(path: str, loaded: "Dataset | DatasetDict", split: str | None) -> "Dataset":
    from datasets import Dataset

    if isinstance(loaded, Dataset):
        return loaded
    splits = [str(name) for name in loaded]
    chosen = splits[0] if split is None and len(splits) == 1 else split
    if chosen not in splits:
        raise FramingError(
            f"{path}: data.split={split or 'null'}, but it has the splits {', '.join(splits)}. "
            f"Choose one: data.split={splits[0]}."
        )
    return loaded[chosen]


def _rows(path: str, dataset: "Dataset", columns: Mapping[str, str]) -> Rows:
    names = dataset.column_names
    there = [column for column in dict.fromkeys(columns.values()) if column in names]
    table = dataset.select_columns(there).to_polars()
    if not isinstance(table, pl.DataFrame):
        raise TypeError("to_polars gave batches, expected one table")
    table = text_table(path, _with_class_names(table, dataset), columns)
    return Rows(path, table, [], names, "row", _sha256(table))


def _with_class_names(table: pl.DataFrame, dataset: "Dataset") -> pl.DataFrame:
    """Return the table with the names of class labels instead of their numbers; -1 (none) becomes null."""
    from datasets import ClassLabel

    for column in table.columns:
        feature = dataset.features[column]
        item = getattr(feature, "feature", feature)
        if isinstance(item, ClassLabel):
            named = pl.element() if item is not feature else pl.col(column)
            codes = dict(enumerate(item.names))
            named = named.replace_strict(codes, default=None, return_dtype=pl.String)
            table = table.with_columns(pl.col(column).list.eval(named) if item is not feature else named)
    return table


def _sha256(table: pl.DataFrame) -> str:
    """Return the checksum of the rows that were read, written as JSON lines."""
    digest = hashlib.sha256()
    for part in table.iter_slices(SLICE):
        digest.update(part.write_ndjson().encode())
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
