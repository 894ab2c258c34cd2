"""Measure loading and validating a million invented sentences, beside `datasets.load_dataset` alone.

make benchmark-loading, or: python experiments/003-loading/run.py

Every measurement is a process of its own, imports included. Exit code 1 when a side does not read what was
written. The time decides no exit code: it is a measurement of one machine on one day, written to
result.json beside this file.
"""

import csv
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
ROWS = 1_000_000
REPEATS = 3
BAD_EVERY = 1000
TARGET_SECONDS, TARGET_GIGABYTES = 30, 2
SIDES = {
    "framing, JSON lines": ("clean.jsonl", "data=jsonl"),
    "framing, JSON lines with bad rows": ("bad.jsonl", "data=jsonl"),
    "framing, CSV": ("clean.csv", "data=csv"),
    "datasets alone, JSON lines": ("clean.jsonl", None),
}
FRAMES = ("liberation", "capture", "occupation", "advantage", "resistance", "civilian_harm")
WORDS = (
    "the", "a", "of", "in", "near", "after", "when", "forces", "army", "town", "village", "bridge",
    "river", "road", "report", "statement", "officials", "residents", "said", "took", "held", "left",
    "crossed", "advanced", "repelled", "evacuated", "yesterday", "morning", "northern", "quiet",
)  # fmt: skip
LOAD = """
import sys
from hydra import compose, initialize_config_dir
from framing.build import build_codebook, build_corpus
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import LexiconReportConfig, register
register()
register_help("lexicon", "")
with initialize_config_dir(str(CONFIGS), version_base="1.3"):
    config = typed(compose("lexicon", sys.argv[2:] + [f"data.path={sys.argv[1]}"]), LexiconReportConfig)
loaded = build_corpus(config.data, build_codebook(config.codebook))
print(len(loaded.corpus), len(loaded.problems), int(loaded.corpus.frames.sum()))
"""
LOAD_ALONE = """
import sys
import datasets
datasets.disable_progress_bars()
cache = sys.argv[1] + ".cache-" + sys.argv[2]
loaded = datasets.load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=cache)
print(len(loaded), 0, 0)
"""


def main() -> int:
    """Write the corpora, measure every side, print the table, write result.json."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        labels = write_corpora(folder)
        sizes = {path.name: round(path.stat().st_size / 1e6) for path in folder.iterdir()}
        measured: dict[str, list[dict]] = {side: [] for side in SIDES}
        for repeat in range(REPEATS):
            for side, (file, choice) in SIDES.items():
                measured[side].append(measure(folder / file, choice, repeat))
    bad = ROWS // BAD_EVERY
    expected = {
        "framing, JSON lines": [ROWS, 0, labels],
        "framing, JSON lines with bad rows": [ROWS, 3 * bad, labels],
        "framing, CSV": [ROWS, 0, labels],
        "datasets alone, JSON lines": [ROWS, 0, 0],
    }
    result = summarise(measured, sizes)
    (HERE / "result.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print_result(result)
    for side, runs in measured.items():
        for run in runs:
            if run["read"] != expected[side]:
                print(f"error: {side} read {run['read']}, expected {expected[side]}.", file=sys.stderr)
                return 1
    return 0


def write_corpora(folder: Path) -> int:
    """Write the same sentences clean, with bad rows between them, and as CSV; return the number of labels."""
    generator = random.Random(0)
    labels = 0
    with (
        (folder / "clean.jsonl").open("w", encoding="utf-8") as clean,
        (folder / "bad.jsonl").open("w", encoding="utf-8") as bad,
        (folder / "clean.csv").open("w", encoding="utf-8", newline="") as table,
    ):
        writer = csv.writer(table)
        writer.writerow(["id", "text", "source", "article", "frames", "voice"])
        for number in range(ROWS):
            row = invented(number, generator)
            labels += len(row["frames"])
            line = json.dumps(row) + "\n"
            clean.write(line)
            bad.write(line)
            if number % BAD_EVERY == 0:
                bad.write('{"id": torn\n')
                bad.write(json.dumps(row | {"id": f"u{number}", "frames": ["libration"]}) + "\n")
                bad.write(json.dumps(row | {"id": f"e{number}", "text": ""}) + "\n")
            writer.writerow([*list(row.values())[:4], json.dumps(row["frames"]), row["voice"]])
    return labels


def invented(number: int, generator: random.Random) -> dict:
    """Return a sentence of ten to thirty words with no frame, one or two."""
    frames = generator.sample(FRAMES, generator.choice((0, 0, 1, 1, 2)))
    return {
        "id": f"sentence-{number}",
        "text": " ".join(generator.choices(WORDS, k=generator.randint(10, 30))).capitalize() + ".",
        "source": f"source-{number % 50}",
        "article": f"article-{number // 20}",
        "frames": frames,
        "voice": generator.choice(("asserted", "attributed")) if frames else None,
    }


def measure(path: Path, choice: str | None, repeat: int) -> dict:
    """Load a file in a process of its own; return wall time, peak memory and what it read."""
    code, argument = (LOAD_ALONE, str(repeat)) if choice is None else (LOAD, choice)
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path), argument], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{path.name} ({choice or 'datasets'}) ended with exit code {process.returncode}")
    kilobytes = usage.ru_maxrss if platform.system() != "Darwin" else usage.ru_maxrss / 1024
    return {
        "seconds": round(seconds, 2),
        "peak_gigabytes": round(kilobytes * 1024 / 1e9, 3),
        "read": [int(number) for number in output.split()],
    }


def summarise(measured: dict[str, list[dict]], sizes: dict[str, int]) -> dict:
    """Return what is written to result.json."""
    sides = {
        side: {
            "median_seconds": statistics.median(run["seconds"] for run in runs),
            "peak_gigabytes": max(run["peak_gigabytes"] for run in runs),
            "megabytes": sizes[SIDES[side][0]],
            "runs": runs,
        }
        for side, runs in measured.items()
    }
    framing = [values for side, values in sides.items() if side.startswith("framing")]
    return {
        "rows": ROWS,
        "target": {"seconds": TARGET_SECONDS, "gigabytes": TARGET_GIGABYTES},
        "met": all(
            values["median_seconds"] < TARGET_SECONDS and values["peak_gigabytes"] < TARGET_GIGABYTES
            for values in framing
        ),
        "sides": sides,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in ("polars", "datasets", "pyarrow")},
    }


def print_result(result: dict) -> None:
    """Print the table of README.md and the verdict."""
    print(f"{result['rows']:,} rows, {result['cores']} cores\n")
    print(f"{'':<36}{'file, MB':>10}{'wall, s':>10}{'peak, GB':>10}")
    for side, values in result["sides"].items():
        print(
            f"{side:<36}{values['megabytes']:>10}{values['median_seconds']:>10.1f}"
            f"{values['peak_gigabytes']:>10.2f}"
        )
    verdict = "met" if result["met"] else "not met"
    print(f"\ntarget: under {TARGET_SECONDS} s and under {TARGET_GIGABYTES} GB: {verdict}")


if __name__ == "__main__":
    sys.exit(main())
