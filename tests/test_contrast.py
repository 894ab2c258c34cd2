"""The contrast corpus: that it is what its data statement says."""

import json

import polars as pl
import pytest

from framing.build import build_codebook, build_corpus
from framing.core.config import PROJECT
from framing.data.splits import leave_one_source_out
from tests.test_data_report import report_of

FOLDER = PROJECT / "seeds" / "contrast"
CASES = {
    "retake_reclaim", "under_control", "failing_attackers", "captured_soldiers", "exposed_narratives", "scare_quotes",
    "negation", "questions", "operation_name", "peace_talk", "colon", "harm_words", "other_sense", "threat_only",
    "strikes", "advance", "occupy_sense", "names", "losses", "denial",
}  # fmt: skip


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def contrast():
    return pl.DataFrame(
        [row for path in sorted(FOLDER.glob("*.jsonl")) for row in read(path)], infer_schema_length=None
    )


def test_it_is_large_enough_and_its_labels_are_the_codebooks(contrast, composed):
    config = composed("data=default")
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    assert loaded.problems == []
    assert len(loaded.training_only) == contrast.height >= 3000
    assert contrast["id"].is_unique().all()


def test_no_contrast_sentence_is_ever_in_a_test_fold(composed):
    config = composed()
    loaded = build_corpus(config.data, build_codebook(config.codebook))
    scored = {
        loaded.corpus.sentences["id"][int(row)]
        for fold in leave_one_source_out(loaded.corpus)
        for row in fold.test
    }
    assert not scored & set(loaded.training_only.sentences["id"])


def test_every_check_of_the_data_report_is_green():
    report = report_of()
    assert [check for check in report.checks if not check.passed] == []
    assert len(report.checks) == 14


def test_the_borderline_cases_and_registers_are_those_of_the_data_statement(contrast):
    assert {case.rstrip("+-") for case in contrast["case"].drop_nulls()} == CASES
    assert contrast["register"].n_unique() >= 9
    assert contrast["set_id"].n_unique() >= 250


def test_the_blind_second_labels_are_kept_and_every_disagreement_is_settled(contrast):
    first, second, settled = (
        {row["id"]: row for row in read(FOLDER / "labels" / f"{name}.jsonl")}
        for name in ("first", "second", "adjudicated")
    )
    assert first.keys() == second.keys()
    assert len(first) >= 600
    differing = {
        identifier
        for identifier, row in first.items()
        if (set(row["frames"]), row["voice"])
        != (set(second[identifier]["frames"]), second[identifier]["voice"])
    }
    assert settled.keys() == differing
    final = {row["id"]: row for row in contrast.iter_rows(named=True)}
    for identifier, row in settled.items():
        assert row["reason"]
        assert set(row["frames"]) <= set(final[identifier]["frames"])
        assert row["voice"] == final[identifier]["voice"]
