"""From the settings of models to models: one `case` a kind. Heavy imports happen here."""

from functools import partial
from typing import TYPE_CHECKING

from omegaconf import OmegaConf

from framing.core.config import PROJECT, Baseline
from framing.core.errors import FramingError
from framing.core.model_config import (
    DictionaryConfig,
    EnsembleConfig,
    EnsembleWeights,
    MajorityConfig,
    ModelConfig,
    ProbeConfig,
    SourceOnlyConfig,
    TeacherKind,
    TfidfConfig,
    TransformerConfig,
)
from framing.data.loading import load_texts, matching_files
from framing.data.splits import by_article
from framing.models.dictionary import Dictionary
from framing.models.interface import Model
from framing.models.majority import Majority
from framing.models.source_only import SourceOnly

if TYPE_CHECKING:
    from framing.models.teaching import Teacher


def build_model(config: ModelConfig) -> Model:
    """Return the model, not yet fitted."""
    match config:
        case MajorityConfig():
            return Majority()
        case SourceOnlyConfig():
            return SourceOnly()
        case DictionaryConfig():
            return Dictionary()
        case TfidfConfig():
            return _build_tfidf(config)
        case ProbeConfig():
            return _build_probe(config)
        case TransformerConfig():
            return _build_transformer(config)
        case EnsembleConfig():
            return _build_ensemble(config)
    raise NotImplementedError(f"no case for {type(config).__name__}")


def _build_tfidf(config: TfidfConfig) -> Model:
    from framing.models.linear import Regression
    from framing.models.tfidf import Tfidf, TfidfSettings

    settings = TfidfSettings(
        word_ngrams=tuple(config.word_ngrams),
        char_ngrams=tuple(config.char_ngrams),
        min_documents=config.min_documents,
    )
    return Tfidf(settings, Regression(config.C, config.balanced, config.max_iterations))


def _build_probe(config: ProbeConfig) -> Model:
    from framing.models.linear import Regression
    from framing.models.probe import Probe, ProbeSettings

    settings = ProbeSettings(config.encoder, config.revision, config.pooling, config.max_tokens)
    return Probe(settings, Regression(config.C, config.balanced, config.max_iterations))


def _build_transformer(config: TransformerConfig) -> Model:
    from framing.models.finetuning import FineTuning
    from framing.models.renaming import Names
    from framing.models.transformer import Transformer, TransformerSettings

    settings = TransformerSettings(
        encoder=config.encoder,
        revision=config.revision,
        pooling=config.pooling,
        max_tokens=config.max_tokens,
        dropout=config.dropout,
        voice_weight=config.voice_weight,
        balanced=config.balanced,
        patterns=config.patterns,
        patterns_alone=config.patterns_alone,
        rename=config.rename,
        own_epochs=config.own_epochs,
        own_lr=config.own_lr,
        held_out=config.held_out,
    )
    training = FineTuning(
        epochs=config.epochs,
        batch_size=config.batch_size,
        accumulation=config.accumulation,
        encoder_lr=config.encoder_lr,
        head_lr=config.head_lr,
        layer_decay=config.layer_decay,
        warmup=config.warmup,
        weight_decay=config.weight_decay,
        freeze_embeddings=config.freeze_embeddings,
        precision=config.precision.value,
        patience=config.patience,
        seed=config.seed,
    )
    names = Names.read(config.names) if config.rename else None
    return Transformer(settings, training, _build_teacher(config), names)


def _build_teacher(config: TransformerConfig) -> "Teacher | None":
    """Return the teacher, None without one."""
    from framing.models.teaching import Teacher

    if config.teacher is TeacherKind.none:
        if config.unlabelled:
            raise FramingError(
                "model.unlabelled names sentences that only a teacher can label, and model.teacher=none. "
                "Set model.teacher=tfidf or model.teacher=dictionary."
            )
        return None
    inner = partial(by_article, folds=config.inner_folds, seed=config.seed, setting="model.inner_folds")
    files = matching_files(config.unlabelled, "model.unlabelled")
    unlabelled = tuple(dict.fromkeys(text for path in files for text in load_texts(path)))
    return Teacher(_teacher_model(config.teacher), config.teacher_weight, unlabelled, inner)


def _teacher_model(teacher: TeacherKind) -> Model:
    """Return the teacher with the settings that `configs/model/` gives it."""
    return Dictionary() if teacher is TeacherKind.dictionary else _tfidf_as_configured()


def _tfidf_as_configured() -> Model:
    values = OmegaConf.to_container(OmegaConf.load(PROJECT / "configs" / "model" / "tfidf.yaml"))
    if not isinstance(values, dict):
        raise TypeError("configs/model/tfidf.yaml holds no settings")
    del values["defaults"]
    return _build_tfidf(TfidfConfig(**{str(key): value for key, value in values.items()}))


def _build_ensemble(config: EnsembleConfig) -> Model:
    from framing.models.ensemble import Ensemble

    members = {name: build_model(member) for name, member in config.members.items()}
    inner = partial(by_article, folds=config.inner_folds, seed=config.seed, setting="model.inner_folds")
    return Ensemble(members, inner if config.weights is EnsembleWeights.inner else None)


def build_baseline(baseline: Baseline) -> Model:
    """Return a baseline, not yet fitted."""
    match baseline:
        case Baseline.majority:
            return Majority()
        case Baseline.source_only:
            return SourceOnly()
        case Baseline.dictionary:
            return Dictionary()
        case Baseline.tfidf:
            return _tfidf_as_configured()
