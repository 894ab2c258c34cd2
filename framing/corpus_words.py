"""What a training run says about words: how its sources differ in them, and whose the model's words are."""

from dataclasses import replace

import polars as pl

from framing.core.corpus import Corpus
from framing.evaluation.findings import Findings
from framing.evaluation.lexicon.markers import frame_words, source_words
from framing.evaluation.lexicon.overlap import word_overlap
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.whole import LexiconRules
from framing.reporting.evaluated import Evaluated
from framing.source_lexicon import corpus_lexicon


def with_words(evaluated: Evaluated, corpus: Corpus, rules: LexiconRules) -> Evaluated:
    """Return the evaluation with the lexicon of its sentences, and with whose the model's words are.

    Args:
        evaluated: whose sentences are those of the corpus.
        corpus: the scored sentences.
        rules: of the lexicon.
    """
    sentences = described(corpus)
    lexicon = corpus_lexicon(sentences, rules)
    return replace(
        evaluated,
        findings=with_overlap(evaluated.findings, sentences, rules.settings),
        lexicon=lexicon if lexicon.comparisons.height else None,
        lexicon_settings=rules.settings,
        notices=evaluated.notices + lexicon.notices,
    )


def described(corpus: Corpus) -> pl.DataFrame:
    """Return the sentences of a corpus with `frames` (lists of ids) and `voice` (null without one)."""
    return corpus.sentences.with_columns(
        pl.Series("frames", corpus.frame_lists(), dtype=pl.List(pl.String)),
        pl.Series("voice", corpus.voice_names(), dtype=pl.String),
    )


def with_overlap(findings: Findings, sentences: pl.DataFrame, settings: LexiconSettings) -> Findings:
    """Return the findings with whose the words are that add to frames; unchanged without such words."""
    if findings.words.is_empty():
        return findings
    adding = findings.words.filter(pl.col("contribution") > 0)
    sources = source_words(sentences, settings)
    frames = frame_words(sentences, adding["frame"].unique(maintain_order=True), settings)
    listed, summary = word_overlap(adding, sources, frames, settings.seed)
    return replace(findings, word_overlap=listed, word_overlap_summary=summary)
