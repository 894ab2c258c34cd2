"""The contrast corpus: that it is what its data statement says."""

import json
import re
from collections import Counter

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from framing.build import build_codebook, build_corpus
from framing.core.config import PROJECT
from framing.data.splits import leave_one_source_out

FOLDER = PROJECT / "seeds" / "contrast"
CASES = (
    "retake_reclaim", "under_control", "failing_attackers", "captured_soldiers", "exposed_narratives", "scare_quotes",
    "negation", "questions", "operation_name", "peace_talk", "colon", "harm_words", "other_sense", "threat_only",
    "strikes", "advance", "occupy_sense", "names", "losses", "denial",
)  # fmt: skip


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def contrast():
    return pl.DataFrame(
        [row for path in sorted(FOLDER.glob("*.jsonl")) for row in read(path)], infer_schema_length=None
    )


def test_it_is_large_enough_and_its_labels_are_the_codebooks(contrast, composed):
    config = composed("data=default")
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    assert loaded.problems == []
    assert len(loaded.training_only) == contrast.height >= 3000
    assert contrast["id"].is_unique().all()


def test_no_contrast_sentence_is_ever_in_a_test_fold(composed):
    config = composed()
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    scored = {
        loaded.corpus.sentences["id"][int(row)]
        for fold in leave_one_source_out(loaded.corpus)
        for row in fold.test
    }
    assert not scored & set(loaded.training_only.sentences["id"])


def test_an_event_is_told_again_and_again(contrast):
    sizes = contrast.group_by("set_id").agg(
        pl.len(), pl.col("frames").list.sort().list.join("+").n_unique().alias("labels")
    )
    assert sizes.height >= 250
    assert sizes["len"].min() >= 5
    assert (sizes["labels"] >= 4).mean() > 0.95


def test_sentences_are_6_to_60_words_in_nine_registers(contrast):
    words = contrast["text"].str.split(" ").list.len()
    assert words.min() >= 6
    assert words.max() <= 60
    shares = contrast["register"].value_counts(normalize=True)
    assert shares.height == 9
    assert shares["proportion"].min() > 0.08


@pytest.mark.parametrize("case", CASES)
def test_every_borderline_rule_has_forty_sentences_on_either_side(contrast, case):
    counts = Counter(contrast["case"])
    assert counts[f"{case}+"] >= 40
    assert counts[f"{case}-"] >= 40


def test_every_frame_is_said_in_every_voice(contrast):
    counts = contrast.explode("frames").drop_nulls("frames").group_by("frames", "voice").len()
    assert counts.height == 8 * 3
    assert counts["len"].min() >= 40


def test_both_sides_of_every_war_do_everything(contrast):
    """No side does more than twice as much of anything as the other side of its war does."""
    actors = contrast.filter(pl.col("actor").is_not_null()).explode("frames").drop_nulls("frames")
    counts = {(frame, actor): n for frame, actor, n in actors.group_by("frames", "actor").len().iter_rows()}
    wars = [
        ("Veldania", "Ostrania"),
        ("Norvia", "Zemland"),
        ("Sarmadia", "Ilveria"),
        ("Drachia", "Belmora"),
        ("Ruvenia", "Stavia"),
    ]
    for frame in {frame for frame, _ in counts}:
        one, other = (sum(counts.get((frame, war[side]), 0) for war in wars) for side in (0, 1))
        assert 0.5 < one / other < 2, frame


def test_no_five_words_occur_in_more_than_one_percent(contrast):
    sequences: Counter[str] = Counter()
    for text in contrast["text"]:
        words = re.findall(r"\w+", text.lower())
        sequences.update({" ".join(words[start : start + 5]) for start in range(len(words) - 4)})
    assert sequences.most_common(1)[0][1] <= 0.01 * contrast.height


def test_no_near_duplicates_inside_it_or_with_the_seeds(contrast):
    texts = contrast["text"].to_list() + [row["text"] for row in read(PROJECT / "seeds" / "sentences.jsonl")]
    grams = (
        CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True, dtype=np.int32)
        .fit_transform(texts)
        .tocsr()
    )
    size = grams.sum(axis=1).A1
    common = (grams[: contrast.height] @ grams.T).tocoo()
    jaccard = common.data / (size[common.row] + size[common.col] - common.data)
    close = (jaccard > 0.8) & (common.row < common.col)
    assert [(texts[i], texts[j]) for i, j in zip(common.row[close], common.col[close], strict=True)] == []


def test_the_blind_second_labels_are_kept_and_every_disagreement_is_settled(contrast):
    first, second, settled = (
        {row["id"]: row for row in read(FOLDER / "labels" / f"{name}.jsonl")}
        for name in ("first", "second", "adjudicated")
    )
    assert first.keys() == second.keys()
    assert len(first) >= 600
    differing = {
        identifier
        for identifier, row in first.items()
        if (set(row["frames"]), row["voice"])
        != (set(second[identifier]["frames"]), second[identifier]["voice"])
    }
    assert settled.keys() == differing
    final = {row["id"]: row for row in contrast.iter_rows(named=True)}
    for identifier, row in settled.items():
        assert row["reason"]
        assert set(row["frames"]) <= set(final[identifier]["frames"])
        assert row["voice"] == final[identifier]["voice"]
