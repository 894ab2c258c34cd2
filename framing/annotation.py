"""Several annotators' labels of the same sentences, beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from framing.core.codebook import Codebook
from framing.core.errors import CorpusError, FramingError
from framing.data.loading import load_labels
from framing.data.reading import Rows
from framing.data.validation import pairing_problems, sentence_problems
from framing.evaluation.agreement import Agreement, Label, agreement


@dataclass(frozen=True, eq=False)
class Passes:
    """Labels of n sentences by k annotators.

    Attributes:
        codebook: what the labels mean.
        names: of the k annotators, the names of their files.
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
        paths: one file of labels an annotator, at least two; not everybody need have labelled all.
        sentences: the corpus that they labelled, read and not yet validated.

    Raises:
        FramingError: fewer than two files, or labels that the codebook or the corpus does not know.
    """
    if len(paths) < 2:
        raise FramingError(
            f"passes={list(paths)}: found {len(paths)} file(s), expected at least two annotators."
        )
    problems = sentences.problems + sentence_problems(sentences.table, sentences.path, sentences.unit)
    all_rows = [load_labels(codebook, path) for path in paths]
    for rows in all_rows:
        strays = pairing_problems(sentences.table, sentences.path, rows.table, rows.path)
        problems += rows.problems + [problem for problem in strays if problem.file == rows.path]
    if problems:
        raise CorpusError(problems)
    order = sentences.table.select("id", pl.coalesce("article", "id").alias("article"), "text")
    joined = [order.join(rows.table, on="id", how="left", maintain_order="left") for rows in all_rows]
    return Passes(
        codebook=codebook,
        names=tuple(path.replace("\\", "/").rpartition("/")[2] for path in paths),
        sentences=order,
        frames=tuple(table["frames"].to_list() for table in joined),
        voices=tuple(table["voice"].to_list() for table in joined),
    )


def alpha_table(passes: Passes, *, by_article: bool, draws: int, seed: int) -> pl.DataFrame:
    """Return alpha for every frame, and for voice where the codebook knows voices.

    A frame is a yes or no of every sentence. Voice is compared where both annotators gave one.

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
    if passes.codebook.voice_ids:
        labels = list(zip(*passes.voices, strict=True))
        rows.append(_row("voice", agreement(labels, clusters, draws=draws, seed=seed)))
    schema = {"label": pl.String, "alpha": pl.Float64, "low": pl.Float64, "high": pl.Float64,
              "sentences": pl.Int64, "undefined": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def disagreements(passes: Passes) -> pl.DataFrame:
    """Return the sentences that not all annotators labelled alike: `id`, `text`, and each one's labels."""
    columns = {
        name: [
            _written(frames, voice) for frames, voice in zip(passes.frames[k], passes.voices[k], strict=True)
        ]
        for k, name in enumerate(passes.names)
    }
    table = passes.sentences.select("id", "text").with_columns(
        [pl.Series(name, values, dtype=pl.String) for name, values in columns.items()]
    )
    first, *others = passes.names
    differs = pl.any_horizontal([pl.col(first) != pl.col(other) for other in others])
    return table.filter(differs)


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
