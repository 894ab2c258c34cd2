"""What tests share: a small corpus with known labels, a migrated MLflow store, and the commands."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # tests run side by side: threads of one would wait for another's

import matplotlib as mpl
import pytest
from hydra import compose, initialize_config_dir

from framing.cli import CONFIGS
from framing.core.codebook import Codebook, Frame, Voice
from framing.core.config import PROJECT, TrainConfig, register

mpl.use("Agg")

Rows = list[dict[str, Any]]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def codebook() -> Codebook:
    return make_codebook()


def make_codebook(
    *, single_label: bool = False, voices: Iterable[str] = ("asserted", "attributed")
) -> Codebook:
    return Codebook(
        name="small",
        version="1",
        title="Small",
        single_label=single_label,
        unit="one sentence",
        introduction="",
        frames=tuple(
            Frame(name, f"about {name}", "", "", tuple(WORDS[name].split()), ())
            for name in ("red", "blue", "green")
        ),
        voices=tuple(Voice(name, f"is {name}") for name in voices),
        voice_rule="",
        rules=(),
    )


WORDS = {"red": "crimson scarlet ruby", "blue": "azure navy cobalt", "green": "olive lime emerald"}


def make_rows(*, per_source: int = 6, sources: tuple[str, ...] = ("north", "south", "west")) -> Rows:
    """Sentences in which a frame's words stand exactly where the frame is; every third has no frame."""
    rows: Rows = []
    for source in sources:
        for number in range(per_source):
            frames = [[], ["red"], ["blue"], ["green", "red"], ["blue"], ["green"]][number % 6]
            words = " ".join(WORDS[frame] for frame in frames) or "plain words here"
            rows.append(
                {
                    "id": f"{source}-{number}",
                    "text": f"The report from sector {number} says {words} today.",
                    "source": source,
                    "article": f"{source}-article-{number // 3}",
                    "frames": frames,
                    "voice": None if not frames else ["asserted", "attributed"][number % 2],
                }
            )
    return rows


def distinct(rows: Rows) -> Rows:
    """The same rows, each with invented words of its own, so that no two are near-duplicates."""
    made = []
    for number, row in enumerate(rows):
        draw = random.Random(number)
        tail = " ".join("".join(draw.choices("bcdfglmnprstvz", k=6)) for _ in range(8))
        made.append(row | {"text": f"{row['text']} {tail}"})
    return made


@pytest.fixture
def rows() -> Rows:
    return make_rows()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write rows as JSON lines and return the path; a string is written as it is."""

    def write_rows(rows: Iterable[dict[str, Any] | str], name: str = "sentences.jsonl") -> str:
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return write_rows


@pytest.fixture(scope="session")
def migrated_store(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An empty MLflow store; making one takes seconds, copying it none."""
    from framing.tracking.mlflow_tracker import MlflowTracker

    folder = tmp_path_factory.mktemp(f"store-{worker_id}")
    MlflowTracker(
        uri=f"sqlite:///{folder}/mlflow.db",
        artifacts=f"{folder}/none",
        experiment="warm",
        timeout=1,
        local=None,
    )
    return folder / "mlflow.db"


@pytest.fixture(scope="session")
def small_encoder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder with an encoder of two thin layers and random weights: everything about it is real but its size."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    plain = ["the", "report", "from", "sector", "says", "today", "plain", "words", "here", "a", "sky"]
    words = [*" ".join(WORDS.values()).split(), *plain]
    vocabulary = {word: number for number, word in enumerate([*special, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder = tmp_path_factory.mktemp(f"encoder-{worker_id}")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, pad_token_id=0,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture
def store(migrated_store: Path, tmp_path: Path) -> str:
    """The URI of a store of the test's own."""
    shutil.copy(migrated_store, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run `python -m framing.<name> ...` in a folder of the test's own.

    Training fits nothing again for its evaluation, which is slow, unless the test chooses an evaluation; nor
    does it look for rival words, unless the test says something of the lexicon. A lexicon is not recorded
    unless the test says where.
    """

    def run(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        folders = []
        if name == "train":
            folders = [f"hydra.run.dir={tmp_path}/run", f"hydra.sweep.dir={tmp_path}/sweep"]
            if not any(word.startswith("evaluation") for word in arguments):
                folders.append("evaluation=quick")
            if not any(word.startswith("lexicon") for word in arguments):
                folders.append("lexicon.alternations=null")
        if name == "lexicon" and not any(word.startswith("tracking") for word in arguments):
            folders.append("tracking=none")
        return subprocess.run(
            [sys.executable, "-m", f"framing.{name}", *arguments, *(folders if "--help" not in arguments else [])],
            capture_output=True, text=True, cwd=tmp_path, env={**os.environ, **environment}, timeout=300,
        )  # fmt: skip

    return run


@pytest.fixture
def composed() -> Callable[..., TrainConfig]:
    """Compose `configs/train.yaml` as the command does."""
    from framing.cli import typed

    register()

    def compose_train(*overrides: str) -> TrainConfig:
        from framing.cli import register_help

        register_help("train", "")
        with initialize_config_dir(str(CONFIGS), version_base="1.3"):
            return typed(compose("train", overrides=list(overrides)), TrainConfig)

    return compose_train


@pytest.fixture
def seeds() -> Path:
    return PROJECT / "seeds"


@pytest.fixture
def back(tmp_path: Path) -> Callable[..., Any]:
    """Write what came back from annotators, and read it."""
    from framing.labelling.returning import read_annotations

    def read(content: Any, name: str = "export.json", codebook: Codebook | None = None) -> Any:
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        path.write_text(text, encoding="utf-8", newline="")
        return read_annotations(codebook or make_codebook(), [str(path)])

    return read


@pytest.fixture
def save(tmp_path):
    """Write rows in a format and return the path."""

    def save_rows(rows, kind, name="corpus"):
        path = tmp_path / f"{name}.{kind}"
        if kind in ("csv", "tsv"):
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if kind == "tsv" else ",")
                writer.writeheader()
                writer.writerows(rows)
        elif kind == "jsonl":
            path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        elif kind == "parquet":
            import polars as pl

            pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
        else:
            import datasets

            datasets.disable_progress_bars()
            datasets.Dataset.from_list(rows).save_to_disk(str(path))
        return str(path)

    return save_rows


@pytest.fixture
def corpus_of(composed):
    """Load `data=KIND data.path=PATH ...` by the configuration, with a small codebook."""

    def load(kind, path, *overrides, codebook=None):
        from framing.build import build_corpus

        config = composed(f"data={kind}", f"data.path={path}", *[f"data.{text}" for text in overrides])
        return build_corpus(config.data, codebook or make_codebook())

    return load


def told(load):
    """Return the only problem, or all of them."""
    assert len(load.problems) == 1, [str(problem) for problem in load.problems]
    return load.problems[0]
