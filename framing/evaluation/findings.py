"""What an evaluation found, as plain tables: everything that reports, tables and metrics are made from."""

from dataclasses import dataclass, field, fields

import polars as pl


def _empty() -> pl.DataFrame:
    return pl.DataFrame()


@dataclass(frozen=True, eq=False)
class Findings:
    """The findings about one model's predictions, beside those of others.

    Every table may be empty (no rows and no columns); then `notices` says why, if it could be expected.
    Intervals are `low` and `high`, null where there are too few groups to tell. Shares and scores lie in
    0..1. Tables are about the first model of `models` unless they have a column `model`.

    Attributes:
        models: one row a model, the evaluated one first: `model`, `macro_f1`, `low`, `high`, `micro_f1`,
            `exact_match`, `voice_macro_f1` (null without voices).
        frames: `frame`, `precision`, `recall`, `f1`, `low`, `high` (of F1), `average_precision` (null
            without probabilities), `support`, `predicted`.
        voices: `voice`, `precision`, `recall`, `f1`, `support`, `predicted`.
        intervals: macro F1 of every model by what is drawn: `model`, `drawn` (sentence, article, source),
            `groups` (how many), `macro_f1`, `low`, `high`.
        slices: scores of parts: `by` (source, voice, register, words), `part`, `sentences`, `frames`
            (that it has at all), `macro_f1`, `low`, `high`, `micro_f1`, `exact_match`.
        frame_confusion: `frame` (labelled and missed, or "(nothing missed)"), `taken_for` (given in the
            same sentence and not labelled, or "(nothing wrong)"), `sentences`.
        voice_confusion: `voice`, `predicted`, `sentences`.
        mentions: use and mention: `frame` (or "all frames"), `voice`, `with_frame` (sentences that have
            the frame in this voice), `found` (those predicted to have it), `recall`, `without_frame`,
            `false_alarms` (sentences of this voice wrongly given the frame), `false_alarm_share`,
            `taken_for_use` (found, and predicted to be asserted although it is not; null for asserted),
            `taken_for_use_share`.
        comparisons: the evaluated model against each other: `model`, `other`, `difference` (of macro
            F1), `low`, `high`, `p`, `p_holm`, `only_model` (sentences only the model has exactly right),
            `only_other`, `mcnemar_p`, `mcnemar_p_holm`, `detectable` (smallest difference that would be
            found 80 times in 100).
        probes: what could explain the scores without framing: `probe`, `value`, `reference`, `meaning`.
        splits: the same model on other splits: `split`, `macro_f1`, `low`, `high`, `gap` (this less the
            run's own).
        perturbations: `perturbation`, `kind` (invariance or direction), `sentences`, `as_expected`,
            `share`, `low`, `high`, `shift` (mean absolute change of the frames' probabilities),
            `expectation`.
        perturbed: `id`, `perturbation`, `before`, `after`, `frames_before`, `frames_after`,
            `voice_before`, `voice_after`, `as_expected`.
        sets: contrast-set consistency: `sets`, `sentences`, `sentences_right`, `sets_right`,
            `sets_right_share`, `by_chance` (the share if errors fell independently).
        calibration: `by` (all, frame, source), `part`, `scaling` (none, temperature, isotonic),
            `decisions`, `brier`, `ece`, `low`, `high` (of the ECE).
        reliability: `by`, `part`, `scaling`, `bin`, `decisions`, `probability` (mean), `share` (that hold).
        coverage: `coverage` (share of sentences decided on, the surest first), `risk` (share of those not
            exactly right), `macro_f1`.
        learning_curve: `share` (of what can be learned from), `sentences`, `repeat`, `macro_f1`.
        learning_gain: `sentences`, `further`, `gain`, `low`, `high`: the extrapolated gain of more labels.
        label_issues: `id`, `frame`, `labelled`, `probability`, `quality` (0 worst), the likeliest first.
        contributions: why: `id`, `frame`, `start`, `end` (characters of the text), `contribution` (to the
            logit).
        completeness: `id`, `frame`, `base` (logit without any word), `logit`, `unexplained` (logit - base
            - sum of the contributions).
        words: what predictions rest on: `frame`, `word` (lower case), `sentences` (explained ones that hold
            it), `contribution` (mean, to the logit), the strongest of either sign.
        word_overlap: the words of `words` that add to a frame, and whose they are: `frame`, `word`,
            `sentences`, `contribution`, `whose` (a source's word, a frame's word, both, neither, not
            compared), `source` (whose marker it is, most clearly), `log_odds`, `count` (there), `count_rest`,
            `inference` (there), `frame_log_odds` (with the frame against without, within sources).
        word_overlap_summary: one row a frame, the first for all: `frame`, `words`, `not_compared`, `marking`
            (words that mark a source), `share` (of the words), `share_by_chance`, `weighted` (share of the
            contribution over all explained sentences), `weighted_by_chance`, `chance_low`, `chance_high`
            (95% of draws by chance), `p` (how often chance reaches it), `sources_alone` (share of the
            contribution from words that mark a source and not the frame).
        prevalence: `source`, `frame`, `sentences`, `labelled` (share), `predicted` (share), `corrected`
            (share; null without an interval), `low`, `high` (of the corrected one).
        notices: what a reader must know before the numbers, in full sentences.
    """

    models: pl.DataFrame
    frames: pl.DataFrame
    voices: pl.DataFrame = field(default_factory=_empty)
    intervals: pl.DataFrame = field(default_factory=_empty)
    slices: pl.DataFrame = field(default_factory=_empty)
    frame_confusion: pl.DataFrame = field(default_factory=_empty)
    voice_confusion: pl.DataFrame = field(default_factory=_empty)
    mentions: pl.DataFrame = field(default_factory=_empty)
    comparisons: pl.DataFrame = field(default_factory=_empty)
    probes: pl.DataFrame = field(default_factory=_empty)
    splits: pl.DataFrame = field(default_factory=_empty)
    perturbations: pl.DataFrame = field(default_factory=_empty)
    perturbed: pl.DataFrame = field(default_factory=_empty)
    sets: pl.DataFrame = field(default_factory=_empty)
    calibration: pl.DataFrame = field(default_factory=_empty)
    reliability: pl.DataFrame = field(default_factory=_empty)
    coverage: pl.DataFrame = field(default_factory=_empty)
    learning_curve: pl.DataFrame = field(default_factory=_empty)
    learning_gain: pl.DataFrame = field(default_factory=_empty)
    label_issues: pl.DataFrame = field(default_factory=_empty)
    contributions: pl.DataFrame = field(default_factory=_empty)
    completeness: pl.DataFrame = field(default_factory=_empty)
    words: pl.DataFrame = field(default_factory=_empty)
    word_overlap: pl.DataFrame = field(default_factory=_empty)
    word_overlap_summary: pl.DataFrame = field(default_factory=_empty)
    prevalence: pl.DataFrame = field(default_factory=_empty)
    notices: list[str] = field(default_factory=list)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables that have rows, by name."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "notices"}
        return {name: table for name, table in named.items() if table.height}
