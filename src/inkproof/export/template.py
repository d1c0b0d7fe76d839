"""A network file whose weights can be swapped.

Keras exports the graph once, which costs half a second; each later file is that graph with other numbers in it.
Batch normalisation is multiplied into the layer before it (`fold.py`), for it is fixed once a network is trained.

The file takes `images`, uint8 [n, height, width, channels], 0 = paper, 255 = ink, and gives `probabilities`,
float32 [n, classes]. Scaling and softmax are inside, so nobody can feed it wrongly scaled input.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from itertools import permutations
from pathlib import Path

import numpy as np
import onnx

from inkproof.backend import keras
from inkproof.errors import InkproofError
from inkproof.export.fold import fold_normalisation
from inkproof.networks import CLASSES_KEY, INPUT_NAME, OUTPUT_NAME, STEP_KEY

# Half precision ends here; the weights of a network that runs away are kept in full.
_LARGEST_HALF = float(np.finfo(np.float16).max)


class NetworkTemplate:
    """The exported graph of a model, ready to be filled with the model's weights of the moment.

    Args:
        model: A chain of layers that takes float32 images in 0..1 and gives logits.
        classes: Names of the classes, in the order of the logits.
        facts: What else the file should say of itself, as text by key.
    """

    def __init__(self, model: keras.Sequential, classes: tuple[str, ...], facts: dict[str, str]) -> None:
        folded, self._folded_weights = fold_normalisation(model)
        twin, values = _fingerprinted_twin(folded)
        self._graph = _export(twin, model.input_shape[1:])
        self._sources = _match_weights(self._graph, values)
        self._facts = {CLASSES_KEY: json.dumps(classes), **facts}

    def render(self, *, step: int, half: bool = False) -> bytes:
        """The network file with the model's weights as they are now.

        Args:
            step: The training step, written into the file.
            half: Whether to store the weights in half precision: half the size, and computed with in single
                precision all the same.
        """
        weights = self._folded_weights()
        half = half and all(np.abs(array).max(initial=0) < _LARGEST_HALF for array in weights)
        file = onnx.ModelProto()
        file.CopyFrom(self._graph)
        casts = []
        for initializer in file.graph.initializer:
            if initializer.name not in self._sources:
                continue
            number, axes = self._sources[initializer.name]
            array = np.ascontiguousarray(weights[number].transpose(axes))
            if half:
                name = initializer.name
                initializer.CopyFrom(onnx.numpy_helper.from_array(array.astype(np.float16), f"{name}/half"))
                casts.append(onnx.helper.make_node("Cast", [f"{name}/half"], [name], to=onnx.TensorProto.FLOAT))
            else:
                initializer.raw_data = array.tobytes()
        nodes = list(file.graph.node)
        del file.graph.node[:]
        file.graph.node.extend([*casts, *nodes])
        onnx.helper.set_model_props(file, {**self._facts, STEP_KEY: str(step)})
        content: bytes = file.SerializeToString()
        return content


def _fingerprinted_twin(model: keras.Sequential) -> tuple[keras.Sequential, list[np.ndarray]]:
    """A copy of the model with random weights, by which each is known again in the exported graph.

    Real weights would not do: at the start biases are all 0.1 and softmax's weights all zero.
    """
    twin = keras.models.clone_model(model)
    generator = np.random.default_rng(0)
    values = [generator.uniform(0.5, 1.5, variable.shape).astype(np.float32) for variable in twin.weights]
    for variable, value in zip(twin.weights, values, strict=True):
        variable.assign(value)
    return twin, values


def _export(model: keras.Sequential, image_shape: tuple[int, int, int]) -> onnx.ModelProto:
    images = keras.Input(image_shape, dtype="uint8", name=INPUT_NAME)
    logits = model(keras.layers.Rescaling(1 / 255)(images), training=False)
    whole = keras.Model(images, keras.layers.Softmax(name=OUTPUT_NAME)(logits), name=model.name)
    whole(np.zeros((1, *image_shape), np.uint8))  # the exporter wants a model that was called once
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras 3.15 looks for the long gone np.object
        path = Path(folder) / "network.onnx"
        whole.export(path, format="onnx", verbose=False)
        graph = onnx.load(path)
    _rename(graph, graph.graph.input[0].name, INPUT_NAME)
    _rename(graph, graph.graph.output[0].name, OUTPUT_NAME)
    return graph


def _rename(file: onnx.ModelProto, old: str, new: str) -> None:
    for node in file.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for value in (*file.graph.input, *file.graph.output):
        if value.name == old:
            value.name = new


def _match_weights(file: onnx.ModelProto, values: list[np.ndarray]) -> dict[str, tuple[int, tuple[int, ...]]]:
    """For each weight in the graph: which of the model's variables it is, and in which order of axes."""
    sources: dict[str, tuple[int, tuple[int, ...]]] = {}
    for initializer in file.graph.initializer:
        array = onnx.numpy_helper.to_array(initializer)
        for number, value in enumerate(values):
            for axes in permutations(range(value.ndim)):
                if array.shape == value.transpose(axes).shape and np.array_equal(array, value.transpose(axes)):
                    sources[initializer.name] = (number, axes)
    missing = set(range(len(values))) - {number for number, _ in sources.values()}
    if missing:
        raise InkproofError(
            f"The exported graph folds {len(missing)} of the model's {len(values)} weights into other numbers; "
            "each was expected to stand in it as it is.",
            "Batch normalisation is folded where it follows a convolution or dense layer without an activation; other "
            "layers that hold numbers which an exporter can fold are not supported.",
        )
    return sources
