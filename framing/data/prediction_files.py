"""Read files of predictions, also those that this project did not make, and lay them beside labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.codebook import Codebook
from framing.core.corpus import NO_VOICE, Corpus
from framing.core.errors import FramingError
from framing.data.columns import label_columns
from framing.data.formats import reader_of
from framing.data.reading import Rows
from framing.evaluation.judgement import Judgement

RUN_TABLE = Path("tables") / "predictions.csv"
"""Where a training run keeps its predictions."""

SHOWN = 3


@dataclass(frozen=True, eq=False)
class PredictionFile:
    """The predictions of one file, in its order.

    Attributes:
        path: of the file.
        table: one row a prediction: `id`, `text` and `fold` (null without such a column) and `line`.
        column: that holds the predicted frames, with its prefix; "" when there are probabilities only.
        judgement: what is predicted.
    """

    path: str
    column: str
    table: pl.DataFrame
    judgement: Judgement

    def folds_of(self, corpus: Corpus) -> list[str] | None:
        """Return the fold in which each sentence of the corpus was predicted, None if that is not known."""
        if self.table["fold"].null_count() or self.table["id"].null_count():
            return None
        fold = dict(self.table.select("id", "fold").iter_rows())
        found = [fold.get(name) for name in corpus.sentences["id"].to_list()]
        return None if None in found else [str(name) for name in found]


def prediction_path(path: str) -> str:
    """Return the file with the predictions: the path itself, or the table in the folder of a run.

    Raises:
        FramingError: the folder is not that of a run.
    """
    if not Path(path).is_dir():
        return path
    table = Path(path) / RUN_TABLE
    if not table.is_file():
        raise FramingError(
            f"{path}: is a folder without {RUN_TABLE}. Expected a file of predictions, or the folder of a "
            "training run that has finished."
        )
    return str(table)


def read_predictions(
    path: str, codebook: Codebook, *, prefix: str = "", threshold: float = 0.5
) -> PredictionFile:
    """Read the predictions of a file that `framing.predict`, a training run or another program wrote.

    The predicted frames stand in `predicted_frames` if there is such a column, otherwise in `frames`; the
    voice in `predicted_voice` or `voice`; probabilities in `p_<frame>` and `p_<voice>`. A file may have
    labels only, or probabilities only: then a frame is predicted from the threshold on.

    Args:
        path: .csv, .tsv, .parquet or JSON lines.
        codebook: whose frames and voices are predicted.
        prefix: stands before the names of the columns, as `framing.predict prefix=` writes them.
        threshold: for a file without predicted frames.

    Raises:
        FramingError: the file cannot be read, predicts nothing, has some probabilities but not all, or
            a value that cannot be a prediction.
    """
    shares = [f"p_{label}" for label in codebook.frame_ids + codebook.voice_ids]
    labels = ["predicted_frames", "frames", "predicted_voice", "voice"]
    asked = {"id": "id", "text": "text", "fold": "fold"} | {name: prefix + name for name in labels + shares}
    rows = reader_of(path)(asked)
    if rows.problems:
        raise FramingError(f"{rows.problems[0]}")
    if rows.table.is_empty():
        raise FramingError(f"{path}: has no rows. Expected a prediction a row.")
    if not prefix:
        _check_prefix(rows)
    frame_shares = _shares(rows, [f"p_{frame}" for frame in codebook.frame_ids], prefix)
    voice_shares = _shares(rows, [f"p_{voice}" for voice in codebook.voice_ids], prefix)
    column = next((name for name in ("predicted_frames", "frames") if name in rows.table.columns), "")
    if not column and frame_shares is None:
        raise FramingError(
            f"{path}: predicts nothing: found the columns {', '.join(rows.names)}; expected "
            f"{prefix}predicted_frames, {prefix}frames or {prefix}p_{codebook.frame_ids[0]}, ... "
            "Rename the columns, or set prefix= to what stands before their names."
        )
    predicted = (
        _above(codebook, frame_shares, threshold)
        if frame_shares is not None and not column
        else _written(rows, codebook, column, prefix)
    )
    judgement = Judgement(predicted, _voices(rows, codebook, voice_shares), frame_shares)
    return PredictionFile(path, prefix + column if column else "", _keys(rows), judgement)


def _check_prefix(rows: Rows) -> None:
    """Raise a FramingError if the predictions seem to stand under another name, beside the labels."""
    ends = ("frames", "predicted_frames")
    others = [name for name in rows.names if name.endswith("frames") and name not in ends]
    if "predicted_frames" not in rows.names and others:
        raise FramingError(
            f"{rows.path}: has a column {others[0]!r} too, so `frames` may be the labels and not the "
            "predictions. If that column holds the predictions, set "
            f"prefix={others[0].removesuffix('frames')}; if not, rename it."
        )


def aligned(file: PredictionFile, corpus: Corpus) -> tuple[Judgement, list[str]]:
    """Return the predictions in the order of the corpus, and what must be said.

    Rows belong together by `id`, or by `text` where no id is known; a file with neither has to have as
    many rows as the corpus, in the same order.

    Raises:
        FramingError: a labelled sentence has no prediction, or more than one.
    """
    key = _key(file, corpus)
    if key is None:
        if len(corpus) != file.table.height:
            raise FramingError(
                f"{file.path}: has no column id or text by which its rows could be found, and "
                f"{file.table.height} rows for {len(corpus)} labelled sentences. Add one of the columns."
            )
        return file.judgement, [f"{file.path}: taken row by row, because it has no ids and no texts."]
    where = _places(file, key)
    wanted = corpus.sentences[key].to_list()
    if missing := [value for value in wanted if value not in where]:
        raise FramingError(
            f"{file.path}: {len(missing)} of {len(corpus)} labelled sentences have no prediction, such as "
            f"{_shown(missing)} (found by {key}). Predict them too, or take them out of the labels."
        )
    order = np.array([where[value] for value in wanted], dtype=np.intp)
    _check_texts(file, corpus, order)
    notices = []
    if unused := file.table.height - len(set(order.tolist())):
        notices.append(f"{file.path}: {unused} predictions are of sentences without a label and not scored.")
    return _taken(file.judgement, order), notices


def _check_texts(file: PredictionFile, corpus: Corpus, order: NDArray[np.intp]) -> None:
    """Raise a FramingError if a prediction is of another text than the label with its id."""
    texts = file.table["text"][order.tolist()]
    other = (texts.str.strip_chars() != corpus.sentences["text"].str.strip_chars()).fill_null(value=False)
    if other.any():
        row = int(other.arg_true()[0])
        raise FramingError(
            f"{file.path}: {int(other.sum())} of {len(corpus)} predictions stand beside another text than "
            f"the label of the same id, such as {corpus.sentences['id'][row]!r}: {texts[row][:60]!r} for "
            f"{corpus.sentences['text'][row][:60]!r}. Give both files the same ids."
        )


def _key(file: PredictionFile, corpus: Corpus) -> str | None:
    """Return the column by which most labelled sentences are found, None if there is none in the file."""
    there = [name for name in ("id", "text") if file.table[name].null_count() == 0]
    found = {name: corpus.sentences[name].is_in(file.table[name].implode()).sum() for name in there}
    return max(there, key=lambda name: found[name]) if there else None


def _places(file: PredictionFile, key: str) -> dict[str, int]:
    """Return the row of every id or text; one that stands twice must be predicted alike."""
    places: dict[str, int] = {}
    for row, value in enumerate(file.table[key].to_list()):
        first = places.setdefault(value, row)
        if first != row and not _same(file.judgement, first, row):
            lines = file.table["line"][first], file.table["line"][row]
            raise FramingError(
                f"{file.path}: the {key} {value[:80]!r} stands in line {lines[0]} and line {lines[1]} with "
                "different predictions. Keep one of them."
            )
    return places


def _same(judgement: Judgement, first: int, second: int) -> bool:
    pairs = [judgement.predicted, judgement.voices]
    return all(np.array_equal(values[first], values[second]) for values in pairs)


def _taken(judgement: Judgement, order: NDArray[np.intp]) -> Judgement:
    shares = judgement.probabilities
    return Judgement(
        judgement.predicted[order], judgement.voices[order], None if shares is None else shares[order]
    )


def _keys(rows: Rows) -> pl.DataFrame:
    keys = ("id", "text", "fold")
    missing = [name for name in keys if name not in rows.table.columns]
    table = rows.table.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
    return table.select(*keys, "line")


def _shares(rows: Rows, names: Sequence[str], prefix: str) -> NDArray[np.float64] | None:
    """Return the probabilities of these columns, None if the file has none of them."""
    missing = [name for name in names if name not in rows.table.columns]
    if len(missing) == len(names):
        return None
    if missing:
        raise FramingError(
            f"{rows.path}: has probabilities, but no column {prefix}{missing[0]}. Expected one for each of "
            f"{', '.join(prefix + name for name in names)}; or leave all of them out."
        )
    numbers = rows.table.select(pl.col(names).cast(pl.Float64, strict=False))
    for name in names:
        wrong = ~numbers[name].is_between(0, 1).fill_null(value=False)
        if wrong.any():
            row = int(wrong.arg_true()[0])
            raise FramingError(
                f"{rows.path}, {rows.unit} {rows.table['line'][row]}: {prefix}{name} is "
                f"{rows.table[name][row]!r}, expected a number from 0 to 1."
            )
    return numbers.to_numpy()


def _written(rows: Rows, codebook: Codebook, column: str, prefix: str) -> NDArray[np.bool_]:
    """Return the predicted frames as the file has them."""
    table = rows.table.select(pl.lit("").alias("id"), pl.col(column).alias("frames"), "line")
    read = label_columns(Rows(rows.path, table, names=["id", "frames"], unit=rows.unit))
    ids = codebook.frame_ids
    predicted = np.zeros((table.height, len(ids)), dtype=np.bool_)
    for row, frames in enumerate(read.table["frames"].to_list()):
        for frame in frames or []:
            if frame not in ids:
                raise FramingError(
                    f"{rows.path}, {rows.unit} {table['line'][row]}: {prefix}{column} has {frame!r}, which "
                    f"codebook {codebook.name} does not know. Expected {', '.join(ids)}."
                )
            predicted[row, ids.index(frame)] = True
    return predicted


def _above(codebook: Codebook, shares: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """Return the frames whose probability reaches the threshold, or the likeliest if there is one only."""
    if codebook.single_label:
        return np.asarray(shares.argmax(axis=1)[:, np.newaxis] == np.arange(shares.shape[1]))
    return np.asarray(shares >= threshold)


def _voices(rows: Rows, codebook: Codebook, shares: NDArray[np.float64] | None) -> NDArray[np.int8]:
    """Return the likeliest voice where there are probabilities, otherwise the voice that is written."""
    if shares is not None:
        return np.asarray(shares.argmax(axis=1), dtype=np.int8)
    codes = np.full(rows.table.height, NO_VOICE, dtype=np.int8)
    column = next((name for name in ("predicted_voice", "voice") if name in rows.table.columns), None)
    if column is None:
        return codes
    ids = codebook.voice_ids
    for row, voice in enumerate(rows.table[column].to_list()):
        if voice is None or not voice.strip():
            continue
        if voice not in ids:
            raise FramingError(
                f"{rows.path}, {rows.unit} {rows.table['line'][row]}: {column} is {voice!r}, which codebook "
                f"{codebook.name} does not know. Expected {', '.join(ids) or 'no voice'}."
            )
        codes[row] = ids.index(voice)
    return codes


def _shown(values: Sequence[str]) -> str:
    return ", ".join(repr(value[:60]) for value in values[:SHOWN])
