"""How a value of a table is written, on the console and on a page."""

PROBABILITIES = ("p", "q")
"""Columns whose small values must not look like zero."""


def cell(value: object, column: str = "", none: str = "-") -> str:
    """Return a value as text: numbers with two decimals, p and q with three.

    >>> cell(0.5), cell(0.00004, "p"), cell(0.0314, "q"), cell(0.9999, "p"), cell(None), cell("text")
    ('0.50', '<0.001', '0.031', '>0.999', '-', 'text')
    """
    if value is None:
        return none
    if not isinstance(value, float):
        return str(value)
    if column not in PROBABILITIES:
        return f"{value:.2f}"
    if value < 0.001:
        return "<0.001"
    return ">0.999" if value > 0.999 else f"{value:.3f}"
