"""What a corpus holds and whether it keeps to its limits: counts, checks, a file and a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import grouped
from framing.data.loading import Loaded
from framing.data.usage import Usage
from framing.evaluation.corpus_checks import (
    AGAINST,
    SCORED,
    TRAINING_ONLY,
    Check,
    Compared,
    Limits,
    check_apart,
    check_at_least,
    check_cases,
    check_lengths,
    check_near_duplicates,
    check_none,
    check_sequences,
    check_sets,
    check_shares,
)
from framing.evaluation.sides import check_sides

FURTHER = ("register", "case", "actor", "set_id")
"""Columns that a corpus may have beside its own, and that some checks need."""

NO_FRAME, NO_VOICE_NAME, NO_VALUE = "(no frame)", "(no voice)", "(none)"


@dataclass(frozen=True, eq=False)
class CorpusReport:
    """What was found.

    Attributes:
        counts: by what is counted (`frame`, `voice`, ...): its values with `scored`, `training only` and
            `sentences`.
        frame_voices: `frame`, `voice`, `sentences`; the voice is "(no voice)" in a codebook without voices.
        checks: in the order in which they are told.
        set_aside: number of sentences by kind that are neither learned from nor scored, and not counted.
        sha256: checksum of every file read.
    """

    counts: Mapping[str, pl.DataFrame]
    frame_voices: pl.DataFrame
    checks: Sequence[Check]
    set_aside: Mapping[str, int]
    sha256: Mapping[str, str]

    @property
    def failed(self) -> list[Check]:
        """The checks that are red."""
        return [check for check in self.checks if check.passed is False]


@dataclass(frozen=True, eq=False)
class Material:
    """A corpus as it is looked at: scored and training-only sentences together.

    Attributes:
        corpus: all n sentences.
        part: shape (n,); `SCORED` or `TRAINING_ONLY`.
        further: n rows with `FURTHER`.
    """

    corpus: Corpus
    part: NDArray[np.str_]
    further: pl.DataFrame


def report_corpus(
    loaded: Loaded, usage: Usage, further: pl.DataFrame, against: Sequence[str], limits: Limits
) -> CorpusReport:
    """Count and check a corpus.

    Args:
        loaded: the corpus; its problems are told by a check.
        usage: its labels beside those of the codebook.
        further: `file`, `line` and `FURTHER` of its sentences.
        against: texts that the corpus must not hold.
        limits: what it should keep to.
    """
    material = material_of(loaded, further)
    return CorpusReport(
        counts=count_sentences(material),
        frame_voices=count_frame_voices(material.corpus),
        checks=check_corpus(loaded, usage, material, against, limits),
        set_aside=loaded.set_aside,
        sha256=loaded.sha256,
    )


def material_of(loaded: Loaded, further: pl.DataFrame) -> Material:
    """Return the sentences that are scored and those that are only learned from as one corpus."""
    corpus = loaded.corpus if loaded.training_only is None else loaded.corpus + loaded.training_only
    part = np.where(np.arange(len(corpus)) < len(loaded.corpus), SCORED, TRAINING_ONLY)
    joined = corpus.sentences.join(further, on=["file", "line"], how="left", maintain_order="left")
    return Material(corpus, part, joined.select(FURTHER))


def count_sentences(material: Material) -> dict[str, pl.DataFrame]:
    """Return how many sentences there are by frame, voice, register, source and number of frames."""
    corpus = material.corpus
    values: dict[str, list[list[str]]] = {
        "frame": [frames or [NO_FRAME] for frames in corpus.frame_lists()],
        "voice": [[voice or NO_VOICE_NAME] for voice in corpus.voice_names()],
        "register": [[value or NO_VALUE] for value in material.further["register"]],
        "source": [[value] for value in corpus.sentences["source"]],
        "number of frames": [[str(number)] for number in corpus.frames.sum(axis=1)],
    }
    known = {"frame": [*corpus.codebook.frame_ids, NO_FRAME], "voice": [*corpus.codebook.voice_ids]}
    return {
        what: _counted(what, of_rows, material.part, known.get(what, [])) for what, of_rows in values.items()
    }


def _counted(
    what: str, values: Sequence[Sequence[str]], part: NDArray[np.str_], known: Sequence[str]
) -> pl.DataFrame:
    """Return one row a value, known ones first and in their order: it, and the sentences by part."""
    table = pl.DataFrame({what: values, "part": part}).explode(what)
    counts = table.group_by(what, maintain_order=True).agg(
        *[(pl.col("part") == name).sum().alias(name) for name in (SCORED, TRAINING_ONLY)],
        pl.len().alias("sentences"),
    )
    order = [*known, *sorted(set(counts[what]) - set(known))]
    listed = pl.DataFrame({what: order}).join(counts, on=what, how="left", maintain_order="left")
    return listed.with_columns(pl.exclude(what).fill_null(0).cast(pl.Int64))


def count_frame_voices(corpus: Corpus) -> pl.DataFrame:
    """Return how many sentences have every frame in every voice: `frame`, `voice`, `sentences`."""
    voices = list(enumerate(corpus.codebook.voice_ids)) or [(-1, NO_VOICE_NAME)]
    return pl.DataFrame(
        [
            (frame, voice, int((corpus.frames[:, column] & (corpus.voices == code)).sum()))
            for column, frame in enumerate(corpus.codebook.frame_ids)
            for code, voice in voices
        ],
        schema={"frame": pl.String, "voice": pl.String, "sentences": pl.Int64},
        orient="row",
    )


def check_corpus(
    loaded: Loaded, usage: Usage, material: Material, against: Sequence[str], limits: Limits
) -> list[Check]:
    """Make every check; one whose column is not there is skipped and says so."""
    sentences = material.corpus.sentences
    frame_voices = {
        f"{frame}, {voice}": number for frame, voice, number in count_frame_voices(material.corpus).rows()
    }
    unknown = [
        f"{row['label']} ({row['what']}): {row['sentences']} sentence(s), {row['file']} line {row['lines']}"
        for row in usage.unknown.iter_rows(named=True)
    ]
    repeated = sentences.filter(pl.col("id").is_duplicated())["id"].unique(maintain_order=True).to_list()
    return [
        check_none("rows that cannot be used", len(loaded.problems), grouped(loaded.problems)),
        check_none("labels that the codebook does not know", len(unknown), unknown),
        check_none("ids that stand more than once", len(repeated), repeated),
        *_checks_of_texts(material, against, limits),
        check_at_least("every frame in every voice", frame_voices, limits.frame_voice),
        *_checks_of_columns(material, limits),
    ]


def _checks_of_texts(material: Material, against: Sequence[str], limits: Limits) -> list[Check]:
    ids, texts = (material.corpus.sentences[name].to_list() for name in ("id", "text"))
    compared = Compared(
        [*ids, *[f"against-{number}" for number in range(1, len(against) + 1)]],
        [*texts, *against],
        np.concatenate([material.part, np.repeat(AGAINST, len(against))]),
    )
    checks = [
        check_sequences(
            texts, words=limits.sequence_words, share=limits.sequence_share, spared=limits.sequence_spared
        ),
        *check_near_duplicates(
            compared, characters=limits.similarity_characters, threshold=limits.similarity
        ),
    ]
    rows = list(zip(ids, texts, strict=True))
    first = int((material.part == SCORED).sum())
    checks.append(check_apart(rows[:first], rows[first:]))
    checks.append(check_lengths(ids[first:], texts[first:], shortest=limits.shortest, longest=limits.longest))
    return checks


def _checks_of_columns(material: Material, limits: Limits) -> list[Check]:
    """Make the checks that need a column of `FURTHER`, each over the sentences that have a value."""
    corpus, further = material.corpus, material.further
    labels = pl.Series(["+".join(frames) for frames in corpus.frame_lists()], dtype=pl.String)
    act, told = (further[name].is_not_null() for name in ("actor", "set_id"))
    return [
        check_shares("register", further["register"].drop_nulls().to_list(), limits.register_share),
        check_cases(further["case"].drop_nulls().to_list(), limits.case_side),
        *check_sides(
            further["actor"].filter(act).to_list(),
            corpus.sentences["article"].filter(act).to_list(),
            corpus.frames[act.to_numpy()],
            corpus.codebook.frame_ids,
            ratio=limits.side_ratio,
            fewest=limits.side_sentences,
        ),
        check_sets(
            further["set_id"].filter(told).to_list(),
            labels.filter(told).to_list(),
            sentences=limits.set_sentences,
            different=limits.set_labels,
            share=limits.set_share,
        ),
    ]
