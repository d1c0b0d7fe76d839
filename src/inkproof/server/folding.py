"""Two dense layers without anything between them are one: the same answers for a third of the work.

The tutorial's network stacks two linear layers, 3136 → 1024 → 10. Multiplied out they are one of 3136 → 10,
with 31 thousand weights instead of 3.2 million: the server asks that one. Files on the disk stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.networks import OUTPUT_NAME

Array = NDArray[np.float32]


def fold_linear(content: bytes) -> bytes:
    """Multiply out dense layers that follow each other without an activation between them.

    Args:
        content: A network file.

    Returns:
        A network file whose answers differ by rounding only; `content` itself if there is nothing to fold or
        it is no network.
    """
    import onnx  # 0.1 s and 12 MB, at the first network

    try:
        model = onnx.load_model_from_string(content)
    except Exception:  # ONNX Runtime says better what is wrong with it
        return content
    graph = _Graph(model)
    has_folded = False
    while graph.fold_one():
        has_folded = True
    folded: bytes = model.SerializeToString() if has_folded else content
    return folded


class _Graph:
    """A model's nodes, by what they make and who takes it."""

    def __init__(self, model: Any) -> None:
        self._graph = model.graph
        self._tensors = {tensor.name: tensor for tensor in model.graph.initializer}

    def fold_one(self) -> bool:
        """Fold the first pair of dense layers that can be folded; False if there is none."""
        for first in self._graph.node:
            layer = self._read_layer(first)
            if layer is None:
                continue
            weights, bias, nodes, output = layer
            second = self._only_taker(output)
            following = self._read_layer(second) if second is not None else None
            if following is None:
                continue
            next_weights, next_bias, next_nodes, next_output = following
            num_in, num_hidden, num_out = *weights.shape, next_weights.shape[1]
            if num_hidden != next_weights.shape[0] or num_in * num_out >= num_hidden * (num_in + num_out):
                continue
            # In double precision, so that the one rounding is that of the result.
            product = weights.astype(np.float64) @ next_weights.astype(np.float64)
            shift = bias.astype(np.float64) @ next_weights.astype(np.float64) + next_bias
            self._replace([*nodes, *next_nodes], first.input[0], next_output, product, shift)
            return True
        return False

    def _read_layer(self, node: Any) -> tuple[Array, Array, list[Any], str] | None:
        """Weights, bias, nodes and output of the dense layer that begins with a node; None if none does."""
        if node.op_type != "MatMul" or (weights := self._constant(node.input[1])) is None or weights.ndim != 2:
            return None
        none = np.zeros(weights.shape[1], dtype=np.float32)
        taker = self._only_taker(node.output[0])
        if taker is not None and taker.op_type == "Add" and taker.input[0] == node.output[0]:
            bias = self._constant(taker.input[1])
            if bias is not None and bias.shape == none.shape:
                return weights, bias, [node, taker], taker.output[0]
        return weights, none, [node], node.output[0]

    def _constant(self, name: str) -> Array | None:
        """A weight, also one that is kept in half precision and cast."""
        import onnx

        cast = next((node for node in self._graph.node if node.op_type == "Cast" and node.output[0] == name), None)
        tensor = self._tensors.get(cast.input[0] if cast is not None else name)
        if tensor is None:
            return None
        array = onnx.numpy_helper.to_array(tensor)
        return array.astype(np.float32) if array.dtype.kind == "f" else None

    def _only_taker(self, name: str) -> Any:
        """The one node that takes a value; None if there are several, or it leaves the graph."""
        takers = [node for node in self._graph.node if name in node.input]
        return takers[0] if len(takers) == 1 and name != OUTPUT_NAME else None

    def _replace(self, old: list[Any], source: str, target: str, weights: NDArray[Any], bias: NDArray[Any]) -> None:
        import onnx

        made = [
            onnx.numpy_helper.from_array(weights.astype(np.float32), f"{target}/folded_weights"),
            onnx.numpy_helper.from_array(bias.astype(np.float32), f"{target}/folded_bias"),
        ]
        product = f"{target}/folded_product"
        new = [
            onnx.helper.make_node("MatMul", [source, made[0].name], [product]),
            onnx.helper.make_node("Add", [product, made[1].name], [target]),
        ]
        place = next(index for index, node in enumerate(self._graph.node) if node == old[0])
        nodes = [node for node in self._graph.node if node not in old]
        nodes[place:place] = new
        self._drop_unused(nodes, [*self._graph.initializer, *made])

    def _drop_unused(self, nodes: list[Any], tensors: list[Any]) -> None:
        taken = {name for node in nodes for name in node.input}
        nodes = [node for node in nodes if node.op_type != "Cast" or node.output[0] in taken]
        taken = {name for node in nodes for name in node.input}
        kept = [tensor for tensor in tensors if tensor.name in taken]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(kept)
        self._tensors = {tensor.name: tensor for tensor in self._graph.initializer}
