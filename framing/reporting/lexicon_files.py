"""Write a lexicon report: its tables in three formats, the figures, the page."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import Lexicon
from framing.reporting.lexicon_figures import lexicon_figures
from framing.reporting.lexicon_page import lexicon_page

FIGURE_DPI = 150

LARGE = ("counts",)
"""Tables that are written as Parquet alone: a row for every term of every group."""

FORMULA = r"^(\s*[=+\-@\t\r])"
"""What a text begins with that a spreadsheet takes as a formula; the page's downloads have the same rule."""

SUMMARY = ("groups", "comparisons", "alternations", "shares", "noise", "self_check")
"""Tables that `lexicon.json` holds whole; of the terms it holds the strongest."""


def write_lexicon(lexicon: Lexicon, settings: LexiconSettings, title: str, folder: Path) -> None:
    """Write `lexicon.html`, `lexicon.json`, `tables/` (CSV and Parquet) and `figures/`."""
    for part in ("tables", "figures"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, table in lexicon.tables().items():
        if not table.height:
            continue
        table.write_parquet(folder / "tables" / f"{name}.parquet")
        if name not in LARGE:
            for_spreadsheets(table).write_csv(folder / "tables" / f"{name}.csv")
    figures = lexicon_figures(lexicon, settings)
    for name, figure in figures.items():
        figure.savefig(folder / "figures" / f"{name}.png", dpi=FIGURE_DPI)
    page = lexicon_page(lexicon, settings, title, figures)
    (folder / "lexicon.html").write_text(page, encoding="utf-8")
    (folder / "lexicon.json").write_text(_json(lexicon, settings), encoding="utf-8")


def for_spreadsheets(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with an apostrophe before every text that a spreadsheet would take as a formula.

    Numbers stay as they are; the Parquet file has the texts unchanged.
    """
    return table.with_columns(pl.col(pl.String).str.replace(FORMULA, "'${1}"))


def _json(lexicon: Lexicon, settings: LexiconSettings) -> str:
    tables = lexicon.tables()
    content: Mapping[str, object] = {
        "settings": asdict(settings),
        "notices": lexicon.notices,
        **{name: tables[name].to_dicts() for name in SUMMARY},
        "terms": _strongest(lexicon.terms, settings.shown).to_dicts(),
    }
    return json.dumps(_finite(content), ensure_ascii=False, allow_nan=False)


def _strongest(terms: pl.DataFrame, number: int) -> pl.DataFrame:
    """Return the strongest terms of either side of every comparison."""
    if terms.is_empty():
        return terms
    side = pl.col("log_odds") > 0
    return (
        terms.group_by("within", "group", "other", side.alias("more"), maintain_order=True)
        .head(number)
        .drop("more")
    )


def _finite(value: object) -> object:
    """Return the value with null for numbers that JSON does not know."""
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
