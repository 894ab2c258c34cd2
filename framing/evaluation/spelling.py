"""One spelling for names that have several, so that copies are found whatever a newsroom writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from framing.core.errors import FramingError

SIGNS = {"‘": "'", "’": "'", "‚": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
         "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "…": "..."}  # fmt: skip
"""Quotation marks, dashes and dots -> those of a typewriter."""


@dataclass(frozen=True)
class Spellings:
    """Groups of spellings of one name each.

    Attributes:
        groups: in each, all spellings of one name; all are counted as the first.

    Raises:
        FramingError: a spelling stands twice, or is a part of a first one, so that the result would not be
            clear.
    """

    groups: tuple[tuple[str, ...], ...]
    others: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lower = [[plain.lower() for plain in group] for group in self.groups]
        every = [spelling for group in lower for spelling in group]
        if twice := sorted({spelling for spelling in every if every.count(spelling) > 1}):
            raise FramingError(f"spellings: {twice[0]!r} stands more than once. Write it in one group, once.")
        others = {spelling: group[0] for group in lower for spelling in group[1:]}
        for spelling in others:
            if whole := next((group[0] for group in lower if spelling in group[0]), None):
                raise FramingError(
                    f"spellings: {spelling!r} is a part of {whole!r}, the first of a group. Put another "
                    "spelling first."
                )
        # The longest first: of "krasny liman" and "liman", the one that says more is replaced.
        ordered = sorted(others, key=lambda spelling: (-len(spelling), spelling))
        object.__setattr__(self, "others", {spelling: others[spelling] for spelling in ordered})

    def unified(self, texts: Sequence[str]) -> list[str]:
        """Return texts to compare: lower case, plain quotation marks and dashes, one spelling a name.

        Inside longer words spellings are replaced too (Kievan becomes kyivan): two texts with the same
        words stay the same.
        """
        series = pl.Series(texts, dtype=pl.String).str.normalize("NFKC").str.to_lowercase()
        series = series.str.replace_many([*SIGNS], [*SIGNS.values()])
        if self.others:
            series = series.str.replace_many([*self.others], [*self.others.values()], leftmost=True)
        return series.to_list()
