"""Tasks for Label Studio, and its exports read back."""

import csv
import io
import json
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.core.errors import CorpusError, FramingError
from framing.data.candidates import blind_id
from framing.labelling.label_studio import labelling_config
from framing.labelling.label_studio_export import read_label_studio
from framing.labelling.returning import changes, check_annotations
from framing.labelling.sheet import sheet
from framing.labelling.story import export
from framing.models.interface import Prediction
from tests.conftest import make_codebook, make_rows
from tests.labelling import (
    candidates_of,
    choices,
    corpora,
    corpus_from,
    in_label_studio,
    minimal,
    plain,
)


@settings(deadline=None)
@given(drawn=corpora, blind=st.booleans(), seed=st.integers(0, 9), small=st.booleans())
def test_through_label_studio_nothing_is_lost(drawn, blind, seed, small):
    """Two annotators, of whom the second labels every sentence with no frame."""
    rows = corpus_from(drawn)
    labels = {row["id"]: row for row in rows} | {blind_id(row["id"]): row for row in rows}
    candidates = candidates_of(rows)
    made = json.loads(export(candidates, blind=blind, seed=seed).tasks)
    found = [labels[task["data"]["sentence"]] for task in made]
    labelled = in_label_studio(made, [[(1, row["frames"], row["voice"]), (2, [], None)] for row in found])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export.json")
        path.write_text(json.dumps(minimal(labelled) if small else labelled), encoding="utf-8")
        checked = check_annotations(read_label_studio(str(path)), candidates, quarantine=False)
    expected = {(row["id"], "1"): (set(row["frames"]), row["voice"]) for row in rows}
    expected |= {(row["id"], "2"): (set(), None) for row in rows}
    assert plain(checked.annotations) == expected
    assert checked.unlabelled == ()
    assert set(changes(checked, candidates)["annotator"]) <= {"2"}


def test_blind_tasks_tell_nothing_but_the_text_in_another_order(rows):
    candidates = candidates_of(rows)
    prediction = Prediction(np.full((18, 3), 0.9), np.full((18, 2), 0.5))
    made = export(candidates, blind=True, seed=1, prediction=prediction, reasons=["why"] * 18)
    tasks = json.loads(made.tasks)
    assert all(set(task) == {"data"} and set(task["data"]) == {"sentence", "text"} for task in tasks)
    assert "north" not in made.tasks + made.sheet
    order = [task["data"]["text"] for task in tasks]
    assert order != [row["text"] for row in rows]
    assert sorted(order) == sorted(row["text"] for row in rows)
    header = made.sheet.splitlines()[0]
    assert header == "sentence,annotator,text,red,blue,green,voice"
    assert export(candidates, blind=True, seed=1) == made
    assert export(candidates, blind=True, seed=2).tasks != made.tasks


def test_open_tasks_tell_source_article_and_earlier_labels(rows):
    rows[0] |= {"frames": None, "voice": None}
    data = [task["data"] for task in json.loads(export(candidates_of(rows), blind=False, seed=0).tasks)]
    assert [one["sentence"] for one in data] == [row["id"] for row in rows]
    assert (data[1]["source"], data[1]["article"]) == ("north", "north-article-0")
    assert (data[1]["earlier_frames"], data[1]["earlier_voice"]) == ("red", "attributed")
    assert "earlier_frames" not in data[0]


@pytest.mark.parametrize(("single", "choice"), [(False, "multiple"), (True, "single")])
def test_the_configuration_has_every_label_with_its_definition(single, choice):
    codebook = make_codebook(single_label=single)
    view = ElementTree.fromstring(labelling_config(codebook))
    frames, voices = view.findall("Choices")
    assert frames.get("choice") == choice
    assert frames.get("required") == ("true" if single else None)
    assert [(one.get("value"), one.get("hint")) for one in frames] == [
        (frame.id, frame.definition) for frame in codebook.frames
    ]
    assert (voices.get("choice"), voices.get("visibleWhen"), voices.get("whenTagName")) == (
        "single", "choice-selected", "frames",
    )  # fmt: skip
    assert [one.get("value") for one in voices] == list(codebook.voice_ids)
    panel = [one.get("value") for one in view.findall("Collapse/Panel/Header")]
    assert "red: about red" in panel
    assert len(ElementTree.fromstring(labelling_config(make_codebook(voices=()))).findall("Choices")) == 1


def test_the_configuration_of_the_project_is_well_formed(composed):
    from framing.build import build_codebook

    codebook = build_codebook(composed().codebook)
    view = ElementTree.fromstring(labelling_config(codebook))
    assert {one.get("value") for one in view.iter("Choice")} == {*codebook.frame_ids, *codebook.voice_ids}


def test_predictions_have_labels_and_scores():
    candidates = candidates_of(make_rows()[:2])
    prediction = Prediction(np.array([[0.9, 0.2, 0.6], [0.1, 0.3, 0.2]]), np.array([[0.3, 0.7], [0.5, 0.5]]))
    first, second = [
        task["predictions"][0]
        for task in json.loads(export(candidates, blind=False, seed=0, prediction=prediction).tasks)
    ]
    frames, voice = first["result"]
    assert (frames["value"]["choices"], frames["score"]) == (["red", "green"], 0.6)
    assert (voice["from_name"], voice["value"]["choices"], voice["score"]) == ("voice", ["attributed"], 0.7)
    assert first["score"] == 0.6
    assert (second["result"], second["score"]) == ([], 0.7)
    rows = list(
        csv.DictReader(io.StringIO(sheet(candidates, blind=False, prediction=prediction, reasons=None)))
    )
    assert (rows[0]["p_red"], rows[0]["p_attributed"], rows[0]["red"]) == ("0.900", "0.700", "0")


def test_every_annotator_is_kept_and_a_skipped_task_is_told(rows, back):
    candidates = candidates_of(rows[:4])
    tasks = json.loads(export(candidates, blind=False, seed=0).tasks)
    labels = [
        [("a@example.org", [], None), ({"id": 7, "email": "b@example.org"}, ["red"], "asserted")],
        [({"id": 8}, ["green"], "asserted"), (9, None, None)],
        [],
        [(None, ["blue", "red"], "attributed")],
    ]
    exported = in_label_studio(tasks, labels)
    exported[1]["annotations"][1]["result"] = [choices("frames", ["red"])]
    checked = check_annotations(back(exported), candidates, quarantine=False)
    assert plain(checked.annotations) == {
        ("north-0", "a@example.org"): (set(), None),
        ("north-0", "b@example.org"): ({"red"}, "asserted"),
        ("north-1", "8"): ({"green"}, "asserted"),
        ("north-3", "export"): ({"red", "blue"}, "attributed"),
    }
    skipped, nobody = map(str, checked.unlabelled)
    assert "skipped after red (north-1, annotator 9)" in skipped
    assert "none (north-2)" in nobody
    found = changes(checked, candidates)
    assert found.select("id", "change", "frames_before", "frames").rows() == [
        ("north-0", "changed", "", "red"),
        ("north-1", "changed", "red", "green"),
        ("north-3", "changed", "red;green", "red;blue"),
    ]


def test_labels_of_sentences_without_any_are_new(rows, back):
    rows = [row | {"frames": None, "voice": None} for row in rows[:2]]
    candidates = candidates_of(rows)
    exported = in_label_studio(
        json.loads(export(candidates, blind=True, seed=0).tasks),
        [[(1, [], None)], [(1, ["red"], "asserted")]],
    )
    checked = check_annotations(back(exported), candidates, quarantine=False)
    assert changes(checked, candidates)["change"].to_list() == ["new", "new"]


def broken(change):
    """An export of three tasks, each with one annotation, of which the second is changed."""
    rows = make_rows()[:3]
    tasks = json.loads(export(candidates_of(rows), blind=False, seed=0).tasks)
    exported = in_label_studio(tasks, [[("anna", ["red"], "asserted")]] * 3)
    change(exported[1])
    return exported


def set_result(*result):
    return lambda task: task["annotations"][0].update(result=list(result))


ASSERTED = choices("voice", ["asserted"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_result(choices("frames", ["rd"]), ASSERTED), ["'rd'", "north-1", "anna", "Did you mean 'red'?"]),
        (set_result(choices("frames", ["red"])), ["no voice", "north-1"]),
        (set_result(ASSERTED), ["'asserted'", "no frame"]),
        (set_result(choices("frames", ["red"]), choices("voice", ["asserted", "attributed"])), ["one voice"]),
        (lambda task: task["data"].update(sentence="nowhere"), ["'nowhere'", "data="]),
        (lambda task: task["data"].pop("sentence"), ["None", "framing.annotate export"]),
        (lambda task: task.update(data=7), ["None", "framing.annotate export"]),
        (lambda task: task.pop("annotations"), ["no annotations"]),
        (lambda task: task["annotations"][0].pop("result"), ["a list of results"]),
        (lambda task: task["annotations"].append(task["annotations"][0]), ["labels once an annotator", "[1].annotations[0]"]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_and_stops_or_is_left_out(back, change, words):
    exported = broken(change)
    returned = back(exported)
    with pytest.raises(CorpusError) as raised:
        check_annotations(returned, candidates_of(make_rows()), quarantine=False)
    [problem] = raised.value.problems
    assert problem.column.startswith("[1]")
    lines = json.dumps(exported, indent=1).splitlines()
    assert lines[problem.line - 1] == " {"
    assert json.dumps(exported[0], indent=1).count("\n") + 3 == problem.line
    for word in words:
        assert word in str(problem)
    checked = check_annotations(returned, candidates_of(make_rows()), quarantine=True)
    assert {"north-0", "north-2"} <= {made.sentence for made in checked.annotations}
    assert checked.problems == (problem,)


@pytest.mark.parametrize(
    "extra",
    [choices("comment", ["well"]), {"from_name": "frames", "value": {"rating": 3}}, 7,
     {"from_name": "voice", "value": {"choices": [[1]]}}],
)  # fmt: skip
def test_a_result_that_is_no_label_is_told_and_the_labels_are_kept(back, extra):
    def add(task):
        task["annotations"][0]["result"].append(extra)

    checked = check_annotations(back(broken(add)), candidates_of(make_rows()), quarantine=True)
    assert len(checked.annotations) == 3
    assert "expected choices named frames or voice" in str(checked.problems[0])


def test_json_min_with_strange_choices_is_told(back):
    records = minimal(broken(lambda task: None))
    records[0]["frames"] = 7
    records[1]["voice"] = {"choices": "asserted"}
    records[2] |= {"frames": ["red", {"choices": ["blue"]}], "sentence": None}
    returned = back(records)
    assert [problem.column for problem in returned.problems] == ["[0], frames", "[1], voice", "[2], sentence"]
    records = minimal(in_label_studio([{"data": {"sentence": "north-1"}}], [[]]))
    assert [problem.column for problem in back(records).unlabelled] == ["[0], annotation_id"]
    records = minimal(broken(lambda task: None))
    records[0]["frames"] = ["red", {"choices": ["blue"]}]
    assert back(records).annotations[0].frames == ("red", "blue")


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}", "no JSON array"), ("", "no JSON array"), ('[{"id": 1},\n {"id"', "line 2"), ("[1", "line 1")],
)
def test_a_file_that_is_no_export_is_an_error(back, content, words):
    with pytest.raises(FramingError, match=words):
        back(content)
