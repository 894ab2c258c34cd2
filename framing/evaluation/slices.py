"""Where a model fails: scores of parts of the sentences, and what is taken for what."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import NO_VOICE
from framing.evaluation.scores import summary

Labels = NDArray[np.bool_]
Voices = NDArray[np.int8]

NOTHING_MISSED, NOTHING_WRONG = "(nothing missed)", "(nothing wrong)"
WITHOUT_VOICE = "no voice"
NOT_GIVEN = "not given"


def slice_table(by: str, parts: Sequence[str | None], labelled: Labels, predicted: Labels) -> pl.DataFrame:
    """Score every part of the sentences by itself.

    Args:
        by: what divides them, such as source, voice, register or words.
        parts: the part of each of the n sentences; None, where it is not known, is the part "not given".
        labelled: shape (n, F).
        predicted: shape (n, F).

    Returns:
        One row a part, in the order of their names: `by`, `part`, `sentences`, `frames` (how many of the F
        it has at all), `macro_f1` (over the part's own frames, so that parts with different frames are not
        comparable by it), `micro_f1` (both null where no sentence has a frame) and `exact_match`.
    """
    part = np.asarray([NOT_GIVEN if name is None else name for name in parts], dtype=str)
    rows = [
        _slice_row(by, name, labelled[part == name], predicted[part == name])
        for name in np.unique(part).tolist()
    ]
    return pl.DataFrame(rows, schema_overrides={"macro_f1": pl.Float64, "micro_f1": pl.Float64})


def _slice_row(by: str, part: str, labelled: Labels, predicted: Labels) -> dict[str, str | float | None]:
    scores: dict[str, float | None] = {**summary(labelled, predicted)}
    frames = int(labelled.any(axis=0).sum())
    if not frames:
        scores |= {"macro_f1": None, "micro_f1": None}
    return {"by": by, "part": part, "sentences": len(labelled), "frames": frames, **scores}


def length_bins(texts: Sequence[str]) -> list[str]:
    """Return the bin of every sentence's length in words: 1-10, 11-20, 21-30, 31 and more.

    A word is what stands between spaces. A text without words counts as 1-10.
    """
    ends, names = (10, 20, 30), ("1-10", "11-20", "21-30", "31 and more")
    return [names[int(np.searchsorted(ends, len(text.split())))] for text in texts]


def voice_parts(voices: Sequence[str], codes: Voices) -> list[str]:
    """Return the voice of every sentence by its id, "no voice" for `NO_VOICE`."""
    return [WITHOUT_VOICE if code == NO_VOICE else voices[code] for code in codes.tolist()]


def frame_confusion(frames: Sequence[str], labelled: Labels, predicted: Labels) -> pl.DataFrame:
    """Count which frames were predicted in place of which.

    A frame is taken for another in a sentence that has the first and was not given it, and was given the
    second and does not have it. With several of either, every pair counts. A frame that is missed where the
    sentence was given no wrong frame is taken for "(nothing wrong)"; a wrong one where the sentence was given
    all that it has, perhaps nothing, stands beside "(nothing missed)". So every error counts at least once.

    Args:
        frames: the ids of the F frames.
        labelled: shape (n, F).
        predicted: shape (n, F).

    Returns:
        `frame`, `taken_for`, `sentences`, the most frequent first, pairs that never occur left out.
    """
    missed, wrong = labelled & ~predicted, predicted & ~labelled
    missed = np.column_stack([missed, wrong.any(axis=1) & ~missed.any(axis=1)])
    wrong = np.column_stack([wrong, missed.any(axis=1) & ~wrong.any(axis=1)])
    counts = missed.T.astype(np.int64) @ wrong.astype(np.int64)
    labelled_names, given_names = [*frames, NOTHING_MISSED], [*frames, NOTHING_WRONG]
    rows, columns = np.nonzero(counts)
    order = np.argsort(-counts[rows, columns], kind="stable")
    return pl.DataFrame(
        {
            "frame": [labelled_names[row] for row in rows[order]],
            "taken_for": [given_names[column] for column in columns[order]],
            "sentences": counts[rows, columns][order],
        }
    )


def voice_confusion(voices: Sequence[str], labelled: Voices, predicted: Voices) -> pl.DataFrame:
    """Count which voices were predicted for which, on the sentences that have a voice.

    Args:
        voices: the ids of the voices.
        labelled: shape (n,), codes.
        predicted: shape (n,), codes; whatever frames were predicted.

    Returns:
        One row a pair, right ones and such as never occur too: `voice` (labelled), `predicted` (also "no
        voice" if that occurs) and `sentences`. No rows without voices.
    """
    has_voice = labelled != NO_VOICE
    own, given = labelled[has_voice], predicted[has_voice]
    codes = [*range(len(voices)), *([NO_VOICE] if (given == NO_VOICE).any() else [])]
    return pl.DataFrame(
        [
            {
                "voice": voice,
                "predicted": WITHOUT_VOICE if other == NO_VOICE else voices[other],
                "sentences": int(((own == code) & (given == other)).sum()),
            }
            for code, voice in enumerate(voices)
            for other in codes
        ]
    )
