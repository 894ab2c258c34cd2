"""Make as many sentences as are asked for, from a file of headlines or from made-up words.

    python experiments/010-lexicon-speed/million.py out=FILE [sentences=1000000] [sources=5] [headlines=FILE]

Headlines are drawn with replacement. In each one word is replaced by another word of the same source, drawn
at random, and 1 to 12 of them make an article. The five largest sources are kept, with the shares that they
have. With more than five sources, the articles of each are dealt at random to as many parts. Without a file
of headlines, there are headlines of made-up words instead: Zipf's law, and sources that prefer other words.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

SOURCES = 5
LONGEST_ARTICLE = 12
AT_ONCE = 500_000
"""Sentences that are made at once; more would only need more memory."""
SEED = 0
MADE_UP_HEADLINES, MADE_UP_WORDS = 100_000, 60_000
TILT = 0.5
"""Standard deviation, in natural logarithms, of how much a made-up source prefers a word."""


@dataclass(frozen=True)
class Pool:
    """Headlines as numbers of words.

    Attributes:
        words: the vocabulary.
        codes: the words of all headlines, one after the other, as places in `words`.
        starts, lengths: of each headline in `codes`.
        headlines: for each source the headlines that it has.
        names: of the sources.
        dates: of the headlines.
    """

    words: pl.Series
    codes: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    headlines: list[np.ndarray]
    names: list[str]
    dates: pl.Series


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    sentences, sources = int(options.get("sentences", 1_000_000)), int(options.get("sources", SOURCES))
    if sources % SOURCES:
        sys.exit(f"error: found sources={sources}, expected a multiple of {SOURCES}.")
    generator = np.random.default_rng(SEED)
    pool = read_pool(Path(options["headlines"])) if options.get("headlines") else made_up_pool(generator)
    write_sentences(pool, sentences, sources // SOURCES, Path(options["out"]), generator)


def read_pool(path: Path) -> Pool:
    """Return the headlines of the five largest sources of a Parquet file with text, source and date."""
    table = pl.read_parquet(path, columns=["text", "source", "date"]).drop_nulls(["text", "source"])
    largest = table.group_by("source").len().sort("len", "source", descending=[True, False])
    names = sorted(largest["source"].head(SOURCES))
    words = pl.col("text").str.strip_chars().str.split(" ")
    table = table.filter(pl.col("source").is_in(names)).with_columns(words=words)
    flat = table["words"].explode(empty_as_null=False)
    vocabulary = flat.unique(maintain_order=True)
    places = pl.DataFrame({"word": vocabulary}).with_row_index("code")
    codes = pl.DataFrame({"word": flat}).join(places, on="word", how="left", maintain_order="left")["code"]
    source = table["source"].to_numpy()
    return pool_of(
        vocabulary,
        codes.to_numpy(),
        table["words"].list.len().to_numpy(),
        [np.flatnonzero(source == name) for name in names],
        names,
        table["date"].cast(pl.String),
    )


def made_up_pool(generator: np.random.Generator) -> Pool:
    """Return headlines of 5 to 25 made-up words each, in five sources of the same size."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words = [
        "".join(syllables[number // len(syllables) ** place % len(syllables)] for place in range(3))
        for number in range(MADE_UP_WORDS)
    ]
    zipf = 1 / (np.arange(MADE_UP_WORDS) + 2.7)
    lengths = generator.integers(5, 26, MADE_UP_HEADLINES)
    source = np.sort(generator.integers(0, SOURCES, MADE_UP_HEADLINES))
    drawn = []
    for number in range(SOURCES):
        weights = np.cumsum(zipf * np.exp(generator.normal(0, TILT, MADE_UP_WORDS)))
        draws = generator.random(lengths[source == number].sum()) * weights[-1]
        drawn.append(np.searchsorted(weights, draws, side="right"))
    return pool_of(
        pl.Series(words),
        np.concatenate(drawn),
        lengths,
        [np.flatnonzero(source == number) for number in range(SOURCES)],
        [f"source-{number}" for number in range(SOURCES)],
        pl.Series([None] * MADE_UP_HEADLINES, dtype=pl.String),
    )


def pool_of(words, codes, lengths, headlines, names, dates) -> Pool:
    lengths = lengths.astype(np.int64)
    return Pool(words, codes, np.cumsum(lengths) - lengths, lengths, headlines, names, dates)


def write_sentences(
    pool: Pool, sentences: int, parts: int, out: Path, generator: np.random.Generator
) -> None:
    """Write a Parquet file with id, text, source, article and date; every source in `parts` parts."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft, written, articles = out.with_suffix(".draft"), 0, 0
    writer = None
    while written < sentences:
        made = some_sentences(pool, min(AT_ONCE, sentences - written), parts, generator, written, articles)
        articles += made["article"].n_unique()
        written += made.height
        table = made.to_arrow()
        writer = writer or pq.ParquetWriter(draft, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
        draft.rename(out)


def some_sentences(
    pool: Pool, number: int, parts: int, generator: np.random.Generator, first: int, first_article: int
) -> pl.DataFrame:
    """Return `number` sentences; articles are not cut but by the end."""
    sizes = generator.integers(1, LONGEST_ARTICLE + 1, number)
    article = np.repeat(np.arange(number), sizes)[:number]
    articles = int(article[-1]) + 1
    shares = np.array([len(rows) for rows in pool.headlines], dtype=float)
    source = generator.choice(SOURCES, articles, p=shares / shares.sum())
    part = generator.integers(0, parts, articles)
    of_source = source[article]
    drawn = np.empty(number, dtype=np.int64)
    replacements = np.empty(number, dtype=np.int64)
    for one, rows in enumerate(pool.headlines):
        here = of_source == one
        drawn[here] = generator.choice(rows, here.sum())
        givers = generator.choice(rows, here.sum())
        replacements[here] = a_word_of(pool, givers, generator)
    names = np.array([name_of(pool, one, each, parts) for one in range(SOURCES) for each in range(parts)])
    return pl.DataFrame(
        {
            "id": pl.Series(np.arange(first, first + number)).cast(pl.String),
            "text": texts(pool, drawn, replacements, generator),
            "source": names[of_source * parts + part[article]],
            "article": pl.Series(article + first_article).cast(pl.String),
            "date": pool.dates.gather(drawn[np.searchsorted(article, article)]),
        }
    )


def name_of(pool: Pool, source: int, part: int, parts: int) -> str:
    return pool.names[source] if parts == 1 else f"{pool.names[source]}-{part:03d}"


def a_word_of(pool: Pool, headlines: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the code of one word of each headline, drawn at random."""
    return pool.codes[pool.starts[headlines] + generator.integers(0, pool.lengths[headlines])]


def texts(
    pool: Pool, drawn: np.ndarray, replacements: np.ndarray, generator: np.random.Generator
) -> pl.Series:
    """Return the drawn headlines, each with one word replaced."""
    lengths = pool.lengths[drawn]
    begins = np.cumsum(lengths) - lengths
    places = np.arange(lengths.sum()) + np.repeat(pool.starts[drawn] - begins, lengths)
    codes = pool.codes[places].astype(np.int64)
    codes[begins + generator.integers(0, lengths)] = replacements
    words = pl.DataFrame({"row": np.repeat(np.arange(len(drawn)), lengths), "word": pool.words.gather(codes)})
    return words.group_by("row", maintain_order=True).agg(pl.col("word").str.join(" "))["word"]


if __name__ == "__main__":
    main()
