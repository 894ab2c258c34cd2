"""The names by which a source speaks of itself, which tell sources apart and nothing about their words."""

import re
from collections.abc import Mapping

import numpy as np
import polars as pl

from framing.evaluation.lexicon.words import GAP

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDING = r"com|org|net|info|news|co|eu|uk|ru|ua|de|fr|tv|me"


def own_names(source: str, given: tuple[str, ...] = ()) -> list[str]:
    """Return the names of a source: its own, divided into words, and those that were given.

    "kyiv_independent" and "www.KyivIndependent.com" are "kyiv independent". The parts of a name, such as
    "kyiv", are words of the topic and no names. A name of one letter would be a word of the language.
    """
    site = re.sub(
        rf"^(?:https?://)?(?:www\.)?|(?:\.(?:{_ENDING}))+/?$", "", source.strip(), flags=re.IGNORECASE
    )
    names = [_CAMEL.sub(" ", site), *given]
    plain = [" ".join(re.split(r"[\W_]+", name.lower())).strip() for name in names]
    return sorted({name for name in plain if len(name) > 1 and not name.isdigit()})


def _pattern(names: list[str]) -> str:
    """Return the regular expression of the names as whole words, written together or apart."""
    longest = sorted(names, key=lambda name: (-len(name), name))
    one_of = "|".join(r"[\s_.\-]*".join(map(re.escape, name.split())) for name in longest)
    return rf"(?i)\b(?:{one_of})\b"


def _pattern_with_site(names: list[str]) -> str:
    """Return the same with what belongs to a name in an address or after an apostrophe."""
    ending = rf"(?:\.(?:{_ENDING})\b){{0,2}}(?:['’]s\b)?"
    return rf"(?i)(?:\bhttps?://)?(?:\bwww\.)?{_pattern(names).removeprefix('(?i)')}{ending}"


def names_itself(sentences: pl.DataFrame, names: Mapping[str, list[str]]) -> pl.Series:
    """Return whether a source names itself in each of its sentences.

    Args:
        sentences: n rows with `text` and `source`.
        names: source -> its names, of `own_names`.
    """
    rows = sentences.select("text", "source").with_row_index("row")
    named = np.zeros(len(rows), dtype=np.bool_)
    for (source,), own in rows.partition_by("source", as_dict=True).items():
        if found := names.get(str(source)):
            named[own["row"].filter(own["text"].str.contains(_pattern(found))).to_numpy()] = True
    return pl.Series("named", named)


def without_names(sentences: pl.DataFrame, named: pl.Series, names: Mapping[str, list[str]]) -> pl.Series:
    """Return the texts with a gap where a source names itself.

    Args:
        sentences: n rows with `text` and `source`.
        named: shape (n,), of `names_itself`.
        names: source -> its names, of `own_names`.
    """
    texts = sentences["text"]
    rows = sentences.select("text", "source").with_row_index("row").filter(named)
    for (source,), own in rows.partition_by("source", as_dict=True).items():
        mended = own["text"].str.replace_all(_pattern_with_site(names[str(source)]), GAP)
        texts = texts.scatter(own["row"].to_list(), mended.to_list())
    return texts
