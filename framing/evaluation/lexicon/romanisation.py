"""How Ukrainian and Russian names are written in Latin letters.

Ukrainian: the table of the Cabinet of Ministers of Ukraine, resolution No. 55 of 27 January 2010, which the
UN Group of Experts on Geographical Names took over in 2012 (resolution X/9). One name has one spelling.

Russian: the BGN/PCGN 1947 system, without its marks for the soft and the hard sign and its two dots on e,
and with what newspapers simplify: `ye` is also `e`; the letter yo is also `e`, `o` after a hushing
consonant; short i is also `i`; the endings `-iy` and `-yy` are also `-y` and `-i`; `ks` is also `x`.
`ia`, `iu` and `ie` for the Russian letters are no variants here: they are the Ukrainian table's, and a
spelling that both languages have says nothing about which was chosen.
"""

import itertools
import re

UKRAINIAN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z",
    "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ь": "", "ю": "iu", "я": "ia", "'": "",
}  # fmt: skip
"""Resolution No. 55, letters inside a word."""

UKRAINIAN_INITIAL = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
"""Resolution No. 55, letters at the beginning of a word where they differ."""

RUSSIAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ж": "zh", "з": "z", "и": "i", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
"""BGN/PCGN 1947 without its marks; the letters e, yo and short i depend on their neighbours."""

APOSTROPHES = re.compile("[’ʼ`‘]")
OPENS_A_SYLLABLE = frozenset("аеёиоуыэюяйъь")
"""After these, and at the beginning of a word, the Russian letter e is `ye`."""

HUSHING = frozenset("жчшщ")
RUSSIAN_ENDINGS = {"ий": ("iy", "y", "i", "ii"), "ый": ("yy", "y", "yi", "iy"), "ой": ("oy", "oi")}


def ukrainian_spellings(name: str) -> tuple[str, ...]:
    """Return the spelling of a Ukrainian name in lower case.

    Args:
        name: in Cyrillic letters; words are divided by spaces or hyphens.

    Raises:
        ValueError: a letter is not in the table.
    """
    return ("".join(map(_ukrainian_word, _parts(name))),)


def russian_spellings(name: str) -> tuple[str, ...]:
    """Return the spellings of a Russian name in lower case, BGN/PCGN first.

    Args:
        name: in Cyrillic letters; words are divided by spaces or hyphens.

    Raises:
        ValueError: a letter is not in the table.
    """
    words = itertools.product(*map(_russian_words, _parts(name)))
    spellings = ["".join(each) for each in words]
    return tuple(dict.fromkeys([*spellings, *(each.replace("ks", "x") for each in spellings)]))


def _parts(name: str) -> list[str]:
    """Return words and what stands between them, in turn."""
    return re.split(r"([\s-]+)", APOSTROPHES.sub("'", name.strip().lower()))


def _ukrainian_word(word: str) -> str:
    if not word or not word.strip(" -"):
        return word
    spelled, rest = "", word
    while rest:
        # zgh keeps the two letters apart from zh, which is one.
        if rest.startswith("зг"):
            spelled, rest = spelled + "zgh", rest[2:]
            continue
        table = {**UKRAINIAN, **UKRAINIAN_INITIAL} if rest == word else UKRAINIAN
        spelled, rest = spelled + _letter(table, rest[0], word), rest[1:]
    return spelled


def _russian_words(word: str) -> list[str]:
    """Return all spellings of one word."""
    if not word or not word.strip(" -"):
        return [word]
    ending = word[-2:] if len(word) > 3 and word[-2:] in RUSSIAN_ENDINGS else ""
    letters = word[: len(word) - len(ending)]
    choices = [_russian_letter(letters, place) for place in range(len(letters))]
    if ending:
        choices.append(RUSSIAN_ENDINGS[ending])
    return ["".join(each) for each in itertools.product(*choices)]


def _russian_letter(word: str, place: int) -> tuple[str, ...]:
    """Return how the letter at a place may be spelled, the usual way first."""
    letter = word[place]
    before = word[place - 1] if place else ""
    if letter == "е":
        return ("ye", "e") if not before or before in OPENS_A_SYLLABLE else ("e",)
    if letter == "ё":
        return ("yo", "e", "o") if before in HUSHING else ("yo", "e")
    if letter == "й":
        return ("y", "i")
    return (_letter(RUSSIAN, letter, word),)


def _letter(table: dict[str, str], letter: str, word: str) -> str:
    if letter not in table:
        raise ValueError(f"{letter!r} in {word!r} is no letter of this language's alphabet")
    return table[letter]
