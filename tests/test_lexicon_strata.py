"""Like is compared with like: two sides within strata."""

from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from framing.evaluation.lexicon.measures import Prior, clustered_error, log_odds
from framing.evaluation.lexicon.strata import contrast
from framing.evaluation.lexicon.sums import Side
from framing.evaluation.lexicon.tables import NO_STRATUM, no_stratum_in_common
from tests.lexicon_corpora import lexicon, sentences, settings, sides, topical


def strata_of(generator: np.random.Generator, sizes: list[tuple[int, int]]) -> list[tuple[Side, Side]]:
    return [
        sides(topical(generator, one + other, terms=30), np.arange(one + other) < one) for one, other in sizes
    ]


def test_one_stratum_is_no_strata():
    generator = np.random.default_rng(0)
    rows = [
        (f"s{number % 2}", str(number), " ".join(generator.choice(["war", "town", "sea", "army"], 9)))
        for number in range(60)
    ]
    table = sentences(rows, event=["bridge"] * 60)
    how = settings(draws=30)
    without, one = lexicon(table, how), lexicon(table, settings(strata=("event",), draws=30))
    assert_frame_equal(without.terms, one.terms)
    assert_frame_equal(without.comparisons, one.comparisons)


def simpson() -> pl.DataFrame:
    """Both sources write 'bridge' in 1 of 10 words of one event and never of the other; the mix of events differs."""
    rows, events = [], []
    for source, ours, theirs in (("x", 60, 20), ("y", 20, 60)):
        for number in range(ours + theirs):
            event = "crossing" if number < ours else "harvest"
            text = "one two three four five six seven eight nine" if number % 2 else "one two six seven nine"
            more = "bridge" if event == "crossing" else "field"
            rows.append((source, f"{event}-{number}", f"{text} {more}"))
            events.append(event)
    return sentences(rows, event=events)


def test_a_difference_that_is_only_the_mix_of_strata_disappears():
    def bridge(strata: tuple[str, ...]) -> dict[str, float]:
        found = lexicon(simpson(), settings(strata=strata, draws=100)).terms
        return found.filter(pl.col("term") == "bridge").row(0, named=True)

    mixed, alike = bridge(()), bridge(("event",))
    assert mixed["log_odds"] > 0.5
    assert mixed["q"] < 1e-3
    assert alike["log_odds"] == pytest.approx(0, abs=0.02)
    assert alike["p"] > 0.5
    assert alike["boot_low"] < 0 < alike["boot_high"]
    assert (alike["count"], alike["count_other"]) == (60, 20)


def test_weights_give_both_sides_the_same_mix_of_words():
    pairs = strata_of(np.random.default_rng(1), [(5, 20), (30, 3), (8, 8)])
    found = contrast(pairs)
    words = np.array([[a.words, b.words] for a, b in pairs])
    mixed = found.weights * words
    np.testing.assert_allclose(mixed[:, 0] / mixed[:, 0].sum(), mixed[:, 1] / mixed[:, 1].sum())
    np.testing.assert_allclose(mixed.sum(axis=0), words.sum(axis=0))
    np.testing.assert_allclose(found.a.length, words[:, 0].sum())


def test_weighted_sums_are_those_of_documents_that_count_so_often():
    generator = np.random.default_rng(2)
    documents = topical(generator, 12, terms=10)
    side, _ = sides(documents, np.ones(12, dtype=bool))
    weighted = side.weighted(2.5)
    own, length = 2.5 * documents, 2.5 * documents.sum(axis=1)
    np.testing.assert_allclose(weighted.count, own.sum(axis=0))
    np.testing.assert_allclose(weighted.squares, (own**2).sum(axis=0))
    np.testing.assert_allclose(weighted.cross, (own * length[:, np.newaxis]).sum(axis=0))
    np.testing.assert_allclose(weighted.length_squares, (length**2).sum())
    np.testing.assert_allclose(weighted.count_variance, (2.5**2 * documents).sum(axis=0))
    assert side.count_variance is side.count


def test_the_error_is_never_less_than_that_of_weighted_words_drawn_one_by_one():
    generator = np.random.default_rng(7)
    lengths = np.full(40, 1000)
    # Every document has the term as often: there is no variance between documents.
    even = np.full((40, 1), 2)
    pairs = [sides(even, np.arange(40) < size, lengths) for size in (2, 38)]
    found = contrast(pairs)
    drawn = np.array(
        [
            sum(
                weight * generator.poisson(pair[0].count[0])
                for weight, pair in zip(found.weights[:, 0], pairs, strict=True)
            )
            for _ in range(20_000)
        ]
    )
    assert found.a.count_variance[0] == pytest.approx(drawn.var(), rel=0.05)
    assert found.a.count_variance[0] > 1.5 * found.a.count[0]
    share = found.a.count[0] / found.a.length[0]
    of_share = (found.a.count_variance[0] + 0.5) / (found.a.length[0] * share * (1 - share)) ** 2
    (squared,) = clustered_error(found.a, found.a, Prior(0.0, 0.0)) ** 2
    assert squared == pytest.approx(2 * of_share)


def test_the_permutation_test_shuffles_within_strata_alone():
    generator = np.random.default_rng(3)
    strata = [(generator.poisson(1.5, (5, 4)) + 1, 2), (generator.poisson(0.8, (6, 4)) + 1, 3)]
    choices = []
    for documents, size in strata:
        lengths = documents.sum(axis=1)
        rate = documents.sum(axis=0) / lengths.sum()
        excess = documents - rate * lengths[:, np.newaxis]
        choices.append(
            [excess[list(chosen)].sum(axis=0) for chosen in combinations(range(len(documents)), size)]
        )
    everything = np.array([one + other for one, other in product(*choices)])
    found = contrast([sides(documents, np.arange(len(documents)) < size) for documents, size in strata])
    np.testing.assert_allclose(everything.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.permutation.variance, everything.var(axis=0))
    np.testing.assert_allclose(found.permutation.excess, everything[0])


def test_strata_that_one_side_alone_has_are_left_out_and_counted():
    pairs = strata_of(np.random.default_rng(4), [(5, 7), (4, 0), (0, 6)])
    found = contrast(pairs)
    assert found.shared.tolist() == [True, False, False]
    assert found.left_out == 10
    np.testing.assert_allclose(found.raw_a.count, pairs[0][0].count)
    rows = [
        ("x", "1", "war"),
        ("y", "2", "war sea"),
        ("x", "3", "town"),
        ("y", "4", "port"),
        ("y", "5", "port"),
    ]
    table = sentences(rows, event=["both", "both", "x alone", "y alone", "y alone"])
    row = lexicon(table, settings(strata=("event",))).comparisons.row(0, named=True)
    assert (row["strata"], row["documents_left_out"], row["documents"], row["documents_other"]) == (
        1,
        3,
        1,
        1,
    )


def test_nothing_in_common_is_nothing_compared():
    table = sentences([("x", "1", "war"), ("y", "2", "war")], event=["one", "other"])
    found = lexicon(table, settings(strata=("event",), draws=10))
    row = found.comparisons.row(0, named=True)
    assert (row["strata"], row["documents"], row["tested"], row["jsd"]) == (0, 0, 0, None)
    assert found.terms.height == 0


def test_exchanging_the_sides_negates_the_effect_within_strata():
    pairs = strata_of(np.random.default_rng(5), [(5, 20), (30, 3), (8, 8)])
    one, other = contrast(pairs), contrast([(b, a) for a, b in pairs])
    prior = Prior(500.0, 0.5)
    np.testing.assert_allclose(
        log_odds(one.a, one.b, prior)[0], -log_odds(other.a, other.b, prior)[0], atol=1e-12
    )
    np.testing.assert_allclose(one.permutation.excess, -other.permutation.excess, atol=1e-9)
    np.testing.assert_allclose(one.permutation.p(), other.permutation.p())


def test_an_article_that_is_compared_with_itself_is_a_stratum():
    """Voices within articles: each article has a topic of its own, and quotes say 'we' more often."""
    generator = np.random.default_rng(6)
    rows, voices = [], []
    for article in range(60):
        topic = [f"t{generator.integers(20)}" for _ in range(4)]
        for voice in ("author", "quoted"):
            more = ["we"] * int(generator.poisson(2)) if voice == "quoted" else ["they"]
            rows.append(("x", str(article), " ".join(generator.permutation(topic * 2 + more))))
            voices.append(voice)
    how = settings(groups="voice", strata=("article",), ngrams=(1, 1))
    terms = lexicon(sentences(rows, voice=voices), how).terms
    found = set(terms.filter(pl.col("q") <= 0.05)["term"])
    assert found == {"we", "they"}


def test_p_and_q_do_not_depend_on_how_many_terms_are_listed_where_strata_are_weighted():
    generator = np.random.default_rng(8)
    rows, events = [], []
    rare = [f"r{number}" for number in range(30)]
    for source, sizes in (("x", (60, 12)), ("y", (10, 50))):
        for event, size in zip(("bridge", "harvest"), sizes, strict=True):
            for number in range(size):
                words = ["the", "town", "by", "a", "river", *generator.choice(rare, 2)]
                more = ["freed"] if source == "x" and generator.random() < 0.6 else []
                rows.append((source, f"{event}-{number}", " ".join([*words, *more])))
                events.append(event)
    table = sentences(rows, event=events)
    few, everything = (
        lexicon(table, settings(strata=("event",), ngrams=(1, 2), listed=listed)) for listed in (60, None)
    )
    assert few.comparisons["tested"].to_list() == everything.comparisons["tested"].to_list()
    joined = few.terms.join(everything.terms, on="term", suffix="_all")
    assert joined.height == few.terms.height > 60
    for name in ("p", "q", "log_odds"):
        np.testing.assert_allclose(joined[name], joined[f"{name}_all"].to_numpy())
    assert (everything.terms["p"] == 1).any()


def test_sides_without_a_stratum_in_common_are_said_to_have_none():
    table = sentences([("x", "1", "war"), ("y", "2", "war")], event=["one", "other"])
    comparisons = lexicon(table, settings(strata=("event",))).comparisons
    assert comparisons["inference"].to_list() == [NO_STRATUM]
    assert comparisons.filter(no_stratum_in_common()).height == 1
