"""The sets of rival words that ship treat both sides of the war alike: their forms, and what these find."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import yaml

from framing.evaluation.lexicon.alternation_file import Alternations, read_alternations
from framing.evaluation.lexicon.alternation_form import expanded
from framing.evaluation.lexicon.choices import find_choices

FILE = "configs/alternations/territorial_war.yaml"
SPELLINGS = {"kiev": "kyiv", "zelenskiy": "zelensky", "zelenskyy": "zelensky"}
PAIRS = [("russia", "ukraine"), ("moscow", "kyiv"), ("putin", "zelensky"), ("kremlin", "bankova")]
# "Russian" and "Ukrainian" are no endings of the names of the countries, so they are a pair of their own.
EXCHANGED = {"russian": "ukrainian", "ukrainian": "russian"}
EXCHANGED |= dict(PAIRS) | {b: a for a, b in PAIRS}

MIRRORED_SETS = [
    ("Russian soldiers", "Ukrainian soldiers"),
    ("the government in Moscow", "the government in Kyiv"),
]
MIRRORED_LISTS = [("russian", "ukrainian"), ("of_moscow", "of_kyiv"), ("moscow", "kyiv")]

# All that has no mirror: words coined for the soldiers of one side, and the names of units, men and offices.
COINED = {
    "Russian": {"orc", "ork", "ruscist", "rushist", "rashist"},
    "Ukrainian": {"ukronazi", "ukro-nazi", "ukrofascist", "banderite", "banderovite"},
}
OWN_NAMES = {
    "Russia": ("wagner", "rosgvardia", "chechen", "kadyrov", "akhmat", "russian federation", "rf armed forces",
               "dpr", "lpr", "donetsk", "luhansk", "lugansk", "soviet-russian",
               # Battlegroups are named after directions and the river.
               "north", "south", "east", "west", "centre", "center", "sever", "yug", "vostok", "zapad", "tsentr",
               "dnepr"),
    "Ukraine": ("azov", "afu", "zsu", "uaf", "territorial defence", "territorial defense", "national guard"),
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Alternations:
    return read_alternations(FILE)


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    with open(FILE, encoding="utf-8") as file:
        content: dict[str, Any] = yaml.safe_load(file)
    return content


def _one_spelling(text: str) -> str:
    """Return a text in lower case with one spelling of every name."""
    return re.sub("zelenskyy|zelenskiy|kiev", lambda each: SPELLINGS[each[0]], text.lower())


def _exchanged(text: str) -> str:
    """Return a text in lower case with the sides exchanged."""
    names = "|".join(sorted(EXCHANGED, key=len, reverse=True))
    return re.sub(names, lambda each: EXCHANGED[each[0]], _one_spelling(text))


def _readings(forms: Iterable[str]) -> set[str]:
    """Return the readings of forms, without what must stand beside them."""
    cores = [re.sub("<[^<>]*>", "", form).strip() for form in forms]
    return {_one_spelling(each) for core in cores for each in expanded(core)}


def _without_coined(content: dict[str, Any]) -> dict[str, Any]:
    """Return a set without its variant of coined words, and with `never` less the form about them."""
    coined = {word for words in COINED.values() for word in words}
    variants = {key: forms for key, forms in content["variants"].items() if key != "coined words"}
    never = [each for each in content["never"] if not any(word in each for word in coined)]
    return content | {"variants": variants, "never": never}


def _plain(content: object) -> object:
    """Return the content of a set as lists and texts, forms as the sorted readings that they have."""
    if isinstance(content, dict):
        return [(str(key), _plain(value)) for key, value in content.items()]
    if isinstance(content, list):
        return sorted(_one_spelling(str(each)).replace("(kyiv|kyiv)", "kyiv") for each in content)
    return _one_spelling(str(content))


@pytest.mark.parametrize(("one", "other"), MIRRORED_SETS)
def test_mirrored_sets_are_each_other_with_the_sides_exchanged(
    one: str, other: str, written: dict[str, Any]
) -> None:
    sets = [
        _without_coined(written["sets"][name]) if "soldiers" in name else written["sets"][name]
        for name in (one, other)
    ]
    assert all(len(each["variants"]) >= 8 for each in sets)
    assert _exchanged(str(_plain(sets[0]))) == _one_spelling(str(_plain(sets[1])))


def test_coined_words_are_one_variant_of_either_side_and_these_alone(written: dict[str, Any]) -> None:
    sets = written["sets"]
    for side, words in COINED.items():
        both_numbers = words | {f"{word}s" for word in words}
        assert _readings(sets[f"{side} soldiers"]["variants"]["coined words"]) == both_numbers
        assert _readings(sets["soldiers"]["variants"][f"coined for {side} soldiers"]) == both_numbers
        other = "Russian" if side == "Ukrainian" else "Ukrainian"
        (never,) = sets[f"{side} soldiers"]["never"]
        beside, forms = never.split("> ")
        assert beside == f"<@{other.lower()}"
        assert _readings([forms]) == both_numbers


@pytest.mark.parametrize(("one", "other"), MIRRORED_LISTS)
def test_mirrored_lists_are_each_other_with_the_sides_exchanged(
    one: str, other: str, written: dict[str, Any]
) -> None:
    first, second = (_readings(written["words"][name]) for name in (one, other))
    assert {_exchanged(each) for each in first} == second


@pytest.mark.parametrize("key", ["names", "adjectives"])
def test_actors_are_each_other_with_the_sides_exchanged(key: str, written: dict[str, Any]) -> None:
    found = []
    for side, adjective in (("Russia", "Russian"), ("Ukraine", "Ukrainian")):
        own = re.compile(rf"\b(?:{'|'.join([*OWN_NAMES[side], *COINED[adjective]])})")
        readings = _readings(written["actors"][side][key])
        found.append({each for each in readings if not own.search(each)})
    assert {_exchanged(each) for each in found[0]} == found[1]


def _found(text: str, alternations: Alternations, name: str) -> pl.DataFrame:
    sentences = pl.DataFrame(
        {"id": ["s"], "text": [text], "source": ["wire"], "article": ["a"], "date": [None], "group": ["wire"],
         "stratum": [""], "document": pl.Series([0], dtype=pl.UInt32)},
        schema_overrides={"date": pl.String},
    )  # fmt: skip
    # The other sets would take most of the time.
    alone = replace(alternations, sets=tuple(each for each in alternations.sets if each.name == name))
    return find_choices(sentences, alone)


def _chosen(text: str, alternations: Alternations, name: str) -> list[str]:
    return _found(text, alternations, name)["variant"].to_list()


def _mirror(text: str) -> str:
    """Return the sentence of the other side, names with a capital letter."""
    return re.sub("|".join(EXCHANGED), lambda each: each[0].title(), _exchanged(text))


SOLDIERS = [
    ("Russian forces crossed the river", ["forces"]),
    ("Putin's troops crossed the river", ["troops"]),
    ("The Kremlin's troops crossed the river", ["troops"]),
    ("Moscow-backed fighters crossed the river", ["fighters"]),
    ("Russian hordes and Russian partisans crossed the river", ["hordes", "partisans"]),
    ("Russian neo-Nazis met Russian defenders", ["Nazis or fascists", "defenders"]),
    ("Ukrainian forces crossed the river", []),
]


@pytest.mark.parametrize(("text", "variants"), SOLDIERS)
def test_soldiers_of_either_side_are_found_alike(
    text: str, variants: list[str], shipped: Alternations
) -> None:
    assert _chosen(text, shipped, "Russian soldiers") == variants
    assert _chosen(_mirror(text), shipped, "Ukrainian soldiers") == variants


def test_every_spelling_of_a_name_has_its_troops(shipped: Alternations) -> None:
    for name in ("Zelensky", "Zelenskiy", "Zelenskyy", "Kyiv", "Kiev", "Bankova"):
        for apostrophe in "'’":
            assert _chosen(f"{name}{apostrophe}s troops left", shipped, "Ukrainian soldiers") == ["troops"]


@pytest.mark.parametrize(
    ("text", "side", "variants"),
    [
        ("Near Kherson the {} hid", "own", ["coined words"]),
        ("Near Kherson the {own} {} hid", "own", ["coined words"]),
        ("Near Kherson the {other} {} hid", "own", []),
        ("Near Kherson the {other} {} hid", "other", []),
    ],
)
def test_coined_words_mean_their_side_unless_the_other_is_named(
    text: str, side: str, variants: list[str], shipped: Alternations
) -> None:
    other = {"Russian": "Ukrainian", "Ukrainian": "Russian"}
    for own, words in COINED.items():
        for word in sorted(words):
            told = text.format(f"{word}s", own=own, other=other[own])
            asked = own if side == "own" else other[own]
            assert _chosen(told, shipped, f"{asked} soldiers") == variants, told


@pytest.mark.parametrize("noun", ["defenders", "partisans", "neo-Nazis", "nationalists", "militants", "separatists",
                                  "proxies", "rebels", "regime", "troops"])  # fmt: skip
def test_the_same_names_of_soldiers_act_for_either_side(noun: str, shipped: Alternations) -> None:
    for adjective, side in (("Russian", "Russia"), ("Ukrainian", "Ukraine")):
        text = f"{adjective} {noun} captured a village near Mariupol"
        assert _agents(text, shipped) == [side]
    for name, side in (("Putin's", "Russia"), ("Zelenskyy's", "Ukraine")):
        assert _agents(f"{name} troops captured a village near Mariupol", shipped) == [side]


def _agents(text: str, alternations: Alternations) -> list[str | None]:
    return _found(text, alternations, "taking a place")["agent"].to_list()


def test_orcs_of_tales_are_no_soldiers_and_rashists_are_wherever_they_stand(shipped: Alternations) -> None:
    assert _chosen("In the film the orcs hid", shipped, "Russian soldiers") == []
    assert _chosen("The rashists hid", shipped, "Russian soldiers") == ["coined words"]
    assert _chosen("The banderites hid", shipped, "Ukrainian soldiers") == ["coined words"]


GOVERNMENTS = [
    ("The Kyiv regime refused", ["regime"]),
    ("Kiev's authorities and the Ukrainian government refused", ["authorities", "government"]),
    ("The regime in Kiev refused, so did the leadership of Ukraine", ["regime", "leadership"]),
    ("Zelenskiy's junta and the Bankova dictatorship refused", ["junta", "dictatorship"]),
    ("The neo-Nazi regime in Kyiv refused, and the Ukrainian fascist government", ["Nazi or fascist"] * 2),
    ("The puppet government in Kyiv refused", ["puppet"]),
    ("He calls Ukraine a puppet; Ukraine is a puppet of others", ["puppet"]),
    ("Ukrainian puppets and Kyiv's puppet government refused", []),
    ("Ukrainian government troops refused", []),
    ("The Russian government refused", []),
]


@pytest.mark.parametrize(("text", "variants"), GOVERNMENTS)
def test_either_government_is_found_alike(text: str, variants: list[str], shipped: Alternations) -> None:
    assert _chosen(text, shipped, "the government in Kyiv") == variants
    assert _chosen(_mirror(text), shipped, "the government in Moscow") == variants


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("A proxy war in Ukraine", []),
        ("Ukraine is a puppet of the West", []),
        ("A Ukrainian militia held the road to Donetsk", []),
        ("A pro-Ukrainian militia held the road to Donetsk", []),
        ("A militia held the road to Donetsk", ["militia"]),
        ("Russian proxies held Donetsk, Moscow's puppets Luhansk", ["proxies", "proxies"]),
        ("Local authorities in Lviv, Ukraine, ask for help", []),
        ("Local authorities in Donetsk ask for help", ["authorities"]),
    ],
)
def test_eastern_groups_are_no_wars_states_or_ukrainian_units(
    text: str, variants: list[str], shipped: Alternations
) -> None:
    assert _chosen(text, shipped, "separatists") == variants


@pytest.mark.parametrize("name", ["the war's name", "the war's name beside Ukraine"])
def test_civil_war_and_proxy_war_are_names_of_their_own(name: str, shipped: Alternations) -> None:
    text = "A war, a civil war or a proxy war in Ukraine"
    assert _chosen(text, shipped, name) == ["war", "civil war", "proxy war"]


def test_liberating_any_place_is_taking_it_and_liberating_people_is_justification(
    shipped: Alternations,
) -> None:
    for place in ("Donbas", "Donbass", "Crimea", "Kherson", "Belgorod"):
        text = f"They vow to liberate {place}"
        assert _chosen(text, shipped, "taking a place") == ["liberate"]
        assert _chosen(text, shipped, "justification") == []
        people = f"They vow to liberate the people of {place}"
        assert _chosen(people, shipped, "taking a place") == []
        assert _chosen(people, shipped, "justification") == ["liberate people"]


def test_a_people_s_republic_is_a_place_and_no_people(shipped: Alternations) -> None:
    for text in (
        "They liberated a village in the Donetsk People's Republic",
        "They vow to liberate the people's republics in Donetsk and Luhansk",
    ):
        assert _chosen(text, shipped, "taking a place") == ["liberate"]
        assert _chosen(text, shipped, "justification") == []


def test_only_towns_that_were_renamed_are_renamed(shipped: Alternations) -> None:
    renamed, spelled = "renamed towns", "spelling of places"
    assert _chosen("Novohrodivka, Novogrodovka", shipped, renamed) == []
    assert _chosen("Novohrodivka, Novogrodovka", shipped, spelled) == [
        "Ukrainian spelling",
        "Russian spelling",
    ]
    assert _chosen("Kropyvnytskyi, once Kirovohrad", shipped, renamed) == ["name since 2016", "former name"]
    for region in ("region", "oblast", "regions"):
        assert _chosen(f"Kirovohrad {region}, Kirovograd {region}", shipped, renamed) == []
    # Either name of this town is asked for the same things beside it.
    for name, variant in (("Myrnohrad", "name since 2016"), ("Dimitrov", "former name")):
        for text in (f"{name} and Pokrovsk held", f"Troops near {name}", f"The town of {name}"):
            assert variant in _chosen(text, shipped, renamed), text
        assert _chosen(f"{name} won the second set", shipped, renamed) == []
