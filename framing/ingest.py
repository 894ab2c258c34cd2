"""`python -m framing.ingest`: cut articles into sentences that can be labelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.command_config import IngestConfig

if TYPE_CHECKING:
    from framing.ingestion import Ingested, IngestionPlan

SHOWN = 5


def main(composed: DictConfig) -> None:
    """Read the input, write the corpus, say what was read and what was not."""
    from framing.build import build_boilerplate_rules
    from framing.ingestion import IngestionPlan, ingest

    config = typed(composed, IngestConfig)
    plan = IngestionPlan(
        input=Path(config.input),
        output=Path(config.output),
        sources=tuple(place.value for place in config.source),
        rules=build_boilerplate_rules(config.boilerplate),
    )
    tell(plan, ingest(plan))


def tell(plan: IngestionPlan, done: Ingested) -> None:
    """Print what was done: a table by source, what could not be read, and where everything is."""
    from framing.reporting.console import console, print_table

    out = console()
    print_table("sentences by source and kind", done.table())
    out.print(f"read         {done.made} part(s) now; {done.kept} were finished before")
    if done.passed_over:
        others = ", ".join(f"{number} {suffix}" for suffix, number in sorted(done.passed_over.items()))
        out.print(f"passed over  {others}: not .txt, .html, .htm or .jsonl", markup=False)
    out.print(f"articles     {sum(done.articles.values())} in {plan.articles}", markup=False)
    out.print(f"sentences    {sum(done.sentences.values())} in {plan.output}", markup=False)
    if done.problems:
        out.print(f"not read     {len(done.problems)}, listed in {plan.unread}", markup=False, style="yellow")
    for problem in done.problems[:SHOWN]:
        out.print(f"  {problem}", markup=False)
    if len(done.problems) > SHOWN:
        out.print(f"  ... and {len(done.problems) - SHOWN} more.")


if __name__ == "__main__":
    run_command(
        main,
        "ingest",
        "Cut a folder of articles (.txt, .html, .jsonl) into sentences, ready to label. Interrupted work\n"
        "goes on where it stopped when the same command is typed again.",
    )
