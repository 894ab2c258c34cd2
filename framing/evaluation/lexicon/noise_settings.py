"""What counts as noise, and what happens to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from framing.core.errors import FramingError

POLICIES = ("keep", "once", "drop")


@dataclass(frozen=True)
class NoiseSettings:
    """What counts as noise.

    `wire` says what happens to a sentence that several sources have. "drop" takes it out of all: its words
    were chosen by none of them, or by one that cannot be known; what is compared is what each wrote alone,
    and that a source prints much of an agency is seen in the table of noise, not in its words. "keep"
    leaves the agency's words to all who print it: right where printing is itself the choice that is
    studied. "once" credits the source that had it first, which need not be the author. "drop" is the
    most honest where nothing else is known. Near copies are another matter: one sentence in two versions,
    "liberated" here and "captured" there, is the very difference that is looked for, so it is listed and
    kept unless `near_copies` asks otherwise.

    Attributes:
        boilerplate_documents: of one source that make a sentence boilerplate; at least 2.
        numbers_alike: numbers are one sign when sentences are compared. So "Minutes of 3 May" and "Minutes of
            4 May" are one; but "Army destroys 5 drones" and "Army destroys 7 drones" are one as well.
        edge_documents: of one source, at least, that have a lead-in or tail that is cut.
        edge_share: of the documents of the source, at least, that have it; 0 to 1.
        names: source -> further names by which it speaks of itself, such as "the Agency".
        wire: "keep", "once" (in the source with the first date, of equal dates in the first by alphabet;
            sentences without a date are last) or "drop".
        wire_words: a sentence with fewer is nobody's copy.
        near_copies: they are treated like copies; otherwise they are only listed.
        similarity: of near copies, at least; above 0, at most 1.
        listed: texts of a kind and source in the table; the rest of them is one row.
    """

    boilerplate_documents: int
    numbers_alike: bool
    edge_documents: int
    edge_share: float
    names: Mapping[str, tuple[str, ...]]
    wire: str
    wire_words: int
    near_copies: bool
    similarity: float
    listed: int

    def __post_init__(self) -> None:
        if self.wire not in POLICIES:
            raise FramingError(f"wire copy: {self.wire!r} is not a choice. Use one of {', '.join(POLICIES)}.")
        if self.boilerplate_documents < 2:
            raise FramingError(
                f"boilerplate: {self.boilerplate_documents} document(s) would make every sentence "
                "boilerplate. Use 2 or more."
            )
        if not 0 < self.similarity <= 1:
            raise FramingError(
                f"near copies: a similarity of {self.similarity} is not above 0 and at most 1."
            )
