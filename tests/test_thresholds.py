"""Thresholds by frame: the best of all by trying, and what keeps the default."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from framing.evaluation.thresholds import best_thresholds


def f1(labels, predicted):
    return 2 * (labels & predicted).sum() / ((labels.sum() + predicted.sum()) or 1)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.2, 0.4, 0.45, 0.7, 1.0])), min_size=2))
def test_no_other_threshold_has_a_higher_f1(pairs):
    labels = np.array([[label] for label, _ in pairs])
    probabilities = np.array([[probability] for _, probability in pairs])
    found = best_thresholds(labels, probabilities, default=0.5)[0]
    if not labels.any() or np.ptp(probabilities) == 0:
        assert found == 0.5
        return
    best = max(f1(labels, probabilities >= threshold) for threshold in np.linspace(0, 1.01, 203))
    assert f1(labels, probabilities >= found) >= best - 1e-12


def test_of_equally_good_thresholds_the_nearest_to_the_default_is_taken():
    labels = np.array([[True], [True], [False], [False]])
    probabilities = np.array([[0.9], [0.6], [0.2], [0.1]])
    assert best_thresholds(labels, probabilities, default=0.5).tolist() == [0.4]
