"""What only further fits can tell: other splits, a text without names, fewer labels.

Each fits the run's own model again, on the same sentences, so that its scores stand beside the run's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import FramingError
from framing.cross_validation import Teaching, cross_validate
from framing.data.splits import Fold, Split, unseen
from framing.evaluation.learning import nested_subsets
from framing.evaluation.scores import summary
from framing.models.interface import Model, Prediction


@dataclass(frozen=True)
class Refits:
    """What is fitted again.

    Attributes:
        mask: takes the names out of a sentence; None: not done.
        splits: further splits, by name.
        shares: of what is learned from, for the learning curve, each above 0 and below 1; none: no curve.
        repeats: draws of every share.
        seed: of the draws.
    """

    mask: Callable[[str], str] | None
    splits: Mapping[str, Split]
    shares: Sequence[float]
    repeats: int
    seed: int


@dataclass(frozen=True, eq=False)
class OtherSplit:
    """What the model predicts under another split; `left_out` says why there is nothing."""

    name: str
    prediction: Prediction | None
    left_out: str = ""


def without_names(
    name: str, model: Model, teaching: Teaching, folds: list[Fold], mask: Callable[[str], str]
) -> Prediction:
    """Return predictions by fits that saw, and are asked, sentences without names."""
    told = replace(
        teaching,
        corpus=_with_texts(teaching.corpus, mask),
        training_only=_with_texts(teaching.training_only, mask)
        if teaching.training_only is not None
        else None,
    )
    named = f"{name} without names"
    return cross_validate({named: model}, told, folds)[named]


def other_splits(
    name: str, model: Model, teaching: Teaching, splits: Mapping[str, Split]
) -> list[OtherSplit]:
    """Return predictions under other splits; one that cannot be made of this corpus says why."""
    found = []
    for split_name, split in splits.items():
        named = f"{name}, split={split_name}"
        try:
            folds = split(teaching.corpus)
        except FramingError as error:
            found.append(OtherSplit(split_name, None, str(error)))
            continue
        found.append(OtherSplit(split_name, cross_validate({named: model}, teaching, folds)[named]))
    return found


def learning_curve(
    name: str, model: Model, teaching: Teaching, folds: list[Fold], refits: Refits, threshold: float
) -> pl.DataFrame:
    """Return the macro F1 after learning from shares of the sentences, drawn in whole articles.

    Where sentences are only learned from (`data.training_only`), the shares are of those, and the whole
    corpus is scored by one fit. Otherwise they are of every fold's training part; a share that would leave
    a fold with nothing to learn from is passed over.

    Returns:
        `share`, `sentences` (learned from, the mean over the folds), `repeat`, `macro_f1`.
    """
    draws = _draws(teaching, folds, refits)
    rows = []
    for number, (share, repeat, part, parts) in enumerate(draws, start=1):
        named = f"{name}, learning curve {number} of {len(draws)}"
        made = cross_validate({named: model}, part, parts)[named]
        predicted = made.frame_labels(teaching.corpus.codebook, threshold)
        learned = np.mean([len(fold.train) for fold in parts])
        learned += len(part.training_only) if part.training_only is not None else 0
        rows.append(
            {
                "share": share,
                "sentences": round(float(learned)),
                "repeat": repeat,
                "macro_f1": summary(teaching.corpus.frames, predicted)["macro_f1"],
            }
        )
    return pl.DataFrame(rows)


def _draws(
    teaching: Teaching, folds: list[Fold], refits: Refits
) -> list[tuple[float, int, Teaching, list[Fold]]]:
    """Return the share, the repeat, what is learned from, and the folds of every fit of the curve."""
    learned = teaching.training_only if teaching.training_only is not None else teaching.corpus
    articles = learned.sentences["article"].to_list()
    draws = []
    for subset in nested_subsets(articles, [*refits.shares, 1.0], refits.repeats, refits.seed):
        if subset.fraction == 1.0 and subset.repeat > 0:  # the whole is the same in every repeat
            continue
        if teaching.training_only is not None:
            part = replace(teaching, training_only=learned[subset.rows])
            draws.append((subset.fraction, subset.repeat, part, unseen(teaching.corpus)))
            continue
        smaller = [_smaller(fold, subset.rows) for fold in folds]
        if all(len(fold.train) for fold in smaller):  # of few articles, a fold may be left with none
            draws.append((subset.fraction, subset.repeat, teaching, smaller))
    return draws


def _smaller(fold: Fold, rows: NDArray[np.intp]) -> Fold:
    """Return the fold with those of its training sentences that are among the rows."""
    return replace(fold, train=np.intersect1d(fold.train, rows))


def _with_texts(corpus: Corpus, change: Callable[[str], str]) -> Corpus:
    texts = [change(text) for text in corpus.sentences["text"].to_list()]
    return replace(corpus, sentences=corpus.sentences.with_columns(text=pl.Series(texts, dtype=pl.String)))
