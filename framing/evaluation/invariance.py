"""Whether predictions stay where they must and move where they must when a sentence is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import NO_VOICE
from framing.evaluation.perturbations import Expectation

FEWEST = 10
"""Sentences below which a share gets no interval."""

NORMAL_95 = 1.959964
"""The 0.975 quantile of the standard normal distribution."""

SEPARATOR = ";"


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a model predicted for n sentences.

    Attributes:
        frames: shape (n, F).
        probabilities: shape (n, F), None for a model that has none.
        voices: shape (n,), codes, `NO_VOICE` for a model without voices. The voice of a sentence for which
            no frame is predicted counts as none, whatever stands here.
    """

    frames: NDArray[np.bool_]
    probabilities: NDArray[np.float64] | None
    voices: NDArray[np.int8]

    def __getitem__(self, rows: NDArray[np.int64]) -> "Predicted":
        """Return the predictions for these rows."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        return Predicted(self.frames[rows], probabilities, self.voices[rows])

    def voices_of_frames(self) -> NDArray[np.int8]:
        """Return the voices, `NO_VOICE` where no frame is predicted, shape (n,)."""
        return np.where(self.frames.any(axis=1), self.voices, NO_VOICE).astype(np.int8)


def perturbed_table(
    sentences: pl.DataFrame,
    variants: pl.DataFrame,
    expectations: Sequence[Expectation],
    before: Predicted,
    after: Predicted,
    frames: Sequence[str],
    voices: Sequence[str],
) -> pl.DataFrame:
    """Return what became of every variant.

    Args:
        sentences: n rows with `id` and `text`.
        variants: m rows with `row` (of the sentence), `perturbation`, `text`, as `Perturbations.variants`
            makes them.
        expectations: of the perturbations that stand in `variants`.
        before: the predictions for the n sentences.
        after: those for the m variants.
        frames: the ids of the F frames.
        voices: the ids of the voices.

    Returns:
        One row a variant, in the order given: `id`, `perturbation`, `before` and `after` (the texts),
        `frames_before`, `frames_after` (ids, joined by `;`), `voice_before`, `voice_after` (null without
        one) and `as_expected`: whether the prediction stayed, or moved as it must and in nothing else;
        null for a sentence that does not count, because the original was not predicted as the test needs,
        or because the codebook lacks the frame or voice that must come.
        Empty, without columns, if there are no variants.
    """
    if not variants.height:
        return pl.DataFrame()
    rows = variants["row"].to_numpy()
    originals = before[rows]
    names = [*voices, None]  # NO_VOICE, -1, is the last
    judged = _judged(variants["perturbation"].to_numpy(), expectations, originals, after, frames, voices)
    return pl.DataFrame(
        {
            "id": sentences["id"].gather(rows),
            "perturbation": variants["perturbation"],
            "before": sentences["text"].gather(rows),
            "after": variants["text"],
            "frames_before": _joined(frames, originals.frames),
            "frames_after": _joined(frames, after.frames),
            "voice_before": pl.Series(
                [names[code] for code in originals.voices_of_frames()], dtype=pl.String
            ),
            "voice_after": pl.Series([names[code] for code in after.voices_of_frames()], dtype=pl.String),
            "as_expected": pl.Series(judged, dtype=pl.Boolean),
        }
    )


def _joined(frames: Sequence[str], predicted: NDArray[np.bool_]) -> list[str]:
    return [SEPARATOR.join(np.array(frames, dtype=object)[row]) for row in predicted]


def _judged(
    perturbation: NDArray[np.object_],
    expectations: Sequence[Expectation],
    before: Predicted,
    after: Predicted,
    frames: Sequence[str],
    voices: Sequence[str],
) -> list[bool | None]:
    """Return whether each variant is as expected, None where it does not count."""
    judged: list[bool | None] = [None] * len(perturbation)
    for expectation in expectations:
        rows = np.flatnonzero(perturbation == expectation.perturbation)
        known = {"frame": frames, "voice": voices}.get(expectation.changes, [""])
        if not len(rows) or not {expectation.before, expectation.after} <= set(known):
            continue
        old, new = before[rows], after[rows]
        expected_frames, expected_voices = old.frames.copy(), old.voices_of_frames()
        counts = np.ones(len(rows), dtype=bool)
        if expectation.changes == "frame":
            goes, comes = frames.index(expectation.before), frames.index(expectation.after)
            counts = old.frames[:, goes] & ~old.frames[:, comes]
            expected_frames[:, goes], expected_frames[:, comes] = False, True
        elif expectation.changes == "voice":
            counts = expected_voices == voices.index(expectation.before)
            expected_voices[:] = voices.index(expectation.after)
        same_frames = (new.frames == expected_frames).all(axis=1)
        as_expected = same_frames & (new.voices_of_frames() == expected_voices)
        for row, count, well in zip(rows.tolist(), counts.tolist(), as_expected.tolist(), strict=True):
            judged[row] = well if count else None
    return judged


def perturbation_table(
    perturbed: pl.DataFrame,
    variants: pl.DataFrame,
    expectations: Sequence[Expectation],
    before: Predicted,
    after: Predicted,
) -> pl.DataFrame:
    """Return how often each perturbation did what it must.

    The interval is Wilson's (1927, "Probable inference, the law of succession, and statistical
    inference"). It takes sentences as independent; those of one article are alike, so it is rather too
    narrow.

    Args:
        perturbed: what `perturbed_table` returned.
        variants: the m rows that it was given.
        expectations: one a row of the result, also where no variant was made.
        before: the predictions for the n sentences.
        after: those for the m variants.

    Returns:
        One row an expectation: `perturbation`, `kind`, `sentences` (that count), `as_expected`, `share`
        (null without sentences), `low` and `high` (null for fewer than 10 sentences), `shift` (mean
        absolute change of all frames' probabilities in the sentences that count, null without finite
        ones) and `expectation` in words.
    """
    well = perturbed["as_expected"] if perturbed.height else pl.Series([], dtype=pl.Boolean)
    shifts = _shifts(variants["row"].to_numpy(), before, after)
    rows = []
    for expectation in expectations:
        chosen = ((variants["perturbation"] == expectation.perturbation) & well.is_not_null()).to_numpy()
        count, right = int(chosen.sum()), int(well.filter(chosen).sum())
        shift = float(shifts[chosen].mean()) if count else np.nan
        low, high = wilson_interval(right, count) if count >= FEWEST else (None, None)
        rows.append(
            {
                "perturbation": expectation.perturbation,
                "kind": expectation.kind,
                "sentences": count,
                "as_expected": right,
                "share": right / count if count else None,
                "low": low,
                "high": high,
                "shift": shift if np.isfinite(shift) else None,
                "expectation": expectation.text,
            }
        )
    numbers = dict.fromkeys(("share", "low", "high", "shift"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=numbers)


def _shifts(rows: NDArray[np.int64], before: Predicted, after: Predicted) -> NDArray[np.float64]:
    """Return the mean absolute change of the frames' probabilities of each variant, NaN without them."""
    if before.probabilities is None or after.probabilities is None or not len(rows):
        return np.full(len(rows), np.nan)
    change = np.abs(after.probabilities - before.probabilities[rows])
    return np.asarray(change.mean(axis=1), dtype=np.float64)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95% interval of a share of independent trials (Wilson 1927), within 0..1.

    >>> [round(limit, 3) for limit in wilson_interval(9, 10)]
    [0.596, 0.982]
    """
    share, z2 = successes / trials, NORMAL_95**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = NORMAL_95 / (1 + z2 / trials) * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def set_table(sets: Sequence[str | None], right: NDArray[np.bool_]) -> pl.DataFrame:
    """Return how consistent predictions are within contrast sets (Gardner et al. 2020).

    A set is right if all of its sentences are. Errors that fall on the sentences independently would leave
    a set of k sentences right with probability p^k, p being the share of sentences that are right; a model
    above that has its errors together in few sets, one below it fails where sentences differ little.

    Args:
        sets: the set of each of n sentences, None for one that belongs to none.
        right: shape (n,), whether its labels are predicted exactly.

    Returns:
        One row: `sets` (of at least two sentences; others are left out, for they cannot be inconsistent),
        `sentences` (in them), `sentences_right`, `sets_right`, `sets_right_share` and `by_chance`. Empty,
        without columns, if there is no such set.
    """
    grouped = (
        pl.DataFrame({"set": pl.Series(sets, dtype=pl.String), "right": right})
        .filter(pl.col("set").is_not_null())
        .group_by("set", maintain_order=True)
        .agg(size=pl.len(), right=pl.col("right").sum())
        .filter(pl.col("size") > 1)
    )
    if not grouped.height:
        return pl.DataFrame()
    sizes = grouped["size"].to_numpy().astype(np.float64)
    sets_right = int((grouped["size"] == grouped["right"]).sum())
    sentences, sentences_right = int(sizes.sum()), int(grouped["right"].sum())
    row = {
        "sets": grouped.height,
        "sentences": sentences,
        "sentences_right": sentences_right,
        "sets_right": sets_right,
        "sets_right_share": sets_right / grouped.height,
        "by_chance": float(((sentences_right / sentences) ** sizes).mean()),
    }
    return pl.DataFrame([row])
