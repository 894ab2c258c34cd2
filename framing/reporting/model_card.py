"""The model card of a run, written from its own results.

After Mitchell et al. 2019, "Model cards for model reporting"; the front matter is what Hugging Face reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import yaml

from framing.reporting.cells import cell, known
from framing.reporting.evaluated import Evaluated
from framing.reporting.page import environment
from framing.reporting.sections import heading, with_interval
from framing.reporting.verdict import LIMITS, verdict_parts

ROWS = 40
"""Rows of a table in the card; the report has more."""

VERSION = "version."
"""Begins the name of a tag that gives the version of a package."""

TABLES = {
    "frames": ("frame", "precision", "recall", "f1", "low", "high", "support"),
    "comparisons": ("other", "difference", "low", "high", "p_holm"),
}
"""Columns of tables that the card does not show in full."""


@dataclass(frozen=True)
class Origin:
    """What a model was made from.

    Attributes:
        data: sha256 of every file of sentences and labels, by its path.
        trained_on: number of sentences that the saved model learned from.
        label_origin: who made the labels and how, in full sentences; whether people or a language model.
        made_with: tags of the run: `git_commit`, `codebook_sha256`, `version.<package>`.
        folder: of the saved model, as it is given to `framing.predict`.
    """

    data: Mapping[str, str]
    trained_on: int
    label_origin: str
    made_with: Mapping[str, str]
    folder: str


def model_card(evaluated: Evaluated, origin: Origin) -> str:
    """Return the card as Markdown with YAML front matter; a table without rows is left out."""
    found = evaluated.findings
    card = environment(escape=False)
    card.filters["markdown"] = markdown
    card.filters["table"] = _table
    versions = {
        name.removeprefix(VERSION): value
        for name, value in sorted(origin.made_with.items())
        if name.startswith(VERSION)
    }
    calibration, labels = found.calibration, evaluated.label_counts
    if labels.height:
        labels = labels.group_by("frame", maintain_order=True).agg(pl.sum("sentences"))
    return card.get_template("model_card.md.jinja").render(
        evaluated=evaluated,
        origin=origin,
        front=front_matter(evaluated),
        verdict=verdict_parts(evaluated),
        versions=versions,
        labels=labels,
        columns=TABLES,
        LIMITS=LIMITS,
        calibration=calibration.filter(pl.col("by") == "all") if calibration.height else calibration,
    )


def front_matter(evaluated: Evaluated) -> str:
    """Return the metadata as YAML: tags, metrics and the scores that were measured."""
    row = next(evaluated.findings.models.iter_rows(named=True), {})
    names = {"macro_f1": "macro F1", "micro_f1": "micro F1", "exact_match": "exact match"}
    metrics = [
        {"type": "f1" if "f1" in key else "accuracy", "name": name, "value": round(value, 4)}
        for key, name in names.items()
        if (value := known(row.get(key))) is not None
    ]
    split = evaluated.division() or "an outside file"
    result = {
        "task": {"type": "text-classification", "name": evaluated.codebook.title},
        "dataset": {"type": evaluated.codebook.name, "name": f"{evaluated.codebook.name}, {split}"},
        "metrics": metrics,
    }
    content = {
        "library_name": "framing",
        "pipeline_tag": "text-classification",
        "tags": ["framing", "news", "text-classification", evaluated.codebook.name],
        "metrics": ["f1", "accuracy"],
        "model-index": [{"name": " ".join(evaluated.name.split()), "results": [result]}],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def markdown(text: object) -> str:
    """Return a text in which nothing has a meaning for Markdown's tables or for HTML.

    >>> markdown("a|b <i>")
    'a\\\\|b &lt;i>'
    """
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def _table(frame: pl.DataFrame, columns: tuple[str, ...] | None = None) -> str:
    chosen = frame.select([name for name in columns if name in frame.columns]) if columns else frame
    shown = with_interval(chosen.head(ROWS))
    lines = [
        [markdown(heading(name)) for name in shown.columns],
        ["---:" if dtype.is_numeric() else "---" for dtype in shown.dtypes],
        *[
            [markdown(cell(value, name)) for name, value in zip(shown.columns, row, strict=True)]
            for row in shown.iter_rows()
        ],
    ]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    hidden = frame.height - shown.height
    return f"{text}\n\n{hidden} more rows stand in the report." if hidden else text
