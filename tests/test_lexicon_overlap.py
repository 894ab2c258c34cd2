"""Whose the words are that predictions rest on: a source's, a frame's, both, or neither."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from framing.core.corpus import Corpus
from framing.corpus_words import described, with_overlap, with_words
from framing.evaluation.explanations import strongest_words
from framing.evaluation.findings import Findings
from framing.evaluation.lexicon.markers import frame_words, source_words
from framing.evaluation.lexicon.overlap import ALL_FRAMES, DRAWS, word_overlap
from framing.reporting.evaluated import Evaluated
from framing.reporting.overlap_words import overlap_remarks, whose_words
from framing.reporting.sections_words import shown_lexicon, whose
from tests.conftest import make_codebook
from tests.evaluated import evaluated
from tests.lexicon_tables import RULES, settings

SETTINGS = settings(min_count=3, min_documents=20, draws=0, self_check=0)
FILLER = [f"filler{number}" for number in range(60)]


def marked(*rows):
    """Words of sources: word, source, whether it marks it, occurrences there and in the rest."""
    names = ["word", "source", "marks", "count", "count_rest"]
    table = pl.DataFrame(rows, schema=names, orient="row")
    effect = (pl.col("count") / pl.col("count_rest")).log()
    return table.with_columns(log_odds=effect, z=effect, inference=pl.lit("documents"))


def of_frames(*rows):
    """Words of frames: frame, word, whether it marks it."""
    table = pl.DataFrame(rows, schema=["frame", "word", "marks"], orient="row")
    return table.with_columns(log_odds=pl.lit(1.5))


WORDS = pl.DataFrame(
    {
        "frame": ["red", "red", "red", "red", "blue", "blue"],
        "word": ["Harbour", "crimson", "dock", ",", "dock", "sky"],
        "sentences": [2, 4, 1, 9, 5, 5],
        "contribution": [1.0, 0.5, 2.0, 3.0, 1.0, -1.0],
    }
)
HAND = marked(
    ("harbour", "north", True, 6, 2), ("harbour", "south", False, 2, 6),
    ("crimson", "north", False, 5, 4), ("crimson", "south", False, 4, 5),
    ("dock", "north", False, 4, 5), ("dock", "south", True, 5, 4),
    ("other", "north", False, 5, 5), ("other", "south", False, 5, 5),
    ("rare", "north", True, 1, 1), ("rare", "south", False, 1, 1),
)  # fmt: skip


def test_a_hand_worked_case():
    frames = of_frames(("red", "crimson", True), ("red", "harbour", False), ("blue", "dock", True))
    listed, summary = word_overlap(WORDS, HAND, frames, seed=0)
    assert listed.select("word", "whose", "source").rows() == [
        ("Harbour", "a source's word", "north"),
        ("crimson", "a frame's word", None),
        ("dock", "a source's word", "south"),
        (",", "not compared", None),
        ("dock", "both", "south"),
    ]
    row = summary.row(by_predicate=pl.col("frame") == "red", named=True)
    # Added: harbour 2 x 1.0, crimson 4 x 0.5, dock 1 x 2.0; the comma is no word.
    assert (row["words"], row["not_compared"], row["marking"]) == (3, 1, 2)
    assert row["share"] == pytest.approx(2 / 3)
    assert row["weighted"] == pytest.approx(4 / 6)
    assert row["sources_alone"] == pytest.approx(4 / 6)
    # 8 to 15 occurrences: harbour, crimson, dock, other; two of the four mark a source.
    assert row["share_by_chance"] == row["weighted_by_chance"] == pytest.approx(0.5)
    whole = summary.row(0, named=True)
    assert whole["frame"] == ALL_FRAMES
    assert whole["weighted"] == pytest.approx((4 + 5) / (6 + 5))
    assert whole["sources_alone"] == pytest.approx(4 / (6 + 5))


def test_the_draws_by_chance_have_the_distribution_of_all_deals():
    frames = of_frames(("red", "crimson", True))
    _, summary = word_overlap(WORDS.filter(frame="red"), HAND, frames, seed=1)
    row = summary.row(0, named=True)
    # Two marks are dealt to four words, three of which are listed with equal weight: one or two of three.
    assert (row["chance_low"], row["chance_high"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert row["p"] == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / DRAWS))


def test_words_that_take_away_and_corpora_without_sources_say_nothing():
    taking = WORDS.with_columns(contribution=-pl.col("contribution").abs())
    assert word_overlap(taking, HAND, of_frames(("red", "x", True)), 0)[1].is_empty()
    assert word_overlap(WORDS, HAND.clear(), of_frames(("red", "x", True)), 0)[1].is_empty()
    one = pl.DataFrame({"id": ["1"], "text": ["war"], "source": ["x"], "article": ["1"], "frames": [["red"]]})
    assert source_words(one, SETTINGS).is_empty()
    assert frame_words(one, ["red"], SETTINGS).is_empty()
    findings = Findings(pl.DataFrame(), pl.DataFrame(), words=WORDS)
    assert with_overlap(findings, one, SETTINGS).word_overlap.is_empty()


def simulated(own_words, seed=0, articles=30, sentences=6):
    """Three sources with words of their own; `red` is theirs in part, or has words of its own.

    Args:
        own_words: the frame is said with words of its own, in every source alike; otherwise it is what the
            sentences of the source `east` are labelled for the most part, and no word says it.
    """
    random = np.random.default_rng(seed)
    rows = []
    for source in ("east", "north", "west"):
        for article in range(articles):
            for number in range(sentences):
                red = random.random() < (0.4 if own_words else 0.9 if source == "east" else 0.1)
                words = [*random.choice(FILLER, 6), *(f"{source}{draw}" for draw in random.integers(0, 6, 2))]
                if own_words and red:
                    words += [f"crimson{draw}" for draw in random.integers(0, 6, 2)]
                rows.append(
                    {
                        "id": f"{source}-{article}-{number}", "text": " ".join(words), "source": source,
                        "article": f"{source}-{article}", "date": None, "frames": ["red"] if red else [],
                    }
                )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"date": pl.String})


def learned(sentences):
    """What a linear model of the words adds to `red` where it is labelled, as an explanation has it."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = sentences["text"].to_list()
    vectorizer = CountVectorizer(token_pattern=r"\S+")
    counts = vectorizer.fit_transform(texts)
    red = (sentences["frames"].list.len() > 0).to_numpy()
    weight = dict(
        zip(
            vectorizer.get_feature_names_out(),
            LogisticRegression(C=1.0, max_iter=500).fit(counts, red).coef_[0],
            strict=True,
        )
    )
    rows = [
        {"row": row, "frame": "red", "start": start, "end": end - 1, "contribution": float(weight[texts[row][start:end - 1]])}
        for row in np.flatnonzero(red)
        for start, end in pairwise([0, *(at + 1 for at, sign in enumerate(texts[row] + " ") if sign == " ")])
    ]  # fmt: skip
    return strongest_words(pl.DataFrame(rows), texts, most=12)


@pytest.fixture(scope="module", params=[True, False], ids=["frames have words", "sources alone"])
def case(request):
    sentences = simulated(own_words=request.param)
    findings = Findings(pl.DataFrame(), pl.DataFrame(), words=learned(sentences))
    return request.param, sentences, with_overlap(findings, sentences, SETTINGS)


def test_a_classifier_that_can_learn_sources_alone_is_seen_and_one_that_learns_frames_is_not(case):
    own_words, _, found = case
    row = found.word_overlap_summary.row(0, named=True)
    own = found.word_overlap.filter(pl.col("word").str.starts_with("crimson" if own_words else "east"))
    assert own.height == 6
    if own_words:
        assert row["weighted"] <= row["chance_high"]
        assert set(own["whose"]) == {"a frame's word"}
    else:
        assert row["weighted"] > max(0.8, row["chance_high"])
        assert row["p"] < 0.01
        assert row["sources_alone"] == pytest.approx(row["weighted"])
        assert set(own["whose"]) == {"a source's word"}
        assert set(own["source"]) == {"east"}


def test_words_of_a_frame_that_a_source_has_more_often_are_both():
    sentences = simulated(own_words=True)
    more = (
        (pl.col("source") == "east") | (pl.col("frames").list.len() == 0) | (pl.col("id").str.ends_with("1"))
    )
    uneven = sentences.filter(more)
    words = strongest_words(
        pl.DataFrame({"row": range(4), "frame": "red", "start": 0, "end": 8, "contribution": 1.0}),
        ["crimson1"] * 4,
    )
    found = with_overlap(Findings(pl.DataFrame(), pl.DataFrame(), words=words), uneven, SETTINGS)
    assert found.word_overlap["whose"].to_list() == ["both"]
    assert found.word_overlap_summary["sources_alone"].to_list() == [0.0, 0.0]


def test_with_too_few_documents_markers_are_effects_above_the_noise_of_words():
    sentences = simulated(own_words=False, articles=15)
    found = source_words(sentences, SETTINGS)
    assert set(found["inference"]) == {"too few documents"}
    own = found.filter(pl.col("word").str.starts_with("east") & (pl.col("source") == "east"))
    assert own["marks"].all()
    assert found.filter(pl.col("word").str.starts_with("filler"))["marks"].mean() < 0.1


def test_the_order_of_the_sentences_changes_nothing(case):
    _, sentences, found = case
    shuffled = sentences.sample(fraction=1, shuffle=True, seed=3)
    again = with_overlap(replace(found), shuffled, SETTINGS)
    assert again.word_overlap_summary.equals(found.word_overlap_summary)


@pytest.fixture(scope="module")
def whole():
    return evaluated()


def with_findings(whole, case_findings):
    tables = {
        name: getattr(case_findings, name) for name in ("words", "word_overlap", "word_overlap_summary")
    }
    return replace(whole, findings=replace(whole.findings, **tables))


def test_the_page_and_the_verdict_say_what_is_more_than_chance(case, whole):
    own_words, _, found = case
    told = with_findings(whole, found)
    remarks = " ".join(overlap_remarks(told))
    assert ("more than chance explains" in remarks.replace("no more and", "")) == (not own_words)
    assert bool(whose_words(told)) == (not own_words)
    assert {"overlap/all", "overlap_by_chance/all", "overlap/red"} <= told.metrics().keys()
    assert [block.file for block in whose(told).blocks] == ["word_overlap_summary", "word_overlap"]


def test_a_model_that_is_not_explained_is_said_to_have_no_words(whole):
    nothing = dict.fromkeys(("words", "word_overlap", "word_overlap_summary"), pl.DataFrame())
    section = whose(replace(whole, findings=replace(whole.findings, **nothing)))
    assert section.blocks == []
    assert "not explained word by word" in section.remarks[0]


def corpus_of(sentences, codebook):
    frames = np.array([[frame.id in own for frame in codebook.frames] for own in sentences["frames"]])
    columns = sentences.drop("frames").with_columns(kind=pl.lit("body"), file=pl.lit("f"), line=1)
    return Corpus(codebook, columns, frames, np.full(sentences.height, -1, dtype=np.int8))


def trained(corpus, rules):
    findings = Findings(pl.DataFrame(schema={"macro_f1": pl.Float64}), pl.DataFrame())
    bare = Evaluated("a run", "m", corpus.codebook, "random", corpus.sentences, findings)
    return with_words(bare, corpus, rules)


def test_in_training_frames_and_voices_can_be_asked_for_too():
    corpus = corpus_of(simulated(own_words=True, articles=4), make_codebook())
    assert described(corpus)["frames"].explode().drop_nulls().unique().to_list() == ["red"]
    rules = replace(RULES, settings=replace(RULES.settings, within="frames", examples=1))
    found = trained(corpus, rules)
    assert found.lexicon.groups["within"].unique().to_list() == ["red"]
    assert set(found.lexicon.concordance["frames"]) == {"red"}
    assert any("have no value of source, frames" in notice for notice in found.notices)
    none = trained(corpus, replace(RULES, settings=replace(RULES.settings, groups="voice")))
    assert none.lexicon is None
    assert none.notices == ["The corpus has no voice, so there is no lexicon to compare."]


def test_with_two_sources_the_page_shows_both_sides_of_the_pair():
    sentences = simulated(own_words=True, articles=4).filter(pl.col("source") != "west")
    found = trained(corpus_of(sentences, make_codebook()), RULES)
    table = shown_lexicon(found)
    assert set(table.select("group", "other").unique().rows()) == {("east", "north"), ("north", "east")}
    north = table.filter(group="north").row(0, named=True)
    assert north["term"].startswith("north")
    assert north["count"] > north["count_other"] == 0
    assert north["log_odds"] > 0


def test_columns_that_the_lexicon_asks_for_are_read_for_training_too(composed):
    from framing.train import _further_columns

    config = composed("lexicon.strata=[event,period]", "lexicon.within=frame", "lexicon.groups=desk")
    assert _further_columns(config) == ["desk", "event"]
