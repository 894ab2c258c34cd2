"""The command `annotate`, from sentences to labels and back."""

import csv
import json
import re

import pytest
from hydra import compose, initialize_config_dir

from framing.annotate import main, overrides
from framing.annotation import load_passes
from framing.build import build_codebook
from framing.build_model import build_model
from framing.core.config import register
from framing.core.errors import CorpusError, FramingError
from framing.data.candidates import load_candidates
from framing.data.loading import load_label_rows
from framing.labelling.annotations import Returned
from framing.labelling.returning import check_annotations
from framing.labelling.story import without_labels, write_labelled
from framing.models.folder import load_model, save_model
from tests.conftest import make_codebook, make_rows
from tests.labelling import (
    candidates_of,
    in_label_studio,
    read_sentences,
)
from tests.test_command_line import own_rows, table
from tests.test_data import load


def test_names_of_annotators_make_files_that_never_meet(tmp_path):
    names = ["a/b", "a%2Fb", "..", "a@example.org"]
    returned = Returned()
    for name in names:
        returned.annotations += [annotation_of("north-1", name)]
    candidates = candidates_of(make_rows())
    checked = check_annotations(returned, candidates, quarantine=False)
    paths = write_labelled(checked, candidates, tmp_path)
    assert len(set(paths)) == 4
    assert {path.parent for path in paths} == {tmp_path / "annotators"}
    assert {json.loads(path.read_text())["annotator"] for path in paths} == set(names)


def annotation_of(sentence, annotator):
    from framing.labelling.annotations import Annotation

    return Annotation(sentence, annotator, ("red",), "asserted", "export.json", 1)


def test_sentences_without_labels_are_candidates_and_bad_rows_are_told(write):
    rows = make_rows()[:6]
    rows[0] |= {"frames": None, "voice": None}
    rows[1]["frames"], rows[2]["text"], rows[3]["kind"] = ["rod"], " ", "boilerplate"
    rows[4]["id"] = rows[5]["id"]
    found = load_candidates(make_codebook(), read_sentences(write(rows)), None, ["boilerplate"])
    assert [(problem.line, problem.column) for problem in found.problems] == [
        (3, "text"), (6, "id"), (2, "frames")
    ]  # fmt: skip
    assert found.table["id"].to_list() == ["north-0", "north-5"]
    assert found.table["frames"].to_list() == [None, ["blue"]]
    for bad in ([], [rows[3]], ["{"]):
        with pytest.raises(FramingError, match="no sentence is left to label"):
            load_candidates(make_codebook(), read_sentences(write(bad)), None, ["boilerplate"])


def test_labels_in_a_file_of_their_own_may_cover_a_part(write):
    rows = make_rows()[:3]
    sentences = write([{key: row[key] for key in ("id", "text", "source")} for row in rows])
    labels = write(
        [{"id": "north-1", "frames": ["blue"], "voice": "asserted"}, {"id": "no", "frames": []}], "l.jsonl"
    )
    found = load_candidates(make_codebook(), read_sentences(sentences), load_label_rows(labels), [])
    assert found.table["frames"].to_list() == [None, ["blue"], None]
    assert ["'no'" in problem.found for problem in found.problems] == [True]
    assert without_labels(found).table["id"].to_list() == ["north-0", "north-2"]
    with pytest.raises(FramingError, match="relabel=true"):
        without_labels(candidates_of(rows))


def test_the_first_word_is_the_action_and_model_a_folder():
    assert overrides(["next", "model=m", "count=2"]) == ["action=next", "model_folder=m", "count=2"]
    assert overrides(["--help"]) == ["--help"]
    assert overrides(["action=export", "export"]) == ["action=export", "export"]
    assert overrides([]) == []


@pytest.fixture
def annotate(capsys):
    """Run the command in this process and return what it printed."""
    from framing.cli import CONFIGS, register_help

    register()

    def run(*arguments):
        register_help("annotate", "")
        with initialize_config_dir(str(CONFIGS), version_base="1.3"):
            main(compose("annotate", overrides=overrides(arguments)))
        return capsys.readouterr().out

    return run


@pytest.fixture
def trained(write, tmp_path, composed):
    """A model trained on own sentences, its folder, and a file in which some sentences have no label."""
    rows = own_rows()
    config = composed()
    codebook = build_codebook(config.codebook)
    model = build_model(config.model).fit(load(write(rows), codebook).corpus)
    save_model(model, codebook, tmp_path / "model")
    for row in rows[::2]:
        row |= {"frames": None, "voice": None}
    return f"model={tmp_path}/model", f"data.path={write(rows, 'part.jsonl')}"


def test_export_label_and_import(annotate, tmp_path, trained):
    model, sentences = trained
    common = ["data=jsonl", sentences]
    said = annotate("export", *common, model, f"output={tmp_path}/first")
    assert "18 sentences to label." in said
    assert (tmp_path / "first" / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbfsentence,")
    said = annotate("export", *common, "blind=true", f"output={tmp_path}/second")
    assert "blind and shuffled" in said

    tasks = json.loads((tmp_path / "second" / "tasks.json").read_text(encoding="utf-8"))
    labels = [[(1, ["capture"], "asserted"), (2, [], None)]] * 17 + [[(1, None, None)]]
    (tmp_path / "export.json").write_text(json.dumps(in_label_studio(tasks, labels)))
    files = f"files=[{tmp_path}/export.json,{tmp_path}/first/sheet.csv]"
    said = annotate("import", *common, files, f"output={tmp_path}/back")
    assert "43 annotations by 3 annotator(s): 1, 2, sheet." in said
    assert "10 skipped or not labelled" in said
    assert len((tmp_path / "back" / "unlabelled.jsonl").read_text().splitlines()) == 10
    assert {row["change"] for row in table(tmp_path / "back" / "changes.csv")} == {"new", "changed"}
    names = sorted(path.name for path in (tmp_path / "back" / "annotators").iterdir())
    assert names == ["1.jsonl", "2.jsonl", "sheet.jsonl"]

    sentences_read = read_sentences(sentences.removeprefix("data.path="))
    codebook = load_model(tmp_path / "model")[1]
    together = load_passes(codebook, [f"{tmp_path}/back/annotators.jsonl"], sentences_read)
    each = load_passes(codebook, [f"{tmp_path}/back/annotators/{name}" for name in names], sentences_read)
    assert sorted(together.names) == sorted(each.names) == ["1", "2", "sheet"]


def test_an_import_that_changes_nothing_says_so(annotate, write, tmp_path):
    sentences = f"data.path={write(own_rows())}"
    annotate("export", "data=jsonl", sentences, f"output={tmp_path}/out")
    arguments = [
        "import",
        "data=jsonl",
        sentences,
        f"files=[{tmp_path}/out/sheet.csv]",
        f"output={tmp_path}/back",
    ]
    said = annotate(*arguments)
    assert "0 new, 0 changed" in said
    assert "0 with a problem." in said
    assert {path.name for path in (tmp_path / "back").iterdir()} == {
        "annotators",
        "annotators.jsonl",
        "changes.csv",
    }


def test_next_offers_what_has_no_label_with_a_reason(annotate, tmp_path, trained):
    model, sentences = trained
    said = annotate("next", "data=jsonl", sentences, model, "count=4", f"output={tmp_path}/next")
    assert "4 of 9 sentences chosen" in said
    rows = table(tmp_path / "next" / "next.csv")
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert all(row["reason"].startswith("unsure about ") for row in rows)
    with (tmp_path / "next" / "sheet.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [row["reason"] for row in csv.DictReader(file)] == [row["reason"] for row in rows]
    tasks = json.loads((tmp_path / "next" / "tasks.json").read_text(encoding="utf-8"))
    assert [task["data"]["sentence"] for task in tasks] == [row["id"] for row in rows]
    assert all("earlier_frames" not in task["data"] and task["predictions"] for task in tasks)
    said = annotate(
        "next", "data=jsonl", sentences, model, "relabel=true", "measure=margin", f"output={tmp_path}/all"
    )
    assert "18 of 18 sentences chosen" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["exprt"], "action=exprt: expected one of export, import, next"),
        ([], "action: has no value yet"),
        (["import"], "files=[]"),
        (["next"], "model: has no value yet"),
        (["next", "model=nowhere", "count=0"], "count=0"),
        (["next", "model=nowhere", "rare=-1"], "rare=-1.0"),
        (["next", "model=nowhere", "relabel=true"], "nowhere: is not a saved model"),
        (["export", "model=m", "blind=true"], "Take out one of the two"),
        (["export", "output=PLACE/used"], "has files already"),
        (["export", "output=PLACE/used/file"], "cannot be used"),
    ],
)
def test_a_mistake_is_told(annotate, tmp_path, arguments, words):
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("")
    own = [] if any("output" in word for word in arguments) else [f"output={tmp_path}/out"]
    with pytest.raises(FramingError, match=re.escape(words)):
        annotate(*[word.replace("PLACE", str(tmp_path)) for word in arguments], *own)


def test_bad_rows_stop_or_are_left_out_and_listed(annotate, write, tmp_path):
    rows = own_rows()
    rows[3]["text"] = ""
    common = ["data=jsonl", f"data.path={write(rows)}"]
    with pytest.raises(CorpusError, match="line 4, text"):
        annotate("export", *common, f"output={tmp_path}/out")
    said = annotate("export", *common, f"output={tmp_path}/out", "data.on_error=quarantine")
    assert "1 problem(s) in the data" in said
    assert '"line": 4' in (tmp_path / "out" / "rejected_rows.jsonl").read_text()
    files = f"files=[{tmp_path}/out/sheet.csv]"
    said = annotate("import", *common, files, f"output={tmp_path}/back", "data.on_error=quarantine")
    assert "1 with a problem" in said


def test_as_a_user_types_it(command, tmp_path):
    done = command("annotate", "export", f"output={tmp_path}/out")
    assert done.returncode == 0, done.stderr
    assert "107 sentences to label" in done.stdout
    done = command("annotate", "next", "model=nowhere", "relabel=true", f"output={tmp_path}/next")
    assert done.returncode == 2
    assert done.stderr.startswith("error: nowhere: is not a saved model")
    done = command("annotate", "--help")
    assert done.returncode == 0
    for word in ("export", "import", "next", "model=FOLDER", "blind", "diversity"):
        assert word in done.stdout
    settings = done.stdout.partition("Settings (key=value)")[2]
    places = [settings.index(word) for word in (
        "# every action", "action:", "output:", "# export and next", "threshold:", "blind:", "# import", "files:",
        "# next", "count:", "relabel:",
    )]  # fmt: skip
    assert places == sorted(places)
