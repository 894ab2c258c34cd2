"""`python -m framing.predict`: the frames and the voice of sentences in a file of any size."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.config import PredictConfig
from framing.core.errors import FramingError

if TYPE_CHECKING:
    from framing.models.labeller import Labeller
    from framing.prediction import Predicted, PredictionPlan


def overrides(words: Sequence[str]) -> list[str]:
    """Return the command line as Hydra overrides.

    `model=FOLDER` becomes `model_folder=FOLDER`, because Hydra takes `model=` for a choice from
    `configs/model`.

    >>> overrides(["model=outputs/run/model", "input=-"])
    ['model_folder=outputs/run/model', 'input=-']
    """
    return [
        f"model_folder={word.removeprefix('model=')}" if word.startswith("model=") else word for word in words
    ]


def main(composed: DictConfig) -> None:
    """Open the model, predict, and say what was done."""
    from framing.build import find_model
    from framing.prediction import check_files, open_labeller

    config = typed(composed, PredictConfig)
    check(config)
    if config.output is not None:
        check_files(Path(config.input), Path(config.output), overwrite=config.overwrite)
    with tempfile.TemporaryDirectory() as downloads:
        folder = find_model(config.model_folder, config.tracking, Path(downloads))
        labeller = open_labeller(folder, config.backend.value, config.threshold, config.prefix)
        predict(config, folder, labeller)


def check(config: PredictConfig) -> None:
    """Raise a FramingError for a setting that cannot be."""
    if config.chunk < 1:
        raise FramingError(f"chunk={config.chunk}: expected 1 or more.")
    if config.threshold is not None and not 0 <= config.threshold <= 1:
        raise FramingError(f"threshold={config.threshold}: expected a number from 0 to 1.")
    if config.output is None and config.input != "-":
        raise FramingError("output: has no value yet. Set it on the command line: output=FILE.jsonl")


def predict(config: PredictConfig, folder: Path, labeller: Labeller) -> None:
    """Predict into a file, or answer standard input on standard output."""
    from framing.prediction import PredictionPlan, answer, predict_file, settings_of

    if config.output is None:
        tell_left_out(answer(config.text, config.chunk, labeller), "told above")
        return
    plan = PredictionPlan(
        input=Path(config.input),
        output=Path(config.output),
        text=config.text,
        chunk=config.chunk,
        settings=settings_of(folder, labeller, config.backend.value),
        overwrite=config.overwrite,
    )
    tell(plan, predict_file(plan, labeller))


def tell(plan: PredictionPlan, done: Predicted) -> None:
    """Print what was done and where everything is."""
    from framing.reporting.console import console

    out = console()
    out.print(f"sentences    {done.sentences} in {plan.output}", markup=False)
    out.print(f"chunks       {done.made} predicted now; {done.kept} were finished before")
    for note in done.notes:
        out.print(f"note         {note}", markup=False, style="yellow")
    tell_left_out(done, f"listed in {plan.rejected}")


def tell_left_out(done: Predicted, where: str) -> None:
    """Print on standard error what was not predicted, or not from the whole sentence."""
    from framing.reporting.console import console

    out = console(stderr=True)
    if done.cut:
        told = f"{done.cut} sentence(s) are longer than the model reads, and were read in part"
        cure = "To read more, train it with a larger model.max_tokens (in an ensemble: that of its members)."
        out.print(f"cut          {told}. {cure}", markup=False, style="yellow")
    if done.rejected:
        out.print(f"rejected     {done.rejected} row(s), {where}", markup=False, style="yellow")
    if done.blank:
        out.print(f"blank        {done.blank} line(s) passed over", markup=False)


if __name__ == "__main__":
    sys.argv[1:] = overrides(sys.argv[1:])
    run_command(
        main,
        "predict",
        "Predict the frames and the voice of sentences in a file of any size, with a trained model.\n"
        "Interrupted work goes on where it stopped when the same command is typed again.",
    )
