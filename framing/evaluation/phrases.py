"""Phrases of a sentence exchanged for others, so that it still reads as it was written."""

import re
from collections.abc import Callable, Iterable

BEGINNING = re.compile(r"(?:^|[.!?:]\W*\s)\W*$")
"""What stands before the first word of a sentence, or of what follows a colon."""

LETTERS_SPOKEN_WITH_VOWEL = "AEFHILMNORSX"
"""An acronym that begins with one of these is preceded by "an": an RF division, an FSB officer."""

Exchange = Callable[[str], str]


class Phrases:
    """Finds phrases, the longest first, whole words only, and puts others in their place.

    An indefinite article before a phrase follows its sound ("an Odesa street", "a Kharkiv street").

    Names stand as they are written, in capitals, or in a line without any capital letter; so "Guardian"
    is found and "guardian" is not, but for such a line. Other words are found however they are written.

    >>> Phrases(["Russia", "Ukraine"], names=True).exchanged("RUSSIA and russia", lambda found: "Ukraine")
    'UKRAINE and russia'
    """

    def __init__(self, phrases: Iterable[str], *, names: bool) -> None:
        self._names = names
        self._known = {_plain(phrase).lower(): phrase for phrase in phrases}
        self._expression = re.compile(rf"(?:\b(an?)(\s+))?({_any_of(self._known)})", re.IGNORECASE)

    def found(self, text: str) -> list[str]:
        """Return the phrases in the order in which they stand, spelled as they were given."""
        phrases = (self._known_as(match.group(3), text) for match in self._expression.finditer(text))
        return [phrase for phrase in phrases if phrase is not None]

    def exchanged(self, text: str, exchange: Exchange) -> str:
        """Return the text with every phrase exchanged, all at once.

        Args:
            text: the sentence.
            exchange: phrase (spelled as it was given) -> what stands in its place.
        """

        def other(match: re.Match[str]) -> str:
            article, space, found = match.groups()
            phrase = self._known_as(found, text)
            if phrase is None or (new := exchange(phrase)) == phrase:
                return match.group(0)
            if "’" in found:
                new = new.replace("'", "’")
            cased = self._cased(found, phrase, new, text)
            if text[: match.start()].endswith("#"):
                cased = cased.replace(" ", "_")
            if article is None:
                begins = BEGINNING.search(text, 0, match.start()) and found[:1].isupper()
                return _capitalised(cased) if begins else cased
            return _article(article, phrase, new) + space + cased

        return self._expression.sub(other, text)

    def _known_as(self, found: str, text: str) -> str | None:
        phrase = self._known[_plain(found).lower()]
        fits = _plain(found) in (phrase, phrase.upper()) or text == text.lower()
        return phrase if fits or not self._names else None

    def _cased(self, found: str, phrase: str, new: str, text: str) -> str:
        if self._names:
            shouted = text == text.upper() or (found.isupper() and not phrase.isupper())
            small = text == text.lower()
            return new.upper() if shouted else new.lower() if small else new
        if found.isupper():
            return new.upper()
        old, words = found.split(" "), new.split(" ")
        return " ".join(
            _capitalised(word) if old[min(place, len(old) - 1)][:1].isupper() else word
            for place, word in enumerate(words)
        )


def _plain(phrase: str) -> str:
    return phrase.replace("’", "'")


def _any_of(phrases: Iterable[str]) -> str:
    """Return the expression of the phrases, the longest first, and of nothing if there are none.

    Those of one first letter stand together, so that most places of a text are passed over at once.
    """
    by_letter: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)):
        by_letter.setdefault(phrase[0], []).append(_rest(phrase))
    groups = [
        (r"(?<!\w)" if letter.isalnum() else "") + _literal(letter) + f"(?:{'|'.join(rests)})"
        for letter, rests in by_letter.items()
    ]
    return "|".join(groups) or r"(?!)"


def _rest(phrase: str) -> str:
    """Return the expression of what follows the first letter; a longer word does not count."""
    return _literal(phrase[1:]) + (r"(?!\w)" if phrase[-1].isalnum() else "")


def _literal(text: str) -> str:
    return re.escape(text).replace("'", "['’]")


def _capitalised(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _article(article: str, old: str, new: str) -> str:
    """Return the article, changed where the sound of what follows changes."""
    if _spoken_with_vowel(old) == _spoken_with_vowel(new):
        return article
    longer = article[0] + ("N" if article == article.upper() and new.isupper() else "n")
    return longer if _spoken_with_vowel(new) else article[0]


def _spoken_with_vowel(phrase: str) -> bool:
    first = re.split(r"\W", phrase, maxsplit=1)[0]
    if first.isupper():
        return first[0] in LETTERS_SPOKEN_WITH_VOWEL
    return re.match(r"[aeio]|u(?!kr|ni)", first, re.IGNORECASE) is not None
