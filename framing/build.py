"""From configuration to objects: one function a kind, one `case` a choice. Heavy imports happen here."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from framing.core.codebook import Codebook, Example, Frame, Rule, Voice
from framing.core.codebook_config import CodebookConfig, Task
from framing.core.command_config import BoilerplateConfig, LimitsConfig
from framing.core.config import (
    PROJECT,
    MlflowConfig,
    NoTrackingConfig,
    OnTrackingError,
    TrackingConfig,
)
from framing.core.data_config import (
    BlankFrames,
    CsvConfig,
    DataConfig,
    HfDiskConfig,
    HubConfig,
    JsonlConfig,
    OwnDataConfig,
    ParquetConfig,
    SeedsConfig,
    Unlabelled,
)
from framing.core.errors import FramingError
from framing.data.boilerplate import BoilerplateRule
from framing.data.candidates import Candidates, LabelledRows, labelled_rows, load_candidates
from framing.data.columns import Layout, corpus_columns
from framing.data.formats import read_csv, read_parquet, reader_of
from framing.data.huggingface import read_hf_disk, read_hub
from framing.data.loading import (
    Loaded,
    load_corpus,
    load_described_sentences,
    load_further_columns,
    load_label_rows,
    load_own_corpus,
    load_sentences,
    matching_files,
)
from framing.data.reading import Reader, Rows, read_jsonl
from framing.evaluation.corpus_checks import Limits
from framing.tracking.tracker import NoTracker, Tracker

RUN_ID = re.compile("[0-9a-f]{32}")
LOCAL_STORE = f"sqlite:///{PROJECT / 'mlruns' / 'mlflow.db'}"


def build_codebook(config: CodebookConfig) -> Codebook:
    """Return the codebook; its ids and examples are checked."""
    return Codebook(
        name=config.name,
        version=config.version,
        title=config.title,
        single_label=config.task is Task.single_label,
        unit=config.unit,
        introduction=config.introduction,
        frames=tuple(
            Frame(
                id=frame.id,
                definition=frame.definition,
                typical=frame.typical,
                not_this=frame.not_this,
                patterns=tuple(frame.patterns),
                examples=tuple(
                    Example(example.text, tuple(example.frames), example.voice) for example in frame.examples
                ),
            )
            for frame in config.frames
        ),
        voices=tuple(Voice(voice.id, voice.definition) for voice in config.voices),
        voice_rule=config.voice_rule,
        rules=tuple(Rule(rule.title, rule.text) for rule in config.rules),
    )


def build_corpus(config: DataConfig, codebook: Codebook, further: Sequence[str] = ()) -> Loaded:
    """Read and validate the sentences and labels; the sentences must have the `further` columns too."""
    carried = tuple(further)
    match config:
        case SeedsConfig():
            return load_corpus(
                codebook,
                sentences=config.sentences,
                labels=config.labels,
                exclude_kinds=config.exclude_kinds,
                training_only=config.training_only,
                unlabelled_set_aside=config.unlabelled is Unlabelled.set_aside,
                layout=Layout(further=carried, needed=carried),
            )
        case OwnDataConfig():
            return load_own_corpus(
                codebook,
                build_reader(config),
                replace(build_layout(config), further=carried, needed=carried),
                exclude_kinds=config.exclude_kinds,
                training_only=config.training_only,
            )
    raise NotImplementedError(f"no case for {type(config).__name__}")


def build_sentences(config: DataConfig) -> Rows:
    """Read the sentences without their labels."""
    match config:
        case SeedsConfig():
            return load_sentences(reader_of(config.sentences), Layout())
        case OwnDataConfig():
            return load_sentences(build_reader(config), build_layout(config))
    raise NotImplementedError(f"no case for {type(config).__name__}")


def build_described_sentences(config: DataConfig, codebook: Codebook, further: Sequence[str]) -> Rows:
    """Read the sentences with whatever labels they have, and the `further` columns, which must be there."""
    carried = tuple(further)
    match config:
        case SeedsConfig():
            layout = Layout(further=carried, needed=carried)
            return load_described_sentences(codebook, reader_of(config.sentences), layout, config.labels)
        case OwnDataConfig():
            layout = replace(build_layout(config), further=carried, needed=carried)
            return load_described_sentences(codebook, build_reader(config), layout)
    raise NotImplementedError(f"no case for {type(config).__name__}")


def build_candidates(config: DataConfig, codebook: Codebook) -> Candidates:
    """Read the sentences, and their labels where they have some."""
    return load_candidates(codebook, *_sentences_and_labels(config, codebook), config.exclude_kinds)


def _sentences_and_labels(config: DataConfig, codebook: Codebook) -> tuple[Rows, Rows | None]:
    """Read the sentences, and the labels that stand in a file of their own."""
    labels = None
    match config:
        case SeedsConfig():
            layout = Layout()
            rows = reader_of(config.sentences)(layout.asked(codebook.frame_ids))
            labels = load_label_rows(config.labels) if config.labels is not None else None
        case OwnDataConfig():
            layout = build_layout(config)
            rows = build_reader(config)(layout.asked(codebook.frame_ids))
        case _:
            raise NotImplementedError(f"no case for {type(config).__name__}")
    return corpus_columns(rows, layout, codebook, labelled=False), labels


def build_reader(config: OwnDataConfig) -> Reader:
    """Return the function that reads the user's own corpus."""
    match config:
        case JsonlConfig():
            return partial(read_jsonl, config.path)
        case CsvConfig():
            if len(config.separator) != 1:
                raise FramingError(f"data.separator={config.separator!r}: expected one character.")
            return partial(read_csv, config.path, separator=config.separator)
        case ParquetConfig():
            return partial(read_parquet, config.path)
        case HfDiskConfig():
            return partial(read_hf_disk, config.path, split=config.split)
        case HubConfig():
            return partial(
                read_hub, config.path, split=config.split, subset=config.subset, revision=config.revision
            )
    raise NotImplementedError(f"no case for {type(config).__name__}")


def build_layout(config: OwnDataConfig) -> Layout:
    """Return which columns of the user's own corpus hold what."""
    return Layout(
        columns={name: column for name, column in vars(config.columns).items() if column is not None},
        one_hot=config.one_hot,
        blank_is_no_frame=config.blank_frames is BlankFrames.no_frame,
    )


def build_labelled_rows(config: DataConfig, codebook: Codebook) -> LabelledRows:
    """Read the sentences that have a label, also those whose labels the codebook does not know."""
    layout = Layout()
    further = [
        corpus_columns(read_jsonl(path, layout.asked(codebook.frame_ids)), layout, codebook, labelled=False)
        for path in matching_files(config.training_only)
    ]
    parts = [_sentences_and_labels(config, codebook), *[(rows, None) for rows in further]]
    return labelled_rows(codebook, parts)


def build_further_columns(config: DataConfig, names: Sequence[str]) -> pl.DataFrame:
    """Read columns that the corpus may have beside its own: `file`, `line`, and these."""
    readers: list[Reader] = [partial(read_jsonl, path) for path in matching_files(config.training_only)]
    match config:
        case SeedsConfig():
            readers.append(reader_of(config.sentences))
        case OwnDataConfig():
            readers.append(build_reader(config))
    return load_further_columns(readers, names)


def build_limits(config: LimitsConfig) -> Limits:
    """Return what a corpus should keep to."""
    if not 0 < config.similarity < 1:
        raise FramingError(f"limits.similarity={config.similarity}: expected a number between 0 and 1.")
    return Limits(**vars(config))


def build_boilerplate_rules(config: BoilerplateConfig) -> tuple[BoilerplateRule, ...]:
    """Return the rules; their patterns and examples are checked."""
    return tuple(
        BoilerplateRule(rule.name, rule.pattern, rule.whole_line, tuple(rule.marks), tuple(rule.leaves))
        for rule in config.rules
    )


def find_model(model: str, config: TrackingConfig, downloads: Path) -> Path:
    """Return the folder of a saved model; one in MLflow is copied into `downloads`.

    Raises:
        FramingError: there is no such folder, run or registered model.
    """
    if Path(model).is_dir():
        return Path(model)
    if not RUN_ID.fullmatch(model) and not model.startswith("models:/"):
        raise FramingError(
            f"model={model}: there is no such folder. Expected the folder `model` of a training run, the id "
            "of an MLflow run (32 hexadecimal digits), models:/NAME@ALIAS or models:/NAME/VERSION."
        )
    if not isinstance(config, MlflowConfig):
        raise FramingError(
            f"model={model}: with tracking={config.name} no run can be looked up. Choose "
            "tracking=mlflow, or give the folder of the model: model=FOLDER."
        )
    from framing.tracking.mlflow_tracker import download_model

    return download_model(model, config.uri, config.timeout, downloads)


def build_tracker(config: TrackingConfig) -> Tracker:
    """Return a tracker that is connected already, so that a missing server is told before training."""
    match config:
        case NoTrackingConfig():
            return NoTracker()
        case MlflowConfig():
            from framing.tracking.mlflow_tracker import MlflowTracker

            return MlflowTracker(
                uri=config.uri,
                artifacts=config.artifacts,
                experiment=config.experiment,
                timeout=config.timeout,
                local=LOCAL_STORE if config.on_error is OnTrackingError.local else None,
            )
    raise NotImplementedError(f"no case for {type(config).__name__}")
