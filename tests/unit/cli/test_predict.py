"""`inkproof predict`: bars, JSON, what is said of polarity, and files that cannot be answered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import typer
from onnx import TensorProto, helper
from PIL import Image
from typer.testing import CliRunner

from inkproof.cli.predict import predict
from inkproof.errors import NetworkFileError, UnknownRunError

app = typer.Typer()
app.command()(predict)
runner = CliRunner()


def write_network(path: Path, num_classes: int = 3) -> Path:
    """A network that looks at the first pixels of the image: softmax(8 * pixel / 255)."""
    nodes = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float", "flat_shape"], ["flat"]),
        helper.make_node("Slice", ["flat", "zero", "number", "one"], ["first"]),
        helper.make_node("Mul", ["first", "scale"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "pixels",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 6, 6, 1])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", num_classes])],
        [
            helper.make_tensor("flat_shape", TensorProto.INT64, [2], [-1, 36]),
            helper.make_tensor("zero", TensorProto.INT64, [1], [0]),
            helper.make_tensor("one", TensorProto.INT64, [1], [1]),
            helper.make_tensor("number", TensorProto.INT64, [1], [num_classes]),
            helper.make_tensor("scale", TensorProto.FLOAT, [], [8 / 255]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, path)
    return path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "network.onnx")


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """Dark ink on light paper, in the second pixel only."""
    pixels = np.full((6, 6), 255, dtype=np.uint8)
    pixels[0, 1] = 0
    path = tmp_path / "drawing [1].png"
    Image.fromarray(pixels).save(path)
    return path


def test_predict_prints_bars_and_the_polarity_that_it_detected(network: Path, drawing: Path) -> None:
    result = runner.invoke(app, [str(network), str(drawing)])

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == f"{drawing} → 1   dark-on-light, detected"
    assert [line.split()[0] for line in lines[1:4]] == ["0", "1", "2"]
    assert lines[2].endswith(" 99.9 %")
    assert "██████████" in lines[2]
    assert all(len(line) <= 80 for line in lines[1:])


def test_a_polarity_that_is_told_is_said_to_be_so(network: Path, drawing: Path) -> None:
    result = runner.invoke(app, [str(network), str(drawing), "--polarity", "light-on-dark"])

    assert "light-on-dark, as told" in result.stdout


def test_centring_moves_the_ink(network: Path, drawing: Path) -> None:
    result = runner.invoke(app, [str(network), str(drawing), "--centre", "--json"])

    probabilities = [item["probability"] for item in json.loads(result.stdout)["answers"][0]["probabilities"]]
    assert probabilities == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_a_bad_file_is_told_and_the_others_are_answered(network: Path, drawing: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")

    result = runner.invoke(app, [str(network), str(bad), str(drawing), str(tmp_path / "missing.png")])

    assert result.exit_code == 1
    assert f"{drawing} → 1" in result.stdout
    assert result.stderr.count("error: ") == 2
    assert f"error: The file '{bad}' is not an image" in result.stderr
    assert "  tip: Save it as PNG or JPEG and try again." in result.stderr


def test_predict_prints_json_with_errors_in_their_place(network: Path, drawing: Path, tmp_path: Path) -> None:
    result = runner.invoke(app, [str(network), str(tmp_path / "missing.png"), str(drawing), "--json"])

    assert result.exit_code == 1
    failed, answered = json.loads(result.stdout)["answers"]
    assert failed["error"]["code"] == "image_file"
    assert answered["prediction"] == "1"
    assert (answered["polarity"], answered["polarity_detected"]) == ("dark-on-light", True)
    assert sum(item["probability"] for item in answered["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_of_many_classes_the_likeliest_ten_are_shown(tmp_path: Path, drawing: Path) -> None:
    network = write_network(tmp_path / "many.onnx", num_classes=30)

    result = runner.invoke(app, [str(network), str(drawing)])

    assert result.stdout.splitlines()[1].split()[0] == "1"
    assert "and 20 more, together 0.7 %" in result.stdout


def test_a_run_is_found_by_its_name(tmp_path: Path, drawing: Path) -> None:
    (tmp_path / "runs" / "first").mkdir(parents=True)
    write_network(tmp_path / "runs" / "first" / "network.onnx")

    result = runner.invoke(app, ["first", str(drawing), "--runs-dir", str(tmp_path / "runs")])

    assert result.exit_code == 0, result.output
    assert "→ 1" in result.stdout


def test_a_run_without_a_finished_network_is_told(tmp_path: Path, drawing: Path) -> None:
    (tmp_path / "first").mkdir()

    with pytest.raises(NetworkFileError, match="The run 'first' has no finished network yet") as caught:
        runner.invoke(app, ["first", str(drawing), "--runs-dir", str(tmp_path)], catch_exceptions=False)

    assert "inkproof resume first" in (caught.value.hint or "")


def test_an_unknown_run_is_told(tmp_path: Path, drawing: Path) -> None:
    with pytest.raises(UnknownRunError, match="There is no run 'nothing'"):
        runner.invoke(app, ["nothing", str(drawing), "--runs-dir", str(tmp_path)], catch_exceptions=False)
