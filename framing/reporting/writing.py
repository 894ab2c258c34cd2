"""Write a run's results into its folder: tables, figures, the page."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from framing.core.errors import FramingError, Problem
from framing.reporting.evaluated import Evaluated
from framing.reporting.evaluation_figures import evaluation_figures
from framing.reporting.evaluation_page import evaluation_page
from framing.reporting.figures import frame_voices_figure
from framing.reporting.lexicon_files import write_lexicon

FIGURE_DPI = 150


def write_evaluation(evaluated: Evaluated, folder: Path) -> None:
    """Write every table that has rows, the figures, `codebook.json`, `report.html`, and the `lexicon`."""
    figures = evaluation_figures(evaluated)
    tables = evaluated.findings.tables() | {
        "predictions": evaluated.sentences,
        "label_counts": evaluated.label_counts,
    }
    for part in ("tables", "figures"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        if table.height:
            table.write_csv(folder / "tables" / f"{name}.csv")
    for name, figure in figures.items():
        if name == "lexicon":
            continue  # stands among the figures of the lexicon
        figure.savefig(folder / "figures" / f"{name}.png", dpi=FIGURE_DPI)
    if evaluated.lexicon is not None and evaluated.lexicon_settings is not None:
        write_lexicon(evaluated.lexicon, evaluated.lexicon_settings, evaluated.name, folder / "lexicon")
    (folder / "codebook.json").write_text(evaluated.codebook.to_json(), encoding="utf-8")
    (folder / "report.html").write_text(evaluation_page(evaluated, figures), encoding="utf-8")


def write_run(
    parameters: Mapping[str, object], tags: Mapping[str, str], sha256: Mapping[str, str], folder: Path
) -> None:
    """Write `run.json`: the composed configuration, the commit and versions, the data's checksums."""
    text = json.dumps(
        {"parameters": parameters, "made_with": tags, "data_sha256": sha256}, indent=2, default=str
    )
    (folder / "run.json").write_text(text, encoding="utf-8")


def write_model_card(card: str, folder: Path) -> None:
    """Write the model card, as `README.md` in the folder of the model, where hubs look for it."""
    (folder / "README.md").write_text(card, encoding="utf-8")


def write_data_report(content: Mapping[str, object], frame_voices: pl.DataFrame, folder: Path) -> None:
    """Write `data_report.json` and `frames_by_voice.png`."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / "data_report.json").write_text(text + "\n", encoding="utf-8")
    frame_voices_figure(frame_voices).savefig(folder / "frames_by_voice.png", dpi=FIGURE_DPI)


def new_folder(path: str) -> Path:
    """Return an empty folder, made if it is not there: nothing is ever written over.

    Raises:
        FramingError: it has files, or cannot be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise FramingError(
            f"output={path}: cannot be used ({error.strerror}). Choose another folder."
        ) from error
    if filled:
        raise FramingError(f"output={path}: has files already. Choose a folder that is new or empty.")
    return folder


def write_problems(problems: list[Problem], folder: Path) -> Path:
    """Write `rejected_rows.jsonl`, one problem a line, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rejected_rows.jsonl"
    lines = [json.dumps(asdict(problem), ensure_ascii=False) for problem in problems]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
