import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, f1_score, precision_recall_fscore_support

from framing.core.corpus import NO_VOICE
from framing.evaluation.agreement import agreement, alpha
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
