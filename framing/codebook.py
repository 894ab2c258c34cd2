"""`python -m framing.codebook`: check a codebook and write its readable page."""

from pathlib import Path

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.config import CodebookPageConfig


def main(composed: DictConfig) -> None:
    """Check the chosen codebook and write its page."""
    from framing.build import build_codebook
    from framing.reporting.page import codebook_page

    config = typed(composed, CodebookPageConfig)
    codebook = build_codebook(config.codebook)
    output = Path(config.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(codebook_page(codebook), encoding="utf-8")
    voices = f"{len(codebook.voices)} voices" if codebook.voices else "no voice"
    print(f"{codebook.name} {codebook.version}: {len(codebook.frames)} frames, {voices}. Page: {output}")


if __name__ == "__main__":
    run_command(
        main, "codebook", "Check a codebook (unique ids, examples with known labels) and write its page."
    )
