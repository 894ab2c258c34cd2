"""The lexicon of a corpus from its sentences: who is compared with whom, and the tables that come out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.errors import FramingError
from framing.evaluation.lexicon.comparison import comparison_row, comparisons, term_rows
from framing.evaluation.lexicon.corpora import Sentences
from framing.evaluation.lexicon.counting import Counts, Integers, Terms, count_part, find_terms
from framing.evaluation.lexicon.documents import NO_CELL, Documents
from framing.evaluation.lexicon.remarks import document_remarks
from framing.evaluation.lexicon.resampling import spread_over_documents
from framing.evaluation.lexicon.self_check import self_check
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.side_by_side import side_by_side
from framing.evaluation.lexicon.sums import CellSums, cell_sums
from framing.evaluation.lexicon.tables import Lexicon
from framing.evaluation.lexicon.words import Tokens, Vocabulary

Small = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Counted:
    """The words of a corpus, counted.

    Attributes:
        tokens: the words of each part.
        terms: the n-grams that are counted.
        counts: how often each stands in each document.
    """

    tokens: Sequence[Tokens]
    terms: Terms
    counts: Counts


def count(sentences: Sentences, settings: LexiconSettings) -> Counted:
    """Return how often each term stands in each document.

    Raises:
        FramingError: there is no term to count.
    """
    vocabulary, tokens = Vocabulary(), sentences.kept_tokens()
    for part in sentences.parts():
        tokens.append(vocabulary.encode(part["text"], part["document"].to_numpy().astype(np.int64)))
    terms = find_terms(tokens, vocabulary.words(), ngrams=settings.ngrams, min_count=settings.min_count)
    if terms.texts.is_empty():
        raise FramingError(
            f"lexicon: found no word that stands at least {settings.min_count} times in what is left of "
            "the sentences. Add sentences, lower lexicon.min_count, or see with lexicon.noise.remove=false "
            "whether too much was taken out as noise."
        )
    counted = sentences.kept_counts()
    counted.extend(side_by_side(lambda each: count_part(terms, each, settings.ngrams), tokens))
    return Counted(tokens, terms, Counts(terms.texts, terms.order, counted))


def compare(counts: Counts, documents: Documents, settings: LexiconSettings) -> Lexicon:
    """Return all tables that come from counts of words; documents are the unit of inference.

    Args:
        counts: of the documents.
        documents: with the group and stratum of each.
        settings: what is compared, and how.
    """
    sums = cell_sums(counts.parts, documents.cell, documents.cells.height, counts.order)
    compared = list(comparisons(sums, documents, settings))
    spread = spread_over_documents(counts.parts, compared, documents.cell, counts.order, settings)
    rows = [comparison_row(each) for each in compared]
    terms = [term_rows(each, counts.terms, over) for each, over in zip(compared, spread, strict=True)]
    return Lexicon(
        groups=group_table(sums, documents),
        comparisons=pl.DataFrame(rows, infer_schema_length=None),
        terms=pl.concat(terms) if terms else pl.DataFrame(),
        counts=count_table(sums, documents, counts.terms),
        self_check=self_check(counts, documents, settings),
        notices=document_remarks(counts, documents),
    )


def group_table(sums: CellSums, documents: Documents) -> pl.DataFrame:
    """Return one row a group: `group`, `documents`, `sentences`, `words`."""
    cells = documents.cells.with_columns(
        documents=pl.Series(sums.documents.astype(np.int64)),
        sentences=pl.Series(sums.sentences.astype(np.int64)),
        words=pl.Series(sums.length[:, 0].astype(np.int64)),
    )
    return cells.group_by("group").agg(pl.col("documents", "sentences", "words").sum()).sort("group")


def count_table(sums: CellSums, documents: Documents, terms: pl.Series) -> pl.DataFrame:
    """Return one row a group and term that it has: `group`, `term`, `count`, `documents`."""
    parts = [_group_counts(sums, documents.cells_of(group)) for group in documents.groups]
    number = np.repeat(np.arange(len(parts), dtype=np.uint32), [len(part[0]) for part in parts])
    term, occurrences, documents_with = (np.concatenate(column) for column in zip(*parts, strict=True))
    return pl.DataFrame(
        {
            "group": pl.Series(documents.groups)[number],
            "term": terms[term],
            "count": occurrences,
            "documents": documents_with,
        }
    )


def _group_counts(sums: CellSums, cells: Integers) -> tuple[Small, Small, Small]:
    """Return the terms that some cells have together, their occurrences, and the documents that hold them."""
    own = sums.side(cells[cells != NO_CELL])
    there = np.flatnonzero(own.count)
    return (
        there.astype(np.uint32),
        own.count[there].astype(np.uint32),
        own.documents_with[there].astype(np.uint32),
    )


def stacked(lexicons: Iterable[Lexicon]) -> Lexicon:
    """Return the tables of several lexicons, such as those within each frame, below each other."""
    every = list(lexicons)
    tables = {
        name: pl.concat(
            [each.tables()[name] for each in every if each.tables()[name].width], how="vertical_relaxed"
        )
        for name in Lexicon().tables()
        if any(each.tables()[name].width for each in every)
    }
    return Lexicon(**tables, notices=[notice for each in every for notice in each.notices])
