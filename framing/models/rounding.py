"""Linear layers in 8 bits: what is rounded, and what is kept apart so that rounding loses little.

ONNX Runtime rounds the input of a layer to 256 steps between its least and its greatest value. In many
encoders the first token carries values several times as large as any other (Sun et al. 2024, Massive
activations in large language models), so that it alone would make the steps of all other tokens coarse.
Where it does, the first token goes through the layer by itself and unrounded.
"""

import copy
from pathlib import Path
from typing import TypeVar

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

APART = 1.5
"""The first token goes apart where its largest value is this many times that of all others."""

SCOPES = "pkg.torch.onnx.name_scopes"
"""Where the exporter writes from which module a node comes."""

Network = TypeVar("Network", bound=nn.Module)


class FirstApart(nn.Module):
    """A linear layer that treats the first token of every sentence by itself."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.first, self.others = linear, copy.copy(linear)

    def forward(self, states: Tensor) -> Tensor:
        return torch.cat([self.first(states[:, :1]), self.others(states[:, 1:])], dim=1)


def first_token_apart(network: Network, ids: Tensor, mask: Tensor) -> Network:
    """Return a copy of a network with `FirstApart` where the first token stands out in these sentences."""
    made = copy.deepcopy(network)
    dominated: list[nn.Linear] = []

    def look(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        largest = inputs[0].abs().amax(dim=-1)
        if largest.shape == mask.shape:  # a layer that reads tokens, not sentences
            largest = largest * mask
            if isinstance(layer, nn.Linear) and largest[:, 0].max() > APART * largest[:, 1:].max():
                dominated.append(layer)

    layers = [module for module in made.modules() if isinstance(module, nn.Linear)]
    hooks = [layer.register_forward_pre_hook(look) for layer in layers]
    made(ids, mask)
    for hook in hooks:
        hook.remove()
    for module in list(made.modules()):
        for name, part in list(module.named_children()):
            if isinstance(part, nn.Linear) and any(part is layer for layer in dominated):
                setattr(module, name, FirstApart(part))
    return made


def rounded(exported: onnx.ModelProto, path: Path) -> None:
    """Write a network with its encoder's linear layers in 8 bits, their weights by channel."""
    constants = {constant.name for constant in exported.graph.initializer}
    layers = [
        node.name
        for node in exported.graph.node
        if node.op_type == "MatMul" and node.input[1] in constants and not _is_first(node)
    ]
    quantize_dynamic(
        exported,
        path,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_quantize=layers,
        extra_options={"MatMulConstBOnly": True},
    )


def _is_first(node: onnx.NodeProto) -> bool:
    scopes = {entry.key: entry.value for entry in node.metadata_props}.get(SCOPES, "")
    return ".first'" in scopes
