"""Sentences with other names, other words or another speaker, and what must become of their labels.

Tests of behaviour in the sense of CheckList (Ribeiro, Wu, Guestrin & Singh 2020, "Beyond Accuracy"):
invariance tests, in which nothing may move, and directional ones, in which the codebook says what must.
The directional ones are small contrast sets (Gardner et al. 2020, "Evaluating Models' Local Decision
Boundaries via Contrast Sets") that rules make, not people.

Every perturbation treats both sides of a war alike: one list of pairs, read in both directions at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from zlib import crc32

import polars as pl

from framing.evaluation.perturbation_file import Name, Wording, Wrapper, read_perturbations
from framing.evaluation.phrases import Phrases

SIDES, TOWNS, SPELLING, MASKED = "sides swapped", "towns exchanged", "spelling changed", "names masked"
"""The invariance tests."""

ONE_SENTENCE = re.compile(r"[^.!?]*(?:\.(?!\s)[^.!?]*)*\.")
"""One sentence that ends with a full stop; other full stops only inside of words and numbers."""


@dataclass(frozen=True)
class Expectation:
    """What a perturbation must do to predictions.

    A direction test counts only where the model was right about what is to change: `before` was
    predicted and `after` was not. Otherwise its change would prove nothing.

    Attributes:
        perturbation: its name.
        kind: invariance or direction.
        changes: what changes, "nothing", "frame" or "voice".
        before: the frame or voice that must go, "" when nothing changes.
        after: the frame or voice that must come.
    """

    perturbation: str
    kind: str = "invariance"
    changes: str = "nothing"
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """Return the expectation in words."""
        if self.changes == "frame":
            return (
                f"{self.before} is no longer predicted and {self.after} is; the other frames and the voice "
                f"stay (where {self.before} and not {self.after} was predicted)"
            )
        if self.changes == "voice":
            return (
                f"the voice becomes {self.after}; the frames stay "
                f"(where the voice was predicted to be {self.before})"
            )
        return "the frames and the voice stay"


@dataclass(frozen=True)
class Perturbations:
    """What may change in a sentence.

    Attributes:
        names: every name, spelled in every way, and what may stand in its place.
        wordings: other words that make another frame.
        wrappers: other speakers.
        beginnings: words that lose their capital letter inside a sentence.
    """

    names: Mapping[str, Name]
    wordings: tuple[Wording, ...]
    wrappers: tuple[Wrapper, ...]
    beginnings: frozenset[str]
    _names: Phrases = field(init=False, repr=False)
    _words: Mapping[str, Phrases] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", Phrases(self.names, names=True))
        words = {wording.perturbation: Phrases(wording.words, names=False) for wording in self.wordings}
        object.__setattr__(self, "_words", words)

    @classmethod
    def read(cls, path: str, *, names: Sequence[str] = ()) -> "Perturbations":
        """Read perturbations from a YAML file such as `configs/perturbations/territorial_war.yaml`.

        Args:
            path: the file.
            names: further names, such as those of a corpus's outlets. They are only masked.

        Raises:
            FramingError: the file is missing, is something else, or has a name in two places.
        """
        content = read_perturbations(path, names)
        return cls(content.names, content.wordings, content.wrappers, content.beginnings)

    def expectations(self) -> list[Expectation]:
        """Return what is expected of every perturbation, the invariance tests first."""
        directions = [
            Expectation(each.perturbation, "direction", changes, each.before, each.after)
            for changes, group in (("frame", self.wordings), ("voice", self.wrappers))
            for each in group
        ]
        return [*map(Expectation, (SIDES, TOWNS, SPELLING, MASKED)), *directions]

    def variants(
        self, texts: Sequence[str], frames: Sequence[Sequence[str]], voices: Sequence[str | None]
    ) -> pl.DataFrame:
        """Return every variant of every sentence. The same sentence always has the same variants.

        A sentence has a variant only where the perturbation changes it: a name stands in it, or it has
        the words and the labels that a directional test begins with.

        Args:
            texts: n sentences.
            frames: the ids of the frames that each is labelled with.
            voices: the id of the voice of each, None where it has none.

        Returns:
            `row` (of the sentence, from 0), `perturbation`, `text`, in the order of the sentences.
        """
        rows = [
            {"row": row, "perturbation": perturbation, "text": variant}
            for row, (text, labels, voice) in enumerate(zip(texts, frames, voices, strict=True))
            for perturbation, variant in self._variants(text, labels, voice)
            if variant is not None and variant != text
        ]
        return pl.DataFrame(rows, schema={"row": pl.Int64, "perturbation": pl.String, "text": pl.String})

    def _variants(
        self, text: str, frames: Sequence[str], voice: str | None
    ) -> Iterator[tuple[str, str | None]]:
        yield SIDES, self.exchange(text, "sides")
        yield TOWNS, self.exchange(text, "places")
        yield SPELLING, self.respell(text)
        yield MASKED, self.mask(text)
        for wording in self.wordings:
            if wording.before in frames and wording.after not in frames:
                yield wording.perturbation, self.reword(text, wording)
        for wrapper in self.wrappers:
            if frames and voice == wrapper.before:
                yield wrapper.perturbation, self.wrap(text, wrapper)

    def exchange(self, text: str, what: str) -> str:
        """Return the sentence with the `sides` (and their persons) or the `places` exchanged."""
        return self._names.exchanged(
            text, lambda name: self.names[name].other if self.names[name].exchanged_with == what else name
        )

    def respell(self, text: str) -> str:
        """Return the sentence with every name in its other usual spelling."""
        return self._names.exchanged(text, lambda name: self.names[name].respelled)

    def mask(self, text: str) -> str:
        """Return the sentence without names: "Country A's forces took Town A, Person A told Outlet A".

        A placeholder says what kind of thing the name is of, so that the sentence still reads as English.
        Its letter tells one from another, and is given in the order of mention, so that neither side of a
        war has a letter of its own.
        """
        letters: dict[str, dict[str, str]] = {}
        return self._names.exchanged(text, partial(self._placeholder, letters=letters))

    def _placeholder(self, name: str, letters: dict[str, dict[str, str]]) -> str:
        known = self.names[name]
        taken = letters.setdefault(known.lettered_with, {})
        return known.placeholder.replace("{}", taken.setdefault(known.owner, _letter(len(taken))))

    def reword(self, text: str, wording: Wording) -> str | None:
        """Return the sentence in other words, None if words of the old frame would be left in it."""
        phrases = self._words[wording.perturbation]
        if not phrases.found(text):
            return None
        variant = phrases.exchanged(text, lambda phrase: wording.words[phrase])
        spoiled = any(re.search(pattern, variant, re.IGNORECASE) for pattern in wording.never_beside)
        return None if spoiled else variant

    def wrap(self, text: str, wrapper: Wrapper) -> str | None:
        """Return the sentence as said by somebody, None if it is not one that can be put into another."""
        if not ONE_SENTENCE.fullmatch(text):
            return None
        first = re.split(r"\W", text, maxsplit=1)[0]
        if first in self.beginnings:
            inner = text[0].lower() + text[1:-1]
        elif self._begins_with_name(text):
            inner = text[:-1]
        else:
            return None
        chosen = crc32(text.encode()) % len(wrapper.texts)
        return wrapper.texts[chosen].replace("{}", inner)

    def _begins_with_name(self, text: str) -> bool:
        return any(text.startswith(name) for name in self._names.found(text)[:1])


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"Z{number}"
