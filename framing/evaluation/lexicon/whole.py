"""A whole lexicon report from sentences: take out noise, compare words, find choices, keep the sentences
behind.

grouped, left_out = with_groups(pl.DataFrame({"id": ..., "text": ..., "source": ...}), settings)
lexicon = whole_lexicon(InMemory.of(grouped), LexiconRules(settings, noise=None, alternations=None))
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import polars as pl

from framing.core.errors import FramingError
from framing.evaluation.lexicon.alternation import AlternationSettings, alternation_tables
from framing.evaluation.lexicon.alternation_file import Alternations
from framing.evaluation.lexicon.analysis import Counted, compare, count, stacked
from framing.evaluation.lexicon.choices import find_choices
from framing.evaluation.lexicon.concordance import best_examples, find_examples
from framing.evaluation.lexicon.corpora import Sentences
from framing.evaluation.lexicon.edges import edge_counts, find_edges
from framing.evaluation.lexicon.misread import misread, misread_notices
from framing.evaluation.lexicon.noise import (
    cleaned,
    find_noise,
    noise_table,
    noise_texts,
    sentence_keys,
)
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.numbered import numbered, numbered_notices
from framing.evaluation.lexicon.remarks import remarks
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.side_by_side import side_by_side
from framing.evaluation.lexicon.tables import THE_REST, Lexicon
from framing.evaluation.lexicon.words import GAP, Tokens

TAKEN_OUT = "…"
"""Stands in a sentence that is shown where its source's own name was taken out; as long as a `GAP`."""

Step = Callable[[str], None]
"""Is told what is done now."""


@dataclass(frozen=True)
class LexiconRules:
    """What a lexicon report does.

    Attributes:
        settings: what is compared, and how.
        noise: what is taken out before; None: nothing.
        alternations: sets of rival words; None: none.
    """

    settings: LexiconSettings
    noise: NoiseSettings | None
    alternations: Alternations | None


def quietly(step: str) -> None:
    """Tell nobody."""


def whole_lexicon(sentences: Sentences, rules: LexiconRules, tell: Step = quietly) -> Lexicon:
    """Return all tables of a lexicon.

    Args:
        sentences: with `group`, `stratum` and `within`, as `documents.with_groups` makes them.
        rules: what is done.
        tell: is told every step as it begins.

    Raises:
        FramingError: there is no term to count, in no part of the corpus.
    """
    taken = pl.DataFrame()
    noticed = misread_notices(list(side_by_side(misread, sentences.parts())))
    if rules.noise is not None:
        tell("looking for boilerplate, wire copy and names")
        sentences, taken, told = take_out_noise(sentences, rules.noise)
        noticed += told
    divided = _divided(sentences, rules.settings)
    lexicon = stacked(_within_or_why_not(value, part, rules, tell) for value, part in divided)
    if not lexicon.groups.height:
        raise FramingError("\n".join(lexicon.notices) or "lexicon: found no sentence to count.")
    lexicon = replace(lexicon, noise=taken)
    noticed += [] if rules.alternations is None else rules.alternations.notices
    return replace(lexicon, notices=[*lexicon.notices, *remarks(lexicon, rules.settings), *noticed])


def _divided(sentences: Sentences, settings: LexiconSettings) -> Iterator[tuple[str, Sentences]]:
    if settings.within is None:
        yield "", sentences
        return
    for value in sentences.values():
        yield value, sentences.within(value)


def _within_or_why_not(value: str, sentences: Sentences, rules: LexiconRules, tell: Step) -> Lexicon:
    """Return the lexicon of one part of the corpus, or only the notice that this part has none."""
    try:
        return _within(value, sentences, rules, tell)
    except FramingError as error:
        if not value:
            raise
        return Lexicon(notices=[f"Nothing is compared within {value}. {error}"])


def _within(value: str, sentences: Sentences, rules: LexiconRules, tell: Step) -> Lexicon:
    """Return the lexicon of one part of the corpus, all tables with its name."""
    tell("counting words and finding choices between rivals" + (f" ({value})" if value else ""))
    # Neither needs the other, and each keeps more than one core busy only now and then.
    with ThreadPoolExecutor(2) as pool:
        words = pool.submit(_words, sentences, rules.settings)
        rivals = pool.submit(_choices, sentences, rules.alternations, rules.settings)
        alternations, shares, choices = rivals.result()
        lexicon = replace(words.result(), alternations=alternations, shares=shares, choices=choices)
    if rules.alternations is not None and not value:
        lexicon = replace(lexicon, notices=[*lexicon.notices, *_not_found(rules.alternations, alternations)])
    shown = pl.col("text").str.replace_all(GAP, TAKEN_OUT, literal=True)
    return replace(
        lexicon,
        concordance=lexicon.concordance.with_columns(shown) if lexicon.concordance.height else pl.DataFrame(),
        choices=lexicon.choices.with_columns(shown) if lexicon.choices.height else pl.DataFrame(),
    ).within(value)


def _words(sentences: Sentences, settings: LexiconSettings) -> Lexicon:
    """Return the tables of words and the sentences behind them."""
    counted = count(sentences, settings)
    lexicon = compare(counted.counts, sentences.documents, settings)
    if not settings.examples or lexicon.terms.is_empty():
        return lexicon
    return replace(lexicon, concordance=concordance(sentences, counted, lexicon, settings))


def _not_found(alternations: Alternations, tests: pl.DataFrame) -> list[str]:
    """Return the notice about sets of which no form was found."""
    found = set(tests["set"]) if tests.height else set()
    missing = [each.name for each in alternations.sets if each.name not in found]
    if not missing:
        return []
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return [
        f"Of {len(missing)} of {len(alternations.sets)} sets of rival words no form was found: "
        f"{', '.join(missing[:5])}{more}."
    ]


def _choices(
    sentences: Sentences, alternations: Alternations | None, settings: LexiconSettings
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the three tables of rival words."""
    if alternations is None:
        return pl.DataFrame(), pl.DataFrame(), pl.DataFrame()
    found = pl.concat(side_by_side(lambda part: find_choices(part, alternations), sentences.parts()))
    how = AlternationSettings(
        min_choices=settings.min_choices,
        min_documents=settings.min_documents,
        examples=max(settings.examples, 1),
        seed=settings.seed,
    )
    return alternation_tables(found, alternations, how)


def take_out_noise(
    sentences: Sentences, settings: NoiseSettings
) -> tuple[Sentences, pl.DataFrame, list[str]]:
    """Return the sentences without noise, the table of what was taken out, and notices."""
    counts = list(side_by_side(edge_counts, sentences.parts()))
    edges = find_edges(counts, documents=settings.edge_documents, share=settings.edge_share)
    keys = list(side_by_side(lambda part: sentence_keys(part, edges, settings), sentences.parts()))
    noise = find_noise(keys, edges, settings)
    texts = [noise_texts(part, own, noise) for part, own in zip(sentences.parts(), keys, strict=True)]
    remaining = iter(keys)
    told = []
    if not settings.numbers_alike:
        pairs = zip(sentences.parts(), keys, strict=True)
        told = numbered_notices(list(side_by_side(numbered, pairs)), noise, settings)
    left = sentences.cleaned(lambda part: cleaned(part, next(remaining), noise))
    return left, noise_table(noise, texts), told


def concordance(
    sentences: Sentences, counted: Counted, lexicon: Lexicon, settings: LexiconSettings
) -> pl.DataFrame:
    """Return some sentences of the side that has more of a term, for every listed term.

    Where the side is the rest, they are of the group in it that has the term most often among its words.
    """
    listed = lexicon.terms.filter(pl.col("log_odds") > 0).select("group", "term")
    less = lexicon.terms.filter(pl.col("log_odds") < 0)
    rivals = less.filter(pl.col("other") != THE_REST).select(group="other", term="term")
    rest = _most_in_the_rest(less.filter(pl.col("other") == THE_REST), lexicon)
    wanted = pl.concat([listed, rivals, rest]).unique(maintain_order=True)
    held = lexicon.counts.select("group", "term", "documents")
    columns = pl.DataFrame({"term": counted.terms.texts}).with_row_index("column")
    wanted = wanted.join(held, on=["group", "term"], maintain_order="left")
    wanted = wanted.join(columns, on="term", maintain_order="left")

    def found(part: tuple[pl.DataFrame, Tokens]) -> pl.DataFrame:
        return find_examples(
            *part, counted.terms, wanted,
            ngrams=settings.ngrams, number=settings.examples, seed=settings.seed,
        )  # fmt: skip

    parts = list(side_by_side(found, zip(sentences.parts(), counted.tokens, strict=True)))
    return best_examples(parts, settings.examples)


def _most_in_the_rest(less: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return `group` and `term`: for terms that a group has less than the rest, who has them most."""
    rate = pl.col("count") / pl.col("words")
    held = lexicon.counts.join(less.select("term").unique(), on="term", how="semi")
    rates = held.join(lexicon.groups.select("group", "words"), on="group").with_columns(rate=rate)
    # Of the two first, one is not the group itself.
    ordered = rates.sort("term", "rate", "group", descending=[False, True, False])
    first = ordered.group_by("term", maintain_order=True).head(2).select("term", most="group")
    pairs = less.select("group", "term").join(first, on="term", maintain_order="left_right")
    others = pairs.filter(pl.col("most") != pl.col("group"))
    return others.unique(["group", "term"], keep="first", maintain_order=True).select(
        group="most", term="term"
    )
