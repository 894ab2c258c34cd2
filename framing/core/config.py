"""The typed schema of every configuration. Values live in `configs/*.yaml`, one place for each.

Every field is MISSING here, so a value that no YAML gives fails when the config is composed, and a key
or a type that is not here fails then too. The schemas are registered under `schema/...`, which keeps
them out of the group choices that `--help` shows.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, OmegaConf

from framing.core.codebook_config import CodebookConfig
from framing.core.command_config import (
    AgreementConfig,
    AnnotateConfig,
    Backend,
    BoilerplateConfig,
    CodebookCheckConfig,
    CodebookNewConfig,
    CodebookPageConfig,
    DataReportConfig,
    IngestConfig,
)
from framing.core.data_config import (
    ColumnsConfig,
    CsvConfig,
    DataConfig,
    HfDiskConfig,
    HubConfig,
    JsonlConfig,
    OnNearDuplicates,
    ParquetConfig,
    SeedsConfig,
)
from framing.core.lexicon_config import LexiconConfig
from framing.core.model_config import (
    DictionaryConfig,
    EnsembleConfig,
    MajorityConfig,
    ModelConfig,
    ProbeConfig,
    SourceOnlyConfig,
    TfidfConfig,
    TransformerConfig,
)

PROJECT = Path(__file__).resolve().parents[2]
"""The folder of the project: where `configs/`, `seeds/`, `outputs/` and `mlruns/` are."""


class OnTrackingError(Enum):
    """What happens when the tracking server cannot be reached: stop, or use the local store."""

    fail = "fail"
    local = "local"


class Thresholds(Enum):
    """One threshold for all frames, or for each the one that is best on inner folds."""

    fixed = "fixed"
    inner = "inner"


class Resume(Enum):
    """Whether a run goes on from what one with the same settings left, or begins anew."""

    auto = "auto"
    never = "never"


class Baseline(Enum):
    """Models that a run scores beside its own, with the settings that `configs/model/` gives them."""

    majority = "majority"
    source_only = "source_only"
    dictionary = "dictionary"
    tfidf = "tfidf"


class RefitWhen(Enum):
    """Whether the evaluation fits the model again: auto leaves it out for models that are fine-tuned."""

    auto = "auto"
    always = "always"
    never = "never"


class OtherSplit(Enum):
    """Splits under which the evaluation fits the model again, to see the gap."""

    random = "random"
    article = "article"
    leave_one_source_out = "leave_one_source_out"


@dataclass
class SplitConfig:
    name: str = MISSING


@dataclass
class LeaveOneSourceOutConfig(SplitConfig):
    pass


@dataclass
class UnseenConfig(SplitConfig):
    pass


@dataclass
class ArticleSplitConfig(SplitConfig):
    folds: int = MISSING


@dataclass
class RandomSplitConfig(SplitConfig):
    folds: int = MISSING


@dataclass
class TimeSplitConfig(SplitConfig):
    folds: int = MISSING


@dataclass
class ColumnSplitConfig(SplitConfig):
    column: str = MISSING


@dataclass
class TrackingConfig:
    name: str = MISSING


@dataclass
class NoTrackingConfig(TrackingConfig):
    pass


@dataclass
class MlflowConfig(TrackingConfig):
    uri: str = MISSING
    artifacts: str = MISSING
    experiment: str = MISSING
    on_error: OnTrackingError = MISSING
    timeout: float = MISSING


@dataclass
class EvaluationConfig:
    draws: int = MISSING
    asserted: str = MISSING
    sets: str | None = MISSING
    perturbations: str | None = MISSING
    names: str | None = MISSING
    perturbed: int = MISSING
    explained: int = MISSING
    further: int = MISSING
    refits: RefitWhen = MISSING
    without_names: bool = MISSING
    splits: list[OtherSplit] = MISSING
    folds: int = MISSING
    shares: list[float] = MISSING
    repeats: int = MISSING


@dataclass
class TrainConfig:
    """What `python -m framing.train` composes."""

    codebook: CodebookConfig = MISSING
    data: DataConfig = MISSING
    split: SplitConfig = MISSING
    near_duplicates: OnNearDuplicates = MISSING
    similarity: float = MISSING
    spellings: str = MISSING
    model: ModelConfig = MISSING
    baselines: list[Baseline] = MISSING
    threshold: float = MISSING
    thresholds: Thresholds = MISSING
    inner_folds: int = MISSING
    seed: int = MISSING
    evaluation: EvaluationConfig = MISSING
    lexicon: LexiconConfig = MISSING
    tracking: TrackingConfig = MISSING
    resume: Resume = MISSING
    unfinished: str = MISSING
    name: str = MISSING


@dataclass
class LexiconReportConfig:
    """What `python -m framing.lexicon` composes."""

    codebook: CodebookConfig = MISSING
    data: DataConfig = MISSING
    lexicon: LexiconConfig = MISSING
    tracking: TrackingConfig = MISSING
    name: str = MISSING
    output: str = MISSING


@dataclass
class PredictConfig:
    """What `python -m framing.predict` composes."""

    model_folder: str = MISSING
    input: str = MISSING
    output: str | None = MISSING
    text: str = MISSING
    threshold: float | None = MISSING
    prefix: str = MISSING
    chunk: int = MISSING
    backend: Backend = MISSING
    overwrite: bool = MISSING
    tracking: TrackingConfig = MISSING


@dataclass
class EvaluateConfig:
    """What `python -m framing.evaluate` composes."""

    codebook: CodebookConfig = MISSING
    evaluation: EvaluationConfig = MISSING
    predictions: Any = MISSING
    gold: str | None = MISSING
    columns: ColumnsConfig = MISSING
    one_hot: bool = MISSING
    prefix: str = MISSING
    threshold: float = MISSING
    seed: int = MISSING
    output: str = MISSING


def register() -> None:
    """Register the schemas with Hydra, and `${project:path}`, which makes a path absolute."""
    OmegaConf.register_new_resolver("project", lambda path: str(PROJECT / path), replace=True)
    schemas: dict[str, type] = {
        "train": TrainConfig,
        "lexicon": LexiconReportConfig,
        "agreement": AgreementConfig,
        "annotate": AnnotateConfig,
        "data_report": DataReportConfig,
        "codebook_page": CodebookPageConfig,
        "codebook_new": CodebookNewConfig,
        "codebook_check": CodebookCheckConfig,
        "ingest": IngestConfig,
        "predict": PredictConfig,
        "evaluate": EvaluateConfig,
        "evaluation": EvaluationConfig,
        "codebook": CodebookConfig,
        "data/seeds": SeedsConfig,
        "data/jsonl": JsonlConfig,
        "data/csv": CsvConfig,
        "data/parquet": ParquetConfig,
        "data/hf_disk": HfDiskConfig,
        "data/hub": HubConfig,
        "lexicon_settings": LexiconConfig,
        "boilerplate": BoilerplateConfig,
        "split/leave_one_source_out": LeaveOneSourceOutConfig,
        "split/unseen": UnseenConfig,
        "split/article": ArticleSplitConfig,
        "split/random": RandomSplitConfig,
        "split/time": TimeSplitConfig,
        "split/column": ColumnSplitConfig,
        "model/majority": MajorityConfig,
        "model/source_only": SourceOnlyConfig,
        "model/dictionary": DictionaryConfig,
        "model/tfidf": TfidfConfig,
        "model/probe": ProbeConfig,
        "model/transformer": TransformerConfig,
        "model/ensemble": EnsembleConfig,
        "tracking/none": NoTrackingConfig,
        "tracking/mlflow": MlflowConfig,
    }
    store = ConfigStore.instance()
    for name, schema in schemas.items():
        store.store(group="/".join(["schema", *name.split("/")[:-1]]), name=name.split("/")[-1], node=schema)
