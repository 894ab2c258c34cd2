"""`python -m framing.lexicon` as a user types it: groups of every kind, more than memory, input that cannot be used."""

import hashlib
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from mlflow import MlflowClient
from polars.testing import assert_frame_equal

from framing.build import build_codebook, build_described_sentences
from framing.build_lexicon import build_rules, further_columns
from framing.core.config import TrainConfig
from framing.core.errors import FramingError
from framing.data.loading import usable_sentences
from framing.source_lexicon import (
    SentencesRead,
    corpus_lexicon,
    lexicon_of,
    metrics,
    sentences_in_memory,
)
from tests import lexicon_tables as made

WORDS = {"north": ("liberated", "Kyiv"), "south": ("captured", "Kiev"), "west": ("entered", "Kyiv")}


def invented(number: int = 600) -> pl.DataFrame:
    """Sentences of three sources, four to an article, with dates, frames and a voice."""
    draw = random.Random(3)
    rows = []
    for at in range(number):
        source = sorted(WORDS)[at % 3]
        verb, city = WORDS[source]
        what = draw.choice(["village", "bridge", "station", "road", "port"])
        unit = draw.choice(["a brigade", "two units", "the army", "volunteers"])
        rows.append(
            {
                "text": f"Near {city}, {unit} {verb} the {what} number {at}.",
                "source": source,
                "article": f"article {at // 12}",
                "date": f"2024-0{1 + at % 4}-11",
                "frames": [["liberation"], ["occupation"], []][draw.randrange(3)],
                "voice": draw.choice(["asserted", "attributed"]),
                "event": ["siege", "retreat"][at // 12 % 2],
            }
        )
    return pl.DataFrame(rows)


@pytest.fixture
def corpus(tmp_path: Path) -> list[str]:
    """Return the arguments that name an invented corpus."""
    invented().write_parquet(tmp_path / "corpus.parquet")
    return ["data=parquet", f"data.path={tmp_path}/corpus.parquet", "lexicon.draws=20"]


def tables(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_parquet(path) for path in sorted((folder / "tables").glob("*.parquet"))}


def test_more_than_memory_holds_gives_the_same_tables(command, corpus, tmp_path):
    settings = [*corpus, "lexicon.strata=[period]", "lexicon.period=month", "lexicon.self_check=true"]
    for name, further in (("whole", []), ("parts", ["lexicon.at_once=70"])):
        done = command("lexicon", *settings, *further, f"output={tmp_path}/{name}")
        assert done.returncode == 0, done.stderr
    whole, parts = tables(tmp_path / "whole"), tables(tmp_path / "parts")
    assert {"terms", "counts", "shares", "self_check", "concordance"} <= set(whole)
    assert set(whole) == set(parts)
    for name, table in whole.items():
        assert_frame_equal(table, parts[name])
    assert set(whole["comparisons"]["strata"]) == {4}
    assert not (tmp_path / "parts" / "unfinished").exists()
    content = json.loads((tmp_path / "parts" / "lexicon.json").read_text())
    assert content["settings"]["strata"] == ["period"]
    assert {row["group"] for row in content["comparisons"]} == set(WORDS)


@pytest.mark.parametrize(
    ("settings", "groups", "within"),
    [
        (["lexicon.groups=voice", "lexicon.strata=[article]"], {"asserted", "attributed"}, {""}),
        (["lexicon.within=frame"], set(WORDS), {"liberation", "occupation"}),
        (["lexicon.groups=event", "lexicon.ngrams=[1,3]"], {"siege", "retreat"}, {""}),
    ],
)
def test_groups_may_be_any_column_and_lexicons_stand_within_others(
    command, corpus, tmp_path, settings, groups, within
):
    done = command("lexicon", *corpus, *settings, f"output={tmp_path}/out")
    assert done.returncode == 0, done.stderr
    found = tables(tmp_path / "out")
    assert set(found["groups"]["group"]) == groups
    assert set(found["terms"]["within"]) == within
    if "lexicon.ngrams=[1,3]" in settings:
        assert (found["terms"]["term"].str.count_matches(" ") == 2).any()


def test_a_report_is_recorded(command, corpus, store, tmp_path):
    tracked = ["tracking=mlflow", f"tracking.uri={store}", f"tracking.artifacts={tmp_path}/artifacts"]
    done = command("lexicon", *corpus, *tracked, f"output={tmp_path}/out")
    assert done.returncode == 0, done.stderr
    client = MlflowClient(tracking_uri=store)
    (run,) = client.search_runs([client.get_experiment_by_name("framing").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params["lexicon.groups"] == "source"
    assert run.data.metrics["groups"] == 3
    assert 0 < run.data.metrics["jsd/north against the rest"] < 1
    assert {"lexicon.html", "lexicon.json", "tables", "figures"} <= {
        file.path for file in client.list_artifacts(run.info.run_id)
    }


def test_a_report_of_more_than_memory_holds_records_its_data_and_leaves_nothing_behind(
    command, corpus, store, tmp_path
):
    tracked = ["tracking=mlflow", f"tracking.uri={store}", f"tracking.artifacts={tmp_path}/artifacts"]
    parts = [*corpus, *tracked, "lexicon.at_once=70"]
    assert command("lexicon", *parts, f"output={tmp_path}/out").returncode == 0
    client = MlflowClient(tracking_uri=store)
    (run,) = client.search_runs([client.get_experiment_by_name("framing").experiment_id])
    (read,) = run.inputs.dataset_inputs
    expected = hashlib.sha256((tmp_path / "corpus.parquet").read_bytes()).hexdigest()
    assert read.dataset.name == "corpus.parquet"
    assert expected.startswith(read.dataset.digest)
    failed = command("lexicon", *parts, "lexicon.within=text", f"output={tmp_path}/failed")
    assert failed.returncode == 2
    assert "expected at most 200" in failed.stderr
    assert not (tmp_path / "failed" / "unfinished").exists()
    runs = client.search_runs([client.get_experiment_by_name("framing").experiment_id])
    kept = {run.info.status: {file.path for file in client.list_artifacts(run.info.run_id)} for run in runs}
    assert kept.keys() == {"FINISHED", "FAILED"}
    assert "unfinished" not in kept["FAILED"] | kept["FINISHED"]


def test_metrics_of_rival_words_name_the_part_they_are_about():
    whole = made.lexicon(3, 40)
    parts = [whole.alternations.with_columns(within=pl.lit(part)) for part in ("", "blame")]
    named = metrics(replace(whole, alternations=pl.concat(parts)))
    assert {"cramers_v/taking", "cramers_v/blame taking"} <= set(named)


def test_a_training_run_has_a_notice_where_a_part_would_be_a_sentence():
    sentences = invented(600).with_columns(id=pl.format("s{}", pl.int_range(pl.len())))
    rules = replace(made.RULES, settings=replace(made.RULES.settings, within="text"))
    lexicon = corpus_lexicon(sentences, rules)
    assert lexicon.terms.is_empty()
    assert lexicon.notices == [
        "The corpus has 600 different values of text, so there is no lexicon within each."
    ]


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ({"source": pl.lit("one")}, [], "found one source (one), expected at least two"),
        ({"source": pl.format("s{}", pl.int_range(pl.len()))}, [], "different values of source"),
        ({"source": pl.lit(float("nan"))}, [], "source: found nothing"),
        ({"text": pl.lit("🙂 …")}, [], "found no word that stands at least 3 times"),
        ({"text": pl.lit(None, dtype=pl.String)}, [], "text: found nothing"),
        ({}, ["lexicon.groups=nowhere"], "found no column 'nowhere'"),
        ({"date": pl.lit("long ago")}, ["lexicon.groups=period"], "no sentence with a value of period"),
        ({}, ["lexicon.ngrams=[2]"], "lexicon.ngrams=[2]: expected the shortest and the longest"),
        ({}, ["lexicon.level=2"], "lexicon.level=2"),
        ({}, ["lexicon.alternations=nowhere.yaml"], "nowhere.yaml"),
        ({}, ["lexicon.at_once=0"], "lexicon.at_once=0: expected 1 or more"),
        (
            {"source": pl.format("s{}", pl.int_range(pl.len()) % 2)},
            ["lexicon.within=text"],
            "different values of text, such as",
        ),
    ],
)
def test_input_that_cannot_be_used_gets_one_message(composed, tmp_path, change, settings, words):
    table = invented(2400 if "source" in change else 60).with_columns(**change)
    table.write_parquet(tmp_path / "corpus.parquet")
    config = composed("data=parquet", f"data.path={tmp_path}/corpus.parquet", *settings)
    with pytest.raises(FramingError, match=re.escape(words)):
        lexicon_of(read_all(config, tmp_path).sentences, build_rules(config.lexicon))


def read_all(config: TrainConfig, folder: Path) -> SentencesRead:
    """Read a corpus as the command does."""
    rules = build_rules(config.lexicon)
    further = further_columns(rules.settings)
    rows = build_described_sentences(config.data, build_codebook(config.codebook), further)
    found = usable_sentences(rows, config.data.exclude_kinds, ("frames", "voice", *further))
    return sentences_in_memory(found, rules.settings, folder, quarantine=False, sha256={})


def test_a_mistake_ends_the_command_with_one_message(command, corpus, tmp_path):
    done = command("lexicon", *corpus, "lexicon.groups=nowhere", f"output={tmp_path}/out")
    assert done.returncode == 2
    assert "found no column 'nowhere'" in done.stderr
    assert "Traceback" not in done.stderr


def test_batches_need_parquet(command, tmp_path):
    invented(60).drop("frames").write_csv(tmp_path / "corpus.csv")
    arguments = ["data=csv", f"data.path={tmp_path}/corpus.csv", "lexicon.at_once=10"]
    done = command("lexicon", *arguments, f"output={tmp_path}/out")
    assert done.returncode == 2
    assert "expected data=parquet" in done.stderr


def test_what_leaves_nothing_to_compare_is_named(composed, tmp_path):
    invented(60).with_columns(date=pl.lit("03/11/2024")).write_parquet(tmp_path / "corpus.parquet")
    bare = invented(60).drop("frames", "voice")
    bare.write_parquet(tmp_path / "bare.parquet")
    for file, setting, words in (
        ("corpus", "lexicon.strata=[period]", "with year and month, such as 2024-11-03"),
        ("corpus", "lexicon.strata=[period]", "Found '03/11/2024'"),
        ("bare", "lexicon.within=frame", "data.columns.frames=COLUMN"),
        ("bare", "lexicon.groups=voice", "data.columns.voice=COLUMN"),
    ):
        config = composed("data=parquet", f"data.path={tmp_path}/{file}.parquet", setting)
        with pytest.raises(FramingError, match=re.escape(words)):
            read_all(config, tmp_path)


def test_groups_without_a_stratum_in_common_are_told(command, corpus, tmp_path):
    done = command("lexicon", *corpus, "lexicon.strata=[source]", f"output={tmp_path}/out")
    assert done.returncode == 0, done.stderr
    assert "in common" in done.stdout
    assert (tmp_path / "out" / "lexicon.html").exists()


def test_a_set_of_rival_words_that_matches_nothing_is_told(composed, tmp_path):
    rules = tmp_path / "mine.yaml"
    rules.write_text("sets:\n  verbs:\n    title: Verbs\n    variants: {one: [siezed], two: [fered]}\n")
    invented(60).write_parquet(tmp_path / "corpus.parquet")
    config = composed("data=parquet", f"data.path={tmp_path}/corpus.parquet", f"lexicon.alternations={rules}")
    lexicon = lexicon_of(read_all(config, tmp_path).sentences, build_rules(config.lexicon))
    assert any("no form was found: verbs" in notice for notice in lexicon.notices)
