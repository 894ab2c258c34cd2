"""The sentences that annotators get, which need not have labels yet."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from framing.core.codebook import Codebook
from framing.core.corpus import SENTENCE_COLUMNS
from framing.core.errors import FramingError, Problem
from framing.data.reading import Rows
from framing.data.validation import label_problems, pairing_problems, repeated_ids, sentence_problems


@dataclass(frozen=True, eq=False)
class Candidates:
    """n sentences with the labels that they have already.

    Attributes:
        codebook: what the labels mean.
        table: n rows; `id`, `text`, `source`, `article`, `kind`, `file`, `line`, and `frames` (a list,
            null where the sentence has no label yet) and `voice`.
        problems: what is wrong with the rows that are not in `table`.
    """

    codebook: Codebook
    table: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return self.table.height


def load_candidates(
    codebook: Codebook, sentences: Rows, labels: Rows | None, exclude_kinds: Sequence[str]
) -> Candidates:
    """Join sentences with the labels that they have already.

    Args:
        codebook: what the labels may be.
        sentences: rows with `id`, `text`, `source`, `article`, `kind`, `frames` and `voice` (null where
            there is no label).
        labels: rows with `id`, `frames`, `voice`; None when they stand in `sentences`.
        exclude_kinds: kinds of sentence that nobody is to label.

    Raises:
        FramingError: no usable sentence is left.
    """
    problems = sentences.problems + sentence_problems(sentences.table, sentences.path, sentences.unit)
    problems += _label_problems(codebook, sentences, labels)
    table = _without(sentences.table, _lines(problems, sentences.path)).with_columns(
        article=pl.coalesce("article", "id"),
        kind=pl.col("kind").fill_null("body"),
        file=pl.lit(sentences.path),
    )
    if labels is not None:
        table = table.drop("frames", "voice").join(
            _without(labels.table, _lines(problems, labels.path)).drop("line"),
            on="id", how="left", maintain_order="left",
        )  # fmt: skip
    kept = table.filter(~pl.col("kind").is_in(list(exclude_kinds)))
    if kept.is_empty():
        why = str(problems[0]) if problems else "the file is empty, or every kind is in data.exclude_kinds"
        raise FramingError(f"{sentences.path}: no sentence is left to label: {why}")
    return Candidates(codebook, kept.select(*SENTENCE_COLUMNS, "frames", "voice"), problems)


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Sentences that have a label, also labels that the codebook does not know.

    Attributes:
        table: `id`, `source`, `article`, `kind`, `frames` (list of strings), `voice`, and `file` and
            `line` of the label.
        problems: what is wrong with rows in or missing from `table`.
    """

    table: pl.DataFrame
    problems: list[Problem]


def labelled_rows(codebook: Codebook, parts: Sequence[tuple[Rows, Rows | None]]) -> LabelledRows:
    """Join sentences with their labels and keep the rows that have problems.

    Args:
        codebook: what the labels may be.
        parts: sentences and labels of each file, as `load_candidates` takes them.

    Raises:
        FramingError: no sentence has a label.
    """
    columns = ["id", "source", "article", "kind", "frames", "voice", "file", "line"]
    tables, problems = [], []
    for sentences, labels in parts:
        problems += sentences.problems + sentence_problems(sentences.table, sentences.path, sentences.unit)
        problems += _label_problems(codebook, sentences, labels)
        own = sentences.table
        if labels is not None:
            marks = labels.table.select("id", "frames", "voice", "line")
            own = own.drop("frames", "voice", "line").join(marks, on="id", maintain_order="left")
        full = own.with_columns(
            article=pl.coalesce("article", "id"),
            kind=pl.col("kind").fill_null("body"),
            file=pl.lit((labels or sentences).path),
        )
        tables.append(full.select(columns).filter(pl.any_horizontal(pl.col("frames", "voice").is_not_null())))
    table = pl.concat(tables)
    if table.is_empty():
        why = f" The first problem: {problems[0]}" if problems else ""
        raise FramingError(f"{parts[0][0].path}: no sentence has a label.{why}")
    return LabelledRows(table, problems)


def blind_id(identifier: str) -> str:
    """Return the name of a sentence in a blind task: the same every time, and tells no source."""
    return "blind-" + hashlib.sha256(identifier.encode()).hexdigest()[:16]


def _label_problems(codebook: Codebook, sentences: Rows, labels: Rows | None) -> list[Problem]:
    """Return the problems of the labels that are there; to have none is no problem here."""
    rows = sentences if labels is None else labels
    labelled = rows.table.filter(pl.col("frames").is_not_null() | pl.col("voice").is_not_null())
    problems = label_problems(labelled, rows.path, codebook, rows.unit)
    if labels is None:
        return problems
    strays = pairing_problems(sentences.table, sentences.path, labels.table, labels.path)
    problems += labels.problems + repeated_ids(labels.table, labels.path)
    return problems + [problem for problem in strays if problem.file == labels.path]


def _lines(problems: Sequence[Problem], path: str) -> set[int]:
    return {problem.line for problem in problems if problem.file == path}


def _without(table: pl.DataFrame, lines: set[int]) -> pl.DataFrame:
    return table.filter(~pl.col("line").is_in(list(lines)))
