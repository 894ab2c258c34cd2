"""How a value of a table is written, on the console and on a page."""

import math
from collections.abc import Mapping

PROBABILITIES = ("p", "q", "p_holm", "mcnemar_p", "mcnemar_p_holm")
"""Columns whose small values must not look like zero."""

THIRD_DECIMAL = ("brier", "ece", "contribution", "unexplained", "jsd", "share_p05")
SIGNED = ("difference", "gap", "gain")


def cell(value: object, column: str = "", none: str = "-") -> str:
    """Return a value as text: numbers with two decimals, probabilities with three, differences with a sign.

    >>> cell(0.5), cell(0.00004, "p"), cell(0.0314, "q"), cell(0.9999, "p"), cell(None), cell("text")
    ('0.50', '<0.001', '0.031', '>0.999', '-', 'text')
    >>> cell(0.051, "gap"), cell(float("nan")), cell(0.0314, "ece"), cell(True)
    ('+0.05', '-', '0.031', 'yes')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return none
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    if column in SIGNED:
        return f"{value:+.2f}"
    if column not in PROBABILITIES:
        return f"{value:.3f}" if column in THIRD_DECIMAL else f"{value:.2f}"
    if value < 0.001:
        return "<0.001"
    return ">0.999" if value > 0.999 else f"{value:.3f}"


def known(value: object) -> float | None:
    """Return a number, None for one that is missing or not finite.

    >>> known(2), known(float("nan")), known(None)
    (2.0, None, None)
    """
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def interval(row: Mapping[str, object], form: str = ".2f") -> str | None:
    """Return the ends `low` and `high` of a row as text, None without an interval.

    >>> interval({"low": 0.4, "high": 0.55}), interval({"low": None, "high": None})
    ('0.40 to 0.55', None)
    """
    low, high = known(row.get("low")), known(row.get("high"))
    return None if low is None or high is None else f"{low:{form}} to {high:{form}}"
