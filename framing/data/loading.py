"""Load a labelled corpus: read, validate, join labels to sentences, set aside what is not running text."""

import glob
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.codebook import Codebook
from framing.core.corpus import NO_VOICE, SENTENCE_COLUMNS, Corpus
from framing.core.errors import FramingError, Problem
from framing.data.reading import Rows, read_jsonl
from framing.data.validation import label_problems, pairing_problems, sentence_problems

TEXT = pl.String()
LABEL_SCHEMA: dict[str, pl.DataType] = {"id": TEXT, "frames": pl.List(pl.String()), "voice": TEXT}
SENTENCE_SCHEMA: dict[str, pl.DataType] = {
    **LABEL_SCHEMA, "text": TEXT, "source": TEXT, "article": TEXT, "kind": TEXT
}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """A corpus and the account of what is not in it.

    Attributes:
        corpus: the sentences that are learned from, scored and reported on.
        training_only: sentences that are learned from and nothing else, in every fold; None without any.
        problems: what is wrong with the rows that are not in `corpus`.
        set_aside: number of sentences by kind that were left out by `exclude_kinds`.
        sha256: checksum of every file read, by path.
    """

    corpus: Corpus
    training_only: Corpus | None
    problems: list[Problem]
    set_aside: dict[str, int]
    sha256: dict[str, str]


def load_corpus(
    codebook: Codebook,
    *,
    sentences: str,
    labels: str | None,
    exclude_kinds: list[str],
    training_only: Sequence[str] = (),
) -> Loaded:
    """Read sentences and their labels, and further sentences that are only ever learned from.

    Args:
        codebook: what the labels may be.
        sentences: JSON lines with `id`, `text`, `source`, and if there are `article`, `kind`,
            `frames`, `voice`. Without `article` every sentence is its own article.
        labels: JSON lines with `id`, `frames`, `voice`; None when they stand in `sentences`.
        exclude_kinds: kinds of sentence to set aside, such as boilerplate.
        training_only: files, or patterns such as `folder/*.jsonl`, with the labels in the rows.

    Raises:
        FramingError: a file cannot be read, or no usable sentence is left.
    """
    loaded = _load(codebook, sentences, labels, exclude_kinds)
    for path in _matching(training_only):
        further = _load(codebook, path, None, exclude_kinds)
        before = loaded.training_only
        loaded = replace(
            loaded,
            training_only=further.corpus if before is None else before + further.corpus,
            problems=loaded.problems + further.problems,
            sha256=loaded.sha256 | further.sha256,
        )
    return loaded


def _matching(patterns: Sequence[str]) -> list[str]:
    """Return the files that the patterns stand for, each pattern's in the order of their names."""
    paths: list[str] = []
    for pattern in patterns:
        found = sorted(glob.glob(pattern))
        if not found:
            raise FramingError(
                f"data.training_only: no file fits {pattern}. Correct the path or take it out."
            )
        paths += found
    return paths


def _load(codebook: Codebook, sentences: str, labels: str | None, exclude_kinds: list[str]) -> Loaded:
    sentence_rows = _with_defaults(read_jsonl(sentences, SENTENCE_SCHEMA))
    label_rows = sentence_rows if labels is None else read_jsonl(labels, LABEL_SCHEMA)
    problems = _problems(codebook, sentence_rows, label_rows)
    usable = _join_usable(sentence_rows, label_rows, problems)
    kept = usable.filter(~pl.col("kind").is_in(exclude_kinds))
    aside = usable.filter(pl.col("kind").is_in(exclude_kinds)).group_by("kind").len().sort("kind")
    if kept.is_empty():
        raise FramingError(_nothing_left(sentences, sentence_rows, problems, usable))
    corpus = Corpus(
        codebook,
        kept.select(SENTENCE_COLUMNS),
        encode_frames(codebook, kept["frames"]),
        encode_voices(codebook, kept["voice"]),
    )
    paths = [sentences] if labels is None else [sentences, labels]
    return Loaded(corpus, None, problems, dict(aside.iter_rows()), {path: _sha256(path) for path in paths})


def load_labels(codebook: Codebook, path: str) -> Rows:
    """Read one annotator's labels.

    Returns:
        Rows with `id`, `frames`, `voice`, `line`; `problems` also holds labels that the codebook does
        not allow.

    Raises:
        FramingError: the file cannot be read.
    """
    rows = read_jsonl(path, LABEL_SCHEMA)
    return Rows(path, rows.table, rows.problems + label_problems(rows.table, path, codebook))


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Sentences with the labels that their files give them, right or wrong.

    Attributes:
        table: `id`, `source`, `article`, `kind`, `frames` (lists of strings) and `voice`, and `file`
            and `line` of the label.
        problems: everything that is wrong with the rows.
    """

    table: pl.DataFrame
    problems: list[Problem]


def load_labelled_rows(
    codebook: Codebook, *, sentences: str, labels: str | None, training_only: Sequence[str] = ()
) -> LabelledRows:
    """Read sentences and labels as `load_corpus` does, and keep the rows that have problems.

    Raises:
        FramingError: a file cannot be read, or there is no sentence with a label.
    """
    pairs = [(sentences, labels), *[(path, None) for path in _matching(training_only)]]
    read = [_labelled_rows(codebook, *pair) for pair in pairs]
    table = pl.concat([rows.table for rows in read])
    problems = [problem for rows in read for problem in rows.problems]
    if table.is_empty():
        why = f" The first problem: {problems[0]}" if problems else ""
        raise FramingError(f"{sentences}: no sentence has a label.{why}")
    return LabelledRows(table, problems)


def _labelled_rows(codebook: Codebook, sentences: str, labels: str | None) -> LabelledRows:
    sentence_rows = _with_defaults(read_jsonl(sentences, SENTENCE_SCHEMA))
    label_rows = sentence_rows if labels is None else read_jsonl(labels, LABEL_SCHEMA)
    table = sentence_rows.table
    if label_rows is not sentence_rows:
        of_labels = label_rows.table.with_columns(file=pl.lit(label_rows.path))
        of_sentences = table.drop("frames", "voice", "file", "line")
        table = of_sentences.join(of_labels, on="id", how="inner", maintain_order="left")
    columns = ["id", "source", "article", "kind", "frames", "voice", "file", "line"]
    labelled = table.select(columns).filter(pl.col("frames").is_not_null() | pl.col("voice").is_not_null())
    return LabelledRows(labelled, _problems(codebook, sentence_rows, label_rows))


def encode_frames(codebook: Codebook, frames: pl.Series) -> NDArray[np.bool_]:
    """Return lists of frame ids as a matrix of shape (n, number of frames)."""
    return np.column_stack([frames.list.contains(frame).to_numpy() for frame in codebook.frame_ids])


def encode_voices(codebook: Codebook, voices: pl.Series) -> NDArray[np.int8]:
    """Return voice ids as codes of shape (n,), `NO_VOICE` where there is none."""
    codes = dict(zip(codebook.voice_ids, range(len(codebook.voice_ids)), strict=True))
    encoded = voices.replace_strict(codes, default=NO_VOICE, return_dtype=pl.Int8)
    return encoded.fill_null(NO_VOICE).to_numpy().astype(np.int8)


def _with_defaults(rows: Rows) -> Rows:
    table = rows.table.with_columns(
        article=pl.coalesce("article", "id"), kind=pl.col("kind").fill_null("body"), file=pl.lit(rows.path)
    )
    return Rows(rows.path, table, rows.problems)


def _problems(codebook: Codebook, sentences: Rows, labels: Rows) -> list[Problem]:
    problems = sentences.problems + sentence_problems(sentences.table, sentences.path)
    if labels is not sentences:
        problems += labels.problems
        problems += pairing_problems(sentences.table, sentences.path, labels.table, labels.path)
    return problems + label_problems(labels.table, labels.path, codebook)


def _join_usable(sentences: Rows, labels: Rows, problems: list[Problem]) -> pl.DataFrame:
    """Return the sentences whose own row and whose label's row have no problem."""
    bad_sentences = {problem.line for problem in problems if problem.file == sentences.path}
    bad_labels = {problem.line for problem in problems if problem.file == labels.path}
    good = sentences.table.filter(~pl.col("line").is_in(bad_sentences))
    if labels is sentences:
        return good
    good_labels = labels.table.filter(~pl.col("line").is_in(bad_labels)).drop("line")
    return good.drop("frames", "voice").join(good_labels, on="id", how="inner", maintain_order="left")


def _nothing_left(path: str, rows: Rows, problems: list[Problem], usable: pl.DataFrame) -> str:
    if problems:
        why = f"every row has a problem; the first: {problems[0]}"
    elif rows.table.is_empty():
        why = "the file is empty"
    else:
        why = f"all {usable.height} sentences are of a kind in data.exclude_kinds"
    return f"{path}: no usable sentence is left, because {why}"


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
