"""The forward pass when nothing is learned: sentences of like length together, as fast as the CPU allows."""

import copy
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from framing.models.encoder import Tokens, batches_by_length, padded
from framing.models.interface import AT_ONCE

TOKENS_AT_ONCE = 1024
"""Tokens in one forward pass, padding included: enough for the cores, few enough for their caches."""


class Forward(Protocol):
    """Makes numbers of sentences: ids and mask of shape (n, tokens) in, shape (n, width) out."""

    def __call__(self, ids: Tensor, mask: Tensor) -> NDArray[np.float32]: ...


class TorchForward:
    """A network run by torch, which must not be trained on while this is used.

    On a CPU its linear layers are packed, see `PackedLinear`.
    """

    def __init__(self, network: nn.Module) -> None:
        network.eval()
        self.device = next(network.parameters()).device
        self.network = _packed(network) if self.device.type == "cpu" and _can_pack() else network

    def __call__(self, ids: Tensor, mask: Tensor) -> NDArray[np.float32]:
        with torch.inference_mode():
            made: Tensor = self.network(ids.to(self.device), mask.to(self.device))
            return np.asarray(made.float().cpu().numpy())


class PackedLinear(nn.Module):
    """A linear layer whose weights are laid out once for oneDNN's kernels.

    torch gives float32 layers to MKL, which takes the wide vector instructions of Intel's processors
    alone, and which lays the weights out anew in every call. oneDNN comes with torch as well.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        self.bias = None if linear.bias is None else linear.bias.detach()
        self.weight: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.clone(), None)

    def forward(self, rows: Tensor) -> Tensor:
        made: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self.weight, self.bias, "none", [], "")
        return made


def _can_pack() -> bool:
    """Return whether this build of torch has oneDNN's packed layers; without them it is only slower."""
    names = ("_reorder_linear_weight", "_linear_pointwise")
    return torch.backends.mkldnn.is_available() and all(hasattr(torch.ops.mkldnn, name) for name in names)


def _packed(network: nn.Module) -> nn.Module:
    """Return a network with packed linear layers that shares everything else with the given one."""
    shared: dict[int, Any] = {id(tensor): tensor for tensor in [*network.parameters(), *network.buffers()]}
    made = copy.deepcopy(network, shared)
    for module in list(made.modules()):
        for name, part in list(module.named_children()):
            if type(part) is nn.Linear and part.weight.dtype is torch.float32:
                setattr(module, name, PackedLinear(part))
    return made


def forward_all(
    forward: Forward,
    tokens: list[Tokens],
    padding: int,
    width: int,
    progress: Callable[[float], None] = AT_ONCE.progress,
) -> NDArray[np.float32]:
    """Return what the forward pass makes of every sentence, shape (n, width), in the order of `tokens`."""
    made = np.zeros((len(tokens), width), dtype=np.float32)
    batches = batches_by_length(tokens, TOKENS_AT_ONCE)
    for number, rows in enumerate(batches, start=1):
        ids, mask = padded([tokens[row] for row in rows], padding)
        made[rows] = forward(ids, mask)
        progress(number / len(batches))
    return made
