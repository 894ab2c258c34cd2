"""The sections about what the scores could rest on besides framing, and whether to trust probabilities."""

from collections.abc import Mapping

import polars as pl

from framing.reporting.cells import interval, known
from framing.reporting.evaluated import Evaluated
from framing.reporting.sections import Block, Changed, Section, block, changed, matrix

FAILURES = 10
"""Changed sentences of a perturbation that are shown."""

PERTURBATIONS = 12
LENGTH = 300
"""Characters of a sentence in a table."""


def probes(evaluated: Evaluated) -> Section:
    """Return what could explain the scores without framing."""
    return Section(
        "probes", "Leakage probes",
        "What could explain the scores without any framing: if the source can be guessed from a sentence, "
        "a model can score by recognising outlets. Read each value beside its reference.",
        "A high value does not prove that the model takes this way, and a low one does not prove that it "
        "takes none.",
        blocks=[block("Probes", evaluated.findings.probes, "probes")],
    )  # fmt: skip


def splits(evaluated: Evaluated) -> Section:
    """Return the scores of the same model on other splits."""
    return Section(
        "splits", "Other splits",
        "The same model, with the sentences divided otherwise. The gap is that split's macro F1 less this "
        "run's own: what a score gains when sentences of the same article or source are learned from.",
        "The gaps are of these data; they do not say how a particular new outlet would do.",
        blocks=[block("The same model on other splits", evaluated.findings.splits, "splits")],
    )  # fmt: skip


def perturbations(evaluated: Evaluated) -> Section:
    """Return how predictions follow changes of the text."""
    found = evaluated.findings
    remarks = []
    if found.perturbed.height:
        failed = found.perturbed.filter(~pl.col("as_expected")).height
        tried = found.perturbed["as_expected"].count()
        shown = len(failed_changes(evaluated))
        remarks.append(
            f"{failed:,} of {tried:,} changed sentences were not predicted as expected; "
            f"{shown} can be read below, the others in tables/perturbed.csv."
        )
    return Section(
        "perturbations", "Invariance and direction",
        "Sentences are changed by rule and predicted again. Invariance: the prediction should stay, as when "
        "the two sides are swapped. Direction: it should change as the codebook says.",
        "It does not show that a prediction was right before the change, and a rule touches only sentences "
        "that hold its words.",
        blocks=[
            block("Changes", found.perturbations, "perturbations",
                  note="shift: mean absolute change of the frames' probabilities.")
        ],
        changed=failed_changes(evaluated),
        remarks=remarks,
    )  # fmt: skip


def failed_changes(evaluated: Evaluated) -> list[Changed]:
    """Return the first changed sentences of every perturbation that were not predicted as expected."""
    table = evaluated.findings.perturbed
    if not table.height:
        return []
    failed = table.filter(~pl.col("as_expected"))
    names = failed["perturbation"].unique(maintain_order=True).to_list()[:PERTURBATIONS]
    return [
        changed(row, LENGTH)
        for name in names
        for row in failed.filter(pl.col("perturbation") == name).head(FAILURES).iter_rows(named=True)
    ]


def sets(evaluated: Evaluated) -> Section:
    """Return how often all members of a contrast set are right."""
    return Section(
        "sets", "Contrast sets",
        "A contrast set holds sentences that differ in the few words that change their labels; it is right "
        "only if all of its members are. Compare this with the share by chance: what it would be if the "
        "same errors fell anywhere.",
        "Such sentences are made for the purpose, so the share does not carry over to news text.",
        blocks=[block("Contrast sets", evaluated.findings.sets, "sets")],
    )  # fmt: skip


def calibration(evaluated: Evaluated) -> Section:
    """Return whether probabilities mean what they say."""
    found = evaluated.findings
    figures = []
    if found.reliability.height:
        figures.append(("reliability", "Share of decisions that hold against the predicted probability"))
    if found.coverage.height:
        figures.append(("risk_coverage", "Risk and macro F1 against the share of sentences decided on"))
    return Section(
        "calibration", "Calibration",
        "Of all decisions made with a probability of 0.8, eight in ten should hold: then the points lie on "
        "the diagonal, and the expected calibration error (ECE) is near 0. Risk against coverage shows how "
        "errors fall when the model may leave the least sure sentences to a person.",
        "Good calibration does not mean that frames are told apart: always giving a frame's share is "
        "calibrated too.",
        figures=figures,
        blocks=_calibration_tables(found.calibration),
    )  # fmt: skip


def _calibration_tables(table: pl.DataFrame) -> list[Block]:
    """Return all decisions in full, and the ECE of every source and frame by scaling."""
    if not table.height:
        return []
    whole = table.filter(pl.col("by") == "all").drop("by", "part")
    note = "ECE: mean distance between probability and share. Brier: mean squared error."
    blocks = [block("All decisions", whole, "calibration", note=note)]
    captions = {"source": "ECE by source, in alphabetical order", "frame": "ECE by frame"}
    for by, caption in captions.items():
        part = table.filter(pl.col("by") == by).rename({"part": "of"})
        ordered = part.sort("of", maintain_order=True) if by == "source" else part
        errors = [_error(row) for row in ordered.iter_rows(named=True)]
        named = (
            ordered.with_columns(pl.Series("error", errors, dtype=pl.String)).drop("by").rename({"of": by})
        )
        if part.height:
            blocks.append(matrix(caption, named, by, "scaling", "error", "calibration"))
    return blocks


def _error(row: Mapping[str, object]) -> str | None:
    error, between = known(row["ece"]), interval(row, ".3f")
    if error is None:
        return None
    return f"{error:.3f} ({between})" if between else f"{error:.3f}"
