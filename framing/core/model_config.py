"""The typed settings of the models: `configs/model/*.yaml` holds their values."""

from dataclasses import dataclass
from enum import Enum

from omegaconf import MISSING


@dataclass
class ModelConfig:
    name: str = MISSING


@dataclass
class MajorityConfig(ModelConfig):
    pass


@dataclass
class SourceOnlyConfig(ModelConfig):
    pass


@dataclass
class DictionaryConfig(ModelConfig):
    pass


@dataclass
class TfidfConfig(ModelConfig):
    word_ngrams: list[int] = MISSING
    char_ngrams: list[int] = MISSING
    min_documents: int = MISSING
    C: float = MISSING
    balanced: bool = MISSING
    max_iterations: int = MISSING


@dataclass
class ProbeConfig(ModelConfig):
    encoder: str = MISSING
    revision: str | None = MISSING
    pooling: str = MISSING
    max_tokens: int = MISSING
    C: float = MISSING
    balanced: bool = MISSING
    max_iterations: int = MISSING


class TeacherKind(Enum):
    """Whose knowledge the transformer starts from."""

    none = "none"
    dictionary = "dictionary"
    tfidf = "tfidf"


class Precision(Enum):
    """In what the fine-tuning computes; auto: bf16 where the hardware has it, else fp32."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"
    fp16 = "fp16"


@dataclass
class TransformerConfig(ModelConfig):
    encoder: str = MISSING
    revision: str | None = MISSING
    pooling: str = MISSING
    max_tokens: int = MISSING
    dropout: float = MISSING
    voice_weight: float = MISSING
    balanced: bool = MISSING
    patterns: bool = MISSING
    patterns_alone: float = MISSING
    rename: float = MISSING
    names: str = MISSING
    epochs: int = MISSING
    batch_size: int = MISSING
    accumulation: int = MISSING
    encoder_lr: float = MISSING
    head_lr: float = MISSING
    layer_decay: float = MISSING
    warmup: float = MISSING
    weight_decay: float = MISSING
    freeze_embeddings: bool = MISSING
    precision: Precision = MISSING
    own_epochs: int = MISSING
    own_lr: float = MISSING
    patience: int = MISSING
    held_out: float = MISSING
    teacher: TeacherKind = MISSING
    teacher_weight: float = MISSING
    unlabelled: list[str] = MISSING
    inner_folds: int = MISSING
    seed: int = MISSING


class EnsembleWeights(Enum):
    """How the members of an ensemble are weighed: alike, or by what is best on inner folds."""

    equal = "equal"
    inner = "inner"


@dataclass
class EnsembleConfig(ModelConfig):
    members: dict[str, ModelConfig] = MISSING
    weights: EnsembleWeights = MISSING
    inner_folds: int = MISSING
    seed: int = MISSING
