"""The story of a training run, step by step.

Load the labelled sentences; divide them so that a source is scored by a model that never saw it; fit
and predict in every fold; evaluate the pooled predictions beside baselines; ask the models what could show
them to be worthless; report how the lexicon differs by source, and whether the words that predictions rest
on are a source's; fit once more on everything; write it all into one folder, and record that folder.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.corpus_words import with_words
from framing.cross_validation import (
    WHOLE,
    Teaching,
    cross_validate,
    examine,
    fit_on_everything,
    tuned_thresholds,
)
from framing.data.division import Division, NearDuplicateRule
from framing.data.loading import Loaded
from framing.data.splits import Fold, Split, untaught
from framing.evaluation.judgement import Judgement
from framing.evaluation.lexicon.whole import LexiconRules
from framing.evaluation.overview import evaluate
from framing.examination import Examination, Run, examined, questions
from framing.models.folder import save_model
from framing.models.interface import Model, Prediction, cut_sentences
from framing.models.teaching import InnerSplit
from framing.models.unfinished import kept_if_ended, open_unfinished
from framing.preparation import prepare
from framing.reporting.console import print_evaluation
from framing.reporting.corpus_tables import label_counts, sentence_table
from framing.reporting.evaluated import Evaluated
from framing.reporting.model_card import Origin, model_card
from framing.reporting.writing import write_evaluation, write_model_card, write_run
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
        examination: what is asked of the run's own model beside its scores.
        label_origin: who made the labels, and how, in full sentences.
        lexicon: how the words of sources are compared.
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
    examination: Examination
    label_origin: str
    lexicon: LexiconRules
    quarantine: bool
    keep_single_source_frames: bool


def train(plan: TrainingPlan, loaded: Loaded, tracker: Tracker) -> Evaluated:
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
    notices = [*division.notices, *_cut_notice(plan, division)]
    unfinished = open_unfinished(
        plan.unfinished, _run_key(plan, loaded), resume=plan.resume, helping=plan.helping
    )
    if unfinished.has_something():
        notices.append("This run went on from what one with the same settings had left.")
    teaching = Teaching(division.corpus, division.training_only, unfinished)
    with recorded(tracker, plan.run, plan.folder), kept_if_ended(unfinished):
        tracker.data([DataFile(Path(path).name, path, sha256) for path, sha256 in loaded.sha256.items()])
        evaluated = evaluate_run(plan, teaching, division.folds)
        evaluated = with_words(replace(evaluated, notices=notices), division.corpus, plan.lexicon)
        _save_final_model(plan, teaching)
        write_evaluation(evaluated, plan.folder)
        write_run(plan.run.parameters, plan.run.tags, loaded.sha256, plan.folder)
        write_model_card(model_card(evaluated, _origin(plan, loaded, teaching)), plan.folder / "model")
        tracker.metrics(evaluated.metrics())
    if not plan.helping:
        print_evaluation(evaluated, str(plan.folder), tracker.where())
    return evaluated


def evaluate_run(plan: TrainingPlan, teaching: Teaching, folds: list[Fold]) -> Evaluated:
    """Let every model predict sentences that it did not see, and return what the predictions show."""
    corpus, examination = teaching.corpus, plan.examination
    (name, model), *others = plan.models.items()
    asked = questions(examination, corpus, plan.threshold)
    answers = examine(name, model, teaching, folds, asked)
    beside = cross_validate(dict(others), teaching, folds)
    thresholds = _thresholds(plan, teaching, folds)
    judgements = _judgements(plan, corpus, {name: answers.sentences} | beside, thresholds)
    in_fold = _fold_names(len(corpus), folds)
    findings = evaluate(corpus, judgements, examination.settings, in_fold, thresholds)
    run = Run(name, model, teaching, folds, plan.split_name, thresholds, plan.threshold)
    findings = examined(examination, run, asked, answers, findings)
    findings = replace(
        findings,
        label_issues=_learnable(findings.label_issues, teaching, folds),
        notices=[*findings.notices, *_teacher_notice(findings.models), *_tuned_notice(plan)],
    )
    return Evaluated(
        name=plan.run.name,
        model=name,
        codebook=corpus.codebook,
        split=plan.split_name,
        sentences=sentence_table(corpus, judgements[name], folds=in_fold, voices=answers.sentences.voices),
        findings=findings,
        label_counts=label_counts(corpus),
    )


def _learnable(issues: pl.DataFrame, teaching: Teaching, folds: list[Fold]) -> pl.DataFrame:
    """Return the doubted labels without those of frames that the fold had no example to learn from."""
    corpus, further = teaching.corpus, teaching.training_only
    taught = np.zeros(corpus.frames.shape[1], dtype=np.bool_)
    if further is not None:
        taught |= further.frames.any(axis=0)
    missing = untaught(corpus, folds, taught)
    frames = np.array(corpus.codebook.frame_ids, dtype=object)
    pairs = [
        {"id": name, "frame": frame}
        for fold, row in zip(folds, missing, strict=True)
        for frame in frames[row]
        for name in corpus.sentences["id"][fold.test.tolist()]
    ]
    if not pairs or issues.is_empty():
        return issues
    return issues.join(pl.DataFrame(pairs), on=["id", "frame"], how="anti", maintain_order="left")


def _tuned_notice(plan: TrainingPlan) -> list[str]:
    if plan.inner is None:
        return []
    name = next(iter(plan.models))
    return [
        f"The thresholds of {name} are tuned; those of the other models, and of what is fitted again, are "
        f"{plan.threshold}. Beside them stands {name} at {plan.threshold}."
    ]


def _judgements(
    plan: TrainingPlan,
    corpus: Corpus,
    predictions: Mapping[str, Prediction],
    thresholds: NDArray[np.float64],
) -> dict[str, Judgement]:
    """Return what every model says; the run's own also at the fixed threshold if its are tuned."""
    own = next(iter(predictions))
    said = {}
    for name, made in predictions.items():
        at = thresholds if name == own else plan.threshold
        said[name] = _judgement(corpus, made, at)
        if name == own and plan.inner is not None:
            said[f"{own} at {plan.threshold}"] = _judgement(corpus, made, plan.threshold)
    return said


def _judgement(corpus: Corpus, made: Prediction, threshold: float | NDArray[np.float64]) -> Judgement:
    predicted = made.frame_labels(corpus.codebook, threshold)
    return Judgement(predicted, made.voice_labels(), made.frames)


def _fold_names(number: int, folds: list[Fold]) -> list[str]:
    names = np.empty(number, dtype=object)
    for fold in folds:
        names[fold.test] = fold.name
    return names.tolist()


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


def _teacher_notice(models: pl.DataFrame) -> list[str]:
    """Return what the teacher changed, if there was one."""
    scores = dict(models.select("model", "macro_f1").iter_rows())
    return [
        f"The teacher changed macro F1 by {scores[taught] - alone:+.3f} ({alone:.3f} without, "
        f"{scores[taught]:.3f} with it; one seed, no interval)."
        for name, alone in scores.items()
        if (taught := name.removesuffix(WITHOUT_TEACHER)) != name
    ]


def _origin(plan: TrainingPlan, loaded: Loaded, teaching: Teaching) -> Origin:
    """Return what the saved model was made from."""
    further = 0 if teaching.training_only is None else len(teaching.training_only)
    return Origin(
        data=loaded.sha256,
        trained_on=len(teaching.corpus) + further,
        label_origin=plan.label_origin,
        made_with=plan.run.tags,
        folder=str(plan.folder / "model"),
    )


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
