"""A sheet for a spreadsheet: one row a sentence, one column a frame with 0 or 1, and the voice.

It begins with a byte order mark, by which spreadsheets know UTF-8. A cell that a spreadsheet would run as
a formula gets a leading apostrophe, which is taken off when the sheet comes back.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from framing.core.codebook import Codebook
from framing.core.errors import FramingError, Problem
from framing.data.candidates import Candidates, blind_id
from framing.labelling.annotations import Annotation, Returned
from framing.models.interface import Prediction

FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
ABOUT = ("source", "article", "kind")
COLUMNS = ("sentence", "annotator", "text", *ABOUT, "voice", "reason")
SEPARATORS = (",", ";", "\t")


def sheet(
    candidates: Candidates, *, blind: bool, prediction: Prediction | None, reasons: list[str] | None
) -> str:
    """Return the sheet as CSV text, its rows in the order of the candidates.

    Args:
        candidates: n sentences; labels that they have already are filled in, unless blind.
        blind: give the text and a blind id only.
        prediction: of a model; its probabilities stand in columns `p_<label>` of their own, so that
            nobody sends them back as labels unread. None to leave them out.
        reasons: why each sentence is to be labelled; None to leave it out.

    Raises:
        FramingError: a frame has the name of one of the sheet's own columns.
    """
    codebook = candidates.codebook
    _check_names(codebook)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    about = () if blind else ABOUT
    voice = ("voice",) if codebook.voices else ()
    probabilities = _probability_columns(codebook) if prediction is not None else ()
    reason = () if reasons is None else ("reason",)
    writer.writerow(
        ["sentence", "annotator", "text", *about, *codebook.frame_ids, *voice, *probabilities, *reason]
    )
    for number, row in enumerate(candidates.table.iter_rows(named=True)):
        cells = [blind_id(row["id"]) if blind else row["id"], "", row["text"], *[row[name] for name in about]]
        cells += _label_cells(codebook, None if blind else row["frames"], row["voice"])
        if prediction is not None:
            shares = [*prediction.frames[number], *prediction.voices[number]]
            cells += [f"{share:.3f}" for share in shares]
        writer.writerow([_guarded(cell) for cell in cells] + ([] if reasons is None else [reasons[number]]))
    return text.getvalue()


def read_sheet(path: str, codebook: Codebook) -> Returned:
    """Read a sheet that an annotator filled in.

    A row whose frames and voice are all blank was not labelled; in any other row a blank frame means 0.
    A row without an annotator is the file's.

    Raises:
        FramingError: the file cannot be read, is not UTF-8 or lacks a column.
    """
    returned = Returned()
    rows = _rows(path)
    _, header = next(rows, (1, []))
    _check_header(path, header, codebook)
    for line, cells in rows:
        if len(cells) > len(header):
            cure = "Put quotation marks around a cell that holds the separator."
            found, expected = f"{len(cells)} cells", f"{len(header)}"
            returned.problems.append(Problem(path, line, "", found, expected, cure))
            continue
        row = dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))
        _read_row(row, codebook, (path, line), returned)
    return returned


def _read_row(row: dict[str, str], codebook: Codebook, at: tuple[str, int], returned: Returned) -> None:
    path, line = at
    marks = {frame: row[frame].strip() for frame in codebook.frame_ids}
    voice = row.get("voice", "").strip() if codebook.voices else ""
    annotator = _unguarded(row.get("annotator", "").strip()) or Path(path).stem
    made = Annotation(
        _unguarded(row["sentence"]), annotator, tuple(frame for frame, mark in marks.items() if mark == "1"),
        voice or None, path, line,
    )  # fmt: skip
    wrong = [(frame, mark) for frame, mark in marks.items() if mark not in ("", "0", "1")]
    if wrong:
        returned.problems += [
            made.problem(frame, repr(mark), "0 or 1", "Write 1 where the sentence has the frame.")
            for frame, mark in wrong
        ]
    elif not voice and not any(marks.values()):
        cure = "Write 0 or 1 in the columns of the frames, or leave the row blank."
        returned.unlabelled.append(made.problem("frames", "blank cells", "0 or 1", cure))
    else:
        returned.annotations.append(made)


def _rows(path: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which every row begins, and its cells; blank lines are passed over."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FramingError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise FramingError(
            f"{path}: is not UTF-8 text (byte {error.start + 1}). Save it as `CSV UTF-8`."
        ) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count))
    line = 1
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise FramingError(f"{path}, line {line}: {error}. Save the sheet again as `CSV UTF-8`.") from error


def _check_names(codebook: Codebook) -> None:
    taken = {*COLUMNS, *_probability_columns(codebook)}
    if clash := [frame for frame in codebook.frame_ids if frame in taken]:
        raise FramingError(
            f"Codebook {codebook.name}: a sheet has a column {clash[0]!r} of its own, so a frame cannot have "
            "that name there. Rename the frame."
        )


def _check_header(path: str, header: Sequence[str], codebook: Codebook) -> None:
    needed = ["sentence", *codebook.frame_ids, *(["voice"] if codebook.voices else [])]
    missing = [name for name in needed if header.count(name) != 1]
    if missing:
        raise FramingError(
            f"{path}, line 1: found the columns {', '.join(header) or 'of an empty file'}; expected "
            f"{', '.join(missing)} once. Keep the first row as `python -m framing.annotate export` wrote it, "
            "and choose the codebook of that export; from Label Studio export JSON, not CSV."
        )
    known = {*needed, *COLUMNS, *_probability_columns(codebook)}
    if unknown := [name for name in header if name not in known]:
        raise FramingError(
            f"{path}, line 1: found the column {unknown[0]!r}, no frame of codebook {codebook.name}. "
            "Choose the codebook of the export, or take the column out."
        )


def _probability_columns(codebook: Codebook) -> tuple[str, ...]:
    return tuple(f"p_{label}" for label in codebook.frame_ids + codebook.voice_ids)


def _label_cells(codebook: Codebook, frames: list[str] | None, voice: str | None) -> list[str]:
    voices = 1 if codebook.voices else 0
    if frames is None:
        return [""] * (len(codebook.frames) + voices)
    marks = ["1" if frame in frames else "0" for frame in codebook.frame_ids]
    return marks + [voice or ""] * voices


def _guarded(cell: Any) -> str:
    text = str(cell)
    return "'" + text if text.startswith(FORMULA) else text


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
