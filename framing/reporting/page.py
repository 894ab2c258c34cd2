"""One self-contained HTML page a run, and the readable page of a codebook."""

import base64
import io
from collections.abc import Mapping
from functools import partial

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from framing.core.codebook import Codebook
from framing.reporting.cells import cell
from framing.reporting.results import Results

PREDICTIONS_SHOWN = 2000


def results_page(results: Results, figures: Mapping[str, Figure]) -> str:
    """Return the page of a run: no network, no script from elsewhere; all text is escaped."""
    sources = (
        results.lexicon["source"].unique(maintain_order=True).to_list() if results.lexicon.height else []
    )
    strongest = [
        results.lexicon.filter((pl.col("source") == source) & (pl.col("log_odds") > 0)).head(
            results.lexicon_shown
        )
        for source in sources
    ]
    return environment(escape=True).get_template("run.html.jinja").render(
        results=results,
        figures={name: _data_uri(figure) for name, figure in figures.items()},
        lexicon=pl.concat(strongest).drop("inference", "documents_rest") if strongest else pl.DataFrame(),
        predictions=results.predictions.head(PREDICTIONS_SHOWN),
        hidden=max(0, results.predictions.height - PREDICTIONS_SHOWN),
    )  # fmt: skip


def codebook_page(codebook: Codebook) -> str:
    """Return the codebook as Markdown."""
    return environment(escape=False).get_template("codebook.md.jinja").render(codebook=codebook)


def codebook_draft(name: str) -> str:
    """Return a codebook of this name to fill in, as YAML with comments."""
    return environment(escape=False).get_template("codebook_draft.yaml.jinja").render(name=name)


def environment(*, escape: bool) -> Environment:
    """Return what renders the templates; `escape` for HTML, not for Markdown."""
    environment = Environment(
        loader=PackageLoader("framing.reporting"),
        autoescape=escape,  # noqa: S701 - off for Markdown only
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = partial(cell, none="–")
    return environment


def _data_uri(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
