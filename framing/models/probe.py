"""A frozen sentence encoder with logistic regression: what the pretrained vectors know by themselves."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
import safetensors.numpy
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch.nn import functional

from framing.core.corpus import Corpus
from framing.core.errors import FramingError
from framing.models.encoder import SentenceTokenizer, find_encoder, load_encoder, save_encoder_files
from framing.models.forward import Forward, TorchForward, forward_all
from framing.models.gradients import Reader, explain_reader
from framing.models.interface import AT_ONCE, Explanation, Fitting, Prediction, Progress
from framing.models.linear import LinearHeads, Regression, fit_heads
from framing.models.network import PooledEncoder
from framing.models.patterns import Patterns

ENCODER = "encoder"
WEIGHTS = "weights.safetensors"
HEADS = "heads.safetensors"


@dataclass(frozen=True)
class ProbeSettings:
    """What `configs/model/probe.yaml` sets about the encoder.

    Attributes:
        encoder: `minilm`, a folder, or a hub id.
        revision: commit of the hub's repository; None for `minilm` and folders.
        pooling: `mean` of the tokens, or `cls`.
        max_tokens: what is read of a sentence.
    """

    encoder: str
    revision: str | None
    pooling: str
    max_tokens: int


class Probe:
    """Logistic regression on the pooled vectors of an encoder that is left as it is.

    The vectors of what all folds share are made once.

    The encoder is stored with the model, so that a saved probe needs nothing else.
    """

    kind: ClassVar[str] = "probe"

    def __init__(self, settings: ProbeSettings, regression: Regression) -> None:
        self.settings, self.regression = settings, regression
        self.encoder: PooledEncoder | None = None
        self.forward: Forward | None = None
        self.tokenizer: SentenceTokenizer | None = None
        self.heads: LinearHeads | None = None
        self.shared: Corpus | None = None
        self.shared_vectors: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self.origin = ""

    def start(self, shared: Corpus | None, fitting: Fitting = AT_ONCE) -> None:
        if shared is not None and shared is not self.shared:
            self._load_encoder()
            self.shared_vectors = self._vectors(shared.sentences, fitting.progress)
        self.shared = shared

    def cut(self, texts: list[str]) -> NDArray[np.bool_]:
        if self.tokenizer is None:
            files = find_encoder(self.settings.encoder, self.settings.revision)
            self.tokenizer = SentenceTokenizer.of(files.folder, self.settings.max_tokens)
        return self.tokenizer.cut(texts)

    def _load_encoder(self) -> None:
        files = find_encoder(self.settings.encoder, self.settings.revision)
        self.origin = files.origin
        self.tokenizer = SentenceTokenizer.of(files.folder, self.settings.max_tokens)
        self.encoder = PooledEncoder(load_encoder(files.folder), self.settings.pooling)
        self.forward = TorchForward(self.encoder)

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        if self.encoder is None:
            self._load_encoder()
        vectors = self._vectors(corpus.sentences, fitting.progress)
        if self.shared is not None:
            vectors, corpus = np.vstack([vectors, self.shared_vectors]), corpus + self.shared
        self.heads = fit_heads(vectors, corpus, self.regression)
        return self

    def _vectors(
        self, sentences: pl.DataFrame, progress: Callable[[float], None] = AT_ONCE.progress
    ) -> NDArray[np.float32]:
        if self.encoder is None or self.forward is None or self.tokenizer is None:
            raise FramingError("model=probe: it has no encoder before fit.")
        tokens = self.tokenizer(sentences["text"].to_list())
        return forward_all(self.forward, tokens, self.tokenizer.padding, self.encoder.size, progress)

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        if self.heads is None:
            raise FramingError("model=probe: predict was called before fit.")
        return self.heads.predict(self._vectors(sentences))

    def explain(
        self, sentences: pl.DataFrame, asked: NDArray[np.bool_], progress: Progress = AT_ONCE.progress
    ) -> Explanation:
        """Divide the logits by integrated gradients: see `models/gradients.py`."""
        if self.encoder is None or self.tokenizer is None or self.heads is None:
            raise FramingError("model=probe: explain was called before fit.")
        head, number = self.heads.frames, asked.shape[1]
        weights, bias = torch.zeros(number, self.encoder.size), torch.zeros(number)
        weights[head.columns] = torch.from_numpy(head.weights)
        bias[head.columns] = torch.from_numpy(head.bias)
        device = next(self.encoder.parameters()).device
        linear = partial(functional.linear, weight=weights.to(device), bias=bias.to(device))
        no_patterns = Patterns(("",) * number)
        reader = Reader(self.tokenizer, self.encoder, linear, no_patterns, np.zeros((number, number)))
        return explain_reader(reader, sentences, head.learned(asked), progress=progress)

    def state(self, folder: Path) -> dict[str, Any]:
        if self.encoder is None or self.tokenizer is None or self.heads is None:
            raise FramingError("model=probe: save was called before fit.")
        save_encoder_files(self.tokenizer, self.encoder.encoder, folder / ENCODER)
        weights = {name: tensor.contiguous() for name, tensor in self.encoder.state_dict().items()}
        safetensors.torch.save_file(weights, folder / WEIGHTS)
        safetensors.numpy.save_file(self.heads.tensors(), folder / HEADS)
        return {
            "settings": asdict(self.settings),
            "regression": asdict(self.regression),
            "heads": self.heads.state(),
            "origin": self.origin,
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        model = cls(ProbeSettings(**state["settings"]), Regression(**state["regression"]))
        model.origin = state["origin"]
        model.tokenizer = SentenceTokenizer.of(folder / ENCODER, model.settings.max_tokens)
        encoder = load_encoder(folder / ENCODER, pretrained=False)
        model.encoder = PooledEncoder(encoder, model.settings.pooling)
        model.encoder.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS))
        model.forward = TorchForward(model.encoder)
        heads = safetensors.numpy.load_file(folder / HEADS)
        model.heads = LinearHeads.restored(heads, state["heads"])
        return model
