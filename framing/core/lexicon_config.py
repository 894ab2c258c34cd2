"""The typed schema of `configs/lexicon/*.yaml`: what is counted, compared, and taken out before."""

from dataclasses import dataclass
from enum import Enum

from omegaconf import MISSING


class Period(Enum):
    """What `period` is, when groups or strata are periods of the date."""

    year = "year"
    quarter = "quarter"
    month = "month"


class Wire(Enum):
    """What happens to a sentence that several sources have."""

    keep = "keep"
    once = "once"
    drop = "drop"


@dataclass
class NoiseConfig:
    """What is taken out before words are counted."""

    remove: bool = MISSING
    boilerplate_documents: int = MISSING
    numbers_alike: bool = MISSING
    edge_documents: int = MISSING
    edge_share: float = MISSING
    names: dict[str, list[str]] = MISSING
    wire: Wire = MISSING
    wire_words: int = MISSING
    near_copies: bool = MISSING
    similarity: float = MISSING
    listed: int = MISSING


@dataclass
class LexiconConfig:
    """What is counted and compared."""

    groups: str = MISSING
    within: str | None = MISSING
    strata: list[str] = MISSING
    period: Period = MISSING
    pairs: bool = MISSING
    ngrams: list[int] = MISSING
    prior: float = MISSING
    prior_least: float = MISSING
    min_count: int = MISSING
    min_documents: int = MISSING
    level: float = MISSING
    listed: int | None = MISSING
    draws: int = MISSING
    examples: int = MISSING
    noise: NoiseConfig = MISSING
    alternations: str | None = MISSING
    min_choices: int = MISSING
    self_check: bool = MISSING
    at_once: int | None = MISSING
    shown: int = MISSING
    seed: int = MISSING
