import json
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from framing.build_model import build_baseline, build_model
from framing.cli import CONFIGS
from framing.core.config import Baseline
from framing.core.errors import FramingError
from framing.models.folder import load_model, save_model
from framing.models.tfidf import Tfidf, TfidfSettings
from tests.conftest import make_codebook, make_rows
from tests.test_data import load

KINDS = sorted(path.stem for path in (CONFIGS / "model").glob("*.yaml"))


@pytest.fixture(params=KINDS)
def model(request, composed, small_encoder):
    return build_model(composed(f"model={request.param}", *small(request.param, small_encoder)).model)


def small(kind, encoder):
    """The overrides that put a small encoder in the place of the real one."""
    where = {"probe": "model", "transformer": "model", "ensemble": "model.members.transformer"}.get(kind)
    fast = [] if kind == "probe" else [f"{where}.epochs=1", f"{where}.precision=fp32"]
    return [f"{where}.encoder={encoder}", *fast] if where else []


@pytest.fixture(params=["multi-label", "single-label", "no voice"])
def corpus(request, write):
    rows = make_rows()
    if request.param == "single-label":
        rows = [row | {"frames": row["frames"][:1]} for row in rows if row["frames"]]
    voices = () if request.param == "no voice" else ("asserted", "attributed")
    return load(
        write(rows), make_codebook(single_label=request.param == "single-label", voices=voices)
    ).corpus


def test_the_contract_of_every_model(model, corpus, tmp_path):
    """Shapes, ranges, save then load predicts the same, order does not matter, fit starts anew."""
    prediction = model.fit(corpus).predict(corpus.sentences)
    assert prediction.frames.shape == (len(corpus), 3)
    assert prediction.voices.shape == (len(corpus), len(corpus.codebook.voices))
    assert ((prediction.frames >= 0) & (prediction.frames <= 1)).all()
    if corpus.codebook.single_label:
        assert np.allclose(prediction.frames.sum(axis=1), 1)
        assert (prediction.frame_labels(corpus.codebook, 0.5).sum(axis=1) == 1).all()
    if corpus.codebook.voices:
        assert np.allclose(prediction.voices.sum(axis=1), 1)

    save_model(model, corpus.codebook, tmp_path / "model")
    loaded, codebook = load_model(tmp_path / "model")
    again = loaded.predict(corpus.sentences)
    assert np.array_equal(again.frames, prediction.frames)
    assert np.array_equal(again.voices, prediction.voices)
    assert codebook == corpus.codebook

    turned = loaded.predict(corpus.sentences.reverse())
    assert np.allclose(turned.frames[::-1], prediction.frames, atol=1e-12)

    half = corpus[np.arange(len(corpus) // 2)]
    refitted = model.fit(half).fit(corpus).predict(corpus.sentences)
    assert np.array_equal(refitted.frames, prediction.frames)


def test_predicting_no_sentences_gives_no_rows(model, corpus):
    empty = model.fit(corpus).predict(corpus.sentences.head(0))
    assert empty.frames.shape == (0, 3)


@pytest.mark.parametrize("model", ["majority", "source_only", "tfidf"], indirect=True)
def test_labels_that_nobody_taught_are_predicted_at_their_share(model, corpus):
    plain = corpus[np.flatnonzero(~corpus.frames[:, 2])]
    prediction = model.fit(plain).predict(corpus.sentences)
    assert (prediction.frames[:, 2] == 0).all()


def test_tfidf_learns_words_that_carry_the_frame(corpus, composed):
    prediction = (
        build_model(composed("model=tfidf", "model.C=100").model).fit(corpus).predict(corpus.sentences)
    )
    assert np.array_equal(prediction.frame_labels(corpus.codebook, 0.5), corpus.frames)


@pytest.mark.parametrize("frames", [[["red"], []], [["red", "blue"], ["red", "blue"]]], ids=["one", "none"])
def test_tfidf_with_one_learnable_frame_or_none(write, composed, frames):
    rows = [row | {"frames": frames[number % 2]} for number, row in enumerate(make_rows())]
    corpus = load(write(rows), make_codebook(voices=())).corpus
    prediction = build_model(composed("model.C=1000").model).fit(corpus).predict(corpus.sentences)
    assert prediction.frames[:, 2].max() == 0
    if frames[1]:
        assert (prediction.frames[:, :2] == 1).all()


def test_the_dictionary_finds_its_patterns_whatever_the_case(corpus, composed):
    model = build_model(composed("model=dictionary").model).fit(corpus)
    if not corpus.codebook.single_label:
        assert np.array_equal(model.predict(corpus.sentences).frames, corpus.frames)
    sentences = pl.DataFrame({"text": ["A SCARLET and azure sky", "nothing"], "source": ["x", "x"]})
    frames = model.predict(sentences).frames
    shared = 0.5 if corpus.codebook.single_label else 1
    shares = corpus.frames.mean(axis=0).tolist()
    assert frames[0].tolist() == [shared, shared, 0]
    assert frames[1].tolist() == (shares if corpus.codebook.single_label else [0, 0, 0])


def test_a_dictionary_without_patterns_is_an_error(write, composed):
    codebook = make_codebook()
    codebook = replace(codebook, frames=tuple(replace(frame, patterns=()) for frame in codebook.frames))
    corpus = load(write(make_rows()), codebook).corpus
    with pytest.raises(FramingError, match="no frame of the codebook small has `patterns`"):
        build_model(composed("model=dictionary").model).fit(corpus)


def test_majority_is_the_majority_class_at_one_half(corpus):
    model = build_baseline(Baseline.majority).fit(corpus)
    predicted = model.predict(corpus.sentences).frames >= 0.5
    assert np.array_equal(predicted, np.tile(corpus.frames.mean(axis=0) >= 0.5, (len(corpus), 1)))


def test_source_only_reads_the_source_and_nothing_else(write):
    rows = [
        row | ({"frames": ["red"], "voice": "asserted"} if row["source"] == "west" else {})
        for row in make_rows()
    ]
    corpus = load(write(rows)).corpus
    model = build_baseline(Baseline.source_only).fit(corpus)
    sentences = pl.DataFrame({"text": ["crimson", "azure", "?"], "source": ["west", "west", "never seen"]})
    prediction = model.predict(sentences)
    assert np.array_equal(prediction.frames[0], prediction.frames[1])
    assert prediction.frames[0, 0] > 0.9
    assert np.array_equal(prediction.frames[2], corpus.frames.mean(axis=0))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"word_ngrams": (2, 1)}, r"word_ngrams=\[2, 1\]"), ({"min_documents": 0}, "above 0"),
        ({"char_ngrams": (3,)}, "char_ngrams"), ({"word_ngrams": (), "char_ngrams": ()}, "both empty"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_named(changes, words):
    settings = {"word_ngrams": (1, 2), "char_ngrams": (3, 5), "min_documents": 1}
    with pytest.raises(FramingError, match=words):
        TfidfSettings(**(settings | changes))


def test_predict_before_fit_is_an_error(composed):
    model = build_model(composed().model)
    assert isinstance(model, Tfidf)
    with pytest.raises(FramingError, match="before fit"):
        model.predict(pl.DataFrame({"text": ["a"], "source": ["b"]}))


@pytest.fixture
def saved(write, composed, tmp_path):
    corpus = load(write(make_rows())).corpus
    save_model(build_model(composed().model).fit(corpus), corpus.codebook, tmp_path / "model")
    return tmp_path / "model"


def test_a_saved_model_holds_no_pickle(saved):
    assert {path.name for path in saved.iterdir()} == {
        "model.json", "codebook.json", "thresholds.json", "vocabulary.json", "weights.safetensors"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["codebook.json", "vocabulary.json", "weights.safetensors"])
def test_a_model_that_was_changed_is_refused(saved, name):
    path = saved / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FramingError, match="checksum differs"):
        load_model(saved)
    path.unlink()
    with pytest.raises(FramingError, match="is missing"):
        load_model(saved)


def test_a_foreign_folder_is_refused(tmp_path, saved):
    with pytest.raises(FramingError, match="not a saved model"):
        load_model(tmp_path / "nowhere")
    manifest = json.loads((saved / "model.json").read_text())
    for change, words in (
        ({"kind": "oracle"}, "kind 'oracle'"),
        ({"format": 99}, "format 99"),
        ({"x": 1}, "was not written"),
    ):
        other = shutil.copytree(saved, tmp_path / f"copy-{words}")
        (other / "model.json").write_text(json.dumps(manifest | change))
        with pytest.raises(FramingError, match=words):
            load_model(other)


def test_the_probe_makes_the_vectors_of_what_all_folds_share_once(corpus, composed, small_encoder):
    probe, alone = (
        build_model(composed("model=probe", f"model.encoder={small_encoder}").model) for _ in "ab"
    )
    own, shared = corpus[np.arange(6)], corpus[np.arange(6, len(corpus))]
    probe.start(shared)
    started = probe.fit(own).predict(corpus.sentences)
    assert np.allclose(started.frames, alone.fit(own + shared).predict(corpus.sentences).frames, atol=1e-6)
    probe.start(None)
    forgot = probe.fit(own).predict(corpus.sentences)
    assert np.allclose(forgot.frames, alone.fit(own).predict(corpus.sentences).frames, atol=1e-6)


def test_the_transformer_goes_on_from_what_all_folds_share(corpus, composed, small_encoder):
    overrides = ("model=transformer", *small("transformer", small_encoder), "model.own_epochs=0")
    model, alone = (build_model(composed(*overrides).model) for _ in "ab")
    own, shared = corpus[np.arange(6)], corpus[np.arange(6, len(corpus))]
    expected = alone.fit(shared).predict(corpus.sentences).frames
    model.start(shared)
    assert np.array_equal(model.fit(own).predict(corpus.sentences).frames, expected)
    assert np.array_equal(model.fit(own[np.array([], dtype=int)]).predict(corpus.sentences).frames, expected)
    model.start(None)
    assert np.array_equal(
        model.fit(own).predict(corpus.sentences).frames, alone.fit(own).predict(corpus.sentences).frames
    )
