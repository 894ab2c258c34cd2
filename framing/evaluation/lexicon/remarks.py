"""What must be known before a lexicon is read."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from framing.evaluation.lexicon.comparison import pairs_left_out
from framing.evaluation.lexicon.counting import Counts
from framing.evaluation.lexicon.documents import Documents
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import DOCUMENTS, NO_STRATUM, TOO_FEW, Lexicon, no_stratum_in_common

WITHIN_DOCUMENTS = ("frames", "voice", "kind")
"""Columns whose values differ within an article."""

SEVERAL_FRAMES = "A sentence with several frames is in the group of each, so on both sides of a comparison."

GIANT = 0.5
"""A document with a larger share of its group's words is told."""

SCRIPTS = {"Latin": r"\p{Latin}", "Cyrillic": r"\p{Cyrillic}", "Greek": r"\p{Greek}", "Arabic": r"\p{Arabic}",
           "Hebrew": r"\p{Hebrew}", "Chinese or Japanese": r"[\p{Han}\p{Hiragana}\p{Katakana}]"}  # fmt: skip

OTHER_SCRIPT = 0.02
"""A larger share of words in a second script is told."""


def remarks(lexicon: Lexicon, settings: LexiconSettings) -> list[str]:
    """Return notices about what the numbers rest on."""
    if not lexicon.comparisons.height:
        return ["There is one group only, or none: nothing is compared."]
    return [
        *_inference(lexicon, settings),
        *_units(lexicon, settings),
        *_strata(lexicon),
        *_rivals_over_strata(lexicon, settings),
        *_self_check(lexicon, settings),
        *_scripts(lexicon.counts),
    ]


def document_remarks(counts: Counts, documents: Documents) -> list[str]:
    """Return notices about documents without words, and about one that outweighs its group."""
    words = np.zeros(documents.table.height)
    for part in counts.parts:
        words[part.documents] = part.totals[:, 0]
    table = documents.table.with_columns(words=pl.Series(words))
    told = []
    if empty := table.filter(pl.col("words") == 0).height:
        told.append(f"{empty:,} of {table.height:,} documents have no word left, and do not count.")
    share = pl.col("words") / pl.col("words").sum().over("group")
    several = pl.len().over("group") > 1
    for row in table.with_columns(share=share).filter(several & (share > GIANT)).iter_rows(named=True):
        told.append(
            f"The article {row['article']} has {row['share']:.0%} of the words of {row['group']}: what is "
            f"found for {row['group']} is mostly found for this article."
        )
    return told


def _inference(lexicon: Lexicon, settings: LexiconSettings) -> Iterator[str]:
    alone = lexicon.groups.filter(pl.len().over("within") == 1)["within"].to_list()
    if alone:
        yield f"Nothing is compared where there is one group only: {_some(alone)}."
    every = lexicon.comparisons.height
    apart = lexicon.comparisons.filter(no_stratum_in_common())
    strata = " and ".join(settings.strata)
    if apart.height:
        row = apart.sort("group", "other").row(0, named=True)
        yield (
            f"{apart.height} of {every} comparisons have no {strata} in common, such as {row['group']} "
            f"against {row['other']}: nothing is compared there."
        )
    few = lexicon.comparisons.filter((pl.col("inference") == TOO_FEW) & ~no_stratum_in_common())
    without = few.height
    if without == every:
        smaller = lexicon.comparisons.select(pl.min_horizontal("documents", "documents_other"))
        most = max(smaller.to_series().to_list())
        yield (
            f"No comparison has more than {most} document(s) on its smaller side, "
            f"inference needs {settings.min_documents}; effects are given without p and describe these texts "
            "only."
        )
    elif without:
        names = lexicon.groups.filter(pl.col("documents") < settings.min_documents)["group"].unique().sort()
        which = f" ({_some(names.to_list())})" if len(names) else ""
        alike = f" that are alike in {strata}" if strata else ""
        yield (
            f"{without} of {every} comparisons have fewer than {settings.min_documents} documents on a side"
            f"{alike}{which}: their effects are given without p and describe these texts only."
        )


def _units(lexicon: Lexicon, settings: LexiconSettings) -> Iterator[str]:
    documents, sentences = (int(lexicon.groups[name].sum()) for name in ("documents", "sentences"))
    if documents == sentences and lexicon.comparisons["inference"].eq(DOCUMENTS).any():
        yield (
            "Every sentence is an article of its own, so p counts sentences. If sentences share articles, "
            "say which column names them (data.columns.article); p is too small without it."
        )
    if settings.groups in WITHIN_DOCUMENTS and "article" not in settings.strata:
        yield (
            "One article has sentences of several groups. They are compared as if they were different "
            "documents; lexicon.strata=[article] compares them within their articles."
            + (" " + SEVERAL_FRAMES if settings.groups == "frames" else "")
        )
    if settings.pairs and (left := pairs_left_out(lexicon.groups["group"].n_unique())):
        yield f"{left:,} pairs of groups are too many to compare; every group stands against the rest."


def _strata(lexicon: Lexicon) -> Iterator[str]:
    stratified = lexicon.comparisons.filter(pl.col("strata").is_not_null())
    left_out = stratified.filter(pl.col("documents_left_out") > 0)
    if left_out.height:
        most = left_out.sort("documents_left_out", descending=True).row(0, named=True)
        yield (
            f"In {left_out.height} of {stratified.height} comparisons documents stand in strata that one "
            f"side alone has, and are left out there; most in {most['group']} against {most['other']}: "
            f"{most['documents_left_out']:,}."
        )


def _rivals_over_strata(lexicon: Lexicon, settings: LexiconSettings) -> Iterator[str]:
    """Yield what strata do not change: the shares of rival words and Cramer's V."""
    if not settings.strata or not lexicon.alternations.height:
        return
    names = " and ".join(settings.strata)
    yield (
        f"Of rival words only p and q are within {names}; shares, intervals and Cramer's V are over all of "
        f"it. lexicon.within={settings.strata[0]} or a corpus of one {settings.strata[0]} shows shares "
        "within it."
    )
    apart = lexicon.alternations.filter(
        (pl.col("inference") == NO_STRATUM) & (pl.col("condition") == "all")
    )["title"].unique(maintain_order=True)  # fmt: skip
    if apart.len():
        yield (
            f"In no {names} do two groups choose, so {apart.len()} set(s) of rival words have neither "
            f"Cramer's V nor p ({_some(apart.to_list())}): whether groups or {names} differ "
            "cannot be told apart."
        )


def _self_check(lexicon: Lexicon, settings: LexiconSettings) -> Iterator[str]:
    if not lexicon.self_check.height:
        return
    if settings.strata:
        yield "The self-check is of the test without strata; the test within strata is not checked."
    failed = lexicon.self_check.filter(~pl.col("as_expected"))["group"].unique().sort().to_list()
    if failed:
        yield (
            f"The self-check is not as expected for {_some(failed)}: where nothing is to be found, p is "
            "below .05 too often or too rarely. Do not rely on p there."
        )


def _scripts(counts: pl.DataFrame) -> Iterator[str]:
    """Yield notices about words in a second script, and words that mix two."""
    singles = counts.group_by("term").agg(pl.col("count").sum()).filter(~pl.col("term").str.contains(" "))
    if singles.is_empty():
        return
    holds = singles.select(
        "term",
        "count",
        *(pl.col("term").str.contains(script).alias(name) for name, script in SCRIPTS.items()),
    )
    total = float(holds["count"].sum())
    shares = {name: float(holds.filter(pl.col(name))["count"].sum()) / total for name in SCRIPTS}
    told = {name: share for name, share in shares.items() if share > OTHER_SCRIPT}
    if len(told) > 1:
        parts = ", ".join(f"{share:.0%} {name}" for name, share in told.items())
        yield (
            f"The texts are in several scripts ({parts} of the words): groups that differ in language differ "
            "in every word."
        )
    mixed = holds.filter(pl.sum_horizontal(*SCRIPTS) > 1).sort("count", descending=True)
    if mixed.height:
        yield (
            f"{mixed.height:,} words mix letters of two scripts ({_some(mixed['term'].to_list(), 3)}): "
            "look-alike letters make one word two."
        )


def _some(names: list[str], shown: int = 5) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
