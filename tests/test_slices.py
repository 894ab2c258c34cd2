"""Slices and confusions: against scikit-learn and by hand; a perfect model confuses nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score

from framing.core.corpus import NO_VOICE
from framing.evaluation.slices import (
    frame_confusion,
    length_bins,
    slice_table,
    voice_confusion,
    voice_parts,
)

FRAMES = ["f", "g", "h"]
VOICES = ["asserted", "attributed", "contested"]


def made(seed, sentences=40):
    generator = np.random.default_rng(seed)
    labelled, predicted = generator.random((2, sentences, 3)) < 0.4
    return labelled, predicted, generator.choice(["x", "y", "z"], sentences).tolist()


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_slices_have_the_scores_of_their_sentences_alone(seed):
    labelled, predicted, sources = made(seed)
    table = slice_table("source", sources, labelled, predicted)
    assert set(table["by"]) == {"source"}
    for row in table.iter_rows(named=True):
        own = np.array(sources) == row["part"]
        assert row["sentences"] == own.sum()
        assert row["exact_match"] == (labelled[own] == predicted[own]).all(axis=1).mean()
        if row["frames"] == 3:
            expected = f1_score(labelled[own], predicted[own], average="macro", zero_division=0)
            assert row["macro_f1"] == pytest.approx(expected)
    assert table["sentences"].sum() == 40
    order = np.random.default_rng(seed).permutation(40)
    assert table.equals(slice_table("source", [sources[i] for i in order], labelled[order], predicted[order]))


def test_a_part_without_frames_has_no_f1_and_an_unknown_part_is_named():
    labelled = np.array([[1, 0], [0, 0], [0, 0]], dtype=bool)
    predicted = np.array([[1, 0], [0, 0], [1, 0]], dtype=bool)
    table = slice_table("register", ["news", None, None], labelled, predicted)
    assert table.rows() == [
        ("register", "news", 1, 1, 1.0, 1.0, 1.0),
        ("register", "not given", 2, 0, None, None, 0.5),
    ]
    assert slice_table("register", [], labelled[:0], predicted[:0]).height == 0


def test_sentence_lengths_fall_into_bins_in_the_order_of_their_names():
    bins = length_bins([" ".join(["word"] * number) for number in (0, 1, 10, 11, 20, 21, 30, 31, 200)])
    assert bins == ["1-10"] * 3 + ["11-20"] * 2 + ["21-30"] * 2 + ["31 and more"] * 2
    assert sorted(set(bins)) == ["1-10", "11-20", "21-30", "31 and more"]


def test_voices_by_name():
    assert voice_parts(VOICES, np.array([1, NO_VOICE], dtype=np.int8)) == ["attributed", "no voice"]


def test_confusions_of_frames_by_hand():
    labelled = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 0, 0]], dtype=bool)
    predicted = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]], dtype=bool)
    # f for g; f overlooked; f for g and for h; h from nothing; h from nothing beside a right f.
    assert frame_confusion(FRAMES, labelled, predicted).rows() == [
        ("f", "g", 2),
        ("(nothing missed)", "h", 2),
        ("f", "h", 1),
        ("f", "(nothing wrong)", 1),
    ]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_every_error_is_in_the_confusion_and_order_changes_nothing(seed):
    labelled, predicted, _ = made(seed)
    table = frame_confusion(FRAMES, labelled, predicted)
    for column, frame in enumerate(FRAMES):
        missed = (labelled & ~predicted)[:, column].sum()
        wrong = (predicted & ~labelled)[:, column].sum()
        assert table.filter(frame=frame)["sentences"].sum() >= missed
        assert table.filter(taken_for=frame)["sentences"].sum() >= wrong
    order = np.random.default_rng(seed).permutation(40)
    assert table.equals(frame_confusion(FRAMES, labelled[order], predicted[order]))
    assert frame_confusion(FRAMES, labelled, labelled).height == 0


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_with_a_single_label_confusions_are_those_of_scikit_learn(seed):
    labelled, predicted = np.random.default_rng(seed).integers(3, size=(2, 40))
    table = frame_confusion(FRAMES, labelled[:, np.newaxis] == range(3), predicted[:, np.newaxis] == range(3))
    matrix = confusion_matrix(labelled, predicted, labels=range(3))
    found = {(row["frame"], row["taken_for"]): row["sentences"] for row in table.iter_rows(named=True)}
    expected = {
        (FRAMES[i], FRAMES[j]): matrix[i, j] for i in range(3) for j in range(3) if i != j and matrix[i, j]
    }
    assert found == expected


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_confusions_of_voices_are_those_of_scikit_learn(seed):
    generator = np.random.default_rng(seed)
    labelled, predicted = generator.integers(-1, 3, size=40), generator.integers(0, 3, size=40)
    table = voice_confusion(VOICES, labelled, predicted)
    matrix = confusion_matrix(labelled, predicted, labels=range(3))
    assert table["sentences"].to_numpy().reshape(3, 3).tolist() == matrix.tolist()
    assert table["voice"].to_list() == np.repeat(VOICES, 3).tolist()
    perfect = voice_confusion(VOICES, labelled, labelled)
    assert perfect.filter(perfect["voice"] != perfect["predicted"])["sentences"].sum() == 0


def test_a_voice_that_was_not_predicted_is_shown_and_no_voices_have_no_confusion():
    table = voice_confusion(
        ["asserted"], np.array([0, 0], dtype=np.int8), np.array([0, NO_VOICE], dtype=np.int8)
    )
    assert table.rows() == [("asserted", "asserted", 1), ("asserted", "no voice", 1)]
    nothing = np.full(2, NO_VOICE, dtype=np.int8)
    assert voice_confusion([], nothing, nothing).height == 0
