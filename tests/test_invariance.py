"""Whether predictions stay and move as they must."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from framing.core.corpus import NO_VOICE
from framing.evaluation.invariance import (
    Predicted,
    perturbation_table,
    perturbed_table,
    set_table,
    wilson_interval,
)
from framing.evaluation.perturbations import Expectation

FRAMES = ["liberation", "capture", "advantage"]
VOICES = ["asserted", "attributed"]
SWAP = Expectation("sides swapped")
WORDS = Expectation("liberated to captured", "direction", "frame", "liberation", "capture")
SAID = Expectation("said by others", "direction", "voice", "asserted", "attributed")
LIBERATION, CAPTURE, BOTH, NOTHING = [1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0]


def predicted(frames, voices, probabilities=None):
    labels = np.array(frames, dtype=bool).reshape(-1, len(FRAMES))
    given_probabilities = labels.astype(float) if probabilities is None else probabilities
    return Predicted(labels, given_probabilities, np.array(voices, dtype=np.int8))


def tables(expectation, before, after, *, expectations=None, frames=FRAMES):
    """The tables of variants that each have a sentence of their own."""
    rows = np.arange(len(before.frames))
    sentences = pl.DataFrame({"id": [f"s{row}" for row in rows], "text": [f"old {row}" for row in rows]})
    variants = pl.DataFrame(
        {"row": rows, "perturbation": [expectation.perturbation] * len(rows), "text": [f"new {row}" for row in rows]},
        schema={"row": pl.Int64, "perturbation": pl.String, "text": pl.String},
    )  # fmt: skip
    told = expectations or [expectation]
    perturbed = perturbed_table(sentences, variants, told, before, after, frames, VOICES)
    return perturbed, perturbation_table(perturbed, variants, told, before, after)


def judged(expectation, before, after):
    return tables(expectation, before, after)[0]["as_expected"].to_list()


def test_invariance_wants_the_same_frames_and_the_same_voice():
    before = predicted([LIBERATION] * 3, [0, 0, 0])
    after = predicted([LIBERATION, CAPTURE, LIBERATION], [0, 0, 1])
    assert judged(SWAP, before, after) == [True, False, False]


def test_the_voice_of_a_sentence_without_a_frame_does_not_matter():
    before = predicted([NOTHING], [0])
    after = predicted([NOTHING], [1])
    perturbed, _ = tables(SWAP, before, after)
    assert perturbed["as_expected"].to_list() == [True]
    assert perturbed["voice_before"].to_list() == perturbed["voice_after"].to_list() == [None]


def test_other_words_must_exchange_the_two_frames_and_nothing_else():
    before = predicted([LIBERATION] * 5, [0] * 5)
    after = predicted([CAPTURE, BOTH, LIBERATION, [0, 1, 0], CAPTURE], [0, 0, 0, 0, 1])
    assert judged(WORDS, before, after) == [True, False, False, False, False]


def test_another_speaker_must_change_the_voice_and_no_frame():
    before = predicted([LIBERATION] * 4, [0] * 4)
    after = predicted([LIBERATION, LIBERATION, CAPTURE, NOTHING], [1, 0, 1, 1])
    assert judged(SAID, before, after) == [True, False, False, False]


def test_a_direction_counts_only_where_the_original_was_predicted_rightly():
    before = predicted([NOTHING, BOTH, LIBERATION], [0, 0, 0])
    after = predicted([CAPTURE] * 3, [0, 0, 0])
    perturbed, table = tables(WORDS, before, after)
    assert perturbed["as_expected"].to_list() == [None, None, True]
    assert table.select("sentences", "as_expected", "share").rows() == [(1, 1, 1.0)]
    assert judged(SAID, predicted([NOTHING, LIBERATION], [0, 1]), predicted([LIBERATION] * 2, [1, 1])) == [
        None,
        None,
    ]


def test_the_table_of_variants_tells_each_one():
    perturbed, _ = tables(WORDS, predicted([BOTH], [1]), predicted([NOTHING], [0]))
    assert perturbed.rows(named=True) == [
        {
            "id": "s0",
            "perturbation": "liberated to captured",
            "before": "old 0",
            "after": "new 0",
            "frames_before": "liberation;capture;advantage",
            "frames_after": "",
            "voice_before": "attributed",
            "voice_after": None,
            "as_expected": None,
        }
    ]


def test_shares_have_an_interval_from_ten_sentences_on():
    for count, has_interval in ((9, False), (10, True)):
        after = predicted([LIBERATION] * (count - 1) + [CAPTURE], [0] * count)
        _, table = tables(SWAP, predicted([LIBERATION] * count, [0] * count), after)
        row = table.row(0, named=True)
        assert row["share"] == pytest.approx((count - 1) / count)
        assert (row["low"] is not None) == (row["high"] is not None) == has_interval


@given(trials=st.integers(1, 500), share=st.floats(0, 1))
def test_the_interval_is_that_of_scipy(trials, share):
    successes = round(share * trials)
    expected = binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_the_shift_is_the_mean_absolute_change_of_the_sentences_that_count():
    before = predicted([LIBERATION, NOTHING], [0, 0], np.array([[0.9, 0.1, 0.8], [0.0, 0.0, 0.0]]))
    after = predicted([CAPTURE, CAPTURE], [0, 0], np.array([[0.3, 0.7, 0.8], [1.0, 1.0, 1.0]]))
    assert tables(WORDS, before, after)[1]["shift"].to_list() == [pytest.approx((0.6 + 0.6) / 3)]


@pytest.mark.parametrize("probabilities", [None, np.full((1, 3), np.nan)])
def test_without_probabilities_there_is_no_shift(probabilities):
    bare = Predicted(np.array([LIBERATION], dtype=bool), probabilities, np.array([0], dtype=np.int8))
    assert tables(SWAP, bare, bare)[1]["shift"].to_list() == [None]


def test_a_perturbation_without_sentences_is_told_with_none():
    before = predicted([LIBERATION], [0])
    _, table = tables(SWAP, before, before, expectations=[SWAP, WORDS])
    assert table["sentences"].to_list() == [1, 0]
    assert table["share"].to_list() == [1.0, None]
    assert table["expectation"].null_count() == 0


def test_without_variants_there_are_no_rows_and_the_expectations_stand():
    nothing = predicted([], [])
    perturbed, table = tables(SWAP, nothing, nothing)
    assert perturbed.height == 0
    assert table.select("sentences", "share", "low", "shift").rows() == [(0, None, None, None)]


def test_a_codebook_without_the_frame_that_must_come_or_without_voices_is_no_error():
    before = predicted([LIBERATION], [NO_VOICE])
    perturbed, _ = tables(WORDS, before, before, frames=["liberation", "seizure", "advantage"])
    assert perturbed["as_expected"].to_list() == [None]
    assert judged(SWAP, before, before) == [True]


@given(
    st.lists(st.tuples(st.sampled_from([LIBERATION, CAPTURE, BOTH, NOTHING]), st.integers(0, 1)), min_size=1)
)
def test_a_model_that_never_moves_is_invariant_and_fails_every_direction(rows):
    same = predicted([frames for frames, _ in rows], [voice for _, voice in rows])
    assert tables(SWAP, same, same)[1]["share"].to_list() == [1.0]
    for direction in (WORDS, SAID):
        assert tables(direction, same, same)[1]["as_expected"].to_list() == [0]


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.sampled_from([LIBERATION, CAPTURE, NOTHING])] * 2), min_size=2), st.randoms())
def test_the_order_of_the_variants_does_not_matter(pairs, random):
    mixed = random.sample(pairs, len(pairs))
    results = [
        tables(WORDS, *(predicted([pair[side] for pair in order], [0] * len(order)) for side in (0, 1)))[1]
        for order in (pairs, mixed)
    ]
    shift = [result["shift"][0] or 0 for result in results]
    assert shift[0] == pytest.approx(shift[1])
    assert results[0].drop("shift").equals(results[1].drop("shift"))


def test_sets_are_right_when_all_their_sentences_are():
    sets = ["a", "a", "b", "b", "b", "alone", None, None]
    right = np.array([True, True, True, True, False, False, False, False])
    row = set_table(sets, right).row(0, named=True)
    assert row == {
        "sets": 2,
        "sentences": 5,
        "sentences_right": 4,
        "sets_right": 1,
        "sets_right_share": 0.5,
        "by_chance": pytest.approx((0.8**2 + 0.8**3) / 2),
    }


def test_errors_that_fall_independently_give_the_share_by_chance():
    right = np.random.default_rng(0).random(40_000) < 0.8
    row = set_table([str(number // 4) for number in range(40_000)], right).row(0, named=True)
    assert row["sets_right_share"] == pytest.approx(row["by_chance"], abs=0.015)


@pytest.mark.parametrize("sets", [[], [None, None], ["a", "b"]])
def test_without_sets_of_two_there_is_no_table(sets):
    assert set_table(sets, np.ones(len(sets), dtype=bool)).height == 0
