"""Progress and the closing table on the console."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from framing.evaluation.corpus_checks import Check
from framing.reporting.cells import cell
from framing.reporting.evaluated import Evaluated
from framing.reporting.sections import with_interval
from framing.reporting.verdict import verdict_parts

WIDE = 1000
"""Width of a line that is not on a terminal: a log is not folded."""


MARKS = {True: "[green]green[/]", False: "[bold red]RED[/]", None: "[yellow]skipped[/]"}


def console(*, stderr: bool = False) -> Console:
    """Return a console that folds lines only on a terminal."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=True)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=WIDE, soft_wrap=True)


class Rate(ProgressColumn):
    """How many of something are done in a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} {self.unit}/s" if speed else "")


def progress(*columns: ProgressColumn) -> Progress:
    """Return a progress bar with count and time left, on standard error; it clears itself.

    `columns` stand between the count and the time left.
    """
    out = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *columns,
        TimeRemainingColumn(),
        console=out,
        transient=True,
        disable=out.is_jupyter or not out.is_terminal,  # no ipywidgets there, no line for a log
    )


@contextmanager
def progress_of(description: str) -> Iterator[Callable[[float], None]]:
    """Show a bar while the block runs, and yield what is to be told the share that is done."""
    with progress() as bar:
        task = bar.add_task(description, total=100)
        yield lambda share: bar.update(task, completed=round(100 * share))


@contextmanager
def working(description: str) -> Iterator[None]:
    """Show, while the block runs, that something of unknown length goes on."""
    with progress() as bar:
        bar.add_task(description, total=None)
        yield


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Yield what shows the step that a piece of work of several steps is at."""
    with progress() as bar:
        task = bar.add_task("", total=None)
        yield lambda step: bar.update(task, description=step)


def print_evaluation(evaluated: Evaluated, folder: str = "", where: Sequence[str] = ()) -> None:
    """Print the frames and the models with intervals, the verdict, the notices, and where everything is."""
    out = console()
    columns = ["frame", "precision", "recall", "f1", "low", "high", "support", "predicted"]
    frames, models = evaluated.findings.frames, evaluated.findings.models
    shown = frames.select([name for name in columns if name in frames.columns])
    scored = evaluated.division() or "predictions from a file"
    out.print(_table(f"{evaluated.model} by frame ({scored})", with_interval(shown)))
    out.print(_table("all models, same sentences", with_interval(models)))
    for heading, sentences in verdict_parts(evaluated).items():
        out.print(heading, style="bold")
        for sentence in sentences:
            out.print(f"  {sentence}", markup=False)
    for notice in evaluated.all_notices():
        out.print(f"note  {notice}", style="yellow", markup=False)
    lines = {"run": evaluated.name, "results": folder}
    for name, value in lines.items():
        if value:
            out.print(f"{name:<11} {value}", markup=False)
    for line in where:
        out.print(line, markup=False)


def print_table(title: str, frame: pl.DataFrame) -> None:
    """Print any table."""
    console().print(_table(title, frame))


def print_checks(checks: Sequence[Check]) -> None:
    """Print a table of checks, each with a mark, and below it examples of what is beyond a limit."""
    table = Table(title="checks", title_justify="left", title_style="bold")
    for name in ("", "check", "found", "limit"):
        table.add_column(name)
    for check in checks:
        table.add_row(MARKS[check.passed], check.name, escape(check.found), escape(check.limit))
    out = console()
    out.print(table)
    for check in checks:
        if check.passed is False:
            out.print(f"{check.name}:", markup=False, style="red")
            for example in check.examples:
                out.print(f"  {example}", markup=False)


def _table(title: str, frame: pl.DataFrame) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left")
    for row in frame.iter_rows():
        table.add_row(*[escape(cell(value, name)) for name, value in zip(frame.columns, row, strict=True)])
    return table
