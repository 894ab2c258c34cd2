"""Label mistakes: planted ones are found first, and nothing is said of frames with too few labels."""

import numpy as np
import pytest

from framing.core.errors import FramingError
from framing.evaluation.label_quality import label_issues

FRAMES = ["a", "b", "c"]


def planted(sentences=400, flips=12, seed=0, noise=0.07):
    """Return ids, flipped labels, probabilities of a good model, and where the flips are."""
    generator = np.random.default_rng(seed)
    true = generator.random((sentences, 3)) < 0.3
    probabilities = np.clip(
        np.where(true, 0.85, 0.1) + generator.normal(0, noise, (sentences, 3)), 0.01, 0.99
    )
    labelled = true.copy()
    rows, columns = generator.choice(sentences, flips, replace=False), generator.integers(3, size=flips)
    labelled[rows, columns] = ~true[rows, columns]
    ids = [f"s{row:03d}" for row in range(sentences)]
    return (
        ids,
        labelled,
        probabilities,
        {(ids[row], FRAMES[col]) for row, col in zip(rows, columns, strict=True)},
    )


def test_planted_mistakes_are_the_first_and_name_the_frame():
    ids, labelled, probabilities, flips = planted()
    table, notices = label_issues(ids, FRAMES, labelled, probabilities)
    found = set(table.select("id", "frame").iter_rows())
    assert found <= flips
    assert len(found) >= 6
    assert table["quality"].is_sorted()
    assert notices == []
    for row in table.iter_rows(named=True):
        place = ids.index(row["id"]), FRAMES.index(row["frame"])
        assert row["labelled"] == labelled[place]
        assert row["probability"] == probabilities[place]
        assert row["quality"] == pytest.approx(
            row["probability"] if row["labelled"] else 1 - row["probability"]
        )


def test_planted_mistakes_are_among_the_first_where_a_model_is_unsure():
    ids, labelled, probabilities, flips = planted(1000, 40, noise=0.2)
    table, _ = label_issues(ids, FRAMES, labelled, probabilities)
    first = set(table.select("id", "frame").head(20).iter_rows())
    assert len(first & flips) >= 18


def test_the_order_of_the_sentences_changes_nothing_and_neither_does_a_second_look():
    ids, labelled, probabilities, _ = planted()
    order = np.random.default_rng(1).permutation(len(ids))
    one, _ = label_issues(ids, FRAMES, labelled, probabilities)
    again, _ = label_issues(ids, FRAMES, labelled, probabilities)
    other, _ = label_issues([ids[row] for row in order], FRAMES, labelled[order], probabilities[order])
    assert one.equals(again)
    assert one.equals(other)


def test_a_model_that_agrees_with_every_label_doubts_none():
    ids, labelled, _, _ = planted()
    assert label_issues(ids, FRAMES, labelled, labelled.astype(float))[0].height == 0


def test_planted_mistakes_of_a_single_label_are_the_first():
    generator = np.random.default_rng(0)
    true = generator.integers(3, size=300)
    probabilities = np.eye(3)[true] * 0.8 + generator.dirichlet([2, 2, 2], 300) * 0.2
    given = true.copy()
    given[:9] = (true[:9] + 1) % 3
    ids = [f"s{row:03d}" for row in range(300)]
    labelled = given[:, np.newaxis] == np.arange(3)
    table, _ = label_issues(ids, FRAMES, labelled, probabilities, single_label=True)
    assert set(table["id"]) <= set(ids[:9])
    assert table.height >= 5
    assert table["labelled"].all()
    assert table["frame"][0] == FRAMES[given[ids.index(table["id"][0])]]


def test_a_frame_with_too_few_labels_is_not_looked_at_and_that_is_said():
    ids, labelled, probabilities, _ = planted()
    labelled[:, 1] = False
    labelled[:2, 1] = True
    labelled[:, 2] = True
    table, notices = label_issues(ids, FRAMES, labelled, probabilities)
    assert set(table["frame"]) == {"a"}
    assert len(notices) == 1
    assert notices[0].startswith(
        "Labels are not checked for mistakes where fewer than 5 sentences have the frame"
    )
    labelled[:, 0] = False
    table, notices = label_issues(ids, FRAMES, labelled, probabilities)
    assert (table.height, len(notices)) == (0, 1)


def test_constant_probabilities_and_no_sentences_are_no_reason_to_doubt():
    ids, labelled, probabilities, _ = planted()
    assert label_issues(ids, FRAMES, labelled, np.full_like(probabilities, 0.5))[0].height == 0
    table, notices = label_issues([], FRAMES, labelled[:0], probabilities[:0])
    assert (table.height, len(notices)) == (0, 1)


def test_a_missing_probability_is_told():
    ids, labelled, probabilities, _ = planted()
    probabilities[0, 0] = np.nan
    with pytest.raises(FramingError, match="found 1 probabilities that are missing"):
        label_issues(ids, FRAMES, labelled, probabilities)
