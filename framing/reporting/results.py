"""What a training run found, as plain tables: everything that the reports are made from."""

from dataclasses import dataclass

import polars as pl

from framing.core.codebook import Codebook


@dataclass(frozen=True, eq=False)
class Results:
    """The findings of one run.

    Attributes:
        name: of the run.
        model: name of the model that `frames`, `sources`, `voices` and `predictions` are about.
        codebook: what the frames mean.
        split: name of the split.
        models: one row a model, the run's own first, then the baselines: `model`, `macro_f1`,
            `micro_f1`, `exact_match`, `voice_macro_f1` (null without voices).
        frames: the model's scores by frame (`evaluation.scores.frame_table`).
        sources: by source (`evaluation.scores.group_table`).
        voices: by voice (`evaluation.scores.voice_table`); no rows without voices.
        predictions: one row a sentence, predicted by a model that was not fitted on it.
        lexicon: the terms of every source (`evaluation.lexicon.lexicon_by_source`).
        lexicon_shown: terms a source in the figure and on the page.
        label_counts: `source`, `frame`, `sentences`.
        notices: what a reader must know before the numbers, in full sentences.
    """

    name: str
    model: str
    codebook: Codebook
    split: str
    models: pl.DataFrame
    frames: pl.DataFrame
    sources: pl.DataFrame
    voices: pl.DataFrame
    predictions: pl.DataFrame
    lexicon: pl.DataFrame
    lexicon_shown: int
    label_counts: pl.DataFrame
    notices: list[str]

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by the name of the file that each is written to."""
        return {
            "models": self.models,
            "frames": self.frames,
            "sources": self.sources,
            "voices": self.voices,
            "label_counts": self.label_counts,
            "lexicon": self.lexicon,
            "predictions": self.predictions,
        }

    def metrics(self) -> dict[str, float]:
        """Return the numbers to compare runs by.

        The model's own are `macro_f1`, `micro_f1`, ...; a baseline's are `majority/macro_f1`, ...; by
        frame `f1/liberation`, `precision/...`; by source `source_macro_f1/...`. Undefined ones are left
        out.
        """
        values: dict[str, float | None] = {}
        for index, row in enumerate(self.models.iter_rows(named=True)):
            model = row.pop("model")
            prefix = f"{model}/" if index else ""
            values |= {prefix + score: value for score, value in row.items()}
        for row in self.frames.iter_rows(named=True):
            frame = row.pop("frame")
            values |= {f"{score}/{frame}": value for score, value in row.items()}
        for row in self.sources.iter_rows(named=True):
            values[f"source_macro_f1/{row['source']}"] = row["macro_f1"]
        for row in self.voices.iter_rows(named=True):
            values[f"voice_f1/{row['voice']}"] = row["f1"]
        return {key: float(value) for key, value in values.items() if value is not None}
