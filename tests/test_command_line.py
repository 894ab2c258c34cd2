"""The commands as a user types them, each in a process of its own."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from framing.cli import CONFIGS
from framing.core.config import PROJECT
from tests.conftest import distinct, make_rows
from tests.test_tracking import runs


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tracked(store, tmp_path):
    return [f"tracking.uri={store}", f"tracking.artifacts={tmp_path}/artifacts"]


def test_the_main_job_learns_scores_and_records_one_run(command, store, tracked, tmp_path):
    done = command("train", "data=seeds", "lexicon=default", *tracked)
    assert done.returncode == 0, done.stderr

    [run] = runs(store)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "tfidf-seeds-leave_one_source_out"
    assert {
        "macro_f1",
        "micro_f1",
        "exact_match",
        "majority/macro_f1",
        "source_only/macro_f1",
    } <= run.data.metrics.keys()
    assert {
        "f1/liberation",
        "precision/capture",
        "recall/advantage",
        "support/occupation",
    } <= run.data.metrics.keys()
    assert "source_macro_f1/kyiv_independent" in run.data.metrics
    assert run.data.params["model.C"] == "1.0"
    assert run.data.params["data.name"] == "seeds"
    assert run.data.params["split.name"] == "leave_one_source_out"
    assert {"git_commit", "codebook_sha256", "version.scikit-learn", "version.torch"} <= run.data.tags.keys()
    assert len(run.inputs.dataset_inputs) == 2

    client = MlflowClient(store)
    files = {
        file.path
        for folder in ("", "tables", "figures", "model", "lexicon", "lexicon/tables", "lexicon/figures")
        for file in client.list_artifacts(run.info.run_id, folder)
    }
    assert {
        "report.html", "codebook.json", "tables/frames.csv", "tables/slices.csv", "tables/predictions.csv",
        "tables/models.csv", "figures/frames.png", "lexicon/lexicon.html", "lexicon/lexicon.json",
        "lexicon/tables/terms.csv", "lexicon/tables/shares.parquet", "lexicon/figures/terms.png",
        "model/model.json", "model/weights.safetensors", "model/README.md",
    } <= files  # fmt: skip

    predictions = table(tmp_path / "run" / "tables" / "predictions.csv")
    assert len(predictions) == 107
    assert all(row["fold"] == row["source"] for row in predictions)
    frames = {row["frame"]: row for row in table(tmp_path / "run" / "tables" / "frames.csv")}
    for frame, row in frames.items():
        assert int(row["support"]) == sum(frame in p["frames"].split(";") for p in predictions)
        assert int(row["predicted"]) == sum(float(p[f"p_{frame}"]) >= 0.5 for p in predictions)
        assert float(row["f1"]) == pytest.approx(run.data.metrics[f"f1/{frame}"])
    assert run.data.metrics["macro_f1"] == pytest.approx(
        np.mean([float(row["f1"]) for row in frames.values()])
    )

    for words in (
        "tfidf by frame",
        "majority",
        "source_only",
        run.info.run_name,
        run.info.run_id,
        "mlflow ui",
    ):
        assert words in done.stdout
    assert "'defensive_justification' in 7 sentence(s), all in unknown_000" in done.stdout


def test_the_same_command_twice_gives_the_same_files(command, tmp_path):
    contents = []
    for _ in range(2):
        assert command("train", "data=seeds", "tracking=none").returncode == 0
        contents.append(
            {
                path.relative_to(tmp_path): path.read_bytes()
                for path in sorted((tmp_path / "run").rglob("*"))
                if path.is_file()
            }
        )
    assert len(contents[0]) > 12
    assert contents[0] == contents[1]


def test_a_sweep_makes_runs_under_one_parent_and_compares_them(command, store, tracked, tmp_path):
    done = command("train", "-m", "model.C=0.1,1,10", "data=seeds", *tracked)
    assert done.returncode == 0, done.stderr
    children = [run for run in runs(store) if "mlflow.parentRunId" in run.data.tags]
    [parent] = [run for run in runs(store) if "mlflow.parentRunId" not in run.data.tags]
    assert sorted(run.data.params["model.C"] for run in children) == ["0.1", "1.0", "10.0"]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert parent.info.status == "FINISHED"
    assert len({run.data.metrics["macro_f1"] for run in children}) > 1
    assert {run.info.run_name for run in children} == {
        f"tfidf-seeds-leave_one_source_out model.C={value}" for value in ("0.1", "1", "10")
    }
    closing = done.stdout.partition("the runs of this sweep")[2]
    assert all(f"model.C={value} " in closing for value in ("0.1", "1", "10"))
    assert "macro_f1" in closing
    assert f"results     {tmp_path}/sweep" in closing


def test_a_sweep_over_seeds_tells_how_far_they_lie_apart(command):
    arguments = (
        "data=seeds",
        "model=dictionary",
        "split=article",
        "split.folds=3",
        "data.on_error=quarantine",
    )
    done = command("train", "-m", "seed=0,1", *arguments, "tracking=none", "evaluation=quick")
    assert done.returncode == 0, done.stderr
    assert re.search(r"macro F1 over 2 seeds: mean 0\.\d{3}, standard deviation 0\.\d{3}", done.stdout)


def test_a_sweep_goes_on_after_a_run_that_fails(command, store, tracked):
    done = command("train", "-m", "model.C=-1,1", "data=seeds", *tracked)
    assert done.returncode == 2
    assert "model.C=-1.0: expected a number above 0" in done.stderr
    assert "Traceback" not in done.stderr
    assert [run.data.params["model.C"] for run in runs(store) if run.data.params] == ["1.0"]
    assert re.search(r"model.C=-1 +│ +- │", done.stdout.partition("the runs of this sweep")[2])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["model.CC=1"], "model.CC: there is no such setting. Did you mean model.C?"),
        (["modle=tfidf"], "modle: there is no such setting. Did you mean model?"),
        (["model.c=1"], "model.c: there is no such setting. Did you mean model.C?"),
        (
            ["split.folds=3"],
            "split=leave_one_source_out has none of that name; it belongs to split=article, split=random",
        ),
        (
            ["model=tfid"],
            "model=tfid: there is no such choice. Did you mean model=tfidf? There are: dictionary, ",
        ),
        (["codebook=teritorial_war"], "Did you mean codebook=territorial_war?"),
        (["model.C=much"], "model.C=much: expected a number"),
        (["model.max_iterations=1.5"], "model.max_iterations=1.5: expected a whole number"),
        (["model.balanced=perhaps"], "model.balanced=perhaps: expected true or false"),
        (["model.word_ngrams=[a,b]"], "model.word_ngrams[0]=a: expected a whole number"),
        (["baselines=majority"], "expected a list in square brackets, such as baselines=[majority]"),
        (["threshold=null"], "threshold=null: expected a value; it cannot be left empty"),
        (["name=[1]"], "name=[1]: expected a text"),
        (["name=my run (1)"], """stands in quotes inside quotes: 'name="my run (1)"'"""),
        (["data=jsonl"], "data.path: has no value yet"),
        (["split=column"], "split.column: has no value yet"),
        (["split=time"], "split=time: no sentence has a date"),
        (["similarity=1.5"], "similarity=1.5: expected a number between 0 and 1"),
        (["data.sentences=???"], "data.sentences: has no value yet"),
        (["data.on_error=shrug"], "data.on_error=shrug: expected one of fail, quarantine."),
        (
            ["baselines=[oracle]"],
            "baselines[0]=oracle: expected one of majority, source_only, dictionary, tfidf.",
        ),
        (["model.word_ngrams=[3,1]"], "model.word_ngrams=[3, 1]"),
        (["lexicon.ngrams=[0]"], "lexicon.ngrams=[0]"),
        (["data.sentences=nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["split=article", "split.folds=6"], "split.folds=6: found 5 articles"),
        (["tracking.uri=http://127.0.0.1:9"], "the tracking store cannot be used"),
        (["oops"], "oops: expected KEY=VALUE"),
    ],
)
def test_a_mistake_gives_one_message_and_exit_code_2(command, arguments, words):
    defaults = ["data=seeds"] + ([] if "tracking" in arguments[0] else ["tracking=none"])
    done = command("train", *defaults, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")


def test_bad_rows_stop_the_run_with_file_line_and_cure(command, write):
    rows = own_rows()
    rows[3]["frames"] = ["liberaton"]
    path = write(rows)
    done = command("train", "data=jsonl", f"data.path={path}", "tracking=none")
    assert done.returncode == 2
    assert f"{path}, line 4, frames: found 'liberaton'" in done.stderr
    assert "Did you mean 'liberation'?" in done.stderr
    assert "data.on_error=quarantine" in done.stderr


def test_a_corpus_without_voices_is_told_how_to_do_without(command, write, tmp_path):
    rows = [{name: value for name, value in row.items() if name != "voice"} for row in own_rows()]
    arguments = ["train", "data=jsonl", f"data.path={write(rows)}", "tracking=none"]
    done = command(*arguments)
    assert done.returncode == 2
    assert "found no column 'voice', expected it for data.columns.voice" in done.stderr
    assert "gives every sentence with a frame a voice (asserted, attributed, contested)" in done.stderr
    assert "set codebook.voices=[]" in done.stderr
    done = command(*arguments, "codebook.voices=[]")
    assert done.returncode == 0, done.stderr
    assert "voice" not in table(tmp_path / "run" / "tables" / "frames.csv")[0]


FRAMES = {"red": "liberation", "blue": "capture", "green": "occupation"}


def own_rows():
    return [row | {"frames": [FRAMES[frame] for frame in row["frames"]]} for row in distinct(make_rows())]


def test_bad_rows_are_quarantined_on_request(command, write, tmp_path):
    rows = own_rows()
    rows[3]["frames"] = ["liberaton"]
    rows[9]["text"] = ""
    path = write(rows)
    done = command("train", "data=jsonl", f"data.path={path}", "tracking=none", "data.on_error=quarantine")
    assert done.returncode == 0, done.stderr
    rejected = [
        json.loads(line) for line in (tmp_path / "run" / "rejected_rows.jsonl").read_text().splitlines()
    ]
    assert [(problem["file"], problem["line"]) for problem in rejected] == [(path, 10), (path, 4)]
    assert "2 problem(s) in the data" in done.stdout
    assert len(table(tmp_path / "run" / "tables" / "predictions.csv")) == 16


def test_a_frame_with_a_single_source_stops_the_run_or_is_quarantined_or_kept(command, write, tmp_path):
    rows = own_rows()
    rows[0] |= {"frames": ["resistance"], "voice": "asserted"}
    arguments = ["train", "data=jsonl", f"data.path={write(rows)}", "tracking=none"]
    done = command(*arguments)
    assert done.returncode == 2
    assert "line 1, frames: found 'resistance' in 1 sentence(s), all in north" in done.stderr
    done = command(*arguments, "data.on_error=quarantine")
    assert done.returncode == 0, done.stderr
    assert len(table(tmp_path / "run" / "tables" / "predictions.csv")) == 17
    assert "'resistance'" in (tmp_path / "run" / "rejected_rows.jsonl").read_text()
    done = command(*arguments, "data.single_source_frames=keep")
    assert done.returncode == 0, done.stderr
    assert "it cannot be predicted where it is scored" in done.stdout


def test_the_default_learns_from_the_contrast_corpus_and_scores_the_seeds_alone(command, tmp_path):
    done = command("train", "tracking=none")
    assert done.returncode == 0, done.stderr
    contrast = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in (PROJECT / "seeds/contrast").glob("*.jsonl")
    )
    assert f"{contrast} more sentences are learned from and never scored" in done.stdout
    predictions = table(tmp_path / "run" / "tables" / "predictions.csv")
    assert len(predictions) == 107
    assert all(row["id"].startswith("seed-") for row in predictions)
    scores = {
        row["model"]: float(row["macro_f1"]) for row in table(tmp_path / "run" / "tables" / "models.csv")
    }
    assert scores["tfidf"] > 0.5 > max(scores["majority"], scores["source_only"])


def test_a_corpus_is_scored_without_being_learned_from(command, write, tmp_path):
    path, more = write(own_rows()), write([row | {"id": row["id"] + "+"} for row in own_rows()], "more.jsonl")
    arguments = [
        "train",
        "data=jsonl",
        f"data.path={path}",
        "split=unseen",
        "tracking=none",
        "model.C=100",
    ]
    done = command(*arguments, f"data.training_only=[{more}]")
    assert done.returncode == 2
    assert "18 scored sentence(s) have a near-duplicate" in done.stderr
    done = command(*arguments, f"data.training_only=[{more}]", "near_duplicates=keep")
    assert done.returncode == 0, done.stderr
    assert float(table(tmp_path / "run" / "tables" / "models.csv")[0]["exact_match"]) == 1
    done = command(*arguments)
    assert done.returncode == 2
    assert "data.training_only names none" in done.stderr


def test_periods_and_a_column_of_ones_own_are_splits(command, write, tmp_path):
    rows = [row | {"event": "siege" if number % 9 < 4 else "talks", "day": f"2024-0{1 + number % 3}-01",
                   "article": None} for number, row in enumerate(own_rows())]  # fmt: skip
    arguments = ["train", "data=jsonl", f"data.path={write(rows)}", "tracking=none"]
    arguments.append("data.single_source_frames=keep")
    done = command(*arguments, "split=column", "split.column=event")
    assert done.returncode == 0, done.stderr
    scored = table(tmp_path / "run" / "tables" / "predictions.csv")
    assert {row["id"]: row["fold"] for row in scored} == {row["id"]: row["event"] for row in rows}
    done = command(*arguments, "split=time", "split.folds=3", "data.columns.date=day")
    assert done.returncode == 0, done.stderr
    assert "6 sentence(s) are learned from and not scored, because nothing came before them" in done.stdout
    scored = table(tmp_path / "run" / "tables" / "predictions.csv")
    assert sorted(row["id"] for row in scored) == sorted(
        row["id"] for row in rows if row["day"] != "2024-01-01"
    )
    assert {row["fold"] for row in scored} == {"2024-02-01 to 2024-02-01", "2024-03-01 to 2024-03-01"}


def test_options_may_stand_among_settings_and_the_folder_says_what_was_run(command, tmp_path, store):
    (tmp_path / "mine").mkdir()
    done = command(
        "train", "data=seeds", "--config-dir", str(tmp_path / "mine"), "tracking=none", "model.C=2"
    )
    assert done.returncode == 0, done.stderr
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["parameters"]["model.C"] == 2
    assert {"git_commit", "version.mlflow"} <= run["made_with"].keys()
    assert len(run["data_sha256"]) == 2


def test_help_names_every_choice_with_a_line_of_explanation(command):
    done = command("train", "--help")
    assert done.returncode == 0
    for group in ("codebook", "data", "split", "model", "lexicon", "tracking", "experiment"):
        for choice in (CONFIGS / group).glob("*.yaml"):
            assert re.search(rf"^    {choice.stem} +\S.{{15,}}", done.stdout, flags=re.MULTILINE), choice


@pytest.mark.parametrize("arguments", [["train", "--help"], ["data_report", "data=seeds"], ["codebook"]])
def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    name, *rest = arguments
    output = [] if "--help" in rest else [f"output={tmp_path}/out"]
    done = subprocess.run(
        [sys.executable, "-m", f"framing.{name}", *rest, *output],
        stdout=writing, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=300, check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode != 0


@pytest.mark.parametrize("arguments", [["--help"], ["model.CC=1"]])
def test_help_and_mistakes_load_nothing_heavy(command, arguments):
    done = command("train", *arguments, PYTHONPROFILEIMPORTTIME="1")
    imported = set(re.findall(r"\| +(\w+)", done.stderr))
    assert "hydra" in imported
    assert not imported & {"torch", "transformers", "mlflow", "sklearn", "datasets", "matplotlib"}


def test_training_the_baseline_loads_no_deep_learning_library(command):
    done = command("train", "data=seeds", "tracking=none", PYTHONPROFILEIMPORTTIME="1")
    imported = set(re.findall(r"\| +(\w+)", done.stderr))
    assert "sklearn" in imported
    assert not imported & {"torch", "transformers", "mlflow"}


@pytest.mark.parametrize("experiment", sorted(path.stem for path in (CONFIGS / "experiment").glob("*.yaml")))
def test_every_experiment_runs(command, experiment):
    done = command("train", "data=seeds", f"experiment={experiment}", "tracking=none")
    assert done.returncode == 0, done.stderr


def test_the_whole_traceback_is_there_on_request(command):
    done = command("train", "model.C=-1", "tracking=none", HYDRA_FULL_ERROR="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_agreement_of_the_two_passes(command, tmp_path):
    done = command("agreement", f"output={tmp_path}/agreement", "draws=50")
    assert done.returncode == 0, done.stderr
    rows = {row["label"]: row for row in table(tmp_path / "agreement" / "agreement.csv")}
    assert len(rows) == 10
    assert all(float(row["low"]) <= float(row["alpha"]) <= float(row["high"]) for row in rows.values())
    assert 0.9 < float(rows["civilian_harm"]["alpha"]) < 1
    assert len(table(tmp_path / "agreement" / "disagreements.csv")) == 4
    by_article = command("agreement", f"output={tmp_path}/by_article", "draws=50", "resample=article")
    assert by_article.returncode == 0, by_article.stderr


def test_agreement_needs_two_annotators_who_labelled_these_sentences(command, write, tmp_path):
    one = write([{"id": "seed-000:000", "frames": [], "voice": None}], "one.jsonl")
    done = command("agreement", f"passes=[{one}]")
    assert done.returncode == 2
    assert "found 1 annotator(s) (one.jsonl), expected at least two" in done.stderr
    stray = write([{"id": "nowhere", "frames": [], "voice": None}], "labels.jsonl")
    done = command("agreement", f"passes=[{stray},{stray}]", f"output={tmp_path}/a")
    assert done.returncode == 2
    assert "line 1, id: found 'nowhere'" in done.stderr


def test_the_lexicon_without_training(command, tmp_path):
    done = command("lexicon", f"output={tmp_path}/lexicon")
    assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "lexicon" / "tables" / "terms.csv")
    assert {row["group"] for row in rows} == {
        "kyiv_independent", "unknown_000", "unknown_002", "unknown_003", "unknown_004"
    }  # fmt: skip
    assert {row["inference"] for row in rows} == {"too few documents"}
    assert (tmp_path / "lexicon" / "figures" / "terms.png").stat().st_size > 10_000
    assert (tmp_path / "lexicon" / "lexicon.html").stat().st_size < 2_000_000
    assert "effects are given without p" in done.stdout


def test_the_lexicon_needs_no_labels(command, write, tmp_path):
    rows = [{"text": row["text"], "source": row["source"]} for row in own_rows()]
    rows[2]["text"] = ""
    arguments = ["lexicon", "data=jsonl", f"data.path={write(rows)}", f"output={tmp_path}/lexicon"]
    done = command(*arguments)
    assert done.returncode == 2
    assert "line 3, text: found an empty string" in done.stderr
    done = command(*arguments, "data.on_error=quarantine")
    assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "lexicon" / "tables" / "terms.csv")
    assert {row["group"] for row in rows} == {"north", "south", "west"}


@pytest.mark.parametrize("name", ["lexicon", "agreement", "data_report"])
def test_results_are_never_written_over(command, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("notes")
    done = command(name, f"output={tmp_path}/out")
    assert done.returncode == 2
    assert "has files already. Choose a folder that is new or empty" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["lexicon", "agreement", "annotate", "data_report"])
def test_without_a_word_the_output_is_a_dated_folder(composed_output, name):
    assert re.search(rf"outputs/{name}/\d{{4}}-\d\d-\d\d/[\d-]+$", composed_output(name))


@pytest.fixture
def composed_output():
    from hydra import compose, initialize_config_dir

    from framing.cli import register_help
    from framing.core.config import register

    def output(name):
        register()
        register_help(name, "")
        with initialize_config_dir(str(CONFIGS), version_base="1.3"):
            return compose(name).output

    return output


def test_the_lexicon_of_one_source_is_an_error(command, write, tmp_path):
    rows = [row | {"source": "only"} for row in own_rows()]
    done = command("lexicon", "data=jsonl", f"data.path={write(rows)}", f"output={tmp_path}/lexicon")
    assert done.returncode == 2
    assert "found one source (only)" in done.stderr


def test_the_codebook_page(command, tmp_path):
    done = command("codebook", f"output={tmp_path}/page.md")
    assert done.returncode == 0, done.stderr
    assert (
        (tmp_path / "page.md").read_text(encoding="utf-8").startswith("<!-- Made from territorial_war.yaml")
    )
