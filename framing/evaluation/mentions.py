"""Use versus mention: sentences that use a frame, and sentences that report or dispute it.

The codebook labels a frame whatever the voice. So a mention is a sentence that has the frame, in another
voice than the asserting one.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.errors import FramingError
from framing.evaluation.slices import WITHOUT_VOICE, voice_parts

Labels = NDArray[np.bool_]
Voices = NDArray[np.int8]

ALL_FRAMES = "all frames"

COLUMNS = (
    "frame",
    "voice",
    "with_frame",
    "found",
    "recall",
    "without_frame",
    "false_alarms",
    "false_alarm_share",
    "taken_for_use",
    "taken_for_use_share",
)


def mentions_table(
    frames: Sequence[str],
    voices: Sequence[str],
    asserting: str,
    labelled: Labels,
    predicted: Labels,
    labelled_voices: Voices,
    predicted_voices: Voices,
) -> pl.DataFrame:
    """Return what becomes of uses and mentions of every frame, by the voice that is labelled.

    A sentence is counted in the rows of its voice: under `with_frame` for the frames it has, under
    `without_frame` for all others. A sentence without a frame has no voice; it stands in the rows "no
    voice", under `without_frame` of every frame, to show how many false alarms there are where nothing is
    framed. In the rows "all frames" a sentence counts once for every frame.

    Args:
        frames: the ids of the F frames.
        voices: the ids of the V voices.
        asserting: the id of the voice in which a frame is used, not mentioned.
        labelled: shape (n, F).
        predicted: shape (n, F).
        labelled_voices: shape (n,), codes.
        predicted_voices: shape (n,), codes.

    Returns:
        One row for all frames and for every frame, by voice: `frame`, `voice`,
        `with_frame`, `found` (predicted to have it), `recall` (found of with_frame), `without_frame`,
        `false_alarms` (predicted to have it), `false_alarm_share` (of without_frame), `taken_for_use` (found,
        and the predicted voice is the asserting one though the labelled one is another; null for sentences of
        the asserting voice and of none) and `taken_for_use_share` (of found). A share of nothing is null. No
        rows for a codebook without voices.

    Raises:
        FramingError: the asserting voice is none of the voices.
    """
    if not voices:
        return pl.DataFrame()
    if asserting not in voices:
        raise FramingError(
            f"found {asserting!r} as the asserting voice; expected one of {', '.join(voices)}. Name the "
            "voice of the codebook in which a sentence says a frame itself."
        )
    voice = np.asarray(voice_parts(voices, labelled_voices), dtype=str)
    used = predicted_voices == list(voices).index(asserting)
    occurring = [*voices, *([WITHOUT_VOICE] if WITHOUT_VOICE in voice else [])]
    columns = {ALL_FRAMES: list(range(len(frames)))} | {frame: [place] for place, frame in enumerate(frames)}
    rows = []
    for frame, places in columns.items():
        for name in occurring:
            own = voice == name
            counts = _counts(labelled[own][:, places], predicted[own][:, places], used[own])
            mentioned = name not in (asserting, WITHOUT_VOICE)
            rows.append(
                {"frame": frame, "voice": name, **counts} | ({} if mentioned else {"taken_for_use": None})
            )
    return _with_shares(pl.DataFrame(rows, schema_overrides={"taken_for_use": pl.Int64}))


def _counts(labelled: Labels, predicted: Labels, used: NDArray[np.bool_]) -> dict[str, int]:
    found = labelled & predicted
    return {
        "with_frame": int(labelled.sum()),
        "found": int(found.sum()),
        "without_frame": int((~labelled).sum()),
        "false_alarms": int((~labelled & predicted).sum()),
        "taken_for_use": int(found[used].sum()),
    }


def _with_shares(counts: pl.DataFrame) -> pl.DataFrame:
    shares = {
        "recall": ("found", "with_frame"),
        "false_alarm_share": ("false_alarms", "without_frame"),
        "taken_for_use_share": ("taken_for_use", "found"),
    }
    columns = [
        pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole)).alias(share)
        for share, (part, whole) in shares.items()
    ]
    return counts.with_columns(columns).select(COLUMNS)
