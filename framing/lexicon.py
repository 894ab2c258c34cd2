"""`python -m framing.lexicon`: the terms that set each source apart, without training anything."""

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.config import LexiconReportConfig
from framing.core.data_config import OnRowError


def main(composed: DictConfig) -> None:
    """Compare the sources of a corpus, write and print the result."""
    import polars as pl

    from framing.build import build_lexicon_settings, build_sentences
    from framing.data.loading import usable_sentences
    from framing.reporting.console import print_table, working
    from framing.source_lexicon import report_lexicon

    config = typed(composed, LexiconReportConfig)
    settings = build_lexicon_settings(config.lexicon)
    with working("reading the corpus"):
        found = usable_sentences(build_sentences(config.data), config.data.exclude_kinds)
    quarantine = config.data.on_error is OnRowError.quarantine
    lexicon, notices = report_lexicon(found, settings, config.output, quarantine=quarantine)
    columns = ["source", "term", "count", "count_rest", "documents", "log_odds", "bound"]
    columns += ["p", "q"] if lexicon.height and lexicon["p"].is_not_null().any() else []
    strongest = lexicon.filter(pl.col("bound") > 0).group_by("source", maintain_order=True).head(5)
    print_table("strongest terms of each source against the rest", strongest.select(columns))
    for notice in notices:
        print(f"note  {notice}")
    print(f"results  {config.output}")


if __name__ == "__main__":
    run_command(
        main,
        "lexicon",
        "Compare the words of every source with those of all others (log-odds with a Dirichlet prior;\n"
        "documents are the unit of inference). Labels are not read. Writes lexicon.csv and lexicon.png.",
    )
