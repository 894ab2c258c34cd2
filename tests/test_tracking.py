import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient

from framing.core.errors import FramingError
from framing.tracking.mlflow_tracker import MlflowTracker
from framing.tracking.provenance import flat, git_commit, versions
from framing.tracking.tracker import DataFile, NoTracker, RunDescription, recorded

RUN = RunDescription("a run", {"model.C": 1.0, "long": "x" * 9000}, {"git_commit": "abc"})
NOWHERE = "http://127.0.0.1:9"


def tracker(store, tmp_path, **changes):
    settings = {
        "uri": store,
        "artifacts": str(tmp_path / "artifacts"),
        "experiment": "framing",
        "timeout": 1,
        "local": None,
    }
    return MlflowTracker(**(settings | changes))


def runs(store):
    client = MlflowClient(store)
    return client.search_runs([client.get_experiment_by_name("framing").experiment_id])


def test_a_run_holds_what_it_was_given(store, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "a.csv").write_text("x\n1\n")
    kept = tracker(store, tmp_path)
    with recorded(kept, RUN, folder):
        kept.data([DataFile("seeds", "seeds.jsonl", "f" * 64)])
        kept.metrics({"macro_f1": 0.5, "f1/red": 0.25})
    [run] = runs(store)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "a run"
    assert run.data.metrics == {"macro_f1": 0.5, "f1/red": 0.25}
    assert run.data.params["model.C"] == "1.0"
    assert len(run.data.params["long"]) == 6000
    assert run.data.tags["git_commit"] == "abc"
    assert run.inputs.dataset_inputs[0].dataset.digest == "f" * 36
    assert [file.path for file in MlflowClient(store).list_artifacts(run.info.run_id)] == ["a.csv"]
    assert run.info.artifact_uri.startswith((tmp_path / "artifacts").as_uri())
    assert any(run.info.run_id in line for line in kept.where())


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED"), (SystemExit, "FAILED")]
)
def test_a_run_that_dies_says_so_and_keeps_what_it_had(store, tmp_path, error, status):
    kept = tracker(store, tmp_path)
    (tmp_path / "results").mkdir()
    with pytest.raises(error), recorded(kept, RUN, tmp_path / "results"):
        (tmp_path / "results" / "half.csv").write_text("half")
        kept.metrics({"early": 1.0})
        raise error
    [run] = runs(store)
    assert run.info.status == status
    assert run.data.metrics == {"early": 1.0}
    assert [file.path for file in MlflowClient(store).list_artifacts(run.info.run_id)] == ["half.csv"]


def test_runs_of_one_sweep_share_a_parent_whose_status_tells_the_worst(store, tmp_path):
    (tmp_path / "none").mkdir()
    for number, fails in enumerate([True, False]):
        kept = tracker(store, tmp_path)
        run = RunDescription(f"run {number}", {}, {}, sweep=f"{tmp_path}/sweep\nmodel.C=1,2")
        try:
            with recorded(kept, run, tmp_path / "none"):
                if fails:
                    raise ValueError
        except ValueError:
            pass
    children = [run for run in runs(store) if "mlflow.parentRunId" in run.data.tags]
    [parent] = [
        run for run in runs(store) if run not in children and "mlflow.parentRunId" not in run.data.tags
    ]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert sorted(run.info.status for run in children) == ["FAILED", "FINISHED"]
    assert parent.info.status == "FAILED"
    assert "model.C=1,2" in parent.info.run_name


def test_a_server_that_is_not_there_is_told_at_once_and_with_the_cure(tmp_path):
    started = time.perf_counter()
    with pytest.raises(FramingError, match=r"127\.0\.0\.1:9.*tracking\.on_error=local.*tracking=none"):
        tracker(NOWHERE, tmp_path)
    assert time.perf_counter() - started < 3


def test_a_password_is_not_shown(tmp_path):
    with pytest.raises(FramingError) as error:
        tracker("postgresql://me:secret@127.0.0.1:9/db", tmp_path)
    assert "secret" not in str(error.value)


def test_with_a_local_store_the_run_goes_on(store, tmp_path, capsys):
    kept = tracker(NOWHERE, tmp_path, local=store)
    (tmp_path / "none").mkdir()
    with recorded(kept, RUN, tmp_path / "none"):
        kept.metrics({"macro_f1": 0.5})
    assert [run.info.status for run in runs(store)] == ["FINISHED"]
    assert "Keeping this run in the local store" in capsys.readouterr().err


def test_a_server_that_goes_away_in_mid_run_costs_nothing_that_was_recorded(store, tmp_path, capsys):
    first = tmp_path / "first"
    first.mkdir()
    Path(store.removeprefix("sqlite:///")).rename(first / "mlflow.db")
    import shutil

    shutil.copy(first / "mlflow.db", tmp_path / "mlflow.db")
    kept = tracker(f"sqlite:///{first}/mlflow.db", tmp_path, local=store)
    (tmp_path / "results").mkdir()
    with recorded(kept, RUN, tmp_path / "results"):
        kept.metrics({"early": 1.0})
        kept.client = MlflowClient("http://127.0.0.1:9")  # the server stops answering here
        kept.metrics({"late": 2.0})
    [run] = runs(store)
    assert run.data.metrics == {"early": 1.0, "late": 2.0}
    assert run.info.status == "FINISHED"
    assert run.data.params["model.C"] == "1.0"


def test_a_tracking_failure_does_not_hide_the_first_error(store, tmp_path):
    kept = tracker(store, tmp_path)
    with pytest.raises(ValueError, match="the first") as error, recorded(kept, RUN, tmp_path / "none"):
        kept.client = MlflowClient("http://127.0.0.1:9")
        raise ValueError("the first")
    assert "cannot be used" in error.value.__notes__[0]


def test_without_tracking_nothing_happens_and_nothing_is_printed(tmp_path):
    kept = NoTracker()
    with recorded(kept, RUN, tmp_path):
        kept.data([])
        kept.metrics({"x": 1.0})
    assert kept.where() == []


def test_the_ui_command_fits_the_store(store, tmp_path):
    kept = tracker(store, tmp_path)
    kept.start(RUN)
    assert f"--backend-store-uri {store}" in kept.where()[1]
    kept.uri = "http://host:5000"
    assert kept.where()[1].startswith("open the UI http://host:5000/#/experiments/")
    kept.uri = "sqlite:////somewhere/mlruns/mlflow.db"
    assert kept.where()[1] == "open the UI make ui"


def test_an_interrupted_command_leaves_a_killed_run(store, tmp_path):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.test_tracking import RUN, tracker\n"
        "from framing.tracking.tracker import recorded\n"
        "kept = tracker(sys.argv[1], Path(sys.argv[2]))\n"
        "with recorded(kept, RUN, Path(sys.argv[2]) / 'none'):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    (tmp_path / "none").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", script, store, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    process.stdout.close()
    assert [run.info.status for run in runs(store)] == ["KILLED"]


def test_provenance_names_commit_and_versions(tmp_path):
    assert git_commit(tmp_path) == "unknown"
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "a").write_text("a")
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    identity = ["-c", "user.name=n", "-c", "user.email=e@x"]
    subprocess.run(["git", "-C", tmp_path, *identity, "commit", "-qm", "m"], check=True)
    commit = git_commit(tmp_path)
    assert len(commit) == 40
    (tmp_path / "a").write_text("b")
    assert git_commit(tmp_path) == f"{commit}+changes"
    assert versions()["mlflow"].count(".") == 2


def test_flat_settings_have_dotted_keys():
    assert flat({"model": {"C": 1, "deep": {"x": [1]}}, "seed": 0}) == {
        "model.C": 1,
        "model.deep.x": [1],
        "seed": 0,
    }
