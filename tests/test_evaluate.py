"""Files of predictions are scored as typed by a user; what cannot be scored is told."""

import csv
import json

import polars as pl
import pytest

from framing.core.config import PROJECT
from framing.core.errors import FramingError
from framing.judging import named_predictions


@pytest.fixture(scope="module")
def seeds():
    """The scored sentences of the seeds with their labels."""

    def read(name):
        lines = (PROJECT / "seeds" / name).read_text(encoding="utf-8").splitlines()
        return {row["id"]: row for row in map(json.loads, lines)}

    labels = read("labels/adjudicated.jsonl")
    rows = [row | labels[key] for key, row in read("sentences.jsonl").items() if row["kind"] == "body"]
    return [
        {name: row[name] for name in ("id", "text", "source", "article", "frames", "voice")} for row in rows
    ]


@pytest.fixture
def files(tmp_path, seeds):
    """Labels; predictions that are all right; predictions that never find a frame."""
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in seeds), encoding="utf-8")
    for name, frames in (("right", lambda row: row["frames"]), ("never", lambda row: [])):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "frames", "voice"])
            writer.writerows([row["id"], ";".join(frames(row)), row["voice"] or ""] for row in seeds[::-1])
    return tmp_path


def tables(folder):
    return {path.stem: pl.read_csv(path) for path in (folder / "tables").glob("*.csv")}


def test_two_files_are_scored_and_compared_and_the_report_is_written(command, files, seeds):
    done = command(
        "evaluate", "predictions={mine: right.csv, theirs: never.csv}", "gold=gold.jsonl", "output=judged"
    )
    assert done.returncode == 0, done.stderr
    found = tables(files / "judged")
    assert found["models"]["model"].to_list() == ["mine", "theirs"]
    assert found["models"]["macro_f1"].to_list() == [1.0, 0.0]
    assert found["comparisons"]["difference"].to_list() == [1.0]
    assert found["predictions"].height == len(seeds)
    assert "calibration" not in found
    page = (files / "judged" / "report.html").read_text(encoding="utf-8")
    assert "mine" in page
    assert "Whether their models learned from these sentences" in done.stdout
    assert "judged/report.html" in done.stdout


def test_the_folder_of_a_run_is_scored_with_its_own_labels_and_gives_its_own_scores(command, files):
    trained = command("train", "data=seeds", "model=dictionary", "tracking=none", "evaluation=quick")
    assert trained.returncode == 0, trained.stderr
    done = command("evaluate", "predictions=run", "output=again")
    assert done.returncode == 0, done.stderr
    again, before = tables(files / "again"), tables(files / "run")
    assert again["models"].row(0)[1:4] == before["models"].row(0)[1:4]
    assert again["frames"].equals(before["frames"])
    refused = command("evaluate", "predictions=right.csv", "output=itself")
    assert refused.returncode == 2
    assert "the column frames would be both the labels and the predictions" in refused.stderr


def test_labels_without_sources_are_scored_and_nothing_is_said_by_source(command, files, seeds):
    bare = [{name: row[name] for name in ("id", "text", "frames", "voice")} for row in seeds]
    (files / "bare.jsonl").write_text("".join(json.dumps(row) + "\n" for row in bare), encoding="utf-8")
    done = command("evaluate", "predictions=never.csv", "gold=bare.jsonl", "output=judged")
    assert done.returncode == 0, done.stderr
    assert "names no sources" in done.stdout


def test_what_cannot_be_scored_is_told_in_one_message(command, files):
    for arguments, words in (
        (["predictions=none.csv", "gold=gold.jsonl"], "none.csv: cannot be read"),
        (["predictions=gold.jsonl", "gold=right.csv"], "text"),
        (["predictions=[right.csv,right.csv]", "gold=gold.jsonl"], "would both be called right"),
    ):
        done = command("evaluate", *arguments, "output=judged")
        assert done.returncode == 2, done.stdout
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
        assert words in done.stderr


def test_contrast_sets_are_scored_and_runs_of_other_folds_are_told_apart(command, files, seeds):
    for split in ("leave_one_source_out", "random"):
        rows = [
            {"id": row["id"], "predicted_frames": ";".join(row["frames"]), "predicted_voice": row["voice"] or "",
             "fold": row["source"] if split == "leave_one_source_out" else str(number % 5)}
            for number, row in enumerate(seeds)
        ]  # fmt: skip
        pl.DataFrame(rows).write_csv(files / f"{split}.csv")
    done = command(
        "evaluate", "predictions=[leave_one_source_out.csv,random.csv]", "gold=gold.jsonl", "output=judged",
        "evaluation.sets=article",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tables(files / "judged")["sets"]["sets_right_share"].to_list() == [1.0]
    assert "random predicted these sentences in other folds than leave_one_source_out" in done.stdout


def test_predictions_are_named_by_their_file_or_by_the_user():
    assert named_predictions("a/b.csv") == {"b": "a/b.csv"}
    assert named_predictions(["a.csv", "b.parquet"]) == {"a": "a.csv", "b": "b.parquet"}
    assert named_predictions({"mine": "a.csv"}) == {"mine": "a.csv"}
    for nothing in ([], {}, None):
        with pytest.raises(FramingError, match="expected a file"):
            named_predictions(nothing)
