"""Other names for the same sentence, so that no name, and no side, carries a label.

The contrast corpus speaks of invented states, towns and persons. Real sentences speak of real ones, which
a pretrained encoder knows much about. A sentence that is learned from under many names teaches that the
name does not matter. The new names are drawn at random, for attacker and attacked alike; they stand in
memory only, and claim nothing.
"""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from framing.core.errors import FramingError

KINDS = ("state", "adjective", "people", "capital")
"""What a state is called by: its name, its adjective, its people in the plural, its capital."""


@dataclass(frozen=True)
class Names:
    """The names that a corpus uses, and those that may stand in their place.

    Attributes:
        used: what a name is: (kind, state) for the names of a state, (`place`, ``) or (`person`, ``).
        states: for every drawn state its names in the order of `KINDS`.
        places: drawn for towns, rivers and regions.
        persons: surnames, drawn for persons.
    """

    used: dict[str, tuple[str, str]]
    states: tuple[tuple[str, ...], ...]
    places: tuple[str, ...]
    persons: tuple[str, ...]
    expression: re.Pattern[str] = field(init=False)
    lower: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        longest_first = sorted(self.used, key=lambda name: (-len(name), name))
        pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"
        object.__setattr__(self, "expression", re.compile(pattern, re.IGNORECASE))
        object.__setattr__(self, "lower", {name.lower(): name for name in self.used})

    @classmethod
    def read(cls, path: str) -> "Names":
        """Read names from a YAML file with `used` (by kind) and `drawn`.

        Raises:
            FramingError: the file is missing or holds something else.
        """
        try:
            content: dict[str, Any] = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
            used = dict.fromkeys(content["used"]["places"], ("place", ""))
            used |= dict.fromkeys(content["used"]["persons"], ("person", ""))
            for state, names in content["used"]["states"].items():
                used[state] = ("state", state)
                for kind in KINDS[1:]:
                    used |= dict.fromkeys(names.get(kind, []), (kind, state))
            drawn = content["drawn"]
            states = tuple(tuple(str(state[kind]) for kind in KINDS) for state in drawn["states"])
            return cls(used, states, tuple(drawn["places"]), tuple(drawn["persons"]))
        except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
            reason = str(error).split("\n")[0]
            raise FramingError(
                f"model.names={path}: cannot be read ({reason}). Expected a YAML with `used` and `drawn`, "
                "each with `states`, `places` and `persons`, as in seeds/contrast/names.yaml; or set "
                "model.rename=0."
            ) from error

    def renamed(self, text: str, rng: random.Random) -> str:
        """Return the sentence with other names; a name that stands twice is twice the same."""
        lower_case = text == text.lower()
        drawn: dict[str, Any] = {}

        def other(match: re.Match[str]) -> str:
            found = match.group(0)
            name = found if found in self.used else self.lower[found.lower()] if lower_case else None
            if name is None:  # an ordinary word that is spelled like a name
                return found
            new = self._drawn(name, drawn, rng)
            return new.lower() if lower_case else new

        return self.expression.sub(other, text)

    def _drawn(self, name: str, drawn: dict[str, Any], rng: random.Random) -> str:
        kind, state = self.used[name]
        if kind == "place":
            return str(drawn.setdefault(name, rng.choice(self.places)))
        if kind == "person":
            return str(drawn.setdefault(name, rng.choice(self.persons)))
        names = drawn.setdefault(f"state {state}", rng.choice(self.states))
        return str(names[KINDS.index(kind)])
