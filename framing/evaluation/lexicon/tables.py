"""What a lexicon report consists of: the tables, column by column. Everything that shows them reads this."""

from dataclasses import dataclass, field, fields, replace

import polars as pl

THE_REST = "the rest"
"""The other side of a comparison of one group with all others."""

DOCUMENTS = "documents"
"""Inference over documents: standard errors, p and q are there."""

TOO_FEW = "too few documents"
"""No inference: effects describe these texts only; standard error, bound, p and q are null."""


NO_STRATUM = "no stratum in common"
"""No inference: in no stratum are there two groups, so nothing is compared within strata."""


def no_stratum_in_common() -> pl.Expr:
    """Return whether the two sides of a comparison have no stratum in common; false without strata."""
    return (pl.col("inference") == NO_STRATUM) | (pl.col("strata").cast(pl.Int64) == 0).fill_null(False)


def _empty() -> pl.DataFrame:
    return pl.DataFrame()


@dataclass(frozen=True, eq=False)
class Lexicon:
    """How the groups of a corpus differ in their words. A table that was not asked for has no rows.

    A group is what is compared: a source, unless the settings name another column. `within` is the part of
    the corpus that a row is about, such as the sentences of one frame; "" for the whole corpus.

    Attributes:
        groups: one row a group: `within`, `group`, `documents`, `sentences`, `words`.
        comparisons: one row a comparison: `within`, `group`, `other` (another group, or "the rest"),
            `documents`, `documents_other`, `words`, `words_other`, `strata` (those that both sides have; null
            without strata), `documents_left_out` (in strata that one side alone has), `tested` (terms),
            `significant` (terms with q at most the level; null without inference), `listed` (terms in
            `terms`), `jsd` (Jensen-Shannon divergence of the single words, bits, 0 to 1), `inference`
            ("documents", "too few documents" or, where `strata` is 0, "no stratum in common").
        terms: the listed terms of every comparison, those of `group` first, then those of `other`; in both
            the strongest first. `within`, `group`, `other`, `term`,
            `count`, `count_other` (occurrences), `documents`, `documents_other` (that hold it),
            `per_10k`, `per_10k_other` (occurrences in 10,000 n-grams of its length),
            `log_odds` (positive: more in `group`; Monroe et al. 2008), `standard_error` (over documents),
            `low`, `high` (95% interval of log_odds: of the effect shrunk by the prior, see
            `measures.half_width` for how often it holds the true one), `bound` (its end nearer to 0, 0 if it
            holds 0; terms are ranked by it), `p`, `q`; `z_words` (Monroe's z, over words, too optimistic;
            with a prior of `words` words and no least occurrences),
            `g2` (signed, 4 terms), `bic`, `log_ratio` (base 2), `percent_difference`, `simple_maths`,
            `text_g2` (signed, over documents that hold the term: text dispersion keyness),
            `range`, `range_other` (share of documents that hold it),
            `dp`, `dp_other` (Gries' deviation of proportions, 0 even to 1; null for the rest), `jsd_share`
            (its part of the comparison's divergence, 0 to 1; null for longer n-grams),
            `boot_low`, `boot_high` (95% bootstrap interval of log_odds, documents drawn; null where there
            are too few documents), `inference`.
        counts: every counted term in every group that has it: `within`, `group`, `term`, `count`,
            `documents`. From it and `groups` the effects of single words can be made again.
        concordance: sentences behind listed terms, some a group and term: `within`, `group`, `term`, `id`,
            `source`, `article`, `date`, `frames` (text "a;b", null without labels), `voice`, `text`, `start`,
            `end` (characters of the text where the term stands).
        alternations: one row a set of rival choices and condition: `within`, `set`, `title`, `condition`
            ("all", or slot and value such as "agent: Russia"), `choices`, `documents`, `groups` (with
            enough choices), `groups_tested` (with enough documents too; the numbers that follow are about
            these, or if fewer than two, about those with enough choices), `cramers_v`, `statistic`,
            `degrees`, `p`, `q`, `inference` (as above, or "no stratum in common": then all numbers after
            `groups_tested` are null). Strata change the test alone: `cramers_v` and `shares` are over all.
        shares: how each group chooses: `within`, `set`, `condition`, `group`, `variant`, `count`, `choices`
            (of the group in this set and condition), `documents`, `share` (raw), `shrunken`, `low`, `high`
            (95% interval of the share over documents), `suppressed` (too few choices: share and interval
            are null).
        choices: sentences behind the shares, some a set, group and variant: `within`, `set`, `variant`,
            `group`, `agent`, `place`, `quoted` (null where the slot was not found), `id`, `source`,
            `article`, `date`, `text`, `start`, `end`.
        noise: what was taken out before counting: `kind` (lead-in, tail, boilerplate, wire copy, near copy,
            own name), `group` (the source concerned), `text` (as it is compared; "(others: N)" sums up what
            is not listed), `sentences`, `documents` (that it was taken from), `removed` (whether it was taken
            out, or is only listed).
        self_check: documents divided at random, nothing to be found: `group`, `division` ("in halves": the
            group against itself; "names shuffled": a random set of as many documents against the rest),
            `documents`, `repeats`, `tested` (mean number of terms in 20 documents or more), `share_p05` (of
            these, share of p below .05), `low`, `high` (95% interval of that share over the repeats),
            `discoveries` (mean number of terms with q at most .05), `as_expected` (whether the interval of
            the share meets 3 to 6%, and discoveries are fewer than 1).
        notices: what must be known before the numbers are read.
    """

    groups: pl.DataFrame = field(default_factory=_empty)
    comparisons: pl.DataFrame = field(default_factory=_empty)
    terms: pl.DataFrame = field(default_factory=_empty)
    counts: pl.DataFrame = field(default_factory=_empty)
    concordance: pl.DataFrame = field(default_factory=_empty)
    alternations: pl.DataFrame = field(default_factory=_empty)
    shares: pl.DataFrame = field(default_factory=_empty)
    choices: pl.DataFrame = field(default_factory=_empty)
    noise: pl.DataFrame = field(default_factory=_empty)
    self_check: pl.DataFrame = field(default_factory=_empty)
    notices: list[str] = field(default_factory=list)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, pl.DataFrame)}

    def within(self, part: str) -> "Lexicon":
        """Return the tables with the name of the part that they are about, in the first column."""
        marked = {
            name: table.select(pl.lit(part).alias("within"), pl.all().exclude("within"))
            for name, table in self.tables().items()
            if table.height
        }
        return replace(self, **marked)  # type: ignore[arg-type] # mypy takes every value for that of `notices`
