"""What the report of an evaluation is made from: its findings, and the sentences they are about."""

from dataclasses import dataclass, field

import polars as pl

from framing.core.codebook import Codebook
from framing.evaluation.findings import Findings
from framing.evaluation.lexicon.overlap import ALL_FRAMES
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import Lexicon


@dataclass(frozen=True, eq=False)
class Evaluated:
    """An evaluation that is ready to be reported.

    Attributes:
        name: of the run, or of the evaluation of a file.
        model: name of the evaluated model, the first of `findings.models`.
        codebook: what the frames mean.
        split: how the sentences were divided, such as "leave_one_source_out"; None when predictions
            from an outside file are scored, of which nobody here knows what they were learned from.
        sentences: one row a sentence: `id`, `text`, `frames` and `predicted_frames` (joined by ";",
            empty or null without one); if there are any also `source`, `article`, `kind`, `fold`,
            `voice`, `predicted_voice` and the probabilities `p_<frame>`.
        findings: the tables, and what must be known before them.
        label_counts: `source`, `frame`, `sentences`; empty without sources.
        lexicon: how the sources differ in their words; None when it was not made.
        lexicon_settings: how it was made.
        notices: what must be known about the run and its data, in full sentences.
    """

    name: str
    model: str
    codebook: Codebook
    split: str | None
    sentences: pl.DataFrame
    findings: Findings
    label_counts: pl.DataFrame = field(default_factory=pl.DataFrame)
    lexicon: Lexicon | None = None
    lexicon_settings: LexiconSettings | None = None
    notices: list[str] = field(default_factory=list)

    def all_notices(self) -> list[str]:
        """Return the notices of the run and of its findings, each once."""
        return list(dict.fromkeys(self.notices + self.findings.notices))

    def sources(self) -> list[str]:
        """Return the ids of the sources, sorted; none when the sentences name no source."""
        return sorted(self.column("source").drop_nulls().unique().to_list())

    def column(self, name: str) -> pl.Series:
        """Return a text column of the sentences; all null where it is missing."""
        if name in self.sentences.columns:
            return self.sentences[name].cast(pl.String)
        return pl.Series(name, [None] * self.sentences.height, dtype=pl.String)

    def division(self) -> str | None:
        """Return the split as words, such as "leave one source out"."""
        return None if self.split is None else self.split.replace("_", " ")

    def metrics(self) -> dict[str, float]:
        """Return the numbers to compare runs by.

        The evaluated model's own are `macro_f1`, `macro_f1_low`, ...; another model's are
        `majority/macro_f1`, ...; by frame `f1/liberation`, ...; by part `source/ID`, `register/headline`
        (macro F1); beside them differences, probes, perturbations, calibration and the overlap of the
        model's words with those of sources. Undefined ones are left out.
        """
        found = self.findings
        values: dict[str, float | None] = {}
        for index, row in enumerate(found.models.iter_rows(named=True)):
            model = row.pop("model")
            prefix = f"{model}/" if index else ""
            ends = {f"{prefix}macro_f1_{end}": row.pop(end) for end in ("low", "high")}
            values |= {prefix + score: value for score, value in row.items()} | ends
        for name, prefix in (("frames", "frame"), ("voices", "voice")):
            for row in getattr(found, name).iter_rows(named=True):
                part = row.pop(prefix)
                values |= {
                    f"{'voice_' * (name == 'voices')}{score}/{part}": value for score, value in row.items()
                }
        for row in found.slices.iter_rows(named=True):
            values[f"{row['by']}_macro_f1/{row['part']}"] = row["macro_f1"]
        for row in found.comparisons.iter_rows(named=True):
            values[f"difference/{row['other']}"] = row["difference"]
        for row in found.probes.iter_rows(named=True):
            values[f"probe/{row['probe']}"] = row["value"]
        for row in found.splits.iter_rows(named=True):
            values[f"gap/{row['split']}"] = row["gap"]
        for row in found.perturbations.iter_rows(named=True):
            values[f"as_expected/{row['perturbation']}"] = row["share"]
        for row in found.calibration.iter_rows(named=True):
            if row["by"] == "all":
                values |= {f"{score}/{row['scaling']}": row[score] for score in ("brier", "ece")}
        for row in found.word_overlap_summary.iter_rows(named=True):
            part = "all" if row["frame"] == ALL_FRAMES else row["frame"]
            values |= {
                f"overlap/{part}": row["weighted"],
                f"overlap_by_chance/{part}": row["weighted_by_chance"],
            }
        return {key: float(value) for key, value in values.items() if value is not None}
