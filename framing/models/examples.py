"""What a network is fine-tuned on: tokens and targets, in batches of sentences of like length."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.trainer_pt_utils import LengthGroupedSampler

from framing.models.encoder import Tokens, padded


@dataclass(eq=False)
class Examples:
    """n sentences to learn from.

    Attributes:
        tokens: token ids of every sentence, once for each epoch in which it reads differently; the
            epochs take them in turn.
        frames: shape (n, number of frames), float32; soft labels are allowed.
        voices: shape (n,), `NO_VOICE_TARGET` where there is none.
        matches: shape (n, number of frames), float32; where the codebook's patterns match.
    """

    tokens: list[list[Tokens]]
    frames: NDArray[np.float32]
    voices: NDArray[np.int64]
    matches: NDArray[np.float32]
    epoch: int = 0

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, row: int) -> dict[str, Any]:
        return {
            "input_ids": self.tokens[self.epoch % len(self.tokens)][row],
            "frames": self.frames[row],
            "voices": self.voices[row],
            "matches": self.matches[row],
        }

    def __add__(self, other: "Examples") -> "Examples":
        """Return the sentences of both."""
        return Examples(
            [own + others for own, others in zip(self.tokens, other.tokens, strict=True)],
            np.vstack([self.frames, other.frames]),
            np.concatenate([self.voices, other.voices]),
            np.vstack([self.matches, other.matches]),
        )

    def take(self, rows: NDArray[np.intp]) -> "Examples":
        """Return these rows."""
        tokens = [[reading[row] for row in rows] for reading in self.tokens]
        return Examples(tokens, self.frames[rows], self.voices[rows], self.matches[rows])


class EpochSampler(LengthGroupedSampler):
    """Sentences of like length together, shuffled anew in every epoch by the seed and the epoch alone."""

    def __init__(self, batch_size: int, examples: Examples, seed: int) -> None:
        super().__init__(batch_size, lengths=[0] * len(examples), generator=torch.Generator())
        self.examples, self.seed = examples, seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer when an epoch begins."""
        self.examples.epoch = epoch
        self.lengths = [len(self.examples[row]["input_ids"]) for row in range(len(self.examples))]
        self.generator.manual_seed(self.seed * 1_000_003 + epoch)


@dataclass(frozen=True)
class Collator:
    """Makes a batch: sentences padded to the longest of them, and their targets."""

    padding: int

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Tensor]:
        ids, mask = padded([row["input_ids"] for row in rows], self.padding)
        return {
            "input_ids": ids,
            "attention_mask": mask,
            "frames": torch.from_numpy(np.stack([row["frames"] for row in rows])),
            "voices": torch.tensor([int(row["voices"]) for row in rows]),
            "matches": torch.from_numpy(np.stack([row["matches"] for row in rows])),
        }
