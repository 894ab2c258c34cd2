"""The file of a study's names and wordings, from which variants of sentences are made."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from framing.core.errors import FramingError

SECTIONS = ("sides", "persons", "places", "outlets")
"""The kinds of names; persons are exchanged together with the sides."""


@dataclass(frozen=True)
class Name:
    """One spelling of one name.

    Attributes:
        placeholder: what masks it, `{}` standing for a letter.
        lettered_with: names that count their letters together.
        owner: names with the same owner have the same letter.
        exchanged_with: the section whose exchange concerns it.
        other: what stands in for it then, the name itself if nothing does.
        respelled: its other spelling, the name itself if it has but one.
    """

    placeholder: str
    lettered_with: str
    owner: str
    exchanged_with: str
    other: str
    respelled: str


@dataclass(frozen=True)
class Wording:
    """Words that are exchanged so that one frame becomes another.

    Attributes:
        perturbation: its name.
        before: the frame that goes.
        after: the frame that comes.
        words: phrase -> phrase.
        never_beside: regular expressions; a variant in which one is found is not made.
    """

    perturbation: str
    before: str
    after: str
    words: Mapping[str, str]
    never_beside: tuple[str, ...]


@dataclass(frozen=True)
class Wrapper:
    """Sentences into which another is put, so that one voice becomes another.

    Attributes:
        perturbation: its name.
        before: the voice that goes.
        after: the voice that comes.
        texts: `{}` stands for the sentence that is put in.
    """

    perturbation: str
    before: str
    after: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """What the file holds; `beginnings` lose their capital letter inside a sentence."""

    names: Mapping[str, Name]
    wordings: tuple[Wording, ...]
    wrappers: tuple[Wrapper, ...]
    beginnings: frozenset[str]


def read_perturbations(path: str, further: Sequence[str] = ()) -> Content:
    """Read the file, with further names that are only masked.

    Raises:
        FramingError: the file is missing, is something else, or has a name in two places.
    """
    try:
        content: dict[str, Any] = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        names = [name for section in SECTIONS for name in _names(section, content[section])]
        wordings = tuple(
            Wording(
                str(perturbation),
                str(each["before"]),
                str(each["after"]),
                {_text(old): _text(new) for old, new in each["words"].items()},
                tuple(re.compile(pattern).pattern for pattern in each["never_beside"]),
            )
            for perturbation, each in content["wordings"].items()
        )
        wrappers = tuple(
            Wrapper(
                str(perturbation),
                str(each["before"]),
                str(each["after"]),
                tuple(_with_braces(text) for text in each["texts"]),
            )
            for perturbation, each in content["wrappers"].items()
        )
        beginnings = frozenset(_text(word) for word in content["beginnings"])
        return Content(_unique(names, further), wordings, wrappers, beginnings)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]
        raise FramingError(
            f"perturbations={path}: cannot be read ({reason}). Expected a YAML with `sides`, `persons`, "
            "`places`, `outlets`, `wordings`, `wrappers` and `beginnings`, as in "
            "configs/perturbations/territorial_war.yaml. Mend it, or take that file."
        ) from error


def _names(section: str, lists: Mapping[str, list[Any]]) -> Iterator[tuple[str, Name]]:
    """Yield every spelling of every name of a section, and what it is."""
    for placeholder, entries in lists.items():
        _with_braces(placeholder, fewest=0)
        for entry in entries:
            full = _spellings_of_both(entry)
            owners = [str(side) if section == "sides" else names[0] for side, names in enumerate(full)]
            for pair in (full, _surnames(full)) if section == "persons" else (full,):
                for owner, spellings, others in zip(owners, pair, reversed(pair), strict=True):
                    yield from _spelled(section, placeholder, owner, spellings, others)


def _spelled(
    section: str, placeholder: str, owner: str, spellings: list[str], others: list[str]
) -> Iterator[tuple[str, Name]]:
    """Yield the spellings of one name; each stands in for the spelling of the same kind, or the first."""
    for place, spelling in enumerate(spellings):
        yield (
            spelling,
            Name(
                placeholder,
                lettered_with=section if section == "sides" else placeholder,
                owner=owner,
                exchanged_with="sides" if section == "persons" else section,
                # A name that stands alone is its own partner.
                other=spelling if others is spellings else others[place if place < len(others) else 0],
                respelled=spellings[0] if place else spellings[min(1, len(spellings) - 1)],
            ),
        )


def _spellings_of_both(entry: Any) -> list[list[str]]:
    """Return the spellings of the one or two names of an entry."""
    names = [entry] if isinstance(entry, str) else entry
    if not isinstance(names, list) or not 1 <= len(names) <= 2:
        raise ValueError(f"{entry!r} is neither a name nor a pair of names")
    return [[_text(each) for each in (name if isinstance(name, list) else [name])] for name in names]


def _surnames(pair: list[list[str]]) -> list[list[str]]:
    """Return the last words of the names, those that are spelled alike once."""
    return [list(dict.fromkeys(spelling.split()[-1] for spelling in spellings)) for spellings in pair]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no text; in YAML, put it in quotes")
    return value.strip()


def _with_braces(text: Any, fewest: int = 1) -> str:
    if not fewest <= _text(text).count("{}") <= 1:
        raise ValueError(f"{text!r} must have {{}} once")
    return _text(text)


def _unique(names: Sequence[tuple[str, Name]], further: Sequence[str]) -> dict[str, Name]:
    """Return the names by spelling; two that differ in capitals alone could not be told apart."""
    known: set[str] = set()
    found: dict[str, Name] = {}
    for spelling, name in names:
        if spelling.lower() in known:
            raise ValueError(f"{spelling!r} stands in two places")
        known.add(spelling.lower())
        found[spelling] = name
    for spelling in map(str.strip, further):
        if spelling and spelling.lower() not in known:
            known.add(spelling.lower())
            found[spelling] = Name("Name {}", "Name {}", spelling, "outlets", spelling, spelling)
    return found
