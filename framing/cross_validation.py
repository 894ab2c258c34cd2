"""Fit and predict, fold by fold: every sentence is scored by a fit that did not see it.

What is finished is kept on disk, so that a run that was ended goes on where it stopped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.data.splits import Fold
from framing.evaluation.thresholds import best_thresholds
from framing.models.interface import (
    Explaining,
    Explanation,
    Fitting,
    Model,
    Prediction,
    Starting,
    fit_beside,
    no_explanation,
)
from framing.models.teaching import InnerSplit
from framing.models.unfinished import Unfinished
from framing.reporting.console import progress_of

WHOLE = "everything"
"""Name of the last fit, on all sentences that may be learned from."""

SHARED = "what all folds share"
"""Name of the fit on the sentences that are only learned from, of models that learn them once."""


@dataclass(frozen=True, eq=False)
class Questions:
    """What the model of a fold is asked beside the frames and voices of the sentences that it scores.

    Attributes:
        variants: sentences made from those of the corpus: `row` (of the corpus), `text`. A variant is
            asked of the model that scores the sentence it was made from.
        explained: shape (number of sentences,), whose frames are explained: those that they are labelled
            with and those that are predicted.
        threshold: a frame counts as predicted from this probability on.
    """

    variants: pl.DataFrame
    explained: NDArray[np.bool_]
    threshold: float

    @property
    def rows(self) -> NDArray[np.intp]:
        """The row of the corpus of every variant."""
        return self.variants["row"].to_numpy().astype(np.intp)


@dataclass(frozen=True, eq=False)
class Answers:
    """What the models of the folds answer, together.

    Attributes:
        sentences: predictions of all sentences, by fits that did not see them.
        variants: predictions of the variants.
        explanation: why; `row` is that of the corpus. No rows for a model that cannot tell.
    """

    sentences: Prediction
    variants: Prediction
    explanation: Explanation


@dataclass(frozen=True, eq=False)
class Teaching:
    """What every fit learns from, and where it keeps what it has.

    Attributes:
        corpus: the sentences that are scored, and learned from in the folds of the others.
        training_only: joins the training part of every fold; None without such sentences.
        unfinished: where finished folds and checkpoints are kept; None keeps nothing.
    """

    corpus: Corpus
    training_only: Corpus | None
    unfinished: Unfinished | None = None

    def begin(self, name: str, model: Model) -> None:
        """Let a model that can learn once what all folds share do so, or forget what it learned before."""
        if isinstance(model, Starting):
            with progress_of(f"{name}: learning what all folds share") as told:
                model.start(self.training_only, self.fitting(name, SHARED, told))

    def fit(self, model: Model, rows: NDArray[np.intp], fitting: Fitting) -> Model:
        """Return the model fitted on these sentences and on those that are only learned from."""
        return fit_beside(model, self.corpus[rows], self.training_only, fitting)

    def part(self, rows: NDArray[np.intp]) -> Corpus:
        """Return what a fold learns from: these sentences, and those that are only learned from."""
        part = self.corpus[rows]
        return part if self.training_only is None else part + self.training_only

    def fitting(self, model: str, fold: str, told: Callable[[float], None]) -> Fitting:
        """Return what surrounds a fit."""
        return (
            Fitting(progress=told) if self.unfinished is None else self.unfinished.fitting(model, fold, told)
        )


def cross_validate(
    models: Mapping[str, Model], teaching: Teaching, folds: list[Fold]
) -> dict[str, Prediction]:
    """Return, for every model, predictions of all sentences by fits that did not see them."""
    return {name: _pooled(name, model, teaching, folds, f"{name}: scoring") for name, model in models.items()}


def tuned_thresholds(
    name: str, model: Model, teaching: Teaching, folds: list[Fold], inner: InnerSplit, default: float
) -> NDArray[np.float64]:
    """Return the thresholds of every fold, shape (folds, number of frames).

    Those of a fold are the best on predictions inside its training part, by fits on inner folds.
    """
    rows = []
    for fold in folds:
        training = teaching.part(fold.train)
        parts = [
            Fold(f"{fold.name}-inner-{n}", part.train, part.test) for n, part in enumerate(inner(training))
        ]
        inside = Teaching(training, None, teaching.unfinished)
        pooled = _pooled(name, model, inside, parts, f"{name}: thresholds without {fold.name},")
        rows.append(best_thresholds(training.frames, pooled.frames, default=default))
    return np.array(rows)


def fit_on_everything(name: str, model: Model, teaching: Teaching) -> Model:
    """Return the model that is saved: fitted on all that may be learned from."""
    teaching.begin(name, model)
    with progress_of(f"{name}: fitting on everything") as told:
        rows = np.arange(len(teaching.corpus))
        return teaching.fit(model, rows, teaching.fitting(name, WHOLE, told))


def examine(name: str, model: Model, teaching: Teaching, folds: list[Fold], questions: Questions) -> Answers:
    """Return predictions of all sentences by fits that did not see them, and their answers to questions."""
    return _answers(name, model, teaching, folds, questions, f"{name}: scoring")


def _pooled(name: str, model: Model, teaching: Teaching, folds: list[Fold], doing: str) -> Prediction:
    nothing = Questions(
        pl.DataFrame(schema={"row": pl.Int64, "text": pl.String}),
        np.zeros(len(teaching.corpus), dtype=np.bool_),
        threshold=1.0,
    )
    return _answers(name, model, teaching, folds, nothing, doing).sentences


def _answers(
    name: str, model: Model, teaching: Teaching, folds: list[Fold], questions: Questions, doing: str
) -> Answers:
    corpus = teaching.corpus
    teaching.begin(name, model)
    row = np.concatenate([np.arange(len(corpus)), questions.rows])
    frames = np.zeros((len(row), corpus.frames.shape[1]))
    voices = np.zeros((len(row), len(corpus.codebook.voices)))
    explanations = []
    for number, fold in enumerate(folds, start=1):
        with progress_of(f"{doing} {fold.name} ({number} of {len(folds)})") as told:
            predicted, explanation = _asked(name, model, teaching, fold, questions, told)
        asked = np.isin(row, fold.test)
        frames[asked], voices[asked] = predicted.frames, predicted.voices
        explanations.append(explanation)
    n = len(corpus)
    return Answers(
        Prediction(frames[:n], voices[:n]),
        Prediction(frames[n:], voices[n:]),
        Explanation(
            pl.concat([each.contributions for each in explanations]),
            pl.concat([each.completeness for each in explanations]),
        ),
    )


def _asked(
    name: str,
    model: Model,
    teaching: Teaching,
    fold: Fold,
    questions: Questions,
    told: Callable[[float], None],
) -> tuple[Prediction, Explanation]:
    """Return what the fold's model answers: what an ended run kept of it, or from a new fit."""
    corpus = teaching.corpus
    of_fold = np.isin(questions.rows, fold.test)
    variants = corpus.sentences[questions.rows[of_fold]].with_columns(
        questions.variants.filter(of_fold)["text"]
    )
    sentences = pl.concat([corpus.sentences[np.sort(fold.test)], variants])
    kept = teaching.unfinished.answer(name, fold.name) if teaching.unfinished is not None else None
    if kept is not None and kept[0].frames.shape == (sentences.height, corpus.frames.shape[1]):
        return kept
    fitted = teaching.fit(model, fold.train, teaching.fitting(name, fold.name, told))
    predicted = fitted.predict(sentences)
    labels = predicted.frame_labels(corpus.codebook, questions.threshold)
    explanation = _explained(fitted, corpus, np.sort(fold.test), labels, questions)
    if teaching.unfinished is not None:
        teaching.unfinished.keep(name, fold.name, predicted, explanation)
    return predicted, explanation


def _explained(
    fitted: Model,
    corpus: Corpus,
    test: NDArray[np.intp],
    predicted: NDArray[np.bool_],
    questions: Questions,
) -> Explanation:
    """Explain the labelled and the predicted frames of the sentences that are to be explained."""
    chosen = questions.explained[test]
    if not isinstance(fitted, Explaining) or not chosen.any():
        return no_explanation()
    rows = test[chosen]
    asked = corpus.frames[rows] | predicted[: len(test)][chosen]
    found = fitted.explain(corpus.sentences[rows], asked)
    return found.of_rows(rows)
