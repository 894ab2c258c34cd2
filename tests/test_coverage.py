"""Abstaining: risk against coverage by hand, ties, and the area under the curve."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from framing.evaluation.coverage import area_under_risk_coverage, confidence, coverage_table


def made(sentences=40, seed=0):
    generator = np.random.default_rng(seed)
    labelled, predicted = generator.random((2, sentences, 3)) < 0.5
    return labelled, predicted, generator.integers(0, 6, sentences) / 6


def test_a_sentence_is_as_sure_as_its_least_sure_decision():
    probabilities = np.array([[0.9, 0.4], [0.5, 1.0], [1.0, 0.0]])
    assert confidence(probabilities, 0.5).tolist() == pytest.approx([0.2, 0, 1])
    # Thresholds 0.8 and 0.2: (0.9 - 0.8) / 0.2 and (0.4 - 0.2) / 0.8; (0.8 - 0.5) / 0.8; surest of all.
    assert confidence(probabilities, np.array([0.8, 0.2])).tolist() == pytest.approx([0.25, 0.375, 1])
    assert confidence(probabilities, np.array([0.0, 1.0])).tolist() == pytest.approx([0.6, 0, 1])


def test_a_single_label_is_as_sure_as_it_is_ahead():
    probabilities = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
    assert confidence(probabilities, 0.5, single_label=True).tolist() == pytest.approx([0.2, 0.4])


def test_coverage_and_risk_of_a_hand_worked_case():
    labelled = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)
    predicted = np.array([[1, 0], [1, 1], [1, 1], [1, 0]], dtype=bool)
    table = coverage_table(labelled, predicted, np.array([0.9, 0.5, 0.5, 0.1]))
    assert table["coverage"].to_list() == [0.25, 0.75, 1]
    assert table["risk"].to_list() == pytest.approx([0, 1 / 3, 1 / 2])
    assert table["macro_f1"].to_list() == pytest.approx([1, (4 / 5 + 1) / 2, (4 / 6 + 1) / 2])
    # Either order of the two tied sentences: risks 0, 1 or 0 / 2, 1 / 3, 2 / 4.
    expected = (0 + (1 / 2 + 0) / 2 + 1 / 3 + 1 / 2) / 4
    assert area_under_risk_coverage(labelled, predicted, np.array([0.9, 0.5, 0.5, 0.1])) == pytest.approx(
        expected
    )


def test_ties_count_as_the_mean_of_all_their_orders():
    labelled, predicted, _ = made(6)
    sureness = np.array([0.9, 0.9, 0.9, 0.4, 0.4, 0.1])
    wrong = (labelled != predicted).any(axis=1)
    assert 0 < wrong[:3].sum() < 3 or 0 < wrong[3:5].sum() < 2
    areas = [
        np.mean(np.cumsum(wrong[[*first, *second, 5]]) / np.arange(1, 7))
        for first in itertools.permutations([0, 1, 2])
        for second in itertools.permutations([3, 4])
    ]
    assert area_under_risk_coverage(labelled, predicted, sureness) == pytest.approx(np.mean(areas))


@settings(deadline=None, max_examples=25)
@given(sentences=st.integers(1, 300), seed=st.integers(0, 99))
def test_the_order_of_the_sentences_changes_nothing(sentences, seed):
    labelled, predicted, sureness = made(sentences, seed)
    order = np.random.default_rng(seed).permutation(sentences)
    one = coverage_table(labelled, predicted, sureness)
    assert one.equals(coverage_table(labelled[order], predicted[order], sureness[order]))
    area = area_under_risk_coverage(labelled, predicted, sureness)
    shuffled = area_under_risk_coverage(labelled[order], predicted[order], sureness[order])
    assert area == pytest.approx(shuffled)
    assert one["coverage"][-1] == 1
    assert one["coverage"].is_sorted()


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_deciding_on_everything_is_the_whole_score(seed):
    labelled, predicted, sureness = made(300, seed)
    table = coverage_table(labelled, predicted, sureness + np.arange(300) / 1e6)
    assert table.height == 100
    assert table["risk"][-1] == (labelled != predicted).any(axis=1).mean()
    assert table["macro_f1"][-1] == pytest.approx(f1_score(labelled, predicted, average="macro"))


def test_a_perfect_model_risks_nothing_and_sureness_without_meaning_gains_nothing():
    labelled, predicted, sureness = made()
    assert area_under_risk_coverage(labelled, labelled, sureness) == 0
    assert set(coverage_table(labelled, labelled, sureness)["risk"]) == {0}
    wrong = (labelled != predicted).any(axis=1)
    same = np.full(40, 0.3)
    assert area_under_risk_coverage(labelled, predicted, same) == pytest.approx(wrong.mean())
    assert coverage_table(labelled, predicted, same).height == 1


def test_without_frames_or_sentences_there_is_no_score():
    nothing = np.zeros((3, 2), dtype=bool)
    assert coverage_table(nothing, nothing, np.array([0.1, 0.2, 0.3]))["macro_f1"].null_count() == 3
    assert coverage_table(nothing[:0], nothing[:0], np.zeros(0)).height == 0
    assert area_under_risk_coverage(nothing[:0], nothing[:0], np.zeros(0)) is None
