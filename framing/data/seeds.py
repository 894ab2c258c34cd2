"""The five seed documents, cut into sentences and marked by kind.

`seeds/sources.yaml` says where each document comes from and which of its sentences are not running
text; this module joins it with the segmentation. The result is stored as `seeds/sentences.jsonl`, so
that sentence ids do not move when the segmentation library does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from framing.core.errors import FramingError
from framing.data.segmentation import segment

KINDS = ("headline", "caption", "related", "body", "repeat", "boilerplate")


def seed_sentences(folder: Path) -> list[dict[str, Any]]:
    """Return one record for every sentence of every seed document.

    Args:
        folder: the folder with `sources.yaml` and `documents/`.

    Returns:
        Records with `id`, `article`, `position` (from 0), `start` and `end` (code points of the
        document), `kind` (one of `KINDS`), `source` and `text`.

    Raises:
        FramingError: a mark in `sources.yaml` matches no sentence, or names an unknown kind.
    """
    articles = yaml.safe_load((folder / "sources.yaml").read_text(encoding="utf-8"))
    return [record for article in articles for record in _article_sentences(folder, article)]


def _article_sentences(folder: Path, article: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # Bytes, not read_text: universal newlines would shift the offsets of a file with \r\n.
    document = (folder / article["file"]).read_bytes().decode("utf-8")
    marks = _marks(article)
    used: set[str] = set()
    seen: set[str] = set()
    for position, span in enumerate(segment(document)):
        mark = next((beginning for beginning in marks if span.text.startswith(beginning)), None)
        kind = "body" if mark is None else marks[mark]
        if mark is not None:
            used.add(mark)
        if kind != "boilerplate" and span.text in seen:
            kind = "repeat"
        seen.add(span.text)
        yield {
            "id": f"{article['article']}:{position:03d}",
            "article": article["article"],
            "position": position,
            "start": span.start,
            "end": span.end,
            "kind": kind,
            "source": article["source"],
            "text": span.text,
        }
    if unused := sorted(set(marks) - used):
        raise FramingError(
            f"{folder / 'sources.yaml'}, article {article['article']}: no sentence begins with "
            f"{unused[0]!r}. Write the mark as the sentence begins, or remove it."
        )


def _marks(article: dict[str, Any]) -> dict[str, str]:
    """Return how a sentence begins -> its kind, for one article."""
    marks: dict[str, str] = {}
    for kind, beginnings in article.get("kinds", {}).items():
        if kind not in KINDS:
            raise FramingError(
                f"sources.yaml, article {article['article']}: found kind {kind!r}; "
                f"expected one of {', '.join(KINDS)}."
            )
        marks |= dict.fromkeys(beginnings, kind)
    return marks
