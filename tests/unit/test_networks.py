"""Networks answered by ONNX Runtime: small graphs that keep the contract, and files that do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from inkproof.errors import ImageShapeError, NetworkFileError
from inkproof.networks import Network


def write_network(
    path: Path,
    *,
    shape: tuple[Any, ...] = ("n", 2, 2, 1),
    input_name: str = "images",
    input_type: int = TensorProto.UINT8,
    output_name: str = "probabilities",
    output_shape: tuple[Any, ...] = ("n", 4),
    metadata: dict[str, str] | None = None,
) -> Path:
    """A network whose classes are the pixels: softmax(pixels / 255)."""
    num_pixels = int(np.prod(shape[1:]))
    nodes = [
        helper.make_node("Cast", [input_name], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float", "flat_shape"], ["flat"]),
        helper.make_node("Div", ["flat", "white"], ["scaled"]),
        # Compress keeps all, and hides from ONNX Runtime how many that are: the length is what the file says
        helper.make_node("Compress", ["scaled", "all"], ["kept"], axis=1),
        helper.make_node("Softmax", ["kept"], [output_name], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "pixels",
        [helper.make_tensor_value_info(input_name, input_type, shape)],
        [helper.make_tensor_value_info(output_name, TensorProto.FLOAT, output_shape)],
        [
            helper.make_tensor("flat_shape", TensorProto.INT64, [2], [-1, num_pixels]),
            helper.make_tensor("all", TensorProto.BOOL, [num_pixels], [True] * num_pixels),
            helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network.load(write_network(tmp_path / "network.onnx"), threads=1)


def softmax_of(images: np.ndarray) -> np.ndarray:
    powers = np.exp(images.reshape(len(images), 4) / 255)
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("num_images", [0, 1, 255, 256, 600])
def test_predict_answers_for_any_number_of_images(network: Network, num_images: int) -> None:
    images = np.random.RandomState(0).randint(0, 256, (num_images, 2, 2, 1), dtype=np.uint8)

    probabilities = network.predict(images)

    assert probabilities.shape == (num_images, 4)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, softmax_of(images), rtol=1e-5)


def test_predict_takes_grey_images_without_their_channel_and_in_any_memory_order(network: Network) -> None:
    images = np.asfortranarray(np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)[::-1])

    np.testing.assert_array_equal(network.predict(images), network.predict(images[..., np.newaxis].copy()))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 2), np.uint8), r"shape \(2, 2\) came; \(n, 2, 2, 1\) was expected"),
        (np.zeros((1, 3, 2, 1), np.uint8), r"shape \(1, 3, 2, 1\) came; \(n, 2, 2, 1\) was expected"),
        (np.zeros((1, 2, 2, 3), np.uint8), r"shape \(1, 2, 2, 3\) came"),
        (np.zeros((1, 2, 2, 1), np.float32), r"type float32 came; uint8 was expected, 0 for paper to 255 for ink"),
    ],
    ids=["one image", "size", "channels", "type"],
)
def test_predict_rejects_other_shapes_and_types(network: Network, images: np.ndarray, message: str) -> None:
    with pytest.raises(ImageShapeError, match=message):
        network.predict(images)


def test_colour_needs_its_channels(tmp_path: Path) -> None:
    path = write_network(tmp_path / "colour.onnx", shape=("n", 2, 2, 3), output_shape=("n", 12))
    network = Network.load(path)

    assert network.image_shape == (2, 2, 3)
    with pytest.raises(ImageShapeError, match=r"shape \(5, 2, 2\) came; \(n, 2, 2, 3\) was expected"):
        network.predict(np.zeros((5, 2, 2), dtype=np.uint8))


def test_classes_without_names_are_counted(network: Network) -> None:
    assert network.classes == ("0", "1", "2", "3")
    assert network.metadata == {}


@pytest.mark.parametrize("output_shape", [("n", 4), ("n", "classes")], ids=["fixed", "open"])
def test_classes_and_origin_come_from_the_file(tmp_path: Path, output_shape: tuple[Any, ...]) -> None:
    metadata = {"inkproof.classes": json.dumps(["猫", "dog", "", "7"]), "inkproof.recipe": "tutorial"}
    network = Network.load(write_network(tmp_path / "a.onnx", output_shape=output_shape, metadata=metadata))

    assert network.classes == ("猫", "dog", "", "7")
    assert network.metadata["inkproof.recipe"] == "tutorial"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"input_name": "x"}, r"takes 'x' uint8 \[n, 2, 2, 1\]; one input 'images' was expected"),
        ({"input_type": TensorProto.FLOAT}, r"takes 'images' float32 \[n, 2, 2, 1\]; .* uint8 \[n, height"),
        ({"shape": (1, 2, 2, 1)}, r"takes 'images' uint8 \[1, 2, 2, 1\]; .* for any n"),
        ({"shape": ("n", 4)}, r"takes 'images' uint8 \[n, 4\]"),
        ({"output_name": "logits"}, r"gives 'logits' float32 \[n, 4\]; one output 'probabilities' was expected"),
        ({"output_shape": ("n", "k")}, r"neither how many classes it has nor their names"),
        ({"metadata": {"inkproof.classes": '["a"]'}}, r"names 1 classes but gives 4 probabilities"),
        ({"metadata": {"inkproof.classes": "a, b"}}, r"'inkproof\.classes' = 'a, b'; a JSON list of names"),
        ({"metadata": {"inkproof.classes": "[1, 2, 3, 4]"}}, r"a JSON list of names was expected"),
    ],
    ids=[
        "input name", "input type", "fixed number", "input rank", "output name", "open classes", "too few names",
        "no JSON", "numbers for names",
    ],
)  # fmt: skip
def test_a_network_that_breaks_the_contract_is_told(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    path = write_network(tmp_path / "foreign.onnx", **wrong)

    with pytest.raises(NetworkFileError, match=rf"foreign\.onnx' .*{message}") as caught:
        Network.load(path)

    assert "network.onnx" in (caught.value.hint or "")


def test_a_network_that_gives_other_probabilities_than_it_says_is_told(tmp_path: Path) -> None:
    network = Network.load(write_network(tmp_path / "liar.onnx", output_shape=("n", 5)))

    with pytest.raises(NetworkFileError, match=r"liar\.onnx' gave probabilities of shape \(1, 4\); \(1, 5\) was"):
        network.predict(np.zeros((1, 2, 2, 1), dtype=np.uint8))


def cut_in_half(path: Path) -> None:
    path.write_bytes(write_network(path).read_bytes()[:100])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: None, r"There is no network file '.*broken\.onnx'; an ONNX file was expected"),
        (lambda path: path.mkdir(), r"broken\.onnx' cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b""), r"broken\.onnx' \(0 bytes\) is not a whole ONNX network"),
        (lambda path: path.write_text("no network"), r"broken\.onnx' \(10 bytes\) is not a whole ONNX network"),
        (cut_in_half, r"broken\.onnx' \(100 bytes\) is not a whole ONNX network"),
    ],
    ids=["missing", "folder", "empty", "text", "cut short"],
)
def test_a_file_that_is_no_network_is_told(tmp_path: Path, spoil: Callable[[Path], Any], message: str) -> None:
    path = tmp_path / "broken.onnx"
    spoil(path)

    with pytest.raises(NetworkFileError, match=message):
        Network.load(path)
