import numpy as np
import polars as pl
import pytest

from framing.core.errors import FramingError
from framing.evaluation.explanations import deletions, faithfulness, strongest_words

TEXTS = ["Liberated, the town", "liberated a town liberated", "the sky", "alone!"]


def table(*rows):
    """One row a word: (text, frame, word, which time it stands there, contribution)."""
    made = []
    for row, frame, word, time, added in rows:
        start = -1
        for _ in range(time):
            start = TEXTS[row].index(word, start + 1)
        made.append((row, frame, start, start + len(word), added))
    schema = {
        "row": pl.Int64,
        "frame": pl.Int64,
        "start": pl.Int64,
        "end": pl.Int64,
        "contribution": pl.Float64,
    }
    return pl.DataFrame(made, schema=schema, orient="row")


CONTRIBUTIONS = table(
    (0, 0, "Liberated", 1, 2.0), (0, 0, ",", 1, 9.0), (0, 0, "the", 1, -0.5), (0, 0, "town", 1, 0.0),
    (1, 0, "liberated", 1, 1.0), (1, 0, "a", 2, 0.1), (1, 0, "town", 1, 0.5), (1, 0, "liberated", 2, 3.0),
    (2, 0, "the", 1, -0.7), (2, 0, "sky", 1, -0.9), (2, 1, "the", 1, 0.2), (2, 1, "sky", 1, 0.1),
    (3, 0, "alone", 1, 1.0), (3, 0, "!", 1, 1.0),
)  # fmt: skip


def test_a_words_contribution_is_its_mean_over_the_sentences_in_which_it_stands():
    found = strongest_words(CONTRIBUTIONS, TEXTS, at_least=2)
    assert found.columns == ["frame", "word", "sentences", "contribution"]
    assert found.rows() == [(0, "liberated", 2, 3.0), (0, "town", 2, 0.25), (0, "the", 2, -0.6)]


def test_most_bounds_the_words_of_either_direction_and_keeps_the_strongest():
    found = strongest_words(CONTRIBUTIONS, TEXTS, at_least=1, most=1)
    assert found.rows() == [(0, ",", 1, 9.0), (0, "sky", 1, -0.9), (1, "the", 1, 0.2)]


def test_the_order_of_the_rows_changes_nothing():
    turned = CONTRIBUTIONS.sample(fraction=1, shuffle=True, seed=1)
    assert strongest_words(turned, TEXTS, at_least=1).equals(
        strongest_words(CONTRIBUTIONS, TEXTS, at_least=1)
    )
    assert deletions(turned, TEXTS, seed=0).equals(deletions(CONTRIBUTIONS, TEXTS, seed=0))


def test_the_strongest_word_is_deleted_and_another_one_at_random():
    found = deletions(CONTRIBUTIONS, TEXTS, seed=0)
    assert found.select("row", "frame", "word").rows() == [
        (0, 0, "Liberated"),
        (1, 0, "liberated"),
        (2, 1, "the"),
    ]
    assert found["without_word"].to_list() == [", the town", "liberated a town", "sky"]
    assert found["word_alone"].to_list() == found["word"].to_list()
    for text, other in found.select("without_other", "other").iter_rows():
        assert other in {"the", "town", "a", "liberated", "sky"}
        assert "  " not in text
    assert found.row(2, named=True)["without_other"] == "the"


def test_every_other_word_may_be_drawn():
    drawn = {deletions(CONTRIBUTIONS, TEXTS, seed=seed)["other"][0] for seed in range(30)}
    assert drawn == {"the", "town"}


def test_no_contributions_give_empty_tables():
    assert strongest_words(CONTRIBUTIONS.head(0), TEXTS).height == 0
    found = deletions(CONTRIBUTIONS.head(0), TEXTS, seed=0)
    assert (found.height, found["without_word"].dtype) == (0, pl.String)


def test_faithfulness_is_the_mean_drop_of_the_probability():
    before = np.array([0.9, 0.8])
    found = faithfulness(before, np.array([0.2, 0.7]), np.array([0.8, 0.9]), np.array([0.9, 0.6]))
    assert found["measure"].to_list() == ["comprehensiveness", "random word", "sufficiency"]
    assert found["decisions"].to_list() == [2, 2, 2]
    assert found["drop"].to_list() == pytest.approx([0.4, 0.0, 0.1])
    assert found["above_random"].to_list() == [1.0, None, 0.5]


def test_no_decisions_are_null_and_no_warning():
    none = np.empty(0)
    found = faithfulness(none, none, none, none)
    assert found["drop"].to_list() == found["above_random"].to_list() == [None] * 3
    assert found.schema["drop"] == pl.Float64


def test_probabilities_that_cannot_be_compared_are_refused():
    two, three = np.zeros(2), np.zeros(3)
    with pytest.raises(FramingError, match=r"shapes .*\(3,\)"):
        faithfulness(two, three, two, two)
    with pytest.raises(FramingError, match="no number"):
        faithfulness(two, np.array([0.1, np.nan]), two, two)
