"""What a tracker can do, and how a run is recorded whatever happens to it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from framing.core.errors import FramingError


class Status(Enum):
    """How a run ended, in MLflow's words."""

    finished = "FINISHED"
    failed = "FAILED"
    killed = "KILLED"


@dataclass(frozen=True)
class DataFile:
    """A file that a run read."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True)
class RunDescription:
    """What is known of a run before it starts.

    Attributes:
        name: shown in lists of runs.
        parameters: the whole composed configuration, flat: `model.C` -> 1.0.
        tags: git commit, versions and other facts.
        sweep: what the runs of one `-m` sweep share, None outside a sweep.
    """

    name: str
    parameters: Mapping[str, object]
    tags: Mapping[str, str] = field(default_factory=dict)
    sweep: str | None = None


class Tracker(Protocol):
    """Records one run."""

    def start(self, run: RunDescription) -> None:
        """Open the run."""

    def data(self, files: list[DataFile]) -> None:
        """Record which data the run reads."""

    def metrics(self, values: Mapping[str, float]) -> None:
        """Record numbers by name."""

    def files(self, folder: Path) -> None:
        """Record every file below a folder."""

    def finish(self, status: Status) -> None:
        """Close the run."""

    def where(self) -> list[str]:
        """Return lines that tell the user where the run is and how to look at it."""


class NoTracker:
    """Records nothing; the run's folder is all there is."""

    def start(self, run: RunDescription) -> None:
        pass

    def data(self, files: list[DataFile]) -> None:
        pass

    def metrics(self, values: Mapping[str, float]) -> None:
        pass

    def files(self, folder: Path) -> None:
        pass

    def finish(self, status: Status) -> None:
        pass

    def where(self) -> list[str]:
        return []


@contextmanager
def recorded(tracker: Tracker, run: RunDescription, folder: Path) -> Iterator[None]:
    """Record what happens inside: the files in `folder` are kept and the status is true, also on error."""
    tracker.start(run)
    try:
        yield
    except BaseException as error:
        try:
            tracker.files(folder)
            tracker.finish(Status.killed if isinstance(error, KeyboardInterrupt) else Status.failed)
        except FramingError as not_recorded:  # must not hide what went wrong first
            error.add_note(str(not_recorded))
        raise
    tracker.files(folder)
    tracker.finish(Status.finished)
