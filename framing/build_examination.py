"""From the settings of the evaluation to what is asked of a run's model."""

from collections.abc import Mapping
from functools import partial

from framing.core.config import EvaluationConfig, OtherSplit, RefitWhen
from framing.core.errors import FramingError
from framing.core.model_config import EnsembleConfig, ModelConfig, TransformerConfig
from framing.data.splits import Split, at_random, by_article, leave_one_source_out
from framing.evaluation.overview import EvaluationSettings
from framing.evaluation.perturbations import Perturbations
from framing.examination import Examination
from framing.models.renaming import Names
from framing.refits import Refits

NOT_REFITTED = (
    "The model was not fitted again on sentences without names, under other splits and on fewer labels, "
    "because a fit of this model takes minutes: evaluation.refits=always does it."
)


FEWEST_DRAWS = 100


def build_evaluation_settings(config: EvaluationConfig, seed: int) -> EvaluationSettings:
    """Return how predictions are evaluated; the numbers are checked."""
    if config.draws < FEWEST_DRAWS:
        raise FramingError(
            f"evaluation.draws={config.draws}: expected at least {FEWEST_DRAWS}. 2000 is usual."
        )
    return EvaluationSettings(draws=config.draws, seed=seed, asserted=config.asserted, sets=config.sets)


def build_examination(config: EvaluationConfig, model: ModelConfig, seed: int) -> Examination:
    """Return what is asked of the model; the numbers are checked.

    Raises:
        FramingError: a number cannot be, or the file of perturbations cannot be read.
    """
    _check(config)
    perturbations = _perturbations(config)
    refits = _build_refits(config, perturbations, seed) if _refitted(config, model) else None
    left_out = config.refits is RefitWhen.auto and refits is None
    return Examination(
        settings=build_evaluation_settings(config, seed),
        perturbations=perturbations,
        perturbed=config.perturbed,
        explained=config.explained,
        refits=refits,
        further=config.further,
        notices=(NOT_REFITTED,) if left_out else (),
    )


def _perturbations(config: EvaluationConfig) -> Perturbations | None:
    """Return what may change in a sentence; the names of an invented corpus are only masked."""
    if config.perturbations is None:
        return None
    names = sorted(Names.read(config.names).used) if config.names is not None else []
    return Perturbations.read(config.perturbations, names=names)


def _refitted(config: EvaluationConfig, model: ModelConfig) -> bool:
    if config.refits is RefitWhen.auto:
        return not is_fine_tuned(model)
    return config.refits is RefitWhen.always


def is_fine_tuned(model: ModelConfig) -> bool:
    """Return whether a fit of the model takes minutes."""
    if isinstance(model, EnsembleConfig):
        return any(is_fine_tuned(member) for member in model.members.values())
    return isinstance(model, TransformerConfig)


def _build_refits(config: EvaluationConfig, perturbations: Perturbations | None, seed: int) -> Refits:
    return Refits(
        mask=perturbations.mask if perturbations is not None and config.without_names else None,
        splits=_splits(config, seed),
        shares=tuple(config.shares),
        repeats=config.repeats,
        seed=seed,
    )


def _splits(config: EvaluationConfig, seed: int) -> Mapping[str, Split]:
    setting = "evaluation.folds"
    made: dict[OtherSplit, Split] = {
        OtherSplit.random: partial(at_random, folds=config.folds, seed=seed, setting=setting),
        OtherSplit.article: partial(by_article, folds=config.folds, seed=seed, setting=setting),
        OtherSplit.leave_one_source_out: leave_one_source_out,
    }
    return {name.value: made[name] for name in config.splits}


def _check(config: EvaluationConfig) -> None:
    for name in ("perturbed", "explained"):
        if getattr(config, name) < 0:
            raise FramingError(f"evaluation.{name}={getattr(config, name)}: expected 0 or more sentences.")
    if wrong := [share for share in config.shares if not 0 < share < 1]:
        raise FramingError(f"evaluation.shares: found {wrong[0]}, expected numbers above 0 and below 1.")
    for name in ("repeats", "further"):
        if getattr(config, name) < 1:
            raise FramingError(f"evaluation.{name}={getattr(config, name)}: expected 1 or more.")
