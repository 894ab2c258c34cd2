"""A codebook as data: the frames, the voices and the rules that labels, models and reports share."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from framing.core.errors import FramingError


@dataclass(frozen=True)
class Example:
    """A sentence with the labels that it should get."""

    text: str
    frames: tuple[str, ...]
    voice: str | None


@dataclass(frozen=True)
class Frame:
    """One framing category. `patterns` are regular expressions that `model=dictionary` looks for."""

    id: str
    definition: str
    typical: str
    not_this: str
    patterns: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Voice:
    """One way in which a frame is said: asserted, attributed, contested."""

    id: str
    definition: str


@dataclass(frozen=True)
class Rule:
    """How a borderline case is decided."""

    title: str
    text: str


@dataclass(frozen=True)
class Codebook:
    """The categories of one study.

    Attributes:
        single_label: a sentence has exactly one frame; otherwise any number of them, also none.
        voices: empty when the codebook knows no voice. Otherwise a sentence with a frame has exactly
            one voice, and a sentence without a frame has none.

    Raises:
        FramingError: ids that repeat, fewer than two frames, or an example with an unknown label.
    """

    name: str
    version: str
    title: str
    single_label: bool
    unit: str
    introduction: str
    frames: tuple[Frame, ...]
    voices: tuple[Voice, ...]
    voice_rule: str
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        for what, ids in (("frame", self.frame_ids), ("voice", self.voice_ids)):
            if repeated := sorted({name for name in ids if ids.count(name) > 1}):
                raise FramingError(
                    f"Codebook {self.name}: {what} id {repeated[0]!r} stands more than once; "
                    "give every one its own id."
                )
        if len(self.frames) < 2:
            raise FramingError(
                f"Codebook {self.name}: found {len(self.frames)} frame(s), expected at least two; "
                "with one category there is nothing to tell apart."
            )
        for frame in self.frames:
            self._check_patterns(frame)
            for example in frame.examples:
                self._check_example(frame, example)

    def _check_patterns(self, frame: Frame) -> None:
        for pattern in frame.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise FramingError(
                    f"Codebook {self.name}, frame {frame.id}: found the pattern {pattern!r}, which "
                    f"is no regular expression ({error}). Mend it; in YAML, put it in single quotes."
                ) from error

    def _check_example(self, frame: Frame, example: Example) -> None:
        unknown = [label for label in example.frames if label not in self.frame_ids]
        # Without voices (codebook.voices=[]) the frames of a codebook can be used alone.
        if self.voices and example.voice is not None and example.voice not in self.voice_ids:
            unknown.append(example.voice)
        if unknown:
            raise FramingError(
                f"Codebook {self.name}, frame {frame.id}: its example {example.text[:40]!r} has the "
                f"unknown label {unknown[0]!r}; expected one of "
                f"{', '.join(self.frame_ids + self.voice_ids)}."
            )

    @property
    def frame_ids(self) -> tuple[str, ...]:
        return tuple(frame.id for frame in self.frames)

    @property
    def voice_ids(self) -> tuple[str, ...]:
        return tuple(voice.id for voice in self.voices)

    def unfilled(self) -> list[str]:
        """Return where texts of a new codebook still stand in angle brackets: `frame x, definition`."""
        places = {"title": self.title, "introduction": self.introduction}
        for frame in self.frames:
            texts = {"definition": frame.definition, "typical": frame.typical, "not_this": frame.not_this}
            places |= {f"frame {frame.id}, {name}": text for name, text in texts.items()}
            places |= {f"frame {frame.id}, example": example.text for example in frame.examples}
        places |= {f"voice {voice.id}, definition": voice.definition for voice in self.voices}
        places |= {f"rule {rule.title}": rule.title + rule.text for rule in self.rules}
        return [place for place, text in places.items() if text.startswith("<") and text.endswith(">")]

    def to_json(self) -> str:
        """Return the whole codebook as JSON text, keys sorted."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Codebook":
        """Return the codebook that `to_json` wrote."""
        fields = json.loads(text)
        frames = [
            {
                **frame,
                "patterns": tuple(frame["patterns"]),
                "examples": tuple(_example(example) for example in frame["examples"]),
            }
            for frame in fields["frames"]
        ]
        return cls(
            **{
                **fields,
                "frames": tuple(Frame(**frame) for frame in frames),
                "voices": tuple(Voice(**voice) for voice in fields["voices"]),
                "rules": tuple(Rule(**rule) for rule in fields["rules"]),
            }
        )

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _example(fields: dict[str, object]) -> Example:
    return Example(**{**fields, "frames": tuple(fields["frames"])})  # type: ignore[arg-type]
