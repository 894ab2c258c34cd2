"""What is scored has no near-duplicate in what is learned from, and what a reader must know is said."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.build import build_corpus
from framing.build_split import build_near_duplicate_rule, build_split, further_columns
from framing.core.data_config import OnNearDuplicates
from framing.core.errors import CorpusError, FramingError
from framing.data.division import NearDuplicateRule, divide
from framing.data.loading import Loaded
from framing.data.periods import by_time
from framing.data.splits import at_random, by_column, leave_one_source_out, unseen
from framing.evaluation.crossing import crossing
from framing.evaluation.duplicates import near_duplicates
from framing.evaluation.spelling import Spellings
from framing.preparation import prepare
from tests.conftest import distinct, make_codebook, make_rows
from tests.test_splits import corpus_of

FAIL, SET_ASIDE, KEEP = OnNearDuplicates.fail, OnNearDuplicates.set_aside, OnNearDuplicates.keep
KYIV = Spellings((("kyiv", "kiev"),))
TEXTS = [
    "Shells hit the market of Kyiv on Monday, and three people died there.",
    "The army held the bridge over the river through the whole night.",
    "Talks about the exchange of prisoners begin in the capital next week.",
    "Shells hit the market of Kiev on Monday, and three people died there!",
    "The grain harvest was the smallest of the past eleven years, farmers say.",
    "The army held the bridge over the river through the whole night.",
]
SOURCES = ["north", "north", "south", "south", "west", "west"]


def copied(**changed):
    return corpus_of(
        [{"text": text, "source": source} | changed for text, source in zip(TEXTS, SOURCES, strict=True)]
    )


def rule(found):
    return NearDuplicateRule(found, 0.8, KYIV)


def learned(division):
    return [fold.train.tolist() for fold in division.folds]


def test_near_duplicates_in_two_sources_stop_the_run_and_are_shown():
    with pytest.raises(FramingError) as caught:
        divide(copied(), None, leave_one_source_out, rule(FAIL))
    message = str(caught.value)
    assert "4 scored sentence(s) have a near-duplicate (similarity above 0.8)" in message
    assert "similarity 1.00\n    own.jsonl, line 2, north: The army held" in message
    assert "own.jsonl, line 1, north: Shells hit the market of Kyiv on Monday" in message
    assert "own.jsonl, line 4, south: Shells hit the market of Kiev on Monday" in message
    assert "near_duplicates=set_aside" in message


def test_set_aside_leaves_out_what_is_learned_from_and_nothing_that_is_scored():
    division = divide(copied(), None, leave_one_source_out, rule(SET_ASIDE))
    assert learned(division) == [[2, 4], [1, 4, 5], [0, 2, 3]]
    assert [fold.test.tolist() for fold in division.folds] == [[0, 1], [2, 3], [4, 5]]
    assert "4 sentence(s) in the folds concerned (near_duplicates=set_aside)" in " ".join(division.notices)


def test_keep_goes_on_and_says_how_many():
    division = divide(copied(), None, leave_one_source_out, rule(KEEP))
    assert learned(division) == [[2, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 3]]
    assert division.notices[-1].startswith("4 scored sentence(s) have a near-duplicate")
    assert "too good by that" in division.notices[-1]


def test_near_duplicates_inside_one_source_are_no_matter():
    corpus = copied()
    one_side = corpus[np.array([0, 2, 3, 4])]
    moved = replace(
        one_side, sentences=one_side.sentences.with_columns(source=np.array(["a", "b", "a", "b"]))
    )
    division = divide(moved, None, leave_one_source_out, rule(FAIL))
    assert learned(division) == [[1, 3], [0, 2]]


def test_what_is_only_learned_from_is_left_out_of_every_fold():
    corpus, further = copied()[np.array([0, 2, 4])], copied(source="more")[np.array([1, 3])]
    with pytest.raises(FramingError, match="1 scored sentence"):
        divide(corpus, further, leave_one_source_out, rule(FAIL))
    division = divide(corpus, further, leave_one_source_out, rule(SET_ASIDE))
    assert division.training_only.sentences["text"].to_list() == [TEXTS[1]]
    assert "1 that are only learned from, in every fold" in " ".join(division.notices)
    with pytest.raises(FramingError, match=r"nothing to learn from.*data\.training_only names none"):
        divide(corpus, further[np.array([1])], unseen, rule(SET_ASIDE))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from("abc")), min_size=4, max_size=14),
    st.integers(0, 9),
)
def test_set_aside_leaves_no_near_duplicate_and_fail_passes_only_where_there_is_none(rows, seed):
    corpus = corpus_of([{"text": text, "source": source} for text, source in rows])
    further = corpus_of([{"text": TEXTS[0]}, {"text": TEXTS[4]}, {"text": "never a copy"}])
    split = partial(at_random, folds=3, seed=seed)
    division = divide(corpus, further, split, rule(SET_ASIDE))
    assert sorted(np.concatenate([fold.test for fold in division.folds])) == list(range(len(corpus)))
    kept = [] if division.training_only is None else division.training_only.sentences["text"].to_list()
    clean = True
    for fold, whole in zip(division.folds, split(corpus), strict=True):
        texts = KYIV.unified([*corpus.sentences["text"], *kept])
        scored = {texts[row].rstrip(".!") for row in fold.test}
        assert not scored & {
            texts[row].rstrip(".!") for row in [*fold.train, *range(len(corpus), len(texts))]
        }
        clean &= len(fold.train) == len(whole.train)
    clean &= len(kept) == 3
    if clean:
        divide(corpus, further, split, rule(FAIL))
    else:
        with pytest.raises(FramingError, match=r"similarity \d"):
            divide(corpus, further, split, rule(FAIL))


def test_both_sides_of_a_crossing_are_found_also_through_copies_of_copies():
    texts = ["one and the same sentence here"] * 3 + [
        "one and the same sentence here!",
        "quite another thing",
    ]
    found = near_duplicates(texts, characters=5, threshold=0.8)
    scored = np.array([False, False, True, False, False])
    across = crossing(found, ~scored, scored)
    assert across.learned.tolist() == [True, True, False, True, False]
    assert across.scored.tolist() == scored.tolist()
    assert across.pairs.any()


def test_a_first_period_is_learned_from_in_every_fold_and_its_number_is_said():
    dates = ["2024-01-01", "2024-03-01", "2024-02-01", "2024-01-02", "2024-03-02", "2024-02-02"]
    rows = distinct([{"text": "", "date": text} for text in dates])
    division = divide(corpus_of(rows), None, partial(by_time, folds=3), rule(FAIL))
    assert division.corpus.sentences["date"].to_list() == [dates[row] for row in (1, 2, 4, 5)]
    assert division.training_only.sentences["date"].to_list() == ["2024-01-01", "2024-01-02"]
    assert [(fold.train.tolist(), fold.test.tolist()) for fold in division.folds] == [
        ([], [1, 3]),
        ([1, 3], [0, 2]),
    ]
    assert division.notices[-1].startswith(
        "2 sentence(s) are learned from and not scored, because nothing came before"
    )
    more = divide(corpus_of(rows), corpus_of([{"text": "another"}]), partial(by_time, folds=3), rule(FAIL))
    assert len(more.training_only) == 3
    assert "learned from whatever their date" in more.notices[-1]


def test_articles_on_both_sides_and_folds_with_one_sentence_are_said():
    rows = [{"article": article, "event": event} for article, event in zip("aabbc", "xyyyz", strict=True)]
    division = divide(corpus_of(distinct([{"text": ""} | row for row in rows])), None,
                      partial(by_column, column="event"), rule(FAIL))  # fmt: skip
    said = " ".join(division.notices)
    assert "1 of 3 articles are learned from and scored in the same fold" in said
    assert "2 of 3 folds score one sentence each (x, z)" in said


def test_groups_that_training_only_brings_back_are_said():
    corpus = corpus_of(
        distinct([{"text": "", "source": s, "event": e} for s, e in zip("aabb", "xyxy", strict=True)])
    )
    further = corpus_of([{"text": "other", "source": "b", "event": "x"}])
    said = " ".join(divide(corpus, further, leave_one_source_out, rule(FAIL)).notices)
    assert "1 sentence(s) of data.training_only share their source (b) with sentences that are scored" in said
    assert "share their event" not in said
    said = " ".join(divide(corpus, further, partial(by_column, column="event"), rule(FAIL)).notices)
    assert "share their event (x)" in said


def test_rare_frames_missing_frames_and_a_source_without_a_frame_are_said():
    frames = [[1, 0, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]]
    rows = distinct([{"text": "", "source": source} for source in "abcd"])
    said = " ".join(divide(corpus_of(rows, frames), None, leave_one_source_out, rule(FAIL)).notices)
    assert "their scores say little: red (2)" in said
    assert "they have no score: blue, green" in said
    assert "their F1 of 0 says nothing: b, d" in said


def prepared(corpus, split, *, rejected=None, keep=False):
    loaded = Loaded(corpus, None, [], {}, {})
    return prepare(loaded, split=split, near_duplicates=rule(FAIL), rejected=rejected, keep_untaught=keep)


def test_rows_that_a_split_cannot_place_stop_the_run_or_are_quarantined(tmp_path):
    dates = ["2024-01-01", "soon", "2024-02-01", "2024-03-01"]
    corpus = corpus_of(distinct([{"text": "", "date": text} for text in dates]))
    with pytest.raises(CorpusError, match="line 2, date: found 'soon'"):
        prepared(corpus, partial(by_time, folds=2))
    division = prepared(corpus, partial(by_time, folds=2), rejected=tmp_path)
    assert len(division.corpus) + len(division.training_only) == 3
    assert "1 problem(s) in the data" in " ".join(division.notices)
    assert "soon" in (tmp_path / "rejected_rows.jsonl").read_text(encoding="utf-8")


def test_quarantine_goes_on_until_every_scored_frame_is_taught(tmp_path):
    """Without the sentence with green, which one source alone has, blue stands in one source alone."""
    frames = [[0, 1, 1], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0]]
    rows = distinct([{"text": "", "source": source} for source in "aabbc"])
    division = prepared(corpus_of(rows, frames), leave_one_source_out, rejected=tmp_path)
    assert division.corpus.sentences["id"].to_list() == ["s1", "s3", "s4"]
    kept = prepared(corpus_of(rows, frames), leave_one_source_out, keep=True)
    assert len(kept.corpus) == 5
    assert "'green' in 1 sentence(s), all in a: it cannot be predicted where it is scored." in kept.notices
    alone = corpus_of(rows[1:3], [[1, 0, 0], [0, 1, 0]])
    with pytest.raises(FramingError, match="No sentence is left"):
        prepared(alone, leave_one_source_out, rejected=tmp_path)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_a_column_of_ones_own_is_carried_where_the_split_asks_for_it(composed, save, write, kind):
    rows = [row | {"event": f"event {number % 3}"} for number, row in enumerate(distinct(make_rows()))]
    more = write(
        [{**row, "id": f"more-{row['id']}", "text": "no event"} for row in make_rows()[:1]], "more.jsonl"
    )
    flat = [row | {"frames": ";".join(row["frames"]) or "[]", "voice": row["voice"] or ""} for row in rows]
    path = save(rows if kind == "jsonl" else flat, kind)
    settings = [f"data={kind}", f"data.path={path}", "split=column", "split.column=event"]
    config = composed(*settings, f"data.training_only=[{more}]")
    loaded = build_corpus(config.data, make_codebook(), further_columns(config.split))
    assert loaded.training_only.sentences["event"].to_list() == [None]
    folds = build_split(config.split, 0)(loaded.corpus)
    assert [fold.name for fold in folds] == ["event 0", "event 1", "event 2"]
    wrong = composed(*settings[:3], "split.column=evnt")
    with pytest.raises(
        FramingError,
        match=r"no column 'evnt', expected it for a setting that names it, such as .*\. Did you mean 'event'",
    ):
        build_corpus(wrong.data, make_codebook(), further_columns(wrong.split))


def test_labels_are_no_column_to_split_by_and_own_columns_need_not_be_carried(composed):
    for column in ("voice", "frames", "id", "line"):
        with pytest.raises(FramingError, match="which sentences belong together"):
            further_columns(composed("split=column", f"split.column={column}").split)
    assert further_columns(composed("split=column", "split.column=article").split) == []
    assert further_columns(composed("split=time").split) == []


@pytest.mark.parametrize("choice", ["leave_one_source_out", "article", "random"])
def test_what_ships_has_no_near_duplicates_across_any_split(composed, choice):
    from framing.build import build_codebook

    config = composed(f"split={choice}")
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    checked = build_near_duplicate_rule(config.near_duplicates, config.similarity, config.spellings)
    assert checked.found is FAIL
    division = divide(loaded.corpus, loaded.training_only, build_split(config.split, config.seed), checked)
    assert len(division.training_only) == len(loaded.training_only)


def test_a_similarity_beyond_its_range_is_an_error():
    for similarity in (0.0, 1.0, 7.0):
        with pytest.raises(FramingError, match="expected a number between 0 and 1"):
            build_near_duplicate_rule(FAIL, similarity, "unread.yaml")


def test_articles_of_two_sources_with_one_name_are_two_articles():
    rows = [{"article": "1", "source": source} for source in ("north", "north", "south", "south")]
    division = divide(
        corpus_of(distinct([{"text": ""} | row for row in rows])), None, leave_one_source_out, rule(FAIL)
    )
    assert not any("learned from and scored in the same fold" in notice for notice in division.notices)
