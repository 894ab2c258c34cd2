"""What is taken out of sentences before their words are counted, and how much of it there was.

Counts of words tell sources apart by what nobody chose as a word: "Sign up to our newsletter", the outlet's
own name, a sentence that all took from one agency. The steps, each on what the one before left:

1. lead-ins and tails that a source repeats are cut off (`edges`); nothing left: the sentence goes;
2. boilerplate: a sentence in so many documents of one source goes from that source altogether;
3. wire copy: what is to happen to a sentence that several sources have, see `NoiseSettings.wire`;
4. own names: where a source names itself in what remains, a gap is left (`own_names`).

Sentences are compared without case, punctuation and white space; numbers may be one sign. A document is an
article of a source here, however its sentences are grouped. A corpus larger than memory is read in parts:
`edge_counts` of every part, `find_edges`; `sentence_keys` of every part, `find_noise`; then `cleaned` and
`noise_texts` of every part, and `noise_table`. However it is divided, the result is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from framing.evaluation.lexicon.edges import cut_edges, remaining
from framing.evaluation.lexicon.near_copies import SEVERAL, SKETCH, near_pairs, sketches
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.own_names import names_itself, own_names, without_names
from framing.evaluation.lexicon.words import plain

BOILERPLATE, OWN_NAME, WIRE, NEAR = "boilerplate", "own name", "wire copy", "near copy"


@dataclass(frozen=True, eq=False)
class SentenceKeys:
    """What must be known of the sentences of a part to find noise in the whole corpus.

    Attributes:
        rows: one a sentence, in the order of the part: `source`, `document`, `key` (hashes; the key is null
            where no word is left), `date`, `words`, `lead`, `tail`, `start`, `length` (of `cut_edges`),
            `named` (the source names itself).
        sketch_keys: m keys of sentences that are long enough to be wire copy, each once.
        sketches: shape (m, SKETCH), see `near_copies`.
    """

    rows: pl.DataFrame
    sketch_keys: pl.Series
    sketches: np.ndarray[tuple[int, int], np.dtype[np.uint32]]


@dataclass(frozen=True, eq=False)
class Noise:
    """What was found in the whole corpus.

    Attributes:
        edges: lead-ins and tails that are cut, of `find_edges`.
        decisions: `source`, `key`, `kind` and `removed` of sentences that are noise.
        counts: the table of noise with `key` in place of its text where the text is a sentence,
            and `others`, the number of texts in a row that stands for the rest.
        names: source -> its names.
        numbers_alike: of the settings.
    """

    edges: pl.DataFrame
    decisions: pl.DataFrame
    counts: pl.DataFrame
    names: Mapping[str, list[str]]
    numbers_alike: bool


def compared(texts: pl.Series, *, numbers_alike: bool) -> pl.Series:
    """Return texts as they are compared: words in lower case with one space between; perhaps numbers as 0."""
    text = pl.col(texts.name).str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ")
    if numbers_alike:
        text = text.str.replace_all(r"\p{N}+(?: \p{N}+)*", "0")
    table = plain(texts).to_frame().lazy().select(text.str.strip_chars(" "))
    return table.collect(engine="streaming").to_series()


def sentence_keys(part: pl.DataFrame, edges: pl.DataFrame, settings: NoiseSettings) -> SentenceKeys:
    """Return the keys of the sentences of a part.

    Args:
        part: sentences with `text`, `source`, `article` and `date`, all of an article in one part.
        edges: of `find_edges`, for the whole corpus.
        settings: what counts as noise.
    """
    cut = cut_edges(part, edges)
    left = remaining(part, cut)
    texts = compared(left, numbers_alike=settings.numbers_alike)
    rows = part.select(
        "source", pl.struct("source", "article").hash(0).alias("document"), "date"
    ).with_columns(
        pl.when(texts != "").then(texts.hash(0)).alias("key"),
        (texts.str.count_matches(" ", literal=True) + 1).cast(pl.UInt32).alias("words"),
        *cut.get_columns(),
        names_itself(part.select("source", left), _names(part, settings)).alias("named"),
    )
    long = rows.select("key", "words", text=texts).filter(pl.col("words") >= settings.wire_words)
    long = long.drop_nulls().unique("key", keep="any")
    return SentenceKeys(rows, long["key"], sketches(long["text"]))


def find_noise(keys: Sequence[SentenceKeys], edges: pl.DataFrame, settings: NoiseSettings) -> Noise:
    """Find the noise in a whole corpus.

    Args:
        keys: of `sentence_keys`, one a part.
        edges: of `find_edges`, for the whole corpus.
        settings: what counts as noise.
    """
    rows = pl.concat([each.rows for each in keys])
    boilerplate = _boilerplate(rows, settings)
    left = rows.join(boilerplate, on=["source", "key"], how="anti").filter(pl.col("key").is_not_null())
    texts = _texts(left.filter(pl.col("words") >= settings.wire_words))
    wire = _decided(_families(texts, keys, settings), settings)
    decisions = pl.concat([boilerplate, wire]).sort("source", "key")
    names = _names(rows, settings)
    counts = _counts(rows, decisions, names, settings.listed)
    return Noise(edges, decisions, counts, names, settings.numbers_alike)


def _names(rows: pl.DataFrame, settings: NoiseSettings) -> dict[str, list[str]]:
    sources = rows["source"].unique().sort().to_list()
    return {source: own_names(source, settings.names.get(source, ())) for source in sources}


def _boilerplate(rows: pl.DataFrame, settings: NoiseSettings) -> pl.DataFrame:
    # What stands once in the corpus needs no counting, and that is most of it.
    often = rows.select("source", "key", "document").filter(pl.col("key").is_duplicated()).drop_nulls()
    found = (
        often.unique().group_by("source", "key").len().filter(pl.col("len") >= settings.boilerplate_documents)
    )
    return found.select("source", "key", kind=pl.lit(BOILERPLATE), removed=pl.lit(True))


def _texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row a source and key, with the first `date`, and whether the key is `exact`: in several."""
    rows = rows.select("source", "key", "date")
    again = rows["key"].is_duplicated()
    texts = pl.concat([rows.filter(~again), rows.filter(again).group_by("source", "key").agg(pl.min("date"))])
    return texts.with_columns(exact=pl.col("key").is_duplicated()).sort("key", "source")


def _families(texts: pl.DataFrame, keys: Sequence[SentenceKeys], settings: NoiseSettings) -> pl.DataFrame:
    """Return the rows of `texts` that have copies, with `near` and `family`, a number that copies share."""
    found = texts.with_columns(source_code=pl.col("source").rank("dense").cast(pl.Int64))
    code = pl.when("exact").then(SEVERAL).otherwise("source_code").alias("source_code")
    distinct = found.select("key", code).unique().sort("key").with_row_index("family")
    known = pl.concat([each.sketch_keys.to_frame() for each in keys]).with_row_index("at")
    at = distinct.join(known.unique("key", keep="first"), on="key", how="left", maintain_order="left")["at"]
    every = np.concatenate([np.empty((0, SKETCH), dtype=np.uint32), *(each.sketches for each in keys)])
    one, other = near_pairs(every[at.to_numpy()], distinct["source_code"].to_numpy(), settings.similarity)
    near = np.zeros(len(distinct), dtype=np.bool_)
    near[one] = near[other] = True
    distinct = distinct.with_columns(near=near)
    if settings.near_copies and len(distinct):
        links = csr_matrix((np.ones(len(one)), (one, other)), shape=(len(distinct), len(distinct)))
        distinct = distinct.with_columns(family=connected_components(links, directed=False)[1])
    texts = texts.join(distinct.select("key", "near", "family"), on="key")
    return texts.filter(pl.col("near") | pl.col("exact"))


def _decided(families: pl.DataFrame, settings: NoiseSettings) -> pl.DataFrame:
    """Return what happens to texts that have copies: `source`, `key`, `kind`, `removed`."""
    first = families.sort("date", "source", nulls_last=True).unique(
        "family", keep="first", maintain_order=True
    )
    joined = families.join(first.select("family", first="source"), on="family")
    removed = {"keep": pl.lit(False), "drop": pl.lit(True), "once": pl.col("source") != pl.col("first")}
    kind = pl.when("exact").then(pl.lit(WIRE)).otherwise(pl.lit(NEAR))
    treated = pl.col("exact") | settings.near_copies
    return joined.select("source", "key", kind=kind, removed=treated & removed[settings.wire])


def _counts(
    rows: pl.DataFrame, decisions: pl.DataFrame, names: Mapping[str, list[str]], listed: int
) -> pl.DataFrame:
    """Return how much of each noise there is, the most frequent texts of a kind and source by themselves."""
    columns = ("kind", "source", "key", "text", "document", "removed")
    cut = pl.col("start").is_not_null()
    suspect = cut | pl.col("named") | pl.col("key").is_in(decisions["key"].unique().implode())
    noisy = rows.filter(suspect).join(decisions, on=["source", "key"], how="left")
    edges = [
        noisy.filter(pl.col(column).is_not_null()).with_columns(
            kind=pl.lit(kind), key=pl.lit(None, dtype=pl.UInt64), text=column, removed=pl.lit(True)
        )
        for kind, column in (("lead-in", "lead"), ("tail", "tail"))
    ]
    noisy = noisy.with_columns(text=pl.lit(None, dtype=pl.String))
    spoken = {source: ", ".join(own) for source, own in names.items()}
    own = noisy.filter(pl.col("named") & ~pl.col("removed").fill_null(False)).with_columns(
        kind=pl.lit(OWN_NAME),
        key=pl.lit(None, dtype=pl.UInt64),
        text=pl.col("source").replace_strict(spoken, return_dtype=pl.String),
        removed=pl.lit(True),
    )
    whole = noisy.filter(pl.col("kind").is_not_null())
    taken = pl.concat([each.select(columns) for each in (*edges, whole, own)])
    group, what = ["kind", "source", "removed"], ["key", "text"]
    measures = [pl.len().alias("sentences"), pl.col("document").n_unique().alias("documents")]
    single = taken.group_by(group + what).agg(measures)
    single = single.sort("sentences", *what, descending=[True, False, False])
    place = pl.int_range(pl.len()).over(group)
    shown = single.with_columns(place=place).filter(pl.col("place") < listed).drop("place")
    rest = taken.join(shown, on=group + what, how="anti", nulls_equal=True)
    others = rest.group_by(group).agg(pl.struct(what).n_unique().alias("others"), *measures)
    return pl.concat([shown, others], how="diagonal").sort(
        "kind", "source", "removed", "others", "sentences", *what,
        descending=[False, False, True, False, True, False, False],
    )  # fmt: skip


def cleaned(part: pl.DataFrame, keys: SentenceKeys, noise: Noise) -> pl.DataFrame:
    """Return the part without noise: sentences that are gone, and texts that are mended, in the same order.

    Args:
        part: the sentences that `keys` was made from, in the same order.
        keys: of `sentence_keys`.
        noise: of `find_noise`, for the whole corpus.
    """
    gone = noise.decisions.filter("removed").select("source", "key", "removed")
    row = keys.rows.select("source", "key", cut=pl.col("start").is_not_null())
    row = row.join(gone, on=["source", "key"], how="left", maintain_order="left")
    # What had no word before is not ours to remove; what lost its words to a cut is.
    stays = row.select(pl.col("removed").is_null() & ~(pl.col("key").is_null() & pl.col("cut"))).to_series()
    left = part.with_columns(remaining(part, keys.rows)).filter(stays)
    named = keys.rows["named"].filter(stays)
    return left.with_columns(without_names(left, named, noise.names))


def noise_texts(part: pl.DataFrame, keys: SentenceKeys, noise: Noise) -> pl.DataFrame:
    """Return the texts of sentences that are listed, as they are compared: `key`, `text`."""
    listed = keys.rows["key"].is_in(noise.counts["key"].drop_nulls().unique().implode())
    some = keys.rows.filter(listed).select("key", "start", "length")
    text = compared(remaining(part.filter(listed), some), numbers_alike=noise.numbers_alike)
    return pl.DataFrame({"key": some["key"], "text": text}).unique()


def noise_table(noise: Noise, texts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the table of noise.

    Args:
        noise: of `find_noise`.
        texts: of `noise_texts`, one a part.

    Returns:
        `kind` ("lead-in", "tail", "boilerplate", "wire copy", "near copy", "own name"), `group` (the source),
        `text` (as it is compared; of own names, all), `sentences`, `documents`, `removed`. The most
        frequent first; a last row of a kind and source stands for the texts that are not listed.
    """
    known = pl.concat(texts).unique("key").rename({"text": "sentence"})
    table = noise.counts.join(known, on="key", how="left", maintain_order="left")
    rest = pl.format("(others: {})", "others")
    text = pl.coalesce("text", "sentence", rest).alias("text")
    return table.select("kind", pl.col("source").alias("group"), text, "sentences", "documents", "removed")
