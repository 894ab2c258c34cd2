"""Where there is nothing to find: the headlines of one source divided at random into halves.

What this project reports is put beside the two common measures over words, Monroe's z and G2. Headlines are
divided once one by one, and once by whole days: the headlines of a day repeat each other's words, so days are
the harder case for a measure that takes every word for a draw of its own. Halves are equal and sources are
not. So a few headlines of one source are also put beside all its others, and the names of all sources are
shuffled among all headlines.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import chi2

from framing.evaluation.lexicon.analysis import count
from framing.evaluation.lexicon.comparison import effects
from framing.evaluation.lexicon.corpora import InMemory
from framing.evaluation.lexicon.counting import Counts
from framing.evaluation.lexicon.measures import Prior, adjusted, log_odds, signed_g2, two_sided
from framing.evaluation.lexicon.permutation import permutation
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Side, Vector, cell_sums

REPEATS = 20
LEAST, LEVEL = 20, 0.05
SIZES = (84, 400, 2000)
SETTINGS = LexiconSettings(
    groups="source", within=None, strata=(), period="year", pairs=False, ngrams=(1, 2), prior=Prior(500, 0.5),
    min_count=3, min_documents=20, level=LEVEL, listed=None, draws=0, examples=0, min_choices=10, shown=12,
    self_check=0, seed=0,
)  # fmt: skip
PUBLISHED = Prior(500, 0)
"""Of Monroe et al. (2008), where the prior of a rare term may be as small as it likes."""

UNITS = {"headline": "article", "day": "day"}

Found = dict[str, list[tuple[int, float, int]]]
"""Measure -> of every repeat, terms, share of p below .05, false discoveries."""


def halves_table(headlines: pl.DataFrame) -> pl.DataFrame:
    """Return one row a unit, source and measure: share of p below .05, and false discoveries.

    Terms in fewer than 20 units are left out, as in the self-check of the command.
    """
    rows = [
        row
        for unit, column in UNITS.items()
        for source in sorted(headlines["source"].unique())
        for row in _of_source(headlines.filter(pl.col("source") == source), unit, column)
    ]
    return pl.DataFrame(rows)


def unequal_table(headlines: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return one row a division, size and measure, where sides are unequal; every term counts.

    "part of the source": so many random headlines of it against its others. "names shuffled": the names
    of all sources are shuffled among all headlines, and what then bears a name stands against the rest.
    """
    rows = []
    counts, documents = _counted(headlines.filter(pl.col("source") == source), "article")
    for size in SIZES:
        found: Found = {}
        for repeat in range(REPEATS):
            side = (np.random.default_rng(repeat).permutation(documents) >= size).astype(np.int64)
            _add(found, _p_values(*_sides(counts, side, 2)[0], 1))
        rows += _unequal_rows("part of the source", source, size, documents - size, found)
    counts, documents = _counted(headlines, "article")
    names = headlines["source"].unique().sort().to_list()
    sizes = [headlines.filter(pl.col("source") == name).height for name in names]
    shuffled: list[Found] = [{} for _ in names]
    for repeat in range(REPEATS):
        side = np.random.default_rng(repeat).permutation(np.repeat(np.arange(len(names)), sizes))
        for found, sides in zip(shuffled, _sides(counts, side, len(names)), strict=True):
            _add(found, _p_values(*sides, 1))
    for name, size, found in zip(names, sizes, shuffled, strict=True):
        rows += _unequal_rows("names shuffled", name, size, documents - size, found)
    return pl.DataFrame(rows)


def _unequal_rows(
    division: str, source: str, size: int, others: int, found: Found
) -> list[dict[str, object]]:
    start = {"division": division, "source": source, "headlines": size, "others": others}
    return [start | row for row in _rows(found)]


def _of_source(own: pl.DataFrame, unit: str, column: str) -> Iterator[dict[str, object]]:
    counts, documents = _counted(own, column)
    if documents < 2 * SETTINGS.min_documents:
        return
    found: Found = {}
    for repeat in range(REPEATS):
        half = np.random.default_rng(repeat).permutation(np.arange(documents) % 2)
        _add(found, _p_values(*_sides(counts, half, 2)[0], LEAST))
    for row in _rows(found):
        yield {"unit": unit, "source": own["source"][0], "units": documents, **row}


def _counted(own: pl.DataFrame, column: str) -> tuple[Counts, int]:
    """Return the counts of a source's documents, and how many documents there are."""
    table = own.with_columns(id=pl.col("article"), article=pl.col(column), group=pl.col("source"))
    sentences = InMemory.of(table.with_columns(stratum=pl.lit(""), within=pl.lit("")))
    return count(sentences, SETTINGS).counts, sentences.documents.table.height


def _add(found: Found, p_values: dict[str, Vector]) -> None:
    for measure, p in p_values.items():
        row = len(p), float((p < LEVEL).mean()), int((adjusted(p) <= LEVEL).sum())
        found.setdefault(measure, []).append(row)


def _rows(found: Found) -> Iterator[dict[str, object]]:
    for measure, values in found.items():
        tested, share, discoveries = np.array(values).mean(axis=0)
        yield {"measure": measure, "repeats": REPEATS, "tested": tested, "share_p05": share,
               "discoveries": discoveries}  # fmt: skip


def _sides(counts: Counts, side: NDArray[np.int64], number: int) -> list[tuple[Side, Side]]:
    """Return each of the sides and what is not on it."""
    sums = cell_sums(counts.parts, side, number, counts.order)
    whole = sums.side(np.arange(number))
    own = (sums.side(np.array([each])) for each in range(number))
    return [(each, whole.minus(each)) for each in own]


def _p_values(a: Side, b: Side, least: int) -> dict[str, Vector]:
    """Return p of every term that is in at least so many documents, by measure."""
    tested = np.flatnonzero(
        (a.documents_with + b.documents_with >= least) & (a.count + b.count >= SETTINGS.min_count)
    )
    a, b = a.at(tested), b.at(tested)
    values = effects(a, b, permutation(a, b), enough=True, prior=SETTINGS.prior)
    published, own = (np.divide(*log_odds(a, b, prior)) for prior in (PUBLISHED, SETTINGS.prior))
    return {
        "this project": values["p"],
        "Monroe's z": two_sided(published),
        "Monroe's z, prior of this project": two_sided(own),
        "G2": np.asarray(chi2.sf(np.abs(signed_g2(a, b)), 1)),
    }
