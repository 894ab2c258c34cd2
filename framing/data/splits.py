"""Which sentences are learned from and which are scored."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import CorpusError, FramingError, Problem


@dataclass(frozen=True)
class Fold:
    """One division of the corpus.

    Attributes:
        name: what is left out, such as the source's id.
        train: indices of the sentences to fit on.
        test: indices of the sentences to score. Over all folds every sentence stands here exactly once;
            only a split by time has sentences that stand here never, because nothing came before them.
    """

    name: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]


Split = Callable[[Corpus], list[Fold]]
"""Makes the folds.

Raises a `CorpusError` with the rows that it cannot place, and any other `FramingError` if it cannot divide
this corpus at all.
"""

NOT_A_GROUP = ("id", "text", "file", "line", "frames", "voice")
"""Columns of a corpus that say nothing about which sentences belong together, or are the labels."""


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


def by_column(corpus: Corpus, *, column: str) -> list[Fold]:
    """Return one fold for every value of a column, in the order of the values.

    Raises:
        CorpusError: sentences have no value in it.
        FramingError: the corpus does not carry it, or it does not group the sentences: it has one value
            only, or another one for every sentence.
    """
    setting = f"split.column={column}"
    there = [name for name in corpus.sentences.columns if name not in NOT_A_GROUP]
    if column not in there:
        close = difflib.get_close_matches(column, there, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise FramingError(f"{setting}: expected a column that groups sentences: {', '.join(there)}.{hint}")
    values = corpus.sentences[column]
    blank = (values.fill_null("").str.strip_chars() == "").to_numpy()
    if blank.all():
        raise FramingError(f"{setting}: no sentence has a value there. Fill it in, or choose another column.")
    if blank.any():
        raise CorpusError(_without_value(corpus.sentences.filter(blank), column))
    groups = values.unique().sort().to_list()
    if len(groups) == 1:
        raise FramingError(
            f"{setting}: every sentence has the same value ({groups[0]}), expected at least two. Choose "
            "another column, or use split=article or split=random."
        )
    if len(groups) == len(corpus):
        raise FramingError(
            f"{setting}: every one of the {len(corpus)} sentences has a value of its own, so it groups "
            "nothing. Choose a column whose values several sentences share."
        )
    value = values.to_numpy()
    return [_fold(name, value == name) for name in groups]


def unseen(corpus: Corpus) -> list[Fold]:
    """Return one fold that scores the whole corpus and learns from none of it.

    What is learned from are the sentences of `data.training_only`.
    """
    return [_fold("the whole corpus", np.ones(len(corpus), dtype=np.bool_))]


def by_article(corpus: Corpus, *, folds: int, seed: int, setting: str = "split.folds") -> list[Fold]:
    """Return folds of whole articles, drawn at random; `setting` is what the user calls their number.

    Raises:
        FramingError: there are fewer articles than folds.
    """
    articles = corpus.sentences["article"].unique(maintain_order=True).sort().to_numpy()
    require_groups(len(articles), folds, "articles", setting)
    order = np.random.default_rng(seed).permutation(articles)
    article = corpus.sentences["article"].to_numpy()
    return [
        _fold(f"fold {number}", np.isin(article, part))
        for number, part in enumerate(np.array_split(order, folds), start=1)
    ]


def at_random(corpus: Corpus, *, folds: int, seed: int, setting: str = "split.folds") -> list[Fold]:
    """Return folds of single sentences, drawn at random: an article stands on both sides.

    Raises:
        FramingError: there are fewer sentences than folds.
    """
    require_groups(len(corpus), folds, "sentences", setting)
    order = np.random.default_rng(seed).permutation(len(corpus))
    parts = enumerate(np.array_split(order, folds), start=1)
    return [_fold(f"fold {number}", np.isin(np.arange(len(corpus)), part)) for number, part in parts]


def untaught(corpus: Corpus, folds: list[Fold], taught: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which frames a fold scores although it learns from no example, shape (folds, number of frames).

    Such a frame cannot be predicted where it is scored, so its recall is 0 whatever the model. `taught`, of
    shape (number of frames,), is true for frames that other sentences teach in every fold.
    """
    scored = np.array([corpus.frames[fold.test].any(axis=0) for fold in folds])
    learned = np.array([corpus.frames[fold.train].any(axis=0) for fold in folds])
    return np.asarray(scored & ~learned & ~taught)


def untaught_frames(corpus: Corpus, folds: list[Fold], taught: NDArray[np.bool_]) -> list[Problem]:
    """Tell what `untaught` finds: with leave-one-source-out, the frames that one source alone has."""
    problems = []
    missing = untaught(corpus, folds, taught)
    for column, frame in enumerate(corpus.codebook.frame_ids):
        for number in np.flatnonzero(missing[:, column]):
            fold = folds[number]
            rows = fold.test[corpus.frames[fold.test, column]]
            first = corpus.sentences.row(int(rows[0]), named=True)
            alone = len(rows) == corpus.frames[:, column].sum()
            where = f"all in {fold.name}" if alone else f"in {fold.name}, and none to learn it from then"
            problems.append(
                Problem(
                    first["file"], first["line"], "frames",
                    f"{frame!r} in {len(rows)} sentence(s), {where}",
                    f"examples in what is learned from while {fold.name} is scored",
                    "Label this frame elsewhere too, use another split, or set "
                    "data.single_source_frames=keep to score it as a miss.",
                )
            )  # fmt: skip
    return problems


def require_groups(found: int, folds: int, what: str, setting: str = "split.folds") -> None:
    """Raise a FramingError if so many folds cannot be made of what was found."""
    if folds < 2 or found < folds:
        raise FramingError(
            f"{setting}={folds}: found {found} {what}, expected at least as many as folds, and at "
            f"least 2 folds. Set {setting} lower, or add data."
        )


def _fold(name: str, test: NDArray[np.bool_]) -> Fold:
    return Fold(name, np.flatnonzero(~test), np.flatnonzero(test))


def _without_value(sentences: pl.DataFrame, column: str) -> list[Problem]:
    cure = "Fill it in, remove the row, or use another split."
    return [
        Problem(file, line, column, "nothing", f"a value, as split.column={column} groups by it", cure)
        for file, line in sentences.select("file", "line").iter_rows()
    ]
