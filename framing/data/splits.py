"""Which sentences are learned from and which are scored."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import FramingError, Problem


@dataclass(frozen=True)
class Fold:
    """One division of the corpus.

    Attributes:
        name: what is left out, such as the source's id.
        train: indices of the sentences to fit on.
        test: indices of the sentences to score; over all folds, every sentence exactly once.
    """

    name: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]


Split = Callable[[Corpus], list[Fold]]


def leave_one_source_out(corpus: Corpus) -> list[Fold]:
    """Return one fold for every source, in the order of their ids.

    Raises:
        FramingError: the corpus has one source only.
    """
    if len(corpus.sources) < 2:
        raise FramingError(
            f"split=leave_one_source_out: found one source ({corpus.sources[0]}), expected at least "
            "two. Add sentences of another source, or use split=article or split=random."
        )
    source = corpus.sentences["source"].to_numpy()
    return [_fold(name, source == name) for name in corpus.sources]


def unseen(corpus: Corpus) -> list[Fold]:
    """Return one fold that scores the whole corpus and learns from none of it.

    What is learned from are the sentences of `data.training_only`.
    """
    return [_fold("the whole corpus", np.ones(len(corpus), dtype=np.bool_))]


def by_article(corpus: Corpus, *, folds: int, seed: int) -> list[Fold]:
    """Return folds of whole articles, drawn at random.

    Raises:
        FramingError: there are fewer articles than folds.
    """
    articles = corpus.sentences["article"].unique(maintain_order=True).sort().to_numpy()
    _require(len(articles), folds, "articles")
    order = np.random.default_rng(seed).permutation(articles)
    article = corpus.sentences["article"].to_numpy()
    return [
        _fold(f"fold {number}", np.isin(article, part))
        for number, part in enumerate(np.array_split(order, folds), start=1)
    ]


def at_random(corpus: Corpus, *, folds: int, seed: int) -> list[Fold]:
    """Return folds of single sentences, drawn at random: an article stands on both sides.

    Raises:
        FramingError: there are fewer sentences than folds.
    """
    _require(len(corpus), folds, "sentences")
    order = np.random.default_rng(seed).permutation(len(corpus))
    parts = enumerate(np.array_split(order, folds), start=1)
    return [_fold(f"fold {number}", np.isin(np.arange(len(corpus)), part)) for number, part in parts]


def seen_in_training(corpus: Corpus, folds: list[Fold]) -> int:
    """Return how many sentences stand word for word in the training part of the fold that scores them."""
    text = corpus.sentences["text"].to_numpy()
    return sum(int(np.isin(text[fold.test], text[fold.train]).sum()) for fold in folds)


def untaught_frames(corpus: Corpus, folds: list[Fold], taught: NDArray[np.bool_]) -> list[Problem]:
    """Find frames that a fold scores although its training part has no example of them.

    `taught`, of shape (number of frames,), is true for frames that other sentences teach in every fold.

    With leave-one-source-out these are the frames that one source alone has. Such a frame cannot be
    predicted where it is scored, so its recall is 0 whatever the model.
    """
    problems = []
    for column, frame in enumerate(corpus.codebook.frame_ids):
        has_frame = corpus.frames[:, column]
        for fold in folds:
            if has_frame[fold.test].any() and not (taught[column] or has_frame[fold.train].any()):
                first = corpus.sentences.row(int(np.flatnonzero(has_frame)[0]), named=True)
                problems.append(
                    Problem(
                        first["file"], first["line"], "frames",
                        f"{frame!r} in {int(has_frame.sum())} sentence(s), all in {fold.name}",
                        f"examples outside {fold.name} too, to learn it from while {fold.name} is scored",
                        "Label this frame in another source, use another split, or set "
                        "data.single_source_frames=keep to score it as a miss.",
                    )
                )  # fmt: skip
    return problems


def _fold(name: str, test: NDArray[np.bool_]) -> Fold:
    return Fold(name, np.flatnonzero(~test), np.flatnonzero(test))


def _require(found: int, folds: int, what: str) -> None:
    if folds < 2 or found < folds:
        raise FramingError(
            f"split.folds={folds}: found {found} {what}, expected at least as many as folds, and at "
            "least 2 folds. Set split.folds lower, or add data."
        )
