"""Measure the project's own report once: time, largest memory, as one line of JSON.

    python .../ours.py sentences=FILE [pairs=true] [out_of_core=false] [tables=FOLDER]
    python .../ours.py same=FOLDER,FOLDER

Imports and the reading of the file are not timed, except out of core, where the file is read while it is
counted. With `tables` all tables are written there, after the clock has stopped. With `same` two such folders
are compared: the largest relative difference of a number, and whether everything else is the same.
"""

import json
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

PACKAGES = ("polars", "numpy", "scipy")
PLACEHOLDER = True
"""Whether `ours` is not the real report yet. Nothing is written as a result while it is so."""


def ours(
    path: str,
    *,
    pairs: bool,  # noqa: ARG001 - until the report is here
    out_of_core: bool,  # noqa: ARG001
) -> tuple[dict[str, pl.DataFrame], float, int]:
    """Make everything but the page. Return the tables by name, seconds, and the memory before, in MB."""
    from framing.evaluation.lexicon.old import LexiconSettings, lexicon_by_source

    sentences = pl.read_parquet(path)
    before = peak_mb()
    start = time.perf_counter()
    settings = LexiconSettings((1, 2), 500.0, 3, 20, 12)
    columns = (sentences[name].to_list() for name in ("text", "source", "article"))
    terms = lexicon_by_source(*columns, settings)
    return {"terms": terms}, time.perf_counter() - start, before


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    if "same" in options:
        print(json.dumps(same(*(Path(each) for each in options["same"].split(",")))))
        return
    tables, seconds, before = ours(
        options["sentences"],
        pairs=options.get("pairs", "true") == "true",
        out_of_core=options.get("out_of_core", "false") == "true",
    )
    row = {
        "before_mb": before,
        "seconds": round(seconds, 3),
        "peak_mb": peak_mb(),
        "shown": {name: table.height for name, table in tables.items() if table.height},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
    }
    print(json.dumps(row | ({"placeholder": True} if PLACEHOLDER else {})))
    if "tables" in options:
        folder = Path(options["tables"])
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            table.write_parquet(folder / f"{name}.parquet")


def peak_mb() -> int:
    """Return the largest resident memory of this process so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def same(one: Path, other: Path) -> dict[str, object]:
    """Compare all tables of two folders, in the order in which they were written."""
    names = sorted(path.name for path in one.glob("*.parquet"))
    differing = [] if names == sorted(path.name for path in other.glob("*.parquet")) else ["names of tables"]
    largest = 0.0
    for name in names if not differing else []:
        first, second = pl.read_parquet(one / name), pl.read_parquet(other / name)
        if first.schema != second.schema or first.height != second.height:
            differing.append(name)
            continue
        floats = [column for column, kind in first.schema.items() if kind.is_float()]
        if not first.drop(floats).equals(second.drop(floats)):
            differing.append(name)
        for column in floats:
            a, b = first[column].to_numpy(), second[column].to_numpy()
            if not np.array_equal(np.isfinite(a), np.isfinite(b)):
                differing.append(f"{name}: {column}")
            finite = np.isfinite(a) & np.isfinite(b)
            scale = np.maximum(np.abs(a[finite]), 1e-12)
            largest = max(largest, float((np.abs(a[finite] - b[finite]) / scale).max(initial=0)))
    return {"tables": len(names), "differing": differing, "largest_relative_difference": largest}


if __name__ == "__main__":
    main()
