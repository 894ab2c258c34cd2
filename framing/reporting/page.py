"""What renders the templates, and the readable page of a codebook."""

import base64
import io
from functools import partial
from typing import Any

import matplotlib as mpl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from framing.core.codebook import Codebook
from framing.reporting.cells import cell

SVG: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "framing"}
"""Text stays text, so a figure is small and sharp; the same figure gives the same bytes."""


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
    environment.filters["breakable"] = breakable
    return environment


def breakable(name: str) -> Markup:
    """Return an id that a narrow column may break after an underscore."""
    return Markup("_<wbr>").join(name.split("_"))


def data_uri(figure: Figure) -> str:
    """Return a figure as an address that holds it, so that a page needs no other file."""
    buffer = io.BytesIO()
    with mpl.rc_context(SVG):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
