"""`python -m framing.annotate export|import|next`: sentences out to annotators, their labels back in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.command_config import AnnotateConfig, Measure
from framing.core.data_config import OnRowError
from framing.core.errors import FramingError

if TYPE_CHECKING:
    from framing.core.errors import Problem
    from framing.data.candidates import Candidates
    from framing.labelling.returning import Labelled
    from framing.labelling.selection import SelectionSettings

LARGEST_POWER = 10


def overrides(words: Sequence[str]) -> list[str]:
    """Return the command line as Hydra overrides.

    The first word, if it is bare, is the action: `export` becomes `action=export`. `model=FOLDER` becomes
    `model_folder=FOLDER`, because Hydra takes `model=` for a choice from `configs/model`.

    >>> overrides(["export", "model=outputs/run/model", "blind=true"])
    ['action=export', 'model_folder=outputs/run/model', 'blind=true']
    """
    if words and "=" not in words[0] and not words[0].startswith("-"):
        words = [f"action={words[0]}", *words[1:]]
    return [
        f"model_folder={word.removeprefix('model=')}" if word.startswith("model=") else word for word in words
    ]


def main(composed: DictConfig) -> None:
    """Do what the action says."""
    actions: dict[str, Callable[[AnnotateConfig], None]] = {
        "export": export_tasks,
        "import": import_labels,
        "next": propose_next,
    }
    config = typed(composed, AnnotateConfig)
    if config.action not in actions:
        raise FramingError(f"action={config.action}: expected one of {', '.join(actions)}.")
    actions[config.action](config)


def export_tasks(config: AnnotateConfig) -> None:
    """Write the corpus as tasks for Label Studio and as a sheet."""
    from framing.labelling.story import export, predict, write_tasks
    from framing.reporting.writing import new_folder

    if config.blind and config.model_folder is not None:
        raise FramingError(
            "model= gives labels to begin from, and blind=true hides them. Take out one of the two."
        )
    folder = new_folder(config.output)
    candidates = _candidates(config)
    prediction = None if config.model_folder is None else predict(config.model_folder, candidates)
    made = export(
        candidates,
        blind=config.blind,
        seed=config.seed,
        prediction=prediction,
        threshold=config.threshold,
    )
    write_tasks(made, folder)
    print(f"{made.count} sentences to label{', blind and shuffled' if config.blind else ''}.")
    _tell_rejected(candidates.problems, config.output)
    print(f"results  {folder} (labelling.xml, tasks.json, sheet.csv)")


def import_labels(config: AnnotateConfig) -> None:
    """Read what came back, write it by annotator, and show what it changes."""
    from framing.labelling.returning import changes, check_annotations, read_annotations
    from framing.labelling.story import write_labelled
    from framing.reporting.console import print_table
    from framing.reporting.writing import new_folder

    folder = new_folder(config.output)
    candidates = _candidates(config)
    returned = read_annotations(candidates.codebook, config.files)
    labelled = check_annotations(
        returned, candidates, quarantine=config.data.on_error is OnRowError.quarantine
    )
    write_labelled(labelled, candidates, folder)
    changed = changes(labelled, candidates)
    if changed.height:
        print_table("labels that are new or changed (the first 20)", changed.drop("text").head(20))
    _tell_labelled(labelled, candidates, changed["change"].to_list())
    print(f"results  {folder} (labels in annotators.jsonl and, one file each, in annotators/)")


def propose_next(config: AnnotateConfig) -> None:
    """Choose what to label next and write it as tasks, with the reasons."""
    from framing.labelling.story import choose_next, export, predict, without_labels, write_tasks
    from framing.reporting.console import print_table
    from framing.reporting.writing import new_folder

    if config.model_folder is None:
        raise FramingError(
            "model: has no value yet. Set it on the command line: model=FOLDER of a training run."
        )
    settings = _selection(config)
    folder = new_folder(config.output)
    candidates = _candidates(config)
    candidates = candidates if config.relabel else without_labels(candidates)
    chosen, prediction, table = choose_next(candidates, predict(config.model_folder, candidates), settings)
    made = export(
        chosen,
        blind=config.blind,
        seed=config.seed,
        prediction=prediction,
        threshold=config.threshold,
        reasons=table["reason"].to_list(),
    )
    write_tasks(made, folder)
    table.write_csv(folder / "next.csv")
    print_table("label next (the first 10)", table.select("rank", "id", "uncertainty", "reason").head(10))
    print(f"{made.count} of {len(candidates)} sentences chosen.")
    _tell_rejected(candidates.problems, config.output)
    print(f"results  {folder} (next.csv, labelling.xml, tasks.json, sheet.csv)")


def _selection(config: AnnotateConfig) -> SelectionSettings:
    from framing.labelling.selection import SelectionSettings

    if config.count < 1:
        raise FramingError(f"count={config.count}: expected at least 1 sentence.")
    for name, value in (("rare", config.rare), ("diversity", config.diversity)):
        if not 0 <= value <= LARGEST_POWER:
            raise FramingError(f"{name}={value}: expected a number from 0 to {LARGEST_POWER}.")
    return SelectionSettings(
        count=config.count,
        margin=config.measure is Measure.margin,
        rare=config.rare,
        diversity=config.diversity,
    )


def _candidates(config: AnnotateConfig) -> Candidates:
    from framing.build import build_candidates, build_codebook
    from framing.labelling.story import stop_at

    candidates = build_candidates(config.data, build_codebook(config.codebook))
    stop_at(candidates.problems, quarantine=config.data.on_error is OnRowError.quarantine)
    return candidates


def _tell_labelled(labelled: Labelled, candidates: Candidates, changed: Sequence[str]) -> None:
    names = ", ".join(labelled.annotators) or "nobody"
    found = {made.sentence for made in labelled.annotations}
    print(f"{len(labelled.annotations)} annotations by {len(labelled.annotators)} annotator(s): {names}.")
    print(f"{changed.count('new')} new, {changed.count('changed')} changed; listed in changes.csv.")
    for problems, what, file in (
        (labelled.unlabelled, "skipped or not labelled", "unlabelled.jsonl"),
        (labelled.problems, "with a problem", "rejected_rows.jsonl"),
    ):
        print(f"{len(problems)} {what}" + (f"; listed in {file}." if problems else "."))
    left = len(candidates) - len(found)
    print(f"{left} of {len(candidates)} sentences of the corpus have no label in these files.")


def _tell_rejected(problems: Sequence[Problem], output: str) -> None:
    from pathlib import Path

    from framing.reporting.writing import write_problems

    if problems:
        path = write_problems(list(problems), Path(output))
        print(f"note  {len(problems)} problem(s) in the data; the rows are left out and listed in {path}.")


if __name__ == "__main__":
    sys.argv[1:] = overrides(sys.argv[1:])
    run_command(
        main,
        "annotate",
        "Give sentences to annotators, take their labels back, and say what to label next:\n"
        "  python -m framing.annotate export   tasks for Label Studio and a sheet for a spreadsheet\n"
        "  python -m framing.annotate import   files=[FILE,...]: exports of Label Studio, sheets filled in\n"
        "  python -m framing.annotate next     model=FOLDER count=50: what would teach the model most",
    )
