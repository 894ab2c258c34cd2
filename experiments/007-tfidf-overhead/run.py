"""Measure what `model=tfidf` costs beside the same scikit-learn pipeline written by hand: fit and predict.

    python experiments/007-tfidf-overhead/run.py [sentences=100000] [repeats=3]

Every measurement is a process of its own with one thread; the time is that of fit and predict, without
imports and without making the sentences. Both sides take turns. What is measured is kept in result.json and
not measured again, so the script can be interrupted; remove the file to begin anew. Exit code 1 when the two
sides do not predict the same.
"""

import json
import os
import platform
import random
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
from hydra import compose, initialize_config_dir

from framing.build import build_codebook, build_corpus
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import PROJECT, TrainConfig, register
from framing.core.corpus import Corpus
from framing.core.model_config import TfidfConfig
from framing.models.renaming import Names

RESULT = Path(__file__).with_name("result.json")
PREDICTIONS = PROJECT / "outputs" / "007-tfidf-overhead"
SIDES = ("framing", "plain")
TARGET = 1.05
TOLERANCE = 1e-6
PACKAGES = ("numpy", "polars", "scikit-learn", "scipy")


def main() -> int:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    sentences, repeats = int(options.get("sentences", 100_000)), int(options.get("repeats", 3))
    if side := options.get("side"):
        print(json.dumps(measured(side, sentences)))
        return 0
    result = kept(sentences)
    for repeat in range(repeats):
        for side in SIDES if repeat % 2 == 0 else SIDES[::-1]:
            if not any(row["repeat"] == repeat and row["side"] == side for row in result["rows"]):
                load = os.getloadavg()[0]
                row = {"repeat": repeat, "side": side, "load": round(load, 2), **in_process(side, sentences)}
                result["rows"].append(row)
                write(result)
    result |= summary(result["rows"], sentences)
    write(result)
    print_result(result)
    return int(not result["same_predictions"])


def kept(sentences: int) -> dict:
    """Return what an earlier run with as many sentences measured, or an empty result."""
    if RESULT.is_file():
        result = json.loads(RESULT.read_text(encoding="utf-8"))
        made = {row["side"] for row in result["rows"]}
        if result["sentences"] == sentences and all(predictions(side, sentences).is_file() for side in made):
            return result
        told = "is of another number of sentences, or its predictions are gone: it is replaced."
        print(f"note: {RESULT.name} {told}", file=sys.stderr)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    return {"sentences": sentences, **machine, **{name: version(name) for name in PACKAGES}, "rows": []}


def predictions(side: str, sentences: int) -> Path:
    """Return where the probabilities of a side are kept, to be compared."""
    return PREDICTIONS / f"{side}-{sentences}.npy"


def write(result: dict) -> None:
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def in_process(side: str, sentences: int) -> dict:
    """Measure one side in a process of its own."""
    command = [sys.executable, __file__, f"side={side}", f"sentences={sentences}"]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, cwd=PROJECT, stdout=subprocess.PIPE, text=True,
                          env=os.environ | one_thread)  # fmt: skip
    print(side, done.stdout.strip())
    return json.loads(done.stdout)


def measured(side: str, sentences: int) -> dict:
    """Fit and predict once; keep the predictions and return the times."""
    learned, predicted, config = material(sentences)
    fit, predict = {"framing": framing_side, "plain": plain_side}[side](config)
    start = time.perf_counter()
    fit(learned)
    fitted = time.perf_counter()
    probabilities = predict(predicted)
    end = time.perf_counter()
    PREDICTIONS.mkdir(parents=True, exist_ok=True)
    np.save(predictions(side, sentences), probabilities)
    return {"fit": round(fitted - start, 3), "predict": round(end - fitted, 3)}


def material(sentences: int) -> tuple[Corpus, Corpus, TfidfConfig]:
    """Return what is learned from, what is predicted, and the settings of the model."""
    register()
    register_help("train", "")
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        config = typed(compose("train", overrides=["model=tfidf", "data=default"]), TrainConfig)
    contrast = build_corpus(config.data, build_codebook(config.codebook)).training_only
    names = Names.read(str(PROJECT / "seeds" / "contrast" / "names.yaml"))
    return varied(contrast, sentences, names, 0), varied(contrast, sentences, names, 1), config.model


def varied(contrast: Corpus, sentences: int, names: Names, seed: int) -> Corpus:
    """Return contrast sentences drawn with replacement, each with other names and one word left out."""
    draw = random.Random(seed)
    corpus = contrast[np.array(draw.choices(range(len(contrast)), k=sentences))]
    texts = []
    for text in corpus.sentences["text"]:
        words = names.renamed(text, draw).split()
        del words[draw.randrange(len(words))]
        texts.append(" ".join(words))
    changed = corpus.sentences.with_columns(text=pl.Series(texts))
    return Corpus(corpus.codebook, changed, corpus.frames, corpus.voices)


def framing_side(config: TfidfConfig):
    """Return fit and predict of `model=tfidf`."""
    from framing.build_model import build_model

    model = build_model(config)

    def predict(corpus):
        made = model.predict(corpus.sentences)
        return np.hstack([made.frames, made.voices])

    return model.fit, predict


def plain_side(config: TfidfConfig):
    """Return fit and predict of the pipeline as one writes it with scikit-learn alone."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import FeatureUnion

    def vectorizer(analyzer, ngrams):
        return TfidfVectorizer(
            analyzer=analyzer, ngram_range=tuple(ngrams), min_df=config.min_documents, sublinear_tf=True
        )

    def regression():
        weight = "balanced" if config.balanced else None
        return LogisticRegression(C=config.C, class_weight=weight, max_iter=config.max_iterations)

    words, letters = vectorizer("word", config.word_ngrams), vectorizer("char_wb", config.char_ngrams)
    features = FeatureUnion([("words", words), ("letters", letters)])
    frames, voice = OneVsRestClassifier(regression()), regression()

    def fit(corpus):
        matrix = features.fit_transform(corpus.sentences["text"].to_list()).tocsr()
        frames.fit(matrix, corpus.frames.astype(int))
        voice.fit(matrix[corpus.voices >= 0], corpus.voices[corpus.voices >= 0])

    def predict(corpus):
        matrix = features.transform(corpus.sentences["text"].to_list())
        return np.hstack([frames.predict_proba(matrix), voice.predict_proba(matrix)])

    return fit, predict


def summary(rows: list[dict], sentences: int) -> dict:
    """Return the medians, the ratios pair by pair, and whether both sides predict the same."""
    seconds = {side: {row["repeat"]: row["fit"] + row["predict"] for row in rows if row["side"] == side}
               for side in SIDES}  # fmt: skip
    pairs = sorted(seconds["framing"].keys() & seconds["plain"].keys())
    ratios = [round(seconds["framing"][pair] / seconds["plain"][pair], 3) for pair in pairs]
    ours, plain = (np.load(predictions(side, sentences)) for side in SIDES)
    difference = float(np.abs(ours - plain).max())
    return {
        **{f"{side}_seconds": round(median(seconds[side].values()), 2) for side in SIDES},
        "ratios": ratios,
        "ratio": median(ratios),
        "target": TARGET,
        "met": median(ratios) <= TARGET,
        "largest_difference": difference,
        "same_predictions": difference <= TOLERANCE,
    }


def print_result(result: dict) -> None:
    """Print the table of README.md and the verdict."""
    print(f"{result['sentences']:,} sentences learned from, as many others predicted\n")
    for side in SIDES:
        parts = {part: median(row[part] for row in result["rows"] if row["side"] == side)
                 for part in ("fit", "predict")}  # fmt: skip
        print(f"{side:<10} fit {parts['fit']:8.1f} s   predict {parts['predict']:7.1f} s")
    print(f"ratio of fit and predict together: {result['ratio']:.3f} (pair by pair {result['ratios']})")
    print(f"target: at most {TARGET}: {'met' if result['met'] else 'not met'}")
    print(f"largest difference of a probability: {result['largest_difference']:.1e} (at most {TOLERANCE})")


if __name__ == "__main__":
    sys.exit(main())
