"""The search for near-duplicates finds what comparing every two texts finds; repeated sequences."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.evaluation import duplicates
from framing.evaluation.duplicates import near_duplicates
from framing.evaluation.sequences import repeated_sequences


def jaccard(one, other, characters=5):
    one, other = (
        {text[start : start + characters] for start in range(len(text) - characters + 1)}
        for text in (one, other)
    )
    return len(one & other) / len(one | other) if one or other else 0


def expected_pairs(texts, threshold, characters=5):
    """Every pair of different texts above the threshold, by comparing every two."""
    return {
        (one, other): pytest.approx(similarity)
        for other in range(len(texts))
        for one in range(other)
        if texts[one] != texts[other]
        and texts.index(texts[one]) == one
        and texts.index(texts[other]) == other
        for similarity in [jaccard(texts[one], texts[other], characters)]
        if similarity > threshold
    }


def found_pairs(found):
    return {(one, other): similarity for one, other, similarity in found.pairs.iter_rows() if similarity < 1}


def varied(number, seed=0):
    """Sentences of few words, so that many are alike."""
    draw = random.Random(seed)
    words = [
        "the",
        "army",
        "took",
        "held",
        "left",
        "a",
        "town",
        "village",
        "near",
        "river",
        "bridge",
        "after",
        "days",
        "of",
        "heavy",
        "shelling",
    ]
    texts = [" ".join(draw.choices(words, k=draw.randint(1, 12))) for _ in range(number)]
    return texts + [text[: draw.randint(0, len(text))] + draw.choice("xyz") for text in texts]


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8, 0.95])
def test_near_duplicates_are_those_found_by_comparing_every_two(threshold):
    texts = varied(150)
    expected = expected_pairs(texts, threshold)
    assert expected
    assert found_pairs(near_duplicates(texts, characters=5, threshold=threshold)) == expected


@given(
    st.lists(st.text("abc ", max_size=12).map(lambda text: " ".join(text.split())), max_size=12),
    st.sampled_from([0.3, 0.5, 0.8]),
)
def test_near_duplicates_of_any_texts(texts, threshold):
    found = near_duplicates(texts, characters=3, threshold=threshold)
    assert found_pairs(found) == expected_pairs(texts, threshold, 3)
    assert found.first.tolist() == [texts.index(text) for text in texts]


def test_small_blocks_find_the_same(monkeypatch):
    texts = varied(100)
    expected = near_duplicates(texts, characters=5, threshold=0.5).pairs
    monkeypatch.setattr(duplicates, "BLOCK", 50)
    assert near_duplicates(texts, characters=5, threshold=0.5).pairs.equals(expected)


def test_rare_characters_are_told_apart_as_far_as_a_code_can_hold_them():
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))
    texts = [many[start : start + 30] for start in range(0, 9000, 30)]
    assert near_duplicates(texts, characters=5, threshold=0.8).pairs.height < 120 * 120


def test_copies_differ_in_case_and_spaces_and_stand_for_each_other():
    texts = [
        "The bridge fell on  Monday.",
        "quiet night",
        "the bridge fell on monday.",
        "the bridge fell on monday!",
    ]
    found = near_duplicates(texts, characters=5, threshold=0.8)
    assert found.first.tolist() == [0, 1, 0, 3]
    assert found.pairs.select("first", "second").rows() == [(0, 2), (0, 3)]
    assert found.near(np.array([False, False, True, False])).tolist() == [True, False, False, True]
    assert found.near(np.array([False, False, False, True])).tolist() == [True, False, True, False]
    assert found.near(np.ones(4, dtype=bool)).tolist() == [True, False, True, True]


def test_only_pairs_with_the_first_texts_are_looked_for_on_request():
    texts = [
        "the army left the town",
        "a quiet night at sea",
        "the army left the town.",
        "the army left the town!",
    ]
    found = near_duplicates(texts, characters=5, threshold=0.8, compared=2)
    assert found.pairs.select("first", "second").rows() == [(0, 2), (0, 3)]


def test_repeated_sequences_count_sentences_not_occurrences():
    texts = ["one two one two one two", "So: ONE, two!", "two one", "", "one"]
    assert repeated_sequences(texts, 2).rows() == [("one two", 2), ("two one", 2)]
    assert repeated_sequences(texts, 7).rows() == []
    assert repeated_sequences([], 5).rows() == []


def test_any_number_of_texts_takes_a_bounded_memory():
    """Many like texts are compared in blocks: what is held at once does not grow with their number squared."""
    import tracemalloc

    peaks = []
    for number in (2_000, 8_000):
        texts = [
            f"the army held the town for {count} days and the river for {count % 7}"
            for count in range(number)
        ]
        tracemalloc.start()
        found = near_duplicates(texts, characters=5, threshold=0.97)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.pairs.height < 100
    assert peaks[1] < 600e6
