"""Who acts, where, and in quotation marks: every sentence is tried for both sides of the war."""

import polars as pl
import pytest

from framing.evaluation.lexicon.alternation_file import Alternations, read_alternations
from framing.evaluation.lexicon.choices import find_choices

FILE = "configs/alternations/territorial_war.yaml"
EXCHANGED = {
    "Russian": "Ukrainian", "Ukrainian": "Russian", "Russia": "Ukraine", "Ukraine": "Russia", "Moscow": "Kyiv",
    "Kyiv": "Moscow", "Kherson": "Belgorod", "Belgorod": "Kherson", "Mariupol": "Kursk", "Kursk": "Mariupol",
    "Putin": "Zelensky", "Zelensky": "Putin", "Ukronazis": "rashists",
}  # fmt: skip

# The sentence with <...> around the choice, who acts (R, U, - not found) and where (R, U, -). As the patterns do.
SENTENCES = [
    ("Russian forces <captured> Kherson overnight", "R", "U"),
    ("Russian troops have now <liberated> a village near Mariupol", "R", "U"),
    ("Kherson was <captured> by Russian forces", "R", "U"),
    ("The city of Mariupol has been <seized> by the Russian army, officials say", "R", "U"),
    ("Russia's <capture> of Kherson changes the map of the region", "R", "U"),
    ("Russian <occupation> of Kherson enters its second month", "R", "U"),
    ("Analysts discuss the <liberation> of Mariupol by Russian troops", "R", "U"),
    ("Kherson residents speak of life under Russian <occupation>", "R", "U"),
    ("Moscow claims to have <captured> the town of Kherson", "R", "U"),
    ("Moscow says it has <liberated> Mariupol", "R", "U"),
    ("People leave Russian-<occupied> Kherson", "R", "U"),
    ("Mariupol <liberated>, the ministry says", "-", "U"),
    ("Kherson was <liberated> a year ago", "-", "U"),
    ("Life returns to <liberated> Kherson", "-", "U"),
    ("Russia attacks along the border, <captures> village near Kherson", "R", "U"),
    ("Russian forces advanced and <seized> the port of Mariupol", "R", "U"),
    ("Russian troops lost ten tanks while <capturing> Mariupol", "R", "U"),
    ("Ukraine says Russia <captured> Mariupol", "R", "U"),
    ("In Kherson the museum of the city shows years of <occupation>", "-", "U"),
    ("Anti-Ukrainian crowd <seizes> town hall in Kherson", "-", "U"),
    ("Russian army fails to <seize> Mariupol", "R", "U"),
    ("Ministry: Russian army <takes control> of settlement in Mariupol region", "R", "U"),
    ("Russian forces close to <liberating> the city of Kherson", "R", "U"),
    ("Report: village near Kherson <captured> by advancing Russian paratroopers", "R", "U"),
    ("Ukraine war: Kherson <seized> in the night", "-", "U"),
    ("The Russian president praised those who took part in the <capture> of Mariupol", "-", "U"),
    ("The capture of the town brings Russia closer to the <occupation> of Mariupol", "-", "U"),
    ("Ukrainian forces vow to <retake> Kherson", "U", "U"),
    ("Russian forces <captured> St. Nicholas church in Mariupol region", "R", "U"),
    ("Russian troops met Gen. Ivan A. Smirnov and <captured> Kherson", "R", "U"),
    ("Russian forces left Kherson. Town hall <seized> in Mariupol", "-", "U"),
    ("Ukrainian anti-Kyiv militia <captured> a village near Kherson", "-", "U"),
    ("Anti-Kyiv Ukrainians have <seized> a village near Kherson", "-", "U"),
    ("Kherson <captured> by anti-Kyiv Ukrainians", "-", "U"),
    ("Ukraine says anti-Kyiv fighters <seized> Kherson", "-", "U"),
    ("Putin's troops <captured> Kherson", "R", "U"),
    ("Kherson was <seized> by Russian partisans", "R", "U"),
    ("Russian defenders have <retaken> a village near Mariupol", "R", "U"),
    ("Russian proxies and Russian neo-Nazis <captured> Mariupol", "R", "U"),
    ("Moscow-backed militants <seized> Mariupol", "R", "U"),
    ("The Putin regime <occupied> Kherson", "R", "U"),
]
# What the patterns do not find, and what they get wrong; when one of these changes, say so in slots.py.
LIMITS = [
    ("Russian forces near Belgorod <captured> a village", "-", "R"),
    ("Russian forces pushed the Ukrainian army out and <seized> Mariupol", "U", "U"),
    ("Russian forces, he said, <captured> Kherson", "-", "U"),
    ("Putin ordered the <capture> of Kherson", "-", "U"),
    ("Russian and Ukrainian forces <captured> Kherson", "U", "U"),
    ("Russian Ukronazis <captured> Kherson", "U", "U"),
    ("Russian army did not <capture> Kherson", "R", "U"),
    ("Kyiv <liberated> 80 years ago with all of Ukraine", "U", "U"),
]


@pytest.fixture(scope="module")
def alternations() -> Alternations:
    return read_alternations(FILE)


def _other_side(text: str) -> str:
    words = text.replace("Russia-", "Russia -").split(" ")
    exchanged = []
    for word in words:
        key = next((each for each in sorted(EXCHANGED, key=len, reverse=True) if each in word), None)
        exchanged.append(word.replace(key, EXCHANGED[key]) if key else word)
    return " ".join(exchanged)


def _filled(
    texts: list[str], alternations: Alternations, name: str = "taking a place"
) -> list[dict[str, object]]:
    """Return the slots of the marked choice of each text."""
    starts = [text.index("<") for text in texts]
    sentences = pl.DataFrame(
        {
            "id": [str(number) for number in range(len(texts))],
            "text": [text.replace("<", "").replace(">", "") for text in texts],
            "source": "wire", "article": "a", "date": None, "group": "wire", "stratum": "",
            "document": pl.Series(range(len(texts)), dtype=pl.UInt32),
        }
    )  # fmt: skip
    found = find_choices(sentences, alternations).filter(pl.col("set") == name)
    rows = {(row["id"], row["start"]): row for row in found.iter_rows(named=True)}
    return [rows[str(number), start] for number, start in enumerate(starts)]


LETTERS = {"Russia": "R", "Ukraine": "U", None: "-"}


@pytest.mark.parametrize("exchanged", [False, True])
def test_agent_and_place_are_what_is_written_beside_each_sentence(
    exchanged: bool, alternations: Alternations
) -> None:
    sentences = SENTENCES + LIMITS
    texts = [_other_side(text) if exchanged else text for text, _, _ in sentences]
    swap = {"R": "U", "U": "R", "-": "-"}
    expected = [(swap[agent], swap[place]) if exchanged else (agent, place) for _, agent, place in sentences]
    rows = _filled(texts, alternations)
    found = [(LETTERS[row["agent"]], LETTERS[row["place"]]) for row in rows]  # type: ignore[index]
    assert [(t, f) for t, f, e in zip(texts, found, expected, strict=True) if f != e] == []


def test_a_sentence_and_its_mirror_are_treated_alike(alternations: Alternations) -> None:
    swapped = {"Russia": "Ukraine", "Ukraine": "Russia", None: None}
    one = _filled([text for text, _, _ in SENTENCES], alternations)
    other = _filled([_other_side(text) for text, _, _ in SENTENCES], alternations)
    assert [swapped[row["agent"]] for row in one] == [row["agent"] for row in other]  # type: ignore[index]
    assert [row["variant"] for row in one] == [row["variant"] for row in other]


def test_nouns_of_attack_have_an_agent_on_either_side(alternations: Alternations) -> None:
    texts = [
        "Two hurt in Russian <shelling> near Kherson",
        "Report on a Russian <drone strike> on Kherson",
        "Russia's missile <attack> on Kherson condemned",
        "Russian forces <shell> Kherson again",
        "Kherson <shelled> by Russian troops",
        "Russian cities fear <attack> on Kherson",
    ]
    for each, side in ((texts, "Russia"), ([_other_side(text) for text in texts], "Ukraine")):
        found = [row["agent"] for row in _filled(each, alternations, "attack")]
        assert found == [side] * 5 + [None]


QUOTED = [
    ('The town was "<liberated>" on Monday', True),
    ("The town was “<liberated>” on Monday", True),
    ("The town was «<liberated>» on Monday", True),
    ("The town was ‘<liberated>’ on Monday", True),
    ("The town was '<liberated>' on Monday", True),
    ('He said "the whole city was <liberated> today" and left', True),
    ("He said ‘the region’s city was <liberated> today’ and left", True),
    ("The town was <liberated> on Monday", False),
    ("The region's town was <liberated>, its mayor's office says", False),
    ("The region’s town was <liberated>, its mayor’s office says", False),
    ('A "fine" town was <liberated> on a "fine" day', False),
]


def test_what_stands_in_quotation_marks_is_quoted(alternations: Alternations) -> None:
    rows = _filled([text for text, _ in QUOTED], alternations)
    assert [row["quoted"] for row in rows] == [quoted for _, quoted in QUOTED]


def test_slots_that_a_set_does_not_ask_for_are_null(alternations: Alternations) -> None:
    (row,) = _filled(["Russian <troops> captured Kherson"], alternations, "soldiers")
    assert row["agent"] is None
    assert row["place"] is None
    assert row["quoted"] is False


def test_no_choice_makes_an_empty_table(alternations: Alternations) -> None:
    rows = pl.DataFrame(
        {"id": ["1"], "text": ["It rained."], "source": ["a"], "article": ["b"], "date": [None], "group": ["a"],
         "stratum": [""], "document": pl.Series([0], dtype=pl.UInt32)},
        schema_overrides={"date": pl.String},
    )  # fmt: skip
    found = find_choices(rows, alternations)
    assert found.is_empty()
    assert {"set", "variant", "agent", "place", "quoted", "start", "end"} <= set(found.columns)
