"""A sentence that is read in part only is counted, and the setting that reads more is named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framing.build_model import build_model
from framing.core.data_config import OnNearDuplicates
from framing.core.errors import FramingError
from framing.data.division import NearDuplicateRule
from framing.data.splits import leave_one_source_out
from framing.evaluation.overview import EvaluationSettings
from framing.evaluation.spelling import Spellings
from framing.examination import Examination
from framing.models.dictionary import Dictionary
from framing.models.ensemble import Ensemble
from framing.models.folder import save_model
from framing.models.interface import cut_sentences
from framing.pipeline import TrainingPlan, train
from framing.predict import tell_left_out
from framing.prediction import Predicted, PredictionPlan, open_labeller, predict_file
from framing.tracking.tracker import NoTracker, RunDescription
from tests.conftest import make_codebook, make_rows
from tests.lexicon_tables import RULES
from tests.test_data import load

LONG = "The report says crimson " + "words " * 40
"""44 tokens of the small encoder, which counts words, and two that begin and end every sentence."""


@pytest.fixture
def probe(composed, small_encoder):
    def build(max_tokens):
        settings = [f"model.encoder={small_encoder}", f"model.max_tokens={max_tokens}"]
        return build_model(composed("model=probe", *settings).model)

    return build


@pytest.fixture
def rows():
    made = make_rows()
    made[4]["text"], made[7]["text"] = LONG, LONG + "blue sky"
    return made


def test_a_sentence_is_cut_if_it_has_more_tokens_than_are_read(probe):
    texts = ["", "red", LONG, LONG + "today", "a" * 200]
    assert cut_sentences(probe(46), texts).tolist() == [False, False, False, True, False]
    assert cut_sentences(probe(45), texts).tolist() == [False, False, True, True, False]
    assert cut_sentences(Dictionary(), texts).tolist() == [False] * 5


def test_the_count_is_that_of_the_tokenizer(probe, composed, small_encoder):
    transformer = build_model(composed("model=transformer", f"model.encoder={small_encoder}").model)
    texts = [" ".join(["word"] * number) for number in range(0, 300, 7)]
    for model, most in ((transformer, 256), (probe(30), 30)):
        assert cut_sentences(model, texts).tolist() == [len(text.split()) + 2 > most for text in texts]


def test_what_one_member_cuts_the_ensemble_cuts(probe):
    ensemble = Ensemble({"short": probe(10), "long": probe(60), "words": Dictionary()}, inner=None)
    assert cut_sentences(ensemble, ["red", LONG]).tolist() == [False, True]


def test_more_tokens_than_the_encoder_reads_are_an_error(composed):
    model = build_model(composed("model=probe", "model.max_tokens=513").model)
    with pytest.raises(FramingError, match=r"model\.max_tokens=513: this encoder reads at most 512 tokens"):
        cut_sentences(model, [LONG])


@pytest.mark.parametrize(("max_tokens", "cut"), [(20, "2 of 18 sentences, 2 of them scored"), (60, None)])
def test_a_run_says_how_many_sentences_were_cut(probe, rows, write, tmp_path, max_tokens, cut):
    plan = TrainingPlan(
        run=RunDescription("a run", {}),
        folder=tmp_path / "run",
        split=leave_one_source_out,
        split_name="leave_one_source_out",
        near_duplicates=NearDuplicateRule(OnNearDuplicates.keep, 0.8, Spellings(())),
        models={"probe": probe(max_tokens)},
        threshold=0.5,
        inner=None,
        unfinished=tmp_path / "unfinished",
        resume=False,
        helping=False,
        examination=Examination(EvaluationSettings(200, 0, "asserted", None), None, 0, 0, None, 100),
        label_origin="",
        lexicon=RULES,
        quarantine=False,
        keep_single_source_frames=False,
    )
    said = [
        notice for notice in train(plan, load(write(rows)), NoTracker()).notices if "max_tokens" in notice
    ]
    if cut is None:
        assert said == []
    else:
        assert said[0].startswith(f"{cut}, are longer than probe reads")
        assert "model.max_tokens" in said[0]


def test_predicting_says_how_many_sentences_were_cut_also_of_chunks_finished_before(
    probe, rows, write, tmp_path, capsys
):
    corpus = load(write(rows)).corpus
    save_model(probe(20).fit(corpus), make_codebook(), tmp_path / "model", None)
    labeller = open_labeller(tmp_path / "model", "torch", None, "")
    texts = write([{"text": row["text"]} for row in rows], "texts.jsonl")
    plan = PredictionPlan(Path(texts), tmp_path / "out.csv", "text", 5, {})
    calls = []

    def ended(sentences):
        calls.append(sentences)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return labeller.predict(sentences)

    with pytest.raises(KeyboardInterrupt):
        predict_file(plan, replace(labeller, predict=ended))
    done = predict_file(plan, labeller)
    assert (done.kept, done.sentences, done.cut) == (2, 18, 2)
    tell_left_out(done, "nowhere")
    told = capsys.readouterr().err
    assert "2 sentence(s) are longer than the model reads" in told
    assert "model.max_tokens" in told.replace("\n", " ")
    tell_left_out(Predicted(), "nowhere")
    assert capsys.readouterr().err == ""


def test_nothing_is_cut_of_nothing(probe):
    assert cut_sentences(probe(20), []).shape == (0,)
    assert cut_sentences(probe(20), []).dtype == np.bool_
