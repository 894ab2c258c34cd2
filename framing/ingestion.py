"""From a folder of articles to a corpus of sentences, in parts, so that an interruption loses little.

Every block of input (a file, or a thousand lines of JSON lines) becomes one part file in a folder beside
the output. The part's name is a checksum of the block, its place and the settings, and it is there whole
or not at all; so a second run makes only the parts that are missing, and joins them all at the end.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from rich.markup import escape

from framing.core.errors import FramingError, Problem
from framing.data.articles import read_articles, read_blocks
from framing.data.boilerplate import BoilerplateRule
from framing.data.input_files import InputFile, InputFiles, find_files
from framing.data.sentences import article_sentences
from framing.data.writing import TableWriter, check_format
from framing.reporting.console import progress

PART_VERSION = 2
"""Goes up when the same input gives other parts, so that old ones are not used."""

SENTENCES = {"id": str, "article": str, "position": int, "start": int, "end": int, "date": str,
             "source": str, "kind": str, "text": str}  # fmt: skip
ARTICLES = {"article": str, "source": str, "date": str, "title": str, "url": str, "file": str,
            "line": int, "text": str}  # fmt: skip


@dataclass(frozen=True)
class IngestionPlan:
    """What is read and what is written.

    Attributes:
        input: a folder, or one file.
        output: .parquet or .jsonl.
        sources: where an article's source is taken from, the first that there is.
        rules: what is boilerplate.
    """

    input: Path
    output: Path
    sources: tuple[str, ...]
    rules: tuple[BoilerplateRule, ...]

    @property
    def articles(self) -> Path:
        """The articles' texts, in which the offsets of the sentences count."""
        return self.output.with_name(f"{self.output.stem}.articles{self.output.suffix}")

    @property
    def unread(self) -> Path:
        """What could not be read, one problem a line."""
        return self.output.with_name(f"{self.output.name}.unread.jsonl")

    @property
    def parts(self) -> Path:
        """The folder of the finished parts."""
        return self.output.with_name(f"{self.output.name}.parts")

    @property
    def fingerprint(self) -> str:
        """Everything but the input that decides what a part holds."""
        libraries = {name: version(name) for name in ("trafilatura", "syntok")}
        rules = [asdict(rule) for rule in self.rules]
        return json.dumps([PART_VERSION, self.sources, rules, libraries], sort_keys=True)


@dataclass
class Ingested:
    """What was done.

    Attributes:
        made: parts made now.
        kept: parts that an earlier run had finished.
        articles: number of articles by source.
        sentences: number of sentences by source and kind.
        problems: what could not be read.
        passed_over: number of files that are not articles by their name, by suffix.
    """

    made: int = 0
    kept: int = 0
    articles: Counter[str] = field(default_factory=Counter)
    sentences: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def table(self) -> pl.DataFrame:
        """Return one row a source: `source`, `articles`, `sentences`, and one column a kind."""
        kinds = sorted({kind for _, kind in self.sentences})
        rows = []
        for source in sorted(self.articles):
            by_kind = {kind: self.sentences[source, kind] for kind in kinds}
            total = {"articles": self.articles[source], "sentences": sum(by_kind.values())}
            rows.append({"source": source, **total, **by_kind})
        return pl.DataFrame(rows)


def ingest(plan: IngestionPlan) -> Ingested:
    """Read the input, write the sentences, the articles' texts and what could not be read.

    Raises:
        FramingError: the input is not there, the output cannot be written, or nothing could be read.
    """
    check_format(plan.output)
    beside = [plan.output, plan.articles, plan.unread, plan.parts]
    files = find_files(plan.input, leave_out=beside)
    _prepare(plan)
    done = Ingested(problems=files.problems, passed_over=files.passed_over)
    keys = _make_parts(plan, files, done)
    _join(plan, keys, done)
    _write_unread(plan, done.problems)
    if not done.articles:
        raise FramingError(_nothing_read(plan, done))
    _replace_outputs(plan)
    _remove_other_parts(plan, keys)
    return done


def _prepare(plan: IngestionPlan) -> None:
    """Make the folder of the parts; an output without one is somebody else's file."""
    if not plan.parts.exists() and (found := [p for p in (plan.output, plan.articles) if p.exists()]):
        raise FramingError(
            f"output={plan.output}: {found[0]} is there already, and {plan.parts.name}, the parts that it "
            "would be made of, is not. Choose another name, or remove the file."
        )
    with _writing(plan.parts):
        plan.parts.mkdir(parents=True, exist_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what the system says while writing into an error for the user."""
    try:
        yield
    except OSError as error:
        raise FramingError(
            f"{path}: cannot be written ({error.strerror or error}). Make room, or choose another output."
        ) from error


def _make_parts(plan: IngestionPlan, files: InputFiles, done: Ingested) -> list[str]:
    """Make the parts that are missing and return the names of all, in the order of the input."""
    keys: list[str] = []
    with progress() as bar:
        task = bar.add_task("reading", total=sum(file.size for file in files.articles) // 1024)
        read = 0
        for file in files.articles:
            bar.update(task, description=f"reading {escape(file.name)} (kB)")
            try:
                for key, size in _parts_of(plan, file, done):
                    keys.append(key)
                    read += size
                    bar.update(task, completed=read // 1024)
            except OSError as error:
                cure = "Give yourself the right to read it, or take it away."
                found = error.strerror or str(error)
                done.problems.append(Problem(file.name, 0, "", found, "a file to read", cure))
    return keys


def _parts_of(plan: IngestionPlan, file: InputFile, done: Ingested) -> Iterator[tuple[str, int]]:
    """Yield name and size of the parts of a file, each made when it was not there."""
    for block in read_blocks(file.path, file.name, file.folder):
        place = json.dumps([plan.fingerprint, block.file, block.folder, block.line])
        key = hashlib.sha256(place.encode() + b"\n" + block.content).hexdigest()
        path = plan.parts / f"{key}.json"
        if path.exists():
            done.kept += 1
        else:
            articles, problems = read_articles(block, plan.sources)
            part = {
                "articles": [
                    {**asdict(article), "sentences": article_sentences(article, plan.rules)}
                    for article in articles
                ],
                "problems": [asdict(problem) for problem in problems],
            }
            _write_whole(path, json.dumps(part))
            done.made += 1
        yield key, len(block.content)


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    with _writing(path):
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)


def _join(plan: IngestionPlan, keys: Sequence[str], done: Ingested) -> None:
    """Write the drafts of both outputs from all parts; count; an article's id is used once."""
    first_place: dict[str, str] = {}
    with (
        _writing(plan.output),
        TableWriter(_draft(plan, plan.output), SENTENCES) as sentences,
        TableWriter(_draft(plan, plan.articles), ARTICLES) as articles,
        progress() as bar,
    ):
        for key in bar.track(keys, description="writing"):
            part = _read_part(plan.parts / f"{key}.json")
            done.problems += [Problem(**problem) for problem in part["problems"]]
            for article in part["articles"]:
                place = f"{article['file']}, line {article['line']}" if article["line"] else article["file"]
                first = first_place.setdefault(article["article"], place)
                if first != place:
                    done.problems.append(_repeated(article, first))
                    continue
                articles.write([article])
                sentences.write(article["sentences"])
                done.articles[article["source"]] += 1
                done.sentences.update((article["source"], row["kind"]) for row in article["sentences"])


def _read_part(path: Path) -> dict[str, Any]:
    try:
        part: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError as error:
        raise FramingError(f"{path}: is damaged. Remove it and type the same command again.") from error
    return part


def _draft(plan: IngestionPlan, path: Path) -> Path:
    return plan.parts / path.name


def _repeated(article: dict[str, Any], first: str) -> Problem:
    found = repr(article["article"])
    expected = f"an id that is not yet used ({first} has it)"
    return Problem(
        article["file"], article["line"], "article", found, expected, "Give the article its own id."
    )


def _write_unread(plan: IngestionPlan, problems: Sequence[Problem]) -> None:
    if not problems:
        plan.unread.unlink(missing_ok=True)
        return
    lines = [json.dumps(asdict(problem), ensure_ascii=False) + "\n" for problem in problems]
    _write_whole(plan.unread, "".join(lines))


def _nothing_read(plan: IngestionPlan, done: Ingested) -> str:
    if done.problems:
        return (
            f"input={plan.input}: nothing could be read; {len(done.problems)} problem(s) are listed in "
            f"{plan.unread}. The first: {done.problems[0]}"
        )
    others = ", ".join(f"{number} {suffix}" for suffix, number in sorted(done.passed_over.items()))
    return (
        f"input={plan.input}: found {others or 'no file'}, expected .txt, .html, .htm or .jsonl. "
        "Give the folder of the articles."
    )


def _replace_outputs(plan: IngestionPlan) -> None:
    with _writing(plan.output):
        for path in (plan.articles, plan.output):
            os.replace(_draft(plan, path), path)


def _remove_other_parts(plan: IngestionPlan, keys: Sequence[str]) -> None:
    """Remove parts of files that are gone or have changed, and of other settings."""
    with _writing(plan.parts):
        for path in set(plan.parts.iterdir()) - {plan.parts / f"{key}.json" for key in keys}:
            path.unlink()
