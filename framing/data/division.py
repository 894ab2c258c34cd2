"""A corpus divided for a run: folds that keep apart what belongs together, and what must be said of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import SENTENCE_COLUMNS, Corpus
from framing.core.data_config import OnNearDuplicates
from framing.core.errors import FramingError
from framing.data.splits import Fold, Split
from framing.evaluation.crossing import Crossing, crossing
from framing.evaluation.duplicates import near_duplicates
from framing.evaluation.spelling import Spellings

CHARACTERS = 5
"""In the runs by which sentences are compared."""

SHOWN = 3
FEW = 5
"""With fewer scored sentences, a frame's score is told to say little."""


@dataclass(frozen=True)
class NearDuplicateRule:
    """What is done about near-duplicates of scored sentences in what is learned from.

    Attributes:
        found: what happens when there are some.
        similarity: above it two sentences are near-duplicates, between 0 and 1.
        spellings: which are the same when sentences are compared.
    """

    found: OnNearDuplicates
    similarity: float
    spellings: Spellings


@dataclass(frozen=True, eq=False)
class Division:
    """What a run learns from and scores.

    Attributes:
        corpus: the sentences that are scored, each in one fold, and learned from in others.
        training_only: learned from in every fold and never scored; None without such sentences.
        folds: over `corpus`.
        notices: what a reader must know, in full sentences.
    """

    corpus: Corpus
    training_only: Corpus | None
    folds: list[Fold]
    notices: Sequence[str] = ()


def divide(corpus: Corpus, training_only: Corpus | None, split: Split, rule: NearDuplicateRule) -> Division:
    """Divide a corpus.

    Sentences that no fold scores, as those of a first period, are learned from in every fold.

    Raises:
        CorpusError: rows that the split cannot place.
        FramingError: the corpus cannot be split, a fold has nothing to learn from, or near-duplicates stand
            on both sides and `rule` says to stop.
    """
    folds = split(corpus)
    notices = _told_of_folds(corpus, training_only, folds)
    division = _scored_alone(Division(corpus, training_only, folds, notices))
    division = _near_duplicates_apart(division, rule)
    for fold in division.folds:
        if division.training_only is None and len(fold.train) == 0:
            raise FramingError(
                f"{fold.name} is scored, and there is nothing to learn from: the split leaves no "
                "sentence, or near_duplicates=set_aside none, and data.training_only names none. Set it, "
                "such as data.training_only=[more.jsonl], or choose another split."
            )
    return division


def _scored_alone(division: Division) -> Division:
    """Return the division of the sentences that a fold scores; the others are learned from in every fold."""
    corpus, folds = division.corpus, division.folds
    scored = np.zeros(len(corpus), dtype=np.bool_)
    for fold in folds:
        scored[fold.test] = True
    if scored.all():
        return division
    earlier = corpus[~scored]
    place = np.cumsum(scored) - 1
    notices = [
        *division.notices,
        f"{len(earlier)} sentence(s) are learned from and not scored, because nothing came before them.",
    ]
    if division.training_only is not None:
        notices.append("The sentences of data.training_only are learned from whatever their date.")
        earlier = earlier + division.training_only
    folds = [Fold(fold.name, place[fold.train[scored[fold.train]]], place[fold.test]) for fold in folds]
    return Division(corpus[scored], earlier, folds, notices)


def _near_duplicates_apart(division: Division, rule: NearDuplicateRule) -> Division:
    """Return the division without near-duplicates across its folds, or with a notice of them."""
    corpus, further = division.corpus, division.training_only
    both = corpus if further is None else corpus + further
    texts = rule.spellings.unified(both.sentences["text"].to_list())
    found = near_duplicates(texts, characters=CHARACTERS, threshold=rule.similarity, compared=len(corpus))
    if found.pairs.is_empty():
        return division
    crossings = [crossing(found, *_sides(fold, len(corpus), len(both))) for fold in division.folds]
    number = sum(int(each.scored.sum()) for each in crossings)
    if not number:
        return division
    across = found.pairs.filter(pl.Series(np.any([each.pairs for each in crossings], axis=0)))
    told = (
        f"{number} scored sentence(s) have a near-duplicate (similarity above {rule.similarity:g}) in what "
        "is learned from while they are scored"
    )
    if rule.found is OnNearDuplicates.fail:
        raise FramingError(_stopped(told, both.sentences, across))
    if rule.found is OnNearDuplicates.keep:
        notice = f"{told}, as copied articles do: the scores are too good by that (near_duplicates=keep)."
        return replace(division, notices=[*division.notices, notice])
    return _without_learned(division, crossings, told)


def _sides(fold: Fold, scored: int, every: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return what the fold learns from and what it scores, both of shape (every,)."""
    learned, tested = np.arange(every) >= scored, np.zeros(every, dtype=np.bool_)
    learned[fold.train], tested[fold.test] = True, True
    return learned, tested


def _without_learned(division: Division, crossings: Sequence[Crossing], told: str) -> Division:
    """Return the division whose folds do not learn from near-duplicates of what they score."""
    folds = [
        replace(fold, train=fold.train[~each.learned[fold.train]])
        for fold, each in zip(division.folds, crossings, strict=True)
    ]
    fewer = sum(len(old.train) - len(new.train) for old, new in zip(division.folds, folds, strict=True))
    parts = [f"{fewer} sentence(s) in the folds concerned"] if fewer else []
    further = division.training_only
    if further is not None:
        close = np.any([each.learned[len(division.corpus) :] for each in crossings], axis=0)
        parts += [f"{close.sum()} that are only learned from, in every fold"] if close.any() else []
        further = further[~close] if not close.all() else None
    notice = f"{told}. Left out of what is learned from: {' and '.join(parts)} (near_duplicates=set_aside)."
    return Division(division.corpus, further, folds, [*division.notices, notice])


def _stopped(told: str, sentences: pl.DataFrame, across: pl.DataFrame) -> str:
    """Return the message that shows the first pairs and says what to do."""
    lines = [f"{told}, as copied articles do, so that a model may remember them instead of reading:"]
    for first, second, similarity in across.head(SHOWN).iter_rows():
        lines.append(f"  similarity {similarity:.2f}")
        for row in (sentences.row(place, named=True) for place in (first, second)):
            lines.append(f"    {row['file']}, line {row['line']}, {row['source']}: {row['text']}")
    if across.height > SHOWN:
        lines.append(f"  ... and {across.height - SHOWN} more pair(s).")
    lines.append(
        "Set near_duplicates=set_aside to leave them out of what is learned from (what is scored stays the "
        "same), remove the copies, or go on with a notice: near_duplicates=keep. similarity=0.9 finds closer "
        "ones only."
    )
    return "\n".join(lines)


def _told_of_folds(corpus: Corpus, training_only: Corpus | None, folds: Sequence[Fold]) -> list[str]:
    """Return what must be said of groups on both sides, of folds with one sentence, and of rare frames."""
    notices = []
    columns = ["source", "article", *corpus.sentences.columns[len(SENTENCE_COLUMNS) :]]
    for column in columns:
        values = corpus.sentences[column]
        # Two sources may number their articles alike.
        told_apart = corpus.sentences["source"] + "\x1f" + values if column == "article" else values
        crossed = _on_both_sides(told_apart, folds)
        if crossed and column == "article":
            notices.append(
                f"{crossed} of {told_apart.n_unique()} articles are learned from and scored in the same "
                "fold: a model may recognise the article."
            )
        elif not crossed and training_only is not None and any(len(fold.train) for fold in folds):
            notices += _mixed(column, values, training_only)
    return notices + _told_of_few(corpus, folds)


def _on_both_sides(values: pl.Series, folds: Sequence[Fold]) -> int:
    """Return how many values a fold has on both sides."""
    codes = values.rank("dense").fill_null(0).to_numpy()
    shared = [np.intersect1d(codes[fold.train], codes[fold.test]) for fold in folds]
    return int(np.count_nonzero(np.unique(np.concatenate(shared))))


def _mixed(column: str, values: pl.Series, training_only: Corpus) -> list[str]:
    """Return a notice if data.training_only has values that the folds keep apart."""
    further = training_only.sentences[column].drop_nulls()
    both = further.filter(further.is_in(values.drop_nulls().unique().implode()))
    if both.is_empty():
        return []
    names = ", ".join(both.unique().sort().head(SHOWN).to_list())
    return [
        f"{len(both)} sentence(s) of data.training_only share their {column} ({names}) with sentences that "
        "are scored as if it had never been seen; they are learned from all the same."
    ]


def _told_of_few(corpus: Corpus, folds: Sequence[Fold]) -> list[str]:
    """Return notices of folds with one sentence and of frames that have too few to be judged by."""
    notices = []
    single = [fold.name for fold in folds if len(fold.test) == 1]
    if single:
        notices.append(
            f"{len(single)} of {len(folds)} folds score one sentence each ({', '.join(single[:SHOWN])}"
            f"{', ...' if len(single) > SHOWN else ''})."
        )
    scored = corpus.frames[np.concatenate([fold.test for fold in folds])]
    has_frame = pl.Series(corpus.frames.any(axis=1))
    sources = corpus.sentences["source"]
    if without := sorted(set(sources) - set(sources.filter(has_frame))):
        notices.append(
            f"No sentence of these sources has a frame, so their F1 of 0 says nothing: {', '.join(without)}."
        )
    support = dict(zip(corpus.codebook.frame_ids, scored.sum(axis=0).tolist(), strict=True))
    if rare := [f"{frame} ({number})" for frame, number in support.items() if 0 < number < FEW]:
        notices.append(
            f"So few scored sentences have these frames that their scores say little: {', '.join(rare)}."
        )
    if none := [frame for frame, number in support.items() if number == 0]:
        notices.append(f"No scored sentence has these frames, so they have no score: {', '.join(none)}.")
    return notices
