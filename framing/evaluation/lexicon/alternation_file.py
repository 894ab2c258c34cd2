"""The file of alternations: sets of rival words for one thing, and the names that fill the slots."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from framing.core.errors import FramingError
from framing.evaluation.lexicon.alternation_form import Form, any_of, read_form
from framing.evaluation.lexicon.romanisation import russian_spellings, ukrainian_spellings

EXAMPLE = "configs/alternations/territorial_war.yaml"
SLOTS = ("agent", "place", "quoted")
"""What may be asked of a choice: who acts, where, and whether it stands in quotation marks."""

UKRAINIAN_VARIANT = "Ukrainian spelling"
RUSSIAN_VARIANT = "Russian spelling"
SECTIONS = {"words", "actors", "places", "names", "sets"}
SET_KEYS = {"title", "slots", "near", "never", "variants", "names"}
NAME_KEYS = {"uk", "ru", "uk_also", "ru_also", "country"}


@dataclass(frozen=True)
class Variant:
    """One of the rivals: its name and its forms."""

    name: str
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class AlternationSet:
    """Rival choices for one thing.

    Attributes:
        name: what tables call it.
        title: what readers are told.
        slots: what else is asked of a choice, of `SLOTS`.
        variants: the rivals, two or more.
        never: forms that are no choice; they win over forms of the same length.
        near: expression of what must stand close by on either side, alike for all variants; "" for anything.
    """

    name: str
    title: str
    slots: tuple[str, ...]
    variants: tuple[Variant, ...]
    never: tuple[Form, ...]
    near: str


@dataclass(frozen=True)
class Alternations:
    """What the file holds.

    Attributes:
        sets: in the order of the file.
        actors: side -> expression of its names, as whole words.
        adjectives: side -> expression of what names it before a noun or a hyphen ("Russian", "Ukrainian").
        places: country -> expression of the places in it, as whole words.
        notices: what the reader of numbers must know, such as spellings that both languages have.
    """

    sets: tuple[AlternationSet, ...]
    actors: Mapping[str, str]
    adjectives: Mapping[str, str]
    places: Mapping[str, str]
    notices: tuple[str, ...]


@dataclass(frozen=True)
class _Name:
    """One place: its spellings in either variant, those that both have, and the country that it is in."""

    ukrainian: tuple[str, ...]
    russian: tuple[str, ...]
    both: tuple[str, ...]
    country: str


class _Once(yaml.SafeLoader):
    """Reads a YAML and refuses a key that stands twice, of which YAML would drop the first in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise ValueError(
                f"line {node.start_mark.line + 1} and below: {twice[0]!r} stands twice; keep one"
            )
        return super().construct_mapping(node, deep)


def read_alternations(path: str) -> Alternations:
    """Read the file.

    Raises:
        FramingError: it is missing, no YAML, or something in it is not as it must be; the message names the
            file, the set and what to do.
    """
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Once)  # noqa: S506 - a safe loader
        return _alternations(content)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        reason = (getattr(error, "problem", None) or str(error).split("\n")[0]) + line
        raise FramingError(
            f"alternations={path}: cannot be read ({reason}). Expected a YAML as {EXAMPLE}. Mend it, or take "
            "that file."
        ) from error
    except ValueError as error:
        raise FramingError(f"alternations={path}: {error}. {EXAMPLE} shows how it is written.") from error


def _alternations(content: Any) -> Alternations:
    _keys("the file", content, SECTIONS, {"sets"})
    sections = {key: _mapping(key, content.get(key) or {}) for key in sorted(SECTIONS)}
    names = {str(key): _name(str(key), value) for key, value in sections["names"].items()}
    actors, adjectives = _actors(sections["actors"])
    places = _places(sections["places"], names)
    words = {str(key): any_of(_texts(f"words, {key}", value)) for key, value in sections["words"].items()}
    words |= {"actor": _union(actors.values()), "place": _union(places.values())}
    words |= {"adjective": _union(adjectives.values())}
    words = {key: value for key, value in words.items() if value}
    sets = tuple(_set(str(key), value, words, names) for key, value in sections["sets"].items())
    if not sets:
        raise ValueError("`sets` is empty; write at least one set of two variants")
    notices = [
        f"{', '.join(each.both)}: both a Ukrainian and a Russian spelling of {key}; not counted for either."
        for key, each in names.items()
        if each.both
    ]
    return Alternations(sets, actors, adjectives, places, tuple(notices))


def _set(name: str, content: Any, words: Mapping[str, str], names: Mapping[str, _Name]) -> AlternationSet:
    told = f"set {name!r}"
    _keys(told, content, SET_KEYS, {"title"})
    slots = _texts(f"{told}, slots", content.get("slots", []))
    if unknown := [each for each in slots if each not in SLOTS]:
        raise ValueError(f"{told}: slot {unknown[0]!r} is not known; there are {', '.join(SLOTS)}")
    if ("variants" in content) == ("names" in content):
        raise ValueError(f"{told}: write either `variants` or `names`")
    if "names" in content:
        variants = _spelled(told, content["names"], words, names)
    else:
        variants = tuple(
            Variant(str(key), _forms(f"{told}, variant {key!r}", forms, words))
            for key, forms in _mapping(told, content["variants"]).items()
        )
    if len(variants) < 2:
        raise ValueError(f"{told}: has {len(variants)} variant(s); rivals are two or more")
    never = _forms(f"{told}, never", content["never"], words) if "never" in content else ()
    _forms_are_different(told, variants, never)
    near = _near(told, content.get("near", []), words)
    return AlternationSet(name, str(content["title"]), tuple(slots), variants, never, near)


def _forms(told: str, written: Any, words: Mapping[str, str]) -> tuple[Form, ...]:
    try:
        return tuple(read_form(each, words) for each in _texts(told, written, fewest=1))
    except ValueError as error:
        raise ValueError(f"{told}: {error}" if told not in str(error) else str(error)) from error


def _forms_are_different(told: str, variants: Sequence[Variant], never: Sequence[Form]) -> None:
    owners: dict[str, str] = {}
    rivals = [*((each.name, each.forms) for each in variants), ("never", tuple(never))]
    for owner, forms in rivals:
        for spelled in itertools.chain.from_iterable(form.spelled for form in forms):
            if owners.setdefault(spelled, owner) != owner:
                raise ValueError(
                    f"{told}: the form {spelled!r} stands under {owners[spelled]!r} and under {owner!r}; "
                    "leave it under one"
                )


def _near(told: str, written: Any, words: Mapping[str, str]) -> str:
    found = []
    for each in _texts(f"{told}, near", written):
        if each.startswith("@") and each[1:] not in words:
            known = ", ".join(f"@{key}" for key in sorted(words))
            raise ValueError(f"{told}, near: {each} is not known; there are {known}")
        found.append(words[each[1:]] if each.startswith("@") else any_of([each]))
    return _union(found)


def _spelled(
    told: str, chosen: Any, words: Mapping[str, str], names: Mapping[str, _Name]
) -> tuple[Variant, ...]:
    """Return the two variants of a set of names; `all` stands for every name of the file."""
    wanted = list(names) if chosen == "all" else _texts(f"{told}, names", chosen, fewest=1)
    if unknown := [each for each in wanted if each not in names]:
        raise ValueError(f"{told}: {unknown[0]!r} does not stand in the section `names`; add it there")
    sides: list[tuple[str, tuple[str, ...]]] = [
        (UKRAINIAN_VARIANT, tuple(each for key in wanted for each in names[key].ukrainian)),
        (RUSSIAN_VARIANT, tuple(each for key in wanted for each in names[key].russian)),
    ]
    return tuple(Variant(name, _forms(f"{told}, {name}", list(texts), words)) for name, texts in sides)


def _name(key: str, content: Any) -> _Name:
    told = f"name {key!r}"
    _keys(told, content, NAME_KEYS, {"uk", "ru", "country"})
    try:
        ukrainian = [*ukrainian_spellings(str(content["uk"]))]
        russian = [*russian_spellings(str(content["ru"]))]
    except ValueError as error:
        raise ValueError(f"{told}: {error}") from error
    ukrainian += [each.lower() for each in _texts(told, content.get("uk_also", []))]
    russian += [each.lower() for each in _texts(told, content.get("ru_also", []))]
    both = [each for each in dict.fromkeys(ukrainian) if each in russian]
    sides = [tuple(each for each in dict.fromkeys(side) if each not in both) for side in (ukrainian, russian)]
    if not all(sides):
        raise ValueError(
            f"{told}: is spelled alike in both languages ({', '.join(both)}); put it under `places`"
        )
    return _Name(sides[0], sides[1], tuple(both), str(content["country"]))


def _actors(content: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    names, adjectives = {}, {}
    for side, lists in content.items():
        _keys(f"actors, {side}", lists, {"names", "adjectives"}, {"names"})
        names[str(side)] = any_of(_texts(f"actors, {side}", lists["names"], fewest=1))
        adjectives[str(side)] = any_of(_texts(f"actors, {side}", lists.get("adjectives", [])))
    return names, {side: each for side, each in adjectives.items() if each}


def _places(content: Mapping[str, Any], names: Mapping[str, _Name]) -> dict[str, str]:
    """Return the places of each country: those listed, and every spelling of the names in it."""
    listed = {str(key): _texts(f"places, {key}", value) for key, value in content.items()}
    for each in names.values():
        listed.setdefault(each.country, []).extend([*each.ukrainian, *each.russian, *each.both])
    return {country: any_of(texts) for country, texts in listed.items() if texts}


def _union(expressions: Iterable[str]) -> str:
    found = [each for each in expressions if each]
    return "(?:" + "|".join(found) + ")" if found else ""


def _mapping(told: str, content: Any) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise ValueError(f"{told}: expected keys with values, found {content!r}")
    return content


def _keys(told: str, content: Any, known: set[str], needed: set[str]) -> None:
    if unknown := sorted(map(str, set(_mapping(told, content)) - known)):
        raise ValueError(f"{told}: the key {unknown[0]!r} is not known; there are {', '.join(sorted(known))}")
    if missing := sorted(needed - set(content)):
        raise ValueError(f"{told}: the key {missing[0]!r} is missing")


def _texts(told: str, content: Any, fewest: int = 0) -> list[str]:
    texts = [content] if isinstance(content, str) else content
    if not isinstance(texts, list) or len(texts) < fewest:
        raise ValueError(f"{told}: expected a list of texts, found {content!r}")
    for each in texts:
        if not isinstance(each, str) or not each.strip():
            raise ValueError(f"{told}: {each!r} is no text; in YAML, put it in quotes")
    return list(texts)
