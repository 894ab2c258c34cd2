"""Invented corpora for the tests of the lexicon: settings, sentences, counts, and documents that repeat their words."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from framing.evaluation.lexicon.analysis import compare, count
from framing.evaluation.lexicon.corpora import InMemory, Sentences
from framing.evaluation.lexicon.counting import Counts, PartCounts
from framing.evaluation.lexicon.documents import with_groups
from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.sums import Side, cell_sums
from framing.evaluation.lexicon.tables import Lexicon

USUAL = LexiconSettings(
    groups="source", within=None, strata=(), period="month", pairs=True, ngrams=(1, 2), prior=Prior(500.0, 0.5),
    min_count=1, min_documents=2, level=0.05, listed=None, draws=0, examples=0, min_choices=1, shown=10,
    self_check=0, seed=0,
)  # fmt: skip


def settings(**changes: object) -> LexiconSettings:
    return replace(USUAL, **changes)  # type: ignore[arg-type]


def sentences(rows: Sequence[tuple[str, str, str]], **columns: Sequence[object]) -> pl.DataFrame:
    """A table of sentences from (source, article, text), with further columns."""
    source, article, text = zip(*rows, strict=True)
    return pl.DataFrame(
        {
            "id": [f"s{number:05d}" for number in range(len(rows))],
            "text": pl.Series(text, dtype=pl.String),
            "source": source,
            "article": article,
            "date": pl.Series([None] * len(rows), dtype=pl.String),
            **columns,
        }
    )


def corpus(table: pl.DataFrame, how: LexiconSettings = USUAL, at_once: int = 200_000) -> InMemory:
    return InMemory.of(with_groups(table, how)[0], at_once)


def lexicon(table: pl.DataFrame, how: LexiconSettings = USUAL, at_once: int = 200_000) -> Lexicon:
    return compared(corpus(table, how, at_once), how)


def compared(prepared: Sentences, how: LexiconSettings) -> Lexicon:
    return compare(count(prepared, how).counts, prepared.documents, how)


def counted(texts: Sequence[str], how: LexiconSettings = USUAL) -> Counts:
    """The counts of texts, each a document of its own."""
    rows = [("x", f"{number:05d}", text) for number, text in enumerate(texts)]
    return count(corpus(sentences(rows), how), how).counts


def sides(matrix: np.ndarray, in_a: np.ndarray, lengths: np.ndarray | None = None) -> tuple[Side, Side]:
    """Both sides of a comparison, from counts of shape (documents, terms) and who is in a.

    Lengths are the sums of the rows unless given.
    """
    totals = matrix.sum(axis=1) if lengths is None else lengths
    part = PartCounts(
        np.arange(len(matrix)),
        csr_matrix(matrix.astype(np.int32)),
        np.asarray(totals, dtype=np.int64)[:, np.newaxis],
        np.ones(len(matrix), dtype=np.int64),
    )
    cell = np.where(in_a, 0, 1).astype(np.int64)
    sums = cell_sums([part], cell, 2, np.ones(matrix.shape[1], dtype=np.int64))
    return sums.side(np.array([0])), sums.side(np.array([1]))


def topical(
    generator: np.random.Generator,
    documents: int,
    *,
    terms: int = 400,
    words: int = 80,
    evenness: float = 150.0,
) -> np.ndarray:
    """Counts of documents with topics, shape (documents, terms): every document repeats its own words.

    Dirichlet-multinomial around the frequencies of Zipf; document lengths vary fourfold and more.
    """
    shares = 1 / np.arange(2, terms + 2)
    shares /= shares.sum()
    lengths = np.maximum(10, generator.lognormal(np.log(words), 0.6, documents)).astype(int)
    tastes = generator.standard_gamma(evenness * shares, size=(documents, terms))
    tastes /= tastes.sum(axis=1, keepdims=True)
    return generator.multinomial(lengths, tastes)
