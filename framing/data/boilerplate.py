"""Rules that tell sentences which are not running text: reading times, credits, bylines, links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from framing.core.errors import FramingError


@dataclass(frozen=True)
class BoilerplateRule:
    """One kind of boilerplate.

    Attributes:
        name: of the rule, unique.
        pattern: a regular expression that fits the whole sentence, without regard to case.
        whole_line: the sentence must also be the only one of its line.
        marks: examples, each the only sentence of its line, that the rule marks.
        leaves: examples that it does not mark.

    Raises:
        FramingError: the pattern is no regular expression, or an example is treated otherwise.
    """

    name: str
    pattern: str
    whole_line: bool
    marks: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise FramingError(
                f"boilerplate rule {self.name}: its pattern is no regular expression ({error}). Correct it."
            ) from error
        for examples, expected in ((self.marks, True), (self.leaves, False)):
            wrong = [example for example in examples if self.fits(example, only=True) is not expected]
            if wrong:
                raise FramingError(
                    f"boilerplate rule {self.name}: its pattern {'does not fit' if expected else 'fits'} "
                    f"{wrong[0]!r}, an example of what it {'marks' if expected else 'leaves'}. "
                    "Correct the pattern or the example."
                )

    def fits(self, sentence: str, *, only: bool) -> bool:
        """Tell whether the sentence is boilerplate; `only` when it is the only one of its line."""
        if self.whole_line and not only:
            return False
        return re.fullmatch(self.pattern, sentence, flags=re.IGNORECASE) is not None


def is_boilerplate(rules: Sequence[BoilerplateRule], sentence: str, *, only: bool) -> bool:
    """Tell whether any rule marks the sentence; `only` when it is the only one of its line."""
    return any(rule.fits(sentence, only=only) for rule in rules)
