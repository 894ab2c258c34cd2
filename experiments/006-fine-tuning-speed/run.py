"""Fine-tuning beside a plain transformers Trainer script: sentences per second and macro F1, in one run.

    python experiments/006-fine-tuning-speed/run.py [sentences=960] [epochs=2]

Both learn from the same contrast sentences with the same encoder, batch size, epochs and learning rate, and
are scored on the same other sentences. The plain script is what the documentation of transformers shows:
AutoModelForSequenceClassification for several labels, every sentence padded to 128 tokens, the Trainer's
defaults otherwise. Ours is `model=transformer` as it stands, and again in float32, to show what mixed
precision and what length-grouped batches give.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import torch
from hydra import compose, initialize_config_dir
from sklearn.metrics import f1_score
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

from framing.build import build_codebook, build_corpus
from framing.build_model import build_model
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import TrainConfig, register
from framing.core.corpus import Corpus
from framing.models.encoder import find_encoder, quiet_loading

BATCH = 32
LEARNING_RATE = 1e-4


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    sentences, epochs = int(options.get("sentences", 960)), int(options.get("epochs", 2))
    learned, scored = parts(sentences)
    rows = [plain(learned, scored, epochs)]
    rows += [ours(learned, scored, epochs, precision) for precision in ("fp32", "auto")]
    sizes = {"sentences": len(learned), "scored": len(scored), "epochs": epochs}
    result = sizes | {"threads": torch.get_num_threads(), "rows": rows}
    Path(__file__).with_name("result.json").write_text(json.dumps(result, indent=1) + "\n")
    for row in rows:
        ratio = row["sentences_per_second"] / rows[0]["sentences_per_second"]
        speed, score = row["sentences_per_second"], row["macro_f1"]
        print(f"{row['what']:<28} {speed:7.1f}/s  {ratio:4.1f}x  macro F1 {score:.3f}")


def config(*overrides: str) -> TrainConfig:
    """Compose the configuration of training."""
    register()
    register_help("train", "")
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return typed(compose("train", overrides=["model=transformer", *overrides]), TrainConfig)


def parts(sentences: int) -> tuple[Corpus, Corpus]:
    """Return the sentences to learn from and 600 others of other sets."""
    composed = config()
    corpus = build_corpus(composed.data, build_codebook(composed.codebook)).training_only
    if corpus is None:
        raise SystemExit("data=default has sentences that are only learned from")
    sets = np.random.default_rng(0).permutation(corpus.sentences["article"].unique().sort().to_numpy())
    order = pl.DataFrame({"article": sets, "place": np.arange(len(sets))})
    place = corpus.sentences.select("article").join(order, on="article", maintain_order="left")["place"]
    rows = np.argsort(place.to_numpy(), kind="stable")
    return corpus[rows[:sentences]], corpus[rows[-600:]]


def ours(learned: Corpus, scored: Corpus, epochs: int, precision: str) -> dict[str, object]:
    """Fit `model=transformer` and return its speed and score."""
    composed = config(f"model.epochs={epochs}", f"model.precision={precision}", f"model.batch_size={BATCH}",
                      f"model.encoder_lr={LEARNING_RATE}")  # fmt: skip
    model = build_model(composed.model)
    start = time.perf_counter()
    model.fit(learned)
    seconds = time.perf_counter() - start
    predicted = model.predict(scored.sentences).frames >= 0.5
    return row(f"model=transformer, {precision}", len(learned) * epochs / seconds, scored, predicted)


def plain(learned: Corpus, scored: Corpus, epochs: int) -> dict[str, object]:
    """Fit the plain script and return its speed and score."""
    folder = find_encoder("minilm", None).folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    start = time.perf_counter()
    with quiet_loading(), tempfile.TemporaryDirectory() as output:
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, num_labels=learned.frames.shape[1], problem_type="multi_label_classification"
        )
        arguments = TrainingArguments(
            output, num_train_epochs=epochs, per_device_train_batch_size=BATCH, learning_rate=LEARNING_RATE,
            save_strategy="no", report_to="none", disable_tqdm=True, use_cpu=not torch.cuda.is_available(),
        )  # fmt: skip
        trainer = Trainer(model=model, args=arguments, train_dataset=padded_rows(tokenizer, learned))
        trainer.train()
        seconds = time.perf_counter() - start
        logits = trainer.predict(padded_rows(tokenizer, scored)).predictions
    return row("plain Trainer, padded to 128", len(learned) * epochs / seconds, scored, logits >= 0)


def padded_rows(tokenizer: object, corpus: Corpus) -> list[dict[str, object]]:
    """Return the sentences as the plain script feeds them."""
    texts = corpus.sentences["text"].to_list()
    encoded = tokenizer(texts, padding="max_length", truncation=True, max_length=128)  # type: ignore[operator]
    return [
        {"input_ids": ids, "attention_mask": mask, "labels": frames.astype(np.float32)}
        for ids, mask, frames in zip(
            encoded["input_ids"], encoded["attention_mask"], corpus.frames, strict=True
        )
    ]


def row(what: str, speed: float, scored: Corpus, predicted: np.ndarray) -> dict[str, object]:
    """Return one line of the result."""
    macro_f1 = f1_score(scored.frames, predicted, average="macro", zero_division=0)
    return {"what": what, "sentences_per_second": round(speed, 1), "macro_f1": round(float(macro_f1), 4)}


if __name__ == "__main__":
    main()
