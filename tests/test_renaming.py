"""Other names for the same sentence."""

import random
from dataclasses import replace

import pytest

from framing.core.config import PROJECT
from framing.core.errors import FramingError
from framing.models.renaming import Names

USED = {
    "Veldania": ("state", "Veldania"),
    "Veldanian": ("adjective", "Veldania"),
    "Veldanians": ("people", "Veldania"),
    "Orsk": ("capital", "Veldania"),
    "Brejava": ("place", ""),
    "Orlan": ("person", ""),
}
NAMES = Names(
    used=USED,
    states=(("Russia", "Russian", "Russians", "Moscow"), ("Ukraine", "Ukrainian", "Ukrainians", "Kyiv")),
    places=("Kupiansk",),
    persons=("Smith",),
)


def test_all_names_of_a_state_become_those_of_one_other():
    text = "Veldania says Veldanian troops freed Brejava; Veldanians in Orsk cheered Orlan."
    seen = {NAMES.renamed(text, random.Random(seed)) for seed in range(20)}
    assert seen == {
        "Russia says Russian troops freed Kupiansk; Russians in Moscow cheered Smith.",
        "Ukraine says Ukrainian troops freed Kupiansk; Ukrainians in Kyiv cheered Smith.",
    }


def test_lower_case_lines_stay_lower_case_and_other_words_stay():
    assert NAMES.renamed("orlan took brejava", random.Random(0)) == "smith took kupiansk"
    assert NAMES.renamed("The brejava of words: Brejavan.", random.Random(0)) == (
        "The brejava of words: Brejavan."
    )


def test_the_same_seed_gives_the_same_names():
    text = "Veldania and Brejava"
    assert NAMES.renamed(text, random.Random(3)) == NAMES.renamed(text, random.Random(3))


def test_every_state_is_drawn_for_either_side_alike():
    """The drawn names are one list for all: no side of a war has names of its own."""
    names = replace(NAMES, used=USED | {"Ostrania": ("state", "Ostrania")})
    rng = random.Random(0)
    drawn = [names.renamed("Veldania against Ostrania", rng).split(" against ") for _ in range(2000)]
    for side in (0, 1):
        share = sum(pair[side] == "Russia" for pair in drawn) / len(drawn)
        assert 0.45 < share < 0.55


def test_the_names_that_ship_cover_the_contrast_corpus():
    names = Names.read(str(PROJECT / "seeds" / "contrast" / "names.yaml"))
    assert names.renamed("Veldania reclaims Karvensk", random.Random(0)) != "Veldania reclaims Karvensk"
    assert len(names.used) > 1500
    assert not set(names.used) & {state[0] for state in names.states}


@pytest.mark.parametrize("text", ["used: {}", "- 1", "used: [", "used: {states: 3, places: [], persons: []}"])
def test_a_file_that_is_no_list_of_names_is_refused(tmp_path, text):
    path = tmp_path / "names.yaml"
    path.write_text(text)
    with pytest.raises(FramingError, match=r"model\.names=.*Expected a YAML with `used` and `drawn`"):
        Names.read(str(path))
