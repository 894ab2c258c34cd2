"""The sections about how good the predictions are, and where they are not."""

import polars as pl

from framing.reporting.evaluated import Evaluated
from framing.reporting.sections import Block, Section, block, heat

PARTS = {
    "source": "By source, in alphabetical order", "voice": "By labelled voice",
    "register": "By register", "words": "By length in words",
}  # fmt: skip


def models(evaluated: Evaluated) -> Section:
    """Return the evaluated model beside the others."""
    found = evaluated.findings
    blocks = [
        block(
            "Scores of all models",
            found.models,
            "models",
            note="micro F1: all frame decisions together. exact match: share of sentences with exactly the "
            "right frames. voice macro F1: mean over the voices, on sentences that have one.",
        )
    ]
    if found.intervals.height:
        blocks.append(block("Macro F1 by what is drawn", found.intervals, "intervals", folded=True))
    return Section(
        "models", "Models",
        "Macro F1 is the mean of the F1 of all frames: 1 is perfect, and a rare frame counts as much as a "
        "common one. The interval says how far the score could lie from here if other articles of the "
        "same kind had been drawn; the notices say where single sentences were drawn instead.",
        "It does not cover wrong labels, nor outlets, wars and times unlike these. Models that read no "
        "text (majority, source_only) and the dictionary show what the score is worth.",
        figures=[("intervals", "Macro F1 of every model with its 95% intervals")],
        blocks=blocks,
    )  # fmt: skip


def comparisons(evaluated: Evaluated) -> Section:
    """Return the paired comparisons."""
    table = evaluated.findings.comparisons
    tests = ["model", "other", "only_model", "only_other", "mcnemar_p", "mcnemar_p_holm"]
    differences = table.drop([name for name in tests[2:] if name in table.columns])
    return Section(
        "comparisons", "Comparisons",
        "Each row sets the model against another one on the same sentences. If the interval of the "
        "difference excludes 0, the two differ on these data; Holm's p accounts for making several "
        "comparisons.",
        "An interval that holds 0 does not show that two models are equally good: the data may be too few.",
        blocks=[
            block(
                "Difference of macro F1",
                differences,
                "comparisons",
                note="detectable: the smallest difference of macro F1 that would be found 80 times in 100.",
            ),
            block(
                "Sentences that only one of the two has exactly right",
                table.select([name for name in tests if name in table.columns]),
                "comparisons",
                note="McNemar's test takes sentences as independent.",
            ),
        ],
    )  # fmt: skip


def frames(evaluated: Evaluated) -> Section:
    """Return the scores by frame, and how many labels there are."""
    blocks = [
        block(
            "Scores by frame",
            evaluated.findings.frames,
            "frames",
            note="average precision: how well the probabilities order the sentences, whatever the threshold. "
            "support: sentences labelled with the frame. predicted: sentences that were given it.",
        )
    ]
    if evaluated.label_counts.height:
        blocks.append(heat("Labels by frame and source", evaluated.label_counts, "source", "frame",
                           "label_counts"))  # fmt: skip
    return Section(
        "frames", "Frames",
        "Precision: how many of the sentences that were given the frame have it. Recall: how many of the "
        "sentences that have it were found. F1 is high only if both are.",
        "With few labelled sentences (support) a score says little, however high or low it is.",
        figures=[("frames", "F1 of every frame with its 95% interval, precision and recall")],
        blocks=blocks,
    )  # fmt: skip


def failures(evaluated: Evaluated) -> Section:
    """Return the scores of parts of the sentences, and what is taken for what."""
    found = evaluated.findings
    figures = [("slices", "Macro F1 of every part with its 95% interval")] if found.slices.height else []
    blocks = _parts(found.slices)
    if found.frame_confusion.height:
        caption = (
            "Mistakes: a frame that was missed (or nothing was), and what was given in the same sentence "
            "without being labelled there (or nothing was)"
        )
        blocks.append(heat(caption, _in_order(found.frame_confusion, evaluated), "frame", "taken_for",
                           "frame_confusion"))  # fmt: skip
    if found.voice_confusion.height:
        blocks.append(heat("Voice: labelled against predicted", found.voice_confusion, "voice", "predicted",
                           "voice_confusion"))  # fmt: skip
    if found.voices.height:
        note = "On the sentences that have a voice, whatever frames were predicted."
        blocks.append(block("Scores by voice", found.voices, "voices", note=note))
    return Section(
        "failures", "Where it fails",
        "The same scores on parts of the sentences; then what is confused with what (a stronger tint: "
        "more sentences).",
        "Parts differ in size and in the frames they hold, so a low score need not be the fault of what "
        "names the part. Scores by source do not rank the sources.",
        figures=figures,
        blocks=blocks,
    )  # fmt: skip


def _parts(slices: pl.DataFrame) -> list[Block]:
    if not slices.height:
        return []
    blocks = []
    for by in slices["by"].unique(maintain_order=True).to_list():
        part = slices.filter(pl.col("by") == by).drop("by")
        ordered = part.sort("part") if by == "source" else part
        caption = PARTS.get(by, f"By {by}")
        blocks.append(block(caption, ordered, "slices", folded=by != "source"))
    return blocks


def _in_order(confusion: pl.DataFrame, evaluated: Evaluated) -> pl.DataFrame:
    """Return a row for every two frames, in the codebook's order; what is no frame comes last."""
    place = {frame: number for number, frame in enumerate(evaluated.codebook.frame_ids)}
    columns = [
        confusion.select(name).unique(maintain_order=True).sort(_place(name, place), maintain_order=True)
        for name in ("frame", "taken_for")
    ]
    every = columns[0].join(columns[1], how="cross")
    return every.join(confusion, on=["frame", "taken_for"], how="left", maintain_order="left")


def _place(column: str, place: dict[str, int]) -> pl.Expr:
    return pl.col(column).replace_strict(place, default=len(place), return_dtype=pl.Int64)


def mentions(evaluated: Evaluated) -> Section:
    """Return how sentences that only report a frame are treated."""
    table = evaluated.findings.mentions
    overall = table.filter(pl.col("frame") == "all frames").drop("frame")
    by_frame = table.filter(pl.col("frame") != "all frames")
    blocks = []
    if overall.height:
        blocks.append(
            block(
                "All frames together",
                overall,
                "mentions",
                note="Counted are sentences and frames together: a sentence with two frames counts twice. "
                "with frame: sentences that have the frame in this voice; found: those that were given "
                "it. without frame: sentences of this voice without the frame; false alarms: those that were "
                "given it. taken for use: found, and predicted to be asserted although it is not.",
            )
        )
    if by_frame.height:
        blocks.append(block("By frame", by_frame, "mentions", folded=True))
    return Section(
        "mentions", "Use and mention",
        "Reporting that somebody speaks of a liberation is not calling it one. The rows divide the "
        "sentences by voice: asserted frames are the writer's own, attributed and contested ones are "
        "somebody else's.",
        "The voice belongs to the sentence's main claim; a second claim in another voice is not seen.",
        blocks=blocks,
    )  # fmt: skip
