"""Articles in text files, web pages and JSON lines, read block by block.

A block is a whole file, or up to a thousand lines of JSON lines: the unit that is finished or not when
the work is interrupted.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from framing.core.errors import Problem
from framing.data.extraction import ExtractionError, declared_charset, extract_page

SUFFIXES = (".txt", ".html", ".htm", ".jsonl")
LINES = 1000
HEADER_LINE = re.compile(r"(title|date|source|url):\s*(.*)", re.IGNORECASE)
"""A line above the text of a .txt file that says something of the article."""


@dataclass(frozen=True)
class Block:
    """A piece of an input file.

    Attributes:
        file: path below the input folder, with `/`.
        folder: the folder that may name its source.
        line: of its first line in the file, from 1.
    """

    file: str
    folder: str
    line: int
    content: bytes


@dataclass(frozen=True)
class Article:
    """One article.

    Attributes:
        article: its id.
        file: where it was read.
        line: in that file, from 1; 0 when the file is the article.
        text: what offsets count in. The title, if known, is one of its lines.
    """

    article: str
    source: str
    date: str | None
    title: str | None
    url: str | None
    file: str
    line: int
    text: str


@dataclass(frozen=True)
class _Found:
    """What one file or one row says of an article, before its source is chosen."""

    text: str
    article: str
    source: str | None = None
    date: str | None = None
    title: str | None = None
    url: str | None = None


class _UnusableError(Exception):
    """An article that cannot be used: column, found, expected, cure."""


def read_blocks(path: Path, file: str, folder: str) -> Iterator[Block]:
    """Yield the blocks of a file.

    Args:
        path: where it is.
        file: how it is called in articles and messages.
        folder: the folder that may name its source.

    Raises:
        OSError: it cannot be read.
    """
    if path.suffix.lower() != ".jsonl":
        yield Block(file, folder, 0, path.read_bytes())
        return
    with path.open("rb") as lines:
        first = 1
        while block := list(islice(lines, LINES)):
            yield Block(file, folder, first, b"".join(block))
            first += len(block)


def read_articles(block: Block, sources: Sequence[str]) -> tuple[list[Article], list[Problem]]:
    """Return the articles of a block, and what is wrong with those that cannot be used.

    Args:
        block: content of a file whose name ends as one of `SUFFIXES`.
        sources: where the source is taken from, the first that there is: `field`, `host`, `folder`.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    for line, content in _pieces(block):
        try:
            articles.append(_article(block, line, _read(block.file, line, content), sources))
        except _UnusableError as error:
            problems.append(Problem(block.file, line, *error.args))
    return articles, problems


def normal(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def title_line(text: str, title: str) -> tuple[int, int] | None:
    """Return start and end of the first line that is the title, without regard to case."""
    offset = 0
    for line in text.splitlines(keepends=True):
        if normal(line).casefold() == normal(title).casefold():
            return offset, offset + len(line)
        offset += len(line)
    return None


def _pieces(block: Block) -> Iterator[tuple[int, bytes]]:
    if not block.file.lower().endswith(".jsonl"):
        yield block.line, block.content
        return
    for line, content in enumerate(block.content.split(b"\n"), start=block.line):
        if content.strip():
            yield line, content


def _read(file: str, line: int, content: bytes) -> _Found:
    if line:
        return _row(file, line, _decoded(content))
    if file.lower().endswith(".txt"):
        return _text_file(file, _decoded(content))
    text = _decoded(content, declared_charset(content))
    try:
        page = extract_page(text)
    except ExtractionError as error:
        raise _UnusableError("", str(error), "a page with an article", "Save the page again.") from error
    return _Found(page.text, file, None, page.date, page.title, page.url)


def _text_file(file: str, text: str) -> _Found:
    """Return what a text file says of its article in the lines above the text, and the text below them."""
    fields: dict[str, str | None] = {}
    lines = text.splitlines(keepends=True)
    while lines and (found := HEADER_LINE.fullmatch(lines[0].strip())) and found[1].lower() not in fields:
        fields[found[1].lower()] = found[2] or None
        del lines[0]
    return _Found("".join(lines).lstrip("\r\n") if fields else text, file, **fields)


def _decoded(content: bytes, charset: str | None = None) -> str:
    try:
        return content.decode(charset or "utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {content[error.start]:#04x} at position {error.start + 1}"
        expected = f"{charset} text, as the page declares" if charset else "UTF-8 text"
        raise _UnusableError("", found, expected, "Save the file as UTF-8.") from error


def _row(file: str, line: int, text: str) -> _Found:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        found = str(error)
        if isinstance(error, json.JSONDecodeError):
            found = f"{error.msg} at position {error.pos + 1}"
        raise _UnusableError("", found, "one JSON object a line", "Mend the line or remove it.") from error
    if not isinstance(row, dict):
        raise _UnusableError("", type(row).__name__, 'an object such as {"text": ...}', "Mend the line.")
    fields = {name: _field(row, name) for name in ("text", "article", "id", "source", "date", "title", "url")}
    return _Found(
        fields["text"] or "",
        fields["article"] or fields["id"] or f"{file}:{line}",
        *[fields[name] for name in ("source", "date", "title", "url")],
    )


def _field(row: dict[str, Any], name: str) -> str | None:
    """Return a field as text; a number becomes its digits, an empty text is no value."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and name != "text":
        return str(value)
    if value is not None and not isinstance(value, str):
        raise _UnusableError(name, repr(value)[:80], "a string", "Write the value as a string.")
    return value if value and value.strip() else None


def _article(block: Block, line: int, found: _Found, sources: Sequence[str]) -> Article:
    if not found.text.strip():
        column = "text" if line else ""
        raise _UnusableError(column, "no text", "the text of an article", "Fill it in or remove it.")
    fields = asdict(found)
    title = normal(found.title or "") or None
    text = found.text
    if title is not None and title_line(text, title) is None:
        text = f"{title}\n{text}"
    fields |= {"title": title, "text": text, "source": _source(block, found, sources)}
    for name, value in fields.items():
        _check_characters(name, value or "")
    return Article(**fields, file=block.file, line=line)


def _check_characters(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        found = f"half of a surrogate pair at position {error.start + 1}"
        raise _UnusableError(name, found, "characters that UTF-8 can hold", "Mend the value.") from error


def _source(block: Block, found: _Found, sources: Sequence[str]) -> str:
    for place in sources:
        if source := _SOURCES[place](block, found):
            return source
    raise _UnusableError(
        "source", "no source", f"one by {', '.join(sources)}", "Add it, or set source to what articles have."
    )


def _host(url: str | None) -> str | None:
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


_SOURCES: dict[str, Callable[[Block, _Found], str | None]] = {
    "field": lambda _, found: normal(found.source or "") or None,
    "host": lambda _, found: _host(found.url),
    "folder": lambda block, _: block.folder or None,
}
