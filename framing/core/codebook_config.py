"""The typed schema of a codebook: `configs/codebook/*.yaml`, and those of users."""

from dataclasses import dataclass, field
from enum import Enum

from omegaconf import MISSING


class Task(Enum):
    """Whether a sentence may have any number of frames, or has exactly one."""

    multi_label = "multi_label"
    single_label = "single_label"


@dataclass
class ExampleConfig:
    text: str = MISSING
    frames: list[str] = MISSING
    voice: str | None = MISSING


@dataclass
class FrameConfig:
    id: str = MISSING
    definition: str = MISSING
    typical: str = ""
    not_this: str = ""
    patterns: list[str] = field(default_factory=list)
    examples: list[ExampleConfig] = field(default_factory=list)


@dataclass
class VoiceConfig:
    id: str = MISSING
    definition: str = MISSING


@dataclass
class RuleConfig:
    title: str = MISSING
    text: str = MISSING


@dataclass
class CodebookConfig:
    """A codebook. Without `voices` the sentences have no voice; the optional fields are texts."""

    name: str = MISSING
    version: str = MISSING
    title: str = MISSING
    task: Task = MISSING
    unit: str = MISSING
    introduction: str = ""
    frames: list[FrameConfig] = MISSING
    voices: list[VoiceConfig] = field(default_factory=list)
    voice_rule: str = ""
    rules: list[RuleConfig] = field(default_factory=list)
