import io
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest

from framing.evaluation.lexicon.alternation_file import RUSSIAN_VARIANT, UKRAINIAN_VARIANT
from framing.evaluation.lexicon.tables import THE_REST, Lexicon
from framing.reporting.lexicon_figures import (
    GROUPS,
    VARIANT,
    alternations_figure,
    compared_with_rest,
    divergence_figure,
    drawable,
    lexicon_figures,
    terms_figure,
)
from framing.reporting.page import data_uri
from tests import lexicon_tables as made


@pytest.fixture(scope="module")
def whole():
    return made.lexicon()


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.axison]


def drawn(axes):
    """The dots of an axes: value, height."""
    return [tuple(point) for each in axes.collections if hasattr(each, "get_sizes") and len(each.get_sizes()) for point in each.get_offsets().tolist()]  # fmt: skip


def test_every_figure_stands_under_its_name_and_only_with_rows(whole):
    assert list(lexicon_figures(whole, made.settings())) == ["terms", "alternations", "divergence"]
    alone = made.lexicon(3, 60, pairs=False)
    assert list(lexicon_figures(alone, made.settings())) == ["terms", "alternations"]
    assert lexicon_figures(Lexicon(), made.settings()) == {}


def test_the_strongest_terms_of_each_group_are_drawn_with_their_counts_in_alphabetical_order(whole):
    shuffled = whole.terms.filter(pl.col("other") == THE_REST).with_columns(order=pl.int_range(pl.len()))
    backwards = shuffled.sort("group", "order", descending=[True, False]).drop("order")
    figure = terms_figure(backwards, made.settings(shown=7))
    assert titles(figure) == sorted(made.SOURCES)
    for axes, group in zip(figure.axes, sorted(made.SOURCES), strict=False):
        own = backwards.filter((pl.col("group") == group) & (pl.col("log_odds") > 0)).head(7)
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert labels == [
            f"{drawable(term)} ({a}:{b})"
            for term, a, b in own.select("term", "count", "count_other").iter_rows()
        ]
        assert [x for x, _ in drawn(axes)] == pytest.approx(own["log_odds"].to_list())


def test_a_term_is_grey_unless_its_q_is_at_most_the_level(whole):
    rest = compared_with_rest(whole.terms).filter(pl.col("group") == "Daily Courier")
    dots = terms_figure(rest, made.settings(shown=15)).axes[0].collections[-1]
    blue = [tuple(colour) == mpl.colors.to_rgba("#0072B2") for colour in dots.get_facecolors()]
    assert blue == (rest.filter(pl.col("log_odds") > 0).head(15)["q"] <= 0.05).to_list()
    assert True in blue
    assert False in blue


def test_too_few_documents_have_no_line_and_the_title_says_so():
    figure = lexicon_figures(made.lexicon(2, 60, too_few=True), made.settings())["terms"]
    lines = [
        each
        for axes in figure.axes
        for each in axes.collections
        if isinstance(each, mpl.collections.LineCollection)
    ]
    assert all(len(each.get_segments()) == 0 for each in lines)
    assert "too few documents" in figure.get_suptitle()


def test_at_most_sixteen_groups_are_drawn_and_the_others_are_told():
    figures = lexicon_figures(made.lexicon(18, 60), made.settings())
    assert len(titles(figures["terms"])) == GROUPS
    assert "16 of 18 groups are drawn" in figures["terms"].get_suptitle()
    assert "16 of 18 groups are drawn" in figures["alternations"].get_suptitle()


def test_a_variant_has_one_colour_in_all_sets_whatever_was_chosen_more_often(whole):
    rows = whole.shares.filter((pl.col("set") == "capital") & (pl.col("condition") == "all"))
    fewer = rows.with_columns(
        set=pl.lit("town"), count=pl.col("choices") - pl.col("count"), share=1 - pl.col("share")
    )
    figure = alternations_figure(pl.concat([rows, fewer]), whole.alternations)
    legends = [axes.get_legend() for axes in figure.axes[:2]]
    named = [
        {text.get_text(): tuple(dot.get_facecolor()[0]) for text, dot in zip(each.get_texts(), each.legend_handles, strict=True)}
        for each in legends
    ]  # fmt: skip
    assert list(named[0]) == ["Tarnov", "Tarnau"]
    assert named[0] == named[1]


def test_the_names_of_the_spellings_are_drawn_uncut():
    assert drawable(UKRAINIAN_VARIANT, VARIANT) == UKRAINIAN_VARIANT
    assert drawable(RUSSIAN_VARIANT, VARIANT) == RUSSIAN_VARIANT


def test_shares_are_drawn_where_they_stand_and_suppressed_ones_are_not(whole):
    figure = alternations_figure(whole.shares, whole.alternations)
    assert titles(figure) == [title for title, _ in made.SETS.values()]
    for axes, name in zip(figure.axes, made.SETS, strict=False):
        rows = whole.shares.filter((pl.col("set") == name) & (pl.col("condition") == "all"))
        shown = rows.filter(~pl.col("suppressed"))
        assert sorted(x for x, _ in drawn(axes)) == pytest.approx(sorted(shown["share"]))
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert labels[-1] == "Вестник (4, too few)"
        assert all(
            label.startswith(source) for label, source in zip(labels, sorted(made.SOURCES), strict=True)
        )


def test_the_map_of_divergences_is_symmetric_and_empty_on_its_diagonal(whole):
    pairs = whole.comparisons.filter(pl.col("other") != THE_REST)
    axes = divergence_figure(pairs.reverse()).axes[0]
    grid = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert np.isnan(np.diag(grid)).all()
    assert np.array_equal(grid, grid.T, equal_nan=True)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == sorted(made.SOURCES)
    for a, b, value in pairs.select("group", "other", "jsd").iter_rows():
        assert grid[names.index(a), names.index(b)] == value


def test_any_text_and_any_size_is_drawn_without_warning():
    large = made.huge()
    wide = replace(
        large,
        comparisons=large.comparisons.head(80).with_columns(other=pl.col("group").shift(1).fill_null("x")),
    )
    for figure in lexicon_figures(wide, made.settings()).values():
        figure.savefig(io.BytesIO(), format="png", dpi=40)
        assert len(data_uri(figure)) > 1000


def test_with_several_parts_the_first_is_drawn_and_named():
    figure = lexicon_figures(made.lexicon(2, 60, within=("blame", "capture")), made.settings())["terms"]
    assert "(blame)" in figure.get_suptitle()
