"""How a lexicon is counted and compared."""

from dataclasses import dataclass

from framing.evaluation.lexicon.measures import Prior


@dataclass(frozen=True)
class LexiconSettings:
    """The choices of a lexicon report.

    Attributes:
        groups: the column whose values are compared, such as source, voice, period or frame.
        within: the column by whose values separate lexicons are made, such as frame; None: one lexicon.
        strata: columns whose values must be alike on both sides of a comparison, such as event or period.
        period: what `period` is: year, quarter or month of the date.
        pairs: every pair of groups is compared too, not only each group with the rest.
        ngrams: shortest and longest n-gram, in words.
        prior: what is known of a term before a side is read.
        min_count: rarer terms are not compared; they still count in every total.
        min_documents: with fewer documents a side, there is no inference.
        level: of significance, for q.
        listed: terms of either side of a comparison that are listed; null lists all.
        draws: of the bootstrap over documents; 0 for none.
        examples: sentences a group and listed term.
        min_choices: a group with fewer choices in a set of rivals is suppressed.
        shown: terms a group in the figure and at first on the page.
        self_check: how often each group is divided at random in halves that are compared, and the names of
            all groups are shuffled; 0 for none. Strata are not looked at.
        seed: of everything that is drawn; 0 to 4095.
    """

    groups: str
    within: str | None
    strata: tuple[str, ...]
    period: str
    pairs: bool
    ngrams: tuple[int, int]
    prior: Prior
    min_count: int
    min_documents: int
    level: float
    listed: int | None
    draws: int
    examples: int
    min_choices: int
    shown: int
    self_check: int
    seed: int
