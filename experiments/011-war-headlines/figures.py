"""The figures of this experiment, each made from its tables. Sources stand in alphabetical order."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from framing.reporting.figures import COLOURS, STYLE
from framing.reporting.lexicon_figures import MARKERS

STEPS = ["no strata", "within years", "within months", "within months, day as document"]
MEASURES = ["G2", "Monroe's z", "this project"]
VARIANTS = len(COLOURS)
ENOUGH = 10
PLACES = [("2022", place, "all", f"{place}, 2022") for place in ("Kyiv", "Donbas", "Zaporizhzhia")]
NAMES = [
    (part, "the war's name beside Ukraine", "all", f"Beside Ukraine, {part}") for part in ("2022", "2025-26")
]
TAKING = [
    ("2022", "taking a place", "agent: Russia", "2022: Russia takes"),
    ("2022", "taking a place", "agent: Ukraine", "2022: Ukraine takes"),
    ("2025-26", "taking a place", "agent: Russia", "2025-26: Russia takes"),
]


def write_figures(tables: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """Write all figures as PNG."""
    figures = {
        "periods": periods_figure(tables["comparisons"]),
        "halves": halves_figure(tables["halves"]),
        "places": shares_figure(tables["shares"], PLACES),
        "war_name": shares_figure(tables["shares"], NAMES),
        "taking": shares_figure(tables["shares"], TAKING),
    }
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=100, metadata={"Software": None})


def shares_figure(shares: pl.DataFrame, panels: list[tuple[str, str, str, str]]) -> Figure:
    """Draw shares in panels of run, set and condition; a word has one colour in all panels.

    Sources without ten choices in any panel are left out.
    """
    parts = [
        shares.filter(pl.col("run") == run, pl.col("set") == name, pl.col("condition") == condition)
        for run, name, condition, _ in panels
    ]
    told = pl.concat(parts).filter(~pl.col("suppressed"))
    sources = sorted(told["group"].unique())
    common = told.group_by("variant").agg(pl.col("count").sum()).filter(pl.col("count") > 0)
    variants = common.sort("count", "variant", descending=[True, False])["variant"].to_list()
    variants, rarest = variants[:VARIANTS], variants[VARIANTS:]
    not_drawn = f" Not drawn, the rarest: {', '.join(rarest)}." if rarest else ""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.6 * len(panels) + 2, 0.5 * len(sources) + 1.6))
        grid = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, part, (*_, title) in zip(grid, parts, panels, strict=True):
            _draw_shares(axes, part, sources, variants)
            axes.set_title(title)
        grid[-1].legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
        figure.suptitle(
            f"Share among the source's choices, 95% interval over headlines. Brackets: choices.{not_drawn}",
            fontsize=9, x=0.01, ha="left",
        )  # fmt: skip
    return figure


def _draw_shares(axes: Axes, part: pl.DataFrame, sources: list[str], variants: list[str]) -> None:
    choices = dict(part.select("group", "choices").iter_rows())
    numbers = {source: choices.get(source, 0) for source in sources}
    told = part.filter(~pl.col("suppressed"))
    for number, variant in enumerate(variants):
        own = told.filter(pl.col("variant") == variant)
        offset = 0.7 * ((number + 0.5) / len(variants) - 0.5)
        places = np.array([sources.index(source) for source in own["group"]], dtype=float) + offset
        axes.hlines(places, own["low"], own["high"], COLOURS[number])
        axes.scatter(
            own["share"], places, color=COLOURS[number], marker=MARKERS[number], s=16, zorder=3, label=variant
        )
    labels = [
        f"{source} ({number}{', too few' if 0 < number < ENOUGH else ''})"
        for source, number in numbers.items()
    ]
    axes.set_yticks(range(len(sources)), labels)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(sources) - 0.4, -0.6), xticks=[0, 0.5, 1],
             xticklabels=["0%", "50%", "100%"])  # fmt: skip


def periods_figure(comparisons: pl.DataFrame) -> Figure:
    """Draw how many terms differ from the rest at q of .05 as periods are kept apart more strictly."""
    table = comparisons.filter(pl.col("other") == "the rest", pl.col("run").is_in(STEPS))
    sources = sorted(table["group"].unique())
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.42 * len(sources) + 1.8))
        axes = figure.subplots()
        for number, step in enumerate(STEPS):
            found = dict(table.filter(pl.col("run") == step).select("group", "significant").iter_rows())
            values = [np.nan if found.get(source) is None else found[source] + 1 for source in sources]
            place = np.arange(len(sources)) + 0.16 * (number - 1.5)
            axes.scatter(values, place, color=COLOURS[number], marker=MARKERS[number], s=22, label=step)
        axes.set_xscale("log")
        axes.set_yticks(range(len(sources)), sources)
        axes.set_ylim(len(sources) - 0.4, -0.6)
        axes.set(
            xlabel="terms with q ≤ .05 against the rest; plus 1, logarithmic",
            title="What the period does",
        )
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def halves_figure(halves: pl.DataFrame) -> Figure:
    """Draw the share of p below .05 between random halves of a source, where nothing is to be found."""
    units = halves["unit"].unique(maintain_order=True).to_list()
    sources = sorted(halves["source"].unique())
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 0.36 * len(sources) + 1.8))
        grid = figure.subplots(1, len(units), sharey=True, squeeze=False)[0]
        for axes, unit in zip(grid, units, strict=True):
            axes.axvspan(0.03, 0.06, color="#e8e8e8")
            for number, measure in enumerate(MEASURES):
                part = halves.filter(pl.col("unit") == unit, pl.col("measure") == measure)
                places = [sources.index(source) for source in part["source"]]
                axes.scatter(
                    part["share_p05"],
                    places,
                    color=COLOURS[number],
                    marker=MARKERS[number],
                    s=24,
                    label=measure,
                )
            axes.set(title=f"divided by {unit}", xlabel="share of terms with p < .05", xlim=(0, None))
            axes.set_yticks(range(len(sources)), sources)
        grid[0].set_ylim(len(sources) - 0.4, -0.6)
        grid[-1].legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
        figure.suptitle(
            "Random halves of one source: 3 to 6% (grey) would be right", fontsize=9, x=0.01, ha="left"
        )
    return figure
