"""What is told before the numbers are read: dates that are none, misread characters, numbers, strata."""

from dataclasses import replace

import polars as pl
import pytest

from framing.evaluation.lexicon.corpora import InMemory
from framing.evaluation.lexicon.documents import with_groups
from framing.evaluation.lexicon.misread import misread, misread_notices
from framing.evaluation.lexicon.noise_settings import NoiseSettings
from framing.evaluation.lexicon.remarks import remarks
from framing.evaluation.lexicon.tables import NO_STRATUM, TOO_FEW
from framing.evaluation.lexicon.whole import take_out_noise
from tests import lexicon_tables as made

NOISE = NoiseSettings(
    boilerplate_documents=3, numbers_alike=False, edge_documents=20, edge_share=0.02, names={}, wire="drop",
    wire_words=8, near_copies=False, similarity=0.8, listed=20,
)  # fmt: skip


def _sentences(texts: list[str], source: str = "wire", date: str | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [f"{source}{number}" for number in range(len(texts))], "text": texts, "source": source,
            "article": [f"a{number}" for number in range(len(texts))], "date": date, "group": source,
            "stratum": "", "within": "",
        },
        schema_overrides={"date": pl.String},
    )  # fmt: skip


@pytest.mark.parametrize("period", ["year", "quarter", "month"])
def test_a_date_before_1500_is_no_period_and_is_counted_as_missing(period: str) -> None:
    dates = ["0001-01-01", "1499-12-31", "1500-01-01", "2022-02-24", None]
    sentences = _sentences(["one"] * 5).with_columns(date=pl.Series(dates))
    grouped, left_out = with_groups(sentences, made.settings(groups="period", period=period))
    assert left_out == 3
    assert [value[:4] for value in grouped["group"]] == ["1500", "2022"]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("The townâ€™s mayor", "â€™"), ("The mayor â€“ a poet", "â€“"), ("The townÕs mayor", "Õ"),
        ("They wait Ñ and see", "Ñ"), ("The town\ufffds mayor", "\ufffd"), ("A cafÃ© there", "Ã©"),
        ("The town\x92s mayor", "U+0092"),
    ],
)  # fmt: skip
def test_misread_characters_are_told_with_their_group_and_sign(text: str, sign: str) -> None:
    parts = [misread(_sentences([text, *["A plain line"] * 99], "b")), misread(_sentences(["Fine"], "a"))]
    (notice,) = misread_notices(parts)
    assert notice.startswith("1 of 100 sentences of b hold misread characters")
    assert f"({sign})" in notice


@pytest.mark.parametrize(
    "text",
    [
        "A town’s mayor – a poet",
        "Õhtu in Tallinn",
        "El Niño, ESPAÑA",
        "Câmara São Paulo",
        "Київ",
        "ÑANDÚ",
        "2 × 3 Ð",
    ],
)
def test_letters_of_living_languages_are_not_misread(text: str) -> None:
    assert misread_notices([misread(_sentences([text]))]) == []


def test_a_sign_in_one_sentence_of_thousands_is_not_told() -> None:
    assert misread_notices([misread(_sentences(["The townÕs mayor", *["A plain line"] * 2000]))]) == []


def test_sentences_that_differ_in_numbers_alone_are_counted_and_not_taken_out() -> None:
    bulletins = [f"Summary of the ministry for {day} May" for day in range(1, 5)]
    once = ["Two bridges were shut", "Room 5 is open", "Room 6 is open"]
    corpus = InMemory.of(_sentences([*bulletins, *once]))
    left, _, notices = take_out_noise(corpus, NOISE)
    assert sum(part.height for part in left.parts()) == 7
    (notice,) = notices
    assert notice.startswith("4 sentences differ from others of their source in numbers or dates alone")
    assert "numbers_alike=true" in notice
    left, _, notices = take_out_noise(corpus, replace(NOISE, numbers_alike=True))
    assert sum(part.height for part in left.parts()) == 3
    assert notices == []


def test_sentences_that_are_taken_out_anyway_are_not_told_again() -> None:
    corpus = InMemory.of(_sentences(["Call 555 now"] * 4))
    assert take_out_noise(corpus, NOISE)[2] == []


def test_under_strata_it_is_told_what_of_rival_words_is_not_within_them() -> None:
    lexicon = made.lexicon(3, 40)
    strata = made.settings(strata=("period",))
    assert not any("rival words" in notice for notice in remarks(lexicon, made.settings()))
    (told,) = [notice for notice in remarks(lexicon, strata) if "rival words" in notice]
    assert "lexicon.within=period" in told
    apart = replace(lexicon, alternations=lexicon.alternations.with_columns(inference=pl.lit(NO_STRATUM)))
    assert any("In no period do two groups choose" in notice for notice in remarks(apart, strata))


def test_sides_without_a_stratum_in_common_are_not_said_to_have_few_documents() -> None:
    lexicon = made.lexicon(3, 40)
    first = pl.int_range(pl.len()) == 0
    comparisons = lexicon.comparisons.with_columns(
        strata=pl.when(first).then(0).otherwise(2).cast(pl.Int64),
        inference=pl.when(first).then(pl.lit(TOO_FEW)).otherwise("inference"),
    )
    told = remarks(replace(lexicon, comparisons=comparisons), made.settings(strata=("period",)))
    assert any("1 of 6 comparisons have no period in common" in notice for notice in told)
    assert not any("fewer than" in notice for notice in told)


def test_under_strata_it_is_told_that_the_self_check_is_without_them() -> None:
    lexicon = made.lexicon(3, 40)
    assert lexicon.self_check.height
    for how, told in ((made.settings(), 0), (made.settings(strata=("period",)), 1)):
        assert sum("test without strata" in notice for notice in remarks(lexicon, how)) == told


def test_it_is_told_that_a_sentence_of_several_frames_is_on_both_sides() -> None:
    lexicon = made.lexicon(3, 40)
    for groups, told in (("frames", 1), ("voice", 0)):
        notices = remarks(lexicon, made.settings(groups=groups))
        assert sum("several frames" in notice for notice in notices) == told
