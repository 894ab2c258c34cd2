"""The typed schema of `configs/data/*.yaml`: what every corpus has, the seeds, a corpus of the user's own."""

from dataclasses import dataclass
from enum import Enum

from omegaconf import MISSING


class OnRowError(Enum):
    """What happens to rows that cannot be used: stop, or list them and go on without them."""

    fail = "fail"
    quarantine = "quarantine"


class OnSingleSource(Enum):
    """What happens to a frame that one source alone has, when sources are left out: stop, or keep it."""

    fail = "fail"
    keep = "keep"


class OnNearDuplicates(Enum):
    """What happens when a scored sentence has a near-duplicate in what its fold learns from.

    Stop, leave the duplicate out of what is learned from, or go on and say so.
    """

    fail = "fail"
    set_aside = "set_aside"
    keep = "keep"


class BlankFrames(Enum):
    """What a row means whose labels are blank: a problem, or a sentence without a frame."""

    problem = "problem"
    no_frame = "no_frame"


class Unlabelled(Enum):
    """What a sentence is that has no label in the file of labels: a problem, or set aside and counted."""

    problem = "problem"
    set_aside = "set_aside"


@dataclass
class DataConfig:
    name: str = MISSING
    training_only: list[str] = MISSING
    exclude_kinds: list[str] = MISSING
    label_origin: str = MISSING
    on_error: OnRowError = MISSING
    single_source_frames: OnSingleSource = MISSING


@dataclass
class SeedsConfig(DataConfig):
    """Sentences, and their labels in a file of their own (null: in the sentences' rows)."""

    sentences: str = MISSING
    labels: str | None = MISSING
    unlabelled: Unlabelled = MISSING


@dataclass
class ColumnsConfig:
    id: str | None = MISSING
    text: str | None = MISSING
    frames: str | None = MISSING
    voice: str | None = MISSING
    source: str | None = MISSING
    article: str | None = MISSING
    date: str | None = MISSING
    kind: str | None = MISSING


@dataclass
class OwnDataConfig(DataConfig):
    """A corpus that the user brings; each format adds its own settings."""

    path: str = MISSING
    columns: ColumnsConfig = MISSING
    one_hot: bool = MISSING
    blank_frames: BlankFrames = MISSING


@dataclass
class JsonlConfig(OwnDataConfig):
    pass


@dataclass
class CsvConfig(OwnDataConfig):
    separator: str = MISSING


@dataclass
class ParquetConfig(OwnDataConfig):
    pass


@dataclass
class HfDiskConfig(OwnDataConfig):
    split: str | None = MISSING


@dataclass
class HubConfig(OwnDataConfig):
    split: str | None = MISSING
    subset: str | None = MISSING
    revision: str = MISSING
