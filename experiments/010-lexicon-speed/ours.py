"""Measure the project's own report once: time, largest memory, as one line of JSON.

    python .../ours.py sentences=FILE [pairs=true] [out_of_core=false] [part=all|words] [tables=FOLDER]
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
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from pyarrow.parquet import ParquetFile

from framing.core.config import PROJECT, register
from framing.core.lexicon_config import LexiconConfig

BATCH = 200_000
"""Sentences that are read at once out of core."""

PACKAGES = ("polars", "numpy", "scipy")
PARTS = ("all", "words")
"""What is measured: the whole report, or only what is counted and compared: no noise, sentences, rival words,
bootstrap; each source against the rest."""


def ours(
    path: str, *, pairs: bool, out_of_core: bool, part: str
) -> tuple[dict[str, pl.DataFrame], float, int]:
    """Make everything but the page. Return the tables by name, seconds, and the memory before, in MB."""
    from framing.build_lexicon import build_rules
    from framing.evaluation.lexicon.corpora import InMemory
    from framing.evaluation.lexicon.documents import with_groups
    from framing.evaluation.lexicon.on_disk import OnDisk
    from framing.evaluation.lexicon.whole import whole_lexicon

    rules = build_rules(settings(pairs=pairs, part=part))
    if out_of_core:
        with TemporaryDirectory() as folder:
            before, start = peak_mb(), time.perf_counter()
            read = (with_groups(described(batch), rules.settings)[0] for batch in batches(path))
            lexicon = whole_lexicon(OnDisk.of(read, Path(folder) / "parts"), rules)
            return lexicon.tables(), time.perf_counter() - start, before
    sentences = pl.read_parquet(path)
    before, start = peak_mb(), time.perf_counter()
    grouped, _ = with_groups(described(sentences), rules.settings)
    lexicon = whole_lexicon(InMemory.of(grouped), rules)
    return lexicon.tables(), time.perf_counter() - start, before


def settings(*, pairs: bool, part: str) -> LexiconConfig:
    """Return the settings of configs/lexicon/default.yaml, changed for what is measured."""
    register()
    changed = [f"lexicon.pairs={str(pairs).lower()}"]
    if part == "words":
        changed += [
            "lexicon.noise.remove=false",
            "lexicon.alternations=null",
            "lexicon.examples=0",
            "lexicon.draws=0",
        ]
    with initialize_config_dir(version_base="1.3", config_dir=str(PROJECT / "configs")):
        composed = compose("lexicon/default", overrides=changed)
    return OmegaConf.to_object(composed.lexicon)


def described(sentences: pl.DataFrame) -> pl.DataFrame:
    """Return sentences with an id, as the loader of the project gives them."""
    return (
        sentences
        if "id" in sentences.columns
        else sentences.with_row_index("id").with_columns(pl.col("id").cast(pl.String))
    )


def batches(path: str) -> Iterator[pl.DataFrame]:
    """Yield the sentences of a file, some at a time, with ids that count on."""
    before = 0
    for batch in ParquetFile(path).iter_batches(batch_size=BATCH):
        table = pl.DataFrame(batch)
        numbers = pl.int_range(before, before + table.height, dtype=pl.UInt32, eager=True)
        before += table.height
        yield table if "id" in table.columns else table.with_columns(id=numbers.cast(pl.String))


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    if "same" in options:
        print(json.dumps(same(*(Path(each) for each in options["same"].split(",")))))
        return
    tables, seconds, before = ours(
        options["sentences"],
        pairs=options.get("pairs", "true") == "true",
        out_of_core=options.get("out_of_core", "false") == "true",
        part=options.get("part", "all"),
    )
    row = {
        "before_mb": before,
        "seconds": round(seconds, 3),
        "peak_mb": peak_mb(),
        "shown": {name: table.height for name, table in tables.items() if table.height},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
    }
    print(json.dumps(row))
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
