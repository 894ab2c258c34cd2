"""Load a labelled corpus: read, validate, join labels to sentences, set aside what is not running text."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.codebook import Codebook
from framing.core.corpus import NO_VOICE, SENTENCE_COLUMNS, Corpus
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.columns import Layout, corpus_columns, label_columns, require_columns, sentence_columns
from framing.data.formats import reader_of
from framing.data.reading import Reader, Rows, read_jsonl
from framing.data.validation import label_problems, pairing_problems, repeated_ids, sentence_problems

WITHOUT_LABEL = "without label"
OWN_NAMES = Layout()


@dataclass(frozen=True)
class Loaded:
    """A corpus and the account of what is not in it.

    Attributes:
        corpus: the sentences that are learned from, scored and reported on.
        training_only: sentences that are learned from and nothing else, in every fold; None without any.
        problems: what is wrong with the rows that are not in `corpus`.
        set_aside: number of sentences by kind that were left out by `exclude_kinds`, and of those
            `WITHOUT_LABEL`.
        sha256: checksum of everything read, by its path or name.
    """

    corpus: Corpus
    training_only: Corpus | None
    problems: list[Problem]
    set_aside: dict[str, int]
    sha256: dict[str, str]


@dataclass(frozen=True)
class Unlabelled:
    """Sentences whose labels nobody asked for, and the account of those that are left out.

    Attributes:
        sentences: rows with `SENTENCE_COLUMNS`, and the further columns that were asked for.
        problems: what is wrong with the rows that are not in `sentences`.
        set_aside: number of sentences by kind that were left out by `exclude_kinds`.
    """

    sentences: pl.DataFrame
    problems: list[Problem]
    set_aside: dict[str, int]


def load_corpus(
    codebook: Codebook,
    *,
    sentences: str,
    labels: str | None,
    exclude_kinds: list[str],
    training_only: Sequence[str] = (),
    unlabelled_set_aside: bool = False,
    layout: Layout = OWN_NAMES,
) -> Loaded:
    """Read sentences and their labels, and further sentences that are only ever learned from.

    Args:
        codebook: what the labels may be.
        sentences: a file with `text`, `source`, and if there are `id`, `article`, `date`, `kind`,
            `frames`, `voice`. Without `article` every sentence is its own article.
        labels: JSON lines with `id`, `frames`, `voice`; None when they stand in `sentences`.
        exclude_kinds: kinds of sentence to set aside, such as boilerplate.
        training_only: JSON lines, or patterns such as `folder/*.jsonl`, with the labels in the rows.
        unlabelled_set_aside: a sentence without a label is set aside and counted, no problem.
        layout: which further columns the corpus carries.

    Raises:
        FramingError: a file cannot be read or lacks a column, or no usable sentence is left.
    """
    reader = reader_of(sentences)
    if labels is None:
        return load_own_corpus(
            codebook, reader, layout, exclude_kinds=exclude_kinds, training_only=training_only
        )
    rows, label_rows = load_sentences(reader, layout), _checked_labels(codebook, labels)
    problems = rows.problems + sentence_problems(rows.table, sentences, rows.unit) + label_rows.problems
    pairing = pairing_problems(rows.table, sentences, label_rows.table, labels, rows.unit)
    problems += [found for found in pairing if found.file == labels or not unlabelled_set_aside]
    good_labels = _without(label_rows, problems).select("id", "frames", "voice")
    usable = _without(rows, problems).drop("frames", "voice")
    joined = usable.join(good_labels, on="id", how="inner", maintain_order="left")
    loaded = _loaded(codebook, rows, joined, problems, exclude_kinds, layout)
    bare = usable.join(label_rows.table, on="id", how="anti")
    if number := bare.filter(~pl.col("kind").fill_null("body").is_in(exclude_kinds)).height:
        loaded = replace(loaded, set_aside=loaded.set_aside | {WITHOUT_LABEL: number})
    loaded = replace(loaded, sha256={sentences: rows.sha256, labels: label_rows.sha256})
    return _with_training_only(loaded, exclude_kinds, training_only, layout)


def load_own_corpus(
    codebook: Codebook,
    reader: Reader,
    layout: Layout,
    *,
    exclude_kinds: list[str],
    training_only: Sequence[str] = (),
) -> Loaded:
    """Read sentences whose labels stand in their own rows.

    Args:
        codebook: what the labels may be.
        reader: reads the file.
        layout: which of its columns hold what. Without `article` every sentence is its own article,
            without `id` it gets one from the number of its row.
        exclude_kinds: as in `load_corpus`.
        training_only: as in `load_corpus`.

    Raises:
        FramingError: the file cannot be read or lacks a column, or no usable sentence is left.
    """
    rows = corpus_columns(reader(layout.asked(codebook.frame_ids)), layout, codebook)
    unread = {problem.line for problem in rows.problems}
    readable = rows.table.filter(~pl.col("line").is_in(unread)) if unread else rows.table
    found = sentence_problems(rows.table, rows.path, rows.unit)
    found += label_problems(readable, rows.path, codebook, rows.unit)
    problems = rows.problems + [
        replace(problem, column=layout.columns.get(problem.column, problem.column)) for problem in found
    ]
    loaded = _loaded(codebook, rows, _without(rows, problems), problems, exclude_kinds, layout)
    return _with_training_only(loaded, exclude_kinds, training_only, layout)


def load_sentences(reader: Reader, layout: Layout) -> Rows:
    """Read sentences without their labels.

    Returns:
        Rows with `id`, `text`, `source`, `article`, `date`, `kind`, `line`; nothing is validated yet.

    Raises:
        FramingError: the file cannot be read or lacks a column.
    """
    return sentence_columns(reader(layout.asked(())), layout)


def load_further_columns(readers: Sequence[Reader], names: Sequence[str]) -> pl.DataFrame:
    """Read columns that a corpus may have beside its own, such as the register of a sentence.

    Returns:
        One row a sentence: `file` and `line`, as in `Corpus.sentences`, and the columns, null where a file
        lacks them.
    """
    schema = {"file": pl.String(), "line": pl.Int64(), **dict.fromkeys(names, pl.String())}
    tables = [pl.DataFrame(schema=schema)]
    for reader in readers:
        rows = reader({name: name for name in names})
        tables.append(rows.table.with_columns(file=pl.lit(rows.path)))
    return pl.concat(tables, how="diagonal")


def load_texts(path: str) -> list[str]:
    """Read the texts of a file of sentences, JSON lines with `text`.

    Raises:
        FramingError: it cannot be read, or has no `text`.
    """
    rows = read_jsonl(path, {"text": "text"})
    require_columns(rows, Layout(), {"text": "text"}, {"text"})
    if rows.problems:
        raise CorpusError(rows.problems)
    return rows.table["text"].drop_nulls().to_list() if "text" in rows.table else []


def load_described_sentences(
    codebook: Codebook, reader: Reader, layout: Layout, labels: str | None = None
) -> Rows:
    """Read sentences with whatever labels they have; no label is needed, and none has to be in the codebook.

    Args:
        codebook: its frames name the columns of a one-hot layout.
        reader: reads the sentences.
        layout: which columns hold what; its further columns are carried.
        labels: a file with the labels of the sentences, found by `id`; None when they stand in the rows.

    Returns:
        Rows with the columns of `layout.texts`, `frames` (lists, null without labels) and `line`.

    Raises:
        FramingError: a file cannot be read or lacks a column.
    """
    rows = corpus_columns(reader(layout.asked(codebook.frame_ids)), layout, codebook, labelled=False)
    if labels is None:
        return rows
    found = load_label_rows(labels)
    table = rows.table.drop("frames", "voice").join(
        found.table.select("id", "frames", "voice"), on="id", how="left", maintain_order="left"
    )
    return replace(rows, table=table, problems=rows.problems + found.problems)


def usable_sentences(rows: Rows, exclude_kinds: list[str], further: Sequence[str] = ()) -> Unlabelled:
    """Return the sentences that were read, without those that have a problem or are set aside.

    Args:
        rows: what `load_sentences` or `load_described_sentences` read.
        exclude_kinds: kinds of sentence to set aside.
        further: columns that are kept beside those of every corpus.

    Raises:
        FramingError: no usable sentence is left.
    """
    problems = rows.problems + sentence_problems(rows.table, rows.path, rows.unit)
    kept, set_aside = _without_kinds(rows, _without(rows, problems), problems, exclude_kinds)
    return Unlabelled(kept.select(*SENTENCE_COLUMNS, *further), problems, set_aside)


def _with_training_only(
    loaded: Loaded, exclude_kinds: list[str], patterns: Sequence[str], layout: Layout
) -> Loaded:
    """Return what was loaded together with the sentences of further files."""
    carried, codebook = Layout(further=layout.further), loaded.corpus.codebook
    for path in matching_files(patterns):
        further = load_own_corpus(codebook, partial(read_jsonl, path), carried, exclude_kinds=exclude_kinds)
        before = loaded.training_only
        loaded = replace(
            loaded,
            training_only=further.corpus if before is None else before + further.corpus,
            problems=loaded.problems + further.problems,
            sha256=loaded.sha256 | further.sha256,
        )
    return loaded


def matching_files(patterns: Sequence[str], setting: str = "data.training_only") -> list[str]:
    """Return the files that the patterns stand for, each pattern's in the order of their names."""
    paths: list[str] = []
    for pattern in patterns:
        found = sorted(glob.glob(pattern))
        if not found:
            raise FramingError(f"{setting}: no file fits {pattern}. Correct the path or take it out.")
        paths += found
    return paths


def _loaded(
    codebook: Codebook,
    rows: Rows,
    usable: pl.DataFrame,
    problems: list[Problem],
    exclude_kinds: list[str],
    layout: Layout,
) -> Loaded:
    """Return the usable rows as a corpus; those of an excluded kind are counted and set aside."""
    kept, set_aside = _without_kinds(rows, usable, problems, exclude_kinds)
    corpus = Corpus(
        codebook,
        kept.select(*dict.fromkeys(SENTENCE_COLUMNS + layout.further)),
        encode_frames(codebook, kept["frames"]),
        encode_voices(codebook, kept["voice"]),
    )
    return Loaded(corpus, None, problems, set_aside, {rows.path: rows.sha256})


def _without_kinds(
    rows: Rows, usable: pl.DataFrame, problems: list[Problem], exclude_kinds: list[str]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the usable rows of the other kinds, and how many of each excluded kind are left out."""
    usable = usable.with_columns(
        article=pl.coalesce("article", "id"), kind=pl.col("kind").fill_null("body"), file=pl.lit(rows.path)
    )
    excluded = pl.col("kind").is_in(exclude_kinds)
    kept, aside = usable.filter(~excluded), usable.filter(excluded)
    if kept.is_empty():
        raise FramingError(_nothing_left(rows, problems, usable))
    return kept, dict(aside.group_by("kind").len().sort("kind").iter_rows())


def load_label_rows(path: str, *further: str) -> Rows:
    """Read a file of labels: JSON lines with `id`, `frames`, `voice`, and further columns if they are there.

    Returns:
        Rows with `id`, `frames`, `voice`, the further columns (null where the file lacks them) and
        `line`. Whether the codebook knows the labels is not looked at.

    Raises:
        FramingError: the file cannot be read or lacks a column.
    """
    rows = read_jsonl(path, {name: name for name in ("id", "frames", "voice", *further)})
    labels = label_columns(rows)
    missing = [name for name in further if name not in rows.table.columns]
    table = rows.table.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
    return replace(labels, table=pl.concat([labels.table, table.select(*further)], how="horizontal"))


def _checked_labels(codebook: Codebook, path: str) -> Rows:
    rows = load_label_rows(path)
    problems = repeated_ids(rows.table, path) + label_problems(rows.table, path, codebook)
    return replace(rows, problems=rows.problems + problems)


def encode_frames(codebook: Codebook, frames: pl.Series) -> NDArray[np.bool_]:
    """Return lists of frame ids as a matrix of shape (n, number of frames)."""
    return np.column_stack([frames.list.contains(frame).to_numpy() for frame in codebook.frame_ids])


def encode_voices(codebook: Codebook, voices: pl.Series) -> NDArray[np.int8]:
    """Return voice ids as codes of shape (n,), `NO_VOICE` where there is none."""
    codes = dict(zip(codebook.voice_ids, range(len(codebook.voice_ids)), strict=True))
    encoded = voices.replace_strict(codes, default=NO_VOICE, return_dtype=pl.Int8)
    return encoded.fill_null(NO_VOICE).to_numpy().astype(np.int8)


def _without(rows: Rows, problems: list[Problem]) -> pl.DataFrame:
    """Return the rows that have no problem."""
    bad = {problem.line for problem in problems if problem.file == rows.path}
    return rows.table.filter(~pl.col("line").is_in(bad)) if bad else rows.table


def _nothing_left(rows: Rows, problems: list[Problem], usable: pl.DataFrame) -> str:
    if problems:
        why = f"every row has a problem; the first: {problems[0]}"
    elif rows.table.is_empty():
        why = "it is empty"
    elif usable.is_empty():
        why = "no sentence has a label"
    else:
        why = f"all {usable.height} sentences are of a kind in data.exclude_kinds"
    return f"{rows.path}: no usable sentence is left, because {why}"
