"""Sentences that are more than memory holds: each part of the corpus is a folder of Parquet files.

What is in memory at any time is one part, a table of the documents, the distinct words, the distinct n-grams
of frequent words, all choices between rival words, and, where noise is taken out, a short key of every
sentence, by which copies are found. The choices and the keys grow with the number of sentences. The parts are
those that the same sentences would have in memory, and so are all results.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from framing.evaluation.lexicon.corpora import Clean
from framing.evaluation.lexicon.counting import PartCounts
from framing.evaluation.lexicon.documents import KEYS, SENTENCES, Documents, documents_of, first_of_parts
from framing.evaluation.lexicon.words import Tokens

Kept = TypeVar("Kept")
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class OnDisk:
    """Sentences on disk.

    Attributes:
        folder: where the parts are; whatever else is kept goes there too.
        documents: the documents that the sentences make up.
        number: how many parts there are.
    """

    folder: Path
    documents: Documents
    number: int

    @classmethod
    def of(cls, batches: Iterable[pl.DataFrame], folder: Path, at_once: int = SENTENCES) -> "OnDisk":
        """Return sentences with `group` and `stratum`, read in batches of any size and order.

        Args:
            batches: the sentences; those of a document may stand in several.
            folder: empty; every sentence is written there twice.
            at_once: sentences of a part, as in `corpora.InMemory`.
        """
        read = folder / "read"
        read.mkdir(parents=True)
        found = []
        for number, batch in enumerate(batches):
            batch.write_parquet(read / f"{number:06d}.parquet", compression="lz4")
            found.append(batch.group_by(KEYS).agg(sentences=pl.len().cast(pl.Int64)))
        documents = documents_of(pl.concat(found))
        starts = first_of_parts(documents, at_once)
        for path in sorted(read.iterdir()):
            _divide(pl.read_parquet(path), documents, starts, folder, path.stem)
        shutil.rmtree(read)
        return cls(folder, documents, len(starts))

    def parts(self) -> Iterator[pl.DataFrame]:
        """Yield whole documents, in ascending order."""
        for number in range(self.number):
            yield pl.read_parquet(_part(self.folder, number) / "*.parquet").sort("document", "id")

    def cleaned(self, clean: Clean) -> "OnDisk":
        """Return what `clean` leaves of every part, under the same documents."""
        folder = self.folder / "cleaned"
        for number, part in enumerate(self.parts()):
            _part(folder, number).mkdir(parents=True)
            clean(part).write_parquet(_part(folder, number) / "all.parquet", compression="lz4")
        return OnDisk(folder, self.documents, self.number)

    def within(self, value: str) -> "OnDisk":
        """Return the sentences of one value of `within`, their documents numbered anew."""
        batches = (part.filter(pl.col("within") == value) for part in self.parts())
        folder = self.folder / f"within-{len(list(self.folder.glob('within-*'))):04d}"
        return OnDisk.of((batch for batch in batches if batch.height), folder)

    def values(self) -> list[str]:
        """Return the values of `within`, in alphabetical order."""
        values: set[str] = set()
        for number in range(self.number):
            part = pl.scan_parquet(_part(self.folder, number) / "*.parquet")
            values.update(part.select(pl.col("within").unique()).collect()["within"])
        return sorted(values)

    def kept_tokens(self) -> "Shelf[Tokens]":
        """Return an empty list on disk for the words of the parts."""
        return Shelf(self.folder / "words", vars, lambda arrays: Tokens(**arrays))

    def kept_counts(self) -> "Shelf[PartCounts]":
        """Return an empty list on disk for the counts of the parts."""
        return Shelf(self.folder / "counts", _arrays_of_counts, _counts_of_arrays)


def _divide(batch: pl.DataFrame, documents: Documents, starts: pl.Series, folder: Path, name: str) -> None:
    """Write the sentences of a batch to the parts that their documents are in."""
    places = documents.table.select(*KEYS, "document")
    numbered = batch.drop("document", strict=False).join(places, on=KEYS)
    part = pl.Series(np.searchsorted(starts.to_numpy(), numbered["document"].to_numpy(), side="right") - 1)
    for (number,), own in numbered.with_columns(_part=part).partition_by("_part", as_dict=True).items():
        path = _part(folder, int(str(number)))
        path.mkdir(exist_ok=True)
        own.drop("_part").write_parquet(path / f"{name}.parquet", compression="lz4")


def _part(folder: Path, number: int) -> Path:
    return folder / f"part-{number:06d}"


class Shelf(MutableSequence[Kept], Generic[Kept]):
    """A list whose elements are read from disk whenever they are asked for; it only grows."""

    def __init__(self, folder: Path, put: Callable[[Kept], Arrays], take: Callable[[Arrays], Kept]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._put, self._take, self._size = folder, put, take, 0

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Kept: ...
    @overload
    def __getitem__(self, index: slice) -> "Shelf[Kept]": ...
    def __getitem__(self, index: int | slice) -> "Kept | Shelf[Kept]":
        if isinstance(index, slice):
            raise TypeError("one element at a time")
        if not 0 <= index < self._size:
            raise IndexError(index)
        with np.load(self._path(index)) as arrays:
            return self._take(dict(arrays))

    def append(self, value: Kept) -> None:
        """Write an element."""
        np.savez(self._path(self._size), **self._put(value))  # type: ignore[arg-type]
        self._size += 1

    def insert(self, index: int, value: Kept) -> None:  # noqa: ARG002 - the base class asks for it
        raise TypeError("elements are appended")

    def __setitem__(self, index: object, value: object) -> None:
        raise TypeError("elements are appended")

    def __delitem__(self, index: object) -> None:
        raise TypeError("elements are appended")

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:06d}.npz"


def _arrays_of_counts(part: PartCounts) -> Arrays:
    matrix = part.matrix
    return {
        "documents": part.documents,
        "totals": part.totals,
        "sentences": part.sentences,
        "data": matrix.data,
        "indices": matrix.indices,
        "indptr": matrix.indptr,
        "shape": np.array(matrix.shape),
    }


def _counts_of_arrays(arrays: Arrays) -> PartCounts:
    shape = tuple(arrays["shape"].tolist())
    matrix = csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
    return PartCounts(arrays["documents"], matrix, arrays["totals"], arrays["sentences"])
