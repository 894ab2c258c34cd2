"""What is no source's own words is found, counted and taken out, whatever the order and division."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from framing.core.errors import FramingError
from framing.evaluation.lexicon.edges import edge_counts, find_edges
from framing.evaluation.lexicon.near_copies import near_pairs, sketches
from framing.evaluation.lexicon.noise import (
    cleaned,
    find_noise,
    noise_table,
    noise_texts,
    sentence_keys,
)
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.own_names import own_names

SETTINGS = NoiseSettings(
    boilerplate_documents=3,
    numbers_alike=True,
    edge_documents=3,
    edge_share=0.5,
    names={},
    wire="drop",
    wire_words=6,
    near_copies=False,
    similarity=0.6,
    listed=10,
)

WIRE = "Troops entered the small town on the river early this morning"
NEARLY = "Troops entered the small town on the river early this morning, officials said"


def without_noise(sentences: pl.DataFrame, settings: NoiseSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return sentences that are in memory without noise, and the table of noise."""
    counts = [edge_counts(sentences)]
    edges = find_edges(counts, documents=settings.edge_documents, share=settings.edge_share)
    keys = sentence_keys(sentences, edges, settings)
    noise = find_noise([keys], edges, settings)
    table = noise_table(noise, [noise_texts(sentences, keys, noise)])
    return cleaned(sentences, keys, noise), table


def sentences(*rows: tuple[str, ...]) -> pl.DataFrame:
    """Return sentences of (source, article, text) or (source, article, text, date)."""
    source, article, text, date = zip(*((*row, None)[:4] for row in rows), strict=True)
    table = {"source": source, "article": article, "text": text, "date": pl.Series(date, dtype=pl.String)}
    return pl.DataFrame(table).with_columns(id=pl.int_range(len(rows)).cast(pl.String), group="source")


def texts(part: pl.DataFrame, **changes: Any) -> list[str]:
    return without_noise(part, replace(SETTINGS, **changes))[0]["text"].to_list()


def table(part: pl.DataFrame, **changes: Any) -> list[tuple[Any, ...]]:
    return without_noise(part, replace(SETTINGS, **changes))[1].rows()


def test_a_sentence_in_enough_documents_of_one_source_goes_from_that_source() -> None:
    part = sentences(
        ("first", "1", "Sign up to our “newsletter”"),
        ("first", "2", "SIGN UP to  our newsletter."),
        ("first", "3", "Sign up to our newsletter!"),
        ("other", "1", "Sign up to our newsletter"),
        ("first", "3", "The bridge fell"),
    )
    assert texts(part) == ["Sign up to our newsletter", "The bridge fell"]
    assert table(part) == [("boilerplate", "first", "sign up to our newsletter", 3, 3, True)]


def test_a_sentence_that_one_document_repeats_is_no_boilerplate() -> None:
    part = sentences(*[("first", "1", "Never again")] * 9, ("first", "2", "Never again"))
    assert texts(part) == ["Never again"] * 10


def test_numbers_are_alike_when_that_is_asked_for() -> None:
    part = sentences(*[("first", str(at), f"Minutes of {at}.05.2024") for at in range(4)])
    assert texts(part) == []
    assert len(texts(part, numbers_alike=False)) == 4


def test_datelines_and_tails_are_cut_and_the_words_between_stay() -> None:
    part = sentences(
        ("first", "1", "RIVERTON, March 3 (Agency) - The bridge fell. Read more"),
        ("first", "2", "HILLTOWN, April 12 (Agency) — A school opened. Read more"),
        ("first", "3", "RIVERTON, May 1 (Agency) – Rain came. Read more"),
    )
    assert texts(part) == ["The bridge fell.", "A school opened.", "Rain came."]
    assert table(part) == [
        ("lead-in", "first", "(agency) -", 3, 3, True),
        ("tail", "first", "read more", 3, 3, True),
    ]


def test_tails_after_a_bar_and_in_brackets_are_cut() -> None:
    part = sentences(
        *[("first", str(at), f"Event {word} | Daily Sheet") for at, word in enumerate("xyz")],
        *[("second", str(at), f"Event {word} (VIDEO)") for at, word in enumerate("uvw")],
    )
    assert texts(part) == [f"Event {word}" for word in "xyzuvw"]


def test_what_no_sign_sets_off_is_never_cut() -> None:
    rows = [("first", str(at), f"The ministry said {word} fell") for at, word in enumerate("xyz")]
    rows += [("first", str(at), f"Minister: {word} fell — ministry") for at, word in enumerate("uvw")]
    part = sentences(*rows)
    assert texts(part) == part["text"].to_list()
    assert table(part) == []


def test_a_run_needs_its_share_of_the_documents() -> None:
    rows = [("first", str(at), f"Event {at}{'x' * at} (VIDEO)") for at in range(1, 5)]
    rows += [("first", str(at), f"Thing {'y' * at}") for at in range(5, 11)]
    part = sentences(*rows)
    assert texts(part, edge_share=0.4)[0] == "Event 1x"
    assert texts(part, edge_share=0.41)[0] == "Event 1x (VIDEO)"
    assert texts(part, edge_share=0.4, edge_documents=5)[0] == "Event 1x (VIDEO)"


def test_a_sentence_that_is_all_tail_goes() -> None:
    part = sentences(*[("first", str(at), "| Daily Sheet") for at in range(3)], ("first", "9", "?!"))
    assert texts(part) == ["?!"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("kyiv_independent", ["kyiv independent"]),
        ("KyivIndependent", ["kyiv independent"]),
        ("www.kyivindependent.com", ["kyivindependent"]),
        ("russian_mod", ["russian mod"]),
        ("BBCNews", ["bbc news"]),
        ("tass", ["tass"]),
        ("a", []),
        ("2024", []),
    ],
)
def test_a_source_is_named_by_its_full_name(source: str, names: list[str]) -> None:
    assert own_names(source) == names


def test_own_names_leave_a_gap_in_the_own_sentences_alone() -> None:
    part = sentences(
        ("kyiv_independent", "1", "Kyiv told the Kyiv Independent’s reporter"),
        ("kyiv_independent", "2", "See www.kyivindependent.com for more"),
        ("rt", "1", "RT starts an art show, says RT."),
        ("rt", "2", "Told the Kyiv Independent"),
        ("тасс", "1", "Ведомости и ТАСС сообщили"),
    )
    assert texts(part) == [
        "Kyiv told the \n reporter",
        "See \n for more",
        "\n starts an art show, says \n.",
        "Told the Kyiv Independent",
        "Ведомости и \n сообщили",
    ]
    assert ("own name", "rt", "rt", 1, 1, True) in table(part)


def test_given_names_are_taken_out_too() -> None:
    part = sentences(("first", "1", "The Agency has learnt"))
    assert texts(part, names={"first": ("the agency",)}) == ["\n has learnt"]


def test_wire_copy_goes_everywhere_or_stays_where_it_was_first_or_everywhere() -> None:
    part = sentences(
        ("beta", "1", WIRE, "2024-05-01"),
        ("alpha", "1", WIRE.upper(), "2024-05-02"),
        ("alpha", "2", "A sentence of the source alone", "2024-05-02"),
    )
    alone = "A sentence of the source alone"
    assert texts(part) == [alone]
    assert texts(part, wire="once") == [WIRE, alone]
    assert texts(part, wire="keep") == part["text"].to_list()
    plain = WIRE.lower()
    assert table(part, wire="once") == [
        ("wire copy", "alpha", plain, 1, 1, True),
        ("wire copy", "beta", plain, 1, 1, False),
    ]


@pytest.mark.parametrize(("first", "second", "kept"), [("2024", "2024", "alpha"), (None, "2024", "beta")])
def test_of_equal_dates_the_first_by_alphabet_is_first_and_no_date_is_last(
    first: str | None, second: str, kept: str
) -> None:
    part = pl.concat(
        [
            sentences(("alpha", "1", WIRE)).with_columns(date=pl.lit(first, dtype=pl.String)),
            sentences(("beta", "1", WIRE, second)),
        ]
    )
    left, _ = without_noise(part, replace(SETTINGS, wire="once"))
    assert left["source"].to_list() == [kept]


def test_short_sentences_are_nobodys_copy() -> None:
    part = sentences(("alpha", "1", "He said no more."), ("beta", "1", "He said no more."))
    assert len(texts(part)) == 2


def test_near_copies_are_listed_and_kept_unless_they_are_treated_as_copies() -> None:
    part = sentences(
        ("alpha", "1", WIRE), ("beta", "1", NEARLY), ("beta", "2", "Nothing else at all was said")
    )
    assert texts(part) == part["text"].to_list()
    assert [(row[0], row[1], row[5]) for row in table(part)] == [
        ("near copy", "alpha", False),
        ("near copy", "beta", False),
    ]
    assert texts(part, near_copies=True) == ["Nothing else at all was said"]
    assert texts(part, near_copies=True, similarity=0.9) == part["text"].to_list()


def test_texts_that_are_not_listed_are_counted_in_one_row() -> None:
    rows = [("first", str(at), f"Line {word}") for word in ("x", "y", "z") for at in range(3)]
    found = table(sentences(*rows, ("first", "9", "Line y")), listed=1)
    assert found == [
        ("boilerplate", "first", "line y", 4, 4, True),
        ("boilerplate", "first", "(others: 2)", 6, 3, True),
    ]


def random_corpus() -> pl.DataFrame:
    """Return 900 sentences of three sources with every kind of noise in them."""
    random = np.random.default_rng(8)
    words = np.array([f"w{letter}{other}" for letter in "abcdefghij" for other in "xyz"])
    wires = [" ".join(random.choice(words, 12)) for _ in range(30)]
    rows = []
    for _ in range(900):
        text = " ".join(random.choice(words, random.integers(2, 25)))
        kind = random.integers(6)
        if kind == 0:
            text = wires[random.integers(30)]
        elif kind == 1:
            text = wires[random.integers(30)] + " " + str(random.choice(words))
        elif kind == 2:
            text = f"{text} (VIDEO)"
        elif kind == 3:
            text = f"alpha and beta {text}"
        source = ("alpha", "beta", "gamma")[random.integers(3)]
        rows.append((source, str(random.integers(80)), text, f"2024-05-{random.integers(10, 30)}"))
    return sentences(*rows)


def in_parts(part: pl.DataFrame, parts: int, settings: NoiseSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    number = part["article"].cast(pl.Int64) % parts
    divided = [part.filter(number == each) for each in range(parts)]
    counts = [edge_counts(each) for each in divided]
    edges = find_edges(counts, documents=settings.edge_documents, share=settings.edge_share)
    keys = [sentence_keys(each, edges, settings) for each in divided]
    noise = find_noise(keys, edges, settings)
    texts = [noise_texts(each, key, noise) for each, key in zip(divided, keys, strict=True)]
    left = [cleaned(each, key, noise) for each, key in zip(divided, keys, strict=True)]
    return pl.concat(left), noise_table(noise, texts)


@pytest.mark.parametrize(
    "changes",
    [{}, {"wire": "once"}, {"wire": "once", "near_copies": True}, {"near_copies": True, "listed": 2}],
)
def test_neither_order_nor_parts_matter(changes: dict[str, Any]) -> None:
    settings = replace(SETTINGS, edge_share=0.1, **changes)
    part = random_corpus()
    left, found = without_noise(part, settings)
    assert len(set(found["kind"])) == 5
    assert len(left) < len(part)
    for other, other_found in (
        without_noise(part.sample(fraction=1, shuffle=True, seed=2), settings),
        in_parts(part, 4, settings),
    ):
        assert other.sort("id").equals(left.sort("id"))
        assert other_found.equals(found)


def test_the_order_of_rows_and_the_other_columns_stay() -> None:
    part = random_corpus()
    left, _ = without_noise(part, SETTINGS)
    assert left.columns == part.columns
    kept = part.filter(pl.col("id").is_in(left["id"].implode()))
    assert left.drop("text").equals(kept.drop("text"))


def test_cleaning_again_changes_nothing_but_what_had_become_alike() -> None:
    part = random_corpus()
    once, _ = without_noise(part, SETTINGS)
    twice, _ = without_noise(once, SETTINGS)
    assert twice["text"].to_list() == once["text"].to_list()


def jaccard(one: str, other: str) -> float:
    runs = [
        {tuple(words[at : at + 3]) for at in range(len(words) - 2)} for words in (one.split(), other.split())
    ]
    return len(runs[0] & runs[1]) / max(1, len(runs[0] | runs[1]))


def test_near_pairs_are_those_of_all_pairs_compared() -> None:
    random = np.random.default_rng(4)
    words = np.array([f"w{at}" for at in range(60)])
    originals = [random.choice(words, random.integers(6, 18)) for _ in range(60)]
    lines = []
    for original in originals:
        for _ in range(3):
            copy = original.copy()
            copy[random.integers(len(copy))] = random.choice(words)
            lines.append(" ".join(copy))
    source = random.integers(0, 3, len(lines))
    one, other = near_pairs(sketches(pl.Series("text", lines)), source, 0.5)
    expected = [
        (a, b)
        for a in range(len(lines))
        for b in range(a + 1, len(lines))
        if source[a] != source[b] and jaccard(lines[a], lines[b]) >= 0.5
    ]
    assert len(expected) > 20
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == expected


def test_a_corpus_without_noise_and_one_without_sentences_pass() -> None:
    part = sentences(("first", "1", "One thing"), ("second", "1", "Another thing"))
    assert texts(part) == part["text"].to_list()
    left, found = without_noise(part.clear(), SETTINGS)
    assert len(left) == len(found) == 0
    assert found.columns == ["kind", "group", "text", "sentences", "documents", "removed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wire": "sometimes"}, "keep, once, drop"),
        ({"boilerplate_documents": 1}, "2 or more"),
        ({"similarity": 0.0}, "above 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(FramingError, match=said):
        replace(SETTINGS, **changes)
