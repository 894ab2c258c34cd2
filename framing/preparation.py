"""From what was loaded to what is learned from and scored: problems told, the corpus divided."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.division import Division, NearDuplicateRule, divide
from framing.data.loading import Loaded
from framing.data.splits import Split, untaught, untaught_frames
from framing.reporting.writing import write_problems
from framing.source_lexicon import set_aside_notice


def prepare(
    loaded: Loaded,
    *,
    split: Split,
    near_duplicates: NearDuplicateRule,
    rejected: Path | None,
    keep_untaught: bool,
) -> Division:
    """Divide a loaded corpus for a run; its notices say what a reader must know.

    Args:
        loaded: the corpus.
        split: makes the folds.
        near_duplicates: what is done about near-duplicates across folds.
        rejected: the folder in which rows with problems are listed, to go on without them; None: stop at
            problems.
        keep_untaught: score a frame that a fold cannot learn as a miss, instead of taking it for a problem.

    Raises:
        FramingError: the corpus has problems and they are to stop the run, or it cannot be divided.
    """
    dividing = _Dividing(
        loaded, split, near_duplicates, list(loaded.problems), quarantine=rejected is not None
    )
    dividing.stop_at_problems()
    notices = []
    if loaded.set_aside:
        notices.append(set_aside_notice(loaded.set_aside, "neither learned from nor scored"))
    if loaded.training_only is not None:
        notices.append(f"{len(loaded.training_only)} more sentences are learned from and never scored.")
    corpus = loaded.corpus
    division = dividing.divided(corpus)
    while missing := untaught_frames(division.corpus, division.folds, _taught(division)):
        if keep_untaught:
            notices += [f"{each.found}: it cannot be predicted where it is scored." for each in missing]
            break
        dividing.problems += missing
        dividing.stop_at_problems()
        corpus = _without_untaught(corpus, division)
        division = dividing.divided(corpus)
    if dividing.problems and rejected is not None:
        path = write_problems(dividing.problems, rejected)
        told = f"{len(dividing.problems)} problem(s) in the data; the rows are left out and listed in {path}."
        notices.append(told)
    return replace(division, notices=[*notices, *division.notices])


@dataclass
class _Dividing:
    """A corpus on its way to a division: how it is divided, and the problems met so far."""

    loaded: Loaded
    split: Split
    near_duplicates: NearDuplicateRule
    problems: list[Problem]
    quarantine: bool

    def stop_at_problems(self) -> None:
        if self.problems and not self.quarantine:
            raise CorpusError(self.problems)

    def divided(self, corpus: Corpus) -> Division:
        """Return the corpus divided, without the rows that the split cannot place."""
        try:
            return divide(corpus, self.loaded.training_only, self.split, self.near_duplicates)
        except CorpusError as error:
            self.problems += error.problems
            self.stop_at_problems()
            bad = {(problem.file, problem.line) for problem in error.problems}
            places = corpus.sentences.select("file", "line").rows()
            kept = np.array([place not in bad for place in places])
            return divide(corpus[kept], self.loaded.training_only, self.split, self.near_duplicates)


def _taught(division: Division) -> NDArray[np.bool_]:
    """Return which frames the sentences teach that are only learned from, shape (number of frames,)."""
    if division.training_only is None:
        return np.zeros(division.corpus.frames.shape[1], dtype=np.bool_)
    return np.asarray(division.training_only.frames.any(axis=0))


def _without_untaught(corpus: Corpus, division: Division) -> Corpus:
    """Return the corpus without the sentences whose frame a fold cannot learn."""
    frames = untaught(division.corpus, division.folds, _taught(division)).any(axis=0)
    kept = np.asarray(~corpus.frames[:, frames].any(axis=1))
    if not kept.any():
        raise FramingError(
            "No sentence is left: every one has a frame that is scored where nothing teaches it. Use another "
            "split, or set data.single_source_frames=keep."
        )
    return corpus[kept]
