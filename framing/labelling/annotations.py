"""What came back from annotators, as found: read from Label Studio or a sheet, not yet judged."""

from dataclasses import dataclass, field
from typing import NamedTuple

from framing.core.errors import Problem


class Annotation(NamedTuple):
    """One annotator's labels of one sentence.

    Attributes:
        sentence: id of the sentence, or its blind id.
        annotator: who labelled it.
        frames: as found, in the codebook or not.
        voice: as found, None where there is none.
        file: where it was read.
        line: line in that file, counted from 1.
        place: where in that line, "" when the line is place enough.
    """

    sentence: str
    annotator: str
    frames: tuple[str, ...]
    voice: str | None
    file: str
    line: int
    place: str = ""

    def problem(self, column: str, found: str, expected: str, cure: str) -> Problem:
        """Return a problem that names this annotation, its annotator and its sentence."""
        column = f"{self.place}, {column}" if self.place else column
        who = f"{found} ({self.sentence}, annotator {self.annotator})"
        return Problem(self.file, self.line, column, who, expected, cure)


@dataclass
class Returned:
    """Everything that a file of annotations holds.

    Attributes:
        annotations: every annotation that was made.
        problems: what could not be read as an annotation.
        unlabelled: tasks that were skipped or that nobody labelled, one problem each.
    """

    annotations: list[Annotation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unlabelled: list[Problem] = field(default_factory=list)
