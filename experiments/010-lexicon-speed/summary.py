"""What the measurements say: medians, ratios, targets, the table and the figure."""

from collections.abc import Iterable
from itertools import product
from math import log
from pathlib import Path
from statistics import linear_regression, median

WHOLE, WORDS = "framing", "framing-words"
"""The whole report; and counting, and each source against the rest, as far as Scattertext goes."""

FEW, MILLION, MANY_SOURCES = 100_000, 1_000_000, 385
RIVALS = {
    "rare terms left out": ("scattertext", "convokit"),
    "as in their examples": ("scattertext-unpruned", "convokit"),
}
"""The peers that the targets are about: Scattertext with and without the terms that are not compared here."""
SECONDS = {"100,000 sentences": 2.5, "1,000,000 sentences": 20.0, "385 sources": 40.0}
GIGABYTES = {"1,000,000 sentences": 2.5, "385 sources": 5.0}
FASTER, LESS_MEMORY = 8, 10
"""How many times as fast as the faster rival, and its memory as a multiple of ours."""
EXPONENT = 1.1
"""Time in proportion to sentences to this power, or a lower one, counts as linear."""
TOLERANCE = 1e-9
"""Largest relative difference of a number out of core."""


def summarise(rows: list[dict], same: dict | None) -> dict:
    """Return medians by case, the ratios to the peers, the growth, and which targets are met."""
    measures = {
        "100,000 sentences": of_ours(rows, FEW, 5, False),
        "1,000,000 sentences": of_ours(rows, MILLION, 5, False),
        "385 sources": of_ours(rows, MILLION, MANY_SOURCES, False),
        "1,000,000 sentences, out of core": of_ours(rows, MILLION, 5, True),
        "100,000 sentences, words alone": of_ours(rows, FEW, 5, False, WORDS),
        "1,000,000 sentences, words alone": of_ours(rows, MILLION, 5, False, WORDS),
    }
    measures = {name: found for name, found in measures.items() if found}
    peers = peer_medians(rows)
    growth = growth_of(rows)
    summary = {"ours": measures, "peers": peers, "growth": growth, "out_of_core": same}
    return summary | {"met": dict(targets(measures, peers, growth, same))}


def of_ours(
    rows: list[dict], sentences: int, sources: int, out_of_core: bool, side: str = WHOLE
) -> dict | None:
    here = {"side": side, "sentences": sentences, "sources": sources, "out_of_core": out_of_core}
    return medians(row for row in rows if here.items() <= row.items())


def medians(rows: Iterable[dict]) -> dict | None:
    """Return median seconds and memory, and the seconds of every repeat; None without a measurement."""
    rows = list(rows)
    whole = [row for row in rows if "failed" not in row]
    if not whole:
        return {"failed": rows[0]["failed"]} if rows else None
    found = {name: median(row[name] for row in whole) for name in ("seconds", "peak_mb", "before_mb")}
    return found | {"repeats": [row["seconds"] for row in whole], "load": [row["load"] for row in whole]}


def peer_medians(rows: list[dict]) -> dict[str, dict]:
    """Return what each peer needed, as a multiple of ours too."""
    by_side: dict[tuple, list[dict]] = {}
    for row in rows:
        if row["side"] not in (WHOLE, WORDS):
            by_side.setdefault((row["sentences"], row["side"], row["unit"]), []).append(row)
    peers = {}
    for (sentences, side, unit), here in sorted(by_side.items()):
        found, ours = medians(here) or {}, of_ours(rows, sentences, 5, False)
        if "seconds" in found:
            whole = [row for row in here if "failed" not in row]
            found["stages"] = {
                name: median(row["stages"][name] for row in whole) for name in whole[0]["stages"]
            }
            found["shown"] = whole[0]["shown"]
            if ours and "seconds" in ours:
                found["times_our_seconds"] = round(found["seconds"] / ours["seconds"], 2)
                found["times_our_memory"] = round(found["peak_mb"] / ours["peak_mb"], 2)
            words = of_ours(rows, sentences, 5, False, WORDS)
            if words and "seconds" in words:
                found["times_our_words"] = round(found["seconds"] / words["seconds"], 2)
        peers[key(side, unit, sentences)] = found
    return peers


def key(side: str, unit: str, sentences: int) -> str:
    return f"{side}, {unit}" + ("" if sentences == FEW else f", {sentences:,}")


def growth_of(rows: list[dict]) -> dict:
    """Return medians by number of sentences, and the power of it that the seconds follow."""
    sizes = sorted(
        {row["sentences"] for row in rows if row["side"] == WHOLE and row["sources"] != MANY_SOURCES}
    )
    found = {size: of_ours(rows, size, 5, False) for size in sizes}
    points = {size: each for size, each in found.items() if each and "seconds" in each}
    growth = {"sentences": {str(size): each for size, each in points.items()}}
    large = [size for size in points if size >= MILLION]  # below, what every run costs hides the growth
    if len(large) > 1:
        seconds = [log(points[size]["seconds"]) for size in large]
        growth["exponent"] = round(linear_regression([log(size) for size in large], seconds).slope, 3)
    return growth


def targets(measures: dict, peers: dict, growth: dict, same: dict | None) -> Iterable[tuple[str, bool]]:
    """Yield each target that something was measured for, and whether it is met."""
    for name, found in measures.items():
        if name in SECONDS:
            yield f"{name}: {SECONDS[name]} s", found.get("seconds", SECONDS[name] + 1) <= SECONDS[name]
        if name in GIGABYTES:
            yield f"{name}: {GIGABYTES[name]} GB", found.get("peak_mb", 1e9) / 1000 <= GIGABYTES[name]
    for (how, names), unit in product(RIVALS.items(), ("article", "sentence")):
        rivals = [peers.get(key(name, unit, FEW), {}) for name in names]
        rivals = [found for found in rivals if "times_our_seconds" in found]
        if rivals:
            faster = min(rivals, key=lambda found: found["seconds"])
            yield f"{FASTER} times as fast, {how}, {unit}", faster["times_our_seconds"] >= FASTER
            yield f"a tenth of the memory, {how}, {unit}", faster["times_our_memory"] >= LESS_MEMORY
    if "exponent" in growth:
        yield "linear growth", growth["exponent"] <= EXPONENT
    if same:
        alike = same.get("differing") == [] and same["largest_relative_difference"] <= TOLERANCE
        yield "out of core the same", alike


def print_result(result: dict) -> None:
    """Print the tables of README.md."""
    summary = result["summary"]
    columns = f"{'seconds':>9}{'MB':>8}{'imports':>9}{'x time':>8}{'x memory':>10}{'x words':>9}"
    print(f"\n{'':<42}{columns}  other stages")
    ours = {f"framing, {name}": found for name, found in summary["ours"].items()}
    sizes = summary["growth"]["sentences"].items()
    grown = {f"framing, {int(size):,}": found for size, found in sizes}
    for name, found in (ours | grown | summary["peers"]).items():
        if "failed" in found:
            print(f"{name:<42}{found['failed']}")
            continue
        line = f"{name:<42}{found['seconds']:>9.2f}{found['peak_mb']:>8.0f}{found['before_mb']:>9.0f}"
        line += f"{found.get('times_our_seconds', ''):>8}{found.get('times_our_memory', ''):>10}"
        line += f"{found.get('times_our_words', ''):>9}"
        print(
            line + "  " + ", ".join(f"{stage} {time:.2f}" for stage, time in found.get("stages", {}).items())
        )
    print("exponent of growth:", summary["growth"].get("exponent", "not measured"))
    print("out of core:", summary["out_of_core"] or "not measured")
    for name, met in summary["met"].items():
        print(f"{'met' if met else 'MISSED':<8}{name}")


def draw(growth: dict, path: Path) -> None:
    """Draw seconds and memory by number of sentences, beside the straight line through a million."""
    if len(growth["sentences"]) < 2:
        return
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    sizes = [int(size) for size in growth["sentences"]]
    million = [size / 1e6 for size in sizes]
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for panel, name, scale, label in zip(
        panels, ("seconds", "peak_mb"), (1, 1000), ("seconds", "largest memory, GB"), strict=True
    ):
        values = [found[name] / scale for found in growth["sentences"].values()]
        panel.plot(million, values, "o-", color="#1f5a8a", label="measured (median)")
        if name == "seconds":
            each = values[sizes.index(MILLION)] if MILLION in sizes else values[-1] / million[-1]
            line = [0, max(million)]
            panel.plot(line, [0, each * line[1]], ":", color="#777777", label="in proportion to sentences")
        panel.set(xlabel="million sentences", ylabel=label, xlim=(0, None), ylim=(0, None))
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=150)
