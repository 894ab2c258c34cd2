"""What a run has so far, kept so that it can go on: predictions of finished folds, checkpoints of the next.

One folder a run, named by what determines its results. It is locked while the run goes on and removed
when it finishes; what is left there belongs to runs that were killed or failed.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

import polars as pl
from safetensors.numpy import load_file, save_file

from framing.models.interface import Explanation, Fitting, Prediction

PREDICTION = "prediction.safetensors"
EXPLANATION = ("contributions", "completeness")
"""The tables of an explanation, each in a file of its own; the prediction is written last."""
LOCK = "lock"
LONGEST = 50
"""Letters of a fold's name in the name of its folder, which a file system limits to 255 bytes."""


@dataclass(frozen=True)
class Unfinished:
    """The folder of one run.

    Attributes:
        folder: `<model>/<fold>/` below it holds what a fold's model answered, or the checkpoints of its fit.
        lock: held until the run ends; None in the helping processes of a distributed run.
    """

    folder: Path
    lock: IO[str] | None

    def fitting(self, model: str, fold: str, progress: Callable[[float], None]) -> Fitting:
        """Return what surrounds the fit of a model for a fold."""
        return Fitting(self._place(model, fold) / "checkpoints", progress)

    def answer(self, model: str, fold: str) -> tuple[Prediction, Explanation] | None:
        """Return what the model answered in the fold before the run was ended, None if it did not yet."""
        place = self._place(model, fold)
        if not (place / PREDICTION).is_file():
            return None
        stored = load_file(place / PREDICTION)
        tables = (pl.read_parquet(place / f"{name}.parquet") for name in EXPLANATION)
        return Prediction(stored["frames"], stored["voices"]), Explanation(*tables)

    def keep(self, model: str, fold: str, prediction: Prediction, explanation: Explanation) -> None:
        """Store what the model answered in a fold; its checkpoints are no longer needed."""
        if self.lock is None:
            return
        place = self._place(model, fold)
        place.mkdir(parents=True, exist_ok=True)
        for name in EXPLANATION:
            getattr(explanation, name).write_parquet(place / f"{name}.parquet")
        part = place / f"{PREDICTION}.part"
        save_file({"frames": prediction.frames, "voices": prediction.voices}, part)
        os.replace(part, place / PREDICTION)
        shutil.rmtree(place / "checkpoints", ignore_errors=True)

    def has_something(self) -> bool:
        """Return whether anything is kept."""
        return any(path.name != LOCK for path in self.folder.iterdir())

    def remove(self) -> None:
        """Remove the folder: the run has finished."""
        if self.lock is not None:
            shutil.rmtree(self.folder)
            self.lock.close()

    def _place(self, model: str, fold: str) -> Path:
        return self.folder / _file_name(model) / _file_name(fold)


def open_unfinished(root: Path, key: str, *, resume: bool, helping: bool = False) -> Unfinished:
    """Return the folder of the run with this key; with `resume`, with all that it holds.

    A run with the same key that is still going on keeps its folder, and this one gets another.
    """
    if helping:
        return Unfinished(root / f"{key}-1", None)
    for number in count(1):
        folder = root / f"{key}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        if not resume:
            _empty(folder)
        return Unfinished(folder, lock)
    raise AssertionError("count ends")


@contextmanager
def kept_if_ended(unfinished: Unfinished) -> Iterator[None]:
    """Remove the folder when the block finishes; when it is ended, say that it is kept."""
    try:
        yield
    except BaseException as error:
        if not unfinished.has_something():
            unfinished.remove()
            raise
        error.add_note(
            f"What the run has so far is kept in {unfinished.folder}; the same command with resume=auto "
            "goes on."
        )
        raise
    unfinished.remove()


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def _file_name(name: str) -> str:
    """Return a name for a folder; what is left out of it is told apart by a checksum."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)[:LONGEST]
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
