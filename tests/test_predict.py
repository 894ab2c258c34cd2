"""Predicting files: every column comes back, nothing is dropped, and a killed command goes on."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framing.build_model import build_model
from framing.core.errors import FramingError
from framing.data.chunks import count_rows
from framing.models.folder import load_model, load_thresholds, save_model
from framing.prediction import (
    PredictionPlan,
    check_files,
    open_labeller,
    predict_file,
    settings_of,
)
from tests.conftest import WORDS, make_codebook, make_rows
from tests.test_data import load

ADDED = ["p_red", "p_blue", "p_green", "frames", "voice", "p_asserted", "p_attributed"]
TEXTS = ["A ruby, “größer”\r\nthan 東京 says", 'He said "azure" 🙂', "olive\nruby", "Nothing at all"]


def saved(folder, composed, write, *overrides, codebook=None, thresholds=None, rows=None):
    """Fit a small model, save it and return its folder."""
    codebook = codebook or make_codebook()
    codebook = replace(
        codebook,
        frames=tuple(replace(frame, patterns=tuple(WORDS[frame.id].split())) for frame in codebook.frames),
    )
    corpus = load(write(rows or make_rows()), codebook).corpus
    save_model(build_model(composed(*overrides).model).fit(corpus), codebook, folder, thresholds)
    return folder


@pytest.fixture
def model(tmp_path, composed, write):
    return saved(tmp_path / "model", composed, write, "model=dictionary")


@pytest.fixture
def predict(tmp_path, model):
    def run(name, output, *, chunk=2, labeller=None, overwrite=False, **settings):
        opened = {"backend": "torch", "threshold": None, "prefix": "", **settings}
        labeller = labeller or open_labeller(model, **opened)
        plan = PredictionPlan(
            tmp_path / name,
            tmp_path / output,
            "text",
            chunk,
            settings_of(model, labeller, "torch"),
            overwrite,
        )
        return predict_file(plan, labeller)

    return run


def jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def without(row):
    return {key: value for key, value in row.items() if key not in ADDED}


ROWS = [
    {"id": number, "text": text, "empty": None, "share": 0.5, "tags": ["ä", "b"], "more": {"a": 1}}
    for number, text in enumerate(TEXTS)
]


def test_jsonl_keeps_every_value(predict, tmp_path):
    rows = [*ROWS, {"text": "late", "new": True, "big": 10**30}]
    jsonl(tmp_path / "in.jsonl", rows)
    done = predict("in.jsonl", "out.jsonl")
    found = read_jsonl(tmp_path / "out.jsonl")
    assert [without(row) for row in found] == rows
    assert [row["frames"] for row in found] == [["red"], ["blue"], ["red", "green"], [], []]
    assert list(found[0])[-7:] == ADDED
    assert found[0]["voice"] in ("asserted", "attributed")
    assert found[3]["voice"] is None
    assert (done.sentences, done.made, done.kept, done.rejected) == (5, 3, 0, 0)
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.jsonl"]


@pytest.mark.parametrize(("kind", "separator"), [("csv", ","), ("tsv", "\t")])
def test_csv_keeps_every_text(predict, tmp_path, kind, separator):
    rows = [{"id": f"0{n}", "text": text, "empty": "", "x": "a\rb;,\t"} for n, text in enumerate(TEXTS)]
    with (tmp_path / f"in.{kind}").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    predict(f"in.{kind}", "out.csv")
    found = read_csv(tmp_path / "out.csv")
    assert [without(row) for row in found] == rows
    assert [row["frames"] for row in found] == ["red", "blue", "red;green", ""]
    assert found[3]["voice"] == ""
    assert list(found[0]) == ["id", "text", "empty", "x", *ADDED]


def test_parquet_keeps_every_type(predict, tmp_path):
    table = pa.table(
        {
            "text": pa.array(TEXTS, type=pa.large_string()),
            "small": pa.array([1, None, 3, 4], type=pa.int8()),
            "day": pa.array([date(2024, 1, 1)] * 4),
            "time": pa.array([datetime(2024, 1, 1, 5)] * 4, type=pa.timestamp("ms", tz="UTC")),
            "money": pa.array([Decimal("1.50")] * 4),
            "kind": pa.array(["a", "b", "a", "b"]).dictionary_encode(),
            "tags": pa.array([["x"], [], None, ["y", None]]),
            "inner": pa.array([{"a": 1, "b": "ü"}] * 4),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    predict("in.parquet", "out.parquet", chunk=3)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(table.column_names).equals(table)
    assert found.column_names == [*table.column_names, *ADDED]
    assert found.column("frames").to_pylist() == [["red"], ["blue"], ["red", "green"], []]
    predict("in.parquet", "out.jsonl")
    row = read_jsonl(tmp_path / "out.jsonl")[0]
    assert (row["day"], row["money"], row["inner"]) == ("2024-01-01", "1.50", {"a": 1, "b": "ü"})


def test_json_becomes_a_table(predict, tmp_path):
    rows = [*ROWS, {"text": "late", "id": 2.5, "mixed": 1, "none": {}}, {"text": "later", "mixed": "one"},
            {"text": "last", "mixed": 2, "share": None}]  # fmt: skip
    jsonl(tmp_path / "in.jsonl", rows)
    done = predict("in.jsonl", "out.parquet")
    found = pl.read_parquet(tmp_path / "out.parquet").to_dicts()
    assert [row["id"] for row in found] == [0, 1, 2, 3, 2.5, None, None]
    assert [row["tags"] for row in found[:2]] == [["ä", "b"]] * 2
    assert found[0]["more"] == {"a": 1}
    assert [row["mixed"] for row in found[4:]] == ["1", "one", "2"]
    assert list(found[0])[-7:] == ADDED
    assert any("mixed" in note for note in done.notes)
    predict("in.jsonl", "out.csv")
    cells = read_csv(tmp_path / "out.csv")
    assert (cells[0]["tags"], cells[0]["empty"], cells[4]["id"]) == ('["ä", "b"]', "", "2.5")


def test_a_text_file_has_a_sentence_a_line(predict, tmp_path):
    (tmp_path / "in.txt").write_bytes("\ufeffA ruby\r\n\n  \nAzure 東京".encode())
    done = predict("in.txt", "out.jsonl")
    assert [(row["text"], row["frames"]) for row in read_jsonl(tmp_path / "out.jsonl")] == [
        ("A ruby", ["red"]), ("Azure 東京", ["blue"]),
    ]  # fmt: skip
    assert done.blank == 2


def test_bad_rows_are_listed_with_their_line(predict, tmp_path):
    lines = [
        b'{"text": "ruby"}', b'{"text": ', b"[1]", b'{"id": 1}', b'{"text": 5}', b'{"text": " "}', b"",
        b'{"text": "\xff"}', b'{"text": "\\ud800"}', b'{"text": "a", "b": NaN}', b'{"text": "azure"}',
    ]  # fmt: skip
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    done = predict("in.jsonl", "out.jsonl")
    assert len(read_jsonl(tmp_path / "out.jsonl")) == 2
    bad = read_jsonl(tmp_path / "out.jsonl.rejected.jsonl")
    assert [row["line"] for row in bad] == [2, 3, 4, 5, 6, 8, 9, 10]
    assert bad[3]["reason"] == "text is not a string"
    assert (done.rejected, done.blank, done.sentences) == (8, 1, 2)
    jsonl(tmp_path / "in.jsonl", [{"text": "ruby"}])
    predict("in.jsonl", "out.jsonl", overwrite=True)
    assert not (tmp_path / "out.jsonl.rejected.jsonl").exists()


def test_bad_rows_of_tables(predict, tmp_path):
    (tmp_path / "in.csv").write_bytes(b'text,id\n"ruby\nred",1\nazure\n\xff,2\n,3\nolive,4\n"open,5\n')
    predict("in.csv", "out.csv")
    assert [row["id"] for row in read_csv(tmp_path / "out.csv")] == ["1", "4"]
    bad = read_jsonl(tmp_path / "out.csv.rejected.jsonl")
    assert [row["line"] for row in bad] == [4, 5, 6, 8]
    assert "1 cell(s), expected 2" in bad[0]["reason"]
    pq.write_table(pa.table({"text": ["ruby", None, " ", "azure"]}), tmp_path / "in.parquet")
    predict("in.parquet", "out.parquet", chunk=3)
    assert pq.read_table(tmp_path / "out.parquet").column("text").to_pylist() == ["ruby", "azure"]
    assert [row["line"] for row in read_jsonl(tmp_path / "out.parquet.rejected.jsonl")] == [2, 3]


def test_nothing_usable_makes_no_output(predict, tmp_path):
    (tmp_path / "in.jsonl").write_text("x\ny\n")
    with pytest.raises(FramingError, match=r"has no sentence \(2 row"):
        predict("in.jsonl", "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    (tmp_path / "in.txt").write_text("")
    with pytest.raises(FramingError, match="has no sentence"):
        predict("in.txt", "empty.csv")
    assert not list(tmp_path.glob("empty*"))


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.parquet"])
def test_a_column_of_the_same_name_is_refused_unless_renamed(predict, tmp_path, name):
    rows = [{"text": "ruby", "voice": "mine"}]
    writers = {"jsonl": jsonl, "csv": lambda path, rows: path.write_text("text,voice\nruby,mine\n"),
               "parquet": lambda path, rows: pq.write_table(pa.Table.from_pylist(rows), path)}  # fmt: skip
    writers[name.split(".")[1]](tmp_path / name, rows)
    with pytest.raises(FramingError, match=r"'voice' already.*prefix=new_"):
        predict(name, "out.jsonl")
    predict(name, "out.jsonl", prefix="new_")
    row = read_jsonl(tmp_path / "out.jsonl")[0]
    assert row["voice"] == "mine"
    assert row["new_frames"] == ["red"]


def test_files_that_cannot_be_are_refused(predict, tmp_path):
    jsonl(tmp_path / "in.jsonl", ROWS)
    jsonl(tmp_path / "there.jsonl", ROWS)
    (tmp_path / "in.csv").write_text("sentence,id\na,1\n")
    jsonl(tmp_path / "other.jsonl", [{"sentence": "a"}])
    (tmp_path / "in.parquet").write_text("no")
    (tmp_path / "in.xlsx").write_text("no")
    pq.write_table(pa.table({"text": [1]}), tmp_path / "number.parquet")
    for name, output, told in [
        ("none.jsonl", "out.csv", "there is no such file"),
        ("in.jsonl", "out.xlsx", "expected a name that ends in .jsonl, .csv, .parquet"),
        ("in.xlsx", "out.csv", "expected a name that ends in .jsonl, .csv, .tsv, .parquet, .txt"),
        ("in.jsonl", "there.jsonl", "is there already"),
        ("in.csv", "out.csv", "no column 'text'; it has sentence, id. Say which"),
        ("other.jsonl", "out.csv", "no column 'text'; it has sentence. Say which"),
        ("in.parquet", "out.csv", "cannot be read as Parquet"),
        ("number.parquet", "out.csv", "found int64, expected text"),
    ]:
        with pytest.raises(FramingError, match=re.escape(told)):
            predict(name, output)
    assert not list(tmp_path.glob("*.unfinished"))
    with pytest.raises(FramingError, match="is the input"):
        check_files(tmp_path / "in.jsonl", tmp_path / "in.jsonl", overwrite=True)


def test_thresholds_are_the_models_own_unless_one_is_given(tmp_path, composed, write, predict):
    thresholds = np.array([0.0, 0.9, 1.0])
    folder = saved(tmp_path / "tfidf", composed, write, "model=tfidf", thresholds=thresholds)
    jsonl(tmp_path / "in.jsonl", make_rows(per_source=6)[1:2] * 3)
    jsonl(tmp_path / "in.jsonl", [{"text": row["text"]} for row in make_rows()])
    predict("in.jsonl", "own.jsonl", labeller=open_labeller(folder, "torch", None, ""))
    for row in read_jsonl(tmp_path / "own.jsonl"):
        assert "red" in row["frames"]
        assert "green" not in row["frames"]
    predict("in.jsonl", "all.jsonl", labeller=open_labeller(folder, "torch", 0.0, ""))
    assert all(len(row["frames"]) == 3 for row in read_jsonl(tmp_path / "all.jsonl"))
    (folder / "thresholds.json").write_text("{}")
    with pytest.raises(FramingError, match="number for every frame"):
        load_thresholds(folder, make_codebook())
    (folder / "thresholds.json").unlink()
    assert load_thresholds(folder, make_codebook()).tolist() == [0.5] * 3


def test_one_frame_and_no_voice(tmp_path, composed, write, predict):
    codebook = make_codebook(single_label=True, voices=())
    rows = [row | {"frames": row["frames"][:1], "voice": None} for row in make_rows() if row["frames"]]
    folder = saved(tmp_path / "single", composed, write, "model=tfidf", codebook=codebook, rows=rows)
    jsonl(tmp_path / "in.jsonl", [{"text": text} for text in TEXTS])
    predict("in.jsonl", "out.jsonl", labeller=open_labeller(folder, "torch", 0.99, ""))
    for row in read_jsonl(tmp_path / "out.jsonl"):
        assert list(row) == ["text", "p_red", "p_blue", "p_green", "frames", "voice"]
        assert len(row["frames"]) == 1
        assert row["voice"] is None


def test_the_source_reaches_the_model(tmp_path, predict, model):
    seen = []

    def watch(sentences):
        seen.append(sentences["source"].to_list())
        return load_model(model)[0].predict(sentences)

    labeller = replace(open_labeller(model, "torch", None, ""), predict=watch)
    jsonl(
        tmp_path / "in.jsonl",
        [{"text": "a", "source": "north"}, {"text": "b", "source": None}, {"text": "c"}],
    )
    predict("in.jsonl", "out.jsonl", chunk=5, labeller=labeller)
    assert seen == [["north", "", ""]]


def test_an_encoder_predicts_what_it_predicts_in_memory(tmp_path, composed, write, predict, small_encoder):
    overrides = [
        "model=transformer",
        f"model.encoder={small_encoder}",
        "model.epochs=1",
        "model.precision=fp32",
    ]
    folder = saved(tmp_path / "encoder", composed, write, *overrides)
    rows = make_rows()
    pq.write_table(pa.Table.from_pylist([{"text": row["text"]} for row in rows]), tmp_path / "in.parquet")
    predict("in.parquet", "out.parquet", chunk=7, labeller=open_labeller(folder, "torch", None, ""))
    expected = load_model(folder)[0].predict(pl.DataFrame(rows).select("text", "source"))
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert np.allclose(found.select("p_red", "p_blue", "p_green").to_numpy(), expected.frames, atol=1e-4)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_finished_chunks_are_not_predicted_again(tmp_path, predict, model, kind):
    jsonl(tmp_path / "in.jsonl", [*ROWS, *ROWS])
    with (tmp_path / "in.jsonl").open("a") as file:
        file.write("bad\n")
    predict("in.jsonl", f"whole.{kind}")
    whole = open_labeller(model, "torch", None, "")
    calls = []

    def until(number):
        def predicting(sentences):
            if len(calls) == number:
                raise KeyboardInterrupt
            calls.append(sentences.height)
            return whole.predict(sentences)

        return replace(whole, predict=predicting)

    with pytest.raises(KeyboardInterrupt) as interrupted:
        predict("in.jsonl", f"out.{kind}", labeller=until(2))
    assert "2 finished chunk(s)" in interrupted.value.__notes__[0]
    done = predict("in.jsonl", f"out.{kind}", labeller=until(9))
    assert calls == [2, 2, 2, 2]
    assert (done.kept, done.made, done.rejected) == (2, 2, 1)
    assert (tmp_path / f"out.{kind}").read_bytes() == (tmp_path / f"whole.{kind}").read_bytes()
    assert not (tmp_path / f"out.{kind}.unfinished").exists()


def test_a_different_plan_starts_anew_and_says_so(tmp_path, predict, model):
    jsonl(tmp_path / "in.jsonl", ROWS)
    whole = open_labeller(model, "torch", None, "")
    left = iter([True])

    def once(sentences):
        if not next(left, False):
            raise KeyboardInterrupt
        return whole.predict(sentences)

    with pytest.raises(KeyboardInterrupt):
        predict("in.jsonl", "out.jsonl", labeller=replace(whole, predict=once))
    done = predict("in.jsonl", "out.jsonl", chunk=3)
    assert done.kept == 0
    assert "chunk differ" in done.notes[0]


def run(*words, **options):
    command = [sys.executable, "-m", "framing.predict", *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=120, **options)


def test_a_killed_command_goes_on(tmp_path, model):
    jsonl(tmp_path / "in.jsonl", [{"id": n, **row} for n, row in enumerate(make_rows() * 1200)])
    words = [f"model={model}", f"input={tmp_path}/in.jsonl", "chunk=50", "prefix=new_"]
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen([sys.executable, "-m", "framing.predict", *words, f"output={out}"])
    deadline = time.monotonic() + 100
    while len(list(tmp_path.glob("out.jsonl.unfinished/part-*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    finished = len(list(tmp_path.glob("out.jsonl.unfinished/part-*")))
    assert not out.exists()
    again = run(*words, f"output={out}")
    assert again.returncode == 0, again.stderr
    assert f"{432 - finished} predicted now; {finished} were finished before" in again.stdout.decode()
    assert run(*words, f"output={tmp_path}/whole.jsonl").returncode == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_standard_input_is_answered(tmp_path, model):
    done = run(f"model={model}", "input=-", input="A ruby\n\nAzure “東京”\n".encode() + b"\xff\nolive")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["text"], row["frames"]) for row in rows] == [
        ("A ruby", ["red"]), ("Azure “東京”", ["blue"]), ("olive", ["green"]),
    ]  # fmt: skip
    assert b"line 4 is not UTF-8" in done.stderr
    assert b"1 row(s)" in done.stderr
    into = run(f"model={model}", "input=-", f"output={tmp_path}/out.csv", "text=sentence", input=b"ruby\n")
    assert into.returncode == 0, into.stderr
    assert (tmp_path / "out.csv").read_text().startswith("sentence,p_red")


def test_an_answer_comes_at_once_and_a_closed_reader_ends_quietly(model):
    command = [sys.executable, "-m", "framing.predict", f"model={model}", "input=-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        process.stdin.write(b"A ruby\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["frames"] == ["red"]
        process.stdout.close()
        process.stdin.write(b"azure\n")
        process.stdin.close()
        assert process.stderr.read() == b""


def test_interrupted_by_ctrl_c(tmp_path, model):
    process = subprocess.Popen(
        [sys.executable, "-m", "framing.predict", f"model={model}", "input=-", f"output={tmp_path}/o.csv"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not (tmp_path / "o.csv.unfinished" / "rejected.jsonl").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert told.startswith(b"Interrupted.")


def test_what_cannot_be_is_told_without_a_traceback(tmp_path, model):
    for words, told in [
        (["input=x.jsonl"], b"output: has no value yet"),
        (["input=-", "chunk=0"], b"expected 1 or more"),
        (["input=-", "backend=onnx-int8"], b"backend=onnx-int8: a model of kind dictionary has no network"),
    ]:
        done = run(f"model={model}", *words, cwd=tmp_path, input=b"")
        assert done.returncode == 2
        assert told in done.stderr
        assert b"Traceback" not in done.stderr


def test_a_run_of_the_store_is_found_by_its_id_and_by_its_registered_name(tmp_path, model, store, composed):
    from mlflow import MlflowClient

    from framing.build import find_model

    config = composed(f"tracking.uri={store}", f"tracking.artifacts={tmp_path}/artifacts").tracking
    client = MlflowClient(tracking_uri=store)
    experiment = client.create_experiment("x", (tmp_path / "artifacts").as_uri())
    full, empty = (client.create_run(experiment).info.run_id for _ in range(2))
    client.log_artifacts(full, str(model), "model")
    client.create_registered_model("mine")
    client.create_model_version("mine", f"runs:/{full}/model", full)
    client.set_registered_model_alias("mine", "best", "1")
    for number, name in enumerate([full, "models:/mine/1", "models:/mine@best"]):
        (tmp_path / f"copy{number}").mkdir()
        load_model(find_model(name, config, tmp_path / f"copy{number}"))
    for name, told in [
        (empty, "has no model in it"),
        ("0" * 32, "does not know it"),
        ("models:/mine@worst", "does not know it"),
        ("models:/mine/9", "does not know it"),
        ("models:/mine", "expected models:/NAME@ALIAS"),
        ("nowhere", "there is no such folder"),
    ]:
        with pytest.raises(FramingError, match=told):
            find_model(name, config, tmp_path)
    with pytest.raises(FramingError, match="cannot be used"):
        find_model(full, replace(config, uri="http://127.0.0.1:9"), tmp_path)
    with pytest.raises(FramingError, match="no such store"):
        find_model(full, replace(config, uri=f"sqlite:///{tmp_path}/away.db"), tmp_path)
    with pytest.raises(FramingError, match="tracking=none"):
        find_model(full, composed("tracking=none").tracking, tmp_path)


def test_rows_are_counted_for_the_bar(tmp_path):
    (tmp_path / "a.csv").write_text('text\n"a\nb"\nc\n')
    (tmp_path / "a.txt").write_text("a\nb\n")
    pq.write_table(pa.table({"text": ["a", "b"]}), tmp_path / "a.parquet")
    assert [count_rows(tmp_path / f"a.{kind}") for kind in ("csv", "txt", "parquet")] == [2, 2, 2]
    (tmp_path / "a.parquet").write_text("no")
    assert count_rows(tmp_path / "a.parquet") is None


MEASURE = """
import resource, sys
from pathlib import Path
from framing.prediction import PredictionPlan, open_labeller, predict_file
folder, name, out = map(Path, sys.argv[1:])
predict_file(PredictionPlan(name, out, "text", 2000, {}), open_labeller(folder, "torch", None, ""))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path, model, kind):
    used = []
    for count in (2_000, 200_000):
        rows = pl.DataFrame({"text": [f"Sentence {n} of ruby and much more text" * 5 for n in range(count)]})
        path = tmp_path / f"{count}.{kind}"
        {"jsonl": rows.write_ndjson, "csv": rows.write_csv, "parquet": rows.write_parquet}[kind](path)
        words = [sys.executable, "-c", MEASURE, str(model), str(path), str(tmp_path / f"out{count}.{kind}")]
        done = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ), check=True)
        used.append(int(done.stdout))
    assert used[1] - used[0] < 150
    assert Path(tmp_path / f"out200000.{kind}").exists()
