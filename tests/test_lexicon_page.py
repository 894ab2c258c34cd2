import json
import re
from dataclasses import replace

import polars as pl
import pytest

from framing.evaluation.lexicon.tables import THE_REST, TOO_FEW, Lexicon
from framing.reporting.lexicon_data import BYTES, NUMBERS, lexicon_data, passage, short_name
from framing.reporting.lexicon_figures import lexicon_figures
from framing.reporting.lexicon_page import lexicon_page
from framing.reporting.lexicon_summary import summary_parts
from framing.reporting.page import data_uri
from tests import lexicon_tables as made
from tests.test_evaluation_page import Outline


@pytest.fixture(scope="module")
def whole():
    return made.lexicon()


@pytest.fixture(scope="module")
def page(whole):
    return lexicon_page(whole, made.settings(), "run <b>one</b>", lexicon_figures(whole, made.settings()))


def data_of(page):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1)
    )


def test_no_text_of_the_corpus_becomes_markup(page):
    assert Outline(page).scripts == 2
    assert "<b>one" not in page
    assert "run &lt;b&gt;one&lt;/b&gt;" in page
    assert "<img src=x" not in page
    assert "<b>bold" not in page
    assert "\u2028" not in page


def test_the_page_needs_no_network_and_its_script_writes_no_markup(page):
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "default-src 'none'" in page
    assert "base-uri 'none'; form-action 'none'" in page
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\b", page)
    assert len(page.encode()) - len(json.dumps(data_of(page))) < 400_000


def test_headings_tables_controls_and_pictures_can_be_read_without_eyes(page):
    outline = Outline(page)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(
        later <= earlier + 1 for earlier, later in zip(outline.headings, outline.headings[1:], strict=False)
    )
    assert set(outline.headers) == {"col", "row"}
    assert outline.unlabelled == []
    assert len(outline.images) == 3
    assert all(image["alt"] and image["src"].startswith("data:image/svg+xml") for image in outline.images)
    assert len(set(outline.ids)) == len(outline.ids)
    assert set(outline.targets) <= set(outline.ids)


def test_the_embedded_terms_are_those_of_the_table_with_four_digits(whole, page):
    data = data_of(page)
    pairs = [tuple(row[:3]) for row in data["comparisons"]]
    rows = {(*pairs[at], term): values for at, term, *values in data["terms"]}
    assert len(rows) == whole.terms.height
    for row in whole.terms.iter_rows(named=True):
        name = short_name(row["term"])
        values = rows[row["within"], row["group"], row["other"], name]
        for column, value in zip(NUMBERS, values, strict=True):
            assert value == (None if row[column] is None else pytest.approx(row[column], rel=1e-3))


def test_without_javascript_summary_tables_and_strongest_terms_are_there(page):
    inside = "".join(re.findall(r"<noscript>(.*?)</noscript>", page, re.S))
    assert "More in Daily Courier than in the rest" in inside
    assert "What soldiers are called" in inside
    assert '<div id="explorer" hidden>' in page
    assert '<div id="chooser" hidden>' in page
    assert "650 documents" in page


def test_the_summary_says_what_was_compared_in_alphabetical_order(whole):
    shuffled = replace(whole, groups=whole.groups.reverse(), comparisons=whole.comparisons.reverse())
    parts = summary_parts(shuffled, made.settings())
    assert parts == summary_parts(whole, made.settings())
    compared, terms = " ".join(parts["What was compared"]), parts["Terms"][0]
    assert "5 groups, formed by source" in compared
    assert "650 documents, 9,100 sentences, 201,500 words" in compared
    assert [terms.index(name) for name in made.SOURCES] == sorted(terms.index(name) for name in made.SOURCES)
    assert "fewer than 10 choices" in " ".join(parts["Rival words"])
    assert "boilerplate: 5 in 70 sentences" in " ".join(parts["What was taken out first"])
    assert "5 of 5 checks are as expected" in " ".join(parts["Check on data without a difference"])


@pytest.mark.parametrize(
    ("sources", "pairs", "asked", "told", "untold"),
    [
        (5, True, True, "compared with the rest, and every two with each other", "With more than"),
        (5, False, False, "Each is compared with the rest. A group", "every two"),
        (31, False, True, "With more than 30 groups their pairs are not compared", "every two"),
    ],
)
def test_the_summary_says_of_the_comparisons_only_those_that_were_made(sources, pairs, asked, told, untold):
    parts = summary_parts(made.lexicon(sources, 40, pairs=pairs), made.settings(pairs=asked))
    compared = " ".join(parts["What was compared"])
    assert told in compared
    assert untold not in compared


def test_two_groups_are_said_to_be_compared_with_each_other_as_they_have_no_rest(whole):
    pair = whole.comparisons.filter(pl.col("other") == "Evening Echo")
    only = replace(whole, comparisons=pair, groups=whole.groups.head(2))
    compared = " ".join(summary_parts(only, made.settings())["What was compared"])
    assert "The two groups are compared with each other." in compared
    assert "the rest" not in compared
    mixed = replace(whole, comparisons=pl.concat([whole.comparisons, pair.with_columns(within=pl.lit("b"))]))
    compared = " ".join(summary_parts(mixed, made.settings())["What was compared"])
    assert "Where there are two groups only, they are compared with each other alone." in compared


def test_under_strata_the_page_says_which_measures_are_weighted(whole, page):
    told = "weight both sides to the same mix of period"
    assert told in lexicon_page(whole, made.settings(strata=("period",)), "strata")
    assert told not in page


def test_with_too_few_documents_the_page_says_so_and_shows_no_p():
    few = made.lexicon(3, too_few=True)
    page = lexicon_page(few, made.settings(), "few")
    assert "Fewer than 20 documents on a side in 6 of 6 comparisons" in page
    assert "Terms that differ at q" not in page
    static = page.split('<script type="application/json"')[0]
    assert not re.search(r'<th scope="col"[^>]*>q</th>', static)
    values = [dict(zip(NUMBERS, row[2:], strict=True)) for row in data_of(page)["terms"]]
    assert all(each[name] is None for each in values for name in ("p", "q", "low", "high", "bound"))


def test_sides_without_a_stratum_in_common_are_not_said_to_have_few_documents(whole):
    apart = (pl.col("group") == "Daily Courier") & (pl.col("other") == "The Gazette")
    strata = pl.when(apart).then(0).otherwise(3).cast(pl.Int64)
    inference = pl.when(apart).then(pl.lit(TOO_FEW)).otherwise("inference")
    divided = replace(whole, comparisons=whole.comparisons.with_columns(strata=strata, inference=inference))
    terms = " ".join(summary_parts(divided, made.settings(strata=("period",)))["Terms"])
    assert "1 of 15 comparisons have no period in common" in terms
    assert "Daily Courier and The Gazette" in terms
    assert "Fewer than 20 documents" not in terms


def test_under_strata_the_page_says_that_shares_are_over_all_of_them(whole, page):
    told = "Shares, their intervals and Cramér's V are over all period values"
    divided = lexicon_page(whole, made.settings(strata=("period",)), "strata")
    assert told in divided
    assert "lexicon.within=period" in divided
    assert told not in page


def test_the_page_says_that_divergence_depends_on_the_number_of_words(page):
    assert "jsd depends on the number of words" in page


def test_every_set_has_its_shares_under_no_condition_before_any_condition_has():
    made_once = made.lexicon(13, 40)
    copies = [
        made_once.shares.with_columns(set=pl.format("{} {}", "set", pl.lit(copy))) for copy in range(12)
    ]
    many = replace(made_once, shares=pl.concat(copies))
    data = lexicon_data(many, made.settings())
    rows = [tuple(row[1:3]) for row in json.loads(data.json)["shares"]]
    assert len(rows) < many.shares.height
    assert any("shares are on this page" in remark for remark in data.remarks)
    every = many.shares.filter(pl.col("condition") == "all")
    assert {name for name, condition in rows if condition == "all"} == set(every["set"])
    assert rows.index(next(row for row in rows if row[1] != "all")) == every.height


def test_a_small_figure_is_on_the_page_though_a_large_one_is_not(whole, monkeypatch):
    figures = lexicon_figures(whole, made.settings())
    sizes = {name: len(data_uri(figure)) for name, figure in figures.items()}
    smallest = min(sizes, key=lambda name: sizes[name])
    monkeypatch.setattr("framing.reporting.lexicon_page.PICTURES", sizes[smallest] + 10)
    page = lexicon_page(whole, made.settings(), "small", figures)
    assert len(Outline(page).images) == 1
    assert f"The figure of {smallest} is too large" not in page


def test_thirteen_groups_are_all_named_and_have_their_terms():
    many = made.lexicon(13, 60)
    compared = summary_parts(many, made.settings())["What was compared"][0]
    names = many.groups["group"].to_list()
    assert len(names) == 13
    assert all(name in compared for name in names)
    page = lexicon_page(many, made.settings(), "thirteen")
    assert all(f"More in {name} than in the rest" in page for name in names)


@pytest.mark.parametrize("name", sorted(Lexicon().tables()))
def test_every_table_may_be_missing_alone(name):
    lacking = replace(made.lexicon(2, 40), **{name: pl.DataFrame()})
    assert "Summary" in lexicon_page(
        lacking, made.settings(), "lacking", lexicon_figures(lacking, made.settings())
    )


def test_an_empty_lexicon_has_its_page():
    page = lexicon_page(Lexicon(), made.settings(), "nothing")
    assert "There is no group that could be compared." in page
    assert 'id="terms"' not in page


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")], ids=str)
def test_numbers_that_are_missing_are_shown_as_missing(nothing):
    small = made.lexicon(2, 40)
    tables = {
        name: table.with_columns(
            pl.lit(nothing, pl.Float64).alias(column)
            for column, kind in table.schema.items()
            if kind.is_float()
        )
        for name, table in small.tables().items()
    }
    static = lexicon_page(Lexicon(**tables), made.settings(), "x").split('<script type="application/json"')[0]
    assert not re.search(r"\b[+-]?nan\b|\bNone\b", static)


@pytest.fixture(scope="module")
def huge():
    large = made.huge()
    figures = lexicon_figures(large, made.settings())
    return large, lexicon_page(large, made.settings(), "<&" * 5000, figures)


def test_the_page_stays_under_2_mb_whatever_the_tables_hold(huge):
    large, page = huge
    assert len(page.encode()) < 2_000_000
    assert len(lexicon_data(large, made.settings()).json.encode()) <= BYTES
    assert re.search(
        r"[\d,]+ of 1,000,000 listed terms are on this page; all stand in tables/terms.csv", page
    )
    assert "of 3,000 sentences of terms are on this page; all stand in tables/concordance.csv" in page
    assert "475 more notices are not on this page" in page


def test_every_comparison_keeps_its_strongest_terms_and_pairs_have_fewer():
    large = made.lexicon(20, terms=300)
    data = json.loads(lexicon_data(large, made.settings()).json)
    assert len(data["comparisons"]) == 20 + 20 * 19 / 2
    kept = [[] for _ in data["comparisons"]]
    for at, term, *_ in data["terms"]:
        kept[at].append(term)
    tables = large.terms.partition_by("within", "group", "other", as_dict=True)
    sizes = {True: [], False: []}
    for (within, group, other, *_), terms in zip(data["comparisons"], kept, strict=True):
        rows = tables[within, group, other].select("term", pl.col("log_odds") > 0).iter_rows()
        sides = {short_name(term): more for term, more in rows}
        for side in (True, False):
            mine = [term for term in terms if sides[term] is side]
            assert mine == [term for term, more in sides.items() if more is side][: len(mine)]
        sizes[other == THE_REST].append(len(terms))
    assert min(sizes[False]) >= 2
    assert min(sizes[True]) >= 20
    assert max(sizes[True]) - min(sizes[True]) <= 2


def test_a_long_sentence_is_cut_around_its_passage_and_offsets_count_characters():
    text = "🛡" * 900 + "captured" + "é" * 900
    before, at, after = passage(text, 900, 908, 500)
    assert at == "captured"
    assert before == "…" + "🛡" * 246
    assert after == "é" * 246 + "…"
    assert passage("short", None, None, 10) == ("", "", "short")


def test_the_same_lexicon_gives_the_same_page(whole, page):
    again = lexicon_page(whole, made.settings(), "run <b>one</b>", lexicon_figures(whole, made.settings()))
    assert again == page
