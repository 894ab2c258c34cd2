"""Shares of frames by source, corrected for what the model misses and invents."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.core.errors import FramingError
from framing.evaluation.intervals import Resampling
from framing.evaluation.prevalence import corrected_shares, prevalence_table
from tests.simulated import PREVALENCE, Population, articles, names

FRAMES = [f"frame {place}" for place in range(8)]
SHARES = ["labelled", "predicted", "corrected", "low", "high"]


def sample(generator, *, sources=4, number=15):
    """Labels, predictions, articles and sources; every source has its own shares, the model the same rates."""
    parts = []
    for factor in np.linspace(0.6, 1.6, sources):
        article = articles(generator, number)
        population = Population(prevalence=tuple(factor * np.array(PREVALENCE)))
        labelled = population.labels(generator, article)
        parts.append((labelled, *population.models(generator, article, labelled), names(article)))
    labelled, predicted = (np.vstack([part[place] for part in parts]) for place in (0, 1))
    source = [f"source {place}" for place, part in enumerate(parts) for _ in part[2]]
    return labelled, predicted, [name for part in parts for name in part[2]], source


def table_of(labelled, predicted, groups, sources, *, draws=200, frames=FRAMES):
    return prevalence_table(frames, sources, labelled, predicted, groups, draws=draws, seed=0)


def test_a_hand_worked_case():
    # Elsewhere 15 of 20 are found and 8 of 80 invented; here 31 of 100 are predicted:
    # (0.31 - 0.10) / (0.75 - 0.10) = 0.3231.
    labelled, predicted = np.zeros((200, 1), dtype=bool), np.zeros((200, 1), dtype=bool)
    labelled[100:120] = predicted[100:115] = predicted[120:128] = True
    labelled[:40] = predicted[:31] = True
    sources = ["here"] * 100 + ["there"] * 100
    table = table_of(labelled, predicted, [str(row) for row in range(200)], sources, frames=["a"])
    row = table.row(0, named=True)
    assert (row["source"], row["frame"], row["sentences"]) == ("here", "a", 100)
    assert (row["labelled"], row["predicted"]) == (0.4, 0.31)
    assert row["corrected"] == pytest.approx((0.31 - 0.1) / (0.75 - 0.1))
    assert row["low"] < row["corrected"] < row["high"]


@given(st.integers(0, 1000))
def test_shares_lie_between_0_and_1_and_the_interval_holds_the_corrected_one(seed):
    labelled, predicted, groups, sources = sample(np.random.default_rng(seed), sources=2, number=10)
    table = table_of(labelled, predicted, groups, sources, draws=30)
    for column in SHARES:
        assert table[column].drop_nulls().is_between(0, 1).all()
    told = table.drop_nulls()
    assert (told["low"] <= told["corrected"]).all()
    assert (told["corrected"] <= told["high"]).all()
    assert told.height


def test_rows_are_in_the_order_of_names_and_that_of_sentences_changes_nothing():
    generator = np.random.default_rng(1)
    labelled, predicted, groups, sources = sample(generator)
    table = table_of(labelled, predicted, groups, sources)
    expected = [(f"source {place}", frame) for place in range(4) for frame in FRAMES]
    assert table.select("source", "frame").rows() == expected
    order = generator.permutation(len(labelled))
    groups, sources = ([each[row] for row in order] for each in (groups, sources))
    assert table_of(labelled[order], predicted[order], groups, sources).equals(table)


def test_the_labels_of_a_source_do_not_correct_its_own_share():
    labelled, predicted, groups, sources = sample(np.random.default_rng(2))
    here = np.array(sources) == "source 1"
    turned = np.where(here[:, np.newaxis], ~labelled, labelled)
    columns = ["frame", "predicted", "corrected", "low", "high"]
    rows = pl.col("source") == "source 1"
    before = table_of(labelled, predicted, groups, sources).filter(rows).select(columns)
    assert table_of(turned, predicted, groups, sources).filter(rows).select(columns).equals(before)


def test_a_model_without_errors_needs_no_correction():
    labelled, _, groups, sources = sample(np.random.default_rng(3))
    table = table_of(labelled, labelled, groups, sources)
    assert table["corrected"].to_list() == pytest.approx(table["labelled"].to_list())


def test_a_model_that_knows_nothing_corrects_nothing():
    labelled, _, groups, sources = sample(np.random.default_rng(4))
    table = table_of(labelled, ~labelled, groups, sources)
    assert table["corrected"].is_null().all()
    guessed = np.random.default_rng(4).random(labelled.shape) < 0.5
    assert table_of(labelled, guessed, groups, sources)["low"].is_null().mean() > 0.8


def test_with_few_examples_elsewhere_nothing_is_corrected():
    labelled, predicted, groups, sources = sample(np.random.default_rng(5), sources=2)
    there = np.flatnonzero(np.array(sources) == "source 1")
    for examples, told in ((9, False), (10, True)):
        labelled[there, 0] = predicted[there, 0] = False
        labelled[there[:examples], 0] = predicted[there[:examples], 0] = True
        row = table_of(labelled, predicted, groups, sources).row(0, named=True)
        assert (row["corrected"] is not None) == told


def test_where_nothing_is_predicted_the_share_is_0_without_an_interval():
    labelled, predicted, groups, sources = sample(np.random.default_rng(5))
    predicted[np.array(sources) == "source 0", 0] = False
    row = table_of(labelled, predicted, groups, sources).row(0, named=True)
    assert (row["predicted"], row["corrected"], row["low"], row["high"]) == (0, 0, None, None)


def test_few_groups_have_no_interval():
    labelled, predicted, groups, sources = sample(np.random.default_rng(5))
    assert table_of(labelled, predicted, groups, sources)["low"].is_not_null().any()
    table = table_of(labelled, predicted, sources, sources)
    assert table["low"].is_null().all()
    assert table["corrected"].is_not_null().any()


def test_articles_of_two_sources_with_one_name_are_drawn_apart():
    labelled, predicted, groups, sources = sample(np.random.default_rng(5), sources=2)
    apart = [f"{source}/{name}" for source, name in zip(sources, groups, strict=True)]
    same = table_of(labelled, predicted, groups, sources, draws=3000)
    other = table_of(labelled, predicted, apart, sources, draws=3000)
    width, other_width = ((each["high"] - each["low"]).drop_nulls() for each in (same, other))
    assert width.to_list() == pytest.approx(other_width.to_list(), rel=0.1)


def test_rates_of_one_article_alone_have_no_interval():
    labelled, predicted, groups, sources = sample(np.random.default_rng(6), sources=2)
    there = np.array(sources) == "source 1"
    counts = {name: (there & (np.array(groups) == name)).sum() for name in set(groups)}
    one = there & (np.array(groups) == max(counts, key=counts.get))
    labelled[there, 1] = predicted[there, 1] = False
    labelled[one, 1] = predicted[one, 1] = True
    row = table_of(labelled, predicted, groups, sources).row(1, named=True)
    assert row["corrected"] is not None
    assert row["low"] is None


def test_one_source_has_no_others_to_learn_the_rates_from():
    labelled, predicted, groups, sources = sample(np.random.default_rng(7), sources=1)
    table = table_of(labelled, predicted, groups, sources)
    assert table["corrected"].is_null().all()
    assert table["labelled"].to_list() == pytest.approx(labelled.mean(axis=0).tolist())


def corrected(new, known, *, draws=200):
    """Correct the predictions of one sample by the labels of another."""
    return corrected_shares(
        FRAMES,
        new[1],
        Resampling.of([f"new {name}" for name in new[2]], draws=draws, seed=0),
        known[0],
        known[1],
        Resampling.of([source + name for source, name in zip(known[3], known[2], strict=True)], draws=draws, seed=0),
    )  # fmt: skip


def test_new_sentences_are_corrected_as_a_source_is_by_the_others():
    labelled, predicted, groups, sources = sample(np.random.default_rng(8), sources=2)
    here = np.array(sources) == "source 0"
    parts = [
        (labelled[rows], predicted[rows], [groups[row] for row in np.flatnonzero(rows)], ["x"] * rows.sum())
        for rows in (here, ~here)
    ]
    found = corrected(*parts, draws=4000)
    table = table_of(labelled, predicted, groups, sources, draws=4000).filter(source="source 0")
    assert found.columns == ["frame", "sentences", "predicted", "corrected", "low", "high"]
    assert found["corrected"].to_list() == table["corrected"].to_list()
    told = table["low"].is_not_null()
    assert told.any()
    for end in ("low", "high"):
        assert found.filter(told)[end].to_list() == pytest.approx(table.filter(told)[end].to_list(), abs=0.02)


def test_arrays_that_do_not_fit_are_refused():
    some = np.ones((4, 1), dtype=bool)
    with pytest.raises(FramingError, match="found arrays of 4, 4, 3, 4 sentences"):
        prevalence_table(["a"], ["s"] * 3, some, some, ["g"] * 4, draws=5, seed=0)
    with pytest.raises(FramingError, match="found no sentences"):
        prevalence_table(["a"], [], some[:0], some[:0], [], draws=5, seed=0)
    with pytest.raises(FramingError, match="found 2 sentences without a source or a group"):
        prevalence_table(["a"], ["s", None, "s", "s"], some, some, ["g", "g", None, "g"], draws=5, seed=0)
    five, six = (Resampling.of(["g"] * 4, draws=draws, seed=0) for draws in (5, 6))
    with pytest.raises(FramingError, match="found 5 draws of the new sentences and 6 of the labelled"):
        corrected_shares(["a"], some, five, some, some, six)


@pytest.mark.slow
@pytest.mark.parametrize(("sources", "number"), [(5, 40), (4, 15)])
def test_an_interval_of_95_percent_holds_the_true_share_93_to_97_times_in_100(sources, number):
    generator = np.random.default_rng(9)
    truth = np.concatenate([factor * np.array(PREVALENCE) for factor in np.linspace(0.6, 1.6, sources)])
    held = []
    for _ in range(400):
        table = table_of(*sample(generator, sources=sources, number=number), draws=400)
        table = table.with_columns(truth=truth).drop_nulls()
        held += (pl.Series(table["truth"]).is_between(table["low"], table["high"])).to_list()
    assert len(held) > 0.9 * 400 * len(truth)
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.slow
def test_the_interval_of_new_sentences_holds_the_true_share_93_to_97_times_in_100():
    generator = np.random.default_rng(10)
    held = []
    for _ in range(400):
        known = sample(generator, sources=3, number=15)
        new = sample(generator, sources=1, number=30)
        truth = 0.6 * np.array(PREVALENCE)  # of the first source
        table = corrected(new, known, draws=400).with_columns(truth=truth).drop_nulls()
        held += (pl.Series(table["truth"]).is_between(table["low"], table["high"])).to_list()
    assert len(held) > 0.9 * 400 * len(truth)
    assert 0.93 <= np.mean(held) <= 0.97
