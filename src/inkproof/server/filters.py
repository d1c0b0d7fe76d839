"""The first layer of a network as pictures, read from the weights in its file. Runs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inkproof.errors import NetworkFileError
from inkproof.networks import INPUT_NAME, STEP_KEY
from inkproof.server.answering import encode
from inkproof.server.schemas import Filters

_MAX_FILTERS = 1_024
_HALF = "/half"  # a weight kept in half precision stands under its name with this behind it


def read_filters(path: Path) -> Filters:
    """The weights of the first layer as pictures.

    Args:
        path: A network file.

    Raises:
        NetworkFileError: If it is missing or broken, or its first layer has no weights that make pictures.
    """
    import onnx  # a tenth of a second and 30 MB that a server without this question need not pay

    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except Exception as error:  # protobuf's errors have no common base below Exception
        raise NetworkFileError(f"The network file '{path}' cannot be read: {error}.") from error
    layer, weights = _first_weights(path, model)  # (n, height, width, channels)
    weights = weights[:_MAX_FILTERS]
    limit = float(np.abs(weights).max(initial=0.0))
    if not np.isfinite(limit):
        raise NetworkFileError(f"The network '{path}' has weights that are no numbers: its training ran away.")
    scaled = weights * (127 / limit) if limit else weights
    text = next((entry.value for entry in model.metadata_props if entry.key == STEP_KEY), "0")
    count, height, width, channels = weights.shape
    return Filters(
        step=int(text) if text.isdecimal() else 0,
        layer=layer,
        filters=count,
        height=height,
        width=width,
        channels=channels,
        pixels=encode(np.rint(128 + scaled).clip(0, 255).astype(np.uint8)),
        limit=limit,
    )


def _first_weights(path: Path, model: Any) -> tuple[Literal["convolution", "dense"], NDArray[np.float32]]:
    import onnx

    tensors = {tensor.name.removesuffix(_HALF): tensor for tensor in model.graph.initializer}
    for node in model.graph.node:  # in the order of computing
        known = [name for name in node.input if name in tensors]
        if node.op_type not in ("Conv", "MatMul", "Gemm") or not known:
            continue
        array = onnx.numpy_helper.to_array(tensors[known[0]]).astype(np.float32)
        if node.op_type == "Conv" and array.ndim == 4:  # (n, channels, height, width)
            return "convolution", array.transpose(0, 2, 3, 1)
        if node.op_type != "Conv" and array.ndim == 2:
            is_turned = node.op_type == "Gemm" and any(item.name == "transB" and item.i for item in node.attribute)
            units = array if is_turned else array.T  # (n, pixels)
            shape = _image_shape(model)
            if int(np.prod(shape)) == units.shape[1]:
                return "dense", units.reshape(-1, *shape)
        break
    raise NetworkFileError(
        f"The first layer of the network '{path}' has no weights that make pictures; a convolution or a dense "
        "layer on the pixels was expected."
    )


def _image_shape(model: Any) -> tuple[int, int, int]:
    for value in model.graph.input:
        if value.name == INPUT_NAME:
            sides = [int(side.dim_value) for side in value.type.tensor_type.shape.dim]
            if len(sides) == 4:
                return sides[1], sides[2], sides[3]
    return 0, 0, 0
