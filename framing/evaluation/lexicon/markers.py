"""Which words mark a source, and which mark a frame within sources: every word, not only the strongest.

The text is counted as a model reads it: nothing is taken out, so that boilerplate and an outlet's own name,
which a model may have learned, are words too. Documents are the unit of inference.
"""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl
from scipy.special import ndtri

from framing.evaluation.lexicon.analysis import compare, count
from framing.evaluation.lexicon.corpora import InMemory
from framing.evaluation.lexicon.documents import with_groups
from framing.evaluation.lexicon.measures import Z
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import DOCUMENTS

WITH, WITHOUT = "with the frame", "without the frame"

TERMS: dict[str, type[pl.DataType]] = {
    "word": pl.String, "count": pl.Int64, "count_rest": pl.Int64, "log_odds": pl.Float64, "z": pl.Float64,
    "marks": pl.Boolean, "inference": pl.String,
}  # fmt: skip


def source_words(sentences: pl.DataFrame, settings: LexiconSettings) -> pl.DataFrame:
    """Return every word of every source against the rest.

    Args:
        sentences: with `id`, `text`, `source` and `article`.
        settings: `prior`, `min_count`, `min_documents`, `level`; what is compared is fixed here.

    Returns:
        `source`, `word`, `count`, `count_rest`, `log_odds`, `z` (of the test over documents; over words where
        there are too few), `marks` (whether the word marks the source) and `inference`. No rows with one
        source only.
    """
    if sentences["source"].n_unique() < 2:
        return pl.DataFrame(schema={"source": pl.String, **TERMS})
    found = _every_word(sentences, replace(settings, groups="source", pairs=False, strata=()))
    return _marked(found, settings.level).rename({"group": "source"})


def frame_words(sentences: pl.DataFrame, frames: Iterable[str], settings: LexiconSettings) -> pl.DataFrame:
    """Return every word of sentences with a frame against those without, compared within each source.

    Documents are what an article has with the frame, and what it has without.

    Args:
        sentences: as above, with `frames` (lists).
        frames: their ids.
        settings: as above.

    Returns:
        `frame`, then the columns of `source_words` without `source`. A frame that no source has beside
        sentences without it has no rows.
    """
    within = replace(settings, groups="has", pairs=True, strata=("source",))
    tables = [pl.DataFrame(schema={"frame": pl.String, **TERMS})]
    for frame in frames:
        has = pl.when(pl.col("frames").list.contains(frame)).then(pl.lit(WITH)).otherwise(pl.lit(WITHOUT))
        divided = sentences.with_columns(has=has)
        if divided["has"].n_unique() == 2:
            found = _marked(_every_word(divided, within), settings.level).drop("group")
            tables.append(found.select(pl.lit(frame).alias("frame"), pl.all()))
    return pl.concat(tables)


def _every_word(sentences: pl.DataFrame, settings: LexiconSettings) -> pl.DataFrame:
    whole = replace(settings, within=None, ngrams=(1, 1), listed=None, draws=0, self_check=0)
    grouped, _ = with_groups(sentences, whole)
    divided = InMemory.of(grouped)
    return compare(count(divided, whole).counts, divided.documents, whole).terms


def _marked(terms: pl.DataFrame, level: float) -> pl.DataFrame:
    """Return the words with whether each marks its group.

    With inference over documents a marker stands more often in the group, with q at most the level. (Its
    interval may hold 0 all the same: the prior shrinks the effect of a word that the other side lacks, most
    of all in short texts, and not the test.) Without inference the effect has to exceed the noise of single
    words (Monroe's z above 1.96), which is no test.
    """
    tested = pl.col("inference") == DOCUMENTS
    by_documents = pl.Series(-ndtri(terms["p"].cast(pl.Float64).to_numpy() / 2), nan_to_null=True)
    z = pl.when(tested).then(pl.col("log_odds").sign() * by_documents).otherwise(pl.col("z_words"))
    significant = (pl.col("log_odds") > 0) & (pl.col("q") <= level)
    marks = pl.when(tested).then(significant).otherwise(pl.col("z_words") > Z)
    return terms.select(
        "group",
        "count",
        "log_odds",
        "inference",
        word="term",
        count_rest="count_other",
        z=z,
        marks=marks.fill_null(False),
    ).select("group", *TERMS)
