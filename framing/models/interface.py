"""What every model can do, and what it predicts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.codebook import Codebook
from framing.core.corpus import NO_VOICE, Corpus


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probabilities for n sentences.

    Attributes:
        frames: shape (n, number of frames). Rows sum to 1 only for a single-label codebook.
        voices: shape (n, number of voices), rows sum to 1; the voice that the sentence has if it has
            a frame. No columns when the codebook knows no voice.
    """

    frames: NDArray[np.float64]
    voices: NDArray[np.float64]

    def frame_labels(self, codebook: Codebook, threshold: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the predicted frames: from the threshold on, or the likeliest if there is one only.

        `threshold` is one number, one a frame, or one for every sentence and frame.
        """
        if not codebook.single_label:
            above: NDArray[np.bool_] = self.frames >= threshold
            return above
        likeliest = self.frames.argmax(axis=1)
        chosen: NDArray[np.bool_] = likeliest[:, np.newaxis] == np.arange(self.frames.shape[1])
        return chosen

    def voice_labels(self) -> NDArray[np.int8]:
        """Return the likeliest voice of every sentence as a code, whether or not it has a frame."""
        if self.voices.shape[1] == 0:
            return np.full(len(self.voices), NO_VOICE, dtype=np.int8)
        return np.asarray(self.voices.argmax(axis=1), dtype=np.int8)


Progress = Callable[[float], None]
"""Told the share that is done, from 0 to 1."""


def _not_told(share: float) -> None:
    pass


@dataclass(frozen=True)
class Fitting:
    """What surrounds a fit that takes long.

    Attributes:
        checkpoints: a folder of this fit's own, in which it may keep what it has so far; a fit that
            finds a checkpoint there goes on from it. None: keep nothing.
        progress: told the share that is done, from 0 to 1.
    """

    checkpoints: Path | None = None
    progress: Progress = _not_told

    def part(self, name: str, first: float, last: float) -> "Fitting":
        """Return what surrounds a part of this fit, which takes it from one share to another."""
        folder = self.checkpoints / name if self.checkpoints is not None else None
        return Fitting(folder, lambda share: self.progress(first + (last - first) * share))


AT_ONCE = Fitting()
"""For a fit that keeps nothing and tells nobody."""


class Model(Protocol):
    """A classifier of frames and voice.

    `fit` may be called again and then forgets what it knew. `predict` sees sentences (columns `text`
    and `source`), never labels. `state` returns what `restore` needs, as JSON, and may write files into
    the folder; `restore` reads them back, and the restored model predicts the same.
    """

    kind: ClassVar[str]

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self: ...

    def predict(self, sentences: pl.DataFrame) -> Prediction: ...

    def state(self, folder: Path) -> dict[str, Any]: ...

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self: ...


@runtime_checkable
class Starting(Protocol):
    """A model that learns what all folds share once, instead of in every fold again.

    After `start` every `fit` goes on from what was learned there, and its own corpus need not hold those
    sentences. `start(None)` forgets them.
    """

    def start(self, shared: Corpus | None, fitting: Fitting = AT_ONCE) -> None: ...


@runtime_checkable
class Cutting(Protocol):
    """A model that reads a long sentence only up to a number of tokens, `max_tokens` in its settings."""

    def cut(self, texts: list[str]) -> NDArray[np.bool_]: ...


def cut_sentences(model: Model, texts: list[str]) -> NDArray[np.bool_]:
    """Return of which sentences a model reads the beginning alone, shape (n,)."""
    return model.cut(texts) if isinstance(model, Cutting) else np.zeros(len(texts), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Explanation:
    """What every word adds to the logits of frames.

    The logit of a frame is its score before it becomes a probability: by the logistic function, or by the
    softmax of all frames for a single-label codebook, where only differences between frames count.

    The unit is the word; a mark of punctuation is a unit of its own. `models/words.py` says how what
    covers more or less than one word is divided.

    Attributes:
        contributions: one row a word, by sentence, frame and place: `row` (of the sentences), `frame`
            (its column), `start`, `end` (characters of the text), `contribution` (to the logit; 0 for a
            word that the model does not know or read).
        completeness: one row a sentence and frame: `row`, `frame`, `base` (the logit without any word),
            `logit`, `unexplained` (logit - base - sum of the contributions).
    """

    contributions: pl.DataFrame
    completeness: pl.DataFrame

    def of_rows(self, rows: NDArray[np.intp]) -> "Explanation":
        """Return the explanation with `row` as the place in a larger table; `rows` says where each stands."""
        place = pl.Series("row", rows.astype(np.int64))
        return Explanation(
            *(
                table.with_columns(place.gather(table["row"])).select(NOTHING_EXPLAINED[name])
                for name, table in vars(self).items()
            )
        )


NOTHING_EXPLAINED = {
    "contributions": ("row", "frame", "start", "end", "contribution"),
    "completeness": ("row", "frame", "base", "logit", "unexplained"),
}
"""The columns of the tables of an explanation."""

WHOLE_NUMBERS = ("row", "frame", "start", "end")


def no_explanation() -> Explanation:
    """Return the explanation of a model that cannot tell: tables without rows."""
    tables = (
        pl.DataFrame(schema={name: pl.Int64() if name in WHOLE_NUMBERS else pl.Float64() for name in columns})
        for columns in NOTHING_EXPLAINED.values()
    )
    return Explanation(*tables)


@runtime_checkable
class Explaining(Protocol):
    """A model that can tell what every word adds to the logit of a frame.

    `asked`, shape (n, number of frames), says which frames of which sentences are explained; only these
    are computed. A frame that could not be learned has a probability that no word changes, and therefore
    no rows. The contributions say how this model comes to its answer, not whether the answer is right,
    nor what would happen if a word were left out.
    """

    def explain(
        self, sentences: pl.DataFrame, asked: NDArray[np.bool_], progress: Progress = AT_ONCE.progress
    ) -> Explanation: ...


def fit_beside(model: Model, corpus: Corpus, shared: Corpus | None, fitting: Fitting = AT_ONCE) -> Model:
    """Fit a model on a corpus and on what all folds share, which a `Starting` model knows already."""
    if shared is None or isinstance(model, Starting):
        return model.fit(corpus, fitting)
    return model.fit(corpus + shared, fitting)


def voice_shares(corpus: Corpus) -> NDArray[np.float64]:
    """Return the share of every voice among the sentences that have one, shape (number of voices,).

    Equal shares when no sentence has a voice.
    """
    number = len(corpus.codebook.voices)
    counts = np.bincount(corpus.voices[corpus.voices != NO_VOICE], minlength=number)
    if counts.sum() == 0:
        return np.full(number, 1 / max(number, 1))
    return np.asarray(counts / counts.sum())
