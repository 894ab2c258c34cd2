"""Which terms set a source apart from the rest.

Effect: log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, eq. 15 and
16). Documents, not words, are the unit of inference: a word that one article repeats is one
observation. So p comes from a clustered standard error and from the closed form of a permutation test
over documents, whichever is larger, with Benjamini-Hochberg q values. With too few documents a source
there is no p: effects are given, and the table says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import false_discovery_control, norm
from sklearn.feature_extraction.text import CountVectorizer

Vector = NDArray[np.float64]

WORD = r"(?u)\w(?:(?:[\w'-]|(?<=\d)[.,](?=\d))*\w)?"
"""A word: letters and digits, joined by apostrophes or hyphens; "40,000" is one word."""

Z = float(norm.ppf(0.975))


@dataclass(frozen=True)
class LexiconSettings:
    """How terms are counted and compared.

    Attributes:
        ngrams: shortest and longest n-gram, in words.
        prior: size of the Dirichlet prior, in words.
        min_count: rarer terms are not listed; they still count in every total.
        min_documents: with fewer documents a source there is no p.
        shown: terms a source in figures and pages.
    """

    ngrams: tuple[int, int]
    prior: float
    min_count: int
    min_documents: int
    shown: int


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each term stands in each document.

    Attributes:
        terms: the V n-grams.
        order: shape (V,); length of each term in words.
        matrix: shape (D, V), counts.
        totals: shape (D, longest n-gram); n-grams of each length in each document, pruned ones too.
    """

    terms: list[str]
    order: NDArray[np.int64]
    matrix: csr_matrix
    totals: Vector


@dataclass(frozen=True, eq=False)
class Group:
    """Sums over the documents of one group, each of shape (V,) unless said otherwise.

    Attributes:
        count: occurrences of the term.
        squares: sum over documents of the squared count.
        cross: sum over documents of count times document length.
        documents_with: documents that hold the term.
        length: words (of the term's n-gram length) in the group.
        length_squares: sum over documents of the squared length.
        documents: number of documents, a scalar.
    """

    count: Vector
    squares: Vector
    cross: Vector
    documents_with: Vector
    length: Vector
    length_squares: Vector
    documents: int

    def minus(self, other: "Group") -> "Group":
        """Return the sums of the documents that are in this group and not in `other`."""
        return Group(
            self.count - other.count,
            self.squares - other.squares,
            self.cross - other.cross,
            self.documents_with - other.documents_with,
            self.length - other.length,
            self.length_squares - other.length_squares,
            self.documents - other.documents,
        )


def count_terms(
    texts: Sequence[str], documents: Sequence[str], *, ngrams: tuple[int, int], min_count: int
) -> Counts:
    """Count n-grams by document. An n-gram never runs over the end of a sentence.

    Args:
        texts: n sentences.
        documents: the document of each sentence; rows of the result are in the order of their names.
        ngrams: shortest and longest n-gram, in words.
        min_count: rarer terms are pruned; the totals do not change by that.
    """
    vectorizer = CountVectorizer(ngram_range=ngrams, token_pattern=WORD, dtype=np.int64)
    # Curly or straight is the typesetter's choice and would mark a source.
    by_sentence = vectorizer.fit_transform(text.replace("’", "'") for text in texts).tocsr()
    names, row = np.unique(np.asarray(documents), return_inverse=True)
    summed = csr_matrix((np.ones(len(row)), (row, np.arange(len(row)))), shape=(len(names), len(row)))
    matrix = (summed @ by_sentence).tocsc()
    terms = vectorizer.get_feature_names_out()
    order = np.char.count(terms.astype(str), " ") + 1
    orders = range(1, ngrams[1] + 1)
    totals = np.column_stack([matrix[:, order == length].sum(axis=1).A1 for length in orders])
    kept = np.flatnonzero(min_count <= matrix.sum(axis=0).A1)
    return Counts(terms[kept].tolist(), order[kept], matrix[:, kept].tocsr(), totals)


def group_sums(counts: Counts, members: NDArray[np.bool_]) -> Group:
    """Return the sums over the documents that `members`, of shape (D,), is true for."""
    matrix = counts.matrix[members]
    lengths = counts.totals[members]
    column = counts.order - 1
    cross = np.vstack([matrix.T @ length for length in lengths.T])
    return Group(
        count=matrix.sum(axis=0).A1,
        squares=matrix.multiply(matrix).sum(axis=0).A1,
        cross=cross[column, np.arange(len(column))],
        documents_with=np.asarray(matrix.getnnz(axis=0), dtype=np.float64),
        length=lengths.sum(axis=0)[column],
        length_squares=(lengths**2).sum(axis=0)[column],
        documents=int(members.sum()),
    )


def log_odds(a: Group, b: Group, *, prior: float) -> tuple[Vector, Vector]:
    """Return the log-odds ratio of a against b and its model standard error, each of shape (V,).

    The prior of a term is `prior` words at its share of both groups together (Monroe et al. 2008, sec.
    3.5.1). The standard error is over words, so it is too small where documents repeat themselves.
    """
    share = (a.count + b.count) / (a.length + b.length)
    pseudo = prior * share
    delta = _log_odds(a, pseudo, prior) - _log_odds(b, pseudo, prior)
    return delta, np.sqrt(1 / (a.count + pseudo) + 1 / (b.count + pseudo))


def _log_odds(group: Group, pseudo: Vector, prior: float) -> Vector:
    with_prior = group.count + pseudo
    without = group.length + prior - with_prior
    # A term that is all there is has no odds; 0 on both sides makes no difference of it.
    odds = np.divide(with_prior, without, out=np.ones_like(with_prior), where=without > 0)
    return np.asarray(np.log(odds))


def _share(part: Vector, whole: Vector) -> Vector:
    """Return part / whole, 0 where a group has no n-gram of the term's length."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def clustered_error(a: Group, b: Group) -> Vector:
    """Return the standard error of the log-odds ratio with documents as clusters, shape (V,)."""
    return np.sqrt(_logit_variance(a) + _logit_variance(b))


def _logit_variance(group: Group) -> Vector:
    p = _share(group.count, group.length)
    spread = group.squares - 2 * p * group.cross + p**2 * group.length_squares
    between = group.documents / (group.documents - 1) * _share(spread, group.length**2)
    smoothed = (group.count + 0.5) / (group.length + 1)
    # Where the documents agree by chance, words still vary: never less than the Poisson variance.
    return np.maximum(between, _share(p, group.length)) / (smoothed * (1 - smoothed)) ** 2


def permutation_z(a: Group, b: Group) -> Vector:
    """Return z of the permutation test that shuffles documents between the groups, shape (V,).

    The statistic is the term's count in a, less what its pooled rate gives; mean and variance over all
    permutations have a closed form in the sums.
    """
    length = a.length + b.length
    documents = a.documents + b.documents
    rate = (a.count + b.count) / length
    spread = (
        a.squares + b.squares - 2 * rate * (a.cross + b.cross)
        + rate**2 * (a.length_squares + b.length_squares)
    )  # fmt: skip
    # Where every document has the term at the same rate nothing can be shuffled; rounding leaves a trace.
    moves = spread > 1e-9 * (a.squares + b.squares)
    variance = a.documents * b.documents / (documents * (documents - 1)) * np.where(moves, spread, 1)
    return np.where(moves, (a.count - rate * a.length) / np.sqrt(variance), 0.0)


def compare(counts: Counts, a: Group, b: Group, *, prior: float, min_documents: int) -> pl.DataFrame:
    """Compare two groups of documents term by term.

    Args:
        counts: for the terms.
        a: the group that positive effects belong to.
        b: the other.
        prior: size of the Dirichlet prior, in words.
        min_documents: with fewer documents in either group there is no p.

    Returns:
        One row a term that stands in either group, strongest first: `term`, `count` and `count_rest`,
        `per_10k` and `per_10k_rest` (occurrences in 10,000 words), `documents` and `documents_rest`
        (that hold it), `log_odds`, `standard_error`, `bound` (the end of the 95% interval nearer to 0,
        0 when the interval holds 0; terms are ranked by it), `p`, `q`, and `inference`: "documents",
        or "too few documents" when p and q are null and the standard error is the model's, over words.
    """
    delta, error = log_odds(a, b, prior=prior)
    enough = min(a.documents, b.documents) >= min_documents
    p = q = None
    if enough:
        error = clustered_error(a, b)
        wald = np.divide(delta, error, out=np.zeros_like(delta), where=error > 0)
        z = np.minimum(np.abs(wald), np.abs(permutation_z(a, b)))
        p = 2 * norm.sf(z)
        q = false_discovery_control(p) if len(p) else p
    bound = np.sign(delta) * np.maximum(0, np.abs(delta) - Z * error)
    table = pl.DataFrame(
        {
            "term": counts.terms,
            "count": a.count.astype(int),
            "count_rest": b.count.astype(int),
            "per_10k": 1e4 * _share(a.count, a.length),
            "per_10k_rest": 1e4 * _share(b.count, b.length),
            "documents": a.documents_with.astype(int),
            "documents_rest": b.documents_with.astype(int),
            "log_odds": delta,
            "standard_error": error,
            "bound": bound,
            "p": pl.Series(p, dtype=pl.Float64) if p is not None else None,
            "q": pl.Series(q, dtype=pl.Float64) if q is not None else None,
            "inference": "documents" if enough else "too few documents",
        },
        schema_overrides={"p": pl.Float64, "q": pl.Float64},
    )
    present = table.filter(pl.col("count") + pl.col("count_rest") > 0)
    return present.sort(["bound", "log_odds", "term"], descending=[True, True, False])


def lexicon_by_source(
    texts: Sequence[str], sources: Sequence[str], documents: Sequence[str], settings: LexiconSettings
) -> pl.DataFrame:
    """Compare every source with all the others together.

    Args:
        texts: n sentences.
        sources: the source of each.
        documents: the document (article) of each; documents of two sources with one name are two.
        settings: how terms are counted and compared.

    Returns:
        The tables of `compare`, one source after another, with the column `source` before them.
        No rows when there is one source only.
    """
    keys = [f"{source}\x00{document}" for source, document in zip(sources, documents, strict=True)]
    counts = count_terms(texts, keys, ngrams=settings.ngrams, min_count=settings.min_count)
    source_of = np.array([key.split("\x00")[0] for key in np.unique(keys)])
    everything = group_sums(counts, np.ones(len(source_of), dtype=np.bool_))
    names = np.unique(source_of).tolist()
    tables = []
    for source in names if len(names) > 1 else []:
        own = group_sums(counts, source_of == source)
        rest = everything.minus(own)
        table = compare(counts, own, rest, prior=settings.prior, min_documents=settings.min_documents)
        tables.append(table.select(pl.lit(source).alias("source"), pl.all()))
    return pl.concat(tables) if tables else pl.DataFrame()
