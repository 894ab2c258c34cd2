"""The story of a training run, step by step.

Load the labelled sentences; divide them so that a source is scored by a model that never saw it; fit
and predict in every fold; score the pooled predictions beside baselines that read no text; report how
the lexicon differs by source; fit once more on everything; write it all into one folder, and record
that folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus, frame_lists, voice_names
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.loading import Loaded, Unlabelled
from framing.data.splits import Fold, Split, seen_in_training, untaught_frames
from framing.evaluation.lexicon import LexiconSettings, lexicon_by_source
from framing.evaluation.scores import frame_table, group_table, summary, voice_macro_f1, voice_table
from framing.models.folder import save_model
from framing.models.interface import Model, Prediction
from framing.reporting.console import print_results, progress
from framing.reporting.results import Results
from framing.reporting.writing import new_folder, write_lexicon, write_problems, write_results, write_run
from framing.tracking.tracker import DataFile, RunDescription, Tracker, recorded


@dataclass(frozen=True)
class TrainingPlan:
    """A training run, ready to start.

    Attributes:
        models: by name; the first is the run's own, the others are the baselines.
        quarantine: list rows with problems and go on, instead of stopping.
        keep_single_source_frames: score a frame that a fold cannot learn as a miss, instead of stopping.
    """

    run: RunDescription
    folder: Path
    split: Split
    split_name: str
    models: Mapping[str, Model]
    threshold: float
    lexicon: LexiconSettings
    quarantine: bool
    keep_single_source_frames: bool


def train(plan: TrainingPlan, loaded: Loaded, tracker: Tracker) -> Results:
    """Run the plan on a loaded corpus and return what it found.

    Raises:
        FramingError: the corpus has problems and `quarantine` is off, or it cannot be split.
    """
    corpus, folds, notices = prepare(plan, loaded)
    with recorded(tracker, plan.run, plan.folder):
        tracker.data([DataFile(Path(path).name, path, sha256) for path, sha256 in loaded.sha256.items()])
        predictions = cross_validate(plan.models, corpus, folds, loaded.training_only)
        results = report(plan, corpus, folds, predictions, notices)
        final = next(iter(plan.models.values())).fit(_training(corpus, loaded.training_only))
        save_model(final, corpus.codebook, plan.folder / "model")
        write_results(results, plan.folder)
        write_run(plan.run.parameters, plan.run.tags, loaded.sha256, plan.folder)
        tracker.metrics(results.metrics())
    print_results(results, str(plan.folder), tracker.where())
    return results


def prepare(plan: TrainingPlan, loaded: Loaded) -> tuple[Corpus, list[Fold], list[str]]:
    """Return the corpus that is used, its folds, and what must be said about both."""
    corpus, problems = loaded.corpus, list(loaded.problems)
    unused = "neither learned from nor scored"
    notices = [_set_aside_notice(loaded.set_aside, unused)] if loaded.set_aside else []
    if loaded.training_only is not None:
        notices.append(f"{len(loaded.training_only)} more sentences are learned from and never scored.")
    _stop_at(problems, plan)
    folds = plan.split(corpus)
    if loaded.training_only is None and any(len(fold.train) == 0 for fold in folds):
        raise FramingError(
            f"split={plan.split_name} learns from other sentences than it scores, and data.training_only "
            "names none. Set it, such as data.training_only=[more.jsonl], or choose another split."
        )
    taught: NDArray[np.bool_] = np.any(_training(corpus[np.arange(0)], loaded.training_only).frames, axis=0)
    untaught = untaught_frames(corpus, folds, taught)
    if untaught and plan.keep_single_source_frames:
        notices += [f"{problem.found}: it cannot be predicted where it is scored." for problem in untaught]
    elif untaught:
        problems += untaught
        _stop_at(problems, plan)
        corpus = _without_untaught(corpus, folds)
        folds = plan.split(corpus)
    if repeated := seen_in_training(corpus, folds):
        notices.append(
            f"{repeated} sentence(s) stand word for word in the training part of the fold that scores them, "
            "as copied articles do: the scores are too good by that."
        )
    if problems:
        path = write_problems(problems, plan.folder)
        notices.append(f"{len(problems)} problem(s) in the data; the rows are left out and listed in {path}.")
    return corpus, folds, notices


def cross_validate(
    models: Mapping[str, Model], corpus: Corpus, folds: list[Fold], training_only: Corpus | None = None
) -> dict[str, Prediction]:
    """Return, for every model, predictions of all sentences by fits that did not see them.

    `training_only` joins the training part of every fold.
    """
    pooled = {}
    with progress() as bar:
        task = bar.add_task("fitting", total=len(models) * len(folds))
        for name, model in models.items():
            frames = np.zeros(corpus.frames.shape)
            voices = np.zeros((len(corpus), len(corpus.codebook.voices)))
            for fold in folds:
                bar.update(task, description=f"{name}: scoring {fold.name}")
                training = _training(corpus[fold.train], training_only)
                predicted = model.fit(training).predict(corpus.sentences[fold.test])
                frames[fold.test], voices[fold.test] = predicted.frames, predicted.voices
                bar.advance(task)
            pooled[name] = Prediction(frames, voices)
    return pooled


def report(
    plan: TrainingPlan,
    corpus: Corpus,
    folds: list[Fold],
    predictions: Mapping[str, Prediction],
    notices: list[str],
) -> Results:
    """Return the scores of the pooled predictions and the lexicon of every source."""
    name, prediction = next(iter(predictions.items()))
    codebook = corpus.codebook
    predicted = prediction.frame_labels(codebook, plan.threshold)
    sources = corpus.sentences["source"]
    voices = voice_table(codebook.voice_ids, corpus.voices, prediction.voice_labels())
    return Results(
        name=plan.run.name,
        model=name,
        codebook=codebook,
        split=plan.split_name,
        models=pl.DataFrame([_model_row(plan, corpus, name, made) for name, made in predictions.items()]),
        frames=frame_table(codebook.frame_ids, corpus.frames, predicted, prediction.frames),
        sources=group_table("source", sources.to_list(), corpus.frames, predicted),
        voices=voices,
        predictions=_prediction_table(plan, corpus, folds, prediction),
        lexicon=corpus_lexicon(corpus.sentences, plan.lexicon),
        label_counts=label_counts(corpus),
        lexicon_shown=plan.lexicon.shown,
        notices=notices + lexicon_notices(corpus.sentences, plan.lexicon),
    )


def corpus_lexicon(sentences: pl.DataFrame, settings: LexiconSettings) -> pl.DataFrame:
    """Return the terms of every source against the rest."""
    texts, sources, articles = (sentences[name].to_list() for name in ("text", "source", "article"))
    return lexicon_by_source(texts, sources, articles, settings)


def report_lexicon(
    found: Unlabelled, settings: LexiconSettings, output: str, *, quarantine: bool
) -> tuple[pl.DataFrame, list[str]]:
    """Compare the sources of a corpus and write `lexicon.csv` and `lexicon.png`; nothing is trained.

    Raises:
        FramingError: the corpus has problems and `quarantine` is off, or it has one source only, or the
            output has files already.
    """
    sentences, problems = found.sentences, found.problems
    if problems and not quarantine:
        raise CorpusError(problems)
    if sentences["source"].n_unique() < 2:
        raise FramingError(
            f"found one source ({sentences['source'][0]}), expected at least two to compare. Add another."
        )
    folder = new_folder(output)
    lexicon = corpus_lexicon(sentences, settings)
    write_lexicon(lexicon, settings.shown, folder)
    notices = [_set_aside_notice(found.set_aside, "not counted")] if found.set_aside else []
    if problems:
        path = write_problems(problems, folder)
        notices.append(f"{len(problems)} problem(s) in the data; the rows are left out and listed in {path}.")
    return lexicon, notices + lexicon_notices(sentences, settings)


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


def _model_row(plan: TrainingPlan, corpus: Corpus, name: str, made: Prediction) -> dict[str, object]:
    scores = summary(corpus.frames, made.frame_labels(corpus.codebook, plan.threshold))
    voices = voice_table(corpus.codebook.voice_ids, corpus.voices, made.voice_labels())
    return {"model": name, **scores, "voice_macro_f1": voice_macro_f1(voices) if voices.height else None}


def _prediction_table(
    plan: TrainingPlan, corpus: Corpus, folds: list[Fold], prediction: Prediction
) -> pl.DataFrame:
    codebook = corpus.codebook
    predicted = prediction.frame_labels(codebook, plan.threshold)
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


def _training(corpus: Corpus, training_only: Corpus | None) -> Corpus:
    return corpus if training_only is None else corpus + training_only


def _stop_at(problems: list[Problem], plan: TrainingPlan) -> None:
    if problems and not plan.quarantine:
        raise CorpusError(problems)


def _without_untaught(corpus: Corpus, folds: list[Fold]) -> Corpus:
    """Return the corpus without the sentences whose frame a fold cannot learn."""
    untaught = np.zeros(corpus.frames.shape[1], dtype=np.bool_)
    for fold in folds:
        untaught |= corpus.frames[fold.test].any(axis=0) & ~corpus.frames[fold.train].any(axis=0)
    return corpus[np.flatnonzero(~corpus.frames[:, untaught].any(axis=1))]


def _set_aside_notice(set_aside: Mapping[str, int], use: str) -> str:
    kinds = ", ".join(f"{number} {kind}" for kind, number in set_aside.items())
    return f"{sum(set_aside.values())} sentences are {use} ({kinds})."


def lexicon_notices(sentences: pl.DataFrame, settings: LexiconSettings) -> list[str]:
    """Return what must be said before the lexicon is read."""
    documents = sentences.group_by("source").agg(pl.col("article").n_unique())["article"]
    if len(documents) > 1 and documents.to_numpy().min() >= settings.min_documents:
        if documents.sum() < sentences.height:
            return []
        return [
            "Lexicon: every sentence is an article of its own, so p counts sentences. If sentences share "
            "articles, say which column names them (data.columns.article); p is too small without it."
        ]
    if len(documents) == 1:
        return ["The corpus has one source, so there is no lexicon to compare."]
    fewest = int(documents.to_numpy().min())
    return [
        f"Lexicon: the smallest source has {fewest} document(s), inference needs "
        f"{settings.min_documents}; effects are given without p and describe these texts only."
    ]
