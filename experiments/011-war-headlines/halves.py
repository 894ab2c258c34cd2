"""Where there is nothing to find: the headlines of one source divided at random into halves.

What this project reports is put beside the two common measures over words, Monroe's z and G2. Headlines are
divided once one by one, and once by whole days: the headlines of a day repeat each other's words, so days are
the harder case for a measure that takes every word for a draw of its own. The third division is unequal: a
few headlines against all others, as a small source stands beside the rest.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import binom, chi2

from framing.evaluation.lexicon.analysis import count
from framing.evaluation.lexicon.comparison import effects
from framing.evaluation.lexicon.corpora import InMemory
from framing.evaluation.lexicon.counting import Counts
from framing.evaluation.lexicon.measures import Prior, adjusted, permutation, signed_g2, two_sided
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Vector, cell_sums

REPEATS = 20
LEAST, LEVEL = 20, 0.05
SIZES = (84, 400, 2000)
SETTINGS = LexiconSettings(
    groups="source", within=None, strata=(), period="year", pairs=False, ngrams=(1, 2), prior=Prior(500, 0.5),
    min_count=3, min_documents=20, level=LEVEL, listed=None, draws=0, examples=0, min_choices=10, shown=12,
    self_check=0, seed=0,
)  # fmt: skip
UNITS = {"headline": "article", "day": "day"}


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
    """Return one row a size and measure: random headlines of a source against its others, every term."""
    counts, documents = _counted(headlines.filter(pl.col("source") == source), "article")
    rows = []
    for size in SIZES:
        found: dict[str, list[tuple[int, float, int]]] = {}
        for repeat in range(REPEATS):
            side = (np.random.default_rng(repeat).permutation(documents) >= size).astype(np.int64)
            _add(found, _p_values(counts, side, 1))
        rows += [
            {"source": source, "headlines": size, "others": documents - size, **row} for row in _rows(found)
        ]
    return pl.DataFrame(rows)


def _of_source(own: pl.DataFrame, unit: str, column: str) -> Iterator[dict[str, object]]:
    counts, documents = _counted(own, column)
    if documents < 2 * SETTINGS.min_documents:
        return
    found: dict[str, list[tuple[int, float, int]]] = {}
    for repeat in range(REPEATS):
        half = np.random.default_rng(repeat).permutation(np.arange(documents) % 2)
        _add(found, _p_values(counts, half, LEAST))
    for row in _rows(found):
        yield {"unit": unit, "source": own["source"][0], "units": documents, **row}


def _counted(own: pl.DataFrame, column: str) -> tuple[Counts, int]:
    """Return the counts of a source's documents, and how many documents there are."""
    table = own.with_columns(id=pl.col("article"), article=pl.col(column), group=pl.col("source"))
    sentences = InMemory.of(table.with_columns(stratum=pl.lit(""), within=pl.lit("")))
    return count(sentences, SETTINGS), sentences.documents.table.height


def _add(found: dict[str, list[tuple[int, float, int]]], p_values: dict[str, Vector]) -> None:
    for measure, p in p_values.items():
        row = len(p), float((p < LEVEL).mean()), int((adjusted(p) <= LEVEL).sum())
        found.setdefault(measure, []).append(row)


def _rows(found: dict[str, list[tuple[int, float, int]]]) -> Iterator[dict[str, object]]:
    for measure, values in found.items():
        tested, share, discoveries = np.array(values).mean(axis=0)
        yield {"measure": measure, "repeats": REPEATS, "tested": tested, "share_p05": share,
               "discoveries": discoveries}  # fmt: skip


def _p_values(counts: Counts, side: NDArray[np.int64], least: int) -> dict[str, Vector]:
    """Return p of every term that is in at least so many documents, by measure."""
    sums = cell_sums(counts.parts, side, 2, counts.order)
    a, b = sums.side(np.array([0])), sums.side(np.array([1]))
    tested = np.flatnonzero(
        (a.documents_with + b.documents_with >= least) & (a.count + b.count >= SETTINGS.min_count)
    )
    a, b = a.at(tested), b.at(tested)
    values = effects(a, b, permutation(a, b).z(), enough=True, prior=SETTINGS.prior)
    over_documents = document_p(a.documents_with, b.documents_with, a.documents / (a.documents + b.documents))
    return {
        "this project": values["p"],
        "this project, with documents' mid-p": np.maximum(values["p"], over_documents),
        "Monroe's z": two_sided(values["z_words"]),
        "G2": np.asarray(chi2.sf(np.abs(signed_g2(a, b)), 1)),
    }


def document_p(a: Vector, b: Vector, share: Vector | float) -> Vector:
    """Return the two-sided mid-p of a of a + b documents with a term being in a side with this share."""
    exactly = binom.pmf(a, a + b, share) / 2
    tails = np.minimum(binom.sf(a, a + b, share), binom.cdf(a - 1, a + b, share))
    return np.asarray(np.minimum(1.0, 2 * (tails + exactly)))
