"""How the groups of a corpus differ in their words: the steps from sentences to a recorded report."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from framing.core.errors import CorpusError, FramingError, Problem
from framing.data.batches import file_sha256
from framing.data.loading import Unlabelled
from framing.evaluation.lexicon.corpora import InMemory, Sentences
from framing.evaluation.lexicon.documents import with_groups
from framing.evaluation.lexicon.on_disk import OnDisk
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import Lexicon
from framing.evaluation.lexicon.whole import LexiconRules, Step, quietly, whole_lexicon
from framing.reporting.lexicon_files import write_lexicon
from framing.reporting.writing import write_problems
from framing.tracking.tracker import DataFile, RunDescription, Tracker, recorded

UNFINISHED = "unfinished"
"""Where sentences wait on disk, below the folder of the report; removed at the end."""

MOST_GROUPS = 2000
"""With more, the column does not name groups."""

MOST_PARTS = 200
"""With more values of `within`, the column does not name parts of a corpus, but single sentences."""


@dataclass(frozen=True)
class LexiconPlan:
    """A lexicon report, ready to start.

    Attributes:
        run: how it is recorded.
        folder: where it is written.
        title: of its page.
        rules: what it does.
    """

    run: RunDescription
    folder: Path
    title: str
    rules: LexiconRules


def report_lexicon(
    plan: LexiconPlan, read: Callable[[], "SentencesRead"], tracker: Tracker, tell: Step
) -> Lexicon:
    """Compare the groups of a corpus, write the report and record it; nothing is trained.

    Args:
        plan: what to do.
        read: reads the sentences.
        tracker: records the run.
        tell: is told every step as it begins.

    Raises:
        FramingError: the corpus cannot be used, or has one group only.
    """
    unfinished = plan.folder / UNFINISHED
    with _removed_after(unfinished):
        tell("reading the corpus")
        found = read()
        # Removed before the run is closed, which records every file of the folder, also after an error.
        with recorded(tracker, plan.run, plan.folder), _removed_after(unfinished):
            tracker.data([DataFile(Path(path).name, path, sha256) for path, sha256 in found.sha256.items()])
            lexicon = lexicon_of(found.sentences, plan.rules, tell)
            lexicon = replace(lexicon, notices=found.notices + lexicon.notices)
            tell("writing the report")
            write_lexicon(lexicon, plan.rules.settings, plan.title, plan.folder)
            tracker.metrics(metrics(lexicon))
    return lexicon


@contextmanager
def _removed_after(folder: Path) -> Iterator[None]:
    """Remove a folder when what happens inside is over, also on error."""
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, eq=False)
class SentencesRead:
    """Sentences that are ready to be counted, and the account of those that are left out.

    Attributes:
        sentences: with `group`, `stratum` and `within`.
        notices: what was left out, and why.
        sha256: checksum of every file that was read, by its path.
    """

    sentences: Sentences
    notices: list[str]
    sha256: Mapping[str, str]


def sentences_in_memory(
    found: Unlabelled, settings: LexiconSettings, folder: Path, *, quarantine: bool, sha256: Mapping[str, str]
) -> SentencesRead:
    """Return the sentences of a corpus that is in memory.

    Raises:
        CorpusError: rows have problems and `quarantine` is off.
        FramingError: no sentence is left, or a column is missing.
    """
    if found.problems and not quarantine:
        raise CorpusError(found.problems)
    notices = [set_aside_notice(found.set_aside, "not counted")] if found.set_aside else []
    sentences, left_out = with_groups(found.sentences, settings)
    if sentences.is_empty():
        raise FramingError(_why_nothing(found.sentences, settings))
    notices += _problem_notice(found.problems, folder) + without_value_notice(left_out, settings)
    return SentencesRead(InMemory.of(sentences), notices, sha256)


def _why_nothing(sentences: pl.DataFrame, settings: LexiconSettings) -> str:
    """Return which column leaves no sentence to compare."""
    cures = {
        "frames": "No sentence has a frame. Say which column has the labels: data.columns.frames=COLUMN.",
        "voice": "No sentence has a voice. Say which column has it: data.columns.voice=COLUMN.",
        "period": "No sentence has a date that begins with year and month, such as 2024-11-03. Say which "
        "column has it: data.columns.date=COLUMN.",
    }
    asked = [settings.groups, *settings.strata, *([settings.within] if settings.within else [])]
    for name in dict.fromkeys(asked):
        alone = replace(settings, groups=name, strata=(), within=None)
        if with_groups(sentences, alone)[0].is_empty():
            example = ""
            if name == "period" and sentences["date"].drop_nulls().len():
                example = f" Found {sentences['date'].drop_nulls()[0]!r}."
            return (
                f"found no sentence with a value of {name}. "
                + cures.get(name, "Choose another column.")
                + example
            )
    return f"found no sentence that has a value of all of {', '.join(asked)}. Choose other columns."


def sentences_on_disk(
    batches: Iterable[Unlabelled],
    settings: LexiconSettings,
    folder: Path,
    *,
    quarantine: bool,
    path: str | None = None,
) -> SentencesRead:
    """Return the sentences of a corpus that is read in batches, and is more than memory holds.

    What is wrong with a row is found in its batch: an id that stands twice in two batches is not.

    Args:
        batches: the corpus.
        settings: what is compared.
        folder: for the report; the sentences wait in its folder `unfinished`.
        quarantine: list rows with problems and go on, instead of stopping.
        path: of the file that is read in batches; its checksum is taken when it has been read.

    Raises:
        CorpusError: rows have problems and `quarantine` is off.
        FramingError: no sentence is left, or a column is missing.
    """
    problems: list[Problem] = []
    set_aside: Counter[str] = Counter()
    left_out = 0

    def grouped() -> Iterator[pl.DataFrame]:
        nonlocal left_out
        for batch in batches:
            if batch.problems and not quarantine:
                raise CorpusError(batch.problems)
            problems.extend(batch.problems)
            set_aside.update(batch.set_aside)
            sentences, without = with_groups(batch.sentences, settings)
            left_out += without
            yield sentences

    sentences = OnDisk.of(grouped(), folder / UNFINISHED)
    notices = [set_aside_notice(set_aside, "not counted")] if set_aside else []
    notices += _problem_notice(problems, folder) + without_value_notice(left_out, settings)
    return SentencesRead(sentences, notices, {} if path is None else {path: file_sha256(path)})


def _problem_notice(problems: list[Problem], folder: Path) -> list[str]:
    if not problems:
        return []
    path = write_problems(problems, folder)
    return [f"{len(problems)} problem(s) in the data; the rows are left out and listed in {path}."]


def lexicon_of(sentences: Sentences, rules: LexiconRules, tell: Step = quietly) -> Lexicon:
    """Return the lexicon of sentences with groups.

    Raises:
        FramingError: there is one group only, or far too many groups or parts.
    """
    groups, column = sentences.documents.groups, rules.settings.groups
    if len(groups) < 2:
        found = f"one {column} ({groups[0]})" if groups else f"no sentence with a value of {column}"
        raise FramingError(
            f"found {found}, expected at least two values to compare. Add another, or choose another column "
            "with lexicon.groups."
        )
    if len(groups) > MOST_GROUPS:
        raise FramingError(
            f"found {len(groups):,} different values of {column}, such as {', '.join(groups[:3])}; expected "
            f"at most {MOST_GROUPS:,}. It seems to name something else than what is to be compared: choose "
            "another column with lexicon.groups, or data.columns.source=COLUMN."
        )
    if rules.settings.within is not None and len(parts := sentences.values()) > MOST_PARTS:
        raise FramingError(
            f"found {len(parts):,} different values of {rules.settings.within}, such as "
            f"{', '.join(parts[:3])}; expected at most {MOST_PARTS}, as there is a lexicon for each. Choose "
            "a column with fewer values with lexicon.within, or compare them with lexicon.groups."
        )
    return whole_lexicon(sentences, rules, tell)


def corpus_lexicon(sentences: pl.DataFrame, rules: LexiconRules) -> Lexicon:
    """Return the lexicon of a training corpus; if it cannot be compared, no tables but a notice."""
    grouped, left_out = with_groups(sentences, rules.settings)
    number, column = grouped["group"].n_unique(), rules.settings.groups
    if number < 2 or number > MOST_GROUPS:
        found = {0: f"no {column}", 1: f"one {column}"}.get(
            number, f"{number:,} different values of {column}"
        )
        return Lexicon(notices=[f"The corpus has {found}, so there is no lexicon to compare."])
    if (parts := grouped["within"].n_unique()) > MOST_PARTS:
        return Lexicon(
            notices=[
                f"The corpus has {parts:,} different values of {rules.settings.within}, so there is no "
                "lexicon within each."
            ]
        )
    lexicon = lexicon_of(InMemory.of(grouped), rules)
    notices = without_value_notice(left_out, rules.settings) + lexicon.notices
    return replace(lexicon, notices=[f"Lexicon: {notice}" for notice in notices])


def metrics(lexicon: Lexicon) -> dict[str, float]:
    """Return the numbers to compare reports by."""
    values: dict[str, float | None] = {
        "groups": lexicon.groups["group"].n_unique(),
        "documents": float(lexicon.groups["documents"].sum()),
        "sentences": float(lexicon.groups["sentences"].sum()),
    }
    for row in lexicon.comparisons.iter_rows(named=True):
        name = " ".join(filter(None, [row["within"], row["group"], "against", row["other"]]))
        values |= {f"jsd/{name}": row["jsd"], f"significant/{name}": row["significant"]}
    if lexicon.alternations.height:
        for row in lexicon.alternations.filter(pl.col("condition") == "all").iter_rows(named=True):
            values[f"cramers_v/{' '.join(filter(None, [row['within'], row['set']]))}"] = row["cramers_v"]
    named = {_metric_name(key): value for key, value in values.items() if value is not None}
    return {key: float(value) for key, value in named.items() if value == value}


def _metric_name(name: str) -> str:
    """Return the name with what MLflow does not allow made a dash."""
    return "".join(sign if sign.isalnum() or sign in "_-. /" else "-" for sign in name)


def without_value_notice(left_out: int, settings: LexiconSettings) -> list[str]:
    """Return the notice about sentences without a value in a column that is compared or divided by."""
    asked = ", ".join(filter(None, [settings.groups, settings.within, *settings.strata]))
    return [f"{left_out:,} sentences have no value of {asked} and are not counted."] if left_out else []


def set_aside_notice(set_aside: Mapping[str, int], use: str) -> str:
    """Return the notice about sentences of an excluded kind, by kind."""
    kinds = ", ".join(f"{number} {kind}" for kind, number in set_aside.items())
    return f"{sum(set_aside.values())} sentences are {use} ({kinds})."
