"""The sections about labels and sources: how many, which are doubted, how often, in which words."""

from collections.abc import Mapping

import polars as pl

from framing.evaluation.comparison import spread
from framing.reporting.cells import interval, known
from framing.reporting.evaluated import Evaluated
from framing.reporting.sections import Block, Section, block, cut, matrix

ISSUES = 30
"""Doubted labels on the page."""

WORDS = 6
"""Words of a frame that are shown; the table has more."""

LENGTH = 300
"""Characters of a sentence in a table."""

LEXICON_SOURCES = 12
"""Sources whose lexicon is on the page."""


def learning(evaluated: Evaluated) -> Section:
    """Return the score against the number of sentences learned from."""
    found = evaluated.findings
    blocks, figures = [], []
    if found.learning_curve.height:
        figures = [("learning_curve", "Macro F1 against the number of sentences learned from")]
        blocks.append(
            block("Mean of the repeats", _means(found.learning_curve), "learning_curve", folded=True,
                  note="The interval is over the repeats: which sentences were learned from, not which were "
                       "scored.")
        )  # fmt: skip
    if found.learning_gain.height:
        blocks.insert(0, block("What more labels would bring", found.learning_gain, "learning_gain"))
    return Section(
        "learning", "Learning curve",
        "The model is fitted again on smaller parts; each dot is one draw. Where the line still rises, more "
        "labels should help.",
        "Where a gain of more labels is told, it is an extrapolation from the curve's shape and no "
        "measurement; it holds only for further sentences like these.",
        figures=figures,
        blocks=blocks,
    )  # fmt: skip


def _means(curve: pl.DataFrame) -> pl.DataFrame:
    """Return the mean score of every share, with its interval over the repeats."""
    rows = []
    known = curve.filter(pl.col("macro_f1").cast(pl.Float64).is_finite())
    for (share,), part in known.sort("share").group_by("share", maintain_order=True):
        found = spread(part["macro_f1"].to_list())
        rows.append(
            {
                "share": share,
                "repeats": found.n,
                "sentences": round(float(part["sentences"].to_numpy().mean())),
                "macro_f1": found.mean,
                "low": None if found.low is None else max(0.0, found.low),
                "high": None if found.high is None else min(1.0, found.high),
            }
        )
    return pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64})


def words(evaluated: Evaluated) -> Section:
    """Return the words that predictions rest on."""
    table = evaluated.findings.words
    adding = table.filter(pl.col("contribution") > 0).group_by("frame", maintain_order=True).head(WORDS)
    return Section(
        "words", "Words behind the predictions",
        "The words that add most to the logit of a frame, on average over the explained sentences that hold "
        "them. A name, a date or a word that one source alone uses would be a warning.",
        "The words say how this model comes to its answers; they do not say that a word carries the frame.",
        blocks=[block("Words that add most", adding, "words")],
    )  # fmt: skip


def label_issues(evaluated: Evaluated) -> Section:
    """Return the sentences whose label is doubted."""
    table = evaluated.findings.label_issues
    texts = evaluated.sentences.select("id", "text")
    shown = table.head(ISSUES).join(texts, on="id", how="left", maintain_order="left")
    shown = shown.with_columns(
        pl.col("text").fill_null("").map_elements(lambda text: cut(text, LENGTH), return_dtype=pl.String)
    )
    doubted = Block(
        "Labels to read again, the likeliest mistakes first", shown,
        hidden=table.height - shown.height, file="label_issues",
        note="labelled: whether the sentence has the frame by its label. probability: the model's. "
        "quality: 0 is worst.",
    )  # fmt: skip
    return Section(
        "issues", "Doubted labels",
        "Here the model, which had not learned from the sentence, clearly disagrees with its label. Read "
        "them again with the codebook.",
        "These are no found errors: often it is the model that is wrong.",
        blocks=[doubted],
    )  # fmt: skip


def prevalence(evaluated: Evaluated) -> Section:
    """Return how often each source has each frame, corrected for the model's errors."""
    table = evaluated.findings.prevalence.sort("source", maintain_order=True)
    shares = [_share(row) for row in table.iter_rows(named=True)]
    corrected = table.with_columns(pl.Series("share", shares, dtype=pl.String))
    return Section(
        "prevalence", "Prevalence by source",
        "The share of each source's sentences that have a frame, estimated from the predictions and "
        "corrected for how often the model misses the frame and wrongly gives it, with its 95% interval.",
        "Sources stand in alphabetical order: this is no ranking. The sentences are no random sample of what "
        "an outlet publishes, and events differ between sources.",
        blocks=[
            matrix("Corrected share with its 95% interval", corrected, "source", "frame", "share",
                   "prevalence"),
            block("Labelled, predicted and corrected shares", table, "prevalence", folded=True),
        ],
    )  # fmt: skip


def _share(row: Mapping[str, object]) -> str | None:
    share = known(row["corrected"])
    if share is None:
        return None
    between = interval(row)
    return f"{share:.2f} ({between})" if between else f"{share:.2f}"


def lexicon(evaluated: Evaluated) -> Section:
    """Return the terms that set the sources apart."""
    table = shown_lexicon(evaluated)
    every = evaluated.lexicon["source"].n_unique() if evaluated.lexicon is not None else 0
    sources = table["source"].unique(maintain_order=True).to_list()
    remarks = []
    if every > len(sources):
        remarks.append(f"{len(sources)} of {every} sources are shown, those that come first in the table.")
    return Section(
        "lexicon", "Lexicon by source",
        "Terms that stand more often in one source than in the rest: log-odds with an informative Dirichlet "
        "prior (Monroe, Colaresi and Quinn 2008). bound is the end of the 95% interval nearer to 0.",
        "A term shows what a source writes about as much as how it frames it, and nothing about intent.",
        figures=[("lexicon", "Terms that set each source apart, with intervals")],
        blocks=[
            Block(f"The terms of {source}", _strongest(table, source, evaluated.lexicon_shown),
                  file="lexicon", folded=True)
            for source in sources
        ],
        remarks=remarks,
    )  # fmt: skip


def shown_lexicon(evaluated: Evaluated) -> pl.DataFrame:
    """Return the part of the lexicon that is on the page: its first sources; no rows if there is none."""
    table = evaluated.lexicon
    if table is None or not table.height:
        return pl.DataFrame(schema={"source": pl.String})
    sources = table["source"].unique(maintain_order=True).to_list()[:LEXICON_SOURCES]
    return table.filter(pl.col("source").is_in(sources) & (pl.col("bound") > 0))


def _strongest(table: pl.DataFrame, source: str, shown: int) -> pl.DataFrame:
    own = table.filter((pl.col("source") == source) & (pl.col("log_odds") > 0))
    return own.head(shown).drop("source", "inference", "documents_rest", strict=False)
