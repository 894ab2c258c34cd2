"""How one form of a word is written in the file of alternations, and what it finds.

    liberat*                    any ending (letters), also none
    captur(e|es|ed|ing)         one of several; (s|) may be absent
    special military operation  words in a row; a space or a hyphen stands for either
    fell <to (Russia|Ukraine)>  what stands in < > must be there, before or after, and is not counted
    free(d|s) <... @place>      in < >: ... up to 4 words (none is "by"), @name one of the words listed so

Case does not matter, whole words are found. The regular expressions are made for the engine of polars (Rust)
and for texts in lower case: it has no lookaround, so what stands before is looked for apart; and where a
letter is ASCII the border of a word is asked of ASCII letters, since Unicode borders are many times slower.
"""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

JOINT = r"[ \t\u00a0\-‐‑–]+"
"""Between the words of a form."""

GAP = r"[\s,'\"’‘ʼ“”„«»()\-‐‑–]+"
"""Between a form and what must stand beside it: never the end of a clause."""

NOT_BY = r"(?:[^\s;:.!?|b][^\s;:.!?|]*|b[^\s;:.!?|y][^\s;:.!?|]*|by[^\s;:.!?|,]+|b)"
"""A word other than "by": behind it stands who does, not what it is done to."""

SKIP = rf"(?:{NOT_BY}{GAP}){{0,4}}?"
"""Up to 4 words."""

WRITTEN = re.compile(r"(?:<(?P<before>[^<>]+)>\s*)?(?P<core>[^<>]+?)(?:\s*<(?P<after>[^<>]+)>)?")


@dataclass(frozen=True)
class Form:
    """One form as written, and the regular expressions that find it.

    Attributes:
        written: as it stands in the file.
        spelled: its readings, the alternatives written out: what tells whether two forms are the same.
        firsts: expressions of the first word of each reading, `\\w*` for any ending; in these alone Python
            looks for words.
        core: expression of the whole form, without what stands beside it.
        before: expression of what must stand before and of the gap, "" for anything.
        after: expression of what must stand after, "" for anything.
    """

    written: str
    spelled: tuple[str, ...]
    firsts: tuple[str, ...]
    core: str
    before: str
    after: str

    @property
    def plain(self) -> bool:
        """Whether its first word is all there is to it."""
        return not (self.before or self.after or any(re.search(r"[^\w*]", each) for each in self.spelled))


def read_form(written: str, words: Mapping[str, str]) -> Form:
    """Read a form.

    Args:
        written: the form.
        words: name -> expression of what `@name` stands for.

    Raises:
        ValueError: it is not written as a form is.
    """
    parts = WRITTEN.fullmatch(written.strip())
    if parts is None:
        raise ValueError(
            f"{written!r} is no form: what must stand beside the words is put in < >, before or after them"
        )
    if "@" in parts["core"] or "..." in parts["core"]:
        raise ValueError(f"{written!r}: @ and ... stand in < > only")
    spelled = sorted(set(expanded(parts["core"])), key=lambda each: (-len(each), each))
    before, after = parts["before"], parts["after"]
    return Form(
        written=written.strip(),
        spelled=tuple(
            f"<{before or ''}> {each} <{after or ''}>" if before or after else each for each in spelled
        ),
        firsts=tuple(dict.fromkeys(_first(each) for each in spelled)),
        core=_whole_words(spelled, lambda _: ""),
        before=_beside(before, words, skip_last=True) if before else "",
        after=_beside(after, words, skip_last=False) if after else "",
    )


def expanded(written: str) -> list[str]:
    """Return the readings of a text with alternatives in parentheses, blanks tidied.

    >>> expanded("take(s|) (over|control of)")
    ['takes over', 'takes control of', 'take over', 'take control of']

    Raises:
        ValueError: parentheses do not match, or stand inside each other.
    """
    pieces = re.split(r"\(([^()]*)\)", written)
    if any("(" in piece or ")" in piece or "|" in piece for piece in pieces[::2]):
        raise ValueError(f"{written!r}: alternatives are written (a|b), not inside each other")
    choices = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(pieces)]
    readings = [" ".join("".join(each).lower().split()) for each in itertools.product(*choices)]
    for reading in readings:
        if not re.fullmatch(r"[\w*'’ .@-]+", reading) or re.search(r"(?:^|[ -])\*", reading):
            raise ValueError(
                f"{written!r}: a form has letters, digits, blanks, hyphens, apostrophes, and * after letters"
            )
    return readings


def expression(reading: str) -> str:
    """Return the regular expression of words in a row, with `*` for any ending."""
    words = [re.escape(word) for word in re.split(r"[ -]+", reading.strip(" -"))]
    # All letters there are in Unicode make an expression of many names slow to compile.
    ending = "[a-z0-9]*" if reading.isascii() else r"\w*"
    return JOINT.join(re.sub(r"['’]", "['’ʼ‘]", word.replace(r"\*", ending)) for word in words)


def any_of(readings: list[str]) -> str:
    """Return the expression of one of several forms as whole words, the longest first; of none, `""`."""
    every = {reading for written in readings for reading in expanded(written)}
    ordered = sorted(every, key=lambda each: (-len(each), each))
    return _whole_words(ordered, _edge) if ordered else ""


def _whole_words(readings: list[str], first_edge: Callable[[str], str]) -> str:
    """Return the expression of one of the readings; borders that are alike stand once, which is faster."""
    sides = {(first_edge(each[0]), _edge(each[-1])) for each in readings}
    if len(sides) == 1:
        ((left, right),) = sides
        return f"{left}(?:" + "|".join(map(expression, readings)) + f"){right}"
    found = [first_edge(each[0]) + expression(each) + _edge(each[-1]) for each in readings]
    return "(?:" + "|".join(found) + ")"


def _edge(letter: str) -> str:
    """Return the expression of the border of a word beside a letter."""
    return r"(?-u:\b)" if letter.isascii() else r"\b"


def _first(reading: str) -> str:
    """Return the expression of the first word."""
    found = re.match(r"\w+\*?", reading)
    if found is None:
        raise ValueError(f"{reading!r} begins with a sign; a form begins with a letter or digit")
    return found[0].replace("*", r"\w*")


def _beside(written: str, words: Mapping[str, str], *, skip_last: bool) -> str:
    """Return the expression of what stands in < >, `...` being at the side of the form."""
    pieces = written.split()
    inner = pieces[:-1] if skip_last and pieces[-1] == "..." else pieces
    leading = "" if skip_last or inner[0] != "..." else SKIP
    inner = inner[1:] if leading else inner
    if not inner or "..." in inner:
        raise ValueError(f"<{written}>: ... stands between the form and a word, once")
    parts = [_word_beside(each, words) for each in _rejoined(inner)]
    trailing = (GAP + SKIP if inner != pieces else GAP) if skip_last else ""
    return leading + GAP.join(parts) + trailing


def _rejoined(pieces: list[str]) -> list[str]:
    """Return the pieces, those that a blank inside parentheses divided put together again."""
    joined: list[str] = []
    for piece in pieces:
        if joined and joined[-1].count("(") > joined[-1].count(")"):
            joined[-1] += " " + piece
        else:
            joined.append(piece)
    return joined


def _word_beside(written: str, words: Mapping[str, str]) -> str:
    if written.startswith("(") and written.endswith(")") and "@" in written:
        return "(?:" + "|".join(_word_beside(each, words) for each in written[1:-1].split("|")) + ")"
    if not written.startswith("@"):
        return any_of([written])
    if written[1:] not in words:
        known = ", ".join(f"@{each}" for each in sorted(words))
        raise ValueError(f"{written} is not known; there are {known}")
    return words[written[1:]]
