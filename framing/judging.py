"""Score files of predictions, whoever made them: read them, lay them beside the labels, report.

What was learned from is not known here: whoever scores a file must know that its model did not see these
sentences.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from framing.core.codebook import Codebook
from framing.core.corpus import SENTENCE_COLUMNS, Corpus
from framing.core.errors import CorpusError, FramingError
from framing.data.columns import Layout
from framing.data.formats import reader_of
from framing.data.loading import load_own_corpus
from framing.data.prediction_files import PredictionFile, aligned, prediction_path, read_predictions
from framing.data.reading import Reader, Rows
from framing.evaluation.judgement import Judgement
from framing.evaluation.overview import EvaluationSettings, evaluate
from framing.reporting.corpus_tables import label_counts, sentence_table
from framing.reporting.evaluated import Evaluated
from framing.reporting.writing import new_folder, write_evaluation

ONE_SOURCE = "not given"
"""The source of sentences whose labels name none."""

OUTSIDE = (
    "These predictions were read from files. Whether their models learned from these sentences, or chose "
    "their settings on them, is not known here; if so, the scores are too good."
)


@dataclass(frozen=True)
class JudgingPlan:
    """What is scored, and where the report goes.

    Attributes:
        predictions: files, or folders of runs, by the name of the model; the first is evaluated.
        gold: the file with the labels; None: they stand in the first file of predictions.
        layout: which columns of `gold` hold what.
        prefix: stands before the names of the predicted columns.
        threshold: for files that have probabilities only.
        settings: of the evaluation.
        output: a folder that is new or empty.
    """

    predictions: Mapping[str, str]
    gold: str | None
    layout: Layout
    prefix: str
    threshold: float
    settings: EvaluationSettings
    output: str


def judge(plan: JudgingPlan, codebook: Codebook) -> tuple[Evaluated, Path]:
    """Score the files and write the report, the tables and the figures; return them and their folder.

    Raises:
        FramingError: a file cannot be read, is something else, or lacks a labelled sentence.
    """
    folder = new_folder(plan.output)
    files = {name: _read(plan, path, codebook) for name, path in plan.predictions.items()}
    _labels_apart(plan, next(iter(files.values())))
    corpus, notices = _labelled(plan, codebook)
    judgements: dict[str, Judgement] = {}
    for name, file in files.items():
        judgements[name], said = aligned(file, corpus)
        notices += said
    name, judgement = next(iter(judgements.items()))
    # Labels that stand in the file were made with thresholds that are not known; 0.5 is checked then.
    threshold = 0.5 if files[name].column else plan.threshold
    findings = evaluate(corpus, judgements, plan.settings, thresholds=threshold)
    notices += _different_folds(files, corpus)
    evaluated = Evaluated(
        name=f"{name} on {Path(plan.gold or plan.predictions[name]).name}",
        model=name,
        codebook=codebook,
        split=None,
        sentences=sentence_table(corpus, judgement),
        findings=findings,
        label_counts=label_counts(corpus),
        notices=[OUTSIDE, *notices],
    )
    write_evaluation(evaluated, folder)
    return evaluated, folder


def _read(plan: JudgingPlan, path: str, codebook: Codebook) -> PredictionFile:
    return read_predictions(prediction_path(path), codebook, prefix=plan.prefix, threshold=plan.threshold)


def _different_folds(files: Mapping[str, PredictionFile], corpus: Corpus) -> list[str]:
    """Return what must be said where runs predicted the sentences in other folds."""
    folds = {name: file.folds_of(corpus) for name, file in files.items()}
    known = {name: fold for name, fold in folds.items() if fold is not None}
    if not known:
        return []
    own, *others = known
    different = [name for name in others if known[name] != known[own]]
    return [
        f"{name} predicted these sentences in other folds than {own}: their models learned from different "
        "sentences, which may be all of the difference."
        for name in different
    ]


def _labels_apart(plan: JudgingPlan, first: PredictionFile) -> None:
    """Raise a FramingError if the predictions would be scored by themselves."""
    if plan.gold is None and first.column == "frames":
        raise FramingError(
            f"{first.path}: the column frames would be both the labels and the predictions. Name the file "
            "with the labels: gold=FILE; or rename the column of the predictions to predicted_frames."
        )


def _labelled(plan: JudgingPlan, codebook: Codebook) -> tuple[Corpus, list[str]]:
    """Return the labelled sentences, and what must be said about them."""
    path = plan.gold or prediction_path(next(iter(plan.predictions.values())))
    sets = plan.settings.sets
    further = (sets,) if sets is not None and sets not in SENTENCE_COLUMNS else ()
    layout = replace(plan.layout, further=further, needed=further)
    if not plan.gold:
        layout = replace(layout, blank_is_no_frame=True)
    loaded = load_own_corpus(codebook, _with_source(reader_of(path)), layout, exclude_kinds=[])
    if loaded.problems:
        raise CorpusError(list(loaded.problems))
    if loaded.corpus.sources == [ONE_SOURCE]:
        return loaded.corpus, [f"{path} names no sources: nothing is said by source."]
    return loaded.corpus, []


def _with_source(reader: Reader) -> Reader:
    """Return a reader that gives sentences without a source the same one."""

    def read(columns: Mapping[str, str]) -> Rows:
        rows = reader(columns)
        if "source" in rows.table.columns or columns.get("source") != "source":
            return rows
        return replace(rows, table=rows.table.with_columns(source=pl.lit(ONE_SOURCE)))

    return read


def named_predictions(predictions: object) -> dict[str, str]:
    """Return files by the name of their model; without names, by the name of the file or folder.

    Raises:
        FramingError: no file, or two that would have the same name.
    """
    match predictions:
        case str():
            paths = [predictions]
        case dict() if predictions:
            return {str(name): str(path) for name, path in predictions.items()}
        case list():
            paths = [str(path) for path in predictions]
        case _:
            paths = []
    if not paths:
        raise FramingError(
            "predictions: expected a file, several as [A,B], or names and files as {mine: A, other: B}."
        )
    names = [_run_name(path) if Path(path).is_dir() else Path(path).stem for path in paths]
    if len(set(names)) < len(names):
        raise FramingError(
            f"predictions: two files would both be called {next(n for n in names if names.count(n) > 1)}. "
            "Name them: predictions={mine: FILE, other: FILE}."
        )
    return dict(zip(names, paths, strict=True))


def _run_name(folder: str) -> str:
    """Return the name of a run's model, or that of the folder."""
    try:
        parameters = json.loads((Path(folder) / "run.json").read_text(encoding="utf-8"))["parameters"]
        return str(parameters["model.name"])
    except (OSError, ValueError, KeyError, TypeError):
        return Path(folder).name
