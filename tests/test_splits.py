"""Every sentence is scored once or said not to be, and what belongs together stays on one side."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.core.corpus import NO_VOICE, SENTENCE_COLUMNS, Corpus
from framing.core.errors import CorpusError, FramingError
from framing.data.periods import by_time, days_of
from framing.data.splits import at_random, by_article, by_column, leave_one_source_out, untaught_frames
from framing.models.interface import Prediction, no_explanation
from framing.models.unfinished import open_unfinished
from tests.conftest import make_codebook


def corpus_of(rows, frames=None):
    """A corpus of rows that name what matters; the rest is made up."""
    made = [
        {
            "id": f"s{number}", "text": f"text {number}", "source": "north", "article": f"a{number}", "date": None,
            "kind": "body", "file": "own.jsonl", "line": number + 1, **row,
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    table = pl.DataFrame(made, infer_schema_length=None, schema_overrides={"date": pl.String})
    has = np.zeros((len(rows), 3), dtype=bool) if frames is None else np.array(frames, dtype=bool)
    codes = np.where(has.any(axis=1), 0, NO_VOICE).astype(np.int8)
    further = [name for name in table.columns if name not in SENTENCE_COLUMNS]
    return Corpus(make_codebook(), table.select(*SENTENCE_COLUMNS, *further), has, codes)


def dated(*dates):
    return corpus_of([{"date": text} for text in dates])


def names(folds):
    return [fold.name for fold in folds]


groups = st.lists(st.tuples(*[st.sampled_from("abcde")] * 3), min_size=4, max_size=40)


@settings(deadline=None)
@given(groups, st.integers(0, 99))
def test_every_sentence_is_scored_once_and_no_group_stands_on_both_sides(rows, seed):
    corpus = corpus_of([{"source": s, "article": a, "event": e} for s, a, e in rows])
    made = {"id": at_random(corpus, folds=3, seed=seed)}
    for column, split in (
        ("source", leave_one_source_out),
        ("event", lambda corpus: by_column(corpus, column="event")),
        ("article", lambda corpus: by_article(corpus, folds=2, seed=seed)),
    ):
        if 1 < corpus.sentences[column].n_unique() < len(corpus):
            made[column] = split(corpus)
    for column, folds in made.items():
        values = corpus.sentences[column].to_numpy()
        assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(len(corpus)))
        assert len(set(names(folds))) == len(folds)
        for fold in folds:
            assert not set(values[fold.train]) & set(values[fold.test])
            assert len(fold.train) + len(fold.test) == len(corpus)


days = st.integers(0, 30).map(lambda number: str(date(2024, 2, 15) + timedelta(days=number)))
any_date = days | days.map(lambda text: text + "T08:30:00+02:00") | st.sampled_from(["2024-02", "2024-03"])


@settings(deadline=None)
@given(st.lists(st.tuples(any_date, st.sampled_from("abcdefgh")), min_size=2, max_size=30), st.integers(2, 5))
def test_a_period_is_scored_by_what_came_before_it_and_the_first_by_nothing(rows, periods):
    corpus = corpus_of([{"date": text, "article": article} for text, article in rows])
    try:
        folds = by_time(corpus, folds=periods)
    except FramingError:  # too few stretches of time, which is a test of its own
        return
    assert len(folds) == periods - 1
    scored = np.concatenate([fold.test for fold in folds])
    assert len(scored) == len(set(scored))
    assert set(range(len(corpus))) - set(scored) == set(folds[0].train)
    article = corpus.sentences["article"].to_numpy()
    first, last = np.array([days_of(text) for text in corpus.sentences["date"]]).T
    for number, fold in enumerate(folds):
        assert len(fold.train)
        assert len(fold.test)
        assert last[fold.train].max() < first[fold.test].min()
        assert not set(article[fold.train]) & set(article[fold.test])
        before = (
            folds[0].train
            if not number
            else np.concatenate([folds[number - 1].train, folds[number - 1].test])
        )
        assert set(fold.train) == set(before)
    assert len(set(names(folds))) == len(folds)


def test_periods_have_about_as_many_sentences_and_are_named_by_their_days():
    corpus = dated(*[f"2024-01-{day:02d}" for day in range(1, 21)])
    folds = by_time(corpus, folds=4)
    assert [len(fold.test) for fold in folds] == [5, 5, 5]
    assert names(folds) == [
        "2024-01-06 to 2024-01-10", "2024-01-11 to 2024-01-15", "2024-01-16 to 2024-01-20",
    ]  # fmt: skip


def test_a_day_with_most_of_the_sentences_leaves_no_period_empty():
    folds = by_time(dated("2024-01-01", *["2024-01-02"] * 20, "2024-01-03", "2024-01-04"), folds=4)
    assert [len(fold.train) for fold in folds] == [1, 21, 22]


def test_a_month_or_a_long_article_is_not_divided():
    one_month = dated("2024-01-30", "2024-02", "2024-02-11", "2024-02-29T23:59:00Z", "2024-03-01", "2024")
    with pytest.raises(FramingError, match=r"split.folds=2: found 1 stretches of time"):
        by_time(one_month, folds=2)
    assert names(by_time(one_month[np.arange(5)], folds=3)) == [
        "2024-02-01 to 2024-02-29",
        "2024-03-01 to 2024-03-01",
    ]
    article = corpus_of([{"date": text, "article": "long"} for text in ("2024-01-01", "2024-01-09")]
                        + [{"date": text} for text in ("2024-01-05", "2024-01-20")])  # fmt: skip
    [fold] = by_time(article, folds=2)
    assert fold.test.tolist() == [3]


@pytest.mark.parametrize(
    ("text", "days"),
    [("2024", 366), ("2023-02", 28), ("2024-12", 31), ("2024-12-31", 1), ("20241231", 1), (" 2024-05-01 ", 1),
     ("2024-13", None), ("2024-02-30", None), ("last week", None), ("", None), ("24-01-01", None)],
)  # fmt: skip
def test_a_date_is_all_the_days_that_it_may_be(text, days):
    found = days_of(text)
    assert (None if found is None else found[1] - found[0] + 1) == days


def test_sentences_without_a_readable_date_are_named_with_file_and_line():
    with pytest.raises(CorpusError) as caught:
        by_time(dated("2024-01-01", None, "yesterday", "2024-02-01"), folds=2)
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert "own.jsonl, line 3, date: found 'yesterday'; expected a date, such as 2024-03-01" in str(
        caught.value
    )
    with pytest.raises(FramingError, match=r"no sentence has a date.*data\.columns\.date=COLUMN"):
        by_time(dated(None, None), folds=2)


def test_sentences_without_a_value_are_named_with_file_and_line():
    corpus = corpus_of([{"event": value} for value in ("siege", None, "talks", " ", "siege")])
    with pytest.raises(CorpusError) as caught:
        by_column(corpus, column="event")
    assert [problem.line for problem in caught.value.problems] == [2, 4]
    assert "own.jsonl, lines 2, 4, event: found nothing" in str(caught.value)
    assert "split.column=event" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("event", ["siege"] * 4, r"same value \(siege\), expected at least two"),
        ("event", [None] * 4, "no sentence has a value there"),
        ("event", list("abcd"), "every one of the 4 sentences has a value of its own"),
        ("evnt", list("aabb"), "Did you mean event"),
        (
            "voice",
            list("aabb"),
            "expected a column that groups sentences: source, article, date, kind, event",
        ),
        ("line", list("aabb"), "expected a column that groups sentences"),
    ],
)
def test_a_column_that_does_not_divide_is_an_error(column, values, words):
    with pytest.raises(FramingError, match=words):
        by_column(corpus_of([{"event": value} for value in values]), column=column)


def test_leaving_sources_out_is_a_split_by_the_column_source():
    corpus = corpus_of([{"source": source} for source in "abcab"])
    one, other = leave_one_source_out(corpus), by_column(corpus, column="source")
    assert names(one) == names(other) == ["a", "b", "c"]
    assert [fold.test.tolist() for fold in one] == [fold.test.tolist() for fold in other]


def test_too_few_articles_for_inner_folds_name_the_setting_that_asks_for_them():
    with pytest.raises(
        FramingError, match=r"model\.inner_folds=3: found 2 articles.*Set model\.inner_folds lower"
    ):
        by_article(
            corpus_of([{"article": "a"}, {"article": "b"}]), folds=3, seed=0, setting="model.inner_folds"
        )


def test_a_frame_that_comes_up_later_is_named_where_nothing_before_teaches_it():
    rows = [{"date": f"2024-01-0{day}"} for day in (1, 2, 3, 4)]
    frames = [[1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 0, 1]]
    corpus = corpus_of(rows, frames)
    folds = by_time(corpus, folds=4)
    blue, green = untaught_frames(corpus, folds, np.zeros(3, dtype=bool))
    assert (blue.line, green.line) == (2, 4)
    assert "'blue' in 1 sentence(s), in 2024-01-02 to 2024-01-02, and none to learn it from" in blue.found
    assert "'green' in 1 sentence(s), all in 2024-01-04" in green.found
    assert untaught_frames(corpus, folds, np.array([False, True, True])) == []


def test_folds_whose_names_differ_in_signs_alone_keep_their_predictions_apart(tmp_path):
    unfinished = open_unfinished(tmp_path, "key", resume=False)
    folds = ["a b", "a/b", "a_b", "x" * 300, "x" * 300 + "y"]
    for number, fold in enumerate(folds):
        made = Prediction(np.full((1, 1), float(number)), np.zeros((1, 0)))
        unfinished.keep("tfidf", fold, made, no_explanation())
    kept = [unfinished.answer("tfidf", fold)[0].frames.item() for fold in folds]
    assert kept == [0, 1, 2, 3, 4]
    unfinished.remove()
