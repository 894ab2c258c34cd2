"""Fine-tuning by the Trainer of transformers: what it learns from, how fast, and where it goes on from.

A checkpoint is complete when its `trainer_state.json`, which the Trainer writes last, can be read.
Older checkpoints are removed only after that, so a fit that ends in the middle of saving (no space left,
a power cut, kill -9) still has the one before.
"""

import json
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from safetensors import SafetensorError
from torch.utils.data import Sampler
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments

from framing.core.errors import FramingError
from framing.models.encoder import quiet_loading
from framing.models.examples import Collator, EpochSampler, Examples
from framing.models.interface import Fitting
from framing.models.network import FrameNetwork

COMPLETE = "trainer_state.json"


@dataclass(frozen=True)
class FineTuning:
    """What `configs/model/transformer.yaml` sets about the training itself.

    Attributes:
        epochs: passes over the training sentences, at most.
        batch_size: sentences a forward pass and device.
        accumulation: forward passes whose gradients are added up before a step.
        encoder_lr: largest learning rate of the encoder's top layer.
        head_lr: largest learning rate of the head, which starts from nothing.
        layer_decay: factor on the learning rate from each layer to the one below it; 1 for none.
        warmup: share of the steps in which the rate grows; it then falls to 0 in a straight line.
        weight_decay: of matrices, not of biases and norms.
        freeze_embeddings: leave the token embeddings as they were pretrained.
        precision: `fp32`, `bf16`, `fp16`, or `auto`: bf16 where the hardware computes in it.
        patience: stop after this many epochs without a better loss on held-out articles; 0: never.
        seed: of shuffling and dropout.
    """

    epochs: int
    batch_size: int
    accumulation: int
    encoder_lr: float
    head_lr: float
    layer_decay: float
    warmup: float
    weight_decay: float
    freeze_embeddings: bool
    precision: str
    patience: int
    seed: int

    def gentler(self, epochs: int, factor: float) -> "FineTuning":
        """Return the same with other epochs, learning rates times a factor, and no early stopping."""
        return replace(
            self,
            epochs=epochs,
            encoder_lr=self.encoder_lr * factor,
            head_lr=self.head_lr * factor,
            patience=0,
        )


def fine_tune(
    network: FrameNetwork,
    learned: Examples,
    held_out: Examples | None,
    padding: int,
    settings: FineTuning,
    fitting: Fitting,
    scratch: Path,
) -> list[dict[str, float]]:
    """Fit the network in place and return the losses, one row an epoch: `epoch`, `loss`, `held_out_loss`.

    `held_out` is what early stopping watches; with it, the best epoch's weights are kept. `scratch` takes
    the checkpoints when `fitting` names no folder for them.

    Raises:
        FramingError: a checkpoint cannot be written; what was complete before is still there.
        KeyboardInterrupt: after a checkpoint was written, on Ctrl-C or SIGTERM.
    """
    folder = fitting.checkpoints or scratch
    keep = fitting.checkpoints is not None or held_out is not None
    arguments = _arguments(folder, settings, keep=keep, watch=held_out is not None)
    interruption = _Interruption()
    callbacks: list[TrainerCallback] = [interruption, _Progress(fitting)]
    if held_out is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=settings.patience))
    trainer = _FramingTrainer(
        network,
        learned,
        settings,
        args=arguments,
        eval_dataset=held_out,
        data_collator=Collator(padding),
        callbacks=callbacks,
    )
    with quiet_loading(), interruption.listening():
        try:
            trainer.train(resume_from_checkpoint=latest_checkpoint(folder))
        except (OSError, SafetensorError, RuntimeError) as error:
            # torch tells a failed write by the name of its writer alone
            if isinstance(error, RuntimeError) and "PytorchStreamWriter" not in str(error):
                raise
            raise FramingError(_not_saved(folder, error)) from error
    # Mixed precision wraps `forward` for the training only; what is predicted afterwards is in float32.
    trainer.accelerator.unwrap_model(network, keep_fp32_wrapper=False)
    if interruption.asked and trainer.state.global_step < trainer.state.max_steps:
        raise KeyboardInterrupt
    return _history(trainer.state.log_history)


def latest_checkpoint(folder: Path) -> str | None:
    """Return the newest complete checkpoint in a folder, None without one; incomplete ones are removed."""
    complete = []
    for path in folder.glob("checkpoint-*"):
        try:
            json.loads((path / COMPLETE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(path)
            continue
        complete.append(path)
    newest = max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
    return str(newest) if newest is not None else None


def mixed_precision(precision: str) -> str:
    """Return what `auto` means on this machine: bf16 where the hardware computes in it, else fp32."""
    if precision != "auto":
        return precision
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    able = torch.cpu.get_capabilities()
    return "bf16" if able.get("avx512_bf16") or able.get("amx_bf16") else "fp32"


def _arguments(folder: Path, settings: FineTuning, *, keep: bool, watch: bool) -> TrainingArguments:
    precision = mixed_precision(settings.precision)
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulation,
        lr_scheduler_type="linear",
        warmup_steps=settings.warmup,  # below 1 it is a share of all steps
        optim="adamw_torch_fused",
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=not torch.cuda.is_available(),
        seed=settings.seed,
        train_sampling_strategy="group_by_length",
        logging_strategy="epoch",
        eval_strategy="epoch" if watch else "no",
        save_strategy="epoch" if keep else "no",
        save_total_limit=1,
        load_best_model_at_end=watch,
        metric_for_best_model="eval_loss" if watch else None,
        greater_is_better=False if watch else None,
        label_names=["frames", "voices"],
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=True,
        report_to="none",
    )


class _FramingTrainer(Trainer):
    """The Trainer with two learning rates, and with an order of sentences that a resumed fit finds again."""

    def __init__(self, network: FrameNetwork, learned: Examples, settings: FineTuning, **rest: Any) -> None:
        super().__init__(model=network, train_dataset=learned, **rest)
        self.network, self.learned, self.settings = network, learned, settings

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        if self.optimizer is None:
            groups = parameter_groups(self.network, self.settings)
            self.optimizer = torch.optim.AdamW(groups, lr=self.settings.encoder_lr, fused=True)
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        size = self.args.train_batch_size * self.args.gradient_accumulation_steps
        return EpochSampler(size, self.learned, self.settings.seed)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Keep the log in the state and print nothing: the pipeline shows the progress."""
        self.state.log_history.append(
            {**logs, "epoch": self.state.epoch or 0.0, "step": self.state.global_step}
        )


def parameter_groups(network: FrameNetwork, settings: FineTuning) -> list[dict[str, Any]]:
    """Return the parameters in groups of one learning rate and weight decay each.

    The head has its own rate; the encoder's falls by `layer_decay` from each layer to the one below
    (Howard & Ruder 2018, ULMFiT, section 3.2, discriminative fine-tuning).
    """
    layers = int(network.pooled.encoder.config.num_hidden_layers)
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        embedding = "embeddings" in name
        if embedding and settings.freeze_embeddings:
            parameter.requires_grad_(False)
            continue
        rate = settings.head_lr  # of both heads
        if name.startswith("pooled."):
            rate = settings.encoder_lr * settings.layer_decay ** (layers - _depth(name, layers))
        decay = settings.weight_decay if parameter.dim() > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def _depth(name: str, layers: int) -> int:
    """Return how far up in the encoder a parameter is: 0 for embeddings, `layers` for the top."""
    if "embeddings" in name:
        return 0
    numbers = [int(part) for part in name.split(".") if part.isdigit()]
    return numbers[0] + 1 if numbers else layers


class _Progress(TrainerCallback):
    def __init__(self, fitting: Fitting) -> None:
        self.fitting = fitting

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.fitting.progress(state.global_step / max(state.max_steps, 1))


class _Interruption(TrainerCallback):
    """Ends a fit at its next step, with a checkpoint, on Ctrl-C or SIGTERM; a second one ends it at once."""

    def __init__(self) -> None:
        self.asked = False

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if self.asked:
            control.should_save = args.save_strategy != "no"
            control.should_training_stop = True
        return control

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen for the signals while the block runs; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            signal.signal(number, self._ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def _history(log: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return the losses by epoch out of the Trainer's log."""
    epochs: dict[float, dict[str, float]] = {}
    for row in log:
        kept = {"loss": row.get("loss"), "held_out_loss": row.get("eval_loss")}
        values = {name: float(value) for name, value in kept.items() if value is not None}
        if values:
            epochs.setdefault(row["epoch"], {"epoch": row["epoch"]}).update(values)
    return list(epochs.values())


def _not_saved(folder: Path, error: Exception) -> str:
    kept = latest_checkpoint(folder)
    state = f"The last complete one is {kept}." if kept else "There was none before it."
    return (
        f"{folder}: a checkpoint could not be written ({error}). {state} Make room and run the same command "
        "with resume=auto."
    )
