"""Which tokens move the logits of an encoder: integrated gradients (Sundararajan, Taly & Yan 2017).

The path goes in a straight line from a sentence without words to the sentence, in the space of the word
embeddings. The sentence without words has as many tokens, [CLS] and [SEP] where they were, and padding,
which is attended to, in the place of every other. By their Proposition 1 (completeness) what the tokens
contribute sums to the difference of the two logits; the integral is a sum of `STEPS` terms, so it does up to
an error, which every explanation tells.

The integral is captum's, by Gauss-Legendre quadrature: it needs the fewest steps, and the weights of captum's
trapezoids do not sum to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from framing.models.encoder import PlacedTokens, SentenceTokenizer, batches_by_length, padded
from framing.models.interface import AT_ONCE, Explanation, Progress
from framing.models.network import PooledEncoder
from framing.models.patterns import Patterns
from framing.models.words import Words

STEPS = 32
"""Points on the path at which the gradient is taken."""

TOKENS_AT_ONCE = 1024
"""Tokens in one pass forward and back, padding included: it bounds the memory that a gradient takes."""


@dataclass(frozen=True, eq=False)
class TokenContributions:
    """What every token adds to the logits, patterns apart; 0 where nothing was asked.

    Attributes:
        tokens: shape (tokens of all sentences one after the other, F).
        base: logits of the sentences without words, shape (n, F).
        logits: of the sentences, the same shape.
    """

    tokens: NDArray[np.float64]
    base: NDArray[np.float64]
    logits: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reader:
    """An encoder in float32 with what makes logits of its vectors and of the codebook's patterns.

    Attributes:
        tokenizer: of the encoder.
        encoder: makes vectors.
        head: vectors in, logits out, those of the frames first.
        patterns: whose matches are inputs as well; without any, one empty expression a frame.
        pattern_weights: what a match of each pattern (column) adds to the logit of each frame (row).
    """

    tokenizer: SentenceTokenizer
    encoder: PooledEncoder
    head: Callable[[Tensor], Tensor]
    patterns: Patterns
    pattern_weights: NDArray[np.float64]

    def logits(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """Return what the text alone, given as word embeddings, adds to the logits."""
        return self.head(self.encoder.from_embeddings(embeddings, mask)).float()

    def embeddings(self, ids: Tensor) -> Tensor:
        """Return the word embeddings of tokens."""
        made: Tensor = self.encoder.encoder.get_input_embeddings()(ids)
        return made.detach()


def explain_reader(
    reader: Reader,
    sentences: pl.DataFrame,
    asked: NDArray[np.bool_],
    *,
    steps: int = STEPS,
    progress: Progress = AT_ONCE.progress,
) -> Explanation:
    """Explain the logits of n sentences.

    A match of a pattern adds its weight to the logits, whatever the text. Its gradient is therefore the
    same all along the path, and its integral is that weight, exactly; the places where the pattern matches
    get equal parts of it.

    Args:
        reader: made the logits.
        sentences: their column `text` is read.
        asked: shape (n, F).
        steps: points on the path.
        progress: told the share that is done.
    """
    texts = sentences["text"].to_list()
    tokens = reader.tokenizer.placed(texts)
    found = token_contributions(reader, tokens, asked, steps=steps, progress=progress)
    words = Words.of(texts)
    row = np.repeat(np.arange(len(texts)), [len(ids) for ids in tokens.ids])
    spans = np.array([span for spans in tokens.spans for span in spans], dtype=np.int64).reshape(-1, 2)
    contributions = words.shares(row, *spans.T) @ found.tokens

    matches = reader.patterns.places(texts).with_columns(times=pl.len().over("row", "frame"))
    row, pattern, start, end, times = (matches[name].to_numpy() for name in matches.columns)
    added = reader.pattern_weights.T[pattern] / times[:, np.newaxis]
    contributions += words.shares(row, start, end) @ added
    np.add.at(found.logits, row, added)
    return words.explanation(asked, contributions, found.base, found.logits)


def token_contributions(
    reader: Reader,
    tokens: PlacedTokens,
    asked: NDArray[np.bool_],
    *,
    steps: int,
    progress: Progress,
) -> TokenContributions:
    """Return what the tokens of n sentences add to the logits of the frames that are asked for.

    Args:
        reader: makes the logits.
        tokens: of the sentences.
        asked: shape (n, F).
        steps: points on the path.
        progress: told the share that is done.
    """
    first = np.cumsum([0] + [len(ids) for ids in tokens.ids])
    found = TokenContributions(
        np.zeros((first[-1], asked.shape[1])), np.zeros(asked.shape), np.zeros(asked.shape)
    )
    pairs, padding = np.argwhere(asked), reader.tokenizer.padding
    batches = batches_by_length([tokens.ids[row] for row in pairs[:, 0]], TOKENS_AT_ONCE)
    device = next(reader.encoder.parameters()).device
    reader.encoder.eval()
    with torch.autocast(device.type, enabled=False):
        for number, batch in enumerate(batches, start=1):
            rows, frames = pairs[batch].T
            ids, mask = padded([tokens.ids[row] for row in rows], padding)
            wordless, _ = padded([tokens.wordless(row, padding) for row in rows], padding)
            target = torch.from_numpy(frames).to(device)
            made = _integrated(reader, ids.to(device), wordless.to(device), mask.to(device), target, steps)
            added, found.base[rows, frames], found.logits[rows, frames] = made
            for row, frame, values in zip(rows, frames, added, strict=True):
                length = len(tokens.ids[row])
                found.tokens[first[row] : first[row] + length, frame] = values[:length]
            progress(number / len(batches))
    return found


def _integrated(
    reader: Reader, ids: Tensor, wordless: Tensor, mask: Tensor, target: Tensor, steps: int
) -> Any:
    """Return, for n sentences and a frame each: (what the tokens add, base, logits)."""
    from captum.attr import IntegratedGradients  # it imports pyplot

    end, start = reader.embeddings(ids), reader.embeddings(wordless)
    added = IntegratedGradients(reader.logits).attribute(
        end,
        start,
        target=target,
        additional_forward_args=(mask,),
        n_steps=steps,
        method="gausslegendre",
        internal_batch_size=max(len(ids), TOKENS_AT_ONCE // ids.shape[1]),
    )
    with torch.no_grad():
        base, logits = (reader.logits(each, mask).gather(1, target[:, None])[:, 0] for each in (start, end))
    return tuple(made.double().cpu().numpy() for made in (added.sum(dim=2), base, logits))
