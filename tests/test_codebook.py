from dataclasses import replace

import pytest

from framing.build import build_codebook
from framing.cli import CONFIGS
from framing.core.codebook import Codebook, Example
from framing.core.errors import FramingError
from framing.reporting.page import codebook_page
from tests.conftest import make_codebook


def test_the_codebook_has_8_frames_3_voices_and_13_rules(composed):
    codebook = build_codebook(composed().codebook)
    assert codebook.frame_ids == (
        "liberation", "capture", "occupation", "defensive_justification", "advantage", "resistance",
        "civilian_harm", "discrediting",
    )  # fmt: skip
    assert codebook.voice_ids == ("asserted", "attributed", "contested")
    assert len(codebook.rules) == 13
    assert not codebook.single_label


def test_the_page_beside_the_yaml_is_up_to_date(composed):
    codebook = build_codebook(composed().codebook)
    stored = (CONFIGS / "codebook" / f"{codebook.name}.md").read_text(encoding="utf-8")
    assert stored == codebook_page(codebook), "run: make codebook"


def test_json_keeps_everything(composed):
    codebook = build_codebook(composed().codebook)
    assert Codebook.from_json(codebook.to_json()) == codebook
    assert codebook.sha256 != make_codebook().sha256


def test_a_page_leaves_out_what_a_codebook_has_not():
    page = codebook_page(make_codebook(voices=()))
    assert "## Voice" not in page
    assert "## Borderline" not in page
    assert "| `red` | about red |" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: {"frames": (*c.frames, c.frames[0])}, "frame id 'red' stands more than once"),
        (lambda c: {"voices": (*c.voices, c.voices[0])}, "voice id 'asserted' stands more than once"),
        (lambda c: {"frames": c.frames[:1]}, "at least two"),
        (
            lambda c: {"frames": (replace(c.frames[0], patterns=("(",)), *c.frames[1:])},
            "no regular expression",
        ),
        (
            lambda c: {
                "frames": (replace(c.frames[0], examples=(Example("t", ("pink",), None),)), *c.frames[1:])
            },
            "unknown label 'pink'",
        ),
        (
            lambda c: {
                "frames": (replace(c.frames[0], examples=(Example("t", ("red",), "loud"),)), *c.frames[1:])
            },
            "unknown label 'loud'",
        ),
    ],
)
def test_a_codebook_that_contradicts_itself_is_refused(codebook, change, words):
    with pytest.raises(FramingError, match=words):
        replace(codebook, **change(codebook))


def test_another_codebook_is_another_yaml_and_no_code(command, tmp_path, write):
    """A single-label codebook without voice, from a folder of the user's."""
    from tests.conftest import distinct, make_rows

    (tmp_path / "mine" / "codebook").mkdir(parents=True)
    (tmp_path / "mine" / "codebook" / "colours.yaml").write_text(
        "# Colours\ndefaults: [/schema/codebook@_here_, _self_]\nname: colours\nversion: '1'\ntitle: Colours\n"
        "task: single_label\nunit: one sentence\nframes:\n"
        "  - {id: red, definition: about red}\n  - {id: blue, definition: about blue}\n  - {id: green, definition: g}\n"
    )
    rows = [row | {"frames": row["frames"][:1]} for row in distinct(make_rows()) if row["frames"]]
    done = command(
        "train", "--config-dir", str(tmp_path / "mine"), "codebook=colours", "data=jsonl", "tracking=none",
        f"data.path={write(rows)}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "colours" not in done.stderr
    assert (tmp_path / "run" / "model" / "model.json").exists()
    assert "voice_macro_f1 ┃" in done.stdout
