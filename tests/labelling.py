"""What tests of labelling share: invented corpora, and Label Studio's part played by hand."""

import polars as pl
from hypothesis import strategies as st

from framing.data.candidates import Candidates
from tests.conftest import make_codebook

VOICES = ("asserted", "attributed")


def candidates_of(rows, codebook=None):
    """The candidates that a file with these rows gives, without the file."""
    columns = ("id", "text", "source", "article", "kind", "file", "line", "frames", "voice")
    filled = [
        {"kind": "body", "file": "f", "line": line, "frames": None, "voice": None, **row}
        for line, row in enumerate(rows, start=1)
    ]
    schema = dict.fromkeys(columns, pl.String) | {"line": pl.Int64, "frames": pl.List(pl.String)}
    return Candidates(codebook or make_codebook(), pl.DataFrame(filled, schema=schema))


def in_label_studio(tasks, labels):
    """What Label Studio exports as JSON when the annotators of `labels` have labelled the tasks.

    Args:
        labels: one list a task of (annotator, frames, voice); frames None for a skipped task.
    """
    exported = []
    for number, (task, made) in enumerate(zip(tasks, labels, strict=True), start=1):
        annotations = [annotation(number, *one) for one in made]
        exported.append(
            {"id": number, "annotations": annotations, "drafts": [], "predictions": [number], **task}
        )
    return exported


def annotation(number, annotator, frames, voice):
    result = [choices("frames", frames)] if frames else []
    result += [choices("voice", [voice])] if voice else []
    return {
        "id": number, "completed_by": annotator, "result": result, "was_cancelled": frames is None,
        "ground_truth": False, "created_at": "2026-01-02T03:04:05.678901Z", "lead_time": 3.1, "task": number,
    }  # fmt: skip


def choices(name, labels):
    return {
        "id": "Dx_aB91ISN", "from_name": name, "to_name": "text", "type": "choices", "origin": "manual",
        "value": {"choices": list(labels)},
    }  # fmt: skip


def minimal(exported):
    """The same export as JSON-MIN: skipped ones left out, one choice as a string, none without its key."""
    records = []
    for task in exported:
        made = [one for one in task["annotations"] if not one["was_cancelled"]]
        for one in made or ([] if task["annotations"] else [None]):
            record = task["data"] | {"id": task["id"]}
            for result in one["result"] if one else []:
                found = result["value"]["choices"]
                record[result["from_name"]] = found[0] if len(found) == 1 else {"choices": found}
            record["annotator"] = one["completed_by"] if one else None
            record["annotation_id"] = one["id"] if one else None
            records.append(record)
    return records


def plain(annotations):
    return {(made.sentence, made.annotator): (set(made.frames), made.voice) for made in annotations}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


labellings = st.lists(st.sampled_from(["red", "blue", "green"]), unique=True).flatmap(
    lambda frames: st.tuples(st.just(frames), st.sampled_from(VOICES) if frames else st.none())
)


corpora = st.lists(st.tuples(texts, texts, labellings), min_size=1, max_size=8, unique_by=lambda row: row[0])


def corpus_from(drawn):
    return [
        {"id": name, "text": text, "source": text, "article": name, "frames": frames, "voice": voice}
        for name, text, (frames, voice) in drawn
    ]


def read_sentences(path, *, labelled=False):
    """Read sentences as `load_candidates` and `load_passes` take them."""
    from framing.data.columns import Layout, corpus_columns
    from framing.data.reading import read_jsonl

    codebook = make_codebook()
    rows = read_jsonl(path, Layout().asked(codebook.frame_ids))
    return corpus_columns(rows, Layout(), codebook, labelled=labelled)
