"""Where the terms of TF-IDF stand in a text, and what each adds to a logit.

The logit of a linear model is bias + sum over terms of weight * value. So the contribution of a term is
weight * value, exactly. A term that stands several times counts in equal parts for its places, an n-gram of
words in equal parts for its words; `models/words.py` divides what covers several words.

The bias is the logit of an empty text. The values are scaled by the length of the sentence's vector, so
each depends on the other words too: the contributions divide the logit of this sentence, they do not foretell
that of a shorter one.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from framing.models.linear import Features, LinearHead
from framing.models.words import Integers, Words

Term = tuple[str, list[tuple[int, int]]]
"""A term, and the first character and the character after the last of each of its words."""

_NO_SPACE = re.compile(r"\S+")


@dataclass(frozen=True, eq=False)
class Terms:
    """Places of terms in texts, as arrays of one length.

    Attributes:
        row: in which text.
        column: which term, as a column of the features.
        start: first character in the text.
        end: the character after the last.
        part: of the term that stands here: 1 / its number of words.
    """

    row: Integers
    column: Integers
    start: Integers
    end: Integers
    part: NDArray[np.float64]


def term_contributions(
    words: Words, terms: Terms, features: Features, head: LinearHead
) -> NDArray[np.float64]:
    """Return what every word adds to the logits of the learned classes, shape (words, k).

    Args:
        words: of n texts.
        terms: of the same texts.
        features: of the same texts, a sparse matrix of shape (n, number of features).
        head: has the weights.
    """
    values = features.tocsr().copy()
    values.sort_indices()
    filled = np.repeat(np.arange(values.shape[0]), np.diff(values.indptr))
    cells = filled * values.shape[1] + values.indices
    cell = np.searchsorted(cells, terms.row * values.shape[1] + terms.column)
    times = np.bincount(cell, weights=terms.part, minlength=len(cells))
    here = values.data[cell] / times[cell] * terms.part
    shares = words.shares(terms.row, terms.start, terms.end)
    columns = [shares @ (here * weights[terms.column]) for weights in head.weights.astype(np.float64)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(words), 0))


def standing_terms(features: FeatureUnion, texts: list[str]) -> Terms:
    """Return where the terms that the vectorizers know stand in texts."""
    found, parts = array("q"), array("d")  # a list of numbers would take many times the memory
    first_column = 0
    for _, vectorizer in features.transformer_list:
        vocabulary = vectorizer.vocabulary_
        for row, text in enumerate(texts):
            for term, places in terms_of(vectorizer, text):
                column = vocabulary.get(term)
                if column is None:
                    continue
                for start, end in places:
                    found.extend((row, first_column + column, start, end))
                    parts.append(1 / len(places))
        first_column += len(vocabulary)
    rows, columns, starts, ends = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return Terms(rows, columns, starts, ends, np.array(parts, dtype=np.float64))


def terms_of(vectorizer: TfidfVectorizer, text: str) -> Iterator[Term]:
    """Yield all terms of a text, as the vectorizer's own analyzer makes them, and where they stand."""
    lowered = text.lower()
    terms = _word_terms if vectorizer.analyzer == "word" else _char_terms
    if len(lowered) == len(text):
        yield from terms(vectorizer, lowered)
        return
    # A few letters become two when they are lowered, such as the Turkish capital I with a dot.
    origin = [place for place, letter in enumerate(text) for _ in letter.lower()] + [len(text)]
    for term, places in terms(vectorizer, lowered):
        yield (
            term,
            [(origin[start], origin[end - 1] + 1 if end > start else origin[start]) for start, end in places],
        )


def _word_terms(vectorizer: TfidfVectorizer, text: str) -> Iterator[Term]:
    shortest, longest = vectorizer.ngram_range
    words = list(re.finditer(vectorizer.token_pattern, text))
    names, places = [word.group() for word in words], [word.span() for word in words]
    for length in range(shortest, longest + 1):
        for first in range(len(words) - length + 1):
            yield " ".join(names[first : first + length]), places[first : first + length]


def _char_terms(vectorizer: TfidfVectorizer, text: str) -> Iterator[Term]:
    """Yield the runs of letters of what stands between two spaces, with one space before and one after."""
    shortest, longest = vectorizer.ngram_range
    for piece in _NO_SPACE.finditer(text):
        start, end = piece.span()
        padded = f" {piece.group()} "
        for length in range(shortest, longest + 1):
            for at in range(max(len(padded) - length, 0) + 1):
                first = start - 1 + at
                yield padded[at : at + length], [(max(first, start), min(first + length, end))]
            if length >= len(padded):  # the whole of a short piece counts once
                break
