"""Sentences with other names, other words or another speaker."""

import json
import re
from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from framing.core.config import PROJECT
from framing.core.errors import FramingError
from framing.evaluation.perturbations import Perturbations
from framing.evaluation.phrases import Phrases

PATH = PROJECT / "configs" / "perturbations" / "territorial_war.yaml"
WAR = Perturbations.read(str(PATH))
EXCHANGED = {name for name, known in WAR.names.items() if known.exchanged_with == "sides"}
PARTNERED = {name for name in EXCHANGED if WAR.names[name].other != name}
PAIRED = sorted(name for name in PARTNERED if WAR.names[WAR.names[name].other].other == name)
"""Names that come back when the sides are swapped twice. Of the others, such as Kiev, the first spelling does."""


def read(path):
    return [json.loads(line) for line in (PROJECT / path).read_text(encoding="utf-8").splitlines()]


def made(text, frames=("capture",), voice="asserted"):
    return dict(WAR.variants([text], [list(frames)], [voice]).select("perturbation", "text").rows())


@pytest.fixture(scope="module")
def seeds():
    labels = {row["id"]: row for row in read("seeds/labels/adjudicated.jsonl")}
    return [row | labels[row["id"]] for row in read("seeds/sentences.jsonl")]


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("Russia told Ukraine that Russian troops left.", "Ukraine told Russia that Ukrainian troops left."),
        ("UKRAINIANS CHEER AS RUSSIA’S ARMY LEAVES", "RUSSIANS CHEER AS UKRAINE’S ARMY LEAVES"),
        ("#russia: zelensky meets troops in moscow", "#ukraine: putin meets troops in kyiv"),
        ("President Volodymyr Zelenskyy met Gerasimov.", "President Vladimir Putin met Syrskyi."),
        ("The Kremlin of Kiev's pro-Russian press", "The Mariinskyi Palace of Moscow's pro-Ukrainian press"),
        (
            "An AFU battalion met a Kremlin envoy.",
            "An RF Armed Forces battalion met a Mariinskyi Palace envoy.",
        ),
        ("🇺🇦 says the Security Service of Ukraine", "🇷🇺 says the Federal Security Service of Russia"),
        ("It met an Ushakov aide and a Yermak aide.", "It met a Yermak aide and an Ushakov aide."),
    ],
)
def test_both_sides_are_exchanged_at_once_in_their_inflections_and_case(text, swapped):
    assert made(text)["sides swapped"] == swapped


@pytest.mark.parametrize(
    "text", ["The Kyiv Independent wrote it.", "In Belarusian fields", "They met the guardian of it."]
)
def test_a_name_inside_another_one_or_inside_a_word_is_not_touched(text):
    assert "sides swapped" not in made(text)


@pytest.mark.parametrize(
    ("text", "exchanged"),
    [
        ("Shelling of Kupyansk in Kharkov region", "Shelling of Tokmak in Zaporozhye region"),
        ("Shelling of Kupiansk in Kharkiv region", "Shelling of Tokmak in Zaporizhzhia region"),
        ("An Odesa doctor and a Bucha nurse", "An Uzhhorod doctor and an Irpin nurse"),
        ("FROM DONETSK TO LUHANSK", "FROM LUHANSK TO DONETSK"),
        ("units near kherson", "units near mykolaiv"),
    ],
)
def test_towns_are_exchanged_for_others_in_the_same_manner_of_spelling(text, exchanged):
    assert made(text)["towns exchanged"] == exchanged


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kupiansk and Kyiv", "Kupyansk and Kiev"),
        ("KHARKIV, DONBAS AND ODESA", "KHARKOV, DONBASS AND ODESSA"),
        ("luhansk, mykolaiv, zaporizhzhia", "lugansk, nikolaev, zaporozhye"),
        ("Zelensky’s Syrskyi", "Zelenskyy’s Syrsky"),
    ],
)
def test_spellings_change_in_both_directions(one, other):
    assert made(one)["spelling changed"] == other
    assert made(other)["spelling changed"] == one


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "Russian troops left Kupiansk, and Ukraine held Kharkiv and Kupyansk, Putin told TASS.",
            "Country A troops left Town A, and Country B held Town B and Town A, Person A told Outlet A.",
        ),
        ("Russians met Vladimir Putin; Putin met Ukrainians.", "People of Country A met Person A; Person A met people of Country B."),
        ("Kyiv and the Kremlin say Ukraine attacked.", "City A and the Country B government say Country A attacked."),
        ("MOSCOW SAYS IT TOOK AN AFU POSITION", "CITY A SAYS IT TOOK A COUNTRY B ARMY POSITION"),
        ("Nothing to hide here.", "Nothing to hide here."),
    ],
)  # fmt: skip
def test_masks_say_what_kind_of_thing_it_was_with_letters_in_the_order_of_mention(text, masked):
    assert WAR.mask(text.replace("Kupyansk", "Kupiansk")) == masked


def test_further_names_are_masked_and_a_name_of_a_side_within_them_is_not_swapped():
    more = Perturbations.read(str(PATH), names=["Evening Ukraine", "north", "Russia", ""])
    assert (
        more.mask("The Evening Ukraine of Russia and the north") == "The Name A of Country A and the Name B"
    )
    assert more.exchange("Evening Ukraine of Russia", "sides") == "Evening Ukraine of Ukraine"


@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_a_mask_leaves_no_name_of_the_file(case):
    masked = WAR.mask(case("; ".join(WAR.names)))
    left = [name for name in WAR.names if re.search(rf"(?<!\w){re.escape(case(name))}(?!\w)", masked)]
    assert left == []


def test_a_mask_does_not_tell_the_sides_apart(seeds):
    masked = [WAR.mask(row["text"]) for row in seeds]
    assert [WAR.mask(WAR.exchange(row["text"], "sides")) for row in seeds] == masked


@given(
    names=st.lists(st.sampled_from(PAIRED), min_size=3, max_size=3),
    template=st.sampled_from(["{} says the {} met {}’s men near Kharkiv.", "the {}: «{}» – pro-{} line", "{} ({}, {})"]),
    case=st.sampled_from([str, str.upper, str.lower]),
)  # fmt: skip
def test_swapping_the_sides_twice_gives_the_sentence_back(names, template, case):
    text = case(template.format(*names))
    swapped = WAR.exchange(text, "sides")
    assert swapped != text
    assert WAR.exchange(swapped, "sides") == text


def test_swapping_the_sides_twice_gives_a_seed_back_but_for_second_spellings(seeds):
    came_back = 0
    for text in (row["text"] for row in seeds):
        once = WAR.exchange(text, "sides")
        twice = WAR.exchange(once, "sides")
        assert WAR.exchange(twice, "sides") == once
        if not any(re.search(rf"\b{name}\b", text) for name in PARTNERED - set(PAIRED)):
            assert twice == text
            came_back += 1
    assert came_back >= 120


def test_both_sides_have_the_same_names_in_the_file():
    """Each name of one side has a partner of the same kind on the other, which leads back to it."""
    content = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    assert {len(entry) for entries in content["sides"].values() for entry in entries} == {2}
    paired = {name: known for name, known in WAR.names.items() if known.other != name}
    assert len(paired) > 150
    for name, known in paired.items():
        partner = WAR.names[known.other]
        assert partner.placeholder == known.placeholder
        assert partner.owner != known.owner
        assert WAR.names[partner.other].owner == known.owner, name
    first = Counter(
        known.owner for name, known in WAR.names.items() if known.lettered_with == "sides" and name in PAIRED
    )
    assert first["0"] == first["1"]


@pytest.mark.parametrize(
    ("text", "captured"),
    [
        ("Troops liberated the town.", "Troops captured the town."),
        ("LIBERATION OF KHARKIV", "CAPTURE OF KHARKIV"),
        ("Liberating It Took Days", "Capturing It Took Days"),
        (
            "The town’s liberation, and the liberation of others.",
            "The town’s capture, and the capture of others.",
        ),
        ("They reclaimed the city.", "They seized the city."),
        ("The de-occupation of the village", "The capture of the village"),
    ],
)
def test_liberated_becomes_captured_in_its_inflections(text, captured):
    assert made(text, ["liberation"])["liberated to captured"] == captured


@pytest.mark.parametrize(
    ("text", "liberated"),
    [
        ("Troops captured the town.", "Troops liberated the town."),
        ("Their capture of it, Kharkiv’s capture", "Their liberation of it, Kharkiv’s liberation"),
        ("Watch Paratroopers Capture Stronghold", "Watch Paratroopers Liberate Stronghold"),
        ("They want to capture and seize it.", None),
        ("They have Taken Control of it.", "They have Liberated it."),
        ("The retaking of the town", "The liberation of the town"),
        ("They seized it, and it is under their control.", None),
        ("They captured a town and then its hospital fell.", None),
        ("They captured the town and ten captured soldiers.", None),
        ("It fell to them.", None),
    ],
)
def test_captured_becomes_liberated_where_no_word_of_capture_is_left(text, liberated):
    assert made(text).get("captured to liberated") == liberated


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("Troops liberated the town.", ["advantage"]),
        ("Troops liberated the town.", []),
        ("Troops liberated the town.", ["liberation", "capture"]),
        ("Troops liberated the town and freed the next.", ["liberation"]),
        ("The Liberation Army of the town", ["liberation"]),
        ("It was returned home.", ["liberation"]),
    ],
)
def test_words_change_only_where_the_labels_fit_and_no_other_word_keeps_the_frame(text, frames):
    assert "liberated to captured" not in made(text, frames)


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        (
            "The town was taken on Sept.3 at 4.30 p.m by them.",
            "the town was taken on Sept.3 at 4.30 p.m by them",
        ),
        ("Russian troops took it.", "Russian troops took it"),
        ("Putin took it.", "Putin took it"),
        ("In May it fell.", "in May it fell"),
    ],
)
def test_a_claim_is_put_into_the_mouth_of_others_and_called_untrue(text, inner):
    variants = made(text)
    for wrapper in WAR.wrappers:
        assert variants[wrapper.perturbation] in [pattern.replace("{}", inner) for pattern in wrapper.texts]


@pytest.mark.parametrize(
    ("text", "frames", "voice"),
    [
        ("The town was taken.", ["capture"], "attributed"),
        ("The town was taken.", ["capture"], "contested"),
        ("The town was taken.", [], None),
        ("The town was taken", ["capture"], "asserted"),
        ("The town was taken?", ["capture"], "asserted"),
        ("Capturing it took days.", ["capture"], "asserted"),
        ("However, the town was taken.", ["capture"], "asserted"),
        ("“The town was taken.", ["capture"], "asserted"),
        ("The town was taken. It burned.", ["capture"], "asserted"),
        ("RUSSIA TOOK IT.", ["capture"], "asserted"),
    ],
)
def test_only_an_asserted_sentence_that_can_stand_inside_another_is_wrapped(text, frames, voice):
    assert not {"said by others", "called untrue"} & set(made(text, frames, voice))


def test_variants_differ_from_their_originals_and_are_always_the_same(seeds):
    texts = [row["text"] for row in seeds]
    labels = [row["frames"] for row in seeds]
    voices = [row["voice"] for row in seeds]
    variants = WAR.variants(texts, labels, voices)
    assert all(text != texts[row] for row, text in variants.select("row", "text").rows())
    assert variants.select("row", "perturbation").is_unique().all()
    turned = WAR.variants(texts[::-1], labels[::-1], voices[::-1])
    assert Counter(turned.select("perturbation", "text").rows()) == Counter(
        variants.select("perturbation", "text").rows()
    )


def test_every_perturbation_is_found_in_the_seeds(seeds):
    variants = WAR.variants(*([row[key] for row in seeds] for key in ("text", "frames", "voice")))
    counts = Counter(variants["perturbation"])
    assert set(counts) == {expectation.perturbation for expectation in WAR.expectations()}
    assert min(counts.values()) >= 5
    assert counts["sides swapped"] >= 70


def test_no_sentences_have_no_variants():
    variants = WAR.variants([], [], [])
    assert variants.columns == ["row", "perturbation", "text"]
    assert variants.height == 0


def test_expectations_say_in_words_what_must_happen():
    texts = {expectation.perturbation: expectation.text for expectation in WAR.expectations()}
    assert texts["sides swapped"] == "the frames and the voice stay"
    assert texts["liberated to captured"].startswith("liberation is no longer predicted and capture is")
    assert texts["called untrue"].startswith("the voice becomes contested; the frames stay")


def test_a_study_of_other_things_has_its_own_file(tmp_path):
    path = tmp_path / "weather.yaml"
    path.write_text(
        """
sides: {"Front {}": [[Alba, [Borea, Boreas]]]}
persons: {}
places: {}
outlets: {}
wordings: {}
wrappers: {}
beginnings: []
""",
        encoding="utf-8",
    )
    weather = Perturbations.read(str(path))
    assert weather.exchange("Alba meets Boreas.", "sides") == "Borea meets Alba."
    assert len(weather.expectations()) == 4


def test_without_phrases_nothing_is_found():
    assert Phrases([], names=True).found("a town") == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("sides:", "side:", "there is no 'sides'"),
        ("[Russia, Ukraine]", "[Russia, Ukraine, Belarus]", "neither a name nor a pair"),
        ("[Russia, Ukraine]", "[Russia, 3]", "3"),
        ("- Crimean\n", "- Crimea\n", "'Crimea' stands in two places"),
        ("Officials say that {}.", "Officials say so.", "must have {} once"),
        (r"'\bliberat'", r"'\bliberat('", "unterminated|missing"),
        ('"On"', "On", "True is no text; in YAML, put it in quotes"),
        ("sides:", "sides: [", "while parsing"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_reason(tmp_path, old, new, reason):
    text = PATH.read_text(encoding="utf-8").replace("- [Crimean, Bukovinian]", "- Crimean")
    assert old in text
    path = tmp_path / "own.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FramingError, match=rf"perturbations=.*own\.yaml: cannot be read \(.*(?:{reason})"):
        Perturbations.read(str(path))


def test_a_missing_file_is_told():
    with pytest.raises(FramingError, match=r"nowhere\.yaml: cannot be read .*Expected a YAML with `sides`"):
        Perturbations.read("nowhere.yaml")
