"""The formulas of alternation: shares over documents, their intervals and association.

A table of counts has one row a document and one column a variant; documents, not choices, are drawn.
"""

import math

import numpy as np
from scipy.special import betaincinv, stdtrit

from framing.evaluation.lexicon.exchange import Counts

PRIOR_CHOICES = 10.0
"""Size of the Dirichlet prior: a group's shares move to the pooled ones as by ten more choices.

The pooled shares as the mean of the prior are from Monroe, Colaresi & Quinn (2008), "Fightin' words". The
size is a choice: with 10 as `min_choices`, too, the prior never outweighs a group that is shown."""


def shrunken_shares(counts: Counts, pooled: Counts) -> Counts:
    """Return the mean of a group's shares under a Dirichlet prior whose mean are the pooled shares.

    Args:
        counts: (K,) choices of the group.
        pooled: (K,) choices of all groups.
    """
    mean = pooled / pooled.sum()
    shares: Counts = (counts + PRIOR_CHOICES * mean) / (counts.sum() + PRIOR_CHOICES)
    return shares


def share_interval(chosen: Counts, choices: Counts, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share over documents.

    Korn & Graubard (1998), "Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data", Survey Methodology 24: the exact binomial interval (Clopper &
    Pearson 1934) with the effective number of choices. That is the number at which a binomial share varies
    as this one does by linearisation over documents, times the square of the ratio of the quantiles of t
    for choices and documents. It is never more than the choices there are, so the interval is never
    narrower than for independent choices. Where the share is 0 or 1 documents show no variance; the
    effective number then is n^2 / sum of n_d^2 (Kish 1965): every document repeats one choice. Simulated,
    95% intervals cover 92 to 99.6%; least where a variant is rare (3 to 5%) and fills whole documents.

    Args:
        chosen: (D,) choices of the variant in each document.
        choices: (D,) choices in each document, 1 or more.
        confidence: of the interval.

    Returns:
        Lower and upper end; nan and nan with fewer than two documents.
    """
    documents, total = len(choices), float(choices.sum())
    if documents < 2:
        return math.nan, math.nan
    share = float(chosen.sum()) / total
    if 0 < share < 1:
        residuals = chosen - share * choices
        variance = documents / (documents - 1) * float(residuals @ residuals) / total**2
        effective = share * (1 - share) / max(variance, share * (1 - share) / total)
    else:
        effective = total**2 / float(choices @ choices)
    tail = (1 - confidence) / 2
    effective *= (stdtrit(max(total - 1, 1), tail) / stdtrit(documents - 1, tail)) ** 2
    effective = min(effective, total)
    successes = share * effective
    low = betaincinv(successes, effective - successes + 1, tail) if share > 0 else 0.0
    high = betaincinv(successes + 1, effective - successes, 1 - tail) if share < 1 else 1.0
    return float(low), float(high)


def cramers_v(table: Counts) -> float:
    """Return Cramer's V, corrected for bias.

    Bergsma (2013), "A bias-correction for Cramer's V and Tschuprow's T", Journal of the Korean Statistical
    Society 42. It supposes independent choices; where a document repeats its choice V stays a little too
    large.

    Args:
        table: (G, K) choices of each group and variant; rows and columns without any are left out.

    Returns:
        0 to 1; nan with one group or one variant.
    """
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    rows, columns = table.shape
    total = float(table.sum())
    if min(rows, columns) < 2 or total < 2:
        return math.nan
    expected = np.outer(table.sum(1), table.sum(0)) / total
    phi2 = float(((table - expected) ** 2 / expected).sum()) / total
    phi2 = max(0.0, phi2 - (rows - 1) * (columns - 1) / (total - 1))
    rows_c = rows - (rows - 1) ** 2 / (total - 1)
    columns_c = columns - (columns - 1) ** 2 / (total - 1)
    least = min(rows_c, columns_c) - 1
    return math.sqrt(min(1.0, phi2 / least)) if least > 0 else math.nan
