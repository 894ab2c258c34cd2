"""How often a corpus uses the labels of a codebook, and which of its labels the codebook knows not."""

import difflib
from dataclasses import dataclass

import polars as pl

from framing.core.codebook import Codebook
from framing.core.errors import Problem
from framing.data.candidates import LabelledRows

SHOWN = 10


@dataclass(frozen=True, eq=False)
class Usage:
    """What a corpus and a codebook have in common.

    Attributes:
        labels: one row a frame and a voice: `label`, `what` (frame or voice), `sentences`, `sources`,
            `articles` and `remark` ("" when nothing is wrong).
        unknown: one row an unknown label and file: `label`, `what`, `file`, `sentences`, `lines` (of the
            file, from 1, the first ten in full) and `similar` (a label of the codebook that is spelled
            like it, "" without one).
        problems: other things wrong with the rows.
        set_aside: number of sentences that are not counted, because of their kind.
    """

    labels: pl.DataFrame
    unknown: pl.DataFrame
    problems: list[Problem]
    set_aside: int

    @property
    def remarked(self) -> pl.DataFrame:
        """The labels with a remark."""
        return self.labels.filter(pl.col("remark") != "")


def label_usage(
    codebook: Codebook, rows: LabelledRows, exclude_kinds: list[str], *, min_sentences: int, min_sources: int
) -> Usage:
    """Compare the labels of a corpus with those of a codebook.

    Args:
        codebook: the labels there should be.
        rows: sentences with labels as the files give them.
        exclude_kinds: kinds of sentence that nothing is learned from; their labels are not counted, but
            have to be known.
        min_sentences: a label in fewer sentences is too rare to learn.
        min_sources: a label in fewer sources too.
    """
    given = _given_labels(codebook, rows.table)
    known = pl.DataFrame(
        [("frame", label) for label in codebook.frame_ids]
        + [("voice", label) for label in codebook.voice_ids],
        schema=["what", "label"],
        orient="row",
    )
    unknown = given.join(known, on=["what", "label"], how="anti", maintain_order="left")
    told = set(unknown.select("file", "line").iter_rows())
    aside = pl.col("kind").is_in(exclude_kinds)
    return Usage(
        _counted(known, given.filter(~aside), min_sentences, min_sources),
        _by_label(codebook, unknown),
        [problem for problem in rows.problems if (problem.file, problem.line) not in told],
        rows.table.filter(aside).height,
    )


def _counted(known: pl.DataFrame, given: pl.DataFrame, min_sentences: int, min_sources: int) -> pl.DataFrame:
    counts = given.group_by("what", "label").agg(
        sentences=pl.len(), sources=pl.col("source").n_unique(), articles=pl.col("article").n_unique()
    )
    labels = known.join(counts, on=["what", "label"], how="left", maintain_order="left").with_columns(
        pl.col("sentences", "sources", "articles").fill_null(0)
    )
    remarks = [
        _remark(sentences, sources, min_sentences, min_sources)
        for sentences, sources in labels.select("sentences", "sources").iter_rows()
    ]
    return labels.select("label", "what", "sentences", "sources", "articles").with_columns(
        remark=pl.Series(remarks, dtype=pl.String)
    )


def _by_label(codebook: Codebook, unknown: pl.DataFrame) -> pl.DataFrame:
    grouped = unknown.group_by("label", "what", "file", maintain_order=True).agg("line")
    similar = [_similar(codebook, what, label) for what, label in grouped.select("what", "label").iter_rows()]
    lines = [_listed(sorted(found)) for found in grouped["line"].to_list()]
    return grouped.select("label", "what", "file", sentences=pl.col("line").list.len()).with_columns(
        lines=pl.Series(lines, dtype=pl.String), similar=pl.Series(similar, dtype=pl.String)
    )


def _listed(lines: list[int]) -> str:
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return ", ".join(map(str, lines[:SHOWN])) + more


def _given_labels(codebook: Codebook, table: pl.DataFrame) -> pl.DataFrame:
    """Return one row a sentence and label, each label of a sentence once."""
    place = ["file", "line", "id", "source", "article", "kind"]
    frames = table.explode("frames").select(*place, what=pl.lit("frame"), label="frames")
    parts = [frames]
    if codebook.voice_ids:
        parts.append(table.select(*place, what=pl.lit("voice"), label="voice"))
    given = pl.concat(parts).filter(pl.col("label").is_not_null())
    return given.unique(["file", "line", "what", "label"], maintain_order=True)


def _remark(sentences: int, sources: int, min_sentences: int, min_sources: int) -> str:
    if not sentences:
        return "never used"
    remarks = []
    if sentences < min_sentences:
        remarks.append(f"too rare to learn: fewer than {min_sentences} sentences")
    if sources < min_sources:
        remarks.append("in one source only" if sources == 1 else f"in fewer than {min_sources} sources")
    return "; ".join(remarks)


def _similar(codebook: Codebook, what: str, label: str) -> str:
    ids = codebook.frame_ids if what == "frame" else codebook.voice_ids
    return next(iter(difflib.get_close_matches(label, ids, n=1)), "")
