"""Measure how many sentences a second are predicted, beside the pipeline of transformers.

make benchmark-prediction, or: python experiments/004-prediction-speed/run.py [sentences=2000] [repeats=5]

The first run fine-tunes the model that is measured, which takes some minutes; it is kept under outputs/.
Every side predicts the same sentences in every repeat, one side after the other, and is compared with the
others of its repeat. A run with fewer sentences or repeats than the default writes no result.json. Exit
code 1 when ONNX Runtime in float32 gives other labels than torch.
"""

import copy
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertForSequenceClassification, pipeline

from framing.build import build_codebook, build_corpus
from framing.build_model import build_model
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import PROJECT, TrainConfig, register
from framing.core.corpus import Corpus
from framing.evaluation.scores import precision_recall_f1
from framing.models.encoder import batches_by_length, padded
from framing.models.folder import load_model, save_model
from framing.models.forward import TOKENS_AT_ONCE, PackedLinear, forward_all
from framing.models.interface import Fitting
from framing.prediction import PredictionPlan, open_labeller, predict_file, settings_of

HERE = Path(__file__).resolve().parent
MODEL = PROJECT / "outputs" / "004-prediction-speed" / "model"
SENTENCES, REPEATS = 2000, 5
EPOCHS = 2
ONE, MANY = "pipeline, one at a time", "pipeline, batch_size=32"
PACKED = "oneDNN, packed weights"
BACKENDS = ("torch", "onnx", "onnx-int8")
TARGETS = {"torch": (3.0, 1.8), "onnx-int8": (4.5, 2.5)}
"""How many times as fast as the pipeline one at a time, and as with batch_size=32."""
LARGEST_LOSS = 0.005
SQUARE = 2048
"""Rows and columns of the matrices whose product says what the machine can do."""

Side = Callable[[], object]


def main() -> int:
    """Measure, print the tables of README.md, write result.json."""
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    sentences, repeats = int(options.get("sentences", SENTENCES)), int(options.get("repeats", REPEATS))
    learned, held_out = contrast_corpus()
    if not MODEL.exists():
        teach(learned)
    corpus = held_out[np.arange(min(sentences, len(held_out)))]
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = corpus.sentences["text"].to_list()
        source = folder / "sentences.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        sides = peers(texts) | {f"framing, {backend}": ours(source, backend) for backend in BACKENDS}
        seconds = measure(sides | products() | {"encoder": encode(texts)}, repeats)
        agreement = compare(corpus)
    result = summarise(seconds, agreement, texts) | {"load_before": load_before, "repeats": repeats}
    print_result(result)
    if (sentences, repeats) == (SENTENCES, REPEATS):
        (HERE / "result.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if agreement["onnx"]["labels_that_differ"]:
        print("error: onnx gives other labels than torch.", file=sys.stderr)
        return 1
    return 0


def contrast_corpus() -> tuple[Corpus, Corpus]:
    """Return what the model learns from, and about 2,000 other sentences; sets stay together."""
    config = configuration()
    corpus = build_corpus(config.data, build_codebook(config.codebook)).training_only
    articles = corpus.sentences["article"].to_numpy()
    chosen = np.zeros(len(corpus), dtype=bool)
    for article in np.random.default_rng(0).permutation(np.unique(articles)):
        if chosen.sum() >= SENTENCES:
            break
        chosen |= articles == article
    return corpus[~chosen], corpus[chosen]


def configuration() -> TrainConfig:
    """Return the default configuration with a transformer."""
    register()
    register_help("train", "")
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return typed(compose("train", ["model=transformer", f"model.epochs={EPOCHS}"]), TrainConfig)


def teach(corpus: Corpus) -> None:
    """Fine-tune the model and save it."""
    fitting = Fitting(progress=lambda share: print(f"\rfine-tuning {share:4.0%}", end="", file=sys.stderr))
    model = build_model(configuration().model).fit(corpus, fitting)
    print(file=sys.stderr)
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODEL.parent) as draft:
        save_model(model, corpus.codebook, Path(draft) / "model")
        (Path(draft) / "model").rename(MODEL)


def peers(texts: list[str]) -> dict[str, Side]:
    """Return transformers' pipeline on the same encoder, used in the two ways that its pages show."""
    model, _ = load_model(MODEL)
    encoder = model.network.pooled.encoder
    config = copy.deepcopy(encoder.config)
    config.num_labels, config.problem_type = (
        model.shape.frames + model.shape.voices,
        "multi_label_classification",
    )
    peer = BertForSequenceClassification(config)
    peer.bert.load_state_dict(encoder.state_dict(), strict=False)  # its pooler and head are its own
    classify = pipeline(
        "text-classification",
        model=peer.eval(),
        tokenizer=model.tokenizer.tokenizer,
        device="cpu",
        top_k=None,
    )
    return {
        ONE: lambda: [classify(text) for text in texts],
        MANY: lambda: list(classify(texts, batch_size=32)),
    }


def ours(source: Path, backend: str) -> Side:
    """Return what the command does once its model is loaded: read, predict, write."""
    labeller = open_labeller(MODEL, backend, None, "")
    output = source.with_name(f"{backend}.jsonl")
    settings = settings_of(MODEL, labeller, backend)
    plan = PredictionPlan(source, output, "text", 2000, settings, overwrite=True)
    return lambda: predict_file(plan, labeller)


def products() -> dict[str, Side]:
    """Return the product of two large float32 matrices, as torch does it and as the encoder does."""
    layer, rows = (
        torch.nn.Linear(SQUARE, SQUARE, bias=False).requires_grad_(False),
        torch.ones(SQUARE, SQUARE),
    )
    packed = PackedLinear(layer)
    return {"torch.matmul": lambda: torch.matmul(rows, layer.weight), PACKED: lambda: packed(rows)}


def encode(texts: list[str]) -> Side:
    """Return the forward pass alone, as the torch side does it."""
    model, _ = load_model(MODEL)
    tokens, width = model.tokenizer(texts), model.shape.frames + model.shape.voices
    return lambda: forward_all(model.forward, tokens, model.tokenizer.padding, width)


def operations(texts: list[str]) -> int:
    """Return the floating-point operations of that forward pass, padding included."""
    model, _ = load_model(MODEL)
    tokens = model.tokenizer(texts)
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        for rows in batches_by_length(tokens, TOKENS_AT_ONCE):
            model.network.eval()(*padded([tokens[row] for row in rows], model.tokenizer.padding))
    return counter.get_total_flops()


def measure(sides: dict[str, Side], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of every side in every repeat; each repeat begins with another side."""
    names = list(sides)
    for step in sides.values():  # warm: threads, caches, exports
        step()
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for repeat in range(repeats):
        for name in names[repeat % len(names) :] + names[: repeat % len(names)]:
            started = time.perf_counter()
            sides[name]()
            seconds[name].append(time.perf_counter() - started)
    return seconds


def compare(corpus: Corpus) -> dict[str, dict]:
    """Return macro F1 by backend, and how many labels differ from those of torch."""
    sentences = corpus.sentences.select("text", "source")
    labels = {}
    for backend in BACKENDS:
        labeller = open_labeller(MODEL, backend, None, "")
        labels[backend] = labeller.predict(sentences).frame_labels(corpus.codebook, labeller.thresholds)
    scores = {name: precision_recall_f1(corpus.frames, made)[2].mean() for name, made in labels.items()}
    return {
        name: {
            "macro_f1": round(float(scores[name]), 4),
            "less_than_torch": round(float(scores["torch"] - scores[name]), 4),
            "labels_that_differ": int((made != labels["torch"]).sum()),
            "labels": int(made.size),
        }
        for name, made in labels.items()
    }


def summarise(seconds: dict[str, list[float]], agreement: dict[str, dict], texts: list[str]) -> dict:
    """Return what is written to result.json."""
    ratios = {
        backend: {
            peer: [
                theirs / mine
                for theirs, mine in zip(seconds[peer], seconds[f"framing, {backend}"], strict=True)
            ]
            for peer in (ONE, MANY)
        }
        for backend in BACKENDS
    }
    medians = {
        backend: {peer: round(statistics.median(by_repeat), 2) for peer, by_repeat in both.items()}
        for backend, both in ratios.items()
    }
    speeds = {
        name: round(len(texts) / statistics.median(times))
        for name, times in seconds.items()
        if name.startswith(("pipeline", "framing"))
    }
    return {
        "sentences": len(texts),
        "sentences_a_second": speeds,
        "times_as_fast": medians,
        "times_as_fast_by_repeat": ratios,
        "targets": TARGETS,
        "met": {
            backend: medians[backend][ONE] >= one and medians[backend][MANY] >= many
            for backend, (one, many) in TARGETS.items()
        }
        | {"macro F1 of onnx-int8": abs(agreement["onnx-int8"]["less_than_torch"]) <= LARGEST_LOSS},
        "agreement": agreement,
        "arithmetic": arithmetic(seconds, texts),
        "seconds": seconds,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("torch", "transformers", "onnxruntime", "tokenizers")},
    }


def arithmetic(seconds: dict[str, list[float]], texts: list[str]) -> dict:
    """Return operations a second, of large products and of the encoder."""
    product, forward = 2 * SQUARE**3, operations(texts)
    plain = product / statistics.median(seconds["torch.matmul"])
    packed = product / statistics.median(seconds[PACKED])
    encoder = forward / statistics.median(seconds["encoder"])
    return {
        "forward_pass_operations": forward,
        "gigaflops": {
            "torch.matmul": round(plain / 1e9),
            PACKED: round(packed / 1e9),
            "encoder": round(encoder / 1e9),
        },
        "encoder_share_of_torch_matmul": round(encoder / plain, 2),
        "encoder_share_of_onednn": round(encoder / packed, 2),
    }


def print_result(result: dict) -> None:
    """Print the tables of README.md."""
    print(f"{result['sentences']} sentences, {result['threads']} threads, load {result['load_before']:.2f}\n")
    print(f"{'':<28}{'a second':>10}{'x one':>8}{'x 32':>8}{'macro F1':>10}{'other labels':>14}")
    for name, speed in result["sentences_a_second"].items():
        backend = name.removeprefix("framing, ")
        line = f"{name:<28}{speed:>10}"
        if backend in BACKENDS:
            ratios, agreement = result["times_as_fast"][backend], result["agreement"][backend]
            line += f"{ratios[ONE]:>8}{ratios[MANY]:>8}{agreement['macro_f1']:>10}"
            line += f"{agreement['labels_that_differ']:>14}"
        print(line)
    for name, value in result["arithmetic"]["gigaflops"].items():
        print(f"{name:<28}{value:>10} GFLOP/s")
    print("met:", ", ".join(f"{name} {'yes' if met else 'no'}" for name, met in result["met"].items()))


if __name__ == "__main__":
    sys.exit(main())
