"""`python -m framing.train`: learn the frames, score them, record the run."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import SweptRun, output_folder, plain, run_command, sweep_of, swept, typed
from framing.core.config import PROJECT, Resume, Thresholds, TrainConfig
from framing.core.corpus import SENTENCE_COLUMNS
from framing.core.model_config import TeacherKind, TransformerConfig

if TYPE_CHECKING:
    from framing.core.codebook import Codebook
    from framing.models.interface import Model
    from framing.pipeline import TrainingPlan
    from framing.reporting.evaluated import Evaluated
    from framing.tracking.tracker import RunDescription


def main(composed: DictConfig) -> Evaluated:
    """Load the corpus, run the plan of the configuration, record it."""
    from framing.build import build_codebook, build_corpus, build_tracker
    from framing.pipeline import train
    from framing.reporting.console import working
    from framing.tracking.tracker import NoTracker

    config = typed(composed, TrainConfig)
    codebook = build_codebook(config.codebook)
    plan = plan_of(config, run_of(composed, config, codebook), codebook)
    with working("reading the corpus"):
        loaded = build_corpus(config.data, codebook, _further_columns(config))
    if not helping():
        return train(plan, loaded, build_tracker(config.tracking))
    with tempfile.TemporaryDirectory(prefix="framing-") as folder:
        return train(replace(plan, folder=Path(folder), helping=True), loaded, NoTracker())


def _further_columns(config: TrainConfig) -> list[str]:
    """Return the columns that the run needs beside those of every corpus."""
    from framing import build_lexicon, build_split

    sets = config.evaluation.sets
    own = [sets] if sets is not None and sets not in SENTENCE_COLUMNS else []
    compared = build_lexicon.further_columns(build_lexicon.build_lexicon_settings(config.lexicon))
    return list(dict.fromkeys(build_split.further_columns(config.split) + own + compared))


def helping() -> bool:
    """Return whether this process only helps another one to train, as torchrun's all but the first do."""
    return int(os.environ.get("RANK", "0")) > 0


def compare(runs: Sequence[SweptRun[Evaluated]]) -> None:
    """Print the runs of a sweep beside each other; a run that failed has no scores."""
    import polars as pl

    from framing.reporting.console import print_table

    rows: list[dict[str, object]] = []
    for run in runs:
        scores = {} if run.result is None else run.result.findings.models.drop("model").row(0, named=True)
        rows.append({"run": run.changed, **scores})
    print_table("the runs of this sweep", pl.DataFrame(rows, infer_schema_length=None))
    for line in _spread_over_seeds(runs):
        print(line)
    print(f"results     {runs[0].folder.parent}")


def _spread_over_seeds(runs: Sequence[SweptRun[Evaluated]]) -> list[str]:
    """Return how far runs lie apart that differ in their seed alone; nothing if others differ too."""
    from framing.evaluation.comparison import spread

    done = [run.result for run in runs if run.result is not None]
    if len(done) < 2 or not all(run.changed.startswith("seed=") and " " not in run.changed for run in runs):
        return []
    found = spread([evaluated.findings.models["macro_f1"][0] for evaluated in done])
    return [
        f"macro F1 over {found.n} seeds: mean {found.mean:.3f}, standard deviation "
        f"{found.standard_deviation:.3f}, 95% interval of the mean {found.low:.3f} to {found.high:.3f} "
        "(other seeds, the same sentences)"
    ]


def plan_of(config: TrainConfig, run: RunDescription, codebook: Codebook) -> TrainingPlan:
    """Return the training run that the configuration asks for."""
    from framing.build_examination import build_examination
    from framing.build_lexicon import build_rules
    from framing.build_model import build_model
    from framing.build_split import build_inner_split, build_near_duplicate_rule, build_split
    from framing.core.data_config import OnRowError, OnSingleSource
    from framing.pipeline import TrainingPlan

    beside = _without_teacher(config) | _baselines(config, codebook)
    tuned = config.thresholds is Thresholds.inner
    return TrainingPlan(
        run=run,
        folder=output_folder(),
        split=build_split(config.split, config.seed),
        split_name=_split_name(config),
        near_duplicates=build_near_duplicate_rule(
            config.near_duplicates, config.similarity, config.spellings
        ),
        models={config.model.name: build_model(config.model)} | beside,
        threshold=config.threshold,
        inner=build_inner_split(config.inner_folds, config.seed) if tuned else None,
        unfinished=Path(config.unfinished),
        resume=config.resume is Resume.auto,
        helping=False,
        examination=build_examination(config.evaluation, config.model, config.seed),
        label_origin=config.data.label_origin,
        lexicon=build_rules(config.lexicon),
        quarantine=config.data.on_error is OnRowError.quarantine,
        keep_single_source_frames=config.data.single_source_frames is OnSingleSource.keep,
    )


def _split_name(config: TrainConfig) -> str:
    """Return the name of the split, with the column that it leaves out the values of."""
    column = getattr(config.split, "column", None)
    return config.split.name if column is None else f"{config.split.name} {column}"


def _baselines(config: TrainConfig, codebook: Codebook) -> dict[str, Model]:
    """Return the models to beat; a codebook without patterns has no dictionary."""
    from framing.build_model import build_baseline
    from framing.core.config import Baseline

    patterns = any(frame.patterns for frame in codebook.frames)
    wanted = [each for each in config.baselines if patterns or each is not Baseline.dictionary]
    return {baseline.value: build_baseline(baseline) for baseline in wanted}


def _without_teacher(config: TrainConfig) -> dict[str, Model]:
    """Return the same model without its teacher, so that the report says whether the teacher helped."""
    from framing.build_model import build_model
    from framing.pipeline import WITHOUT_TEACHER

    if not isinstance(config.model, TransformerConfig) or config.model.teacher is TeacherKind.none:
        return {}
    alone = replace(config.model, teacher=TeacherKind.none, unlabelled=[])
    return {config.model.name + WITHOUT_TEACHER: build_model(alone)}


def run_of(composed: DictConfig, config: TrainConfig, codebook: Codebook) -> RunDescription:
    """Return how the run is recorded: its whole configuration, its commit and versions."""
    from framing.tracking.provenance import flat, git_commit, versions
    from framing.tracking.tracker import RunDescription

    parameters = flat(plain(composed))
    # The codebook's texts are long; the run keeps them whole as codebook.json.
    parameters = {key: value for key, value in parameters.items() if not key.startswith("codebook.")}
    # Paths inside the project are the same run wherever the project stands.
    parameters = {key: _inside_project(value) for key, value in parameters.items()}
    parameters |= {"codebook.name": codebook.name, "codebook.version": codebook.version}
    tags = {"git_commit": git_commit(PROJECT), "codebook_sha256": codebook.sha256}
    perturbations = Path(config.evaluation.perturbations or "")
    if perturbations.is_file():
        tags["perturbations_sha256"] = hashlib.sha256(perturbations.read_bytes()).hexdigest()
    tags |= {f"version.{package}": number for package, number in versions().items()}
    name = " ".join([config.name, swept()]).strip()
    return RunDescription(name, parameters, tags, sweep_of())


def _inside_project(value: object) -> object:
    return value.replace(f"{PROJECT}/", "") if isinstance(value, str) else value


if __name__ == "__main__":
    run_command(
        main,
        "train",
        "Learn framing categories from labelled sentences, score them on sources left out,\n"
        "report how the lexicon differs by source, and record the run in MLflow.",
        compare,
    )
