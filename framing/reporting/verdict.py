"""What the tables say in plain words, and what they do not say: never more than the data show."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from framing.evaluation.slices import NOTHING_MISSED, NOTHING_WRONG
from framing.reporting.cells import interval, known
from framing.reporting.evaluated import Evaluated
from framing.reporting.overlap_words import whose_words

BASELINES = {
    "dictionary": "the dictionary (a list of words for each frame)",
    "source_only": "source_only (it knows the source and reads no text)",
    "majority": "majority (it reads nothing)",
}
"""What a reader is told about models that stand beside the evaluated one to judge it, in this order."""

COMPARED = 6
"""Comparisons that are put into words; the others stand in the table."""

FEW = 20
"""With fewer labelled sentences, a score of a frame says little."""

FEW_CHANGED = 10
"""Of fewer changed sentences nothing is said."""

LIMITS = "What must not be concluded"

SIGNIFICANT = 0.05

Row = Mapping[str, Any]


def verdict(evaluated: Evaluated) -> list[str]:
    """Return what was found, in a few sentences for people who read no tables."""
    return [sentence for sentences in verdict_parts(evaluated).values() for sentence in sentences]


def verdict_parts(evaluated: Evaluated) -> dict[str, list[str]]:
    """Return the sentences of the verdict under what they are about, in this order.

    Each sentence is made from the tables of `evaluated.findings`; a table without rows says nothing.
    A difference is called one only if its interval excludes 0.
    """
    parts = {
        "How well it does": (_score, _drawn, _wider_interval, _other_split),
        "Beside other models": (_comparisons, _missing_dictionary),
        "What fails most": (_weakest_frames, _confusion, _sources, _mentions, _perturbations, whose_words),
        LIMITS: (_not_shown,),
    }
    said = {
        heading: [sentence for part in functions for sentence in part(evaluated)]
        for heading, functions in parts.items()
    }
    return {heading: sentences for heading, sentences in said.items() if sentences}


def _score(evaluated: Evaluated) -> list[str]:
    row = next(evaluated.findings.models.iter_rows(named=True), {})
    score = known(row.get("macro_f1"))
    if score is None:
        return ["There is no score: no frame has a labelled sentence."]
    between = interval(row)
    precision = f"95% interval {between}" if between else "no interval: too few groups to draw from"
    sources = evaluated.sources()
    where = f" from {_count(len(sources), 'source')}" if sources else ""
    return [
        f"{evaluated.model} reaches a macro F1 of {score:.2f} ({precision}) on "
        f"{_count(evaluated.sentences.height, 'labelled sentence')}{where}.",
        _origin(evaluated),
    ]


def _origin(evaluated: Evaluated) -> str:
    if evaluated.split is None:
        return (
            "The predictions come from a file; whether their model had learned from these sentences "
            "cannot be seen here, and if it had, the scores are too good."
        )
    return (
        f"Every sentence was predicted by a model that was not fitted on it (split: {evaluated.division()})."
    )


def _drawn(evaluated: Evaluated) -> list[str]:
    """Return what the intervals are worth where single sentences had to be drawn."""
    table = evaluated.findings.intervals
    if not table.height:
        return []
    own = table.filter((pl.col("model") == evaluated.model) & (pl.col("drawn") == "article"))
    if own.height != 1 or own["low"][0] is not None:
        return []
    articles = _count(own["groups"][0], "article")
    return [f"All intervals draw single sentences of {articles}: they say nothing about other articles."]


def _wider_interval(evaluated: Evaluated) -> list[str]:
    """Return the interval over whole sources, which is about sources that were never seen."""
    table = evaluated.findings.intervals
    if not table.height:
        return []
    own = table.filter((pl.col("model") == evaluated.model) & (pl.col("drawn") == "source"))
    return [
        f"Drawn by whole sources, {row['groups']} of them, the interval is {between}."
        for row in own.iter_rows(named=True)
        if (between := interval(row)) and row["groups"] > 1
    ][:1]


def _comparisons(evaluated: Evaluated) -> list[str]:
    table = evaluated.findings.comparisons
    rows = [row for row in table.iter_rows(named=True) if row["model"] == evaluated.model]
    ordered = sorted(rows, key=lambda row: _place(row["other"]))
    further = len(ordered) - COMPARED
    more = [f"{_count(further, 'more comparison')} can be read in the table."] if further > 0 else []
    return [_compared(row) for row in ordered[:COMPARED]] + more


def _place(model: str) -> int:
    names = list(BASELINES)
    return names.index(model) if model in names else len(names)


def _compared(row: Row) -> str:
    other = BASELINES.get(row["other"], row["other"])
    between, low, high = interval(row, "+.2f"), known(row["low"]), known(row["high"])
    if known(row["difference"]) is None:
        return f"It could not be compared with {other}."
    if between is None or low is None or high is None:
        return (
            f"Compared with {other} its macro F1 differs by {row['difference']:+.2f}; there are too few "
            "groups for an interval, so this may be chance."
        )
    found = f"difference {row['difference']:+.2f}, 95% interval {between}"
    if low <= 0 <= high:
        return (
            f"It is not shown to be better or worse than {other}: {found}, which holds 0.{_detectable(row)}"
        )
    return f"On these sentences it is {'better' if low > 0 else 'worse'} than {other}: {found}.{_holm(row)}"


def _detectable(row: Row) -> str:
    smallest = known(row.get("detectable"))
    return f" Differences under {smallest:.2f} would often stay unseen with these data." if smallest else ""


def _holm(row: Row) -> str:
    p = known(row.get("p_holm"))
    if p is None or p <= SIGNIFICANT:
        return ""
    return f" Corrected for the number of comparisons this is no longer clear (Holm p = {p:.3f})."


def _missing_dictionary(evaluated: Evaluated) -> list[str]:
    names = evaluated.findings.models["model"].to_list()
    if evaluated.model == "dictionary" or "dictionary" in names:
        return []
    return ["No dictionary stood beside it, so whether a list of words would do as well is not known."]


def _weakest_frames(evaluated: Evaluated) -> list[str]:
    table = evaluated.findings.frames
    supported = table.filter((pl.col("support") > 0) & pl.col("f1").cast(pl.Float64).is_finite())
    never = supported.filter(pl.col("predicted") == 0)
    weakest = (
        supported.filter((pl.col("predicted") > 0) & (pl.col("f1") < 1))
        .sort("f1", maintain_order=True)
        .head(2)
    )
    unseen = table.filter(pl.col("support") == 0)["frame"].to_list()
    said = []
    if never.height:
        said.append(f"It never finds {_listed(map(_with_support, never.iter_rows(named=True)))}.")
    if weakest.height and supported.height > 2:
        frames = [f"{row['frame']} (F1 {row['f1']:.2f})" for row in weakest.iter_rows(named=True)]
        among = "Of the frames that it gives at all" if never.height else "Of the frames"
        said.append(f"{among} it is weakest on {_listed(frames)}.")
    if unseen:
        said.append(f"No sentence is labelled {_listed(unseen, 'or')}, so nothing is known about finding it.")
    return said


def _with_support(row: Row) -> str:
    return f"{row['frame']} ({row['support']} labelled)"


def _confusion(evaluated: Evaluated) -> list[str]:
    table = evaluated.findings.frame_confusion
    if not table.height:
        return []
    most = (
        table.filter(pl.col("sentences") > 1).sort("sentences", descending=True, maintain_order=True).head(1)
    )
    return [
        f"The commonest mistake: {_mistake(row)} ({_count(row['sentences'], 'sentence')})."
        for row in most.iter_rows(named=True)
    ]


def _mistake(row: Row) -> str:
    if row["frame"] == NOTHING_MISSED:
        return f"{row['taken_for']} is given where it is not labelled, and nothing is missed"
    if row["taken_for"] == NOTHING_WRONG:
        return f"{row['frame']} is missed, and no other frame is given in its place"
    return f"{row['taken_for']} is given where {row['frame']} is labelled"


def _sources(evaluated: Evaluated) -> list[str]:
    """Return the range over sources."""
    table = evaluated.findings.slices
    if not table.height:
        return []
    scores = [known(value) for value in table.filter(pl.col("by") == "source")["macro_f1"].to_list()]
    by_source = [value for value in scores if value is not None]
    if len(by_source) < 2 or min(by_source) == max(by_source):
        return []
    return [
        f"Within single sources macro F1 lies between {min(by_source):.2f} and {max(by_source):.2f}; "
        "their sentences and frames differ, so this compares no sources."
    ]


def _mentions(evaluated: Evaluated) -> list[str]:
    table = evaluated.findings.mentions
    if not table.height:
        return []
    overall = table.filter((pl.col("frame") == "all frames") & (pl.col("taken_for_use") > 0))
    voices = [
        f"{row['taken_for_use']} of the {row['found']} {row['voice']} frames that it found"
        for row in overall.iter_rows(named=True)
    ]
    if not voices:
        return []
    return [
        f"It took {_listed(voices)} for asserted ones: "
        "what a writer only reports, for the writer's own framing."
    ]


def _other_split(evaluated: Evaluated) -> list[str]:
    """Return the split whose score differs most from the run's own."""
    table = evaluated.findings.splits
    if not table.height:
        return []
    gap = pl.col("gap").cast(pl.Float64)
    others = table.filter((pl.col("split") != (evaluated.split or "")) & gap.is_finite())
    most = others.sort(gap.abs(), descending=True, maintain_order=True).head(1)
    return [
        f"Divided by the split {row['split'].replace('_', ' ')}, the same model scores "
        f"{row['macro_f1']:.2f} ({row['gap']:+.2f}, without an interval): a score means little without its "
        "split."
        for row in most.iter_rows(named=True)
    ]


def _perturbations(evaluated: Evaluated) -> list[str]:
    table = evaluated.findings.perturbations
    if not table.height:
        return []
    enough = (pl.col("sentences") >= FEW_CHANGED) & (pl.col("as_expected") < pl.col("sentences"))
    tried = table.filter(enough)
    return [
        f'Of the changes made to sentences on purpose, "{row["perturbation"].replace("_", " ")}" '
        f"goes wrong most: {row['as_expected']} of {row['sentences']} predictions are as expected."
        for row in tried.sort("share", maintain_order=True).head(1).iter_rows(named=True)
    ]


def _not_shown(evaluated: Evaluated) -> list[str]:
    frames = evaluated.findings.frames
    few = frames.filter((pl.col("support") > 0) & (pl.col("support") < FEW))["frame"].to_list()
    sources = len(evaluated.sources())
    said = []
    if few:
        said.append(
            f"Fewer than {FEW} sentences are labelled {_listed(few, 'or')}: such a score says little."
        )
    if 0 < sources < FEW:
        said.append(
            f"{_count(sources, 'source')} cannot show how it does on sources in general."
            if sources > 1
            else "One source cannot show how it does on any other."
        )
    return [
        *said,
        "Do not conclude from these numbers which source is better or worse, what a person or an outlet "
        "intends, which label a single sentence must have, or how the model does on other wars, "
        "languages and times.",
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(names: Iterable[str], last: str = "and") -> str:
    *first, end = names
    return f"{', '.join(first)} {last} {end}" if first else end
