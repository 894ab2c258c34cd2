"""`python -m framing.data_report`: what a corpus holds, and whether it keeps to its limits."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.command_config import DataReportConfig

if TYPE_CHECKING:
    from framing.core.codebook import Codebook
    from framing.corpus_report import CorpusReport

RED = 1
"""Exit code when a check is red."""


def main(composed: DictConfig) -> None:
    """Count and check the corpus, print and write the report."""
    from framing.build import build_codebook
    from framing.reporting.console import working
    from framing.reporting.writing import new_folder, write_data_report

    config = typed(composed, DataReportConfig)
    codebook = build_codebook(config.codebook)
    with working("reading and comparing the sentences"):
        report = report_of(config, codebook)
    folder = new_folder(config.output)
    write_data_report(content(report, config, codebook), report.frame_voices, folder)
    tell(report)
    print(f"results  {folder} (data_report.json, frames_by_voice.png)")
    if report.failed:
        sys.exit(RED)


def report_of(config: DataReportConfig, codebook: Codebook) -> CorpusReport:
    """Return the report of the corpus that the configuration names."""
    from framing.build import build_corpus, build_further_columns, build_labelled_rows, build_limits
    from framing.corpus_report import FURTHER, report_corpus
    from framing.data.loading import load_texts, matching_files
    from framing.data.usage import label_usage

    limits = build_limits(config.limits)
    against = [text for path in matching_files(config.against, "against") for text in load_texts(path)]
    rows = build_labelled_rows(config.data, codebook)
    usage = label_usage(codebook, rows, config.data.exclude_kinds, min_sentences=0, min_sources=0)
    further = build_further_columns(config.data, FURTHER)
    return report_corpus(build_corpus(config.data, codebook), usage, further, against, limits)


def content(report: CorpusReport, config: DataReportConfig, codebook: Codebook) -> dict[str, object]:
    """Return what `data_report.json` holds."""
    return {
        "data": config.data.name,
        "codebook": {"name": codebook.name, "version": codebook.version, "sha256": codebook.sha256},
        "against": list(config.against),
        "limits": vars(config.limits),
        "counts": {what: table.to_dicts() for what, table in report.counts.items()},
        "frames_by_voice": report.frame_voices.to_dicts(),
        "set_aside": dict(report.set_aside),
        "checks": [asdict(check) for check in report.checks],
        "data_sha256": dict(report.sha256),
    }


def tell(report: CorpusReport) -> None:
    """Print the counts, the checks, and how many are red."""
    from framing.reporting.console import print_checks, print_table

    for what, table in report.counts.items():
        print_table(f"sentences by {what}", table)
    voices = report.frame_voices.pivot(on="voice", index="frame", values="sentences")
    print_table("sentences by frame and voice", voices)
    if report.set_aside:
        kinds = ", ".join(f"{number} {kind}" for kind, number in report.set_aside.items())
        print(f"note  {sum(report.set_aside.values())} sentences are set aside and not counted ({kinds}).")
    print_checks(report.checks)
    marks = [check.passed for check in report.checks]
    print(f"{marks.count(True)} green, {marks.count(False)} red, {marks.count(None)} skipped")


if __name__ == "__main__":
    run_command(
        main,
        "data_report",
        "Count the sentences of a corpus by frame, voice, register, source and number of frames, and check\n"
        "it: phrases and sentences that come again and again, labels that one voice, register or side alone\n"
        "has, sentences of against=[FILE,...]. Exit code 1 if a check is red.",
    )
