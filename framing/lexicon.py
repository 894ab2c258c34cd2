"""`python -m framing.lexicon`: how sources, or other groups, differ in their words; nothing is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import plain, run_command, typed
from framing.core.config import PROJECT, LexiconReportConfig
from framing.core.data_config import OnRowError, ParquetConfig

if TYPE_CHECKING:
    import polars as pl

    from framing.evaluation.lexicon.tables import Lexicon
    from framing.source_lexicon import LexiconPlan, SentencesRead


def main(composed: DictConfig) -> None:
    """Compare the words of groups, write, record and print the result."""
    from framing.build import build_tracker
    from framing.reporting.console import steps
    from framing.source_lexicon import report_lexicon

    config = typed(composed, LexiconReportConfig)
    plan = plan_of(config, composed)
    tracker = build_tracker(config.tracking)
    with steps() as tell:
        lexicon = report_lexicon(plan, lambda: read_sentences(config, plan), tracker, tell)
    show(lexicon)
    for line in tracker.where():
        print(line)
    print(f"results     {plan.folder}")
    print(f"page        {plan.folder / 'lexicon.html'}")


def plan_of(config: LexiconReportConfig, composed: DictConfig) -> LexiconPlan:
    """Return the report that the configuration asks for."""
    from framing.build_lexicon import build_rules
    from framing.reporting.writing import new_folder
    from framing.source_lexicon import LexiconPlan
    from framing.tracking.provenance import flat, git_commit, versions
    from framing.tracking.tracker import RunDescription

    rules = build_rules(config.lexicon)
    parameters = flat(plain(composed))
    parameters = {key: value for key, value in parameters.items() if not key.startswith("codebook.")}
    tags = {"git_commit": git_commit(PROJECT)}
    tags |= {f"version.{package}": number for package, number in versions().items()}
    run = RunDescription(config.name, parameters, tags)
    return LexiconPlan(run, new_folder(config.output), title_of(config), rules)


def title_of(config: LexiconReportConfig) -> str:
    """Return what the page is headed with: what is compared, within what, in which data."""
    words = [f"Lexicon by {config.lexicon.groups}"]
    words += [f"within each {config.lexicon.within}"] if config.lexicon.within else []
    words += [f"compared within {' and '.join(config.lexicon.strata)}"] if config.lexicon.strata else []
    return f"{', '.join(words)}: {Path(getattr(config.data, 'path', config.data.name)).name}"


def read_sentences(config: LexiconReportConfig, plan: LexiconPlan) -> SentencesRead:
    """Read the sentences that the configuration names, all at once or in batches."""
    from framing.build import build_codebook, build_described_sentences
    from framing.build_lexicon import build_batches, further_columns
    from framing.data.loading import usable_sentences
    from framing.source_lexicon import sentences_in_memory, sentences_on_disk

    settings, codebook = plan.rules.settings, build_codebook(config.codebook)
    further = further_columns(settings)
    kept = ("frames", "voice", *further)
    quarantine = config.data.on_error is OnRowError.quarantine
    if config.lexicon.at_once is not None:
        batches = build_batches(config.data, codebook, further, config.lexicon.at_once)
        usable = (usable_sentences(rows, config.data.exclude_kinds, kept) for rows in batches)
        path = config.data.path if isinstance(config.data, ParquetConfig) else None
        return sentences_on_disk(usable, settings, plan.folder, quarantine=quarantine, path=path)
    rows = build_described_sentences(config.data, codebook, further)
    found = usable_sentences(rows, config.data.exclude_kinds, kept)
    files = {rows.path: rows.sha256}
    return sentences_in_memory(found, settings, plan.folder, quarantine=quarantine, sha256=files)


def show(lexicon: Lexicon) -> None:
    """Print the strongest terms of each group, the alternations, and what must be known to read them."""
    import polars as pl

    from framing.reporting.console import print_table

    if lexicon.terms.height:
        print_table("strongest terms of each group", _strongest(lexicon))
    if lexicon.alternations.height:
        told = lexicon.alternations.filter((pl.col("condition") == "all") & pl.col("cramers_v").is_not_null())
        chosen = told.select("within", "set", "choices", "documents", "groups", "cramers_v", "q")
        if chosen.height:
            print_table("rival words: how far the groups differ in their choice", chosen)
    for notice in lexicon.notices:
        print(f"note  {notice}")


def _strongest(lexicon: Lexicon) -> pl.DataFrame:
    """Return the five strongest terms of every group, against the rest where there is one."""
    import polars as pl

    from framing.evaluation.lexicon.tables import THE_REST

    columns = ["group", "other", "term", "count", "count_other", "documents", "log_odds", "bound"]
    columns += ["q"] if lexicon.terms["q"].is_not_null().any() else []
    columns = (["within"] if lexicon.terms["within"].n_unique() > 1 else []) + columns
    first = lexicon.comparisons["other"][0]
    against = lexicon.terms.filter(pl.col("log_odds") > 0)
    if first == THE_REST:
        against = against.filter(pl.col("other") == first)
    return against.group_by("within", "group", "other", maintain_order=True).head(5).select(columns)


if __name__ == "__main__":
    run_command(
        main,
        "lexicon",
        "Compare the words of every source with those of all others, and which of several rival words each\n"
        "chooses. Documents are the unit of inference; labels are read only where they are asked for.\n"
        "Writes a page, tables and figures, and records them in MLflow.",
    )
