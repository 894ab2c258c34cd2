"""Sentences behind terms: some of each group for each listed term.

A sentence is drawn by a hash of its id and a seed, so neither the order of the rows nor the division of a
corpus into parts matters, and those of different documents come first. The sentences are divided into words
once and looked up in a tree of the wanted terms; no term is searched for by itself. The hash is that of
Polars, which is the same for one version of Polars.
"""

import re
from collections.abc import Sequence
from unicodedata import combining, is_normalized, normalize

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.lexicon.words import APOSTROPHES, GAP, INVISIBLE, WORD, plain

Integers = NDArray[np.int64]

SHOWN = ("id", "source", "article", "date", "frames", "voice", "text")
"""Columns of the sentences that the concordance shows; those that are not there are null."""

# Python's \w has no combining marks, that of Polars has.
_LETTER = r"[\p{L}\p{N}_]"
_WORD = re.compile(f"{WORD}|{GAP}".replace(_LETTER, r"\w").replace(r"\w", r"[\w\u0300-\u036f]"))
_APOSTROPHE = re.compile(APOSTROPHES)
_INVISIBLE = re.compile(INVISIBLE)

_NONE = -1


def tokens(texts: pl.Series) -> pl.Series:
    """Return the words of each text, of `words.WORD`, and the gaps between them."""
    found = pl.col(texts.name).str.extract_all(f"{WORD}|{GAP}")
    return plain(texts).to_frame().lazy().select(found).collect(engine="streaming").to_series()


def find_examples(part: pl.DataFrame, wanted: pl.DataFrame, number: int, seed: int) -> pl.DataFrame:
    """Return up to `number` sentences of the part for each wanted term.

    Args:
        part: sentences with `id`, `source`, `article`, `date`, `text` and `group`; perhaps `frames` and
            `voice`. With a column `within`, a sentence is an example in its own part of the corpus alone;
            without one, in every `within` that is wanted. All sentences of an article are in one part.
        wanted: `within`, `group`, `term` (words with one space between them), each row once.
        number: of sentences a row of `wanted`.
        seed: of the draw.

    Returns:
        The columns of `Lexicon.concordance` and `draw`, by which `best_examples` chooses among parts; in
        order of `within`, `group`, `term` and choice.
    """
    hits = _hits(part, wanted)
    # Ids may be unique within a source only.
    draw = part.select(pl.struct("id", "source", "article").hash(seed)).to_series()
    chosen = _chosen(hits.with_columns(draw[hits["row"]].alias("draw")), ["asked"], number)
    rows = wanted.select("within", "group", "term")[chosen["asked"]]
    rows = rows.with_columns(chosen["draw"], chosen["row"]).sort(
        "within", "group", "term", maintain_order=True
    )
    texts = part.select(pl.col(c) if c in part.columns else pl.lit(None).alias(c) for c in SHOWN)
    shown = pl.concat([rows.drop("row"), texts[rows["row"]]], how="horizontal")
    if shown.schema["frames"] == pl.List(pl.String):
        shown = shown.with_columns(pl.col("frames").list.join(";"))
    shown = shown.with_columns(pl.col("frames", "voice").cast(pl.String))
    places = [_place(text, term) or (None, None) for text, term in shown.select("text", "term").iter_rows()]
    ends = pl.DataFrame(places, schema={"start": pl.Int64, "end": pl.Int64}, orient="row")
    return pl.concat([shown, ends], how="horizontal").select(
        "within", "group", "term", *SHOWN, "start", "end", "draw"
    )


def best_examples(parts: Sequence[pl.DataFrame], number: int) -> pl.DataFrame:
    """Return the examples of a whole corpus, the columns of `Lexicon.concordance`.

    Args:
        parts: of `find_examples`, one or more, with the same wanted terms and seed.
        number: of sentences a term; at most that of `find_examples`.
    """
    every = pl.concat(parts).with_columns(document=pl.struct("source", "article").hash(0))
    return _chosen(every, ["within", "group", "term"], number).drop("draw", "document")


def _hits(part: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Return which sentence (`row`) holds the term of which wanted row (`asked`), with `document`."""
    terms = wanted["term"].unique().sort()
    groups = wanted["group"].unique().sort()
    code = {"term": pl.Enum(terms), "group": pl.Enum(groups)}
    asked = wanted.select("within", pl.col("group").cast(code["group"]), pl.col("term").cast(code["term"]))
    asked = asked.with_columns(pl.col("group", "term").to_physical().cast(pl.Int64)).with_row_index("asked")
    group = part["group"].cast(code["group"], strict=False).to_physical().cast(pl.Int64)
    some = group.is_not_null()
    allowed = np.zeros((len(groups), len(terms)), dtype=np.bool_)
    allowed[asked["group"].to_numpy(), asked["term"].to_numpy()] = True
    columns = [each for each in ("within", "source", "article", "text") if each in part.columns]
    row = part.select(columns).with_row_index("row").filter(some)
    of = group.filter(some).to_numpy()
    sentence, term = _places_of(terms.to_list(), tokens(row["text"]), of, allowed)
    hits = pl.DataFrame({"sentence": sentence, "group": of[sentence], "term": term})
    keys = ["group", "term"]
    if "within" in part.columns:
        hits = hits.with_columns(row["within"][sentence])
        keys.append("within")
    hits = hits.join(asked, on=keys)
    document = row.select(pl.struct("source", "article").hash(0)).to_series()
    return hits.select("asked", row=row["row"][hits["sentence"]], document=document[hits["sentence"]])


def _chosen(found: pl.DataFrame, key: list[str], number: int) -> pl.DataFrame:
    """Return the first sentences of every document by their draw, then the second ones, up to `number`."""
    ordered = found.sort(*key, "draw")
    turn = pl.int_range(pl.len()).over(*key, "document")
    ordered = ordered.with_columns(turn=turn).sort(*key, "turn", "draw", maintain_order=True)
    return ordered.filter(pl.int_range(pl.len()).over(key) < number).drop("turn")


def _places_of(
    terms: list[str], words: pl.Series, group: Integers, allowed: NDArray[np.bool_]
) -> tuple[Integers, Integers]:
    """Return which sentence holds which term that is allowed in its group, each pair once.

    A tree of the terms is walked from all words of all sentences at once. A node is a beginning of a term;
    its number and that of the next word are looked up as one number, and a walk ends where nothing that its
    group asks for can follow.
    """
    parts = [term.split(" ") for term in terms]
    known = sorted({word for part in parts for word in part})
    flat = words.explode(empty_as_null=False).cast(pl.Enum(known), strict=False).to_physical()
    codes = flat.cast(pl.Int32).fill_null(_NONE).to_numpy()
    row = np.repeat(np.arange(len(words), dtype=np.int32), words.list.len().to_numpy())
    at = np.flatnonzero(codes != _NONE)
    state = np.zeros(len(at), dtype=np.int64)
    pairs = [np.empty(0, dtype=np.int64)]
    node: dict[tuple[str, ...], int] = {}
    for order in range(1, max(map(len, parts), default=0) + 1):
        steps, ends, reach = _level(
            parts, order, node, {word: code for code, word in enumerate(known)}, allowed
        )
        inside = at + order - 1 < len(codes)
        at, state = at[inside], state[inside]
        following = codes[at + order - 1]
        going = (following != _NONE) & (row[at] == row[at + order - 1])
        at, step = at[going], (state * len(known) + following)[going]
        place, on = _looked_up(steps, step, len(known) if order == 1 else None)
        on &= reach[group[row[at]], place]
        at, state = at[on], place[on]
        sentence, term = row[at], ends[state]
        asked = (term != _NONE) & allowed[group[sentence], term]
        pairs.append(sentence[asked].astype(np.int64) * len(terms) + term[asked])
    pair = np.sort(np.concatenate(pairs))
    pair = pair[np.diff(pair, prepend=-1) > 0]
    return pair // max(1, len(terms)), pair % max(1, len(terms))


def _level(
    parts: list[list[str]],
    order: int,
    node: dict[tuple[str, ...], int],
    number: dict[str, int],
    allowed: NDArray[np.bool_],
) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """Return the nodes of so many words: the steps to them, ascending; the terms that end there; and which
    groups ask for a term through them, shape (groups, nodes).

    The nodes are entered in `node` by their place among the steps.
    """
    begun = {tuple(part[:order]) for part in parts if len(part) >= order}
    step = {each: node.get(each[:-1], 0) * len(number) + number[each[-1]] for each in begun}
    ordered = sorted(begun, key=step.__getitem__)
    node.update({each: place for place, each in enumerate(ordered)})
    ends = np.full(len(ordered), _NONE, dtype=np.int64)
    reach = np.zeros((len(allowed), len(ordered)), dtype=np.bool_)
    for term, part in enumerate(parts):
        if len(part) >= order:
            reach[:, node[tuple(part[:order])]] |= allowed[:, term]
        if len(part) == order:
            ends[node[tuple(part)]] = term
    return np.array([step[each] for each in ordered], dtype=np.int64), ends, reach


def _looked_up(steps: Integers, step: Integers, size: int | None) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the places of steps among the known ones, which ascend, and whether they are known.

    Single words are so many that a table of all `size` is worth its room.
    """
    if size is None:
        place = np.minimum(np.searchsorted(steps, step), len(steps) - 1)
        return place, steps[place] == step
    table = np.full(size, _NONE, dtype=np.int64)
    table[steps] = np.arange(len(steps))
    return table[step], table[step] != _NONE


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
