"""Scaling: what is scored is never learned from; a known temperature is found; isotonic as scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax
from sklearn.isotonic import IsotonicRegression

from framing.core.errors import FramingError
from framing.evaluation.calibration import brier_score, calibration_error
from framing.evaluation.scaling import scaled, temperature

FRAMES = ["a", "b"]
METHODS = ["temperature", "isotonic"]


def overconfident(sentences=2000, factor=3.0, seed=0):
    """Return probabilities whose logits are `factor` times too large, and labels."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(-0.5, 1.5, size=(sentences, 2))
    labelled = generator.random((sentences, 2)) < expit(logits)
    return expit(factor * logits), labelled, [str(row % 4) for row in range(sentences)]


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_of_overconfident_probabilities_is_found(factor):
    probabilities, labelled, _ = overconfident(20000, factor)
    assert temperature(probabilities, labelled) == pytest.approx(factor, rel=0.06)


def test_the_temperature_of_a_single_label_is_found():
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 1.5, size=(20000, 3))
    drawn = (generator.random((20000, 1)) < softmax(logits, axis=1).cumsum(axis=1)).argmax(axis=1)
    labelled = drawn[:, np.newaxis] == np.arange(3)
    found = temperature(softmax(2 * logits, axis=1), labelled, single_label=True)
    assert found == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_scaling_makes_overconfident_probabilities_believable(method):
    probabilities, labelled, folds = overconfident()
    result, notices = scaled(probabilities, labelled, folds, method, frames=FRAMES)
    before, after = (calibration_error(labelled.ravel(), each.ravel()) for each in (probabilities, result))
    assert after < before / 3
    assert brier_score(labelled, result) < brier_score(labelled, probabilities)
    assert notices == []


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999), method=st.sampled_from(METHODS), single_label=st.booleans())
def test_the_labels_of_a_fold_do_not_change_its_own_probabilities(seed, method, single_label):
    probabilities, labelled, folds = overconfident(120, seed=seed)
    if single_label:
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
        labelled[:, 1] = ~labelled[:, 0]
    own = np.array(folds) == "2"
    changed = labelled.copy()
    changed[own] = ~labelled[own]
    one, other = (
        scaled(probabilities, each, folds, method, frames=FRAMES, single_label=single_label)[0]
        for each in (labelled, changed)
    )
    assert np.array_equal(one[own], other[own])
    assert not np.allclose(one[~own], other[~own])


def test_temperature_by_hand_for_one_fold():
    probabilities, labelled, folds = overconfident(200)
    own = np.array(folds) == "1"
    degree = temperature(probabilities[~own], labelled[~own])
    found, _ = scaled(probabilities, labelled, folds, "temperature", frames=FRAMES)
    assert np.allclose(found[own], expit(logit(np.clip(probabilities[own], 1e-6, 1 - 1e-6)) / degree))


def test_isotonic_by_hand_for_one_fold():
    probabilities, labelled, folds = overconfident(200)
    own = np.array(folds) == "1"
    found, _ = scaled(probabilities, labelled, folds, "isotonic", frames=FRAMES)
    regression = IsotonicRegression(out_of_bounds="clip").fit(probabilities[~own, 0], labelled[~own, 0])
    assert np.allclose(found[own, 0], regression.predict(probabilities[own, 0]))


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 999), method=st.sampled_from(METHODS))
def test_the_order_of_the_sentences_changes_nothing(seed, method):
    probabilities, labelled, folds = overconfident(120, seed=seed)
    order = np.random.default_rng(seed).permutation(120)
    one = scaled(probabilities, labelled, folds, method, frames=FRAMES)[0][order]
    shuffled = [folds[row] for row in order]
    other = scaled(probabilities[order], labelled[order], shuffled, method, frames=FRAMES)[0]
    assert np.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_single_label_still_sums_to_one(method):
    generator = np.random.default_rng(0)
    probabilities = softmax(generator.normal(size=(200, 2)) * 3, axis=1)
    labelled = np.eye(2, dtype=bool)[generator.integers(2, size=200)]
    folds = [str(row % 3) for row in range(200)]
    found, _ = scaled(probabilities, labelled, folds, method, frames=FRAMES, single_label=True)
    assert np.allclose(found.sum(axis=1), 1)


def test_isotonic_leaves_a_rare_frame_as_it_is_and_says_so():
    probabilities, labelled, folds = overconfident(400)
    labelled[:, 1] = False
    labelled[:2, 1] = True
    found, notices = scaled(probabilities, labelled, folds, "isotonic", frames=FRAMES)
    assert np.array_equal(found[:, 1], probabilities[:, 1])
    assert not np.array_equal(found[:, 0], probabilities[:, 0])
    assert notices == [
        "Isotonic scaling leaves frames as they are where fewer than 10 sentences of the other folds have the "
        "frame, or lack it: b (4 of 4 folds)."
    ]


def test_one_fold_has_nothing_to_learn_scaling_from():
    probabilities, labelled, _ = overconfident(50)
    with pytest.raises(FramingError, match="found 1 fold"):
        scaled(probabilities, labelled, ["one"] * 50, "temperature", frames=FRAMES)


def test_probabilities_that_say_nothing_or_everything_are_scaled_without_a_warning():
    _, labelled, folds = overconfident(50)
    undecided = np.full((50, 2), 0.5)
    assert temperature(undecided, labelled) == 1
    assert temperature(undecided, labelled, single_label=True) == 1
    assert temperature(np.zeros((0, 2)), np.zeros((0, 2), dtype=bool)) == 1
    sure = labelled.astype(float)
    found, _ = scaled(sure, labelled, folds, "temperature", frames=FRAMES)
    assert np.allclose(found, sure)
