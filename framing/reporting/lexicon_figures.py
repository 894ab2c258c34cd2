"""The figures of a lexicon report, each made from one of its tables. Groups stand in alphabetical order."""

from collections.abc import Sequence
from functools import cache
from textwrap import fill

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import THE_REST, TOO_FEW, Lexicon
from framing.reporting.figures import COLOURS, STYLE

GROUPS = 16
"""Groups in a figure, the first in the alphabet; the tables have all."""

SETS = 9
"""Sets of rival words in a figure."""

VARIANTS = len(COLOURS)
"""Words of a set in a figure, those chosen most; they stand, and are coloured, in the order of the file."""

SIDE = 24
"""Groups in the map of divergences."""

LONGEST = 24
"""Characters of a name or term."""

VARIANT = 26
"""Characters of a rival word in the legend, of which two stand side by side."""

GREY, QUIET = "#8a959d", "#444444"
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")


def lexicon_figures(lexicon: Lexicon, settings: LexiconSettings) -> dict[str, Figure]:
    """Return the figures whose table has rows, by name: terms, alternations, divergence.

    With several values of `within`, the first is drawn, which the title says.
    """
    figures = {}
    compared = compared_with_rest(_first_part(lexicon.terms))
    if compared.height:
        figures["terms"] = terms_figure(compared, settings)
    shares = _first_part(lexicon.shares)
    if shares.height:
        figures["alternations"] = alternations_figure(shares, lexicon.alternations)
    pairs = _first_part(lexicon.comparisons)
    pairs = pairs.filter(pl.col("other") != THE_REST) if pairs.height else pairs
    if pairs.height:
        figures["divergence"] = divergence_figure(pairs)
    return figures


def compared_with_rest(terms: pl.DataFrame) -> pl.DataFrame:
    """Return the terms of every group against the rest, against the first other group without such."""
    if not terms.height:
        return terms
    rest = terms.filter(pl.col("other") == THE_REST)
    return rest if rest.height else terms.filter(pl.col("other") == pl.col("other").first().over("group"))


def terms_figure(terms: pl.DataFrame, settings: LexiconSettings) -> Figure:
    """Draw the terms that each group has more often than the rest, with 95% intervals over documents.

    Args:
        terms: rows of `Lexicon.terms`, one comparison a group, the strongest first.
        settings: `shown` terms a group; grey above `level`.
    """
    groups = sorted(terms["group"].unique().to_list())
    drawn = groups[:GROUPS]
    columns = min(3, len(drawn))
    rows = -(-len(drawn) // columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.8 * columns, (0.2 * settings.shown + 0.9) * rows + 0.6))
        grid = list(figure.subplots(rows, columns, squeeze=False).flat)
        for axes in grid[len(drawn) :]:
            axes.set_axis_off()
        for axes, group in zip(grid, drawn, strict=False):
            own = terms.filter((pl.col("group") == group) & (pl.col("log_odds") > 0)).head(settings.shown)
            _draw_terms(axes, own, settings.level)
            axes.set(title=drawable(group), xlabel="log-odds")
            axes.set_ylim(settings.shown - 0.4, -0.6)
        against_rest = terms["other"][0] == THE_REST
        lines = [
            f"Terms more often in a group than in {'the rest' if against_rest else 'another'}"
            f"{_part_name(terms)}. In brackets: occurrences here : there.",
            f"Line: 95% interval over documents. Grey: q above {settings.level:g}, or not tested.",
        ]
        if (terms["inference"] == TOO_FEW).any():
            lines.append("Groups without lines have too few documents: effects describe these texts only.")
        if len(groups) > GROUPS:
            lines.append(f"{GROUPS} of {len(groups)} groups are drawn, in alphabetical order.")
        figure.suptitle("\n".join(lines), fontsize=9, x=0.01, ha="left")
    return figure


def _draw_terms(axes: Axes, own: pl.DataFrame, level: float) -> None:
    y = np.arange(own.height)
    tested = own["q"].cast(pl.Float64).fill_null(1.0).to_numpy() <= level
    colours = np.where(tested, COLOURS[0], GREY).tolist()
    low, high = (own[name].cast(pl.Float64).to_numpy() for name in ("low", "high"))
    known = np.isfinite(low) & np.isfinite(high)
    axes.hlines(y[known], low[known], high[known], np.array(colours)[known].tolist())
    axes.scatter(own["log_odds"].to_numpy(), y, c=colours, s=16, zorder=3)
    axes.axvline(0, color=QUIET, linewidth=0.8)
    labels = [
        f"{drawable(term)} ({count}:{other})"
        for term, count, other in own.select("term", "count", "count_other").iter_rows()
    ]
    axes.set_yticks(y, labels)


def alternations_figure(shares: pl.DataFrame, alternations: pl.DataFrame) -> Figure:
    """Draw the share of every rival word in every group, with 95% intervals over documents.

    Args:
        shares: rows of `Lexicon.shares`; those under the condition "all" are drawn.
        alternations: for the titles.
    """
    every = shares.filter(pl.col("condition") == "all")
    every = every if every.height else shares
    titles = dict(alternations.select("set", "title").iter_rows()) if alternations.height else {}
    names = every["set"].unique(maintain_order=True).to_list()
    groups = sorted(every["group"].unique().to_list())
    columns = min(3, len(names[:SETS]))
    rows = -(-len(names[:SETS]) // columns)
    height = 0.42 * min(GROUPS, len(groups)) + 1.55
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2 * columns, height * rows + 0.4))
        grid = list(figure.subplots(rows, columns, squeeze=False).flat)
        for axes in grid[len(names) :]:
            axes.set_axis_off()
        for axes, name in zip(grid, names[:SETS], strict=False):
            _draw_shares(axes, every.filter(pl.col("set") == name), groups[:GROUPS])
            axes.set_title(fill(drawable(titles.get(name, name), 80), 44), pad=10)
        lines = [
            "Share of a word among the group's choices, with its 95% interval. In brackets: choices.",
            f"At most {VARIANTS} words of a set, those chosen most, in the order of the file.",
        ]
        lines += _left_out((groups, GROUPS, "groups"), (names, SETS, "sets"))
        figure.suptitle("\n".join(lines), fontsize=9, x=0.01, ha="left")
    return figure


def _draw_shares(axes: Axes, rows: pl.DataFrame, groups: Sequence[str]) -> None:
    variants = _variants(rows)
    places = {group: place for place, group in enumerate(groups)}
    totals = dict(rows.select("group", "choices").iter_rows())
    for number, variant in enumerate(variants):
        part = rows.filter(
            (pl.col("variant") == variant) & pl.col("group").is_in(groups) & ~pl.col("suppressed")
        )
        offset = (number - (len(variants) - 1) / 2) * 0.62 / max(1, len(variants))
        y = np.array([places[group] for group in part["group"]], dtype=float) + offset
        low, high, share = (part[name].cast(pl.Float64).to_numpy() for name in ("low", "high", "share"))
        axes.hlines(y, low, high, COLOURS[number])
        axes.scatter(
            share,
            y,
            color=COLOURS[number],
            marker=MARKERS[number],
            s=16,
            zorder=3,
            label=drawable(variant, VARIANT),
        )
    hidden = set(rows.filter("suppressed")["group"])
    labels = [
        f"{drawable(group, 18)} ({totals.get(group, 0)}{', too few' if group in hidden else ''})"
        for group in groups
    ]
    axes.set_yticks(range(len(groups)), labels)
    axes.set(
        xlim=(-0.02, 1.02),
        ylim=(len(groups) - 0.4, -0.6),
        xticks=[0, 0.5, 1],
        xticklabels=["0%", "50%", "100%"],
    )
    # The legend stands below the axes, where empty lines hold its place: long words must not squeeze them.
    axes.set_xlabel("\n" * (len(variants) // 2 + len(variants) % 2 + 1), fontsize=9)
    below = -0.26 / (0.42 * len(groups))
    legend = axes.legend(loc="upper left", bbox_to_anchor=(-0.3, below), ncols=2, frameon=False, fontsize=8)
    legend.set_in_layout(False)


def _variants(rows: pl.DataFrame) -> list[str]:
    """Return the variants that are chosen most, in the order of the file: one name has one colour in all sets
    that list the same variants.
    """
    counts = rows.group_by("variant", maintain_order=True).agg(pl.sum("count")).with_row_index("place")
    most = counts.sort("count", descending=True, maintain_order=True).head(VARIANTS)
    return [str(variant) for variant in most.sort("place")["variant"]]


def divergence_figure(pairs: pl.DataFrame) -> Figure:
    """Draw how far the words of every two groups differ as a whole, from 0 (alike) to the largest found.

    Args:
        pairs: rows of `Lexicon.comparisons` without those with the rest.
    """
    groups = sorted({*pairs["group"], *pairs["other"]})
    drawn = groups[:SIDE]
    values = {(a, b): value for a, b, value in pairs.select("group", "other", "jsd").iter_rows()}
    found = [[values.get((a, b), values.get((b, a))) for b in drawn] for a in drawn]
    grid = np.array([[np.nan if value is None else value for value in row] for row in found], dtype=float)
    largest = float(np.nanmax(grid)) if np.isfinite(grid).any() else 1.0
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(max(5.6, 0.52 * len(drawn) + 2.2), max(2.6, 0.36 * len(drawn) + 1.9)))
        axes = figure.subplots()
        axes.imshow(grid, cmap="Blues", vmin=0, vmax=2.2 * largest, aspect="auto")
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                axes.text(column, row, f"{value:.3f}".lstrip("0"), ha="center", va="center", fontsize=8)
        labels = [drawable(name, 22) for name in drawn]
        axes.set_xticks(range(len(drawn)), labels, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(drawn)), labels)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        lines = ["Jensen-Shannon divergence of single words, bits: 0 alike, 1 nothing in common.",
                 "It grows as words get fewer: do not compare pairs with unequal numbers of words.",
                 "Alphabetical order; nothing is ranked."]  # fmt: skip
        figure.suptitle(
            "\n".join([*lines, *_left_out((groups, SIDE, "groups"))]), fontsize=9, x=0.01, ha="left"
        )
    return figure


def drawable(text: str, length: int = LONGEST) -> str:
    """Return a text that the font of the figures can draw: cut, what it lacks as a box, lines as one.

    >>> drawable("взяли" + chr(10) + "город"), drawable("a" * 50, 5), drawable(chr(128737) + " up")
    ('взяли город', 'aaaa…', '□ up')
    """
    known = _known_characters()
    # Control characters and separators of lines have no glyph either, but mean a space.
    plain = "".join(
        character if ord(character) in known else "□" if character.isprintable() else " "
        for character in text[: 4 * length]
    )
    return plain if len(plain) <= length else plain[: length - 1] + "…"


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(code for code in get_font(findfont("DejaVu Sans")).get_charmap() if code >= 32)


def _left_out(*lists: tuple[Sequence[str], int, str]) -> list[str]:
    return [
        f"{shown} of {len(names)} {words} are drawn." for names, shown, words in lists if len(names) > shown
    ]


def _first_part(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("within") == table["within"][0]) if table.height else table


def _part_name(table: pl.DataFrame) -> str:
    return f" ({drawable(table['within'][0])})" if table["within"][0] else ""
