"""What a run asks of its model beside the scores, and what the answers say.

Some questions go to the models of the folds while they are at hand: the same sentence with the sides
exchanged, and why a frame is given. Others need further fits (`refits.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus
from framing.cross_validation import Answers, Questions, Teaching
from framing.data.splits import Fold
from framing.evaluation.explanations import strongest_words
from framing.evaluation.findings import Findings
from framing.evaluation.intervals import Resampling, macro_f1_interval
from framing.evaluation.invariance import Predicted, perturbation_table, perturbed_table
from framing.evaluation.learning import learning_gain
from framing.evaluation.overview import EvaluationSettings, resampling_of
from framing.evaluation.perturbations import MASKED, Perturbations
from framing.evaluation.scores import summary
from framing.models.interface import Explanation, Model, Prediction
from framing.refits import Refits, learning_curve, other_splits, without_names

Labels = NDArray[np.bool_]
Thresholds = NDArray[np.float64]


@dataclass(frozen=True)
class Examination:
    """What is asked.

    Attributes:
        settings: of the evaluation.
        perturbations: what may change in a sentence; None: no invariance and direction tests.
        perturbed: sentences that are changed; of more, so many are drawn.
        explained: sentences whose frames are explained word by word; of more, so many are drawn.
        refits: what is fitted again; None: nothing.
        further: more labels, whose gain is extrapolated.
        notices: what is left out, and how to have it.
    """

    settings: EvaluationSettings
    perturbations: Perturbations | None
    perturbed: int
    explained: int
    refits: Refits | None
    further: int
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Run:
    """The model of a run, and what its examination needs to know of the run.

    Attributes:
        name: of the model.
        model: not fitted, or fitted on something else.
        teaching: what is learned from.
        folds: of the run.
        split: its name.
        thresholds: shape (sentences, number of frames).
        threshold: for further fits.
    """

    name: str
    model: Model
    teaching: Teaching
    folds: list[Fold]
    split: str
    thresholds: Thresholds
    threshold: float

    @property
    def corpus(self) -> Corpus:
        """The sentences that are scored."""
        return self.teaching.corpus


def questions(examination: Examination, corpus: Corpus, threshold: float) -> Questions:
    """Return what the models of the folds are asked."""
    explained = np.zeros(len(corpus), dtype=np.bool_)
    explained[_drawn(examination, len(corpus), examination.explained)] = True
    return Questions(_variants(examination, corpus), explained, threshold)


def _variants(examination: Examination, corpus: Corpus) -> pl.DataFrame:
    if examination.perturbations is None:
        return pl.DataFrame(schema={"row": pl.Int64, "perturbation": pl.String, "text": pl.String})
    rows = _drawn(examination, len(corpus), examination.perturbed)
    part = corpus[rows]
    variants = examination.perturbations.variants(
        part.sentences["text"].to_list(), part.frame_lists(), part.voice_names()
    )
    return variants.with_columns(row=pl.Series(rows.astype(np.int64)).gather(variants["row"]))


def _drawn(examination: Examination, sentences: int, most: int) -> NDArray[np.intp]:
    """Return the sentences that are looked at, all of them or so many at random, in their order."""
    order = np.random.default_rng(examination.settings.seed).permutation(sentences)
    return np.sort(order[:most])


def examined(
    examination: Examination, run: Run, asked: Questions, answers: Answers, findings: Findings
) -> Findings:
    """Return the findings with what the answers, and further fits, say."""
    findings = _perturbed(examination, run, asked, answers, findings)
    findings = _explained(run, asked, answers.explanation, findings)
    if examination.refits is not None:
        findings = _refitted(examination, examination.refits, run, answers, findings)
    return replace(findings, notices=[*findings.notices, *examination.notices])


def _perturbed(
    examination: Examination, run: Run, asked: Questions, answers: Answers, findings: Findings
) -> Findings:
    if examination.perturbations is None or asked.variants.is_empty():
        return findings
    codebook = run.corpus.codebook
    before = _predicted(answers.sentences, run, run.thresholds)
    after = _predicted(answers.variants, run, run.thresholds[asked.rows])
    expectations = examination.perturbations.expectations()
    few = examination.perturbed < len(run.corpus)
    notices = [_few_perturbed(examination, run)] if few else []
    perturbed = perturbed_table(
        run.corpus.sentences,
        asked.variants,
        expectations,
        before,
        after,
        codebook.frame_ids,
        codebook.voice_ids,
    )
    return replace(
        findings,
        perturbations=perturbation_table(perturbed, asked.variants, expectations, before, after),
        perturbed=perturbed,
        probes=_with_row(findings.probes, _masked_when_asked(run, asked, before, after)),
        notices=[*findings.notices, *notices],
    )


def _few_perturbed(examination: Examination, run: Run) -> str:
    return (
        f"{examination.perturbed} of {len(run.corpus)} sentences, drawn at random, are changed and predicted "
        "again (evaluation.perturbed)."
    )


def _predicted(prediction: Prediction, run: Run, thresholds: Thresholds) -> Predicted:
    labels = prediction.frame_labels(run.corpus.codebook, thresholds)
    return Predicted(labels, prediction.frames, prediction.voice_labels())


def _masked_when_asked(
    run: Run, asked: Questions, before: Predicted, after: Predicted
) -> dict[str, object] | None:
    """Return the probe of the fitted model that reads sentences without names."""
    masked = (asked.variants["perturbation"] == MASKED).to_numpy()
    if not masked.any():
        return None
    rows = asked.rows[masked]
    labelled = run.corpus.frames[rows]
    return {
        "probe": "names masked when asked",
        "value": summary(labelled, after.frames[masked])["macro_f1"],
        "reference": summary(labelled, before.frames[rows])["macro_f1"],
        "meaning": f"macro F1 of the same fits on the {len(rows)} sentences with names, when they read these "
        "without their names; reference: with them",
    }


def _explained(run: Run, asked: Questions, explanation: Explanation, findings: Findings) -> Findings:
    if explanation.completeness.is_empty():
        return findings
    notices = []
    if not asked.explained.all():
        notices.append(
            f"{int(asked.explained.sum())} of {len(run.corpus)} sentences, drawn at random, are explained "
            "word by word (evaluation.explained)."
        )
    contributions, completeness = (
        _by_id(run.corpus, table) for table in (explanation.contributions, explanation.completeness)
    )
    words = strongest_words(explanation.contributions, run.corpus.sentences["text"].to_list())
    return replace(
        findings,
        contributions=contributions,
        completeness=completeness,
        words=words.with_columns(frame=_frame_ids(run.corpus, words["frame"])),
        notices=[*findings.notices, *notices],
    )


def _by_id(corpus: Corpus, table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with ids of sentences and frames in place of their numbers."""
    ids = corpus.sentences["id"].gather(table["row"]).alias("id")
    return pl.DataFrame([ids, _frame_ids(corpus, table["frame"])]).hstack(table.drop("row", "frame"))


def _frame_ids(corpus: Corpus, columns: pl.Series) -> pl.Series:
    return pl.Series("frame", corpus.codebook.frame_ids, dtype=pl.String).gather(columns)


def _refitted(
    examination: Examination, refits: Refits, run: Run, answers: Answers, findings: Findings
) -> Findings:
    resampling = resampling_of(run.corpus, examination.settings)
    own = summary(run.corpus.frames, answers.sentences.frame_labels(run.corpus.codebook, run.threshold))
    if refits.mask is not None:
        made = without_names(run.name, run.model, run.teaching, run.folds, refits.mask)
        row = _fitted_without_names(_macro_f1(run, made), own["macro_f1"])
        findings = replace(findings, probes=_with_row(findings.probes, row))
    if refits.splits:
        findings = _splits(refits, run, answers, resampling, findings)
    if refits.shares:
        findings = _learning(examination, refits, run, findings)
    return findings


def _fitted_without_names(value: float, reference: float) -> dict[str, object]:
    return {
        "probe": "fitted and asked without names",
        "value": value,
        "reference": reference,
        "meaning": "macro F1 of the same model where the names in evaluation.perturbations and "
        "evaluation.names are masked in all that it learns from and is asked; reference: with names",
    }


def _macro_f1(run: Run, made: Prediction) -> float:
    labels = made.frame_labels(run.corpus.codebook, run.threshold)
    return summary(run.corpus.frames, labels)["macro_f1"]


def _splits(
    refits: Refits, run: Run, answers: Answers, resampling: Resampling, findings: Findings
) -> Findings:
    """Score the model under other splits, and under the run's own beside them."""
    others = {name: split for name, split in refits.splits.items() if name != run.split}
    found = other_splits(run.name, run.model, run.teaching, others)
    made: Mapping[str, Prediction] = {run.split: answers.sentences} | {
        each.name: each.prediction for each in found if each.prediction is not None
    }
    rows = []
    for name, prediction in made.items():
        labels = prediction.frame_labels(run.corpus.codebook, run.threshold)
        score = summary(run.corpus.frames, labels)["macro_f1"]
        low, high = macro_f1_interval(run.corpus.frames, labels, resampling)
        rows.append({"split": name, "macro_f1": score, "low": low, "high": high})
    table = pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64})
    gap = pl.col("macro_f1") - pl.col("macro_f1").first()
    notices = [f"split={each.name} was not tried: {each.left_out}" for each in found if each.left_out]
    return replace(findings, splits=table.with_columns(gap=gap), notices=[*findings.notices, *notices])


def _learning(examination: Examination, refits: Refits, run: Run, findings: Findings) -> Findings:
    curve = learning_curve(run.name, run.model, run.teaching, run.folds, refits, run.threshold)
    gain, notices = learning_gain(
        curve["sentences"].to_list(),
        curve["repeat"].to_list(),
        curve["macro_f1"].to_list(),
        further=examination.further,
        draws=examination.settings.draws,
        seed=examination.settings.seed,
    )
    return replace(findings, learning_curve=curve, learning_gain=gain, notices=[*findings.notices, *notices])


def _with_row(table: pl.DataFrame, row: dict[str, object] | None) -> pl.DataFrame:
    if row is None:
        return table
    return pl.concat([table, pl.DataFrame([row])]) if table.width else pl.DataFrame([row])
