"""Folding: other weights, the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from inkproof.networks import Network
from inkproof.server.folding import fold_linear

if TYPE_CHECKING:
    from inkproof.api import TrainedRun


def write_layers(path: Path, sides: Sequence[int], *, relu_behind: int | None = None, half: bool = False) -> Path:
    """Dense layers of these sizes on images of `sides[0]` pixels."""
    random = np.random.RandomState(0)
    nodes = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float", "flat"], ["layer0"]),
    ]
    tensors = [helper.make_tensor("flat", TensorProto.INT64, [2], [-1, sides[0]])]
    for number, (num_in, num_out) in enumerate(pairwise(sides)):
        for name, shape in ((f"weights{number}", (num_in, num_out)), (f"bias{number}", (num_out,))):
            values = (random.randn(*shape) / 40).astype(np.float16 if half else np.float32)
            tensors.append(numpy_helper.from_array(values, name + "/half" * half))
            if half:
                nodes.insert(0, helper.make_node("Cast", [f"{name}/half"], [name], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("MatMul", [f"layer{number}", f"weights{number}"], [f"product{number}"]))
        nodes.append(helper.make_node("Add", [f"product{number}", f"bias{number}"], [f"sum{number}"]))
        kind = "Relu" if number == relu_behind else "Identity"
        if kind == "Relu":
            nodes.append(helper.make_node(kind, [f"sum{number}"], [f"layer{number + 1}"]))
        else:
            nodes[-1].output[0] = f"layer{number + 1}"
    nodes.append(helper.make_node("Softmax", [f"layer{len(sides) - 1}"], ["probabilities"], axis=1))
    graph = helper.make_graph(
        nodes,
        "layers",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ("n", 4, sides[0] // 4, 1))],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ("n", sides[-1]))],
        tensors,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), path)
    return path


def products_of(content: bytes) -> int:
    return sum(node.op_type == "MatMul" for node in onnx.load_model_from_string(content).graph.node)


@pytest.mark.parametrize(
    ("sides", "relu_behind", "half", "num_left"),
    [
        ((16, 64, 5), None, False, 1),
        ((16, 64, 5), None, True, 1),
        ((16, 64, 64, 5), None, False, 1),
        ((16, 64, 5), 0, False, 2),
        ((16, 64, 64, 5), 0, False, 2),
        ((16, 5), None, False, 1),
        ((16, 2, 16), None, False, 2),  # multiplied out it would be larger
    ],
)
def test_folded_layers_answer_alike(
    tmp_path: Path, sides: tuple[int, ...], relu_behind: int | None, half: bool, num_left: int
) -> None:
    path = write_layers(tmp_path / "network.onnx", sides, relu_behind=relu_behind, half=half)
    images = np.random.RandomState(1).randint(0, 256, (50, 4, sides[0] // 4, 1), dtype=np.uint8)

    folded = fold_linear(path.read_bytes())

    assert products_of(folded) == num_left
    expected = Network.load(path).predict(images)
    np.testing.assert_allclose(Network.load(path, prepare=fold_linear).predict(images), expected, atol=1e-5)


def test_what_is_no_network_stays_as_it_is() -> None:
    assert fold_linear(b"no network") == b"no network"


@pytest.mark.heavy
def test_a_trained_network_answers_alike_from_a_hundredth_of_its_weights(tutorial_run: TrainedRun) -> None:
    from inkproof.data import load

    images = load("mnist").test.images[:1000]
    for path in (tutorial_run.folder / "network.onnx", *sorted(tutorial_run.folder.glob("timeline/*.onnx"))[-1:]):
        content = path.read_bytes()

        folded = Network.load(path, prepare=fold_linear)

        assert products_of(fold_linear(content)) == 1
        assert len(fold_linear(content)) < len(content)
        np.testing.assert_allclose(folded.predict(images), Network.load(path).predict(images), atol=1e-5)
