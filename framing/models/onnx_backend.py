"""A transformer's network on ONNX Runtime, in float32 or with linear layers in 8 bits.

The network is exported once and kept in the folder `onnx/` of the model, under the checksum of its
weights. Only the network is: tokens, patterns and probabilities are made as ever.
"""

import hashlib
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from framing.core.codebook import Codebook
from framing.core.errors import FramingError
from framing.models.encoder import padded
from framing.models.ensemble import Ensemble
from framing.models.interface import Model
from framing.models.network import FrameNetwork
from framing.models.rounding import first_token_apart, rounded
from framing.models.transformer import WEIGHTS, Transformer

VERSION = 1
"""Goes up when the same weights are exported in another way, so that old files are not used."""

FOLDER = "onnx"
INPUTS = ("input_ids", "attention_mask")
TOLERANCE = 1e-4
"""How far the logits of the export may be from those of torch."""


class OnnxForward:
    """A network that ONNX Runtime runs, on as many cores as torch would."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no common class
            raise FramingError(
                f"{path}: ONNX Runtime cannot read it. Remove the file; it is made again from the model."
            ) from error

    def __call__(self, ids: Tensor, mask: Tensor) -> NDArray[np.float32]:
        if ids.shape[1] == 1:  # the tokens after the first must not be none
            ids, mask = functional.pad(ids, (0, 1)), functional.pad(mask, (0, 1))
        [made] = self._session.run(None, dict(zip(INPUTS, (ids.numpy(), mask.numpy()), strict=True)))
        return np.asarray(made, dtype=np.float32)


def use_onnx(model: Model, codebook: Codebook, folder: Path, *, int8: bool) -> None:
    """Let ONNX Runtime run the networks of a saved model.

    Args:
        model: a transformer, or an ensemble with at least one.
        codebook: its texts show which layers 8 bits are too coarse for.
        folder: where the model was saved.
        int8: compute the linear layers in 8 bits.

    Raises:
        FramingError: the model has no network, or it cannot be exported.
    """
    found = list(_transformers(model, folder))
    if not found:
        raise FramingError(
            f"backend={'onnx-int8' if int8 else 'onnx'}: a model of kind {model.kind} has no network that "
            "ONNX Runtime could run; a transformer has, and an ensemble with one. Set backend=torch."
        )
    for transformer, place in found:
        weights = hashlib.sha256((place / WEIGHTS).read_bytes()).hexdigest()[:16]
        path = folder / FOLDER / f"{weights}-{VERSION}{'-int8' if int8 else ''}.onnx"
        if not path.exists():
            _export(transformer, codebook, path, int8=int8)
        transformer.forward = OnnxForward(path)


def _transformers(model: Model, folder: Path) -> Iterator[tuple[Transformer, Path]]:
    """Yield the transformers in a model, each with its own folder."""
    if isinstance(model, Transformer):
        yield model, folder
    elif isinstance(model, Ensemble):
        for name, member in model.members.items():
            yield from _transformers(member, folder / name)


def _export(model: Transformer, codebook: Codebook, path: Path, *, int8: bool) -> None:
    """Write the network of a model as an ONNX file that was checked against torch."""
    if model.network is None or model.tokenizer is None:
        raise FramingError("backend=onnx: the model was not fitted.")
    network = model.network.eval()
    tokens = model.tokenizer(_texts(codebook))
    ids, mask = padded(tokens, model.tokenizer.padding)
    with _quiet():
        if int8:
            with torch.inference_mode():
                network = first_token_apart(network, ids, mask)
        exported = _as_onnx(network, ids[:2], mask[:2])
        with _written_whole(path) as draft:
            if int8:
                rounded(exported, draft)
            else:
                onnx.save_model(exported, draft)
                _check(OnnxForward(draft), network, ids, mask)


def _texts(codebook: Codebook) -> list[str]:
    """Return sentences of the kind that the model reads, at least two."""
    examples = [example.text for frame in codebook.frames for example in frame.examples]
    definitions = [frame.definition for frame in codebook.frames]
    return [text for text in examples + definitions if text.strip()] + ["One sentence.", "Another one."]


def _as_onnx(network: FrameNetwork, ids: Tensor, mask: Tensor) -> onnx.ModelProto:
    any_size = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    try:
        program = torch.onnx.export(
            network,
            (ids, mask),
            input_names=INPUTS,
            output_names=["logits"],
            dynamic_shapes=(any_size, any_size),
            dynamo=True,
            verbose=False,
        )
    except torch.onnx.errors.OnnxExporterError as error:
        raise FramingError(
            "backend=onnx: this encoder cannot be exported to ONNX. Set backend=torch, which runs every one."
        ) from error
    if program is None:
        raise TypeError("torch.onnx.export returned nothing")
    return program.model_proto


def _check(forward: OnnxForward, network: FrameNetwork, ids: Tensor, mask: Tensor) -> None:
    """Raise a FramingError unless the export gives what torch gives, for batches of several shapes."""
    for rows, width in ((slice(None), ids.shape[1]), (slice(0, 1), int(mask[0].sum())), (slice(1, 3), 3)):
        some, shown = ids[rows, :width], mask[rows, :width]
        with torch.inference_mode():
            expected = network(some, shown).numpy()
        off = float(np.abs(forward(some, shown) - expected).max())
        if not off <= TOLERANCE:
            raise FramingError(
                f"backend=onnx: the export of this encoder gives logits that are {off:.2g} off those of "
                f"torch; up to {TOLERANCE:g} is expected. Set backend=torch."
            )


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    """Yield a draft that takes the place of `path` when the block has ended without error."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(exist_ok=True)
        yield draft
        os.replace(draft, path)
    except OSError as error:
        raise FramingError(
            f"{path}: cannot be written ({error.strerror or error}). The export is kept with the model: copy "
            "the model folder to where you may write, make room, or set backend=torch."
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's advice to its own developers off the console."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
