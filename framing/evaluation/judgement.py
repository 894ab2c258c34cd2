"""What a model says of sentences, in the form in which it is scored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.core.errors import FramingError


@dataclass(frozen=True, eq=False)
class Judgement:
    """What one model says of n sentences.

    Attributes:
        predicted: shape (n, number of frames); the frames that it gives.
        voices: shape (n,); codes of the voices that it gives, `NO_VOICE` where it says none.
        probabilities: shape (n, number of frames), in 0..1; None when only labels are known.
    """

    predicted: NDArray[np.bool_]
    voices: NDArray[np.int8]
    probabilities: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.probabilities is None:
            return
        if self.probabilities.shape != self.predicted.shape:
            raise FramingError(
                f"probabilities have the shape {self.probabilities.shape}, the predicted labels "
                f"{self.predicted.shape}. Expected one probability for every label."
            )
        if not np.all((self.probabilities >= 0) & (self.probabilities <= 1)):
            raise FramingError(
                "a probability is not a number from 0 to 1. Expected a probability for every sentence and "
                "frame; leave the columns of probabilities out when there are only labels."
            )
