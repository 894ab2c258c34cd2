"""Several annotators' labels of the same sentences, beside each other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import polars as pl

from framing.core.codebook import Codebook
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.loading import load_label_rows
from framing.data.reading import Rows
from framing.data.validation import label_problems, pairing_problems, repeated_ids, sentence_problems
from framing.evaluation.agreement import Agreement, Label, agreement, masi

ALL_FRAMES = "all frames (MASI)"
NO_VOICE_NAME = "(none)"


@dataclass(frozen=True, eq=False)
class Passes:
    """Labels of n sentences by k annotators.

    Attributes:
        codebook: what the labels mean.
        names: of the k annotators, as their rows say, or the names of their files.
        sentences: `id`, `article`, `text`, in the order of the corpus.
        frames: k lists of n; the frames, None where the annotator did not label the sentence.
        voices: k lists of n; the voice, None where there is none.
    """

    codebook: Codebook
    names: tuple[str, ...]
    sentences: pl.DataFrame
    frames: tuple[Sequence[list[str] | None], ...]
    voices: tuple[Sequence[str | None], ...]


def load_passes(codebook: Codebook, paths: Sequence[str], sentences: Rows) -> Passes:
    """Read the labels of every annotator.

    Args:
        codebook: what the labels may be.
        paths: files of labels. A row belongs to the annotator that its `annotator` names, and without one
            to the file's own. At least two annotators together; not everybody need have labelled all.
        sentences: the corpus that they labelled, read and not yet validated.

    Raises:
        FramingError: fewer than two annotators, or labels that the codebook or the corpus does not know.
    """
    problems = sentences.problems + sentence_problems(sentences.table, sentences.path, sentences.unit)
    annotators: dict[str, list[Rows]] = {}
    for path, name in _file_names(paths).items():
        rows = load_label_rows(path, "annotator")
        strays = pairing_problems(sentences.table, sentences.path, rows.table, path)
        problems += rows.problems + [problem for problem in strays if problem.file == path]
        named = rows.table.with_columns(pl.col("annotator").fill_null(name))
        for own in named.partition_by("annotator", maintain_order=True):
            problems += repeated_ids(own, path) + label_problems(own, path, codebook)
            annotators.setdefault(own["annotator"][0], []).append(replace(rows, table=own))
    for name, parts in annotators.items():
        problems += _repeated(name, parts)
    if problems:
        raise CorpusError(problems)
    if len(annotators) < 2:
        raise FramingError(
            f"passes={list(paths)}: found {len(annotators)} annotator(s) "
            f"({', '.join(annotators) or 'none'}), expected at least two: "
            "a file for each, or one file whose rows have `annotator`."
        )
    order = sentences.table.select("id", pl.coalesce("article", "id").alias("article"), "text")
    tables = [pl.concat([part.table for part in parts]) for parts in annotators.values()]
    joined = [order.join(table, on="id", how="left", maintain_order="left") for table in tables]
    return Passes(
        codebook=codebook,
        names=tuple(annotators),
        sentences=order,
        frames=tuple(table["frames"].to_list() for table in joined),
        voices=tuple(table["voice"].to_list() for table in joined),
    )


def alpha_table(passes: Passes, *, by_article: bool, draws: int, seed: int) -> pl.DataFrame:
    """Return alpha for every frame, for whole sets of frames, and for voice where the codebook knows voices.

    A frame is a yes or no of every sentence. Sets of frames are compared by their MASI distance, so that
    two that share a frame agree in part. Voice is compared where both annotators gave one.

    Args:
        passes: the labels.
        by_article: draw whole articles in the bootstrap, otherwise sentences.
        draws: number of bootstrap draws.
        seed: of the random numbers.

    Returns:
        One row a variable: `label`, `alpha`, `low`, `high` (95% interval), `sentences` (that at least
        two annotators labelled) and `undefined` (share of draws without variation, left out).
    """
    clusters = passes.sentences["article" if by_article else "id"].to_list()
    rows = []
    for frame in passes.codebook.frame_ids:
        found = agreement(_has_frame(passes, frame), clusters, draws=draws, seed=seed)
        rows.append(_row(frame, found))
    sets = agreement(_frame_sets(passes), clusters, draws=draws, seed=seed, distance=masi)
    rows.append(_row(ALL_FRAMES, sets))
    if passes.codebook.voice_ids:
        labels = list(zip(*passes.voices, strict=True))
        rows.append(_row("voice", agreement(labels, clusters, draws=draws, seed=seed)))
    schema = {"label": pl.String, "alpha": pl.Float64, "low": pl.Float64, "high": pl.Float64,
              "sentences": pl.Int64, "undefined": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def disagreements(passes: Passes) -> pl.DataFrame:
    """Return the sentences that not all annotators labelled alike: `id`, `text`, and each one's labels.

    An annotator who did not label a sentence (null) does not disagree.
    """
    columns = {
        name: [
            _written(frames, voice) for frames, voice in zip(passes.frames[k], passes.voices[k], strict=True)
        ]
        for k, name in enumerate(passes.names)
    }
    table = passes.sentences.select("id", "text").with_columns(
        [pl.Series(name, values, dtype=pl.String) for name, values in columns.items()]
    )
    given = pl.concat_list(passes.names).list.drop_nulls()
    return table.filter(given.list.n_unique() > 1)


def confusion(passes: Passes) -> pl.DataFrame:
    """Return how often every two annotators gave every frame.

    Returns:
        One row a pair and frame, over the sentences that both labelled: `first`, `second`, `frame`,
        `both`, `only_first`, `only_second`, `neither` (numbers of sentences).
    """
    rows = []
    for (first, second), frame in product(_pairs(passes), passes.codebook.frame_ids):
        counts = Counter(
            (frame in ours, frame in theirs)
            for ours, theirs in zip(passes.frames[first], passes.frames[second], strict=True)
            if ours is not None and theirs is not None
        )
        cells = [counts[answer] for answer in ((True, True), (True, False), (False, True), (False, False))]
        rows.append((passes.names[first], passes.names[second], frame, *cells))
    schema = {"first": pl.String, "second": pl.String, "frame": pl.String, "both": pl.Int64,
              "only_first": pl.Int64, "only_second": pl.Int64, "neither": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def voice_confusion(passes: Passes) -> pl.DataFrame:
    """Return how often every two annotators gave every two voices.

    Returns:
        One row a pair and two voices, over the sentences that both labelled: `first`, `second`,
        `voice_first`, `voice_second` ("(none)" for a sentence without a frame), `sentences`. No rows
        when the codebook knows no voice.
    """
    voices = [*passes.codebook.voice_ids, NO_VOICE_NAME] if passes.codebook.voice_ids else []
    rows = []
    for first, second in _pairs(passes):
        counts = Counter(
            (passes.voices[first][row] or NO_VOICE_NAME, passes.voices[second][row] or NO_VOICE_NAME)
            for row in range(passes.sentences.height)
            if passes.frames[first][row] is not None and passes.frames[second][row] is not None
        )
        rows += [
            (passes.names[first], passes.names[second], *pair, counts[pair])
            for pair in product(voices, voices)
        ]
    schema = {"first": pl.String, "second": pl.String, "voice_first": pl.String,
              "voice_second": pl.String, "sentences": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _pairs(passes: Passes) -> Iterator[tuple[int, int]]:
    return combinations(range(len(passes.names)), 2)


def _file_names(paths: Sequence[str]) -> dict[str, str]:
    """Return every path with the name of its file, or itself where two files have one name."""
    names = {path: path.replace("\\", "/").rpartition("/")[2] for path in paths}
    counts = Counter(names.values())
    return {path: name if counts[name] == 1 else path for path, name in names.items()}


def _repeated(annotator: str, parts: Sequence[Rows]) -> Iterator[Problem]:
    """Find sentences that stand in more than one file of an annotator."""
    first: dict[str, str] = {}
    for rows in parts:
        for identifier, line in rows.table.select("id", "line").iter_rows():
            if first.setdefault(identifier, rows.path) != rows.path:
                yield Problem(
                    rows.path, line, "id", f"{identifier!r} (annotator {annotator})",
                    f"one label of the sentence by this annotator ({first[identifier]} has one)",
                    "Remove one of the two rows, or give one another `annotator`.",
                )  # fmt: skip


def _frame_sets(passes: Passes) -> list[tuple[Label, ...]]:
    by_annotator = [
        [None if frames is None else frozenset(frames) for frames in annotator] for annotator in passes.frames
    ]
    return list(zip(*by_annotator, strict=True))


def _has_frame(passes: Passes, frame: str) -> list[tuple[Label, ...]]:
    by_annotator = [
        [None if frames is None else frame in frames for frames in annotator] for annotator in passes.frames
    ]
    return list(zip(*by_annotator, strict=True))


def _row(label: str, found: Agreement) -> tuple[object, ...]:
    return label, found.alpha, found.low, found.high, found.sentences, found.undefined


def _written(frames: list[str] | None, voice: str | None) -> str | None:
    if frames is None:
        return None
    return ";".join(sorted(frames)) + (f" ({voice})" if voice else "")
