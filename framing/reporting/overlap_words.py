"""What the overlap of the model's words with those of sources says in plain words."""

from collections.abc import Mapping
from typing import Any

from framing.evaluation.lexicon.overlap import ALL_FRAMES
from framing.evaluation.lexicon.tables import DOCUMENTS
from framing.reporting.cells import known
from framing.reporting.evaluated import Evaluated

Row = Mapping[str, Any]

FEW = 10
"""Of fewer words the verdict says nothing."""


def overlap(evaluated: Evaluated) -> Row | None:
    """Return the overlap of all frames together; None where there is none."""
    table = evaluated.findings.word_overlap_summary
    rows = [row for row in table.iter_rows(named=True) if row["frame"] == ALL_FRAMES]
    return rows[0] if rows and known(rows[0]["weighted"]) is not None else None


def above_chance(row: Row) -> bool:
    """Return whether more comes from words that mark a source than in 95% of draws by chance."""
    weighted, high = known(row["weighted"]), known(row["chance_high"])
    return weighted is not None and high is not None and weighted > high


def overlap_remarks(evaluated: Evaluated) -> list[str]:
    """Return the overlap, what it would be by chance, and what that says."""
    row = overlap(evaluated)
    if row is None:
        return []
    return [
        f"{row['weighted']:.0%} of what the listed words add to the frames comes from words that mark a "
        f"source ({row['marking']} of {row['words']} words). By chance it would be "
        f"{row['weighted_by_chance']:.0%} (95% of draws: {row['chance_low']:.0%} to "
        f"{row['chance_high']:.0%}). {_said(row)}",
        f"{row['sources_alone']:.0%} comes from words that mark a source and not the frame within sources: a "
        "model that leans on these may have learned who writes, not how.",
        *_left_out(row),
        *_inference(evaluated),
    ]


def whose_words(evaluated: Evaluated) -> list[str]:
    """Return the sentence of the verdict; nothing if the overlap is no more than chance explains."""
    row = overlap(evaluated)
    if row is None or row["words"] < FEW or not above_chance(row):
        return []
    untested = (
        " (which words mark one rests on too few documents to be tested)" if _untested(evaluated) else ""
    )
    return [
        f"{row['weighted']:.0%} of what its strongest words add to the frames comes from words that mark a "
        f"source, more than the {row['weighted_by_chance']:.0%} to be expected by chance: it may in part "
        f"recognise sources{untested}."
    ]


def _said(row: Row) -> str:
    if above_chance(row):
        return "That is more than chance explains: the model may in part recognise sources."
    if row["weighted"] < row["chance_low"]:
        return "That is less than by chance: its words are rather not those of single sources."
    return "That is no more and no less than chance explains."


def _left_out(row: Row) -> list[str]:
    if not row["not_compared"]:
        return []
    return [f"Not compared, since they are marks or too rare: {row['not_compared']} of the listed words."]


def _inference(evaluated: Evaluated) -> list[str]:
    """Return what a marker is where there are too few documents to test one."""
    if not _untested(evaluated):
        return []
    return [
        "Some sources have too few documents for inference. There a word counts as a marker if its effect "
        "exceeds the noise of single words (z above 1.96), which is no test: the markers describe these "
        "texts only. Chance is reckoned with the same rule."
    ]


def _untested(evaluated: Evaluated) -> bool:
    table = evaluated.findings.word_overlap
    return table.height > 0 and bool((table["inference"].drop_nulls() != DOCUMENTS).any())
