"""Measure what the lexicon report costs, beside what others need for a part of it, and how it grows.

    python experiments/010-lexicon-speed/run.py [headlines=FILE] [repeats=3] [cases=peers,million,...]
        [environments=FOLDER] [result=FILE]

`headlines` is a Parquet file with text, source and date (README.md says which); without it the words are
made up. `cases` are some of: peers, million, rivals, many, growth, outofcore; all without it. Every
measurement is a process of its own on two cores, and the sides take turns. What is measured is kept in the
result and not measured again, so the command can be interrupted; remove the file to begin anew. Exit code 1
when a target is missed.
"""

import json
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path

from environments import python_of
from summary import FEW, MANY_SOURCES, MILLION, WHOLE, WORDS, draw, print_result, summarise

HERE = Path(__file__).resolve().parent
OUTPUTS = HERE.parents[1] / "outputs" / HERE.name
CORES, REPEATS, SOURCES = 2, 3, 5
LIMIT_GB = 20
"""Address space of a peer: one that wants more has failed, and does not take the machine with it."""
SIZES = (FEW, 250_000, 500_000, MILLION, 2_000_000, 5_000_000)
CASES = ("peers", "million", "rivals", "many", "growth", "outofcore")
PEERS = {
    "scattertext": ("article", "sentence"),
    "scattertext-unpruned": ("article", "sentence"),
    "scattertext-all": ("article",),
    "scattertext-html": ("article",),
    "convokit": ("article", "sentence"),
    "shifterator": ("article",),
}
"""What is a document for each peer; the result is told for each."""


def main() -> int:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    cases = options["cases"].split(",") if "cases" in options else list(CASES)
    if unknown := set(cases) - set(CASES):
        sys.exit(f"error: found cases={','.join(sorted(unknown))}, expected some of {', '.join(CASES)}.")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    headlines = options.get("headlines", "")
    kept = Path(options.get("result", HERE / ("result.json" if headlines else "result-made-up.json")))
    result = begun(kept, "headlines" if headlines else "made up")
    environments = Path(options.get("environments", OUTPUTS / "environments"))
    for plan in plans(cases, int(options.get("repeats", REPEATS))):
        if not any(plan.items() <= row.items() for row in result["rows"]):
            load = round(os.getloadavg()[0], 2)
            row = plan | {"load": load} | measured(plan, sentences_file(plan, headlines), environments)
            if row.get("placeholder") and "result" not in options:
                sys.exit(
                    "error: found a placeholder in ours.py, expected the report. Say result=FILE to try."
                )
            result["rows"].append(row)
            print(json.dumps(row), flush=True)
            write(kept, result)
    result["summary"] = summarise(result["rows"], same_tables(result["rows"]))
    write(kept, result)
    draw(result["summary"]["growth"], kept.with_suffix(".png"))
    print_result(result)
    return int(not all(result["summary"]["met"].values()))


def begun(kept: Path, words: str) -> dict:
    """Return what an earlier run measured of the same kind of sentences, or an empty result."""
    if kept.is_file():
        result = json.loads(kept.read_text(encoding="utf-8"))
        if result["words"] == words:
            return result
        sys.exit(f"error: {kept} is about other sentences ({result['words']}). Remove it to begin anew.")
    return {"words": words, "cores": CORES, "python": platform.python_version(), "rows": []}


def write(kept: Path, result: dict) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def plans(cases: list[str], repeats: int) -> list[dict]:
    """Return what is to be measured, in order; in every second round the order is turned round."""
    ordered = []
    if "peers" in cases:
        ordered += [ours(FEW), words(FEW)]
        ordered += [peer(name, unit) for name, units in PEERS.items() for unit in units]
    if "million" in cases or "outofcore" in cases:
        ordered += [ours(MILLION)]
    if "outofcore" in cases:
        ordered += [ours(MILLION, out_of_core=True)]
    if "rivals" in cases:
        ordered += [words(MILLION)]
        ordered += [peer(name, "article", MILLION) for name in ("scattertext", "scattertext-unpruned")]
    if "many" in cases:
        ordered += [ours(MILLION, sources=MANY_SOURCES, pairs=False)]
    if "growth" in cases:
        ordered += [ours(size) for size in SIZES]
    rounds = [ordered if number % 2 == 0 else ordered[::-1] for number in range(repeats)]
    return [plan | {"repeat": number} for number, plans in enumerate(rounds) for plan in plans]


def ours(
    sentences: int, *, sources: int = SOURCES, pairs: bool = True, out_of_core: bool = False
) -> dict[str, object]:
    size = {"sentences": sentences, "sources": sources}
    return {"side": WHOLE, "unit": "article", **size, "pairs": pairs, "out_of_core": out_of_core}


def words(sentences: int) -> dict[str, object]:
    """Return what measures the part of the report that Scattertext has too."""
    return ours(sentences, pairs=False) | {"side": WORDS}


def peer(name: str, unit: str, sentences: int = FEW) -> dict[str, object]:
    return {"side": name, "unit": unit, "sentences": sentences, "sources": SOURCES}


def sentences_file(plan: dict, headlines: str) -> Path:
    """Return the file of the sentences that a plan is about; make it where it is not there yet."""
    words = "headlines" if headlines else "made-up"
    path = OUTPUTS / f"{words}-{plan['sentences']}-{plan['sources']}.parquet"
    if not path.is_file():
        size = [f"{name}={plan[name]}" for name in ("sentences", "sources")]
        command = [sys.executable, str(HERE / "million.py"), f"out={path}", f"headlines={headlines}", *size]
        subprocess.run(command, check=True)
    return path


def measured(plan: dict, sentences: Path, environments: Path) -> dict:
    """Measure one side in a process of its own."""
    if plan["side"] not in (WHOLE, WORDS):
        python = str(python_of(plan["side"], environments))
        options = [f"peer={plan['side']}", f"unit={plan['unit']}", f"sentences={sentences}"]
        return in_process([python, str(HERE / "peers.py"), *options], LIMIT_GB)
    options = [f"{name}={str(plan[name]).lower()}" for name in ("pairs", "out_of_core")]
    options.append("part=words" if plan["side"] == WORDS else "part=all")
    if plan["sentences"] == MILLION and plan["pairs"] and plan["repeat"] == 0:
        options.append(f"tables={tables_folder(plan['out_of_core'])}")
    return in_process([sys.executable, str(HERE / "ours.py"), f"sentences={sentences}", *options])


def in_process(command: list[str], limit_gb: int | None = None) -> dict:
    """Return what the last line of a command says, or how it failed.

    The largest memory of a process includes that of the process that started it, so this one stays small: it
    imports neither NumPy nor Polars before everything is measured.
    """

    def limit() -> None:
        if limit_gb:
            resource.setrlimit(resource.RLIMIT_AS, (limit_gb * 10**9, limit_gb * 10**9))

    threads = {name: str(CORES) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")}
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | threads,
        preexec_fn=limit,
    )  # fmt: skip
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1])
    told = (done.stderr.strip().splitlines() or [""])[-1]
    return {"failed": f"exit code {done.returncode}: {told}"[:300]}


def tables_folder(out_of_core: bool) -> Path:
    return OUTPUTS / ("tables-out-of-core" if out_of_core else "tables")


def same_tables(rows: list[dict]) -> dict | None:
    """Return how the tables made out of core differ from the others; None where they were not made."""
    if not any(row.get("out_of_core") and "failed" not in row for row in rows):
        return None
    folders = f"same={tables_folder(False)},{tables_folder(True)}"
    return in_process([sys.executable, str(HERE / "ours.py"), folders])


if __name__ == "__main__":
    sys.exit(main())
