"""A pretrained encoder, fine-tuned whole, with one head for frames and voice."""

import random
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from scipy.special import expit, softmax

from framing.core.corpus import NO_VOICE, Corpus
from framing.core.errors import FramingError
from framing.models.encoder import SentenceTokenizer, Tokens, find_encoder, load_encoder, save_encoder_files
from framing.models.examples import Examples
from framing.models.finetuning import FineTuning, fine_tune
from framing.models.forward import Forward, TorchForward, forward_all
from framing.models.gradients import Reader, explain_reader
from framing.models.interface import AT_ONCE, Explanation, Fitting, Prediction, Progress, voice_shares
from framing.models.network import NO_VOICE_TARGET, FrameNetwork, HeadShape, PooledEncoder
from framing.models.patterns import Patterns
from framing.models.renaming import Names
from framing.models.teaching import Teacher

WEIGHTS = "weights.safetensors"
ENCODER = "encoder"


@dataclass(frozen=True)
class TransformerSettings:
    """What `configs/model/transformer.yaml` sets about the network.

    Attributes:
        encoder: `minilm`, a folder, or a hub id.
        revision: commit of the hub's repository; None for `minilm` and folders.
        pooling: `mean` of the tokens, or `cls`.
        max_tokens: what is read of a sentence.
        dropout: before the head.
        voice_weight: of the voice loss beside the frame loss.
        balanced: weigh a frame's sentences by how rare it is, at most tenfold.
        patterns: where the codebook's patterns match is a further input of the head.
        patterns_alone: share of the training sentences whose frames are learned from the patterns alone.
        rename: share of the readings of a training sentence in which its names become others.
        own_epochs: passes over a fold's own sentences, after those that all folds share.
        own_lr: factor on the learning rates in these passes.
        held_out: share of the articles that early stopping watches; 0 when it is off.
    """

    encoder: str
    revision: str | None
    pooling: str
    max_tokens: int
    dropout: float
    voice_weight: float
    balanced: bool
    patterns: bool
    patterns_alone: float
    rename: float
    own_epochs: int
    own_lr: float
    held_out: float

    def __post_init__(self) -> None:
        if self.pooling not in ("mean", "cls"):
            raise FramingError(f"model.pooling={self.pooling}: expected `mean` or `cls`.")
        if not 0 <= self.rename <= 1:
            raise FramingError(f"model.rename={self.rename}: expected a share from 0 to 1.")
        if not 0 <= self.held_out < 1:
            raise FramingError(f"model.held_out={self.held_out}: expected a share from 0 to below 1.")


class Transformer:
    """Fine-tuned encoder.

    With sentences that all folds share, the encoder learns from these once (`start`), and then, gently,
    from each fold's own: `own_epochs` passes with the learning rates times `own_lr`.

    A frame that all or no training sentences have cannot be learned; it is predicted at its training
    share, as every other model does.
    """

    kind: ClassVar[str] = "transformer"

    def __init__(
        self,
        settings: TransformerSettings,
        training: FineTuning,
        teacher: Teacher | None = None,
        names: Names | None = None,
    ) -> None:
        self.settings, self.training = settings, training
        self.teacher, self.names = teacher, names
        self.network: FrameNetwork | None = None
        self.forward: Forward | None = None
        self.tokenizer: SentenceTokenizer | None = None
        self.origin = ""
        self.shares: tuple[NDArray[np.float64], NDArray[np.float64]] = (np.empty(0), np.empty(0))
        self.shape = HeadShape(0, 0, single_label=False)
        self.patterns = Patterns(())
        self.shared: Corpus | None = None
        self.started: dict[str, torch.Tensor] = {}
        self.history: list[dict[str, float]] = []

    def start(self, shared: Corpus | None, fitting: Fitting = AT_ONCE) -> None:
        if shared is None:
            self.shared, self.started = None, {}
        elif shared is not self.shared:
            network = self._learn(shared, fitting)
            self.shared = shared
            self.started = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    def cut(self, texts: list[str]) -> NDArray[np.bool_]:
        if self.tokenizer is None:
            files = find_encoder(self.settings.encoder, self.settings.revision)
            self.tokenizer = SentenceTokenizer.of(files.folder, self.settings.max_tokens)
        return self.tokenizer.cut(texts)

    def fit(self, corpus: Corpus, fitting: Fitting = AT_ONCE) -> Self:
        if self.shared is None:
            self._learn(corpus, fitting)
        else:
            self._go_on(corpus, self.shared, fitting)
        return self

    def _learn(self, corpus: Corpus, fitting: Fitting) -> FrameNetwork:
        """Fine-tune the pretrained encoder and return the network."""
        files = find_encoder(self.settings.encoder, self.settings.revision)
        self.origin = files.origin
        self.tokenizer = SentenceTokenizer.of(files.folder, self.settings.max_tokens)
        codebook = corpus.codebook
        self.shape = HeadShape(len(codebook.frames), len(codebook.voices), codebook.single_label)
        self.shares = (corpus.frames.mean(axis=0), voice_shares(corpus))
        none = Patterns(("",) * len(codebook.frames))
        self.patterns = Patterns.of(codebook) if self.settings.patterns else none
        learned, held_out = self._examples(corpus, self.tokenizer)
        torch.manual_seed(self.training.seed)
        self.network = self._network(load_encoder(files.folder))
        if self.settings.balanced:
            self.network.frame_weights.copy_(torch.from_numpy(_frame_weights(learned.frames)))
        self.history = self._tuned(learned, held_out, self.training, fitting)
        return self.network

    def _go_on(self, corpus: Corpus, shared: Corpus, fitting: Fitting) -> Self:
        """Learn from a fold's own sentences after those that all folds share."""
        if self.network is None or self.tokenizer is None:
            raise FramingError("model=transformer: start was not called.")
        self.forward = None
        self.network.load_state_dict(self.started)
        both = corpus + shared
        self.shares = (both.frames.mean(axis=0), voice_shares(both))
        if len(corpus) and self.settings.own_epochs:
            gentle = self.training.gentler(self.settings.own_epochs, self.settings.own_lr)
            torch.manual_seed(self.training.seed)
            self._tuned(self._labelled(corpus, self.tokenizer), None, gentle, fitting)
        return self

    def _tuned(
        self, learned: Examples, held_out: Examples | None, training: FineTuning, fitting: Fitting
    ) -> list[dict[str, float]]:
        if self.network is None or self.tokenizer is None:
            raise FramingError("model=transformer: there is no network to tune.")
        self.forward = None
        with tempfile.TemporaryDirectory(prefix="framing-") as scratch:
            return fine_tune(
                self.network, learned, held_out, self.tokenizer.padding, training, fitting, Path(scratch)
            )

    def _examples(self, corpus: Corpus, tokenizer: SentenceTokenizer) -> tuple[Examples, Examples | None]:
        """Return what is learned from, and what early stopping watches."""
        labelled = self._labelled(corpus, tokenizer)
        if self.teacher is not None:
            labelled.frames = self.teacher.softened(corpus)
        watched = _held_out_articles(corpus, self.settings.held_out, self.training)
        learned = labelled.take(np.flatnonzero(~watched))
        if self.teacher is not None and self.teacher.unlabelled:
            texts = list(self.teacher.unlabelled)
            no_voice = np.full(len(texts), NO_VOICE_TARGET, np.int64)
            learned += Examples(
                self._readings(texts, tokenizer),
                self.teacher.answers(corpus),
                no_voice,
                self.patterns.matches(texts),
            )
        return learned, labelled.take(np.flatnonzero(watched)) if watched.any() else None

    def _labelled(self, corpus: Corpus, tokenizer: SentenceTokenizer) -> Examples:
        voices = np.where(corpus.voices == NO_VOICE, NO_VOICE_TARGET, corpus.voices).astype(np.int64)
        texts = corpus.sentences["text"].to_list()
        frames = corpus.frames.astype(np.float32)
        return Examples(self._readings(texts, tokenizer), frames, voices, self.patterns.matches(texts))

    def _readings(self, texts: list[str], tokenizer: SentenceTokenizer) -> list[list[Tokens]]:
        """Return the tokens of every sentence, for every epoch anew if names are changed."""
        if self.names is None or not self.settings.rename:
            return [tokenizer(texts)]
        rng = random.Random(self.training.seed)  # noqa: S311 - no secret
        readings = []
        for _ in range(self.training.epochs):
            changed = [rng.random() < self.settings.rename for _ in texts]
            read = [self.names.renamed(t, rng) if c else t for t, c in zip(texts, changed, strict=True)]
            readings.append(tokenizer(read))
        return readings

    def _network(self, encoder: Any) -> FrameNetwork:
        return FrameNetwork(
            PooledEncoder(encoder, self.settings.pooling),
            self.shape,
            dropout=self.settings.dropout,
            voice_weight=self.settings.voice_weight,
            patterns_alone=self.settings.patterns_alone if self.settings.patterns else 0.0,
        )

    def predict(self, sentences: pl.DataFrame) -> Prediction:
        if self.network is None or self.tokenizer is None:
            raise FramingError("model=transformer: predict was called before fit.")
        texts = sentences["text"].to_list()
        width = self.shape.frames + self.shape.voices
        forward = self.forward or TorchForward(self.network)
        logits = forward_all(forward, self.tokenizer(texts), self.tokenizer.padding, width)
        return self.prediction(logits, texts)

    def explain(
        self, sentences: pl.DataFrame, asked: NDArray[np.bool_], progress: Progress = AT_ONCE.progress
    ) -> Explanation:
        if self.network is None or self.tokenizer is None:
            raise FramingError("model=transformer: explain was called before fit.")
        weights = self.network.pattern_head.weight.detach().double().cpu().numpy()[: self.shape.frames]
        reader = Reader(self.tokenizer, self.network.pooled, self.network.head, self.patterns, weights)
        return explain_reader(reader, sentences, asked & ~self._untaught(), progress=progress)

    def _untaught(self) -> NDArray[np.bool_]:
        """Return which frames all or no training sentences have; a single-label codebook shares out all."""
        return np.isin(self.shares[0], (0.0, 1.0)) & (not self.shape.single_label)

    def prediction(self, logits: NDArray[np.float32], texts: list[str]) -> Prediction:
        """Return the probabilities for the texts of which the network made these logits."""
        if self.network is None:
            raise FramingError("model=transformer: predict was called before fit.")
        scores = self.network.with_patterns(logits, self.patterns.matches(texts)).astype(np.float64)
        frame_scores, voice_scores = scores[:, : self.shape.frames], scores[:, self.shape.frames :]
        frames = softmax(frame_scores, axis=1) if self.shape.single_label else expit(frame_scores)
        frames = np.where(self._untaught(), self.shares[0], frames)
        voices = softmax(voice_scores, axis=1) if self.shape.voices else voice_scores
        return Prediction(frames, voices)

    def state(self, folder: Path) -> dict[str, Any]:
        if self.network is None or self.tokenizer is None:
            raise FramingError("model=transformer: save was called before fit.")
        save_encoder_files(self.tokenizer, self.network.pooled.encoder, folder / ENCODER)
        weights = {name: tensor.contiguous() for name, tensor in self.network.state_dict().items()}
        save_file(weights, folder / WEIGHTS)
        return {
            "settings": asdict(self.settings),
            "training": asdict(self.training),
            "shape": asdict(self.shape),
            "patterns": list(self.patterns.expressions),
            "shares": [shares.tolist() for shares in self.shares],
            "origin": self.origin,
            "history": self.history,
        }

    @classmethod
    def restore(cls, folder: Path, state: dict[str, Any]) -> Self:
        model = cls(TransformerSettings(**state["settings"]), FineTuning(**state["training"]))
        model.shape = HeadShape(**state["shape"])
        model.patterns = Patterns(tuple(state["patterns"]))
        model.shares = (np.array(state["shares"][0]), np.array(state["shares"][1]))
        model.origin, model.history = state["origin"], state["history"]
        model.tokenizer = SentenceTokenizer.of(folder / ENCODER, model.settings.max_tokens)
        model.network = model._network(load_encoder(folder / ENCODER, pretrained=False))
        model.network.load_state_dict(load_file(folder / WEIGHTS))
        model.forward = TorchForward(model.network)
        return model


def _frame_weights(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (sentences without the frame) / (sentences with it), between 1 and 10, by frame."""
    positive = frames.sum(axis=0)
    weights = np.clip((len(frames) - positive) / np.maximum(positive, 1), 1, 10)
    return np.asarray(weights, dtype=np.float32)


def _held_out_articles(corpus: Corpus, share: float, training: FineTuning) -> NDArray[np.bool_]:
    """Return which sentences belong to the articles that early stopping watches; none when it is off."""
    articles = corpus.sentences["article"].unique().sort().to_numpy()
    number = round(len(articles) * share) if training.patience else 0
    if training.patience and not 0 < number < len(articles):
        raise FramingError(
            f"model.patience={training.patience} stops early by the loss on held-out articles, but "
            f"model.held_out={share} of {len(articles)} article(s) is {number}. Set model.held_out, or "
            "model.patience=0."
        )
    drawn = np.random.default_rng(training.seed).permutation(articles)[:number]
    watched: NDArray[np.bool_] = np.isin(corpus.sentences["article"].to_numpy(), drawn)
    return watched
