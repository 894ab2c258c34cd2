"""The notebooks run as scripts from anywhere, and what they show fits the data."""

import json
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib.figure import Figure

from framing.annotation import ALL_FRAMES
from framing.core.config import PROJECT

mpl.use("Agg")

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("[0-9]*.py"))
Namespace = dict[str, Any]


def check_corpus(shown: Namespace) -> None:
    """Every number is counted again, from the files alone."""
    sentences = {row["id"]: row for row in read("sentences.jsonl")}
    labels = {row["id"]: row for row in read("labels/adjudicated.jsonl")}
    used = [name for name, row in sentences.items() if row["kind"] not in ("boilerplate", "repeat")]

    expected = Counter(
        (sentences[name]["source"], frame) for name in used for frame in labels[name]["frames"]
    )
    counts = {(source, frame): number for source, frame, number in shown["counts"].iter_rows() if number}
    assert counts == expected
    assert shown["kinds"]["all"].sum() == len(sentences)
    assert shown["documents"]["used"].sum() == len(used)
    assert shown["documents"].height == 5
    assert shown["frames_per_sentence"]["all"].sum() == len(used)
    assert shown["voices_by_source"].drop("voice").to_numpy().sum() == len(used)
    assert shown["together"].diagonal().sum() == sum(expected.values())
    assert set(shown["examples"]["frame"]) == set(shown["codebook"].frame_ids)

    alphas = shown["alphas"]
    assert alphas["label"].to_list() == [*shown["codebook"].frame_ids, ALL_FRAMES, "voice"]
    assert alphas.select((pl.col("low") <= pl.col("alpha")) & (pl.col("alpha") <= 1)).to_series().all()


def check_baseline(shown: Namespace) -> None:
    results, frame_ids = shown["results"], list(shown["codebook"].frame_ids)
    assert len(frame_ids) == 8
    assert results.findings.frames["frame"].to_list() == frame_ids
    assert shown["scores"]["model"].to_list()[:3] == ["tfidf", "majority", "source_only"]
    assert shown["scores"]["macro_f1"].is_between(0, 1).all()
    assert results.label_counts["sentences"].sum() == results.findings.frames["support"].sum()
    assert results.sentences.height == len(shown["corpus"])

    runs = shown["runs"]
    assert runs.height == 3 * (shown["DRAWS"] + 1)
    left_out = runs.filter((pl.col("split") == "leave_one_source_out") & (pl.col("model") == "tfidf"))
    assert left_out["macro-F1"].item() == pytest.approx(results.findings.models["macro_f1"][0])
    assert shown["pieces"]["frame"].to_list() == frame_ids

    errors = shown["errors"]
    labels = results.sentences["frames"].str.split(";").explode()
    assert errors["right"].sum() + errors["missed"].sum() == labels.filter(labels != "").len()
    assert (
        errors["right"].sum() + errors["given, but not labelled"].sum()
        == results.findings.frames["predicted"].sum()
    )


def check_data_report(shown: Namespace) -> None:
    contrast = [
        json.loads(line)
        for path in sorted((PROJECT / "seeds" / "contrast").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert shown["checks"].height == len(shown["report"].checks)
    assert set(shown["checks"][""]) == {"green"}
    assert sum(len(row["frames"]) for row in contrast) == shown["report"].counts["frame"].filter(
        pl.col("frame") != "(no frame)"
    )["training only"].sum()  # fmt: skip
    assert Counter(row["case"] for row in contrast if row["case"]) == {
        name + side: number
        for side, numbers in shown["sides"].items()
        for name, number in zip(shown["names"], numbers, strict=True)
    }
    assert shown["shares"].shape == (len({row["register"] for row in contrast}), 8)
    assert {side for war in shown["wars"] for side in war} <= {row["actor"] for row in contrast}
    assert len(shown["wars"]) >= 12
    assert shown["nearest"]["similarity"].max() < 0.8


def check_report(shown: Namespace) -> None:
    found = shown["found"]
    assert found.models["model"].to_list() == ["tfidf_words", "majority", "source_only", "dictionary"]
    assert found.splits["split"].to_list() == ["leave_one_source_out", "random"]
    assert found.splits["macro_f1"][0] == pytest.approx(found.models["macro_f1"][0])
    assert shown["total"] == pytest.approx(shown["one"]["logit"], abs=1e-4)
    assert "".join(shown["why"]["word"]) == "".join(shown["text"].split())
    assert found.learning_curve["sentences"].max() > 8000
    assert shown["page_size"] < 2_000_000


def check_lexicon(shown: Namespace) -> None:
    assert shown["seeds"].terms["p"].is_null().all()
    invented = shown["invented"]
    rows = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in (PROJECT / "seeds" / "contrast").glob("*.jsonl")
    )
    assert shown["sentences"].height == rows
    assert invented.self_check["as_expected"].all()
    assert shown["communique"]["bound"].is_sorted(descending=True)
    chosen = (
        invented.shares.filter(pl.col("condition") == "all").group_by("set", "group").agg(pl.sum("share"))
    )
    assert chosen["share"].to_list() == pytest.approx([1.0] * chosen.height)
    columns = {name for table in shown["tables"].values() for name in table.columns}
    assert not columns & {"text", "article", "id"}
    assert shown["tables"]["terms"]["term"].str.count_matches(" ").max() == 1


CHECKS: dict[str, Callable[[Namespace], None]] = {
    "01_corpus": check_corpus,
    "02_baseline": check_baseline,
    "03_data_report": check_data_report,
    "04_report": check_report,
    "05_lexicon": check_lexicon,
}


def read(name: str) -> list[dict[str, Any]]:
    lines = (PROJECT / "seeds" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_notebook_has_a_check() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(CHECKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_anywhere(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pl.Config():  # a notebook sets how tables are printed
        shown = runpy.run_path(str(path))
    CHECKS[path.stem](shown)
    figures = [value for value in shown.values() if isinstance(value, Figure)]
    assert figures
    assert all(figure.axes for figure in figures)
    assert list(tmp_path.iterdir()) == []
