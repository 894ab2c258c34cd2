"""Sentences with character offsets, by syntok (MIT).

syntok was chosen over sentencex on the seed documents: it also splits quotations that hold several
sentences, which the codebook asks for (its unit is one sentence). See docs/decisions.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from syntok import segmenter


@dataclass(frozen=True)
class Span:
    """One sentence of a document.

    Attributes:
        start: offset of its first character in the document, in code points.
        end: offset after its last character.
        text: its characters, with every run of white space (also no-break spaces) as one space.
    """

    start: int
    end: int
    text: str


def segment(document: str) -> Iterator[Span]:
    """Yield the sentences of a document in order. A line break always ends a sentence.

    Args:
        document: decoded text; any line is a paragraph, a headline or a caption.
    """
    offset = 0
    for line in document.splitlines(keepends=True):
        for paragraph in segmenter.analyze(line):
            for tokens in paragraph:
                start = tokens[0].offset
                end = len(
                    line[: tokens[-1].offset + len(tokens[-1].value)].rstrip()
                )  # without the line break
                yield Span(offset + start, offset + end, " ".join(line[start:end].split()))
        offset += len(line)
