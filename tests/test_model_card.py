import re
from dataclasses import replace

import pytest
import yaml

from framing.reporting.model_card import Origin, model_card
from framing.reporting.verdict import verdict
from tests.evaluated import evaluated, from_a_file, single_label

ORIGIN = Origin(
    data={"seeds/sentences.jsonl": "ab" * 32},
    trained_on=107,
    label_origin="Made by a language model in two passes, not by people.",
    made_with={"git_commit": "0123abc", "version.torch": "2.13.0"},
    folder="outputs/run/model",
)


@pytest.fixture(scope="module")
def whole():
    return evaluated(120)


def front(card):
    return yaml.safe_load(card.split("---\n")[1])


def test_the_front_matter_holds_the_scores_that_were_measured(whole):
    metadata = front(model_card(whole, ORIGIN))
    assert not {"language", "license"} & metadata.keys()  # nobody was asked
    assert {"framing", "territorial_war"} <= set(metadata["tags"])
    macro, *_ = metadata["model-index"][0]["results"][0]["metrics"]
    assert macro == {
        "type": "f1",
        "name": "macro F1",
        "value": round(whole.findings.models["macro_f1"][0], 4),
    }


def test_the_card_says_what_the_run_says(whole):
    card = model_card(whole, ORIGIN)
    for line in (*verdict(whole), *whole.all_notices()):
        assert f"- {line}" in card
    for words in (
        "not by people", "ab" * 32, "learned from 107 sentences", "0123abc", "- torch 2.13.0", "Ranking outlets",
        "python -m framing.predict model=outputs/run/model input=", "| source from the text | 0.52 |",
        "| temperature | 3200 |", "| swap_sides | invariance |", "| dictionary | +0.02 |",
    ):  # fmt: skip
        assert words in card


def test_a_card_of_labels_of_unknown_origin_says_so(whole):
    assert "who made them, and how, is not stated" in model_card(whole, replace(ORIGIN, label_origin=""))


def test_every_table_of_the_card_has_as_many_cells_in_every_row(whole):
    named = whole.sentences.with_columns(source=whole.sentences["source"] + "|<b>")
    probes = whole.findings.probes.with_columns(
        meaning=whole.findings.probes["meaning"] + " | <script> \n more"
    )
    made = replace(whole, sentences=named, findings=replace(whole.findings, probes=probes))
    card = model_card(made, ORIGIN)
    tables = re.findall(r"(?:^\|.*\n)+", card, re.M)
    assert len(tables) == 9
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert "<script>" not in card


def test_a_name_cannot_break_the_front_matter(whole):
    card = model_card(replace(whole, name="run: 'a'\n---\nevil: yes"), ORIGIN)
    assert front(card)["model-index"][0]["name"] == "run: 'a' --- evil: yes"
    assert card.startswith("---\n")


@pytest.mark.parametrize("made", [single_label(), from_a_file()], ids=["single label", "file"])
def test_what_was_not_measured_is_left_out(made):
    card = model_card(made, ORIGIN)
    assert "and a voice" not in card
    assert "## Limits" in card
    if made.split is None:
        assert "not known here" in card
        assert "### Calibration" not in card
