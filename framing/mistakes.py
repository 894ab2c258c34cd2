"""What Hydra and OmegaConf complain of, said for people: what was typed, what is expected, what to do."""

import difflib
import re
import sys
from collections.abc import Iterable

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from framing.core.errors import FramingError
from framing.settings import CONFIGS, choices, groups, names_in, names_of_choice

KINDS = (
    (r"could not be converted to Float", "a number, such as 0.5"),
    (r"could not be converted to Integer", "a whole number, such as 3"),
    (r"is not a valid bool", "true or false"),
    (r"is not a ListConfig|with ListConfig", "a list in square brackets, such as {key}=[{value}]"),
    (r"with DictConfig|is not a DictConfig", "one of its own settings, such as {key}.NAME={value}"),
    (r"is not Optional", "a value; it cannot be left empty"),
    (r"Cannot convert '.*' to string", "a text"),
)
"""What OmegaConf says of a value of the wrong type -> what it should be."""


def explain(error: Exception, command: str) -> str:
    """Return the message for a user: which setting, what is wrong, what would be right."""
    if isinstance(error, FramingError):
        return str(error)
    if isinstance(error, MissingConfigException):
        return _no_such_choice(error)
    if isinstance(error, OverrideParseException):
        return _unreadable(error)
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    key = getattr(cause, "full_key", None) or _overridden_key(str(error))
    text = str(cause if isinstance(cause, OmegaConfBaseException) else error).split("\n")[0].strip()
    if key and "not in" in text:
        return f"{key}: there is no such setting. {_similar_setting(key, command)}".strip()
    if key and (kind := next((kind for pattern, kind in KINDS if re.search(pattern, text)), None)):
        typed = _typed_value(key, text)
        return f"{key}={typed}: expected {kind.format(key=key, value=typed)}."
    if key and (one_of := re.search(r"expected one of \[(.*)\]", text)):
        return f"{key}={_typed_value(key, text)}: expected one of {one_of[1]}."
    return f"{key}: {text}" if key and key not in text else text


def _no_such_choice(error: MissingConfigException) -> str:
    group, _, choice = (error.missing_cfg_file or "").rpartition("/")
    if not group or not error.options:
        return str(error).split("\nConfig search path")[0].strip()
    close = _closest(choice, error.options)
    hint = f"Did you mean {group}={close}? " if close else ""
    return f"{group}={choice}: there is no such choice. {hint}There are: {', '.join(error.options)}."


def _unreadable(error: OverrideParseException) -> str:
    key, equals, value = str(error.override).partition("=")
    if not equals:
        return f"{key}: expected KEY=VALUE, such as seed=1."
    return (
        f"{error.override}: the value cannot be read. One with spaces, brackets or other signs stands in "
        f"quotes inside quotes: '{key}=\"{value}\"'."
    )


def _overridden_key(text: str) -> str | None:
    found = re.search(r"Could not override '([^']+)'", text)
    return found.group(1) if found else None


def _typed_value(key: str, text: str) -> str:
    """Return the value that was typed for a setting; for one item of a list, what OmegaConf says it is."""
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        if name.lstrip("+") == key:
            return value
    found = re.search(r"[Vv]alue '(.*?)'", text)
    return found.group(1) if found else "?"


def _similar_setting(key: str, command: str) -> str:
    """Return which setting is spelled like the key, which choice has it, or all there are beside it."""
    folder, _, name = key.rpartition(".")
    group, _, inside = folder.partition(".")
    prefix = f"{folder}." if folder else ""
    if not folder:
        settings = [*groups(command), *names_in(CONFIGS / f"{command}.yaml")]
    elif group in (chosen := _chosen(command)):
        settings = names_of_choice(group, chosen[group], inside)
        if (close := _closest(name, settings)) is None:
            having = [choice for choice in choices(group) if name in names_of_choice(group, choice, inside)]
            if having:
                others = ", ".join(f"{group}={choice}" for choice in having)
                return f"{group}={chosen[group]} has none of that name; it belongs to {others}."
    else:
        settings = names_in(CONFIGS / f"{command}.yaml", folder)
    if (close := _closest(name, settings)) is not None:
        return f"Did you mean {prefix}{close}?"
    listed = ", ".join(prefix + setting for setting in sorted(set(settings)))
    return f"There are: {listed}." if listed else ""


def _chosen(command: str) -> dict[str, str]:
    """Return the choice of every group: the command's own, or what was typed."""
    typed = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word and not word.startswith("-"))
    return {group: typed.get(group, choice) for group, choice in groups(command).items()}


def _closest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is spelled like another, without regard to case."""
    folded = {other.casefold(): other for other in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None
