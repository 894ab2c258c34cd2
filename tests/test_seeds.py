import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
import yaml

from framing.core.errors import FramingError
from framing.data.seeds import KINDS, seed_sentences
from framing.data.segmentation import segment


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_documents_are_byte_for_byte_the_ones_that_were_given(seeds):
    checksums = dict(line.split("  ")[::-1] for line in (seeds / "checksums.sha256").read_text().splitlines())
    documents = {f"documents/{path.name}": path for path in (seeds / "documents").iterdir()}
    assert checksums.keys() == documents.keys()
    assert len(checksums) == 5
    for name, path in documents.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == checksums[name]
        assert name.split("_")[1][:16] == checksums[name][:16] or len(name.split("_")[1]) == 20


def test_the_stored_sentences_are_what_the_command_makes(seeds):
    assert read(seeds / "sentences.jsonl") == seed_sentences(seeds)


def test_offsets_lead_back_to_the_document(seeds):
    files = {
        article["article"]: article["file"]
        for article in yaml.safe_load((seeds / "sources.yaml").read_text())
    }
    sentences = read(seeds / "sentences.jsonl")
    assert len(sentences) == 128
    for sentence in sentences:
        document = (seeds / files[sentence["article"]]).read_bytes().decode("utf-8")
        original = document[sentence["start"] : sentence["end"]]
        assert " ".join(original.split()) == sentence["text"]
        assert original == original.strip()


def test_every_character_that_is_not_space_is_in_exactly_one_sentence(seeds):
    for path in (seeds / "documents").iterdir():
        document = path.read_bytes().decode("utf-8")
        spans = list(segment(document))
        assert all(a.end <= b.start for a, b in pairwise(spans))
        assert "".join(re.sub(r"\s", "", document[s.start : s.end]) for s in spans) == re.sub(
            r"\s", "", document
        )


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "He said on Sept. 15, amid attacks. They left.",
            ["He said on Sept. 15, amid attacks.", "They left."],
        ),
        ("Kupiansk on Oct. 16, 2024. (Photo)", ["Kupiansk on Oct. 16, 2024.", "(Photo)"]),
        ("“It is hard. […] It will pass.” He left.", ["“It is hard.", "[…] It will pass.”", "He left."]),
        ("A headline without a stop\nA sentence.", ["A headline without a stop", "A sentence."]),
        ("Two\u00a0words  here.\r\nNext.", ["Two words here.", "Next."]),
        ("", []),
    ],
)
def test_segmentation(text, sentences):
    assert [span.text for span in segment(text)] == sentences


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        ("2 min read", "boilerplate"), ("Basmat has a Master's", "boilerplate"), ("Rafał Strzelec", "boilerplate"),
        ("(Fermin Torrano", "boilerplate"), ("NewsKupiansk", "repeat"), ("Kupiansk: The focal", "headline"),
        ("The liberation of Kupyansk", "body"), ("A view of", "caption"),
    ],
)  # fmt: skip
def test_what_is_not_running_text_is_kept_and_marked(seeds, beginning, kind):
    found = [s for s in read(seeds / "sentences.jsonl") if s["text"].startswith(beginning)]
    assert [sentence["kind"] for sentence in found] == [kind]


def test_a_repeated_headline_is_a_repeat_the_second_time(seeds):
    found = [
        s["kind"] for s in read(seeds / "sentences.jsonl") if s["text"].startswith("Capturing Kupiansk is")
    ]
    assert found == ["headline", "repeat"]


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ({"caption": ["Nowhere"]}, "no sentence begins with 'Nowhere'"),
        ({"photo": ["One"]}, "found kind 'photo'"),
    ],
)
def test_a_mark_that_fits_nothing_is_an_error(tmp_path, kinds, message):
    (tmp_path / "d.txt").write_text("One sentence.", encoding="utf-8")
    article = {"article": "a", "file": "d.txt", "source": "s", "kinds": kinds}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump([article]))
    with pytest.raises(FramingError, match=message):
        seed_sentences(tmp_path)


def test_every_seed_sentence_is_labelled_in_both_passes_and_adjudicated(seeds):
    ids = [sentence["id"] for sentence in read(seeds / "sentences.jsonl")]
    passes = [read(seeds / "labels" / f"pass_{number}.jsonl") for number in (1, 2)]
    adjudicated = read(seeds / "labels" / "adjudicated.jsonl")
    for labels in (*passes, adjudicated):
        assert sorted(label["id"] for label in labels) == sorted(ids)
    assert [label["id"] for label in passes[0]] != [label["id"] for label in passes[1]]


def test_adjudication_gives_a_reason_exactly_where_the_passes_differ(seeds):
    first, second, final = (
        {label["id"]: label for label in read(seeds / "labels" / f"{name}.jsonl")}
        for name in ("pass_1", "pass_2", "adjudicated")
    )
    for identifier, label in final.items():
        agreed = all(first[identifier][key] == second[identifier][key] for key in ("frames", "voice"))
        assert (label["reason"] is None) == agreed
        if agreed:
            assert label["frames"] == first[identifier]["frames"]


def test_kinds_and_sources_are_known(seeds):
    table = pl.read_ndjson(seeds / "sentences.jsonl")
    assert set(table["kind"]) <= set(KINDS)
    assert table["source"].n_unique() == 5
    for article in yaml.safe_load((seeds / "sources.yaml").read_text()):
        assert {"article", "file", "source", "outlet", "author", "date"} <= article.keys()
