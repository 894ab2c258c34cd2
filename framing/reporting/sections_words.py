"""The sections about words: those that predictions rest on, those of the sources, and what both share."""

import polars as pl

from framing.reporting.evaluated import Evaluated
from framing.reporting.lexicon_figures import compared_with_rest
from framing.reporting.overlap_words import overlap_remarks
from framing.reporting.sections import Section, block

WORDS = 6
"""Words of a frame that are shown; the table has more."""

LEXICON_GROUPS = 12
"""Groups whose lexicon is on the page."""

LEXICON_PAGE = "lexicon/lexicon.html"
"""Where the whole lexicon stands, beside the page."""

SHARES = """words: those that add to the frame and can be compared; marking: how many of them mark a source,
and share: their share of the words. weighted: their share of what the words add to the logit over all
explained sentences; p: how often chance reaches that. sources alone: the part of weighted that comes from
words that do not mark the frame within sources."""

OWNERS = """source: whose marker the word is most clearly; log odds, count and count rest: there against the
rest. frame log odds: with the frame against without, within sources."""

MIRRORED = ("count", "documents", "per_10k", "range", "dp")
"""Columns that stand for both sides."""

NEGATED = ("log_odds", "bound", "z_words", "g2", "log_ratio", "simple_maths", "text_g2")
"""Columns whose sign says the side."""


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


def whose(evaluated: Evaluated) -> Section:
    """Return whether the words that predictions rest on are those of a source rather than of a frame."""
    found = evaluated.findings
    blocks = []
    if found.word_overlap_summary.height:
        blocks = [
            block("How much comes from words that mark a source", found.word_overlap_summary,
                  "word_overlap_summary", note=SHARES),
            block("Whose each word is", found.word_overlap, "word_overlap", note=OWNERS, folded=True),
        ]  # fmt: skip
    lacking = [] if blocks else [_without_words(evaluated)]
    return Section(
        "whose", "Whose words?",
        "Both halves joined: are the words that predictions rest on a source's rather than a frame's? A word "
        "marks a source if it stands more often there than in the rest, and is the frame's if it also stands "
        "more often with the frame than without among sentences of the same source. By chance: if marks were "
        "dealt anew among words of about the same frequency (the same power of two), averaged over all "
        "such deals.",
        "A word that marks a source is no proof: a source that has a frame more often has its words more "
        "often. The list holds the strongest words of the explained sentences only, and says nothing about "
        "intent.",
        blocks=blocks,
        remarks=[*lacking, *overlap_remarks(evaluated)],
    )  # fmt: skip


def _without_words(evaluated: Evaluated) -> str:
    if evaluated.findings.words.is_empty():
        return (
            "There are no words to compare: this model's predictions are not explained word by word. Some "
            "models cannot be, and with evaluation=quick or evaluation.explained=0 none is."
        )
    return "There is nothing to compare: no word adds to a frame, or there is one source only."


def lexicon(evaluated: Evaluated) -> Section:
    """Return the terms that set the groups apart: the sources, unless the settings name others."""
    table = shown_lexicon(evaluated)
    groups = table["group"].unique().sort().to_list()
    name = "source" if evaluated.lexicon_settings is None else evaluated.lexicon_settings.groups
    return Section(
        "lexicon", f"Lexicon by {name}",
        f"Terms that stand more often in one {name} than in {_others(table)}: log-odds with an informative "
        "Dirichlet prior (Monroe, Colaresi and Quinn 2008), with 95% intervals over documents. bound is the "
        "end of the interval nearer to 0.",
        "A term shows what a source writes about as much as how it frames it, and nothing about intent.",
        figures=[("lexicon", "Terms that set each group apart, with intervals")],
        blocks=[
            block(f"The terms of {group}", _strongest(evaluated, table, group), "", folded=True)
            for group in groups
        ],
        remarks=_remarks(evaluated, table),
        link=(LEXICON_PAGE, "The whole lexicon: every term, the sentences behind it, and rival words"),
    )  # fmt: skip


def _others(table: pl.DataFrame) -> str:
    return table["other"][0] if table.height and table["other"].n_unique() == 1 else "the other"


def _remarks(evaluated: Evaluated, table: pl.DataFrame) -> list[str]:
    if evaluated.lexicon is None:
        return []
    remarks = []
    parts: list[str] = evaluated.lexicon.terms["within"].unique().sort().to_list()
    if len(parts) > 1:
        remarks.append(f"Shown is the lexicon within {parts[0]}, one of {len(parts)}.")
    every = _first_part(evaluated.lexicon.groups)["group"].n_unique()
    if every > table["group"].n_unique():
        remarks.append(f"{table['group'].n_unique()} of {every} are shown, in alphabetical order.")
    return remarks


def shown_lexicon(evaluated: Evaluated) -> pl.DataFrame:
    """Return the terms of the lexicon that are on the page: of its first part and groups, against the rest.

    With two groups each is compared with the other. No rows if there is no lexicon.
    """
    empty = pl.DataFrame(schema={"within": pl.String, "group": pl.String, "other": pl.String})
    if evaluated.lexicon is None or not evaluated.lexicon.terms.height:
        return empty
    part = _first_part(evaluated.lexicon.terms)
    table = compared_with_rest(part)
    if table["group"].n_unique() == 1:
        table = pl.concat([table, _mirrored(table)])
    more = table.filter(pl.col("log_odds") > 0)
    groups = more["group"].unique().sort().head(LEXICON_GROUPS)
    return more.filter(pl.col("group").is_in(groups.to_list()))


def _first_part(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("within") == pl.col("within").min())


def _mirrored(terms: pl.DataFrame) -> pl.DataFrame:
    """Return the terms of a comparison as seen from its other side."""
    exchanged = {name: f"{name}_other" for name in MIRRORED}
    swapped = {name: pl.col(other) for name, other in exchanged.items()}
    swapped |= {other: pl.col(name) for name, other in exchanged.items()}
    return terms.with_columns(
        group=pl.col("other"),
        other=pl.col("group"),
        low=-pl.col("high"),
        high=-pl.col("low"),
        boot_low=-pl.col("boot_high"),
        boot_high=-pl.col("boot_low"),
        # The only measure that the other side's does not follow from by its sign.
        percent_difference=100 * (pl.col("per_10k_other") / pl.col("per_10k") - 1),
        **swapped,
        **{name: -pl.col(name) for name in NEGATED},
    )


def _strongest(evaluated: Evaluated, table: pl.DataFrame, group: str) -> pl.DataFrame:
    shown = 0 if evaluated.lexicon_settings is None else evaluated.lexicon_settings.shown
    columns = [
        "term",
        "count",
        "count_other",
        "documents",
        "per_10k",
        "log_odds",
        "low",
        "high",
        "bound",
        "q",
    ]
    own = table.filter(pl.col("group") == group).head(shown).select(columns)
    return own if own["low"].is_not_null().any() else own.drop("low", "high")
