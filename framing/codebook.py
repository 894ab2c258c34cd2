"""`python -m framing.codebook`: a codebook's readable page, a new codebook, a check against a corpus.

The first word says which: `new`, `check`, or `page`, which may be left out. Each has settings of its own
in `configs/codebook_new.yaml`, `configs/codebook_check.yaml` and `configs/codebook.yaml`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from framing.cli import USER_ERROR, run_command, typed
from framing.core.command_config import CodebookCheckConfig, CodebookNewConfig, CodebookPageConfig
from framing.core.errors import FramingError, grouped

if TYPE_CHECKING:
    from framing.core.codebook import Codebook
    from framing.data.usage import Usage

SHOWN = 20


def write_page(composed: DictConfig) -> None:
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


def write_new(composed: DictConfig) -> None:
    """Write a codebook to fill in; a file that is there already is left as it is."""
    from framing.reporting.page import codebook_draft

    config = typed(composed, CodebookNewConfig)
    path = _new_path(config)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(codebook_draft(config.name))
    except FileExistsError as error:
        raise FramingError(f"{path}: is there already and is left as it is. Choose another name.") from error
    except OSError as error:
        raise FramingError(f"{path}: cannot be written ({error.strerror}). Choose another output.") from error
    print(f"A codebook to fill in: {path}")
    if path.parent.name != "codebook":
        print("To use it, put it into a folder named codebook.")
        return
    print(f"Use it with: --config-dir {path.parent.parent} codebook={config.name}")


def _new_path(config: CodebookNewConfig) -> Path:
    if re.fullmatch(r"[A-Za-z]\w*", config.name, flags=re.ASCII) is None:
        raise FramingError(
            f"name={config.name}: expected letters, digits and _, beginning with a letter; it is what "
            "codebook=NAME chooses."
        )
    output = Path(config.output)
    if output.suffix not in (".yaml", ".yml"):
        return output / "codebook" / f"{config.name}.yaml"
    if output.name != f"{config.name}.yaml":
        raise FramingError(
            f"output={output}: expected a folder, or a file named {config.name}.yaml; the file's name is "
            "what codebook=NAME chooses."
        )
    return output


def check(composed: DictConfig) -> None:
    """Compare the labels of a corpus with the codebook; unknown ones are an error, others a warning."""
    from framing.build import build_codebook, build_labelled_rows
    from framing.data.usage import label_usage

    config = typed(composed, CodebookCheckConfig)
    codebook = build_codebook(config.codebook)
    usage = label_usage(
        codebook,
        build_labelled_rows(config.data, codebook),
        config.data.exclude_kinds,
        min_sentences=config.min_sentences,
        min_sources=config.min_sources,
    )
    _print_usage(codebook, usage)
    if usage.unknown.height:
        labels = ", ".join(usage.unknown["label"].unique(maintain_order=True).to_list())
        raise FramingError(
            f"labels that the codebook {codebook.name} does not know: {labels}. Correct them in the lines "
            "listed above, or add them to the codebook."
        )


def _print_usage(codebook: Codebook, usage: Usage) -> None:
    from framing.reporting.console import console, print_table

    out = console()
    print_table(f"labels of {codebook.name} {codebook.version}", usage.labels)
    if usage.unknown.height:
        print_table("labels that the codebook does not know", usage.unknown)
    if usage.set_aside:
        out.print(
            f"note  {usage.set_aside} sentence(s) are not counted: their kind is in data.exclude_kinds."
        )
    for row in usage.remarked.iter_rows(named=True):
        out.print(f"warning  {row['what']} {row['label']}: {row['remark']}", markup=False, style="yellow")
    for place in codebook.unfilled():
        out.print(f"warning  {place}: still to fill in", markup=False, style="yellow")
    told = grouped(usage.problems)
    for problem in told[:SHOWN]:
        out.print(f"warning  {problem}", markup=False, style="yellow")
    _tell_more(len(told))


def _tell_more(number: int) -> None:
    if number > SHOWN:
        print(f"... and {number - SHOWN} more.")


@dataclass(frozen=True)
class Action:
    """One thing that the command does: its task, the name of its configuration, its help."""

    task: Callable[[DictConfig], None]
    config: str
    explanation: str


ACTIONS = {
    "page": Action(
        write_page,
        "codebook",
        "Check a codebook (unique ids, examples with known labels) and write its page.\n"
        "Two more things to do: python -m framing.codebook new --help, and check --help.",
    ),
    "new": Action(write_new, "codebook_new", "Write a codebook to fill in, with a comment on every setting."),
    "check": Action(
        check,
        "codebook_check",
        "Compare a corpus with a codebook: labels that it does not know (exit code 2), labels that are\n"
        "never used, or too rare to learn.",
    ),
}


def main() -> None:
    """Do what the first word on the command line asks for."""
    word = next(iter(sys.argv[1:]), "")
    if word.isalpha():
        if word not in ACTIONS:
            print(f"error: {word}: expected one of {', '.join(ACTIONS)}, or key=value.", file=sys.stderr)
            sys.exit(USER_ERROR)
        del sys.argv[1]  # Hydra reads the rest
    action = ACTIONS.get(word, ACTIONS["page"])
    run_command(action.task, action.config, action.explanation)


if __name__ == "__main__":
    main()
