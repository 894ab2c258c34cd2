"""What a word is."""

import unicodedata

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.evaluation.lexicon.words import GAP, Tokens, Vocabulary, plain, words_of


def words(text: str) -> list[str]:
    found: list[str] = words_of(pl.Series([text])).to_list()[0]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The army's men", ["the", "army's", "men"]),
        ("The army’s men", ["the", "army's", "men"]),
        ("The armyʼs men", ["the", "army's", "men"]),
        ("‘Freed’ town", ["freed", "town"]),
        ("rock-'n'-roll in re-taken Nova-Tarnov", ["rock-'n'-roll", "in", "re-taken", "nova-tarnov"]),
        ("village--town — bridge – port", ["village", "town", "bridge", "port"]),
        ("40,000 men, 1.5 tonnes, 3rd day.", ["40,000", "men", "1.5", "tonnes", "3rd", "day"]),
        ("on 5, 6 and 7", ["on", "5", "6", "and", "7"]),
        ("T-72s and 30-year-olds", ["t-72s", "and", "30-year-olds"]),
        ("U.S. troops left.", ["u", "s", "troops", "left"]),
        ("🛡️🙂👩‍🚒", []),
        ("peace✌️now", ["peace", "now"]),
        ("snake_case #hash @name", ["snake_case", "hash", "name"]),
        ("res\u00adcue the\u200btown", ["rescue", "thetown"]),
        ("\ufefftown", ["town"]),
        ("Місто З’ЇЗД звільнено", ["місто", "з'їзд", "звільнено"]),
        ("ГОРОД-ГЕРОЙ занят", ["город-герой", "занят"]),
        ("المدينة حرة 2024", ["المدينة", "حرة", "2024"]),
        ("the \u200fעיר\u200e was", ["the", "עיר", "was"]),
        ("Tаrnov Tarnov", ["tаrnov", "tarnov"]),  # the first has a Cyrillic letter
        ("", []),
        ("…!? — «»", []),
        ("straße ŁÓDŹ", ["straße", "łódź"]),
    ],
)
def test_what_a_word_is(text, expected):
    assert words(text) == expected


def test_composed_and_decomposed_letters_are_one_word():
    for text in ("Київ café naïve", "Їжак і йод", "Tiếng Việt"):
        assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


def test_a_mark_that_no_letter_has_stays_in_its_word():
    assert words("за\u0301мок стоит") == ["за\u0301мок", "стоит"]


def test_texts_that_are_looked_at_are_not_changed():
    texts = pl.Series(["It’s", "Plain", None, "Café"])
    assert plain(texts).to_list() == ["it's", "plain", None, "café"]
    assert texts.to_list() == ["It’s", "Plain", None, "Café"]


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text_has_words_and_they_are_words_again(text):
    found = words(text)
    assert all(word and not word.isspace() for word in found)
    assert words(" ".join(found)) == found


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters=GAP)), max_size=8)
)
def test_any_texts_can_be_encoded(texts):
    vocabulary = Vocabulary()
    table = pl.Series("text", texts, dtype=pl.String)
    tokens = vocabulary.encode(table, np.arange(len(texts)))
    assert tokens.begins.sum() == len(texts)
    assert (tokens.ends[-1] if len(tokens.ends) else 0) == len(tokens.words)
    expected = [word for text in texts for word in words(text)]
    assert decoded(vocabulary, tokens) == expected


def decoded(vocabulary: Vocabulary, tokens: Tokens) -> list[str]:
    names = dict(vocabulary.words().select("number", "word").iter_rows())
    return [names[number] for number in tokens.words.tolist()]


def test_words_have_one_number_in_all_parts_and_stand_in_alphabetical_order():
    vocabulary = Vocabulary()
    first = vocabulary.encode(pl.Series(["town war", "sea"]), np.array([0, 1]))
    second = vocabulary.encode(pl.Series(["war army town"]), np.array([2]))
    assert decoded(vocabulary, first) == ["town", "war", "sea"]
    assert decoded(vocabulary, second) == ["war", "army", "town"]
    assert vocabulary.words()["word"].to_list() == ["army", "sea", "town", "war"]


def test_a_gap_divides_a_sentence_in_segments_but_begins_no_sentence():
    tokens = Vocabulary().encode(pl.Series([f"the town{GAP}was free", "", "sea"]), np.array([0, 0, 1]))
    assert tokens.ends.tolist() == [2, 4, 4, 5]
    assert tokens.begins.tolist() == [True, False, True, True]
    assert tokens.documents.tolist() == [0, 0, 0, 1]
