"""Measure what the framework costs: the same run as `framing.train` and as `bare.py`, as whole processes.

make benchmark, or: python experiments/001-overhead/run.py

Exit code 1 when the runs do not all reach the same scores; result.json then stays as it was. The time
decides no exit code: it is a measurement of one machine on one day, written to result.json.
"""

import csv
import json
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
PAIRS = 5
TARGET = 1.25
CALM = 1.1
"""With more wall than CPU seconds by this factor, a run waited for other programs; see `summarise`."""
JOB = ("data=seeds", "split=leave_one_source_out", "model=tfidf")
"""What bare.py does, whatever the defaults of the framework are by now."""
SIDES = ("framework", "bare")
PACKAGES = (
    "hydra-core", "matplotlib", "mlflow", "numpy", "polars", "safetensors", "scikit-learn", "scipy"
)  # fmt: skip
MIGRATE = "import sys; from mlflow import MlflowClient; MlflowClient(sys.argv[1]).search_experiments()"


def main() -> int:
    """Run the pairs, print the table, write result.json."""
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        template = make_store(temporary)
        for side in SIDES:
            measure(side, temporary / f"warm-up-{side}", template)
        pairs = []
        for number in range(1, PAIRS + 1):
            order = SIDES if number % 2 else SIDES[::-1]
            pairs.append({side: measure(side, temporary / f"{number}-{side}", template) for side in order})
            print(
                f"pair {number}: " + ", ".join(f"{side} {pairs[-1][side]['seconds']:.2f} s" for side in SIDES)
            )
    if not same_scores(pairs):
        print("error: not all runs reach the same scores, so their times say nothing.", file=sys.stderr)
        for number, pair in enumerate(pairs, start=1):
            for side in SIDES:
                print(f"pair {number}, {side}: {pair[side]['scores']}", file=sys.stderr)
        return 1
    result = summarise(pairs)
    (HERE / "result.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print_result(result)
    return 0


def same_scores(pairs: list[dict]) -> bool:
    """Return whether every run of both sides reached exactly the same scores."""
    scores = [pair[side]["scores"] for pair in pairs for side in SIDES]
    return all(score == scores[0] for score in scores)


def make_store(folder: Path) -> Path:
    """Return an MLflow store that has been migrated, so that no run has to do it."""
    path = folder / "template.db"
    subprocess.run([sys.executable, "-c", MIGRATE, f"sqlite:///{path}"], check=True, capture_output=True)
    return path


def measure(side: str, folder: Path, template: Path) -> dict:
    """Run one side once in a folder of its own; return its wall time, its scores and what it recorded."""
    folder.mkdir()
    database, artifacts, output = folder / "mlflow.db", folder / "artifacts", folder / "run"
    shutil.copyfile(template, database)
    if side == "framework":
        command = ["-m", "framing.train", *JOB, f"tracking.uri=sqlite:///{database}",
                   f"tracking.artifacts={artifacts}", f"hydra.run.dir={output}"]  # fmt: skip
    else:
        command = [str(HERE / "bare.py"), "--store", f"sqlite:///{database}",
                   "--artifacts", str(artifacts), "--folder", str(output)]  # fmt: skip
    cpu_before = children_cpu()
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *command], cwd=PROJECT, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    cpu = children_cpu() - cpu_before
    if done.returncode:
        sys.exit(f"{side} ended with exit code {done.returncode}:\n{done.stderr}")
    with (output / "tables" / "models.csv").open(encoding="utf-8", newline="") as file:
        own = next(csv.DictReader(file))
    scores = {score: float(own[score]) for score in ("macro_f1", "micro_f1")}
    return {"seconds": seconds, "cpu": cpu, "scores": scores, "recorded": recorded(database, artifacts)}


def children_cpu() -> float:
    """Return the CPU seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def recorded(database: Path, artifacts: Path) -> dict:
    """Return how much a run left in its MLflow store."""
    connection = sqlite3.connect(database)
    counts = {
        table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("params", "metrics", "datasets", "tags")
    }
    connection.close()
    files = [path for path in artifacts.rglob("*") if path.is_file()]
    return {
        **counts,
        "files": len(files),
        "kilobytes": round(sum(path.stat().st_size for path in files) / 1000),
    }


def summarise(pairs: list[dict]) -> dict:
    """Return what is written to result.json; `calm` is false when the machine had other work."""
    ratios = [pair["framework"]["seconds"] / pair["bare"]["seconds"] for pair in pairs]
    cpu_ratios = [pair["framework"]["cpu"] / pair["bare"]["cpu"] for pair in pairs]
    waits = [pair[side]["seconds"] / pair[side]["cpu"] for pair in pairs for side in SIDES]
    sides = {}
    for side in SIDES:
        seconds = [pair[side]["seconds"] for pair in pairs]
        sides[side] = {
            **spread(seconds),
            "seconds": [round(value, 3) for value in seconds],
            "cpu_seconds": spread([pair[side]["cpu"] for pair in pairs]),
            "scores": pairs[0][side]["scores"],
            "recorded": pairs[0][side]["recorded"],
        }
    return {
        "target": TARGET,
        "met": statistics.median(ratios) <= TARGET,
        "ratio": {**spread(ratios), "pairs": [round(ratio, 3) for ratio in ratios]},
        "cpu_ratio": spread(cpu_ratios),
        "calm": max(waits) <= CALM,
        "most_wall_per_cpu": round(max(waits), 3),
        "scores_equal": same_scores(pairs),
        **sides,
        "cores": os.cpu_count(),
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in PACKAGES},
        },
    }


def spread(values: list[float]) -> dict:
    """Return median, least and greatest."""
    statistic = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 3) for name, value in statistic.items()}


def print_result(result: dict) -> None:
    """Print the table of README.md and the verdict."""
    print(f"\n{'':<18}{'median':>8}{'min':>8}{'max':>8}")
    for name, unit in (("framework", "s"), ("bare", "s"), ("ratio", "")):
        row = result[name]
        values = "".join(f"{row[statistic]:>8.2f}" for statistic in ("median", "min", "max"))
        print(f"{name + (f', {unit}' if unit else ''):<18}{values}")
    print(f"\nratio pair by pair  {', '.join(f'{ratio:.2f}' for ratio in result['ratio']['pairs'])}")
    for side in SIDES:
        row = result[side]
        print(
            f"{side:<12}"
            + ", ".join(f"{key} {value}" for key, value in (row["scores"] | row["recorded"]).items())
        )
    print(f"CPU seconds: median ratio {result['cpu_ratio']['median']:.2f}")
    if not result["calm"]:
        print("note: a run waited for other programs on this machine; run it again when they are done.")
    verdict = "met" if result["met"] else "not met"
    print(f"target: a median ratio of at most {TARGET}: {verdict} ({result['ratio']['median']:.2f})")


if __name__ == "__main__":
    sys.exit(main())
