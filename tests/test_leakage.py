import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from framing.evaluation.leakage import source_probe, within_source_auc

RNG = np.random.default_rng(0)


def sentences(sources=("a", "b"), articles=6, each=5, telling=True):
    """Sentences of common words; with `telling`, every source has a word of its own."""
    rows = []
    for source in sources:
        for article in range(articles):
            for _ in range(each):
                words = RNG.choice(["town", "army", "river", "talks", "rain", "grain"], 5).tolist()
                rows.append((" ".join(words + [f"mark{source}"] * telling), source, f"{source}-{article}"))
    return [list(column) for column in zip(*rows, strict=True)]


def test_a_word_of_its_own_gives_a_source_away_and_common_words_do_not():
    told = source_probe(*sentences(), folds=3, seed=0)
    common = source_probe(*sentences(telling=False), folds=3, seed=0)
    assert told.accuracy == 1.0
    assert common.accuracy < 0.7
    assert told.majority == common.majority == 0.5
    assert told.by_article
    assert told.sentences == 60


def test_with_too_few_articles_the_probe_says_that_they_are_divided():
    assert not source_probe(*sentences(articles=1), folds=3, seed=0).by_article


def test_one_source_or_a_source_of_one_sentence_cannot_be_probed():
    assert source_probe(*sentences(sources=("a",)), folds=3, seed=0) is None
    texts, sources, articles = sentences()
    assert source_probe(["x", *texts], ["c", *sources], ["c-0", *articles], folds=3, seed=0) is None


def test_a_model_that_knows_the_source_alone_tells_nothing_within_sources():
    sources = ["a"] * 50 + ["b"] * 50
    labelled = np.array(
        [[number % 5 != 0] for number in range(50)] + [[number % 5 == 0] for number in range(50)]
    )
    by_source = np.array([[0.8]] * 50 + [[0.2]] * 50)
    found = within_source_auc(labelled, by_source, sources)
    assert found.pooled == pytest.approx(0.8)
    assert found.within == pytest.approx(0.5)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.3, 0.3, 0.9])), min_size=2, max_size=30))
@settings(max_examples=60)
def test_with_one_source_both_areas_are_that_of_scikit_learn(rows):
    labelled = np.array([[has] for has, _ in rows])
    probabilities = np.array([[p] for _, p in rows])
    found = within_source_auc(labelled, probabilities, ["a"] * len(rows))
    if labelled.all() or not labelled.any():
        assert found is None
    else:
        expected = roc_auc_score(labelled[:, 0], probabilities[:, 0])
        assert found.pooled == pytest.approx(expected)
        assert found.within == pytest.approx(expected)
