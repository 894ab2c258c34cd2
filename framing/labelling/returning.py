"""Judge what came back: which labels can be used, and what they change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from framing.core.codebook import Codebook
from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.candidates import Candidates, blind_id
from framing.data.validation import label_problems
from framing.labelling.annotations import Annotation, Returned
from framing.labelling.label_studio_export import read_label_studio
from framing.labelling.sheet import read_sheet

CHANGE_SCHEMA = {
    "id": pl.String, "annotator": pl.String, "change": pl.String, "frames_before": pl.String,
    "frames": pl.String, "voice_before": pl.String, "voice": pl.String, "text": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """Labels of all annotators, checked.

    Attributes:
        annotations: that can be used; `sentence` is the id in the corpus.
        problems: of those that cannot, and of results that are no labels.
        unlabelled: tasks that were skipped or that nobody labelled.
    """

    annotations: tuple[Annotation, ...]
    problems: tuple[Problem, ...]
    unlabelled: tuple[Problem, ...]

    @property
    def annotators(self) -> list[str]:
        """The names of the annotators, sorted."""
        return sorted({made.annotator for made in self.annotations})


def read_annotations(codebook: Codebook, files: Sequence[str]) -> Returned:
    """Read Label Studio's exports (`.json`) and sheets (`.csv`), one after the other.

    Raises:
        FramingError: no file, a file that cannot be read, or one with another ending.
    """
    if not files:
        raise FramingError("files=[]: expected at least one file, such as files=[export.json,sheet.csv].")
    together = Returned()
    for path in files:
        match Path(path).suffix.lower():
            case ".json":
                returned = read_label_studio(path)
            case ".csv":
                returned = read_sheet(path, codebook)
            case other:
                raise FramingError(
                    f"{path}: found the ending {other!r}; expected .json (Label Studio's export as JSON or "
                    "JSON-MIN) or .csv (the sheet)."
                )
        together.annotations += returned.annotations
        together.problems += returned.problems
        together.unlabelled += returned.unlabelled
    return together


def check_annotations(returned: Returned, candidates: Candidates, *, quarantine: bool) -> Labelled:
    """Find labels that the codebook or the corpus does not know, and repeated ones.

    Args:
        returned: what the files hold.
        candidates: the sentences that were exported, or more.
        quarantine: go on without the annotations that have a problem, instead of stopping.

    Raises:
        CorpusError: there are problems, and `quarantine` is off.
    """
    known, problems = _known(returned, candidates)
    wrong = _label_problems(known, candidates.codebook)
    problems += wrong.values()
    if problems and not quarantine:
        raise CorpusError(problems)
    usable = tuple(made for number, made in enumerate(known) if number not in wrong)
    return Labelled(usable, tuple(problems), tuple(returned.unlabelled))


def changes(labelled: Labelled, candidates: Candidates) -> pl.DataFrame:
    """Return the labels that are new or differ from those that the sentences had.

    Returns:
        One row an annotation: `id`, `annotator`, `change` (new or changed), `frames_before`, `frames`,
        `voice_before`, `voice` (frames divided by ";"), `text`. In the order of the annotations.
    """
    before = {row["id"]: row for row in candidates.table.iter_rows(named=True)}
    order = candidates.codebook.frame_ids
    rows = []
    for made in labelled.annotations:
        row = before[made.sentence]
        frames, voice = _joined(made.frames, order), made.voice
        earlier = None if row["frames"] is None else _joined(row["frames"], order)
        if earlier == frames and row["voice"] == voice:
            continue
        change = "new" if earlier is None else "changed"
        rows.append(
            (made.sentence, made.annotator, change, earlier, frames, row["voice"], voice, row["text"])
        )
    return pl.DataFrame(rows, schema=CHANGE_SCHEMA, orient="row")


def _known(returned: Returned, candidates: Candidates) -> tuple[list[Annotation], list[Problem]]:
    """Return the first annotation of every sentence by every annotator, and what is wrong with the others."""
    problems = [*candidates.problems, *returned.problems]
    names = candidates.table["id"].to_list()
    ids = {blind_id(identifier): identifier for identifier in names} | {name: name for name in names}
    known: dict[tuple[str, str], Annotation] = {}
    for found in returned.annotations:
        made = found._replace(sentence=ids.get(found.sentence, found.sentence))
        if made.sentence not in ids:
            expected = "the id of a sentence of the corpus"
            cure = "Choose the corpus of the export by data=; a spreadsheet may have changed the id."
            problems.append(made.problem("sentence", repr(made.sentence), expected, cure))
        elif first := known.get((made.annotator, made.sentence)):
            where = " ".join([f"{first.file}, line {first.line}", first.place]).strip()
            expected = f"labels once an annotator ({where} has {_told(first)})"
            problems.append(
                made.problem("sentence", f"labels {_told(made)}", expected, "Delete one of the two.")
            )
        else:
            known[made.annotator, made.sentence] = made
    return list(known.values()), problems


def _label_problems(made: Sequence[Annotation], codebook: Codebook) -> dict[int, Problem]:
    """Return what the codebook does not allow, by the annotation's number."""
    table = pl.DataFrame(
        {
            "id": [f"{one.sentence}, annotator {one.annotator}, labels {_told(one)}" for one in made],
            "frames": [list(one.frames) for one in made],
            "voice": [one.voice for one in made],
            "line": range(len(made)),
        },
        schema={"id": pl.String, "frames": pl.List(pl.String), "voice": pl.String, "line": pl.Int64},
    )
    wrong = {}
    for problem in label_problems(table, "", codebook):
        one = made[problem.line]
        column = f"{one.place}, {problem.column}" if one.place else problem.column
        wrong[problem.line] = replace(problem, file=one.file, line=one.line, column=column)
    return wrong


def _told(made: Annotation) -> str:
    return f"[{', '.join(made.frames)}] {made.voice or 'without voice'}"


def _joined(frames: Iterable[str], order: Sequence[str]) -> str:
    return ";".join(frame for frame in order if frame in set(frames))
