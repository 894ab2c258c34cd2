"""Evaluate predictions: every table that needs the labels and the predictions alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import NO_VOICE, Corpus
from framing.core.errors import FramingError
from framing.evaluation.comparison import comparison_table
from framing.evaluation.findings import Findings
from framing.evaluation.intervals import (
    FEWEST_GROUPS,
    Resampling,
    frame_intervals,
    interval_table,
    macro_f1_interval,
)
from framing.evaluation.invariance import set_table
from framing.evaluation.judgement import Judgement
from framing.evaluation.leakage import probe_table, source_probe, within_source_auc
from framing.evaluation.mentions import mentions_table
from framing.evaluation.prevalence import prevalence_table
from framing.evaluation.probability_tables import of_probabilities
from framing.evaluation.scores import frame_table, summary, voice_macro_f1, voice_table
from framing.evaluation.slices import (
    NOT_GIVEN,
    frame_confusion,
    length_bins,
    slice_table,
    voice_confusion,
    voice_parts,
)

PROBE_FOLDS = 5

TAKEN_FOR_USE = ("taken_for_use", "taken_for_use_share")
"""What nothing is known of when a model says no voice."""


@dataclass(frozen=True)
class EvaluationSettings:
    """How predictions are evaluated.

    Attributes:
        draws: of the bootstrap.
        seed: of the draws and of the source probe's folds.
        asserted: the voice in which a writer makes a claim his own.
        sets: the column of the sentences that names contrast sets, None without.
    """

    draws: int
    seed: int
    asserted: str
    sets: str | None


def evaluate(
    corpus: Corpus,
    judgements: Mapping[str, Judgement],
    settings: EvaluationSettings,
    folds: Sequence[str] = (),
    thresholds: float | NDArray[np.float64] = 0.5,
) -> Findings:
    """Return what the labels and the predictions alone can tell.

    Args:
        corpus: n labelled sentences.
        judgements: by the name of the model; the first is evaluated, the others are compared with it.
        settings: of the evaluation.
        folds: the fold in which each sentence was predicted; none for predictions without folds.
        thresholds: from which probability on the first model gives a frame.
    """
    own = next(iter(judgements.values()))
    codebook, labelled = corpus.codebook, corpus.frames
    resamplings = {
        drawn: Resampling.of(groups, draws=settings.draws, seed=settings.seed)
        for drawn, groups in _groups(corpus).items()
    }
    drawn, notices = _what_is_drawn(resamplings)
    predicted = {model: judgement.predicted for model, judgement in judgements.items()}
    judged = of_probabilities(
        corpus, own.predicted, own.probabilities, article_groups(corpus), folds, thresholds,
        draws=settings.draws, seed=settings.seed,
    )  # fmt: skip
    return Findings(
        models=_models(corpus, judgements, resamplings[drawn]),
        frames=_frames(corpus, own, resamplings[drawn]),
        voices=_voices(corpus, own),
        intervals=interval_table(labelled, predicted, resamplings),
        slices=_slices(corpus, own, settings, drawn),
        frame_confusion=frame_confusion(codebook.frame_ids, labelled, own.predicted),
        voice_confusion=_voice_confusion(corpus, own),
        mentions=_mentions(corpus, own, settings),
        comparisons=comparison_table(labelled, predicted, resamplings[drawn]),
        probes=_probes(corpus, own, settings),
        sets=_sets(corpus, own, settings),
        calibration=judged.calibration,
        reliability=judged.reliability,
        coverage=judged.coverage,
        label_issues=judged.label_issues,
        prevalence=_prevalence(corpus, own, settings),
        notices=[*notices, *judged.notices, *_left_out(corpus, own, settings)],
    )


def _left_out(corpus: Corpus, own: Judgement, settings: EvaluationSettings) -> list[str]:
    """Return which tables are missing, and why."""
    voices = corpus.codebook.voice_ids
    notices = []
    if not corpus.frames.any():
        notices.append("No sentence is labelled with a frame, so a macro F1 of 0 says nothing.")
    if voices and not _says_voice(own):
        notices.append("The predictions say no voice: whether mention is taken for use cannot be judged.")
    if voices and settings.asserted not in voices:
        notices.append(
            f"evaluation.asserted={settings.asserted} is no voice of the codebook ({', '.join(voices)}), so "
            "use and mention are not told apart."
        )
    return notices


def article_groups(corpus: Corpus) -> list[str]:
    """Return the article of every sentence, by a name that no article of another source has."""
    return [f"{source}\x1f{article}" for source, article in _pairs(corpus)]


def _pairs(corpus: Corpus) -> list[tuple[str, str]]:
    return list(corpus.sentences.select("source", "article").iter_rows())


def _groups(corpus: Corpus) -> dict[str, list[str]]:
    """Return what may be drawn as a whole: the group of every sentence, by the kind of group."""
    return {
        "sentence": corpus.sentences["id"].to_list(),
        "article": article_groups(corpus),
        "source": corpus.sentences["source"].to_list(),
    }


def _what_is_drawn(resamplings: Mapping[str, Resampling]) -> tuple[str, list[str]]:
    """Return what the intervals of the tables draw: articles, or sentences where articles are few."""
    articles, sources = resamplings["article"].groups, resamplings["source"].groups
    notices = []
    if sources < FEWEST_GROUPS:
        notices.append(
            f"{sources} source(s) are too few to say how the scores would differ for other sources: no "
            "interval here covers that."
        )
    if articles == resamplings["sentence"].groups:
        notices.append(
            "No article has two of the sentences, or the labels do not say which sentences share an article. "
            "In the latter case the intervals are too narrow: they draw single sentences."
        )
    if _unit(articles) == "article":
        return "article", notices
    notices.append(
        f"Intervals draw single sentences, because {articles} article(s) are too few to draw articles "
        f"({FEWEST_GROUPS} are needed). They hold for further sentences of these articles at best, and are "
        "too narrow for others."
    )
    return "sentence", notices


def resampling_of(corpus: Corpus, settings: EvaluationSettings) -> Resampling:
    """Return the draws from which the intervals of the tables come."""
    groups = _groups(corpus)
    return Resampling.of(groups[_unit(len(set(groups["article"])))], draws=settings.draws, seed=settings.seed)


def _unit(articles: int) -> str:
    """Return what is drawn: articles, or sentences where articles are few."""
    return "article" if articles >= FEWEST_GROUPS else "sentence"


def _models(corpus: Corpus, judgements: Mapping[str, Judgement], resampling: Resampling) -> pl.DataFrame:
    rows = []
    for name, judgement in judgements.items():
        scores = summary(corpus.frames, judgement.predicted)
        low, high = macro_f1_interval(corpus.frames, judgement.predicted, resampling)
        voices = voice_table(corpus.codebook.voice_ids, corpus.voices, judgement.voices)
        says_voice = voices.height and (judgement.voices != NO_VOICE).any()
        rows.append(
            {
                "model": name,
                "macro_f1": scores["macro_f1"],
                "low": low,
                "high": high,
                "micro_f1": scores["micro_f1"],
                "exact_match": scores["exact_match"],
                "voice_macro_f1": voice_macro_f1(voices) if says_voice else None,
            }
        )
    numbers = dict.fromkeys(["low", "high", "voice_macro_f1"], pl.Float64)
    return pl.DataFrame(rows, schema_overrides=numbers)


def _frames(corpus: Corpus, own: Judgement, resampling: Resampling) -> pl.DataFrame:
    ids = corpus.codebook.frame_ids
    shares = own.probabilities if own.probabilities is not None else own.predicted.astype(np.float64)
    table = frame_table(ids, corpus.frames, own.predicted, shares)
    if own.probabilities is None:
        table = table.with_columns(average_precision=pl.lit(None, dtype=pl.Float64))
    intervals = frame_intervals(ids, corpus.frames, own.predicted, resampling)
    joined = table.join(intervals, on="frame", how="left", maintain_order="left").with_columns(
        precision=pl.when(pl.col("predicted") > 0).then(pl.col("precision"))  # of nothing there is no share
    )
    return joined.select(
        "frame", "precision", "recall", "f1", "low", "high", "average_precision", "support", "predicted"
    )


def _slices(corpus: Corpus, own: Judgement, settings: EvaluationSettings, drawn: str) -> pl.DataFrame:
    groups = np.array(_groups(corpus)[drawn], dtype=object)
    divisions = {
        "source": corpus.sentences["source"].to_list(),
        "voice": voice_parts(corpus.codebook.voice_ids, corpus.voices),
        "register": corpus.sentences["kind"].to_list(),
        "words": length_bins(corpus.sentences["text"].to_list()),
    }
    if not corpus.codebook.voice_ids:
        del divisions["voice"]
    tables = []
    for by, parts in divisions.items():
        table = slice_table(by, parts, corpus.frames, own.predicted)
        part = np.array([name if name is not None else NOT_GIVEN for name in parts], dtype=object)
        ends = [
            _part_interval(corpus, own, settings, groups, part == name) for name in table["part"].to_list()
        ]
        low, high = (
            pl.Series(name, end, dtype=pl.Float64)
            for name, end in zip(("low", "high"), zip(*ends, strict=True), strict=True)
        )
        tables.append(table.with_columns(low, high))
    columns = ["by", "part", "sentences", "frames", "macro_f1", "low", "high", "micro_f1", "exact_match"]
    return pl.concat(tables).select(columns)


def _part_interval(
    corpus: Corpus,
    own: Judgement,
    settings: EvaluationSettings,
    groups: NDArray[np.object_],
    inside: NDArray[np.bool_],
) -> tuple[float | None, float | None]:
    if not corpus.frames[inside].any():
        return None, None
    resampling = Resampling.of(groups[inside].tolist(), draws=settings.draws, seed=settings.seed)
    return macro_f1_interval(corpus.frames[inside], own.predicted[inside], resampling)


def _says_voice(own: Judgement) -> bool:
    return bool((own.voices != NO_VOICE).any())


def _voices(corpus: Corpus, own: Judgement) -> pl.DataFrame:
    if not _says_voice(own):
        return pl.DataFrame()
    return voice_table(corpus.codebook.voice_ids, corpus.voices, own.voices)


def _voice_confusion(corpus: Corpus, own: Judgement) -> pl.DataFrame:
    if not corpus.codebook.voice_ids or not _says_voice(own):
        return pl.DataFrame()
    return voice_confusion(corpus.codebook.voice_ids, corpus.voices, own.voices)


def _mentions(corpus: Corpus, own: Judgement, settings: EvaluationSettings) -> pl.DataFrame:
    codebook = corpus.codebook
    if settings.asserted not in codebook.voice_ids:
        return pl.DataFrame()
    table = mentions_table(
        codebook.frame_ids, codebook.voice_ids, settings.asserted,
        corpus.frames, own.predicted, corpus.voices, own.voices,
    )  # fmt: skip
    if _says_voice(own):
        return table
    unknown = [pl.lit(None, dtype=table.schema[name]).alias(name) for name in TAKEN_FOR_USE]
    return table.with_columns(unknown)


def _probes(corpus: Corpus, own: Judgement, settings: EvaluationSettings) -> pl.DataFrame:
    texts, sources, articles = (corpus.sentences[name].to_list() for name in ("text", "source", "article"))
    probe = source_probe(texts, sources, articles, folds=PROBE_FOLDS, seed=settings.seed)
    within = None
    if own.probabilities is not None and len(corpus.sources) > 1:
        within = within_source_auc(corpus.frames, own.probabilities, sources)
    return probe_table(probe, within)


def _prevalence(corpus: Corpus, own: Judgement, settings: EvaluationSettings) -> pl.DataFrame:
    """Return shares by source; a corrected one without an interval may be anything, so it is not shown."""
    sources = corpus.sentences["source"].to_list()
    table = prevalence_table(
        corpus.codebook.frame_ids, sources, corpus.frames, own.predicted, article_groups(corpus),
        draws=settings.draws, seed=settings.seed,
    )  # fmt: skip
    return table.with_columns(corrected=pl.when(pl.col("low").is_not_null()).then(pl.col("corrected")))


def _sets(corpus: Corpus, own: Judgement, settings: EvaluationSettings) -> pl.DataFrame:
    if settings.sets is None:
        return pl.DataFrame()
    if settings.sets not in corpus.sentences.columns:
        raise FramingError(
            f"evaluation.sets={settings.sets}: the sentences have no such column. Found "
            f"{', '.join(corpus.sentences.columns)}."
        )
    right = (corpus.frames == own.predicted).all(axis=1)
    return set_table(corpus.sentences[settings.sets].to_list(), right)
