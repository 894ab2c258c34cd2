"""Checks on sentences and labels. Each returns all the problems it finds, and changes nothing."""

import difflib
from collections.abc import Sequence

import polars as pl

from framing.core.codebook import Codebook
from framing.core.errors import Problem


def sentence_problems(sentences: pl.DataFrame, path: str, unit: str = "line") -> list[Problem]:
    """Find rows without id, text or source, empty sentences, and ids that stand twice.

    Args:
        sentences: columns `id`, `text`, `source`, `line`.
        path: the file, for the message.
        unit: what `line` counts, for the message.
    """
    problems = []
    for column in ("id", "text", "source"):
        blank = sentences.filter(pl.col(column).fill_null("").str.strip_chars() == "")
        for line, value in blank.select("line", column).iter_rows():
            found = "nothing" if value is None else "an empty string"
            cure = "Fill it in or remove the row."
            problems.append(Problem(path, line, column, found, f"the sentence's {column}", cure, unit))
    problems += repeated_ids(sentences, path, unit)
    return problems


def repeated_ids(rows: pl.DataFrame, path: str, unit: str = "line") -> list[Problem]:
    """Find the rows whose id an earlier row has."""
    repeated = rows.filter(pl.col("id").is_not_null() & pl.col("id").is_duplicated())
    first = repeated.with_columns(first=pl.col("line").min().over("id"))
    later = first.filter(pl.col("line") != pl.col("first"))
    cure = "Give the row its own id or remove it."
    return [
        Problem(
            path, line, "id", repr(identifier), f"an id that is not yet used ({unit} {first_line} has it)",
            cure, unit,
        )
        for identifier, line, first_line in later.select("id", "line", "first").iter_rows()
    ]  # fmt: skip


def label_problems(labels: pl.DataFrame, path: str, codebook: Codebook, unit: str = "line") -> list[Problem]:
    """Find labels that the codebook does not know or does not allow.

    A corpus has few different labels, so each is judged once, whatever the number of rows.

    Args:
        labels: columns `id`, `frames` (list of strings), `voice`, `line`.
        path: the file, for the message.
        codebook: the frames and voices that are allowed.
        unit: what `line` counts, for the message.
    """
    different = labels.select("frames", "voice").unique(maintain_order=True)
    judged = [_label_problem(codebook, frames, voice) for frames, voice in different.iter_rows()]
    bad = different.with_columns(judged=pl.int_range(different.height)).filter(
        pl.Series([problem is not None for problem in judged], dtype=pl.Boolean)
    )
    problems = []
    rows = labels.join(bad, on=["frames", "voice"], nulls_equal=True).sort("line")
    for identifier, line, number in rows.select("id", "line", "judged").iter_rows():
        if (problem := judged[number]) is not None:
            column, found, expected, cure = problem
            problems.append(Problem(path, line, column, found, expected, cure, unit, identifier or ""))
    return problems


def _label_problem(
    codebook: Codebook, frames: Sequence[str] | None, voice: str | None
) -> tuple[str, str, str, str] | None:
    """Return column, found, expected and cure, or None when the labels are right."""
    if frames is None:
        return "frames", "no label", "a list of frame ids, [] for none", "Label the sentence."
    for frame in frames:
        if frame not in codebook.frame_ids:
            return (
                "frames",
                repr(frame),
                _one_of(codebook.frame_ids),
                _did_you_mean(frame, codebook.frame_ids),
            )
    if codebook.single_label and len(frames) != 1:
        return "frames", f"{len(frames)} frames", "exactly one (single-label codebook)", "Choose one."
    if not codebook.voice_ids:
        return None
    if voice is not None and voice not in codebook.voice_ids:
        return "voice", repr(voice), _one_of(codebook.voice_ids), _did_you_mean(voice, codebook.voice_ids)
    if frames and voice is None:
        return (
            "voice",
            "no voice",
            f"{_one_of(codebook.voice_ids)}, as the sentence has a frame",
            "Add the voice, or do without voices: codebook.voices=[].",
        )
    if not frames and voice is not None:
        return (
            "voice",
            repr(voice),
            "null, as the sentence has no frame",
            "Add the frame or remove the voice.",
        )
    return None


def pairing_problems(
    sentences: pl.DataFrame,
    sentences_path: str,
    labels: pl.DataFrame,
    labels_path: str,
    unit: str = "line",
) -> list[Problem]:
    """Find labels of sentences that are not there, and sentences that have no label."""
    problems = []
    stray = labels.join(sentences, on="id", how="anti", nulls_equal=True)
    for identifier, line in stray.select("id", "line").iter_rows():
        problems.append(
            Problem(
                labels_path, line, "id", repr(identifier), f"the id of a sentence in {sentences_path}",
                "Correct the id, add the sentence, or remove the label.",
            )
        )  # fmt: skip
    unlabelled = sentences.join(labels, on="id", how="anti", nulls_equal=True)
    for identifier, line in unlabelled.select("id", "line").iter_rows():
        problems.append(
            Problem(
                sentences_path, line, "id", "a sentence without a label", f"a label in {labels_path}",
                "Label the sentence ([] for no frame).", unit, identifier or "",
            )
        )  # fmt: skip
    return problems


def _one_of(ids: Sequence[str]) -> str:
    return "one of " + ", ".join(ids)


def _did_you_mean(found: str, ids: Sequence[str]) -> str:
    close = difflib.get_close_matches(found, ids, n=1)
    return f"Did you mean {close[0]!r}?" if close else "Correct it, or add it to the codebook."
