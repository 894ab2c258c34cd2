"""The story of a training run, step by step.

Load the labelled sentences; divide them so that a source is scored by a model that never saw it; fit
and predict in every fold; score the pooled predictions beside baselines that read no text; report how
the lexicon differs by source; fit once more on everything; write it all into one folder, and record
that folder.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus, frame_lists, voice_names
from framing.cross_validation import WHOLE, Teaching, cross_validate, fit_on_everything, tuned_thresholds
from framing.data.division import Division, NearDuplicateRule
from framing.data.loading import Loaded
from framing.data.splits import Fold, Split
from framing.evaluation.lexicon import LexiconSettings
from framing.evaluation.scores import frame_table, group_table, summary, voice_macro_f1, voice_table
from framing.models.folder import save_model
from framing.models.interface import Model, Prediction, cut_sentences
from framing.models.teaching import InnerSplit
from framing.models.unfinished import kept_if_ended, open_unfinished
from framing.preparation import prepare
from framing.reporting.console import print_results
from framing.reporting.results import Results
from framing.reporting.writing import write_results, write_run
from framing.source_lexicon import corpus_lexicon, lexicon_notices
from framing.tracking.tracker import DataFile, RunDescription, Tracker, recorded

WITHOUT_TEACHER = " without teacher"
"""Ends the name of the model that is trained as the run's own is, but without its teacher."""


@dataclass(frozen=True)
class TrainingPlan:
    """A training run, ready to start.

    Attributes:
        near_duplicates: what is done about near-duplicates of scored sentences in what is learned from.
        models: by name; the first is the run's own, the others stand beside it.
        threshold: a frame counts as predicted from this probability on.
        inner: divides a training part to find a threshold for every frame; None: `threshold` for all.
        unfinished: the folder in which runs keep what they have so far.
        resume: go on from what a run with the same settings left.
        helping: this process only helps another to train (torchrun): it writes, records and prints nothing.
        quarantine: list rows with problems and go on, instead of stopping.
        keep_single_source_frames: score a frame that a fold cannot learn as a miss, instead of stopping.
    """

    run: RunDescription
    folder: Path
    split: Split
    split_name: str
    near_duplicates: NearDuplicateRule
    models: Mapping[str, Model]
    threshold: float
    inner: InnerSplit | None
    unfinished: Path
    resume: bool
    helping: bool
    lexicon: LexiconSettings
    quarantine: bool
    keep_single_source_frames: bool


def train(plan: TrainingPlan, loaded: Loaded, tracker: Tracker) -> Results:
    """Run the plan on a loaded corpus and return what it found.

    Raises:
        FramingError: the corpus has problems and `quarantine` is off, or it cannot be split.
    """
    division = prepare(
        loaded,
        split=plan.split,
        near_duplicates=plan.near_duplicates,
        rejected=plan.folder if plan.quarantine else None,
        keep_untaught=plan.keep_single_source_frames,
    )
    corpus, folds, notices = division.corpus, division.folds, list(division.notices)
    notices += _cut_notice(plan, division)
    unfinished = open_unfinished(
        plan.unfinished, _run_key(plan, loaded), resume=plan.resume, helping=plan.helping
    )
    if unfinished.has_something():
        notices.append("This run went on from what one with the same settings had left.")
    teaching = Teaching(corpus, division.training_only, unfinished)
    with recorded(tracker, plan.run, plan.folder), kept_if_ended(unfinished):
        tracker.data([DataFile(Path(path).name, path, sha256) for path, sha256 in loaded.sha256.items()])
        predictions = cross_validate(plan.models, teaching, folds)
        thresholds = _thresholds(plan, teaching, folds)
        results = report(plan, corpus, folds, predictions, thresholds, notices)
        _save_final_model(plan, teaching)
        write_results(results, plan.folder)
        write_run(plan.run.parameters, plan.run.tags, loaded.sha256, plan.folder)
        tracker.metrics(results.metrics())
    if not plan.helping:
        print_results(results, str(plan.folder), tracker.where())
    return results


def _cut_notice(plan: TrainingPlan, division: Division) -> list[str]:
    """Return how many sentences the run's own model reads in part only, if any."""
    name, model = next(iter(plan.models.items()))
    scored = division.corpus.sentences["text"].to_list()
    further = [] if division.training_only is None else division.training_only.sentences["text"].to_list()
    cut = cut_sentences(model, scored + further)
    if not cut.any():
        return []
    return [
        f"{cut.sum()} of {len(cut)} sentences, {cut[: len(scored)].sum()} of them scored, are longer than "
        f"{name} reads, and their ends are not read: model.max_tokens says how much is (in an ensemble: that "
        "of its members)."
    ]


def _thresholds(plan: TrainingPlan, teaching: Teaching, folds: list[Fold]) -> NDArray[np.float64]:
    """Return from which probability on a sentence has a frame, shape (sentences, number of frames)."""
    thresholds = np.full(teaching.corpus.frames.shape, plan.threshold)
    if plan.inner is not None:
        name, model = next(iter(plan.models.items()))
        found = tuned_thresholds(name, model, teaching, folds, plan.inner, plan.threshold)
        for fold, row in zip(folds, found, strict=True):
            thresholds[fold.test] = row
    return thresholds


def _save_final_model(plan: TrainingPlan, teaching: Teaching) -> None:
    """Fit the run's own model on all that may be learned from, and save it with its thresholds."""
    name, model = next(iter(plan.models.items()))
    thresholds = np.full(len(teaching.corpus.codebook.frames), plan.threshold)
    if plan.inner is not None:
        whole = Fold(WHOLE, np.arange(len(teaching.corpus)), np.array([], dtype=np.intp))
        thresholds = tuned_thresholds(name, model, teaching, [whole], plan.inner, plan.threshold)[0]
    fitted = fit_on_everything(name, model, teaching)
    save_model(fitted, teaching.corpus.codebook, plan.folder / "model", thresholds)


def report(
    plan: TrainingPlan,
    corpus: Corpus,
    folds: list[Fold],
    predictions: Mapping[str, Prediction],
    thresholds: NDArray[np.float64],
    notices: list[str],
) -> Results:
    """Return the scores of the pooled predictions and the lexicon of every source."""
    name, prediction = next(iter(predictions.items()))
    codebook = corpus.codebook
    predicted = prediction.frame_labels(codebook, thresholds)
    sources = corpus.sentences["source"]
    voices = voice_table(codebook.voice_ids, corpus.voices, prediction.voice_labels())
    models = _model_table(plan, corpus, predictions, predicted)
    return Results(
        name=plan.run.name,
        model=name,
        codebook=codebook,
        split=plan.split_name,
        models=models,
        frames=frame_table(codebook.frame_ids, corpus.frames, predicted, prediction.frames),
        sources=group_table("source", sources.to_list(), corpus.frames, predicted),
        voices=voices,
        predictions=_prediction_table(corpus, folds, prediction, predicted),
        lexicon=corpus_lexicon(corpus.sentences, plan.lexicon),
        label_counts=label_counts(corpus),
        lexicon_shown=plan.lexicon.shown,
        notices=notices + _teacher_notice(models) + lexicon_notices(corpus.sentences, plan.lexicon),
    )


def label_counts(corpus: Corpus) -> pl.DataFrame:
    """Return how many sentences of every source have every frame: `source`, `frame`, `sentences`."""
    source = corpus.sentences["source"].to_numpy()
    return pl.DataFrame(
        [
            {"source": name, "frame": frame, "sentences": int(corpus.frames[source == name, column].sum())}
            for name in corpus.sources
            for column, frame in enumerate(corpus.codebook.frame_ids)
        ]
    )


def _model_table(
    plan: TrainingPlan, corpus: Corpus, predictions: Mapping[str, Prediction], predicted: NDArray[np.bool_]
) -> pl.DataFrame:
    """Return a row of scores for every model; the run's own also at the fixed threshold if its are tuned."""
    codebook = corpus.codebook
    own, *others = predictions
    rows = [_model_row(corpus, own, predictions[own], predicted)]
    if plan.inner is not None:
        fixed = predictions[own].frame_labels(codebook, plan.threshold)
        rows.append(_model_row(corpus, f"{own} at {plan.threshold}", predictions[own], fixed))
    for name in others:
        made = predictions[name]
        rows.append(_model_row(corpus, name, made, made.frame_labels(codebook, plan.threshold)))
    return pl.DataFrame(rows)


def _teacher_notice(models: pl.DataFrame) -> list[str]:
    """Return what the teacher changed, if there was one."""
    scores = dict(models.select("model", "macro_f1").iter_rows())
    return [
        f"The teacher changed macro F1 by {scores[taught] - alone:+.3f} ({alone:.3f} without, "
        f"{scores[taught]:.3f} with it; one seed, no interval)."
        for name, alone in scores.items()
        if (taught := name.removesuffix(WITHOUT_TEACHER)) != name
    ]


def _model_row(
    corpus: Corpus, name: str, made: Prediction, predicted: NDArray[np.bool_]
) -> dict[str, object]:
    scores = summary(corpus.frames, predicted)
    voices = voice_table(corpus.codebook.voice_ids, corpus.voices, made.voice_labels())
    return {"model": name, **scores, "voice_macro_f1": voice_macro_f1(voices) if voices.height else None}


def _prediction_table(
    corpus: Corpus, folds: list[Fold], prediction: Prediction, predicted: NDArray[np.bool_]
) -> pl.DataFrame:
    codebook = corpus.codebook
    fold_names = np.empty(len(corpus), dtype=object)
    for fold in folds:
        fold_names[fold.test] = fold.name
    predicted_voices = voice_names(codebook, prediction.voice_labels())
    labels = pl.DataFrame(
        {
            "fold": fold_names.tolist(),
            "frames": [";".join(frames) for frames in corpus.frame_lists()],
            "predicted_frames": [";".join(frames) for frames in frame_lists(codebook, predicted)],
            "voice": corpus.voice_names(),
            "predicted_voice": predicted_voices,
        },
        schema_overrides={"voice": pl.String, "predicted_voice": pl.String},
    )
    probabilities = pl.DataFrame(
        np.hstack([prediction.frames, prediction.voices]),
        schema=[f"p_{label}" for label in codebook.frame_ids + codebook.voice_ids],
    )
    sentences = corpus.sentences.select("id", "source", "article", "text")
    return pl.concat([sentences, labels, probabilities], how="horizontal")


def _run_key(plan: TrainingPlan, loaded: Loaded) -> str:
    """Return what two runs share that would give the same results."""
    recording = ("tracking", "resume", "unfinished", "name")
    decisive = {
        name: str(value)
        for name, value in plan.run.parameters.items()
        if name.split(".")[0] not in recording or name == "model.name"
    }
    text = json.dumps(
        [decisive, dict(plan.run.tags), loaded.sha256, repr(plan.near_duplicates)], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
