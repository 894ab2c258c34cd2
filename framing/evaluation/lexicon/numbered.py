"""Sentences that differ from others of their source in numbers alone: bulletins, or news."""

from collections.abc import Sequence

import polars as pl

from framing.evaluation.lexicon.edges import remaining
from framing.evaluation.lexicon.noise import Noise, SentenceKeys, compared
from framing.evaluation.lexicon.noise_settings import NoiseSettings

Part = tuple[pl.DataFrame, SentenceKeys]


def numbered(part: Part) -> pl.DataFrame:
    """Return the sentences with numbers: `source`, `document`, `key`, and `alike`, the key without numbers.

    Args:
        part: sentences and what `sentence_keys` made of them with `numbers_alike` off.
    """
    sentences, keys = part
    text = remaining(sentences, keys.rows)
    holds = text.str.contains(r"\p{N}")
    alike = compared(text.filter(holds), numbers_alike=True).hash(0).alias("alike")
    return keys.rows.filter(holds).select("source", "document", "key").with_columns(alike)


def numbered_notices(parts: Sequence[pl.DataFrame], noise: Noise, settings: NoiseSettings) -> list[str]:
    """Return a notice of how many more sentences would be boilerplate if numbers were alike.

    Args:
        parts: of `numbered`, one a part of the corpus.
        noise: what was found with `numbers_alike` off.
        settings: how many documents make a sentence boilerplate.
    """
    rows = pl.concat(parts).filter(pl.col("alike").is_duplicated())
    gone = noise.decisions.filter("removed").select("source", "key")
    documents = pl.col("document").n_unique().over("source", "alike") >= settings.boilerplate_documents
    concerned = rows.filter(documents).join(gone, on=["source", "key"], how="anti")
    if concerned.is_empty():
        return []
    counts = concerned.group_by("source").len().sort("len", "source", descending=[True, False])
    source, most = counts.row(0)
    return [
        f"{concerned.height:,} sentences differ from others of their source in numbers or dates alone, in "
        f"{settings.boilerplate_documents} documents or more ({most:,} of them in {source}), and are "
        "counted. If they are headings of bulletins, lexicon.noise.numbers_alike=true takes them out; it "
        "takes news that differ in a number as well."
    ]
