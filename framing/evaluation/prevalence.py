"""What share of sentences has a frame, when a model that errs has counted them.

A model that misses a third of a frame and sees it in a tenth of the other sentences predicts a share that
is wrong, and wrong by a different amount at every true share. Rogan & Gladen (1978), "Estimating prevalence
from the results of a screening test", correct it:

    share = (predicted share - false-alarm rate) / (sensitivity - false-alarm rate)

Sensitivity and false-alarm rate come from labelled sentences. Here they never come from the source itself:
with its own rates the formula gives back its labelled share exactly, whatever the model is worth. With the
rates of the other sources the corrected share can be compared with the labelled one, and shows how the
correction would do for a source that nobody has labelled. It supposes that the model errs at the same rates
in that source as in the others; the interval has in it that shares and rates are estimated, and not that
rates may differ between sources.

The corrected share is a ratio of two estimates, so its interval is Fieller's (1954, "Some problems in
interval estimation"), with the variances of a cluster bootstrap. Sources are never ranked.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from framing.core.errors import FramingError
from framing.evaluation.intervals import (
    FEWEST_GROUPS,
    NOTHING,
    Interval,
    Labels,
    Resampling,
    Vector,
    critical,
    sizes,
)

FEWEST_EXAMPLES = 10
"""Rates come from at least so many sentences with the frame and so many without; an interval takes as many
that are predicted to have it and to lack it, since with fewer the draws hardly differ."""

UNTOLD = 0.01
"""No interval where a larger share of the draws has no sentence to estimate a rate from."""

SENTENCES, PREDICTED, LABELLED, BOTH = range(4)


def prevalence_table(
    frames: Sequence[str],
    sources: Sequence[str],
    labelled: Labels,
    predicted: Labels,
    groups: Sequence[str],
    *,
    draws: int,
    seed: int,
) -> pl.DataFrame:
    """Estimate the share of every frame in every source, with the error rates of the other sources.

    Args:
        frames: the ids of the F frames.
        sources: the source of each of the n sentences.
        labelled: shape (n, F).
        predicted: shape (n, F); out of fold, or the rates are too good for new sentences.
        groups: the group of each sentence that is drawn as a whole, such as its article. Groups are
            drawn within their source; those of two sources with one name are two.
        draws: number of bootstrap draws.
        seed: of the random numbers.

    Returns:
        One row a source and frame, in the order of the sources' names: `source`, `frame`, `sentences`,
        `labelled` and `predicted` (shares), `corrected` (share; null when the model finds the frame no
        more often where it is than where it is not, or with fewer than `FEWEST_EXAMPLES` sentences with
        or without the frame in the other sources), `low`, `high` (null too with fewer than
        `FEWEST_GROUPS` groups here or elsewhere, with fewer than `FEWEST_EXAMPLES` sentences here that
        are predicted to have the frame or to lack it, or when the two rates cannot be told apart).

    Raises:
        FramingError: there are no sentences, one has no source or no group, or the arrays are about
            different numbers of sentences.
    """
    _require_as_many(len(labelled), len(predicted), len(sources), len(groups))
    parts = _by_source(sources, groups, draws, seed)
    totals = {name: _totals(labelled[rows], predicted[rows], drawn) for name, (rows, drawn) in parts.items()}
    everything = sum(totals.values())
    tables = []
    for name, (rows, drawn) in parts.items():
        elsewhere = [sizes(other) for key, (_, other) in parts.items() if key != name]
        rest = np.concatenate(elsewhere) if elsewhere else np.zeros(0)
        table = _corrected(frames, totals[name], everything - totals[name], sizes(drawn), rest)
        share = pl.Series("labelled", labelled[rows].mean(axis=0))
        tables.append(table.with_columns(pl.lit(name).alias("source"), share))
    columns = ["source", "frame", "sentences", "labelled", "predicted", "corrected", "low", "high"]
    return pl.concat(tables).select(columns)


def _by_source(
    sources: Sequence[str], groups: Sequence[str], draws: int, seed: int
) -> dict[str, tuple[Labels, Resampling]]:
    """Return, for every source in the order of their names, which rows are its own, and their resampling."""
    missing = sum(None in pair for pair in zip(sources, groups, strict=True))
    if missing or not len(sources):
        found = f"{missing} sentences without a source or a group" if missing else "no sentences"
        raise FramingError(f"Prevalence: found {found}; expected a source and a group for each sentence.")
    source, group = np.asarray(sources, dtype=np.str_), np.asarray(groups, dtype=np.str_)
    parts = {}
    for name in np.unique(source).tolist():
        rows = source == name
        # With the source in their names, groups of two sources that are called the same are drawn apart.
        own = [f"{name}/{each}" for each in group[rows]]
        parts[name] = (rows, Resampling.of(own, draws=draws, seed=seed))
    return parts


def corrected_shares(
    frames: Sequence[str],
    predicted: Labels,
    drawn: Resampling,
    known_labelled: Labels,
    known_predicted: Labels,
    known_drawn: Resampling,
) -> pl.DataFrame:
    """Estimate the share of every frame in sentences without labels.

    Args:
        frames: the ids of the F frames.
        predicted: shape (m, F), the predictions for the new sentences.
        drawn: of the m new sentences.
        known_labelled: shape (n, F), the labels of other sentences.
        known_predicted: shape (n, F), the same model's predictions for these, which it has not learned.
        known_drawn: of the n labelled sentences, with as many draws as `drawn`.

    Returns:
        One row a frame: `frame`, `sentences` (m), `predicted` (share), `corrected`, `low`, `high`, as in
        `prevalence_table`.

    Raises:
        FramingError: the two resamplings have different numbers of draws, or an array is about other
            sentences than its resampling.
    """
    counts, known_counts = len(drawn.multiplicities), len(known_drawn.multiplicities)
    if counts != known_counts:
        raise FramingError(
            f"Prevalence: found {counts} draws of the new sentences and {known_counts} of the labelled "
            "ones; expected as many of one as of the other."
        )
    _require_as_many(len(known_labelled), len(known_predicted))
    # Of the new sentences no label is used: the rates are those of the labelled ones.
    new = _totals(np.zeros_like(predicted), predicted, drawn)
    known = _totals(known_labelled, known_predicted, known_drawn)
    return _corrected(frames, new, known, sizes(drawn), sizes(known_drawn))


def _require_as_many(*counts: int) -> None:
    if len(set(counts)) > 1:
        raise FramingError(
            f"Prevalence: found arrays of {', '.join(map(str, counts))} sentences; expected as many in each."
        )


def _totals(labelled: Labels, predicted: Labels, drawn: Resampling) -> Vector:
    """Count sentences, shape (4, 1 + draws, F): the sample first, then every draw."""
    counts = np.hstack([np.ones_like(labelled), predicted, labelled, labelled & predicted])
    totals = np.vstack([counts.sum(axis=0), drawn.totals(counts)])
    return np.stack(np.split(totals, 4, axis=1))


def _corrected(
    frames: Sequence[str], own: Vector, other: Vector, own_sizes: Vector, other_sizes: Vector
) -> pl.DataFrame:
    """Return a row a frame from the counts of the source itself and of where the rates come from."""
    share = _ratio(own[PREDICTED], own[SENTENCES])
    sensitivity = _ratio(other[BOTH], other[LABELLED])
    false_alarms = _ratio(other[PREDICTED] - other[BOTH], other[SENTENCES] - other[LABELLED])
    above, apart = share - false_alarms, sensitivity - false_alarms
    with_frame, sentences = other[LABELLED, 0], other[SENTENCES, 0]
    examples = np.minimum(with_frame, sentences - with_frame)
    given = np.minimum(own[PREDICTED, 0], own[SENTENCES, 0] - own[PREDICTED, 0])
    enough = min(len(own_sizes), len(other_sizes)) >= FEWEST_GROUPS
    reach = max(critical(own_sizes), critical(other_sizes)) if enough else np.nan
    rows = []
    for column, frame in enumerate(frames):
        known = examples[column] >= FEWEST_EXAMPLES and apart[0, column] > 0
        corrected = float(np.clip(above[0, column] / apart[0, column], 0, 1)) if known else None
        told = known and enough and given[column] >= FEWEST_EXAMPLES
        ends = _fieller(above[:, column], apart[:, column], reach) if told else NOTHING
        rows.append((frame, int(own[SENTENCES, 0, column]), float(share[0, column]), corrected, *ends))
    schema = {"frame": pl.String, "sentences": pl.Int64, "predicted": pl.Float64}
    estimates = {"corrected": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, **estimates}, orient="row")


def _ratio(part: Vector, whole: Vector) -> Vector:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _fieller(above: Vector, below: Vector, reach: float) -> Interval:
    """Return the interval of above / below, clipped to 0..1, None when `below` may well be 0.

    A share is in it when above - share * below is within `reach` standard errors of 0.

    Args:
        above: shape (1 + draws,), the estimate first.
        below: the same.
        reach: standard errors.
    """
    told = np.isfinite(above) & np.isfinite(below)
    if 1 - told.mean() > UNTOLD:
        return NOTHING
    covariance = np.cov(above[1:][told[1:]], below[1:][told[1:]]) * reach**2
    square = below[0] ** 2 - covariance[1, 1]
    middle = above[0] * below[0] - covariance[0, 1]
    constant = above[0] ** 2 - covariance[0, 0]
    if square <= 0:
        return NOTHING
    half = np.sqrt(max(0.0, middle**2 - square * constant))
    low, high = np.clip([(middle - half) / square, (middle + half) / square], 0, 1).tolist()
    return low, high
