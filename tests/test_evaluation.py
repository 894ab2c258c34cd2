import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, f1_score, precision_recall_fscore_support

from framing.core.corpus import NO_VOICE
from framing.evaluation.agreement import agreement, alpha
from framing.evaluation.lexicon.old import (
    LexiconSettings,
    clustered_error,
    count_terms,
    group_sums,
    lexicon_by_source,
    log_odds,
    permutation_z,
)
from framing.evaluation.scores import frame_table, summary, voice_macro_f1, voice_table

FRAMES = ["a", "b", "c"]
labels = arrays(np.bool_, st.tuples(st.integers(1, 30), st.just(3)))


@given(gold=labels, seed=st.integers(0, 9))
def test_scores_agree_with_scikit_learn(gold, seed):
    generator = np.random.default_rng(seed)
    probabilities = generator.random(gold.shape)
    predicted = probabilities > 0.5
    table = frame_table(FRAMES, gold, predicted, probabilities)
    expected = precision_recall_fscore_support(gold, predicted, average=None, zero_division=0)
    supported = gold.any(axis=0)
    for column, values in zip(["precision", "recall", "f1"], expected[:3], strict=True):
        found = np.array(table[column].to_list(), dtype=float)
        assert np.allclose(found[supported], values[supported])
        assert np.isnan(found[~supported]).all()
    for column in np.flatnonzero(supported):
        expected_ap = average_precision_score(gold[:, column], probabilities[:, column])
        assert table["average_precision"][int(column)] == pytest.approx(expected_ap)
    scores = summary(gold, predicted)
    assert scores["micro_f1"] == pytest.approx(f1_score(gold, predicted, average="micro", zero_division=0))
    if supported.all():
        assert scores["macro_f1"] == pytest.approx(
            f1_score(gold, predicted, average="macro", zero_division=0)
        )


@given(gold=labels, seed=st.integers(0, 9))
def test_a_perfect_model_scores_one_and_order_changes_nothing(gold, seed):
    perfect = summary(gold, gold)
    assert perfect["exact_match"] == 1
    assert perfect["macro_f1"] == (1 if gold.any() else 0)
    predicted = np.random.default_rng(seed).random(gold.shape) > 0.5
    order = np.random.default_rng(seed).permutation(len(gold))
    assert summary(gold[order], predicted[order]) == pytest.approx(summary(gold, predicted))


def test_a_hand_worked_case():
    gold = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=bool)
    predicted = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1], [1, 0, 0]], dtype=bool)
    table = frame_table(FRAMES, gold, predicted, predicted.astype(float))
    assert table["precision"].to_list() == [0.5, 1.0, None]
    assert table["recall"].to_list() == [0.5, 1.0, None]
    assert table["support"].to_list() == [2, 2, 0]
    assert table["predicted"].to_list() == [2, 2, 1]
    assert summary(gold, predicted) == pytest.approx(
        {"macro_f1": 0.75, "micro_f1": 6 / 9, "exact_match": 0.25}
    )


def test_voice_is_scored_where_there_is_one():
    gold = np.array([0, 1, NO_VOICE, 1], dtype=np.int8)
    table = voice_table(["asserted", "attributed", "contested"], gold, np.array([0, 1, 0, 0], dtype=np.int8))
    assert table["f1"].to_list() == pytest.approx([2 / 3, 2 / 3, 0])
    assert table["support"].to_list() == [1, 2, 0]
    assert voice_macro_f1(table) == pytest.approx(2 / 3)


@pytest.mark.parametrize("voices", [[], ["asserted", "attributed"]])
def test_without_voices_there_is_nothing_to_score(voices):
    nothing = np.full(3, NO_VOICE, dtype=np.int8)
    table = voice_table(voices, nothing, nothing)
    assert table.height == len(voices)
    assert voice_macro_f1(table) == 0


# Worked examples of K. Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": two observers and
# binary data without gaps (sec. A), and four observers, five values and gaps (sec. C), nominal.
BINARY = ["0100000010", "1110010000"]
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def test_alpha_of_published_worked_examples():
    assert alpha(list(zip(*BINARY, strict=True))) == pytest.approx(0.095, abs=5e-4)
    assert alpha(list(zip(*FOUR, strict=True))) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_perfect_agreement_and_of_nothing_to_compare():
    assert alpha([(1, 1), (0, 0)]) == 1
    assert alpha([(1, 1), (1, 1)]) is None
    assert alpha([(1, None), (None, 0)]) is None


def test_the_interval_holds_alpha_and_widens_with_clusters():
    generator = np.random.default_rng(1)
    pairs = [(bool(a), bool(a) if generator.random() < 0.8 else not a) for a in generator.random(200) < 0.4]
    by_sentence = agreement(pairs, range(200), draws=300, seed=0)
    assert by_sentence.low < by_sentence.alpha < by_sentence.high
    assert by_sentence == agreement(pairs, range(200), draws=300, seed=0)
    clusters = [row // 50 for row in range(200)]
    repeated = [pairs[row // 50] if row % 50 else pairs[row] for row in range(200)]
    assert agreement(repeated, clusters, draws=50, seed=0).sentences == 200


def test_a_frame_that_most_draws_miss_says_so():
    found = agreement([(True, True)] + [(False, False)] * 30, range(31), draws=200, seed=0)
    assert found.alpha == 1
    assert 0.2 < found.undefined < 0.6
    nothing = agreement([(False, False)] * 3, range(3), draws=20, seed=0)
    assert (nothing.alpha, nothing.low, nothing.undefined) == (None, None, 1)


SETTINGS = LexiconSettings(ngrams=(1, 2), prior=500, min_count=1, min_documents=20, shown=5)


def two_groups(texts, group, **changes):
    counts = count_terms(texts, [f"d{i:04d}" for i in range(len(texts))], ngrams=(1, 1), min_count=1)
    a = np.array(group, dtype=bool)
    return counts, group_sums(counts, a), group_sums(counts, ~a)


def test_log_odds_of_a_hand_worked_case():
    counts, a, b = two_groups(["war war peace", "peace peace town"], [1, 0])
    delta, error = log_odds(a, b, prior=6)
    war = counts.terms.index("war")
    # a_w = 6 * 2/6 = 2: ln((2+2)/(3+6-2-2)) - ln((0+2)/(3+6-0-2)) = ln(4/5) - ln(2/7)
    assert delta[war] == pytest.approx(np.log(4 / 5) - np.log(2 / 7))
    assert error[war] == pytest.approx(np.sqrt(1 / 4 + 1 / 2))


def test_the_permutation_test_has_the_moments_of_all_permutations():
    texts = ["war war town", "war", "town town town peace", "peace war", "town", "war peace peace"]
    counts, a, b = two_groups(texts, [1, 1, 0, 0, 0, 0])
    war = counts.terms.index("war")
    statistics = []
    for pair in itertools.combinations(range(6), 2):
        members = np.isin(np.arange(6), pair)
        own = group_sums(counts, members)
        everything = group_sums(counts, np.ones(6, dtype=bool))
        statistics.append(own.count[war] - everything.count[war] / everything.length[war] * own.length[war])
    observed = statistics[0]
    expected = (observed - np.mean(statistics)) / np.std(statistics)
    assert permutation_z(a, b)[war] == pytest.approx(expected)


def test_swapping_the_groups_negates_every_effect():
    texts = ["war war town", "war", "town peace", "peace war", "town"] * 3
    _, a, b = two_groups(texts, [1, 1, 0, 0, 0] * 3)
    assert np.allclose(log_odds(a, b, prior=50)[0], -log_odds(b, a, prior=50)[0])
    assert np.allclose(permutation_z(a, b), -permutation_z(b, a))
    assert np.allclose(clustered_error(a, b), clustered_error(b, a))


def test_words_that_one_document_repeats_get_a_wider_interval():
    spread = ["war town sea hill"] * 20 + ["town sea hill lake"] * 20
    heaped = ["war " * 20 + "town sea hill"] + ["town sea hill lake"] * 39
    errors = []
    for texts in (spread, heaped):
        counts, a, b = two_groups(texts, [1] * 20 + [0] * 20)
        errors.append(clustered_error(a, b)[counts.terms.index("war")])
    assert errors[1] > 2 * errors[0]


def test_pruning_rare_terms_changes_no_total():
    texts = ["war town once", "war town"]
    totals = [count_terms(texts, ["a", "b"], ngrams=(1, 2), min_count=m).totals for m in (1, 2)]
    assert np.array_equal(*totals)
    assert totals[0].tolist() == [[3, 2], [2, 1]]


def test_ngrams_do_not_run_over_sentences_and_quotes_do_not_split_words():
    counts = count_terms(["Russia’s 40,000 men.", "U.S. left"], ["d", "d"], ngrams=(1, 2), min_count=1)
    assert "russia's 40,000" in counts.terms
    assert "men left" not in counts.terms
    assert "men u" not in counts.terms


def test_too_few_documents_give_effects_without_p():
    table = lexicon_by_source(["war war", "peace"], ["x", "y"], ["1", "2"], SETTINGS)
    assert set(table["inference"]) == {"too few documents"}
    assert table["p"].null_count() == table.height
    assert table.filter((pl.col("source") == "x") & (pl.col("term") == "war"))["log_odds"][0] > 0


def test_with_enough_documents_a_real_difference_is_found():
    generator = np.random.default_rng(0)
    texts, sources = [], []
    for number in range(200):
        sources.append("x" if number % 2 else "y")
        marker = "freed" if number % 2 else "seized"
        texts.append(" ".join([marker, *generator.choice(["the", "town", "was", "army", "sea"], 12)]))
    table = lexicon_by_source(texts, sources, [str(n) for n in range(200)], SETTINGS)
    x = table.filter(pl.col("source") == "x")
    assert x.row(0, named=True)["term"] == "freed"
    assert x.row(0, named=True)["q"] < 1e-6
    assert x.filter(pl.col("term") == "the")["p"][0] > 1e-3


def test_one_source_has_nothing_to_compare_with():
    assert lexicon_by_source(["war"], ["x"], ["1"], SETTINGS).height == 0


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 999))
def test_documents_of_two_sources_with_one_name_are_two(seed):
    order = np.random.default_rng(seed).permutation(4)
    texts, sources = np.array(["war", "town", "war", "sea"]), np.array(["x", "x", "y", "y"])
    one = lexicon_by_source(texts[order].tolist(), sources[order].tolist(), ["1"] * 4, SETTINGS)
    war = one.filter((pl.col("source") == "x") & (pl.col("term") == "war")).row(0, named=True)
    assert (war["documents"], war["documents_rest"]) == (1, 1)


@pytest.mark.slow
def test_splitting_one_source_at_random_finds_nothing():
    """The A/A check: documents with repeated words of their own, in two groups that do not differ."""
    generator = np.random.default_rng(5)
    words = np.array([f"w{number}" for number in range(400)])
    shares = 1 / np.arange(1, 401)
    significant, discoveries, terms = 0, [], 0
    for _ in range(20):
        texts = []
        for _ in range(300):  # each document has its own taste, so its words repeat
            taste = generator.gamma(0.5, size=400) * shares
            texts.append(" ".join(generator.choice(words, 60, p=taste / taste.sum())))
        group = generator.permutation(np.repeat(["a", "b"], 150)).tolist()
        settings_ = LexiconSettings(ngrams=(1, 1), prior=500, min_count=20, min_documents=20, shown=5)
        table = lexicon_by_source(texts, group, [str(n) for n in range(300)], settings_).filter(
            pl.col("source") == "a"
        )
        significant += int((table["p"] < 0.05).sum())
        discoveries.append(int((table["q"] < 0.05).sum()))
        terms += table.height
    assert 0.03 <= significant / terms <= 0.06
    assert np.mean(discoveries) < 1
