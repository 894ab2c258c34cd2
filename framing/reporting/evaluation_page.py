"""The report of an evaluation: one self-contained HTML page."""

from collections.abc import Mapping

import polars as pl
from markupsafe import Markup
from matplotlib.figure import Figure

from framing.reporting import sections, sections_corpus, sections_scores, sections_trust, sections_words
from framing.reporting.cells import cell
from framing.reporting.evaluated import Evaluated
from framing.reporting.page import data_uri, environment
from framing.reporting.sections import Section
from framing.reporting.sentence_data import (
    BYTES,
    CHARACTERS,
    SENTENCES,
    SMALLEST,
    first_sentences,
    sentence_data,
)
from framing.reporting.verdict import verdict_parts

WITHOUT_SCRIPT = 100
"""Sentences that a reader without JavaScript sees."""

NOTICES = 30
"""Notices on the page."""


def evaluation_page(evaluated: Evaluated, figures: Mapping[str, Figure]) -> str:
    """Return the page: no network, nothing from elsewhere, under 2 MB; all text is escaped.

    A section stands there only if its table has rows. What is too long is cut, and the page says so.

    Args:
        evaluated: what is reported.
        figures: by name, as `evaluation_figures` makes them; one that is missing is left out.
    """
    data, shown = sentence_data(evaluated)
    page_environment = environment(escape=True)
    page_environment.filters["heading"] = sections.heading
    return page_environment.get_template("evaluation.html.jinja").render(
        evaluated=evaluated,
        verdict=verdict_parts(evaluated),
        sections=page_sections(evaluated),
        figures={name: data_uri(figure) for name, figure in figures.items()},
        data=Markup(data),  # noqa: S704 - escaped by `sentence_data`
        sentence_remarks=_sentence_remarks(evaluated, shown),
        first=first_sentences(evaluated, WITHOUT_SCRIPT, sections_corpus.LENGTH),
        INTERVAL=sections.INTERVAL,
        NOTICES=NOTICES,
    )


def page_sections(evaluated: Evaluated) -> list[Section]:
    """Return the sections that have something to show, in the order of the page."""
    found = evaluated.findings
    failures = (found.slices, found.frame_confusion, found.voice_confusion, found.voices)
    lexicon = sections_words.shown_lexicon(evaluated)
    places = (
        ((found.models,), sections_scores.models),
        ((found.comparisons,), sections_scores.comparisons),
        ((found.frames,), sections_scores.frames),
        (failures, sections_scores.failures),
        ((found.mentions,), sections_scores.mentions),
        ((found.probes,), sections_trust.probes),
        ((found.splits,), sections_trust.splits),
        ((found.perturbations,), sections_trust.perturbations),
        ((found.sets,), sections_trust.sets),
        ((found.calibration, found.reliability, found.coverage), sections_trust.calibration),
        ((found.learning_curve, found.learning_gain), sections_corpus.learning),
        ((found.words,), sections_words.words),
        ((found.word_overlap_summary, lexicon), sections_words.whose),
        ((found.label_issues,), sections_corpus.label_issues),
        ((found.prevalence,), sections_corpus.prevalence),
        ((lexicon,), sections_words.lexicon),
    )  # fmt: skip
    return [section(evaluated) for tables, section in places if any(table.height for table in tables)]


def _sentence_remarks(evaluated: Evaluated, shown: int) -> list[str]:
    remarks = []
    hidden = evaluated.sentences.height - shown
    if hidden:
        remarks.append(
            f"{shown:,} of {evaluated.sentences.height:,} sentences are on this page, those explained or "
            f"doubted and others at random (at most {SENTENCES:,}, and {BYTES / 1e6:.1f} MB); the others "
            "stand in tables/predictions.csv only."
        )
    long = (evaluated.sentences["text"].str.len_chars() > CHARACTERS).sum()
    if long:
        remarks.append(f"{long:,} sentences are longer than {CHARACTERS:,} characters and are cut here.")
    completeness = evaluated.findings.completeness
    if completeness.height:
        largest = cell(completeness["unexplained"].cast(pl.Float64).abs().max(), "unexplained")
        remarks.append(
            f"All words together leave at most {largest} of a frame's logit unexplained; words with less "
            f"than {SMALLEST:.0%} of a sentence's largest contribution are not marked."
        )
    return remarks
