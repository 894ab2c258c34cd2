"""The data report: its counts, its checks, the search for near-duplicates, the command."""

import json

import numpy as np
import polars as pl
import pytest
from hydra import compose, initialize_config_dir

from framing.build import build_codebook
from framing.cli import CONFIGS, register_help, typed
from framing.core.command_config import DataReportConfig
from framing.core.config import register
from framing.corpus_report import material_of
from framing.data.loading import load_further_columns
from framing.evaluation.corpus_checks import (
    AGAINST,
    SCORED,
    TRAINING_ONLY,
    Compared,
    check_apart,
    check_at_least,
    check_cases,
    check_lengths,
    check_near_duplicates,
    check_sequences,
    check_sets,
    check_shares,
)
from framing.evaluation.sides import check_sides, opponents


def report_of(*overrides):
    from framing.data_report import report_of as made

    register()
    register_help("data_report", "")
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        config = typed(compose("data_report", overrides=list(overrides)), DataReportConfig)
    return made(config, build_codebook(config.codebook))


def test_a_phrase_in_too_many_sentences_is_red():
    texts = [f"number {number} under the control of the army" for number in range(10)]
    check = check_sequences(texts, words=5, share=0.5, spared=2)
    assert check.passed is False
    assert check.found == "10 sentences: the control of the army"
    assert check_sequences(texts, words=5, share=0.5, spared=10).passed
    assert check_sequences(["no", "such", "thing"], words=5, share=0, spared=0).passed


def test_lengths_shares_counts_and_cases():
    assert check_lengths(["a", "b"], ["one two", "one"], shortest=2, longest=5).examples == (
        "b: 1 words: one",
    )
    assert check_lengths(["a"], ["one two"], shortest=2, longest=2).passed
    assert check_lengths([], [], shortest=1, longest=2).passed is None
    assert check_shares("register", ["x"] * 97 + ["y"] * 3, 0.03).passed
    assert check_shares("register", ["x"] * 98 + ["y"] * 2, 0.03).found == "2.0% (y); 1 below the limit"
    assert check_at_least("counts", {"a": 3, "b": 2}, 3).examples == ("b: 2 sentences",)
    assert check_cases(["negation+"] * 3, 1).found == "0 (negation-); 1 of 2 below the limit"
    assert check_cases(["negation+", "negation-"], 1).passed
    assert check_cases([], 1).passed is None


def test_sets_have_enough_sentences_and_labels():
    sets, labels = ["s"] * 3 + ["t"] * 2, ["x", "y", "x", "x", "x"]
    assert check_sets(sets, labels, sentences=2, different=2, share=0.5).passed
    assert not check_sets(sets, labels, sentences=3, different=2, share=0.5).passed
    assert not check_sets(sets, labels, sentences=2, different=2, share=0.6).passed


def test_the_sides_of_a_war_are_those_that_meet_most():
    actors = ["A", "B", "A", "B", "C", "D", "C", "D", "A", "C", "lonely"]
    sets = ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5", "6"]
    assert opponents(actors, sets) == [("A", "B"), ("C", "D")]
    frames = np.array([[actor in "AC"] for actor in actors])
    wars, by_frame = check_sides(actors, sets, frames, ["capture"], ratio=2, fewest=4)
    assert wars.passed
    assert by_frame.passed is False
    assert by_frame.found == "4.00 (capture: 4 to 0); 1 beyond the limit"
    small, _ = check_sides(actors, sets, frames, ["capture"], ratio=2, fewest=5)
    assert small.passed is None
    alone = check_sides(["A"], ["1"], frames[:1], ["capture"], ratio=2, fewest=1)
    assert [check.passed for check in alone] == [None, None]


def test_near_duplicates_are_told_by_where_they_stand():
    texts = [
        "the army left the town",
        "the army left the town.",
        "a quiet night at sea",
        "a quiet night at sea!",
    ]
    compared = Compared("abcd", texts, np.array([SCORED, TRAINING_ONLY, TRAINING_ONLY, AGAINST]))
    inside, across, against = check_near_duplicates(compared, characters=5, threshold=0.8)
    assert (inside.found, across.found, against.found) == ("2 sentence(s)", "1 sentence(s)", "1 sentence(s)")
    assert len(inside.examples) == len(across.examples) == len(against.examples) == 1
    assert "c: a quiet night at sea | d: a quiet night at sea!" in against.examples[0]
    assert check_apart([("a", "x")], [("b", "x"), ("c", "y")]).examples == ("b",)


def own(**fields):
    return {
        "text": "The army took the town.",
        "source": "n",
        "frames": ["capture"],
        "voice": "asserted",
    } | fields


def test_columns_that_the_corpus_lacks_are_skipped_and_said_so(save):
    rows = [own(text=f"The army took town number {number} {word}.") for number, word in enumerate("abcdef")]
    report = report_of("data=csv", f"data.path={save([{**row, 'frames': 'capture'} for row in rows], 'csv')}")
    told = {check.name: check for check in report.checks}
    assert told["every register"].passed is None
    assert "no sentence has the column 'register'" in told["every register"].found
    assert told["words in a training-only sentence"].passed is None
    assert report.counts["frame"].filter(pl.col("sentences") > 0).rows() == [("capture", 6, 0, 6)]


def test_counts_are_those_of_both_parts(write):
    scored, more = own(id="a", text="The river is calm.", frames=[], voice=None), own(id="b", register="blog")
    report = report_of(
        "data=jsonl", f"data.path={write([scored])}", f"data.training_only=[{write([more], 'more.jsonl')}]"
    )
    assert report.counts["register"].rows() == [("(none)", 1, 0, 1), ("blog", 0, 1, 1)]
    assert report.counts["number of frames"].rows() == [("0", 1, 0, 1), ("1", 0, 1, 1)]
    assert report.counts["frame"].rows()[-1] == ("(no frame)", 1, 0, 1)
    assert report.frame_voices.filter(pl.col("sentences") > 0).rows() == [("capture", "asserted", 1)]


def test_unknown_labels_repeated_ids_and_leaks_are_red(write):
    rows = [own(id="a"), own(id="b", frames=["captur"])]
    more = [own(id="a", text="Another one."), own(id="c")]
    report = report_of(
        "data=jsonl", f"data.path={write(rows)}", f"data.training_only=[{write(more, 'more.jsonl')}]"
    )
    told = {check.name: check for check in report.checks}
    assert "captur (frame): 1 sentence(s)" in told["labels that the codebook does not know"].examples[0]
    assert told["rows that cannot be used"].found == "1"
    assert told["ids that stand more than once"].examples == ("a",)
    assert told["training-only sentences that are scored"].examples == ("a", "c")
    assert told["near-duplicates, scored and training-only"].passed is False


def test_further_columns_stand_beside_their_sentences(write, corpus_of):
    rows = [
        own(id="a", register="blog", frames=["red"]),
        own(id="b", text="", frames=["red"]),
        own(id="c", frames=[], voice=None),
    ]
    path = write(rows)
    from functools import partial

    from framing.data.reading import read_jsonl

    further = load_further_columns([partial(read_jsonl, path)], ["register", "case", "actor", "set_id"])
    material = material_of(corpus_of("jsonl", path), further)
    assert material.corpus.sentences["id"].to_list() == ["a", "c"]
    assert material.further["register"].to_list() == ["blog", None]


def test_the_command_writes_its_report_and_tells_red_by_its_exit_code(command, write, tmp_path):
    done = command("data_report", f"output={tmp_path}/report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "14 green, 0 red, 0 skipped" in done.stdout
    written = json.loads((tmp_path / "report" / "data_report.json").read_text(encoding="utf-8"))
    assert len(written["checks"]) == 14
    assert written["limits"]["frame_voice"] == 40
    assert (tmp_path / "report" / "frames_by_voice.png").stat().st_size > 10_000

    first = (
        (CONFIGS.parent / "seeds/contrast/1_changing_hands_a.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()[0]
    )
    evaluation = write([{"text": json.loads(first)["text"]}], "evaluation.jsonl")
    done = command("data_report", f"output={tmp_path}/against", f"against=[{evaluation}]")
    assert done.returncode == 1
    assert "1 red" in done.stdout
    assert "contrast-1-001" in done.stdout
    done = command("data_report", f"output={tmp_path}/against")
    assert done.returncode == 2
    assert "has files already" in done.stderr


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("against=[nowhere.jsonl]", "against: no file fits nowhere.jsonl"),
        ("limits.similarity=1.5", "limits.similarity=1.5: expected a number between 0 and 1"),
    ],
)
def test_mistakes(command, argument, words):
    done = command("data_report", argument)
    assert done.returncode == 2
    assert words in done.stderr
