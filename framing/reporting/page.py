"""What renders the templates, and the readable page of a codebook."""

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from framing.core.codebook import Codebook
from framing.reporting.cells import cell


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
