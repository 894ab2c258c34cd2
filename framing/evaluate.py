"""`python -m framing.evaluate`: score files of predictions, also those that this project did not make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import plain, run_command, typed
from framing.core.config import EvaluateConfig
from framing.core.errors import FramingError

if TYPE_CHECKING:
    from framing.reporting.evaluated import Evaluated


def main(composed: DictConfig) -> Evaluated:
    """Read the files, score them, write the report and say what was found."""
    from framing.build import build_codebook
    from framing.build_examination import build_evaluation_settings
    from framing.data.columns import Layout
    from framing.judging import JudgingPlan, judge, named_predictions
    from framing.reporting.console import print_evaluation

    config = typed(composed, EvaluateConfig)
    if not 0 <= config.threshold <= 1:
        raise FramingError(f"threshold={config.threshold}: expected a number from 0 to 1.")
    plan = JudgingPlan(
        predictions=named_predictions(plain(composed)["predictions"]),
        gold=config.gold,
        layout=Layout(
            {name: column for name, column in vars(config.columns).items() if column is not None},
            one_hot=config.one_hot,
        ),
        prefix=config.prefix,
        threshold=config.threshold,
        settings=build_evaluation_settings(config.evaluation, config.seed),
        output=config.output,
    )
    evaluated, folder = judge(plan, build_codebook(config.codebook))
    print_evaluation(evaluated)
    print(f"results     {folder}")
    print(f"report      {folder / 'report.html'}")
    return evaluated


if __name__ == "__main__":
    run_command(
        main,
        "evaluate",
        "Score files of predictions beside labels, whoever made them, and write a report.\n"
        "predictions=FILE gold=FILE output=FOLDER; several files are compared on the same sentences.",
    )
