"""The sentences that a reader can browse on the page, as JSON that stands safely inside HTML."""

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate, islice, pairwise
from typing import Any

import polars as pl

from framing.reporting.cells import known
from framing.reporting.evaluated import Evaluated
from framing.reporting.sections import cut

SENTENCES = 2000
"""Sentences on the page; all of them stand in the table file."""

CHARACTERS = 1000
"""Of a sentence on the page."""

BYTES = 1_100_000
"""Of all sentences on the page, so that it stays under 2 MB whatever they hold."""

MARKED = 12
"""Passages of a sentence that are marked for a frame, those with the largest contributions."""

SMALLEST = 0.15
"""Of the largest contribution in a sentence; passages with less are not marked."""

ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}

Record = dict[str, Any]
Marks = dict[tuple[str, str], list[tuple[int, int, float]]]


def sentence_data(evaluated: Evaluated) -> tuple[str, int]:
    """Return the sentences as JSON for a script element, and how many they are.

    Nothing in it can end the element or a line of a script: `<`, `>`, `&` and the line separators of
    Unicode are escaped. At most `SENTENCES` sentences and `BYTES` bytes.

    Returns:
        A list of objects: `id`, `text`, `frames`, `predicted`, and where there are any `source`, `kind`,
        `voice`, `predicted_voice`, `p` (probabilities of the frames that it has or was given) and `marks`
        (by frame: start, end and contribution of passages; characters are code points).
    """
    marks = _marks(evaluated)
    texts: list[str] = []
    size = 2
    for record in _records(evaluated, marks):
        text = escaped(json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
        size += len(text.encode()) + 1
        if size > BYTES:
            break
        texts.append(text)
    return f"[{','.join(texts)}]", len(texts)


def escaped(text: str) -> str:
    """Return JSON in which no character has a meaning for HTML or for a line of JavaScript.

    >>> escaped('"</script>"')
    '"\\\\u003c/script\\\\u003e"'
    """
    for character, escape in ESCAPES.items():
        text = text.replace(character, escape)
    return text


def first_sentences(evaluated: Evaluated, number: int, length: int) -> list[Record]:
    """Return the first sentences as a table for readers without JavaScript; texts are cut at `length`."""
    records = islice(_records(evaluated, {}), number)
    return [record | {"text": cut(record["text"], length)} for record in records]


def shown_sentences(evaluated: Evaluated) -> pl.DataFrame:
    """Return the sentences of the page in their order.

    Of more than `SENTENCES` those that are explained or whose label is doubted, and others at random.
    """
    table = evaluated.sentences
    if table.height <= SENTENCES:
        return table
    found = evaluated.findings
    pointed = [each["id"] for each in (found.contributions, found.label_issues) if each.height]
    pointed_at = pl.concat(pointed).unique() if pointed else pl.Series("id", [], dtype=pl.String)
    drawn = table.with_row_index("place").sample(fraction=1.0, shuffle=True, seed=0)
    first = drawn.sort(pl.col("id").is_in(pointed_at.implode()), descending=True, maintain_order=True)
    return first.head(SENTENCES).sort("place").drop("place")


def _records(evaluated: Evaluated, marks: Marks) -> Iterable[Record]:
    table = shown_sentences(evaluated)
    optional = [name for name in ("source", "kind", "voice", "predicted_voice") if name in table.columns]
    for row in table.iter_rows(named=True):
        frames, predicted = split_labels(row["frames"]), split_labels(row["predicted_frames"])
        named = sorted({*frames, *predicted})
        probabilities = {
            frame: round(p, 2) for frame in named if (p := known(row.get(f"p_{frame}"))) is not None
        }
        passages = {frame: marks[key] for frame in named if (key := (row["id"], frame)) in marks}
        found = {"p": probabilities, "marks": passages} | {name: row[name] for name in optional}
        yield {
            "id": row["id"],
            "text": cut(row["text"], CHARACTERS),
            "frames": frames,
            "predicted": predicted,
            **{name: value for name, value in found.items() if value},
        }


def split_labels(joined: str | None) -> list[str]:
    """Return the frames of a text that joins them by ";"."""
    return [name for name in (joined or "").split(";") if name]


def _marks(evaluated: Evaluated) -> Marks:
    """Return the passages to mark, by sentence and frame."""
    table = evaluated.findings.contributions
    if not table.height:
        return {}
    shown = shown_sentences(evaluated)["id"]
    parts = table.filter(pl.col("id").is_in(shown.implode())).group_by("id", "frame", maintain_order=True)
    spans = {
        (str(identity), str(frame)): list(part.select("start", "end", "contribution").iter_rows())
        for (identity, frame), part in parts
    }
    return {key: found for key, all_spans in spans.items() if (found := passages(all_spans))}


def passages(spans: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Return passages that do not overlap, each with the sum of the contributions that cover it.

    Terms of several words overlap ("the captured", "captured town"); where they do, both count.
    Only the `MARKED` passages of the largest size are kept, in the order of the text, and none that has
    less than `SMALLEST` of the largest.

    >>> passages([(0, 3, 0.5), (0, 8, 0.25), (9, 12, 0.01)])
    [(0, 3, 0.75), (3, 8, 0.25)]
    """
    steps: dict[int, float] = defaultdict(float)
    for start, stop, value in spans:
        steps[start] += value
        steps[stop] -= value
    heights = accumulate(steps[end] for end in sorted(steps))
    summed = [
        (start, stop, round(height, 3))
        for (start, stop), height in zip(pairwise(sorted(steps)), heights, strict=False)
    ]
    least = max(SMALLEST * max(abs(each[2]) for each in summed), 0.001) if summed else 0
    kept = sorted((each for each in summed if abs(each[2]) >= least), key=lambda each: -abs(each[2]))
    return sorted(kept[:MARKED])
