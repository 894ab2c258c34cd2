"""The frames and the voice of sentences in a file of any size, in chunks that outlive an interruption.

Every finished chunk stands as a part in the folder `<output>.unfinished`, beside `plan.json`, which says
what the parts were made from. The same command makes the parts that are missing; at the end all are joined.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from framing import __version__
from framing.core.errors import FramingError
from framing.data.chunks import FORMATS, Chunk, Row, chunk_of, count_rows, read_chunks, text_rows
from framing.data.parts import OUTPUTS, join_parts, json_line, write_part
from framing.models.folder import MANIFEST, load_model, load_thresholds
from framing.models.interface import cut_sentences
from framing.models.labeller import Labeller
from framing.reporting.console import Rate, progress

STANDARD = Path("-")

PLAN, REJECTED = "plan.json", "rejected.jsonl"
ARRIVED = 2**16
"""Bytes of standard input that are taken at once: what has arrived is answered."""


@dataclass(frozen=True)
class PredictionPlan:
    """What is read, how it is predicted and what is written.

    Attributes:
        input: .jsonl, .csv, .tsv, .parquet or .txt; `-` for standard input, a sentence a line.
        output: .jsonl, .csv or .parquet.
        text: the column that holds the sentence.
        chunk: rows that are predicted at once.
        settings: what else decides what a part holds.
        overwrite: whether an output that is there is replaced.
    """

    input: Path
    output: Path
    text: str
    chunk: int
    settings: dict[str, object]
    overwrite: bool = False

    @property
    def unfinished(self) -> Path:
        """The folder of the finished chunks."""
        return self.output.with_name(f"{self.output.name}.unfinished")

    @property
    def rejected(self) -> Path:
        """The rows that could not be used, one a line."""
        return self.output.with_name(f"{self.output.name}.rejected.jsonl")

    def part(self, number: int) -> Path:
        """Return where a finished chunk stands."""
        return self.unfinished / f"part-{number:05d}{self.output.suffix.lower()}"

    def fingerprint(self) -> dict[str, object]:
        """Return everything that decides what the parts hold."""
        file = self.input.stat() if self.input != STANDARD else None
        where = {"input": str(self.input.absolute())} if file else {"input": "-"}
        when = {"size": file.st_size, "modified": file.st_mtime_ns} if file else {}
        return {**where, **when, "text": self.text, "chunk": self.chunk, **self.settings}


@dataclass
class Predicted:
    """What was done: chunks made now and kept from before, sentences, of them cut, rows left out, notes."""

    made: int = 0
    kept: int = 0
    sentences: int = 0
    cut: int = 0
    rejected: int = 0
    blank: int = 0
    notes: list[str] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)


def open_labeller(folder: Path, backend: str, threshold: float | None, prefix: str) -> Labeller:
    """Return what labels with a saved model; every backend is chosen here. `threshold` None: the model's own.

    Raises:
        FramingError: the folder is no saved model, or the backend cannot run this one.
    """
    model, codebook = load_model(folder)
    if backend != "torch":
        from framing.models.onnx_backend import use_onnx

        use_onnx(model, codebook, folder, int8=backend == "onnx-int8")
    own = load_thresholds(folder, codebook)
    thresholds = own if threshold is None else np.full(len(own), threshold)
    return Labeller(model.predict, codebook, thresholds, partial(cut_sentences, model), prefix)


def settings_of(folder: Path, labeller: Labeller, backend: str) -> dict[str, object]:
    """Return what decides, beside the input, what is predicted; the manifest has the sums of all files."""
    return {
        "model": hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest(),
        "thresholds": labeller.thresholds.tolist(),
        "prefix": labeller.prefix,
        "backend": backend,
        "framing": __version__,
    }


def check_files(input_: Path, output: Path, *, overwrite: bool) -> None:
    """Raise a FramingError unless the input is there and the output may be written."""
    if input_ != STANDARD and not input_.is_file():
        raise FramingError(
            f"input={input_}: there is no such file. Relative paths start at the folder where you type."
        )
    if input_ != STANDARD and input_.suffix.lower() not in FORMATS:
        raise FramingError(
            f"input={input_}: expected a name that ends in {', '.join(FORMATS)}, or - for standard input."
        )
    if output.suffix.lower() not in OUTPUTS:
        raise FramingError(f"output={output}: expected a name that ends in {', '.join(OUTPUTS)}.")
    if not output.exists():
        return
    if output.is_dir() or (input_ != STANDARD and output.samefile(input_)):
        raise FramingError(f"output={output}: is the input or a folder. Choose another name.")
    if not overwrite:
        raise FramingError(
            f"output={output}: is there already. Choose another name, or overwrite=true to replace it."
        )


def predict_file(plan: PredictionPlan, labeller: Labeller) -> Predicted:
    """Predict every sentence of the input and write the output.

    Raises:
        FramingError: a file cannot be read or written, a column is there already, or nothing is usable.
    """
    check_files(plan.input, plan.output, overwrite=plan.overwrite)
    done = Predicted()
    with _writing(plan.output):
        _begin(plan, done)
        try:
            _make_parts(plan, labeller, done)
            _finish(plan, labeller, done)
        except KeyboardInterrupt as interrupted:
            if plan.input != STANDARD:
                finished = len(list(plan.unfinished.glob("part-*")))
                interrupted.add_note(
                    f"{finished} finished chunk(s) are kept in {plan.unfinished}; the same command goes on."
                )
            raise
        except FramingError:
            if not any(plan.unfinished.glob("part-*")):
                _remove(plan)
            raise
    return done


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FramingError(
            f"{error.filename or path}: cannot be written ({error.strerror or error}). Make room, or choose "
            "another output."
        ) from error


def _begin(plan: PredictionPlan, done: Predicted) -> None:
    """Make the folder of the parts, or keep what an earlier command with the same plan left there."""
    wanted = plan.fingerprint()
    file = plan.unfinished / PLAN
    plan.unfinished.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] | None = None
    with suppress(OSError, ValueError):
        found = json.loads(file.read_text(encoding="utf-8"))
    if plan.input == STANDARD or found != wanted:
        if found is not None and plan.input != STANDARD:
            keys = {*found, *wanted} if isinstance(found, dict) else set()
            differ = ", ".join(sorted(key for key in keys if found.get(key) != wanted.get(key))) + " differ"
            done.notes.append(f"{plan.unfinished} was left by another command ({differ}): begun anew.")
            print(done.notes[-1], file=sys.stderr)
        _clear(plan)
        draft = plan.unfinished / f"draft-{PLAN}"
        draft.write_text(json.dumps(wanted, indent=2), encoding="utf-8")
        os.replace(draft, file)


def _clear(plan: PredictionPlan) -> None:
    """Remove what this command writes into the folder of the parts, the plan last."""
    for pattern in ("draft-*", "part-*", REJECTED, PLAN):
        for path in plan.unfinished.glob(pattern):
            path.unlink()


def _remove(plan: PredictionPlan) -> None:
    _clear(plan)
    with suppress(OSError):  # somebody else's file lies there
        plan.unfinished.rmdir()


def _chunks(plan: PredictionPlan) -> Iterator[Chunk]:
    if plan.input != STANDARD:
        yield from read_chunks(plan.input, plan.text, plan.chunk)
        return
    rows = text_rows(sys.stdin.buffer, plan.text)
    while batch := list(islice(rows, plan.chunk)):
        yield chunk_of(batch, plan.text)


def _make_parts(plan: PredictionPlan, labeller: Labeller, done: Predicted) -> None:
    """Predict the chunks that are not finished; the rejected rows are written anew every time."""
    with progress(Rate("sentences")) as bar, (plan.unfinished / REJECTED).open("w", encoding="utf-8") as bad:
        total = None if bar.disable or plan.input == STANDARD else count_rows(plan.input)
        task = bar.add_task("predicting", total=total)
        read = 0
        for number, chunk in enumerate(_chunks(plan), start=1):
            labeller.check(chunk.columns, str(plan.input))
            bad.writelines(row.to_json() for row in chunk.rejected)
            done.rejected += len(chunk.rejected)
            done.blank += chunk.blank
            done.sentences += len(chunk.texts)
            done.cut += int(labeller.cut(chunk.texts).sum())
            read += len(chunk.texts) + len(chunk.rejected) + chunk.blank
            if chunk.texts:
                part = plan.part(number)
                done.parts.append(part)
                if part.exists():
                    done.kept += 1
                    bar.reset(task, total=total, completed=read)  # the rate is that of the work done now
                    continue
                write_part(part, chunk.content, labeller.added(chunk.texts, chunk.sources))
                done.made += 1
            bar.update(task, completed=read)


def _finish(plan: PredictionPlan, labeller: Labeller, done: Predicted) -> None:
    """Put the output and the rejected rows in their places and remove the parts."""
    draft = plan.unfinished / f"draft-{plan.output.name}"
    if done.parts:
        texts = join_parts(done.parts, draft, labeller.columns)
        done.notes += [f"{name}: holds values of several kinds, written as text" for name in texts]
    if done.rejected:
        os.replace(plan.unfinished / REJECTED, plan.rejected)
    else:
        plan.rejected.unlink(missing_ok=True)
    if done.parts:
        os.replace(draft, plan.output)
    _remove(plan)
    if not done.parts:
        where = f", listed in {plan.rejected}" if done.rejected else ""
        raise FramingError(
            f"input={plan.input}: has no sentence ({done.rejected} row(s) rejected{where}). Nothing written."
        )


def answer(text: str, size: int, labeller: Labeller) -> Predicted:
    """Answer sentences of standard input, one a line, on standard output as soon as they arrive."""
    labeller.check([text], "standard input")
    done = Predicted()
    for rows in _arriving(text, size):
        chunk = chunk_of(rows, text)
        for row in chunk.rejected:
            print(f"line {row.line} {row.reason}: {row.found}", file=sys.stderr)
        done.rejected += len(chunk.rejected)
        done.blank += chunk.blank
        if chunk.texts:
            added = labeller.added(chunk.texts, chunk.sources)
            columns = [values.to_pylist() for values in added.values()]
            for sentence, *values in zip(chunk.texts, *columns, strict=True):
                sys.stdout.write(json_line({text: sentence, **dict(zip(added, values, strict=True))}))
            sys.stdout.flush()
            done.cut += int(labeller.cut(chunk.texts).sum())
            done.sentences += len(chunk.texts)
    return done


def _arriving(text: str, size: int) -> Iterator[list[Row]]:
    """Yield the lines of standard input that have arrived, at most `size` at once."""
    line, rest = 1, b""
    while block := os.read(sys.stdin.fileno(), ARRIVED):
        *lines, rest = (rest + block).split(b"\n")
        rows = text_rows(lines, text, line)
        line += len(lines)
        while batch := list(islice(rows, size)):
            yield batch
    if rest:
        yield list(text_rows([rest], text, line))
