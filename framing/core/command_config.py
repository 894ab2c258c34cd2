"""The typed schemas of the commands beside training: `configs/agreement.yaml`, `annotate.yaml` and so on."""

from dataclasses import dataclass, field
from enum import Enum

from omegaconf import MISSING

from framing.core.codebook_config import CodebookConfig
from framing.core.data_config import DataConfig


class Resample(Enum):
    """The unit that a bootstrap draws: sentences, or whole articles."""

    sentence = "sentence"
    article = "article"


class Measure(Enum):
    """How a model's doubt about a sentence is measured."""

    entropy = "entropy"
    margin = "margin"


class SourceFrom(Enum):
    """Where the source of an article is taken from: its own field, its URL's host, or its folder."""

    field = "field"
    host = "host"
    folder = "folder"


Backend = Enum("Backend", {"torch": "torch", "onnx": "onnx", "onnx-int8": "onnx-int8"})
"""What computes a model's predictions: the library it was trained with, or ONNX Runtime, also in 8 bits."""


@dataclass
class AgreementConfig:
    """What `python -m framing.agreement` composes."""

    codebook: CodebookConfig = MISSING
    data: DataConfig = MISSING
    passes: list[str] = MISSING
    draws: int = MISSING
    resample: Resample = MISSING
    seed: int = MISSING
    output: str = MISSING


@dataclass
class AnnotateConfig:
    """What `python -m framing.annotate` composes."""

    codebook: CodebookConfig = MISSING
    data: DataConfig = MISSING
    action: str = MISSING
    model_folder: str | None = MISSING
    threshold: float = MISSING
    blind: bool = MISSING
    seed: int = MISSING
    files: list[str] = MISSING
    count: int = MISSING
    measure: Measure = MISSING
    rare: float = MISSING
    diversity: float = MISSING
    relabel: bool = MISSING
    output: str = MISSING


@dataclass
class LimitsConfig:
    sequence_words: int = MISSING
    sequence_share: float = MISSING
    sequence_spared: int = MISSING
    similarity: float = MISSING
    similarity_characters: int = MISSING
    shortest: int = MISSING
    longest: int = MISSING
    frame_voice: int = MISSING
    case_side: int = MISSING
    register_share: float = MISSING
    side_ratio: float = MISSING
    side_sentences: int = MISSING
    set_sentences: int = MISSING
    set_labels: int = MISSING
    set_share: float = MISSING


@dataclass
class DataReportConfig:
    """What `python -m framing.data_report` composes."""

    codebook: CodebookConfig = MISSING
    data: DataConfig = MISSING
    against: list[str] = MISSING
    limits: LimitsConfig = MISSING
    output: str = MISSING


@dataclass
class CodebookPageConfig:
    """What `python -m framing.codebook` composes."""

    codebook: CodebookConfig = MISSING
    output: str = MISSING


@dataclass
class CodebookNewConfig:
    """What `python -m framing.codebook new` composes."""

    name: str = MISSING
    output: str = MISSING


@dataclass
class CodebookCheckConfig:
    """What `python -m framing.codebook check` composes."""

    codebook: CodebookConfig = MISSING
    data: DataConfig = MISSING
    min_sentences: int = MISSING
    min_sources: int = MISSING


@dataclass
class BoilerplateRuleConfig:
    name: str = MISSING
    pattern: str = MISSING
    whole_line: bool = False
    marks: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)


@dataclass
class BoilerplateConfig:
    """Sentences that are not running text; the examples of a rule are checked when it is read."""

    rules: list[BoilerplateRuleConfig] = MISSING


@dataclass
class IngestConfig:
    """What `python -m framing.ingest` composes."""

    input: str = MISSING
    output: str = MISSING
    source: list[SourceFrom] = MISSING
    boilerplate: BoilerplateConfig = MISSING
