"""The network that is fine-tuned: encoder, pooling, and one linear head for frames and voice.

Frames and voice come out of the same forward pass.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

NO_VOICE_TARGET = -100
"""What torch's cross-entropy passes over."""


@dataclass(frozen=True)
class HeadShape:
    """How many labels there are, and whether a sentence has exactly one frame."""

    frames: int
    voices: int
    single_label: bool


class PooledEncoder(nn.Module):
    """Sentences in, one vector each: the mean of its tokens, or that of the first ([CLS])."""

    def __init__(self, encoder: Any, pooling: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.size = int(encoder.config.hidden_size)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self._pooled(attention_mask, input_ids=input_ids)

    def from_embeddings(self, embeddings: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the vectors of sentences given as word embeddings, shape (n, tokens, size of these)."""
        return self._pooled(attention_mask, inputs_embeds=embeddings)

    def _pooled(self, attention_mask: Tensor, **read: Tensor) -> Tensor:
        states: Tensor = self.encoder(attention_mask=attention_mask, **read).last_hidden_state
        if self.pooling == "cls":
            return states[:, 0]
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        return (states * mask).sum(dim=1) / mask.sum(dim=1)


class FrameNetwork(nn.Module):
    """Sentences in, logits of frames and voices out.

    `forward` takes `input_ids` and `attention_mask` of shape (n, tokens) and returns logits of shape
    (n, frames + voices); where the codebook's patterns match is added to them by `with_patterns`. With
    `frames` (n, number of frames; soft labels between 0 and 1 are allowed), `voices` (n,) and `matches`
    (n, number of frames) it returns `{"loss", "logits"}`, as the Trainer expects. The loss is binary
    cross-entropy over the frames (cross-entropy for a single-label codebook), plus `voice_weight` times
    cross-entropy over the voices of the sentences that have one.
    """

    def __init__(
        self,
        encoder: PooledEncoder,
        shape: HeadShape,
        *,
        dropout: float,
        voice_weight: float,
        patterns_alone: float,
    ) -> None:
        super().__init__()
        self.pooled = encoder
        self.shape, self.voice_weight, self.patterns_alone = shape, voice_weight, patterns_alone
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.size, shape.frames + shape.voices)
        self.pattern_head = nn.Linear(shape.frames, shape.frames + shape.voices, bias=False)
        for parameter in (self.head.weight, self.head.bias, self.pattern_head.weight):
            nn.init.zeros_(parameter)
        self.frame_weights: Tensor
        self.register_buffer("frame_weights", torch.ones(shape.frames))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        frames: Tensor | None = None,
        voices: Tensor | None = None,
        matches: Tensor | None = None,
    ) -> Any:
        pooled = self.dropout(self.pooled(input_ids, attention_mask))
        if frames is None or voices is None or matches is None:
            return self.head(pooled).float()
        from_text = functional.linear(pooled, self.head.weight).float()
        logits = self._withheld(from_text) + self.head.bias + self.pattern_head(matches).float()
        return {"loss": self._loss(logits, frames, voices), "logits": logits}

    def _withheld(self, from_text: Tensor) -> Tensor:
        """Return the logits without what the encoder says of the frames of a random part of the sentences.

        Their frames have to be learned from the patterns alone, which otherwise would count for little:
        what the encoder learns by heart explains the training sentences without them.
        """
        kept = torch.rand(len(from_text), 1, device=from_text.device) >= self.patterns_alone
        voices = torch.ones(len(from_text), self.shape.voices, device=from_text.device)
        return from_text * torch.cat([kept.expand(-1, self.shape.frames).float(), voices], dim=1)

    def with_patterns(self, logits: NDArray[np.float32], matches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits with what the matches of the patterns, shape (n, number of frames), add."""
        weights = self.pattern_head.weight.detach().cpu().numpy()
        return np.asarray(logits + matches @ weights.T, dtype=np.float32)

    def _loss(self, logits: Tensor, frames: Tensor, voices: Tensor) -> Tensor:
        frame_logits, voice_logits = logits.split([self.shape.frames, self.shape.voices], dim=1)
        if self.shape.single_label:
            loss = functional.cross_entropy(frame_logits, frames, weight=self.frame_weights)
        else:
            loss = functional.binary_cross_entropy_with_logits(
                frame_logits, frames, pos_weight=self.frame_weights
            )
        if self.shape.voices and bool((voices != NO_VOICE_TARGET).any()):
            voice_loss = functional.cross_entropy(voice_logits, voices, ignore_index=NO_VOICE_TARGET)
            loss = loss + self.voice_weight * voice_loss
        return loss
