"""Spellings of one name are one when sentences are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.build_split import read_spellings
from framing.core.config import PROJECT
from framing.core.errors import FramingError
from framing.evaluation.duplicates import near_duplicates
from framing.evaluation.spelling import Spellings


@pytest.fixture(scope="module")
def shipped():
    return read_spellings(str(PROJECT / "configs" / "spellings.yaml"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kupyansk fell", "Kupiansk fell"),
        ("KIEV'S “plan”", 'Kyiv’s "plan"'),
        ("Krasny Liman — held", "Lyman - held"),
        ("Zelenskyy in Krivoy Rog", "Zelensky in Kryvyi Rih"),
        ("Lugansk…", "Luhansk..."),
        ("Artyomovsk defence", "Bakhmut defense"),
        ("Kievan", "Kyivan"),
    ],
)
def test_spellings_of_one_name_are_the_same(shipped, one, other):
    assert len(set(shipped.unified([one, other]))) == 1


def test_different_names_stay_different(shipped):
    towns = ["Lyman", "Kyiv", "Kharkiv", "Kherson", "Kursk", "Belgorod", "Donetsk", "Donbas", "Luhansk"]
    assert len(set(shipped.unified(towns))) == len(towns)


def test_every_spelling_becomes_the_first_and_the_first_stays(shipped):
    for group in shipped.groups:
        assert set(shipped.unified(group)) == {group[0].lower()}


@given(st.lists(st.text(max_size=20), max_size=5))
def test_plain_signs_and_lower_case_stay_as_they_are(texts):
    once = Spellings(()).unified(texts)
    assert len(once) == len(texts)
    assert Spellings(()).unified(once) == once


def test_copies_in_another_spelling_are_found(shipped):
    one = "The garrison of Kupiansk withdrew to Lyman at dawn, said an officer in Kyiv."
    other = "The garrison of Kupyansk withdrew to Krasny Liman at dawn, said an officer in Kiev."
    assert near_duplicates([one, other], characters=5, threshold=0.8).pairs.is_empty()
    found = near_duplicates(shipped.unified([one, other]), characters=5, threshold=0.8)
    assert found.pairs["similarity"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- [Kyiv, Kiev]\n- [Kiev, Kief]", "'kiev' stands more than once"),
        ("- [Krasny Liman, Liman]", "'liman' is a part of 'krasny liman'"),
        ("- Kyiv", "entry 1: found 'Kyiv'. Expected a YAML with a list of lists"),
        ("- [Kyiv, 7]", "entry 1: found"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_table_that_is_not_clear_is_refused(tmp_path, content, words):
    path = tmp_path / "spellings.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FramingError, match=words):
        read_spellings(str(path))
    with pytest.raises(FramingError, match="cannot be read"):
        read_spellings(str(tmp_path / "none.yaml"))
