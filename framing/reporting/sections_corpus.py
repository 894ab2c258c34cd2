"""The sections about labels and sources: how many, which are doubted, how often."""

from collections.abc import Mapping

import polars as pl

from framing.evaluation.comparison import spread
from framing.reporting.cells import interval, known
from framing.reporting.evaluated import Evaluated
from framing.reporting.sections import Block, Section, block, cut, matrix

ISSUES = 30
"""Doubted labels on the page."""

LENGTH = 300
"""Characters of a sentence in a table."""


def learning(evaluated: Evaluated) -> Section:
    """Return the score against the number of sentences learned from."""
    found = evaluated.findings
    blocks, figures = [], []
    if found.learning_curve.height:
        figures = [("learning_curve", "Macro F1 against the number of sentences learned from")]
        blocks.append(
            block("Mean of the repeats", _means(found.learning_curve), "learning_curve", folded=True,
                  note="The interval is over the repeats: which sentences were learned from, not which were "
                       "scored.")
        )  # fmt: skip
    if found.learning_gain.height:
        blocks.insert(0, block("What more labels would bring", found.learning_gain, "learning_gain"))
    return Section(
        "learning", "Learning curve",
        "The model is fitted again on smaller parts; each dot is one draw. Where the line still rises, more "
        "labels should help.",
        "Where a gain of more labels is told, it is an extrapolation from the curve's shape and no "
        "measurement; it holds only for further sentences like these.",
        figures=figures,
        blocks=blocks,
    )  # fmt: skip


def _means(curve: pl.DataFrame) -> pl.DataFrame:
    """Return the mean score of every share, with its interval over the repeats."""
    rows = []
    known = curve.filter(pl.col("macro_f1").cast(pl.Float64).is_finite())
    for (share,), part in known.sort("share").group_by("share", maintain_order=True):
        found = spread(part["macro_f1"].to_list())
        rows.append(
            {
                "share": share,
                "repeats": found.n,
                "sentences": round(float(part["sentences"].to_numpy().mean())),
                "macro_f1": found.mean,
                "low": None if found.low is None else max(0.0, found.low),
                "high": None if found.high is None else min(1.0, found.high),
            }
        )
    return pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64})


def label_issues(evaluated: Evaluated) -> Section:
    """Return the sentences whose label is doubted."""
    table = evaluated.findings.label_issues
    texts = evaluated.sentences.select("id", "text")
    shown = table.head(ISSUES).join(texts, on="id", how="left", maintain_order="left")
    shown = shown.with_columns(
        pl.col("text").fill_null("").map_elements(lambda text: cut(text, LENGTH), return_dtype=pl.String)
    )
    doubted = Block(
        "Labels to read again, the likeliest mistakes first", shown,
        hidden=table.height - shown.height, file="label_issues",
        note="labelled: whether the sentence has the frame by its label. probability: the model's. "
        "quality: 0 is worst.",
    )  # fmt: skip
    return Section(
        "issues", "Doubted labels",
        "Here the model, which had not learned from the sentence, clearly disagrees with its label. Read "
        "them again with the codebook.",
        "These are no found errors: often it is the model that is wrong.",
        blocks=[doubted],
    )  # fmt: skip


def prevalence(evaluated: Evaluated) -> Section:
    """Return how often each source has each frame, corrected for the model's errors."""
    table = evaluated.findings.prevalence.sort("source", maintain_order=True)
    shares = [_share(row) for row in table.iter_rows(named=True)]
    corrected = table.with_columns(pl.Series("share", shares, dtype=pl.String))
    return Section(
        "prevalence", "Prevalence by source",
        "The share of each source's sentences that have a frame, estimated from the predictions and "
        "corrected for how often the model misses the frame and wrongly gives it, with its 95% interval.",
        "Sources stand in alphabetical order: this is no ranking. The sentences are no random sample of what "
        "an outlet publishes, and events differ between sources.",
        blocks=[
            matrix("Corrected share with its 95% interval", corrected, "source", "frame", "share",
                   "prevalence"),
            block("Labelled, predicted and corrected shares", table, "prevalence", folded=True),
        ],
    )  # fmt: skip


def _share(row: Mapping[str, object]) -> str | None:
    share = known(row["corrected"])
    if share is None:
        return None
    between = interval(row)
    return f"{share:.2f} ({between})" if between else f"{share:.2f}"
