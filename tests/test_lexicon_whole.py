"""A whole lexicon of an invented corpus, and of corpora that are odd."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from framing.core.errors import FramingError
from framing.evaluation.lexicon.alternation_file import read_alternations
from framing.evaluation.lexicon.corpora import InMemory
from framing.evaluation.lexicon.documents import with_groups
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.on_disk import OnDisk
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import THE_REST, Lexicon
from framing.evaluation.lexicon.whole import LexiconRules, whole_lexicon
from tests.lexicon_corpora import corpus, lexicon, sentences, settings

NOISE = NoiseSettings(
    boilerplate_documents=3, numbers_alike=False, edge_documents=20, edge_share=0.02, names={}, wire="drop",
    wire_words=8, near_copies=False, similarity=0.8, listed=20,
)  # fmt: skip
FULL = settings(min_documents=15, min_count=2, listed=30, draws=40, examples=2, min_choices=5, self_check=3)
VERBS = {"Northern Courier": ("captured", "seized"), "Southern Echo": ("liberated", "captured")}
PLACES = ("bridge", "harbour", "station", "mill", "market", "school", "library", "farm")
PEOPLE = ("residents", "farmers", "teachers", "engineers", "doctors", "drivers", "pupils", "bakers")
DOINGS = ("waited for", "walked to", "looked at", "spoke of", "wrote about", "repaired", "closed", "opened")


def invented(number: int = 60, seed: int = 0) -> pl.DataFrame:
    """Articles of two sources: a choice between verbs, a sentence of its own, boilerplate, the source's name."""
    generator = np.random.default_rng(seed)
    rows, columns = [], {"event": [], "voice": [], "frames": []}
    for source, verbs in VERBS.items():
        for article in range(number):
            event = PLACES[article % 4]
            verb = verbs[int(generator.random() < 0.25)]
            one, other = generator.choice(PEOPLE, 2)
            texts = [
                f"Russian forces {verb} the {event} near Mariupol on day {generator.integers(10_000)}",
                f"The {one} {generator.choice(DOINGS)} the {generator.choice(PLACES)}, {source} reports",
                f"Some {other} {generator.choice(DOINGS)} the {event} and the {generator.choice(PLACES)}",
                "Subscribe to our daily letter for more stories",
            ]
            for place, text in enumerate(texts):
                rows.append((source, f"{source[0]}{article}", text))
                columns["event"].append(event)
                columns["voice"].append("asserted" if place % 2 else "attributed")
                columns["frames"].append([["takeover"], ["people"], ["people", "takeover"], []][place])
    dates = [f"2022-{1 + number % 12:02d}-10" for number in range(len(rows))]
    columns["frames"] = pl.Series(columns["frames"], dtype=pl.List(pl.String))
    return sentences(rows, **columns).with_columns(date=pl.Series(dates))


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return invented()


@pytest.fixture(scope="module")
def rules() -> LexiconRules:
    return LexiconRules(FULL, NOISE, read_alternations("configs/alternations/territorial_war.yaml"))


@pytest.fixture(scope="module")
def found(table, rules) -> Lexicon:
    return whole_lexicon(corpus(table, FULL), rules)


def plain(how: LexiconSettings = FULL) -> LexiconRules:
    return LexiconRules(how, None, None)


def same(one: Lexicon, other: Lexicon) -> None:
    for name, expected in one.tables().items():
        assert_frame_equal(other.tables()[name], expected, rel_tol=1e-5, abs_tol=1e-5)
    assert one.notices == other.notices


def test_the_words_that_differ_are_found(found):
    listed = found.terms.filter(pl.col("q") <= 0.05)
    singles = listed.filter(~pl.col("term").str.contains(" "))
    assert sorted(singles.filter(pl.col("log_odds") > 0)["term"]) == ["captured", "seized"]
    assert singles.filter(pl.col("log_odds") < 0)["term"].to_list() == ["liberated"]
    only = found.terms.filter(pl.col("term") == "seized").row(0, named=True)
    assert only["count"] > 5
    assert only["count_other"] == 0
    assert found.comparisons.select("group", "other").rows() == [("Northern Courier", "Southern Echo")]


def test_boilerplate_and_own_names_are_taken_out_and_counted(found):
    assert not set(found.counts["term"]) & {"subscribe", "courier", "echo", "daily letter"}
    boilerplate = found.noise.filter(pl.col("kind") == "boilerplate")
    assert set(boilerplate["group"]) == set(VERBS)
    assert boilerplate["documents"].to_list() == [60, 60]
    names = found.noise.filter(pl.col("kind") == "own name")
    assert set(names["group"]) == set(VERBS)
    gone = found.noise.filter(pl.col("removed"), pl.col("kind") != "own name")
    left = [240 - gone.filter(pl.col("group") == source)["sentences"].sum() for source in sorted(VERBS)]
    assert found.groups["sentences"].to_list() == left
    assert max(left) <= 180


def test_with_noise_kept_the_names_are_the_lexicon(table):
    kept = whole_lexicon(corpus(table, FULL), plain())
    assert {"courier", "echo"} <= set(kept.terms["term"])
    assert kept.groups["sentences"].to_list() == [240, 240]
    assert kept.noise.height == 0


def test_the_choice_between_rival_words_is_found(found):
    verbs = found.shares.filter(pl.col("condition") == "all", pl.col("share") > 0.5)
    chosen = set(zip(verbs["group"], verbs["variant"], strict=True))
    assert any(group == "Southern Echo" and "liberat" in variant for group, variant in chosen)
    assert any(group == "Northern Courier" and "captur" in variant for group, variant in chosen)
    assert found.choices.height


def test_examples_hold_their_term_where_they_say(found):
    assert found.concordance.height
    for row in found.concordance.filter(~pl.col("term").str.contains(" ")).iter_rows(named=True):
        assert row["text"][row["start"] : row["end"]].lower() == row["term"]
        assert row["source"] == row["group"]


def test_the_same_seed_gives_the_same_and_row_order_changes_nothing(table, rules, found):
    same(found, whole_lexicon(corpus(table, FULL), rules))
    same(found, whole_lexicon(corpus(table.sample(fraction=1, shuffle=True, seed=5), FULL), rules))


def test_on_disk_the_lexicon_is_the_same(table, rules, found, tmp_path):
    grouped, _ = with_groups(table.sample(fraction=1, shuffle=True, seed=6), FULL)
    parts = (grouped[start : start + 70] for start in range(0, grouped.height, 70))
    same(found, whole_lexicon(OnDisk.of(parts, tmp_path / "corpus", 100), rules))


def test_another_seed_changes_what_is_drawn_alone(table, rules, found):
    other = whole_lexicon(corpus(table, FULL), replace(rules, settings=replace(FULL, seed=1)))
    drawn = ("boot_low", "boot_high")
    assert_frame_equal(found.terms.drop(drawn), other.terms.drop(drawn))
    assert not found.terms["boot_low"].equals(other.terms["boot_low"])


def test_lexicons_within_frames_are_those_of_their_sentences(table):
    how = replace(FULL, within="frames")
    whole = whole_lexicon(corpus(table, how), plain(how))
    assert whole.comparisons["within"].to_list() == ["people", "takeover"]
    own = table.filter(pl.col("frames").list.contains("people"))
    alone = whole_lexicon(corpus(own, FULL), plain())
    for name in ("comparisons", "terms", "counts", "groups"):
        part = whole.tables()[name].filter(within="people").drop("within")
        assert_frame_equal(part, alone.tables()[name].drop("within"))
    assert "captured" not in set(whole.counts.filter(within="people")["term"])


@pytest.mark.parametrize(
    ("groups", "names"), [("voice", {"asserted", "attributed"}), ("frames", {"people", "takeover"})]
)
def test_parts_of_articles_can_be_groups_and_the_reader_is_told(table, groups, names):
    how = replace(FULL, groups=groups)
    whole = whole_lexicon(corpus(table, how), plain(how))
    assert set(whole.groups["group"]) == names
    assert any("strata=[article]" in notice for notice in whole.notices)
    within = replace(how, strata=("article",))
    whole = whole_lexicon(corpus(table, within), plain(within))
    assert not any("strata=[article]" in notice for notice in whole.notices)
    assert whole.comparisons["strata"][0] == 120


def test_periods_can_be_compared(table):
    how = replace(FULL, groups="period", period="quarter", min_documents=2)
    whole = whole_lexicon(corpus(table, how), plain(how))
    assert whole.groups["group"].to_list() == [f"2022-Q{number}" for number in (1, 2, 3, 4)]
    assert whole.comparisons.height == 4 + 6


def test_events_can_be_strata(table):
    how = replace(FULL, strata=("event",))
    whole = whole_lexicon(corpus(table, how), plain(how))
    assert whole.comparisons["strata"].to_list() == [4]
    assert whole.comparisons["documents_left_out"].to_list() == [0]
    first = whole.terms.filter(~pl.col("term").str.contains(" "))
    assert {"captured", "liberated"} <= set(first.filter(pl.col("q") <= 0.05)["term"])


def test_documents_that_strata_leave_out_are_told(table):
    events = [f"{source}{number}" for number, source in enumerate(table["source"])]
    how = replace(FULL, strata=("event",), self_check=0)
    whole = whole_lexicon(corpus(table.with_columns(event=pl.Series(events)), how), plain(how))
    assert whole.comparisons["inference"].to_list() == ["no stratum in common"]
    assert any("no event in common" in notice for notice in whole.notices)
    assert any("left out" in notice for notice in whole.notices)


def test_documents_without_words_are_told_and_are_no_documents(table):
    rows = [
        *table.select("source", "article", "text").rows(),
        *(("Southern Echo", f"e{n}", "…") for n in range(9)),
    ]
    whole = whole_lexicon(corpus(sentences(rows), FULL), plain())
    assert any("9 of 129 documents have no word" in notice for notice in whole.notices)
    without = whole_lexicon(corpus(sentences(rows[:-9]), FULL), plain())
    columns = ["term", "log_odds", "p", "q", "standard_error", "range_other", "dp_other"]
    assert_frame_equal(whole.terms.select(columns), without.terms.select(columns))
    assert whole.comparisons["documents_other"].to_list() == [60]


def test_texts_that_are_missing_are_sentences_without_words(table):
    rows = [*table.select("source", "article", "text").rows(), ("Southern Echo", "missing", None)]
    whole = whole_lexicon(corpus(sentences(rows), FULL), LexiconRules(FULL, NOISE, None))
    assert whole.terms.height


def test_a_giant_document_is_told_and_decides_nothing(table):
    giant = " ".join(["colossal harvest"] * 30_000)
    rows = [*table.select("source", "article", "text").rows(), ("Southern Echo", "giant", giant)]
    whole = whole_lexicon(corpus(sentences(rows), FULL), plain())
    assert any("article giant has" in notice for notice in whole.notices)
    row = whole.terms.filter(pl.col("term") == "colossal").row(0, named=True)
    assert abs(row["z_words"]) > 10
    assert row["p"] > 0.05
    assert row["dp_other"] < 0.5


@pytest.mark.parametrize("texts", [["🙂🙂", "🛡️"], ["", ""], ["…", None]])
def test_texts_without_a_word_have_no_lexicon(texts):
    rows = [("x", "1", texts[0]), ("y", "2", texts[1])]
    for rules in (plain(), LexiconRules(FULL, NOISE, None)):
        with pytest.raises(FramingError, match="found no word"):
            whole_lexicon(corpus(sentences(rows), FULL), rules)
        by_frame = sentences(rows, frames=pl.Series([["red"], ["blue"]]))
        with pytest.raises(FramingError, match=r"(?s)within blue.*within red"):
            how = replace(FULL, within="frames")
            whole_lexicon(corpus(by_frame, how), replace(rules, settings=how))


@pytest.mark.parametrize("pairs", [True, False])
def test_one_group_is_nothing_to_compare_and_that_is_told(pairs):
    how = replace(FULL, pairs=pairs)
    whole = whole_lexicon(corpus(sentences([("x", "1", "war"), ("x", "2", "war")]), how), plain(how))
    assert whole.comparisons.height == whole.terms.height == 0
    assert whole.counts["term"].to_list() == ["war"]
    assert any("one group only" in notice for notice in whole.notices)


def test_a_part_without_terms_is_told_beside_the_others(table):
    how = replace(FULL, within="kind")
    kinds = ["story"] * (table.height - 1) + ["letter"]
    whole = whole_lexicon(corpus(table.with_columns(kind=pl.Series(kinds)), how), plain(how))
    assert set(whole.terms["within"]) == {"story"}
    assert any("within letter. lexicon: found no word" in notice for notice in whole.notices)


def test_a_part_with_one_group_is_told_beside_the_others(table):
    how = replace(FULL, within="kind")
    kinds = ["story"] * (table.height - 4) + ["letter"] * 4
    whole = whole_lexicon(corpus(table.with_columns(kind=pl.Series(kinds)), how), plain(how))
    assert set(whole.comparisons["within"]) == {"story"}
    assert any("one group only: letter" in notice for notice in whole.notices)


def test_hundreds_of_groups_stand_each_against_the_rest():
    generator = np.random.default_rng(1)
    rows = [
        (f"s{group:04d}", str(article), " ".join(generator.choice([*PLACES, *PEOPLE], 6)))
        for group in range(400)
        for article in range(2)
    ]
    found = lexicon(sentences(rows), settings(listed=3, draws=10))
    assert found.comparisons.height == 400
    assert found.groups.height == 400


def test_names_of_groups_and_words_of_any_script_stand_as_they_are():
    rows = [
        ("Вестник", "1", "Місто звільнено"),
        ("المساء", "1", "المدينة حرة"),
        ("🙂", "1", "town freed"),
    ] * 2
    whole = whole_lexicon(corpus(sentences(rows), FULL), plain(replace(FULL, min_count=1)))
    assert set(whole.groups["group"]) == {"Вестник", "المساء", "🙂"}
    assert {"місто", "حرة", "freed"} <= set(whole.counts["term"])
    assert any("scripts" in notice for notice in whole.notices)


def test_every_table_can_be_had_without_any_that_was_not_asked_for(table):
    how = replace(FULL, draws=0, examples=0, self_check=0)
    whole = whole_lexicon(InMemory.of(with_groups(table, how)[0]), plain(how))
    assert {name for name, each in whole.tables().items() if each.height} == {
        "groups",
        "comparisons",
        "terms",
        "counts",
    }


def test_every_listed_term_has_sentences_of_the_side_that_has_more_of_it():
    first = invented(20)
    third = invented(20, seed=1).filter(pl.col("source") == "Northern Courier")
    third = third.with_columns(source=pl.lit("Western Post"), id=pl.format("w{}", pl.col("id")))
    how = replace(FULL, self_check=0)
    found = whole_lexicon(corpus(pl.concat([first, third]), how), LexiconRules(how, None, None))
    sides = found.terms.filter(pl.col("log_odds") != 0).select("group", "other", "term", "log_odds")
    behind = {(row["group"], row["term"]) for row in found.concordance.iter_rows(named=True)}
    groups = set(found.groups["group"])
    assert sides.filter((pl.col("other") == THE_REST) & (pl.col("log_odds") < 0)).height
    for group, other, term, log_odds in sides.iter_rows():
        more = {group} if log_odds > 0 else groups - {group} if other == THE_REST else {other}
        assert any((name, term) in behind for name in more)
