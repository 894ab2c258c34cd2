"""From configuration to what a lexicon report needs: settings, what counts as noise, sets of rival words."""

from collections.abc import Iterator, Sequence

from framing.core.codebook import Codebook
from framing.core.data_config import DataConfig, ParquetConfig
from framing.core.errors import FramingError
from framing.core.lexicon_config import LexiconConfig, NoiseConfig
from framing.data.batches import read_batches
from framing.data.columns import Layout
from framing.data.reading import Rows
from framing.evaluation.lexicon.alternation_file import Alternations, read_alternations
from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.self_check import REPEATS
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.whole import LexiconRules

AT_LEAST = {
    "prior": 0, "prior_least": 0, "min_count": 1, "min_documents": 2, "draws": 0, "examples": 0,
    "min_choices": 1, "shown": 1, "seed": 0, "at_once": 1, "listed": 1,
}  # fmt: skip
"""The smallest value of each number."""

LARGEST_SEED = 4095
"""The bootstrap has room for so large a seed beside the numbers of documents and draws."""

COLUMN = {"frame": "frames"}
"""What a user calls a column -> its name in the corpus."""

STANDARD = ("id", "text", "source", "article", "date", "kind", "frames", "voice", "period")
"""Columns that every corpus has or that are made for it; others are read from its file."""


def build_lexicon_settings(config: LexiconConfig) -> LexiconSettings:
    """Return how terms are counted and compared; every number is checked."""
    if len(config.ngrams) != 2 or not 1 <= config.ngrams[0] <= config.ngrams[1]:
        raise FramingError(
            f"lexicon.ngrams={config.ngrams}: expected the shortest and the longest n-gram, such as [1, 2]."
        )
    for name, least in AT_LEAST.items():
        value = getattr(config, name)
        if value is not None and value < least:
            raise FramingError(f"lexicon.{name}={value}: expected {least} or more.")
    if config.seed > LARGEST_SEED:
        raise FramingError(f"lexicon.seed={config.seed}: expected a number from 0 to {LARGEST_SEED}.")
    if not 0 < config.level < 1:
        raise FramingError(f"lexicon.level={config.level}: expected a number between 0 and 1.")
    return LexiconSettings(
        groups=_column(config.groups),
        within=None if config.within is None else _column(config.within),
        strata=tuple(_column(name) for name in config.strata),
        period=config.period.value,
        pairs=config.pairs,
        ngrams=(config.ngrams[0], config.ngrams[1]),
        prior=Prior(config.prior, config.prior_least),
        min_count=config.min_count,
        min_documents=config.min_documents,
        level=config.level,
        listed=config.listed,
        draws=config.draws,
        examples=config.examples,
        min_choices=config.min_choices,
        shown=config.shown,
        self_check=REPEATS if config.self_check else 0,
        seed=config.seed,
    )


def _column(name: str) -> str:
    return COLUMN.get(name, name)


def further_columns(settings: LexiconSettings) -> list[str]:
    """Return the columns to read beside those that every corpus has."""
    asked = [settings.groups, *settings.strata, *([settings.within] if settings.within else [])]
    return [name for name in dict.fromkeys(asked) if name not in STANDARD]


def build_noise(config: NoiseConfig) -> NoiseSettings | None:
    """Return what counts as noise; None if nothing is to be taken out."""
    if not config.remove:
        return None
    return NoiseSettings(
        boilerplate_documents=config.boilerplate_documents,
        numbers_alike=config.numbers_alike,
        edge_documents=config.edge_documents,
        edge_share=config.edge_share,
        names={source: tuple(names) for source, names in config.names.items()},
        wire=config.wire.value,
        wire_words=config.wire_words,
        near_copies=config.near_copies,
        similarity=config.similarity,
        listed=config.listed,
    )


def build_alternations(path: str | None) -> Alternations | None:
    """Return the sets of rival words of a YAML file; None without one."""
    return None if path is None else read_alternations(path)


def build_rules(config: LexiconConfig) -> LexiconRules:
    """Return what a lexicon report does."""
    return LexiconRules(
        build_lexicon_settings(config), build_noise(config.noise), build_alternations(config.alternations)
    )


def build_batches(
    config: DataConfig, codebook: Codebook, further: Sequence[str], at_once: int
) -> Iterator[Rows]:
    """Return what reads the sentences in batches.

    Raises:
        FramingError: the data are not in a Parquet file.
    """
    if not isinstance(config, ParquetConfig):
        raise FramingError(
            f"lexicon.at_once={at_once}: found data={config.name}, expected data=parquet, which can be read "
            "in batches. Write the sentences as Parquet, or leave at_once out and read them all at once."
        )
    carried = tuple(further)
    columns = {name: column for name, column in vars(config.columns).items() if column is not None}
    layout = Layout(columns, one_hot=config.one_hot, further=carried, needed=carried)
    return read_batches(codebook, config.path, layout, at_once)
