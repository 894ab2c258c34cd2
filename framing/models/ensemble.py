"""The weighted mean of the probabilities of other models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from framing.core.corpus import Corpus
from framing.core.errors import FramingError
from framing.models.interface import AT_ONCE, Fitting, Model, Prediction, Starting, cut_sentences, fit_beside
from framing.models.kinds import model_class
from framing.models.teaching import InnerSplit


class Ensemble:
    """The mean of its members' probabilities, for frames and for voices.

    With an inner split the weights, one a member, not negative, of sum 1, are those with the least
    cross-entropy of the frames on out-of-fold predictions inside the training part; without one, all
    members weigh the same.

    It is not `Explaining`: it takes the mean of probabilities, and what a word adds to the logits of the
    members does not add up to the logit of that mean. Each member can be asked for itself.
    """

    kind: ClassVar[str] = "ensemble"

    def __init__(self, members: Mapping[str, Model], inner: InnerSplit | None) -> None:
        if len(members) < 2:
            raise FramingError(
                f"model=ensemble: found {len(members)} member(s) ({', '.join(members) or 'none'}), expected "
                "at least two. Add one, such as +model@model.members.probe=probe."
            )
        self.members = dict(members)
        self.inner = inner
        self.shared: Corpus | None = None
        self.weights: NDArray[np.float64] = np.full(len(members), 1 / len(members))

    def start(self, shared: Corpus | None, fitting: Fitting = AT_ONCE) -> None:
        self.shared = shared
        starting = [(name, member) for name, member in self.members.items() if isinstance(member, Starting)]
        for number, (name, member) in enumerate(starting):
            part = fitting.part(name, number / len(starting), (number + 1) / len(starting))
            member.start(shared, part)

    def cut(self, texts: list[str]) -> NDArray[np.bool_]:
        return np.asarray(np.any([cut_sentences(each, texts) for each in self.members.values()], axis=0))

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        fits = len(self.members)
        if self.inner is not None:
            everything = corpus if self.shared is None else corpus + self.shared
            folds = list(self.inner(everything))
            fits = len(self.members) * (len(folds) + 1)
            self.weights = _best_weights(self._out_of_fold(everything, folds, fitting, fits), everything)
        for number, (name, member) in enumerate(self.members.items(), start=fits - len(self.members)):
            part = fitting.part(name, number / fits, (number + 1) / fits)
            fit_beside(member, corpus, self.shared, part)
        return self

    def _out_of_fold(self, corpus: Corpus, folds: list[Any], fitting: Fitting, fits: int) -> list[Prediction]:
        """Return every member's predictions of the training part by fits that did not see them."""
        pooled = []
        shared = self.shared
        self.start(None)  # what was learned at the start holds the sentences that are predicted here
        for number, (name, member) in enumerate(self.members.items()):
            frames = np.zeros(corpus.frames.shape)
            voices = np.zeros((len(corpus), len(corpus.codebook.voices)))
            for inner, fold in enumerate(folds):
                done = (number * len(folds) + inner) / fits
                part = fitting.part(f"{name}-inner-{inner}", done, done + 1 / fits)
                made = member.fit(corpus[fold.train], part).predict(corpus.sentences[fold.test])
                frames[fold.test], voices[fold.test] = made.frames, made.voices
            pooled.append(Prediction(frames, voices))
        self.start(shared, fitting.part("start", 0, 0))
        return pooled

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        made = [member.predict(sentences) for member in self.members.values()]
        frames = sum(weight * each.frames for weight, each in zip(self.weights, made, strict=True))
        voices = sum(weight * each.voices for weight, each in zip(self.weights, made, strict=True))
        return Prediction(np.asarray(frames), np.asarray(voices))

    def state(self, folder: Path) -> dict[str, Any]:
        states = {}
        for name, member in self.members.items():
            (folder / name).mkdir(exist_ok=True)
            states[name] = {"kind": member.kind, "state": member.state(folder / name)}
        return {"members": states, "weights": self.weights.tolist()}

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        members = {
            name: model_class(member["kind"]).restore(folder / name, member["state"])
            for name, member in state["members"].items()
        }
        model = cls(members, inner=None)
        model.weights = np.array(state["weights"])
        return model


def _best_weights(predictions: list[Prediction], corpus: Corpus) -> NDArray[np.float64]:
    """Return the weights of the least mean cross-entropy of the frames, shape (members,)."""
    frames = np.stack([made.frames for made in predictions])

    def cross_entropy(free: NDArray[np.float64]) -> float:
        mean = np.clip(np.tensordot(softmax(free), frames, axes=1), 1e-6, 1 - 1e-6)
        return float(-np.where(corpus.frames, np.log(mean), np.log1p(-mean)).mean())

    found = minimize(cross_entropy, np.zeros(len(predictions)), method="Nelder-Mead")
    return np.asarray(softmax(found.x))
