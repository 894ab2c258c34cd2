"""An article's sentences, each with its place in the text and its kind."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from framing.data.articles import Article, title_line
from framing.data.boilerplate import BoilerplateRule, is_boilerplate
from framing.data.segmentation import Span, segment


def article_sentences(article: Article, rules: Sequence[BoilerplateRule]) -> list[dict[str, Any]]:
    """Return one record for every sentence of the article, in order.

    Returns:
        Records with `id`, `article`, `position` (from 0), `start` and `end` (code points of
        `article.text`), `date`, `source`, `kind` and `text`. The kind is `headline` in the line that is
        the title, else `boilerplate` where a rule fits, else `repeat` where the article had the
        sentence before, else `body`.
    """
    spans = list(segment(article.text))
    lines = _lines(article.text, spans)
    alone = Counter(lines)
    title = title_line(article.text, article.title) if article.title else None
    seen: set[str] = set()
    records = []
    for position, (span, line) in enumerate(zip(spans, lines, strict=True)):
        if title is not None and title[0] <= span.start < title[1]:
            kind = "headline"
        elif is_boilerplate(rules, span.text, only=alone[line] == 1):
            kind = "boilerplate"
        else:
            kind = "repeat" if span.text in seen else "body"
        seen.add(span.text)
        records.append(_record(article, position, span, kind))
    return records


def _record(article: Article, position: int, span: Span, kind: str) -> dict[str, Any]:
    # A sentence without a full stop comes with the line break after it.
    words = article.text[span.start : span.end].rstrip()
    return {
        "id": f"{article.article}:{position:03d}",
        "article": article.article,
        "position": position,
        "start": span.start,
        "end": span.start + len(words),
        "date": article.date,
        "source": article.source,
        "kind": kind,
        "text": span.text,
    }


def _lines(text: str, spans: Sequence[Span]) -> list[int]:
    """Return for every sentence the number of the line that it stands in."""
    numbers = []
    line, end = -1, 0
    following = iter(text.splitlines(keepends=True))
    for span in spans:
        while span.start >= end:
            end += len(next(following))
            line += 1
        numbers.append(line)
    return numbers
