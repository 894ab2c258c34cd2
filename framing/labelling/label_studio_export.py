"""Read what Label Studio exports, as JSON or as JSON-MIN.

JSON has every annotation of every task, also the skipped ones (`was_cancelled`). JSON-MIN has one record
an annotation; Label Studio leaves skipped ones out of it, so they cannot be told from it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from framing.core.errors import FramingError, Problem
from framing.labelling.annotations import Annotation, Returned
from framing.labelling.label_studio import FRAMES, VOICE

LABEL_ANEW = "Label the sentence, or leave it without labels."
BLANK = re.compile(r"[\s,]*")


class Place(NamedTuple):
    """Where a record stands."""

    file: str
    line: int
    name: str

    def problem(self, column: str, found: str, expected: str, cure: str) -> Problem:
        """Return a problem with this record."""
        return Problem(self.file, self.line, f"{self.name}, {column}", found, expected, cure)


def read_label_studio(path: str) -> Returned:
    """Read the annotations of every annotator.

    Args:
        path: a JSON array of tasks (JSON) or of annotations (JSON-MIN). An annotation that names no
            annotator is the file's.

    Raises:
        FramingError: the file cannot be read, or is not a JSON array.
    """
    returned = Returned()
    for number, (line, record) in enumerate(_records(path)):
        place = Place(path, line, f"[{number}]")
        if isinstance(record, dict) and isinstance(record.get("annotations"), list):
            _read_task(record, place, returned)
        elif isinstance(record, dict) and "annotation_id" in record:
            _read_minimal(record, place, returned)
        else:
            returned.problems.append(
                place.problem(
                    "annotations", "no annotations", "a task of Label Studio's JSON or JSON-MIN export",
                    "Export the project again, as JSON.",
                )
            )  # fmt: skip
    return returned


def _records(path: str) -> Iterator[tuple[int, Any]]:
    """Yield every element of a JSON array with the line on which it begins."""
    text = _text(path)
    decoder = json.JSONDecoder()
    position = len(text) - len(text.lstrip())
    if text[position : position + 1] != "[":
        raise FramingError(
            f"{path}: found no JSON array; expected Label Studio's export as JSON or JSON-MIN."
        )
    line, counted = 1, 0
    position = _next(text, position + 1)
    while text[position : position + 1] != "]":
        try:
            record, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise FramingError(
                f"{path}, line {error.lineno}: {error.msg}. Export the project again."
            ) from error
        line += text.count("\n", counted, position)
        counted = position
        yield line, record
        position = _next(text, end)


def _next(text: str, position: int) -> int:
    found = BLANK.match(text, position)
    return position if found is None else found.end()


def _text(path: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FramingError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise FramingError(f"{path}: is not UTF-8 text (byte {error.start + 1}). Export it again.") from error


def _read_task(task: dict[str, Any], place: Place, returned: Returned) -> None:
    sentence = _sentence(task.get("data"), place, returned)
    if sentence is None:
        return
    if not task["annotations"]:
        returned.unlabelled.append(
            place.problem("annotations", f"none ({sentence})", "at least one annotation", LABEL_ANEW)
        )
    for number, made in enumerate(task["annotations"]):
        at = place._replace(name=f"{place.name}.annotations[{number}]")
        if not isinstance(made, dict) or not isinstance(made.get("result"), list):
            returned.problems.append(
                at.problem("result", f"none ({sentence})", "a list of results", "Export the project again.")
            )
            continue
        _read_annotation(made, sentence, at, returned)


def _read_annotation(made: dict[str, Any], sentence: str, place: Place, returned: Returned) -> None:
    choices: dict[str, list[str]] = {FRAMES: [], VOICE: []}
    annotator = _annotator(made.get("completed_by"), place.file)
    for result in made["result"]:
        name = result.get("from_name") if isinstance(result, dict) else None
        labels = _choices(result.get("value")) if isinstance(result, dict) else None
        if name not in choices or labels is None:
            returned.problems.append(
                place.problem(
                    "result", f"{name!r} ({sentence}, annotator {annotator})",
                    f"choices named {FRAMES} or {VOICE}",
                    "Use the exported labelling.xml; take other answers from the file itself.",
                )
            )  # fmt: skip
            continue
        choices[name] += labels
    if made.get("was_cancelled"):
        marked = f" after {', '.join(choices[FRAMES] + choices[VOICE])}" if any(choices.values()) else ""
        found = f"skipped{marked} ({sentence}, annotator {annotator})"
        returned.unlabelled.append(place.problem("was_cancelled", found, "labels", LABEL_ANEW))
        return
    _append(Labels(sentence, annotator, choices[FRAMES], choices[VOICE]), place, returned)


def _read_minimal(record: dict[str, Any], place: Place, returned: Returned) -> None:
    sentence = _sentence(record, place, returned)
    if sentence is None:
        return
    if record["annotation_id"] is None:
        returned.unlabelled.append(
            place.problem("annotation_id", f"none ({sentence})", "at least one annotation", LABEL_ANEW)
        )
        return
    annotator = _annotator(record.get("annotator"), place.file)
    frames, voices = _choices(record.get(FRAMES, [])), _choices(record.get(VOICE, []))
    if frames is None or voices is None:
        column, found = (FRAMES, record[FRAMES]) if frames is None else (VOICE, record[VOICE])
        returned.problems.append(
            place.problem(column, f"{found!r} ({sentence})", "choices", "Export the project again, as JSON.")
        )
        return
    _append(Labels(sentence, annotator, frames, voices), place, returned)


class Labels(NamedTuple):
    """Choices as they stand in the file."""

    sentence: str
    annotator: str
    frames: list[str]
    voices: list[str]


def _append(found: Labels, place: Place, returned: Returned) -> None:
    voice = found.voices[0] if found.voices else None
    made = Annotation(found.sentence, found.annotator, tuple(found.frames), voice, *place)
    if len(found.voices) > 1:
        returned.problems.append(
            made.problem(VOICE, ", ".join(found.voices), "one voice", "Choose one in Label Studio.")
        )
        return
    returned.annotations.append(made)


def _sentence(data: Any, place: Place, returned: Returned) -> str | None:
    sentence = data.get("sentence") if isinstance(data, dict) else None
    if isinstance(sentence, str):
        return sentence
    returned.problems.append(
        place.problem(
            "sentence", repr(sentence), "the id of a sentence, as the exported task had it",
            "Import the tasks that `python -m framing.annotate export` wrote.",
        )
    )  # fmt: skip
    return None


def _annotator(found: Any, path: str) -> str:
    """Return an annotator's email if the export has it, else the number; without either the file's name."""
    if isinstance(found, dict):
        found = found.get("email") or found.get("id")
    return Path(path).stem if found in (None, "") else str(found)


def _choices(found: Any) -> list[str] | None:
    """Return labels from any form in which Label Studio writes them, or None when it is none of them."""
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        return _choices(found["choices"]) if isinstance(found.get("choices"), list) else None
    if not isinstance(found, list):
        return None
    parts = [_choices(item) if isinstance(item, (str, dict)) else None for item in found]
    return None if None in parts else [label for part in parts if part is not None for label in part]
