"""Sentences behind terms: some of each group for each listed term.

A sentence is drawn by a hash of its id and a seed, so neither the order of the rows nor the division of a
corpus into parts matters, and those of different documents come first. Terms are found where they were
counted: no text is searched. The hash is that of Polars, which is the same for one version of Polars.
"""

import re
from collections.abc import Sequence
from unicodedata import combining, is_normalized, normalize

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.lexicon.counting import Integers, Terms, occurrences
from framing.evaluation.lexicon.words import APOSTROPHES, GAP, INVISIBLE, WORD, Tokens

SHOWN = ("id", "source", "article", "date", "frames", "voice", "text")
"""Columns of the sentences that the concordance shows; those that are not there are null."""

LOOKED_AT = 8
"""So many times the number of documents that are wanted are looked at, of a term that more documents hold."""

# Python's \\w has no combining marks, that of Polars has.
_LETTER = r"[\p{L}\p{N}_]"
_WORD = re.compile(f"{WORD}|{GAP}".replace(_LETTER, r"\w").replace(r"\w", r"[\w\u0300-\u036f]"))
_APOSTROPHE = re.compile(APOSTROPHES)
_INVISIBLE = re.compile(INVISIBLE)


def find_examples(
    part: pl.DataFrame,
    tokens: Tokens,
    terms: Terms,
    wanted: pl.DataFrame,
    *,
    ngrams: tuple[int, int],
    number: int,
    seed: int,
) -> pl.DataFrame:
    """Return up to `number` sentences of the part for each wanted term.

    Args:
        part: sentences with `id`, `source`, `article`, `date`, `text` and `group`, those of a group together;
            perhaps `frames` and `voice`. All sentences of a document are in one part.
        tokens: their words.
        terms: the terms that are counted.
        wanted: `group`, `term`, `column` (of the term) and `documents` (of the group that hold it), each row
            once.
        ngrams: shortest and longest n-gram, in words.
        number: of sentences a row of `wanted`.
        seed: of the draw.

    Returns:
        The columns of `Lexicon.concordance` but `within`, and `draw`, by which `best_examples` chooses among
        parts; in order of `group`, `term` and choice.
    """
    # Ids may be unique within a source only.
    draw = part.select(pl.struct("id", "source", "article").hash(seed)).to_series()
    asked, row = _hits(part, tokens, terms, wanted, (draw.to_numpy(), ngrams, number))
    document = part.select(pl.struct("source", "article").hash(0)).to_series()
    found = pl.DataFrame({"asked": asked, "row": row}).unique()
    found = found.with_columns(draw=draw[found["row"]], document=document[found["row"]])
    chosen = _chosen(found, ["asked"], number)
    rows = wanted.select("group", "term")[chosen["asked"]]
    rows = rows.with_columns(chosen["draw"], chosen["row"]).sort("group", "term", maintain_order=True)
    texts = part.select(pl.col(c) if c in part.columns else pl.lit(None).alias(c) for c in SHOWN)
    shown = pl.concat([rows.drop("row"), texts[rows["row"]]], how="horizontal")
    if shown.schema["frames"] == pl.List(pl.String):
        shown = shown.with_columns(pl.col("frames").list.join(";"))
    shown = shown.with_columns(pl.col("frames", "voice").cast(pl.String))
    places = [_place(text, term) or (None, None) for text, term in shown.select("text", "term").iter_rows()]
    ends = pl.DataFrame(places, schema={"start": pl.Int64, "end": pl.Int64}, orient="row")
    shown = pl.concat([shown, ends], how="horizontal")
    return shown.select("group", "term", *SHOWN, "start", "end", "draw")


def best_examples(parts: Sequence[pl.DataFrame], number: int) -> pl.DataFrame:
    """Return the examples of a whole corpus, the columns of `Lexicon.concordance` but `within`.

    Args:
        parts: of `find_examples`, one or more, with the same wanted terms and seed.
        number: of sentences a term; at most that of `find_examples`.
    """
    every = pl.concat(parts).with_columns(document=pl.struct("source", "article").hash(0))
    return _chosen(every, ["group", "term"], number).drop("draw", "document")


def _hits(
    part: pl.DataFrame,
    tokens: Tokens,
    terms: Terms,
    wanted: pl.DataFrame,
    drawn: tuple[NDArray[np.uint64], tuple[int, int], int],
) -> tuple[Integers, Integers]:
    """Return which row of `wanted` stands in which row of the part; of frequent terms only some."""
    draw, ngrams, number = drawn
    lengths = np.diff(tokens.ends, prepend=0)
    row_of_word = np.repeat(np.cumsum(tokens.begins) - 1, lengths)
    if part.is_empty():
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    names = part["group"].rle().struct.unnest()
    ends = np.cumsum(names["len"].to_numpy())
    looked_up = {group: _limits(wanted, group, len(terms.texts), number) for group in names["value"].unique()}
    asked, rows = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for starts, columns in occurrences(terms, tokens, ngrams):
        row = row_of_word[starts]
        cuts = np.searchsorted(row, ends)
        for group, begin, end in zip(names["value"], [0, *cuts[:-1]], cuts, strict=True):
            index, limit = looked_up[group]
            own = columns[begin:end]
            hit = np.flatnonzero(draw[row[begin:end]] < limit[own])
            asked.append(index[own[hit]])
            rows.append(row[begin:end][hit])
    return np.concatenate(asked), np.concatenate(rows)


def _limits(wanted: pl.DataFrame, group: str, width: int, number: int) -> tuple[Integers, NDArray[np.uint64]]:
    """Return for every term its row of `wanted`, and below which draw its sentences are looked at."""
    own = wanted.with_row_index("row").filter(pl.col("group") == group)
    index, limit = np.zeros(width, dtype=np.int64), np.zeros(width, dtype=np.uint64)
    column = own["column"].to_numpy()
    index[column] = own["row"].to_numpy()
    share = np.minimum(LOOKED_AT * number / own["documents"].to_numpy(), 1.0)
    limit[column] = (share * (2.0**64 - 2**12)).astype(np.uint64)
    return index, limit


def _chosen(found: pl.DataFrame, key: list[str], number: int) -> pl.DataFrame:
    """Return the first sentences of every document by their draw, then the second ones, up to `number`."""
    ordered = found.sort(*key, "draw")
    turn = pl.int_range(pl.len()).over(*key, "document")
    ordered = ordered.with_columns(turn=turn).sort(*key, "turn", "draw", maintain_order=True)
    return ordered.filter(pl.int_range(pl.len()).over(key) < number).drop("turn")


def _place(text: str, term: str) -> tuple[int, int] | None:
    """Return where the term stands first in the text, in characters; None where Python finds no word."""
    wanted = term.split(" ")
    as_words, origin = _with_origin(text)
    found = list(_WORD.finditer(as_words))
    words = [match.group() for match in found]
    for at in range(len(words) - len(wanted) + 1):
        if words[at : at + len(wanted)] == wanted:
            return origin[found[at].start()], origin[found[at + len(wanted) - 1].end()]
    return None


def _with_origin(text: str) -> tuple[str, Sequence[int]]:
    """Return a text as `words.plain` does, and where each of its characters, and its end, is in the text."""
    lower = _APOSTROPHE.sub("'", text).lower()
    if len(lower) == len(text) and is_normalized("NFC", text) and not _INVISIBLE.search(text):
        return lower, range(len(text) + 1)
    starts = [at for at, sign in enumerate(text) if not at or not combining(sign)]
    pieces: list[str] = []
    origin: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = _APOSTROPHE.sub("'", _INVISIBLE.sub("", normalize("NFC", text[start:end]))).lower()
        pieces.append(piece)
        origin.extend([start] * len(piece))
    return "".join(pieces), [*origin, len(text)]
