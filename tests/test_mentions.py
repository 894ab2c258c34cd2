"""Use versus mention by hand: every sentence is counted once for every frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.core.corpus import NO_VOICE
from framing.core.errors import FramingError
from framing.evaluation.mentions import mentions_table

FRAMES = ["f", "g"]
VOICES = ["attributed", "asserted"]  # the asserting voice need not be the first


def table_of(labelled, predicted, labelled_voices, predicted_voices):
    arrays = np.array(labelled, dtype=bool), np.array(predicted, dtype=bool)
    voices = (np.array(each, dtype=np.int8) for each in (labelled_voices, predicted_voices))
    return mentions_table(FRAMES, VOICES, "asserted", *arrays, *voices)


def row_of(table, frame, voice):
    return next(row for row in table.iter_rows(named=True) if (row["frame"], row["voice"]) == (frame, voice))


LABELLED = [[1, 0], [1, 0], [1, 1], [0, 1], [0, 0], [1, 0]]
PREDICTED = [[1, 1], [1, 0], [0, 1], [0, 1], [1, 0], [1, 0]]
LABELLED_VOICES = [0, 0, 0, 1, NO_VOICE, 1]
PREDICTED_VOICES = [1, 0, 1, 1, 1, 0]


def test_mentions_of_a_hand_worked_case():
    table = table_of(LABELLED, PREDICTED, LABELLED_VOICES, PREDICTED_VOICES)
    assert row_of(table, "f", "attributed") == {
        "frame": "f",
        "voice": "attributed",
        "with_frame": 3,
        "found": 2,
        "recall": pytest.approx(2 / 3),
        "without_frame": 0,
        "false_alarms": 0,
        "false_alarm_share": None,
        "taken_for_use": 1,
        "taken_for_use_share": 0.5,
    }
    other = row_of(table, "g", "attributed")
    assert (other["without_frame"], other["false_alarms"], other["false_alarm_share"]) == (2, 1, 0.5)
    assert (other["taken_for_use"], other["taken_for_use_share"]) == (1, 1)
    pooled = row_of(table, "all frames", "attributed")
    assert (pooled["with_frame"], pooled["found"], pooled["without_frame"], pooled["taken_for_use"]) == (
        4,
        3,
        2,
        2,
    )


def test_use_is_not_taken_for_use_and_frameless_sentences_stand_apart():
    table = table_of(LABELLED, PREDICTED, LABELLED_VOICES, PREDICTED_VOICES)
    use = row_of(table, "f", "asserted")
    assert (use["with_frame"], use["found"], use["without_frame"]) == (1, 1, 1)
    assert (use["taken_for_use"], use["taken_for_use_share"]) == (None, None)
    frameless = row_of(table, "f", "no voice")
    assert (frameless["with_frame"], frameless["recall"], frameless["without_frame"]) == (0, None, 1)
    assert (frameless["false_alarms"], frameless["taken_for_use"]) == (1, None)


def made(seed, sentences=30):
    generator = np.random.default_rng(seed)
    labelled, predicted = generator.random((2, sentences, 2)) < 0.4
    labelled_voices = np.where(labelled.any(axis=1), generator.integers(2, size=sentences), NO_VOICE)
    return labelled, predicted, labelled_voices, generator.integers(2, size=sentences)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_every_decision_is_counted_once_whatever_the_order(seed):
    arrays = made(seed)
    table = table_of(*arrays)
    order = np.random.default_rng(seed).permutation(30)
    assert table.equals(table_of(*(array[order] for array in arrays)))
    for frame, decisions in (("f", 30), ("g", 30), ("all frames", 60)):
        own = table.filter(frame=frame)
        assert own["with_frame"].sum() + own["without_frame"].sum() == decisions


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99))
def test_a_perfect_model_finds_every_mention_and_takes_none_for_use(seed):
    labelled, _, labelled_voices, _ = made(seed)
    table = table_of(labelled, labelled, labelled_voices, labelled_voices)
    assert set(table["recall"].drop_nulls()) == {1}
    assert table["false_alarms"].sum() == 0
    assert set(table["taken_for_use"].drop_nulls()) == {0}


def test_a_codebook_without_voices_has_no_mentions():
    nothing = np.zeros((2, 2), dtype=bool)
    voices = np.full(2, NO_VOICE, dtype=np.int8)
    assert mentions_table(FRAMES, [], "asserted", nothing, nothing, voices, voices).height == 0


def test_a_voice_without_sentences_has_rows_of_zeros():
    table = table_of([[1, 0]], [[1, 0]], [1], [1])
    assert row_of(table, "f", "attributed")["with_frame"] == 0
    assert row_of(table, "f", "attributed")["taken_for_use_share"] is None


def test_an_asserting_voice_that_the_codebook_does_not_know_is_told():
    nothing = np.zeros((1, 2), dtype=bool)
    voice = np.zeros(1, dtype=np.int8)
    with pytest.raises(
        FramingError, match="found 'own' as the asserting voice; expected one of attributed, asserted"
    ):
        mentions_table(FRAMES, VOICES, "own", nothing, nothing, voice, voice)
