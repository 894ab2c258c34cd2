"""Who is compared with whom, and in which order the terms are listed."""

import numpy as np
import polars as pl
import pytest

from framing.evaluation.lexicon.comparison import PAIRED, effects
from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.permutation import permutation
from framing.evaluation.lexicon.tables import DOCUMENTS, THE_REST, TOO_FEW
from tests.lexicon_corpora import lexicon, sentences, settings, sides, topical

FILLER = ["the", "town", "was", "by", "a", "river", "and", "the", "old", "bridge"]


def written(
    generator: np.random.Generator, source: str, number: int, own: dict[str, float]
) -> list[tuple[str, str, str]]:
    """Documents of common words, and of the source's own words, each in such a share of them."""
    return [
        (
            source,
            f"{source}-{article}",
            " ".join(
                [*generator.permutation(FILLER), *(word for word in own if generator.random() < own[word])]
            ),
        )
        for article in range(number)
    ]


@pytest.fixture(scope="module")
def two() -> pl.DataFrame:
    generator = np.random.default_rng(0)
    rows = written(generator, "x", 120, {"freed": 0.6, "market": 0.3}) + written(
        generator, "y", 100, {"seized": 0.6, "market": 0.3}
    )
    return sentences(rows)


@pytest.fixture(scope="module")
def three(two) -> pl.DataFrame:
    generator = np.random.default_rng(1)
    return sentences(
        [*two.select("source", "article", "text").rows(), *written(generator, "z", 80, {"taken": 0.5})]
    )


def test_a_real_difference_is_found_and_a_shared_word_is_not(two):
    terms = lexicon(two, settings(ngrams=(1, 1), min_documents=20)).terms
    assert set(terms.filter(pl.col("q") <= 0.01)["term"]) == {"freed", "seized"}
    first = terms.row(0, named=True)
    assert (first["term"], first["count_other"]) == ("freed", 0)
    assert 0 < first["bound"] == first["low"] < first["log_odds"]
    assert terms.filter(pl.col("term") == "the")["p"][0] > 0.01


def test_three_of_nothing_never_stand_above_three_hundred_of_ten():
    generator = np.random.default_rng(2)
    rows = []
    for source, often in (("x", 300), ("y", 10)):
        for article in range(400):
            words = [*generator.permutation(FILLER), *(["often"] if article < often else [])]
            rows.append(
                (
                    source,
                    str(article),
                    " ".join([*words, "rare"] if source == "x" and article > 396 else words),
                )
            )
    for min_documents in (20, 1000):  # with inference and without
        terms = lexicon(sentences(rows), settings(ngrams=(1, 1), min_documents=min_documents)).terms
        listed = terms.filter(pl.col("log_odds") > 0)["term"].to_list()
        assert listed.index("often") == 0
        assert listed.index("rare") > 0


def test_too_few_documents_give_effects_and_no_inference(two):
    found = lexicon(two, settings(min_documents=101, draws=20))
    row = found.comparisons.row(0, named=True)
    assert row["inference"] == TOO_FEW
    assert row["significant"] is None
    assert set(found.terms["inference"]) == {TOO_FEW}
    for name in ("standard_error", "low", "high", "bound", "p", "q", "boot_low", "boot_high"):
        assert found.terms[name].null_count() == found.terms.height
    for name in ("log_odds", "z_words", "g2", "log_ratio", "dp_other", "jsd_share", "text_g2"):
        assert (
            found.terms.filter(pl.col("count_other") > 0, ~pl.col("term").str.contains(" "))[
                name
            ].null_count()
            == 0
        )
    assert found.terms["term"][0] == "freed"
    assert set(lexicon(two, settings(min_documents=100)).terms["inference"]) == {DOCUMENTS}


def test_the_rest_of_two_groups_is_the_other_one(two):
    pair = lexicon(two, settings(draws=50))
    assert pair.comparisons.select("group", "other").rows() == [("x", "y")]
    against = lexicon(two, settings(pairs=False, draws=50))
    assert against.comparisons.select("group", "other").rows() == [("x", THE_REST), ("y", THE_REST)]
    by_term = [pair.terms.sort("term")] + [
        against.terms.filter(pl.col("group") == group).sort("term") for group in ("x", "y")
    ]
    for name in ("log_odds", "p", "q", "standard_error", "g2", "boot_low", "boot_high", "dp"):
        np.testing.assert_allclose(*(table[name].to_numpy() for table in by_term[:2]), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(by_term[1]["log_odds"], -by_term[2]["log_odds"].to_numpy(), atol=1e-9)
    np.testing.assert_allclose(by_term[1]["p"], by_term[2]["p"].to_numpy())
    assert by_term[1]["count_other"].to_list() == by_term[2]["count"].to_list()


def test_three_groups_stand_against_the_rest_and_each_other(three):
    found = lexicon(three, settings(ngrams=(1, 1)))
    assert found.comparisons.select("group", "other").rows() == [
        ("x", THE_REST), ("y", THE_REST), ("z", THE_REST), ("x", "y"), ("x", "z"), ("y", "z"),
    ]  # fmt: skip
    assert lexicon(three, settings(pairs=False)).comparisons.height == 3
    rest = found.comparisons.filter(group="x", other=THE_REST).row(0, named=True)
    own = found.groups.filter(pl.col("group") != "x")
    assert (rest["documents_other"], rest["words_other"]) == (own["documents"].sum(), own["words"].sum())


def test_a_pair_does_not_depend_on_who_else_is_there(two, three):
    alone = lexicon(two, settings()).terms
    among = lexicon(three, settings()).terms.filter(group="x", other="y")
    assert alone["term"].to_list() == among["term"].to_list()
    np.testing.assert_allclose(alone["log_odds"], among["log_odds"].to_numpy())
    np.testing.assert_allclose(alone["q"], among["q"].to_numpy())


def test_pairs_of_too_many_groups_are_not_compared():
    rows = [(f"s{number:02d}", "1", f"war w{number}") for number in range(PAIRED + 1)]
    assert lexicon(sentences(rows), settings()).comparisons.height == PAIRED + 1


def test_all_terms_are_listed_or_the_strongest_of_either_side(two):
    everything = lexicon(two, settings(listed=None, min_count=3))
    row = everything.comparisons.row(0, named=True)
    assert row["listed"] == row["tested"] == everything.terms.height
    assert everything.terms["term"].n_unique() == row["tested"]
    assert row["significant"] == (everything.terms["q"] <= 0.05).sum()
    few = lexicon(two, settings(listed=4, min_count=3))
    assert few.comparisons["significant"].to_list() == [row["significant"]]
    assert few.comparisons["tested"].to_list() == [row["tested"]]
    for sign in (1, -1):
        ours, theirs = (
            table.terms.filter(sign * pl.col("log_odds") > 0)["term"].to_list() for table in (few, everything)
        )
        assert ours == theirs[:4]


def test_terms_stand_in_order_of_their_bound(two):
    terms = lexicon(two, settings()).terms
    for sign in (1, -1):
        own = terms.filter(sign * pl.col("log_odds") > 0)
        assert (np.diff(sign * own["bound"].to_numpy()) <= 0).all()


def test_a_level_is_what_significant_counts_by(two):
    everything = lexicon(two, settings(level=0.5))
    assert everything.comparisons["significant"][0] == (everything.terms["q"] <= 0.5).sum()


def test_effects_can_be_made_again_from_the_table_of_counts(two):
    found = lexicon(two, settings(ngrams=(1, 1)))
    wide = found.counts.pivot(on="group", index="term", values="count").fill_null(0)
    words = dict(found.groups.select("group", "words").rows())
    joined = found.terms.join(wide, on="term")
    np.testing.assert_array_equal(joined["count"], joined["x"])
    np.testing.assert_allclose(joined["per_10k"], joined["x"] / words["x"] * 1e4)


def test_where_the_two_tests_see_opposite_differences_there_is_none():
    a, b = sides(np.array([[9, 1], [8, 2], [1, 9], [2, 8]]), np.array([True, True, False, False]))
    opposite = permutation(b, a)
    values = effects(a, b, opposite, enough=True, prior=Prior(500.0, 0.5))
    assert (values["p"] == 1).all()
    assert (effects(a, b, permutation(a, b), enough=True, prior=Prior(500.0, 0.5))["p"] < 0.5).all()


@pytest.mark.parametrize(("small", "large"), [(20, 400), (20, 2000), (50, 1000)])
def test_a_small_group_beside_a_large_rest_finds_nothing_where_nothing_is(small, large):
    """With the normal distribution alone there would be 1 to 25 findings, all of rare terms of a few documents."""
    generator = np.random.default_rng(1)
    found = []
    for _ in range(3):
        documents = topical(generator, small + large, terms=1500, words=120, evenness=300)
        a, b = sides(documents, generator.permutation(small + large) < small)
        tested = np.flatnonzero(a.count + b.count >= 3)
        a, b = a.at(tested), b.at(tested)
        values = effects(a, b, permutation(a, b), enough=True, prior=Prior(500.0, 0.5))
        assert (values["p"] < 0.05).mean() < 0.06
        found.append((values["q"] <= 0.05).sum())
    assert np.mean(found) < 1


def test_z_over_words_is_that_of_the_published_prior(two):
    """Whatever the least prior is, which moves the effects."""
    found = [
        lexicon(two, settings(ngrams=(1, 1), prior=Prior(20.0, least))).terms.sort("term")
        for least in (0.0, 5.0)
    ]
    np.testing.assert_allclose(found[0]["z_words"], found[1]["z_words"].to_numpy())
    assert not np.allclose(found[0]["log_odds"], found[1]["log_odds"].to_numpy())
    np.testing.assert_array_equal(np.isfinite(found[1]["z_words"].to_numpy()), True)
