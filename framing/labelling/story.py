"""What the command does: give sentences to annotators, take their labels back, say what is next."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import polars as pl

from framing.core.codebook import Codebook
from framing.core.corpus import voice_names
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.candidates import Candidates
from framing.labelling.annotations import Annotation
from framing.labelling.label_studio import labelling_config, tasks
from framing.labelling.returning import Labelled, changes
from framing.labelling.selection import SelectionSettings, choose
from framing.labelling.sheet import sheet
from framing.models.folder import load_model
from framing.models.interface import Prediction
from framing.reporting.console import progress

PREDICT_CHUNK = 1000


@dataclass(frozen=True)
class Tasks:
    """What annotators get, ready to be written.

    Attributes:
        config: labelling configuration for Label Studio, XML.
        tasks: tasks for Label Studio, JSON.
        sheet: the same for a spreadsheet, CSV.
        count: number of sentences.
    """

    config: str
    tasks: str
    sheet: str
    count: int


def export(
    candidates: Candidates,
    *,
    blind: bool,
    seed: int,
    prediction: Prediction | None = None,
    threshold: float = 0.5,
    reasons: list[str] | None = None,
) -> Tasks:
    """Make the tasks of the sentences.

    Args:
        candidates: n sentences.
        blind: for a second annotator: no source, article, earlier label, prediction or reason, and in
            an order of its own.
        seed: of that order.
        prediction: of a model for the n sentences, to begin from.
        threshold: a frame is predicted from this probability on.
        reasons: why each sentence is to be labelled.
    """
    if blind:
        order = np.random.default_rng(seed).permutation(len(candidates))
        candidates = Candidates(candidates.codebook, candidates.table[order])
        prediction, reasons = None, None
    made = tasks(candidates, blind=blind, prediction=prediction, threshold=threshold, reasons=reasons)
    return Tasks(
        config=labelling_config(candidates.codebook),
        tasks=json.dumps(made, ensure_ascii=False, indent=2) + "\n",
        sheet=sheet(candidates, blind=blind, prediction=prediction, reasons=reasons),
        count=len(made),
    )


def predict(folder: str, candidates: Candidates) -> Prediction:
    """Return what a saved model predicts for the sentences.

    Raises:
        FramingError: the folder is no model, or its codebook has other frames or voices.
    """
    model, codebook = load_model(Path(folder))
    _check_codebook(folder, codebook, candidates.codebook)
    parts = []
    with progress() as bar:
        task = bar.add_task("predict", total=len(candidates))
        for part in candidates.table.iter_slices(PREDICT_CHUNK):
            parts.append(model.predict(part))
            bar.advance(task, part.height)
    return Prediction(np.vstack([part.frames for part in parts]), np.vstack([part.voices for part in parts]))


def without_labels(candidates: Candidates) -> Candidates:
    """Return the sentences that nobody has labelled yet.

    Raises:
        FramingError: there is none.
    """
    left = candidates.table.filter(pl.col("frames").is_null())
    if left.is_empty():
        raise FramingError(
            f"All {len(candidates)} sentences have labels, and `next` offers those without. Choose sentences "
            "without labels by data=, or set relabel=true to choose among all."
        )
    return Candidates(candidates.codebook, left, candidates.problems)


def choose_next(
    candidates: Candidates, prediction: Prediction, settings: SelectionSettings
) -> tuple[Candidates, Prediction, pl.DataFrame]:
    """Return the sentences to label next, their predictions, and why each was chosen.

    Returns:
        The third is a table, the best first: `rank` (from 1), `id`, `uncertainty`, `likeness`, the
        predicted `voice`, `p_<frame>`, `reason`, `text`.
    """
    codebook = candidates.codebook
    with progress() as bar:
        task = bar.add_task("choose", total=min(settings.count, len(candidates)))
        chosen = choose(
            candidates.table["text"].to_list(), prediction.frames, codebook.frame_ids, settings,
            single_label=codebook.single_label, advance=lambda: bar.advance(task),
        )  # fmt: skip
    rows = chosen["row"].to_numpy()
    picked = Prediction(prediction.frames[rows], prediction.voices[rows])
    found = Candidates(codebook, candidates.table[rows], candidates.problems)
    probabilities = pl.DataFrame(picked.frames, schema=[f"p_{frame}" for frame in codebook.frame_ids])
    voices = pl.Series("voice", voice_names(codebook, picked.voice_labels()), dtype=pl.String)
    table = pl.concat(
        [
            found.table.select(pl.int_range(1, pl.len() + 1).alias("rank"), "id"),
            chosen.select("uncertainty", "likeness"),
            voices.to_frame(),
            probabilities,
            chosen.select("reason"),
            found.table.select("text"),
        ],
        how="horizontal",
    )
    return found, picked, table


def write_tasks(made: Tasks, folder: Path) -> None:
    """Write `labelling.xml`, `tasks.json` and `sheet.csv` (UTF-8 with a byte order mark)."""
    (folder / "labelling.xml").write_text(made.config, encoding="utf-8")
    (folder / "tasks.json").write_text(made.tasks, encoding="utf-8")
    (folder / "sheet.csv").write_text(made.sheet, encoding="utf-8-sig", newline="")


def write_labelled(labelled: Labelled, candidates: Candidates, folder: Path) -> list[Path]:
    """Write the labels of every annotator, what they change, and what could not be used.

    Returns:
        `annotators/<name>.jsonl`, one an annotator; in the name a character that not every
        file system allows stands as its percent code. Each line has `id`, `frames`, `voice`,
        `annotator`. A list of problems that would be empty is not written.
    """
    paths = []
    (folder / "annotators").mkdir()
    for annotator in labelled.annotators:
        path = folder / "annotators" / f"{quote(annotator, safe='@ ')}.jsonl"
        own = [made for made in labelled.annotations if made.annotator == annotator]
        _write_lines(path, [_record(made) for made in own])
        paths.append(path)
    _write_lines(folder / "annotators.jsonl", [_record(made) for made in labelled.annotations])
    changes(labelled, candidates).write_csv(folder / "changes.csv")
    for name, problems in {"rejected_rows": labelled.problems, "unlabelled": labelled.unlabelled}.items():
        if problems:
            _write_lines(folder / f"{name}.jsonl", [asdict(problem) for problem in problems])
    return paths


def stop_at(problems: Sequence[Problem], *, quarantine: bool) -> None:
    """Stop when rows of the corpus have problems, unless they are to be left out."""
    if problems and not quarantine:
        raise CorpusError(problems)


def _check_codebook(folder: str, codebook: Codebook, expected: Codebook) -> None:
    for what, found, wanted in (
        ("frames", codebook.frame_ids, expected.frame_ids),
        ("voices", codebook.voice_ids, expected.voice_ids),
    ):
        if found != wanted:
            raise FramingError(
                f"model={folder}: was trained with codebook {codebook.name}, whose {what} are "
                f"{', '.join(found) or 'none'}; expected those of codebook {expected.name}: "
                f"{', '.join(wanted) or 'none'}. Choose the model's codebook by codebook=."
            )


def _record(made: Annotation) -> dict[str, object]:
    return {
        "id": made.sentence,
        "frames": list(made.frames),
        "voice": made.voice,
        "annotator": made.annotator,
    }


def _write_lines(path: Path, records: Sequence[dict[str, object]]) -> None:
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    path.write_text("".join(lines), encoding="utf-8", newline="")
