"""The typed settings of the models: `configs/model/*.yaml` holds their values."""

from dataclasses import dataclass

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
