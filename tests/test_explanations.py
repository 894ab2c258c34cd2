import polars as pl

from framing.evaluation.explanations import strongest_words

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


def test_no_contributions_give_an_empty_table():
    assert strongest_words(table(), TEXTS).is_empty()
