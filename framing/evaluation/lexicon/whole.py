"""A whole lexicon report from sentences: take out noise, compare words, find choices, keep the sentences behind.

    sentences = pl.DataFrame({"id": ..., "text": ..., "source": ..., "article": ..., "date": ...})
    grouped, left_out = with_groups(sentences, settings)
    lexicon = whole_lexicon(InMemory.of(grouped), settings, noise=noise_settings, alternations=read_alternations(path))
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from framing.evaluation.lexicon.alternation import AlternationSettings, alternation_tables
from framing.evaluation.lexicon.alternation_file import Alternations
from framing.evaluation.lexicon.analysis import compare, stacked
from framing.evaluation.lexicon.choices import find_choices
from framing.evaluation.lexicon.concordance import best_examples, find_examples
from framing.evaluation.lexicon.corpora import Sentences
from framing.evaluation.lexicon.edges import edge_counts, find_edges
from framing.evaluation.lexicon.noise import (
    cleaned,
    find_noise,
    noise_table,
    noise_texts,
    sentence_keys,
)
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.remarks import remarks
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import Lexicon

Step = Callable[[str], None]
"""Is told what is done now."""


def whole_lexicon(
    sentences: Sentences,
    settings: LexiconSettings,
    *,
    noise: NoiseSettings | None,
    alternations: Alternations | None,
    tell: Step = lambda step: None,
) -> Lexicon:
    """Return all tables of a lexicon.

    Args:
        sentences: with `group`, `stratum` and `within`, as `documents.with_groups` makes them.
        settings: what is compared, and how.
        noise: what is taken out before; None: nothing.
        alternations: sets of rival words; None: none.
        tell: is told every step as it begins.
    """
    taken = pl.DataFrame()
    if noise is not None:
        tell("looking for boilerplate, wire copy and names")
        sentences, taken = take_out_noise(sentences, noise)
    found = [
        _within(value, part, settings, alternations, tell)
        for value, part in _divided(sentences, settings)
    ]
    lexicon = stacked(found)
    lexicon = replace(lexicon, noise=taken)
    return replace(lexicon, notices=remarks(lexicon, settings))


def _divided(sentences: Sentences, settings: LexiconSettings) -> Iterator[tuple[str, Sentences]]:
    if settings.within is None:
        yield "", sentences
        return
    for value in sentences.values():
        yield value, sentences.within(value)


def _within(
    value: str,
    sentences: Sentences,
    settings: LexiconSettings,
    alternations: Alternations | None,
    tell: Step,
) -> Lexicon:
    """Return the lexicon of one part of the corpus, all tables with its name."""
    named = f" ({value})" if value else ""
    tell(f"counting and comparing words{named}")
    lexicon = compare(sentences, settings)
    if settings.examples:
        tell(f"finding the sentences behind terms{named}")
        lexicon = replace(lexicon, concordance=concordance(sentences, lexicon, settings))
    if alternations is not None:
        tell(f"finding choices between rival words{named}")
        choices = pl.concat([find_choices(part, alternations) for part in sentences.parts()])
        how = AlternationSettings(
            settings.min_choices, settings.min_documents, max(settings.examples, 1), settings.seed
        )
        tests, shares, behind = alternation_tables(choices, alternations, how)
        lexicon = replace(lexicon, alternations=tests, shares=shares, choices=behind)
    return lexicon.within(value)


def take_out_noise(sentences: Sentences, settings: NoiseSettings) -> tuple[Sentences, pl.DataFrame]:
    """Return the sentences without noise, and the table of what was taken out."""
    counts = [edge_counts(part) for part in sentences.parts()]
    edges = find_edges(counts, documents=settings.edge_documents, share=settings.edge_share)
    keys = [sentence_keys(part, edges, settings) for part in sentences.parts()]
    noise = find_noise(keys, edges, settings)
    texts = [
        noise_texts(part, own, noise) for part, own in zip(sentences.parts(), keys, strict=True)
    ]
    remaining = iter(keys)
    left = sentences.cleaned(lambda part: cleaned(part, next(remaining), noise))
    return left, noise_table(noise, texts)


def concordance(sentences: Sentences, lexicon: Lexicon, settings: LexiconSettings) -> pl.DataFrame:
    """Return some sentences of each group for every term that is listed for it."""
    listed = lexicon.terms.filter(pl.col("log_odds") > 0).select("group", "term")
    rivals = lexicon.terms.filter((pl.col("log_odds") < 0) & (pl.col("count_other") > 0))
    named = rivals.filter(pl.col("other").is_in(lexicon.groups["group"].to_list()))
    wanted = pl.concat([listed, named.select(group="other", term="term")]).unique(maintain_order=True)
    wanted = wanted.select(pl.lit("").alias("within"), pl.all())
    parts = [
        find_examples(part.drop("within"), wanted, settings.examples, settings.seed)
        for part in sentences.parts()
    ]
    return best_examples(parts, settings.examples)
