"""The models beside each other: quality on the seeds and on a file never learned from, time, speed, size.

    python experiments/005-models/run.py [evaluate=FILE] [only=MODEL,...] [seeds=0,1,2,3,4]

Each run is `python -m framing.train model=MODEL seed=SEED`: leave one source out on the seeds, learning from
the contrast corpus and the other seeds; then the saved model, which has learned from everything that ships,
is scored on FILE (JSON lines with text, frames, voice). What is finished is kept in result.json and not run
again, so the script can be interrupted; delete a row to measure it anew. What every saved model predicts for
FILE is kept under outputs/005-models/, for `python -m framing.evaluate` (experiment 008).
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import polars as pl

from framing.core.config import PROJECT
from framing.core.corpus import NO_VOICE
from framing.data.columns import Layout
from framing.data.loading import load_own_corpus
from framing.data.reading import read_jsonl
from framing.evaluation.scores import frame_table, summary, voice_macro_f1, voice_table
from framing.models.folder import load_model

RESULT = Path(__file__).with_name("result.json")
PREDICTIONS = PROJECT / "outputs" / "005-models"
DETERMINISTIC = ("majority", "dictionary", "tfidf", "probe")
FROM_SEEDS = ("transformer", "ensemble")


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    only = options.get("only", ",".join(DETERMINISTIC + FROM_SEEDS)).split(",")
    seeds = [int(seed) for seed in options.get("seeds", "0,1,2,3,4").split(",")]
    rows = json.loads(RESULT.read_text()) if RESULT.is_file() else []
    for model in only:
        for seed in seeds if model in FROM_SEEDS else seeds[:1]:
            if not any(row["model"] == model and row["seed"] == seed for row in rows):
                rows.append(measured(model, seed, options.get("evaluate")))
                RESULT.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))


def measured(model: str, seed: int, evaluate: str | None) -> dict[str, object]:
    """Train one model with one seed and return what was found."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "framing.train", f"model={model}", f"seed={seed}", "tracking=none",
             "evaluation=quick", "resume=auto", f"hydra.run.dir={folder}"],
            check=True, cwd=PROJECT, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        own = pl.read_csv(Path(folder) / "tables" / "models.csv").row(0, named=True)
        saved = Path(folder) / "model"
        row = {"model": model, "seed": seed, "seconds": round(seconds, 1), "megabytes": megabytes(saved)}
        row |= {f"seeds_{name}": own[name] for name in ("macro_f1", "micro_f1", "voice_macro_f1")}
        row["sentences_per_second"] = speed(saved)
        if evaluate:
            predict(saved, evaluate, PREDICTIONS / f"{model}-{seed}.parquet")
        return row | (scored(saved, evaluate) if evaluate else {})


def predict(folder: Path, path: str, output: Path) -> None:
    """Write what the saved model predicts for a file, in columns that begin with `said_`."""
    output.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "framing.predict", f"model={folder}", f"input={path}", f"output={output}",
         "prefix=said_", "overwrite=true", "tracking=none"],
        check=True, cwd=PROJECT, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def megabytes(folder: Path) -> float:
    """Return the size of a saved model."""
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


def speed(folder: Path) -> float:
    """Return how many contrast sentences a second the saved model predicts, median of three."""
    model, _ = load_model(folder)
    paths = sorted((PROJECT / "seeds" / "contrast").glob("*.jsonl"))
    sentences = pl.concat([pl.read_ndjson(path).select("text", "source") for path in paths])[::3]
    times = []
    for _ in range(3):
        start = time.perf_counter()
        model.predict(sentences)
        times.append(time.perf_counter() - start)
    return round(sentences.height / sorted(times)[1], 1)


def scored(folder: Path, path: str) -> dict[str, object]:
    """Return the scores of a saved model on a file."""
    model, codebook = load_model(folder)
    loaded = load_own_corpus(codebook, lambda columns: read_jsonl(path, columns), Layout(), exclude_kinds=[])
    corpus = loaded.corpus
    prediction = model.predict(corpus.sentences)
    predicted = prediction.frame_labels(codebook, 0.5)
    scores = summary(corpus.frames, predicted)
    voices = voice_table(codebook.voice_ids, corpus.voices, prediction.voice_labels())
    frames = frame_table(codebook.frame_ids, corpus.frames, predicted, prediction.frames)
    has_voice = corpus.voices != NO_VOICE
    return {
        "file": Path(path).name,
        "sentences": len(corpus),
        "with_voice": int(np.count_nonzero(has_voice)),
        **{f"file_{name}": value for name, value in scores.items()},
        "file_voice_macro_f1": voice_macro_f1(voices),
        "file_f1": dict(frames.select("frame", "f1").iter_rows()),
        "file_precision": dict(frames.select("frame", "precision").iter_rows()),
        "file_recall": dict(frames.select("frame", "recall").iter_rows()),
    }


def table(rows: list[dict[str, object]]) -> str:
    """Return a Markdown table: one row a model, mean and spread over its seeds."""
    names = ["seeds_macro_f1", "seeds_micro_f1", "seeds_voice_macro_f1", "file_macro_f1", "file_micro_f1",
             "file_voice_macro_f1", "seconds", "sentences_per_second", "megabytes"]  # fmt: skip
    lines = ["| model | runs | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for model in dict.fromkeys(str(row["model"]) for row in rows):
        runs = [row for row in rows if row["model"] == model]
        cells = [spread([run[name] for run in runs if run.get(name) is not None], name) for name in names]
        lines.append(f"| {model} | {len(runs)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def spread(values: list[float], name: str) -> str:
    """Return the mean, and the standard deviation of several."""
    if not values:
        return "-"
    digits = 3 if name.endswith("f1") else 0
    text = f"{mean(values):.{digits}f}"
    return text + (f" ± {stdev(values):.{digits}f}" if len(values) > 1 and digits else "")


if __name__ == "__main__":
    main()
