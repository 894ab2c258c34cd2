"""What must be known before a lexicon is read."""

from collections.abc import Iterator

import polars as pl

from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import TOO_FEW, Lexicon

WITHIN_DOCUMENTS = ("frame", "frames", "voice", "kind")
"""Columns whose values differ within a document."""


def remarks(lexicon: Lexicon, settings: LexiconSettings) -> list[str]:
    """Return notices about what the numbers rest on."""
    return [
        *_inference(lexicon, settings),
        *_units(lexicon, settings),
        *_strata(lexicon),
        *_self_check(lexicon),
    ]


def _inference(lexicon: Lexicon, settings: LexiconSettings) -> Iterator[str]:
    few = lexicon.groups.filter(pl.col("documents") < settings.min_documents)
    without = lexicon.comparisons.filter(pl.col("inference") == TOO_FEW).height
    if not few.height:
        return
    smallest = few.sort("documents").row(0, named=True)
    if without == lexicon.comparisons.height:
        yield (
            f"Lexicon: the smallest {settings.groups} has {smallest['documents']} document(s), inference needs "
            f"{settings.min_documents}; effects are given without p and describe these texts only."
        )
    else:
        yield (
            f"Lexicon: {few['group'].n_unique()} {settings.groups}(s) have fewer than "
            f"{settings.min_documents} documents ({_some(few['group'].unique().sort().to_list())}); {without} "
            f"of {lexicon.comparisons.height} comparisons are given without p and describe these texts only."
        )


def _units(lexicon: Lexicon, settings: LexiconSettings) -> Iterator[str]:
    documents, sentences = (int(lexicon.groups[name].sum()) for name in ("documents", "sentences"))
    if documents == sentences and lexicon.comparisons["inference"].ne(TOO_FEW).any():
        yield (
            "Lexicon: every sentence is an article of its own, so p counts sentences. If sentences share "
            "articles, say which column names them (data.columns.article); p is too small without it."
        )
    if settings.groups in WITHIN_DOCUMENTS:
        yield (
            f"Lexicon: one article has sentences of several {settings.groups} values. They are compared as if "
            "they were different documents; lexicon.strata=[article] compares them within their articles."
        )


def _strata(lexicon: Lexicon) -> Iterator[str]:
    if "strata" not in lexicon.comparisons.columns:
        return
    stratified = lexicon.comparisons.filter(pl.col("strata").is_not_null())
    left_out = stratified.filter(pl.col("documents_left_out") > 0)
    if left_out.height:
        most = left_out.sort("documents_left_out", descending=True).row(0, named=True)
        yield (
            f"Lexicon: in {left_out.height} of {stratified.height} comparisons documents stand in strata that "
            f"one side alone has, and are left out there; most in {most['group']} against {most['other']}: "
            f"{most['documents_left_out']}."
        )


def _self_check(lexicon: Lexicon) -> Iterator[str]:
    if not lexicon.self_check.height:
        return
    failed = lexicon.self_check.filter(~pl.col("as_expected"))
    if failed.height:
        yield (
            f"Lexicon: the self-check is not as expected for {_some(failed['group'].to_list())}: where nothing "
            "is to be found, p is below .05 too often or too rarely. Do not rely on p there."
        )


def _some(names: list[str], shown: int = 5) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
