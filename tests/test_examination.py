from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from framing.core.config import PROJECT
from framing.core.corpus import NO_VOICE
from framing.core.errors import FramingError
from framing.cross_validation import Questions, Teaching, cross_validate, examine
from framing.data.splits import at_random, by_article, leave_one_source_out
from framing.evaluation.judgement import Judgement
from framing.evaluation.overview import EvaluationSettings, evaluate
from framing.evaluation.perturbations import Perturbations
from framing.examination import Examination, Run, examined, questions
from framing.models.interface import Model
from framing.models.linear import Regression
from framing.models.majority import Majority
from framing.models.tfidf import Tfidf, TfidfSettings
from framing.models.unfinished import open_unfinished
from framing.refits import Refits, learning_curve, other_splits, without_names
from tests.conftest import make_rows
from tests.test_data import load

SETTINGS = EvaluationSettings(draws=200, seed=0, asserted="asserted", sets=None)
TOWNS = str(PROJECT / "configs" / "perturbations" / "territorial_war.yaml")


class Recording(Majority):
    """Predicts as majority does, and keeps what it was given."""

    def __init__(self):
        super().__init__()
        self.learned, self.asked = [], []

    def fit(self, corpus, fitting=None):
        self.learned.append(corpus.sentences["text"].to_list())
        return super().fit(corpus)

    def predict(self, sentences):
        self.asked.append(sentences["text"].to_list())
        return super().predict(sentences)


def tfidf() -> Model:
    return Tfidf(TfidfSettings((1, 2), (2, 4), 1), Regression(10.0, False, 1000))


@pytest.fixture
def corpus(write):
    rows = make_rows(per_source=12)
    for row in rows:
        row["text"] = row["text"].replace("sector", "Russian sector" if row["frames"] else "sector")
        row["text"] += f" So the {row['source']} says."
    return load(write(rows)).corpus


def run_of(model, teaching, folds, split="leave_one_source_out"):
    return Run("own", model, teaching, folds, split, np.full(teaching.corpus.frames.shape, 0.5), 0.5)


def test_a_variant_is_asked_of_the_fold_that_scores_its_sentence(corpus):
    model, folds = Recording(), leave_one_source_out(corpus)
    variants = pl.DataFrame({"row": [0, 13, 35], "text": ["first", "second", "third"]})
    nothing = np.zeros(len(corpus), dtype=bool)
    answers = examine("own", model, Teaching(corpus, None), folds, Questions(variants, nothing, 0.5))
    assert [[t for t in asked if t in ("first", "second", "third")] for asked in model.asked] == [
        ["first"], ["second"], ["third"]
    ]  # fmt: skip
    assert answers.variants.frames.shape == (3, 3)
    alone = cross_validate({"own": Majority()}, Teaching(corpus, None), folds)["own"]
    assert np.array_equal(answers.sentences.frames, alone.frames)


def test_answers_of_finished_folds_are_kept_and_not_asked_again(corpus, tmp_path):
    folds = leave_one_source_out(corpus)
    asked = Questions(
        pl.DataFrame({"row": [0, 35], "text": ["first", "third"]}), np.ones(len(corpus), dtype=bool), 0.5
    )
    unfinished = open_unfinished(tmp_path, "key", resume=False)
    teaching = Teaching(corpus, None, unfinished)
    first = examine("own", tfidf(), teaching, folds, asked)
    broken = Recording()
    again = examine("own", broken, teaching, folds, asked)
    assert broken.learned == []
    assert np.array_equal(first.sentences.frames, again.sentences.frames)
    assert np.array_equal(first.variants.frames, again.variants.frames)
    assert first.explanation.contributions.equals(again.explanation.contributions)
    unfinished.remove()


def test_without_names_nothing_that_is_learned_or_asked_has_one(corpus):
    model = Recording()
    mask = Perturbations.read(TOWNS).mask
    teaching = Teaching(corpus, corpus[np.arange(5)])
    without_names("own", model, teaching, leave_one_source_out(corpus), mask)
    texts = [text for part in model.learned + model.asked for text in part]
    assert len(texts) > len(corpus)
    assert not any("Russia" in text for text in texts)
    assert any("Russia" in text for text in corpus.sentences["text"])


def test_a_split_that_cannot_be_made_says_why_and_the_others_go_on(corpus):
    splits = {
        "random": lambda part: at_random(part, folds=3, seed=0),
        "article": lambda part: by_article(part, folds=300, seed=0),
    }
    random, article = other_splits("own", Majority(), Teaching(corpus, None), splits)
    assert random.prediction.frames.shape == corpus.frames.shape
    assert article.prediction is None
    assert "expected at least as many as folds" in article.left_out


def test_the_learning_curve_learns_from_whole_articles_of_rising_number(corpus):
    refits = Refits(None, {}, (0.2, 0.5), 2, 0)
    model = Recording()
    curve = learning_curve(
        "own", model, Teaching(corpus[np.arange(12)], corpus[np.arange(12, 36)]), [], refits, 0.5
    )
    assert curve["repeat"].to_list() == [0, 0, 0, 1, 1]
    sizes = curve.filter(pl.col("repeat") == 0)["sentences"].to_list()
    assert sizes == sorted(sizes)
    assert sizes[-1] == 24
    articles = dict(zip(corpus.sentences["text"], corpus.sentences["article"], strict=True))
    for learned in model.learned:
        inside = {articles[text] for text in learned}
        assert len(learned) == sum(article in inside for article in corpus.sentences["article"][12:])


def test_without_further_sentences_the_curve_takes_shares_of_every_fold(corpus):
    refits = Refits(None, {}, (0.5,), 1, 0)
    folds = leave_one_source_out(corpus)
    curve = learning_curve("own", Majority(), Teaching(corpus, None), folds, refits, 0.5)
    assert curve["sentences"].to_list() == [12, 24]


def test_a_whole_examination_fills_its_tables(corpus):
    perturbations = Perturbations.read(TOWNS)
    splits = {
        "random": lambda part: at_random(part, folds=3, seed=0),
        "leave_one_source_out": leave_one_source_out,
    }
    refits = Refits(perturbations.mask, splits, (0.2, 0.4, 0.6, 0.8), 3, 0)
    examination = Examination(SETTINGS, perturbations, 30, 10, refits, 100, ("left out",))
    folds, teaching = leave_one_source_out(corpus), Teaching(corpus, None)
    run = run_of(tfidf(), teaching, folds)
    asked = questions(examination, corpus, 0.5)
    answers = examine("own", run.model, teaching, folds, asked)
    labels = answers.sentences.frame_labels(corpus.codebook, 0.5)
    own = Judgement(labels, answers.sentences.voice_labels(), answers.sentences.frames)
    fold = corpus.sentences["source"].to_list()
    found = examined(examination, run, asked, answers, evaluate(corpus, {"own": own}, SETTINGS, fold))
    assert asked.explained.sum() == 10
    assert set(found.contributions["id"]) <= set(corpus.sentences["id"])
    assert found.contributions.columns == ["id", "frame", "start", "end", "contribution"]
    assert found.completeness["unexplained"].abs().max() < 1e-4
    assert set(found.words["frame"]) <= {"red", "blue", "green"}
    assert found.words.filter(pl.col("frame") == "blue")["word"][0] in "azure navy cobalt"
    assert found.splits["split"].to_list() == ["leave_one_source_out", "random"]
    assert found.splits["gap"][0] == 0
    assert found.perturbations.filter(pl.col("perturbation") == "sides swapped")["sentences"][0] > 5
    probes = dict(found.probes.select("probe", "value").iter_rows())
    assert {"source told from the text", "names masked when asked", "fitted and asked without names"} <= set(
        probes
    )
    assert found.learning_curve.height == 13
    assert "left out" in found.notices
    assert any("10 of 36 sentences" in notice for notice in found.notices)
    assert any("30 of 36 sentences, drawn at random, are changed" in notice for notice in found.notices)
    assert len(set(asked.rows.tolist())) <= 30


def test_predictions_without_probabilities_say_what_is_left_out(corpus):
    judgement = Judgement(corpus.frames, corpus.voices)
    found = evaluate(corpus, {"own": judgement}, SETTINGS)
    assert found.models["macro_f1"][0] == 1
    assert found.calibration.is_empty()
    assert found.frames["average_precision"].null_count() == 3
    assert any("labels only" in notice for notice in found.notices)


def test_a_column_of_sets_that_is_not_there_is_told(corpus):
    settings = replace(SETTINGS, sets="sets")
    with pytest.raises(FramingError, match=r"evaluation.sets=sets: the sentences have no such column"):
        evaluate(corpus, {"own": Judgement(corpus.frames, corpus.voices)}, settings)


def test_contrast_sets_are_right_only_as_a_whole(corpus):
    predicted = corpus.frames.copy()
    predicted[0] = ~predicted[0]
    found = evaluate(corpus, {"own": Judgement(predicted, corpus.voices)}, replace(SETTINGS, sets="article"))
    assert found.sets["sets"][0] == 12
    assert found.sets["sets_right"][0] == 11


def test_a_probability_outside_0_to_1_is_refused():
    with pytest.raises(FramingError, match="not a number from 0 to 1"):
        Judgement(np.zeros((1, 1), dtype=bool), np.zeros(1, dtype=np.int8), np.array([[np.nan]]))


def test_a_model_that_says_no_voice_is_not_praised_for_use_and_mention(corpus):
    silent = np.full(len(corpus), NO_VOICE, dtype=np.int8)
    found = evaluate(corpus, {"own": Judgement(corpus.frames, silent)}, SETTINGS)
    assert found.voices.is_empty()
    assert found.mentions["taken_for_use"].null_count() == found.mentions.height
    assert any("say no voice" in notice for notice in found.notices)


def test_how_sure_a_model_is_needs_the_thresholds_of_its_labels(corpus):
    shares = np.where(corpus.frames, 0.4, 0.1)
    own = Judgement(corpus.frames, corpus.voices, shares)
    assert evaluate(corpus, {"own": own}, SETTINGS, thresholds=0.3).coverage.height > 0
    unknown = evaluate(corpus, {"own": own}, SETTINGS)
    assert unknown.coverage.is_empty()
    assert any("their thresholds are not known" in notice for notice in unknown.notices)


def test_a_corrected_share_without_an_interval_is_not_shown(corpus):
    found = evaluate(corpus, {"own": Judgement(corpus.frames, corpus.voices)}, SETTINGS)
    without = found.prevalence.filter(pl.col("low").is_null())
    assert without.height > 0
    assert without["corrected"].null_count() == without.height
