"""From the settings of a split to what makes the folds: one `case` a split, and what keeps copies apart."""

from functools import partial
from pathlib import Path

import yaml

from framing.core.config import (
    ArticleSplitConfig,
    ColumnSplitConfig,
    LeaveOneSourceOutConfig,
    RandomSplitConfig,
    SplitConfig,
    TimeSplitConfig,
    UnseenConfig,
)
from framing.core.corpus import SENTENCE_COLUMNS
from framing.core.data_config import OnNearDuplicates
from framing.core.errors import FramingError
from framing.data.division import NearDuplicateRule
from framing.data.periods import by_time
from framing.data.splits import (
    NOT_A_GROUP,
    Split,
    at_random,
    by_article,
    by_column,
    leave_one_source_out,
    unseen,
)
from framing.evaluation.spelling import Spellings
from framing.models.teaching import InnerSplit


def build_split(config: SplitConfig, seed: int) -> Split:
    """Return the function that makes the folds."""
    match config:
        case LeaveOneSourceOutConfig():
            return leave_one_source_out
        case UnseenConfig():
            return unseen
        case ArticleSplitConfig():
            return partial(by_article, folds=config.folds, seed=seed)
        case RandomSplitConfig():
            return partial(at_random, folds=config.folds, seed=seed)
        case TimeSplitConfig():
            return partial(by_time, folds=config.folds)
        case ColumnSplitConfig():
            return partial(by_column, column=config.column)
    raise NotImplementedError(f"no case for {type(config).__name__}")


def further_columns(config: SplitConfig) -> list[str]:
    """Return the columns that a corpus must carry, beside those of every corpus, to be split so.

    Raises:
        FramingError: the column cannot group sentences.
    """
    if not isinstance(config, ColumnSplitConfig):
        return []
    if config.column in NOT_A_GROUP:
        raise FramingError(
            f"split.column={config.column}: expected a column that says which sentences belong together, "
            "such as event, topic or register."
        )
    return [] if config.column in SENTENCE_COLUMNS else [config.column]


def build_inner_split(folds: int, seed: int, setting: str = "inner_folds") -> InnerSplit:
    """Return what divides a training part into inner folds of articles; `setting` names their number."""
    return partial(by_article, folds=folds, seed=seed, setting=setting)


def build_near_duplicate_rule(
    found: OnNearDuplicates, similarity: float, spellings: str
) -> NearDuplicateRule:
    """Return what is done about near-duplicates across folds; the settings are checked.

    Raises:
        FramingError: the similarity is out of range, or the file of spellings cannot be used.
    """
    if not 0 < similarity < 1:
        raise FramingError(f"similarity={similarity}: expected a number between 0 and 1.")
    return NearDuplicateRule(found, similarity, read_spellings(spellings))


def read_spellings(path: str) -> Spellings:
    """Return the spellings in a YAML file: a list of lists.

    Raises:
        FramingError: it cannot be read, or holds something else.
    """
    expected = "Expected a YAML with a list of lists, such as `- [Kyiv, Kiev]`."
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or []
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = str(error).split("\n")[0]
        raise FramingError(f"spellings={path}: cannot be read ({reason}). {expected}") from error
    groups = content if isinstance(content, list) else [content]
    for number, group in enumerate(groups, start=1):
        if not isinstance(group, list) or not all(isinstance(name, str) and name.strip() for name in group):
            raise FramingError(f"spellings={path}, entry {number}: found {group!r}. {expected}")
    return Spellings(tuple(tuple(group) for group in groups))
