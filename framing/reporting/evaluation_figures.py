"""The figures of an evaluation, each made from one of its tables."""

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from framing.reporting.evaluated import Evaluated
from framing.reporting.figures import COLOURS, STYLE
from framing.reporting.lexicon_figures import terms_figure
from framing.reporting.sections_words import shown_lexicon

WIDTH = 5.6
"""Of a figure, in inches: readable on a page and not too small on a phone."""

QUIET = "#667079"
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
PARTS = 15
"""Parts of a kind that are drawn; more stand in the table."""

PAPER: dict[Any, Any] = STYLE | {
    "axes.edgecolor": QUIET, "axes.grid": True, "axes.grid.axis": "x", "axes.axisbelow": True,
    "grid.color": "#e3e6e9", "grid.linewidth": 0.8, "xtick.color": "#333333", "ytick.color": "#333333",
    "xtick.major.size": 0, "ytick.major.size": 0, "font.size": 9.5,
    "legend.frameon": False, "legend.fontsize": 8,
}  # fmt: skip


def evaluation_figures(evaluated: Evaluated) -> dict[str, Figure]:
    """Return the figures whose table has rows, by name."""
    found = evaluated.findings
    whole = found.models["macro_f1"][0] if found.models.height else None
    models = found.models if found.models.height > 1 else pl.DataFrame()  # one point is no figure
    drawn: Mapping[str, tuple[pl.DataFrame, Callable[[pl.DataFrame], Figure]]] = {
        "intervals": (found.intervals if found.intervals.height else models, intervals_figure),
        "frames": (found.frames, frame_intervals_figure),
        "slices": (found.slices, lambda table: slices_figure(table, whole)),
        "reliability": (found.reliability, reliability_figure),
        "risk_coverage": (found.coverage, risk_coverage_figure),
        "learning_curve": (found.learning_curve,
                           lambda table: learning_curve_figure(table, found.learning_gain)),
    }  # fmt: skip
    figures = {name: draw(table) for name, (table, draw) in drawn.items() if table.height}
    lexicon, settings = shown_lexicon(evaluated), evaluated.lexicon_settings
    if lexicon.height and settings is not None:
        figures["lexicon"] = terms_figure(lexicon, settings)
    return figures


def intervals_figure(intervals: pl.DataFrame) -> Figure:
    """Draw macro F1 of every model with its intervals, one line for each thing that is drawn.

    Args:
        intervals: `model`, `macro_f1`, `low`, `high`; `drawn` if there are several intervals.
    """
    models = intervals["model"].unique(maintain_order=True).to_list()
    drawn = intervals["drawn"].unique(maintain_order=True).to_list() if "drawn" in intervals.columns else []
    with mpl.rc_context(PAPER):
        figure, axes = _rows(models, 0.17 * max(1, len(drawn)) + 0.16)
        for number, unit in enumerate(drawn or [None]):
            part = intervals if unit is None else intervals.filter(pl.col("drawn") == unit)
            shift = (number - (max(1, len(drawn)) - 1) / 2) * 0.24
            y = np.array([models.index(model) for model in part["model"]]) + shift
            _whiskers(axes, part, "macro_f1", y, number, None if unit is None else f"drawn by {unit}")
        axes.set(xlabel="macro F1 with 95% interval", xlim=(-0.02, 1.02))
        if drawn:
            _legend(axes)
    return figure


def frame_intervals_figure(frames: pl.DataFrame) -> Figure:
    """Draw F1 of every frame with its interval, and precision and recall beside it.

    Args:
        frames: `frame`, `precision`, `recall`, `f1`, `support`, `predicted`; `low` and `high` if there are
            any. A frame that was never predicted has no precision to draw.
    """
    labels = [f"{frame}  (n={support})" for frame, support in frames.select("frame", "support").iter_rows()]
    y = np.arange(len(labels), dtype=float)
    given = frames["predicted"].to_numpy() > 0
    with mpl.rc_context(PAPER):
        figure, axes = _rows(labels, 0.3)
        for column, colour, marker in (("precision", COLOURS[1], "D"), ("recall", COLOURS[2], "s")):
            values = _numbers(frames, column)
            values = np.where(given, values, np.nan) if column == "precision" else values
            axes.scatter(values, y, facecolors="none", edgecolors=colour, marker=marker, s=26, label=column)
        _whiskers(axes, frames, "f1", y, 0, "F1, 95% interval")
        axes.set(xlabel="score", xlim=(-0.02, 1.02))
        _legend(axes)
    return figure


def slices_figure(slices: pl.DataFrame, whole: float | None) -> Figure:
    """Draw macro F1 of every part with its interval; a line shows all sentences together.

    Args:
        slices: `by`, `part`, `sentences`, `frames`, `macro_f1`, `low`, `high`. Sources are drawn in
            alphabetical order; a part without a labelled frame has no score to draw.
        whole: macro F1 of all sentences.
    """
    scored = slices.filter((pl.col("frames") > 0) & pl.col("macro_f1").is_not_null())
    groups = [scored.filter(pl.col("by") == by) for by in scored["by"].unique(maintain_order=True).to_list()]
    ordered = [group.sort("part") if group["by"][0] == "source" else group for group in groups]
    shown = pl.concat([group.head(PARTS) for group in ordered]) if ordered else scored
    labels = [f"{by}: {part}  (n={n})" for by, part, n in shown.select("by", "part", "sentences").iter_rows()]
    names = shown["by"].unique(maintain_order=True).to_list()
    with mpl.rc_context(PAPER):
        figure, axes = _rows(labels, 0.23)
        if whole is not None:
            axes.axvline(whole, color=QUIET, linewidth=1, linestyle="--", label="all sentences")
        for number, by in enumerate(names):
            rows = np.flatnonzero((shown["by"] == by).to_numpy())
            _whiskers(axes, shown[rows], "macro_f1", rows.astype(float), number, None)
        axes.set(xlabel="macro F1 with 95% interval", xlim=(-0.02, 1.02))
        if whole is not None:
            _legend(axes)
    return figure


def reliability_figure(reliability: pl.DataFrame) -> Figure:
    """Draw the share of decisions that hold against their mean probability, for all decisions together.

    Args:
        reliability: `by`, `scaling`, `decisions`, `probability`, `share`; the size of a point grows with
            the number of its decisions.
    """
    table = reliability.filter(pl.col("by") == "all") if (reliability["by"] == "all").any() else reliability
    with mpl.rc_context(PAPER | {"axes.grid.axis": "both"}):
        figure = Figure(figsize=(0.72 * WIDTH, 0.65 * WIDTH))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle="--", label="calibrated")
        for number, scaling in enumerate(table["scaling"].unique(maintain_order=True).to_list()):
            part = table.filter(pl.col("scaling") == scaling).sort("probability")
            size = 14 + 90 * np.sqrt(part["decisions"].to_numpy() / max(1, table["decisions"].max()))  # type: ignore[type-var]
            colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
            label = "as predicted" if scaling == "none" else f"{scaling} scaling"
            axes.plot(part["probability"], part["share"], color=colour, linewidth=1)
            axes.scatter(part["probability"], part["share"], s=size, color=colour, marker=marker, alpha=0.75,
                         label=label)  # fmt: skip
        axes.set(xlabel="predicted probability", ylabel="share that holds", xlim=(-0.03, 1.03),
                 ylim=(-0.03, 1.03), aspect="equal")  # fmt: skip
        _legend(axes, inside=True)
    return figure


def risk_coverage_figure(coverage: pl.DataFrame) -> Figure:
    """Draw what is left of errors when the least sure sentences are left out.

    Args:
        coverage: `coverage`, `risk`, `macro_f1`.
    """
    table = coverage.sort("coverage")
    with mpl.rc_context(PAPER | {"axes.grid.axis": "both"}):
        figure = Figure(figsize=(WIDTH, 0.42 * WIDTH))
        axes = figure.subplots()
        lines = (("risk", "not exactly right", "-"), ("macro_f1", "macro F1", "--"))
        for number, (column, label, style) in enumerate(lines):
            axes.plot(
                table["coverage"], _numbers(table, column), style, color=COLOURS[number * 5], label=label
            )
        axes.set(xlabel="share of sentences decided on, the surest first", ylabel="share or score",
                 xlim=(0, 1.02), ylim=(0, 1.02))  # fmt: skip
        _legend(axes)
    return figure


def learning_curve_figure(curve: pl.DataFrame, gain: pl.DataFrame) -> Figure:
    """Draw the score against the number of sentences learned from, and what more would bring.

    Args:
        curve: `share`, `sentences`, `repeat`, `macro_f1`.
        gain: `sentences`, `further`, `gain`, `low`, `high`; may be empty.
    """
    mean = curve.group_by("share").agg(pl.mean("sentences"), pl.mean("macro_f1")).sort("share")
    with mpl.rc_context(PAPER | {"axes.grid.axis": "both"}):
        figure = Figure(figsize=(WIDTH, 0.45 * WIDTH))
        axes = figure.subplots()
        axes.scatter(
            curve["sentences"], _numbers(curve, "macro_f1"), s=12, color=COLOURS[4], label="one draw"
        )
        axes.plot(
            mean["sentences"], mean["macro_f1"], color=COLOURS[0], marker="o", markersize=4, label="mean"
        )
        if gain.height:
            last = _numbers(mean, "macro_f1")[-1]
            x = (gain["sentences"] + gain["further"]).to_numpy()
            y = last + _numbers(gain, "gain")
            axes.plot([mean["sentences"][-1], *x], [last, *y], color=COLOURS[5], linestyle=":")
            axes.vlines(x, last + _numbers(gain, "low"), last + _numbers(gain, "high"), color=COLOURS[5])
            axes.scatter(x, y, color=COLOURS[5], marker="D", s=22, label="extrapolated, 95% interval")
        axes.set(xlabel="sentences learned from", ylabel="macro F1")
        axes.set_xlim(left=0)
        _legend(axes)
    return figure


def _rows(labels: list[str], height: float) -> tuple[Figure, Axes]:
    """Return axes with one line for each label, the first on top; `height` of a line in inches."""
    figure = Figure(figsize=(WIDTH, height * len(labels) + 0.65))
    axes = figure.subplots()
    axes.set_yticks(np.arange(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    return figure, axes


def _legend(axes: Axes, *, inside: bool = False) -> None:
    """Put the legend above the axes, or into their corner below the diagonal."""
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1), "ncols": 5}
    place = {"loc": "lower right"} if inside else above
    legend = axes.legend(**place, handletextpad=0.4, columnspacing=1.2)
    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_sizes([26])


def _whiskers(
    axes: Axes, table: pl.DataFrame, column: str, y: np.ndarray[Any, Any], number: int, label: str | None
) -> None:
    """Draw values as points and their intervals as lines; a value without an interval is a point alone."""
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    if {"low", "high"} <= set(table.columns):
        axes.hlines(y, _numbers(table, "low"), _numbers(table, "high"), color=colour, linewidth=1.6)
    axes.scatter(_numbers(table, column), y, color=colour, marker=marker, s=24, zorder=3, label=label)


def _numbers(table: pl.DataFrame, column: str) -> np.ndarray[Any, Any]:
    """Return a column as floats, NaN where it is null: nothing is drawn there."""
    return table[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
