"""How long does the whole evaluation of 10,000 sentences and eight frames take?

    python experiments/009-evaluation-cost/run.py [sentences=10000] [draws=2000]

The sentences are made up: words drawn at random, 13 sources, articles of 20 sentences, labels that cluster by
article, four models that err at different rates. Timed are the tables (`evaluate`), as a run and
`framing.evaluate` make them, and the page with its figures.
"""

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from hydra import compose, initialize_config_dir

from framing.build import build_codebook
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import TrainConfig, register
from framing.core.corpus import Corpus
from framing.evaluation.judgement import Judgement
from framing.evaluation.overview import EvaluationSettings, evaluate
from framing.reporting.corpus_tables import label_counts, sentence_table
from framing.reporting.evaluated import Evaluated
from framing.reporting.writing import write_evaluation

RESULT = Path(__file__).with_name("result.json")
SENTENCES, DRAWS, SOURCES, LENGTH, WORDS = 10_000, 2000, 13, 20, 5000
ERRORS = {"model": 0.05, "second": 0.08, "third": 0.12, "fourth": 0.2}
"""Shares of the decisions in which the models err."""


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    sentences, draws = int(options.get("sentences", SENTENCES)), int(options.get("draws", DRAWS))
    load = os.getloadavg()[0]
    corpus, judgements = made(sentences)
    start = time.perf_counter()
    findings = evaluate(
        corpus,
        judgements,
        EvaluationSettings(draws, 0, "asserted", "article"),
        corpus.sentences["source"].to_list(),
    )
    tables = time.perf_counter() - start
    evaluated = Evaluated(
        "made up", "model", corpus.codebook, "leave_one_source_out",
        sentence_table(corpus, judgements["model"]), findings, label_counts(corpus),
    )  # fmt: skip
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        write_evaluation(evaluated, Path(folder))
        size = (Path(folder) / "report.html").stat().st_size
    page = time.perf_counter() - start
    result = {
        "sentences": sentences,
        "frames": len(corpus.codebook.frames),
        "models": len(judgements),
        "draws": draws,
        "seconds_tables": round(tables, 1),
        "seconds_page": round(page, 1),
        "page_megabytes": round(size / 1e6, 2),
        "load_before": load,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=1))
    if (sentences, draws) == (SENTENCES, DRAWS):
        RESULT.write_text(json.dumps(result, indent=1) + "\n")


def made(number: int) -> tuple[Corpus, dict[str, Judgement]]:
    """Return made-up sentences with labels, and what four models say of them."""
    register()
    register_help("train", "")
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        codebook = build_codebook(typed(compose("train"), TrainConfig).codebook)
    generator = np.random.default_rng(0)
    article = np.arange(number) // LENGTH
    inclination = generator.normal(-1.8, 0.8, (article.max() + 1, len(codebook.frames)))[article]
    labelled = generator.random(inclination.shape) < 1 / (1 + np.exp(-inclination))
    voices = np.where(labelled.any(axis=1), generator.integers(0, 3, number), -1).astype(np.int8)
    words = np.array([f"word{word}" for word in range(WORDS)])
    texts = [" ".join(generator.choice(words, generator.integers(5, 40))) for _ in range(number)]
    sentences = pl.DataFrame(
        {
            "id": [f"s{row}" for row in range(number)],
            "text": texts,
            "source": [f"source-{one % SOURCES}" for one in article],
            "article": [f"article-{one}" for one in article],
            "date": [None] * number,
            "kind": generator.choice(["body", "headline"], number).tolist(),
            "file": ["made up"] * number,
            "line": range(number),
        },
        schema_overrides={"date": pl.String},
    )
    judgements = {}
    for name, share in ERRORS.items():
        wrong = generator.random(labelled.shape) < share
        predicted = labelled ^ wrong
        sure = generator.beta(5, 2, labelled.shape)
        said = np.where(
            generator.random(number) < share, generator.integers(0, 3, number), np.maximum(voices, 0)
        )
        judgements[name] = Judgement(
            predicted, said.astype(np.int8), np.where(predicted, 0.5 + sure / 2, 0.5 - sure / 2)
        )
    return Corpus(codebook, sentences, labelled, voices), judgements


if __name__ == "__main__":
    main()
