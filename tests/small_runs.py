"""Small runs for tests of the server: networks made by hand, no training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from inkproof.config import load_recipe
from inkproof.runs import Run, create_run


def write_network(
    path: Path, *, shape: tuple[int, int, int] = (28, 28, 1), num_classes: int = 10, step: int = 0, seed: int = 0
) -> Path:
    """A dense network with random weights, as `inkproof train softmax` writes it."""
    num_pixels = int(np.prod(shape))
    weights = np.random.RandomState(seed).randn(num_pixels, num_classes).astype(np.float32) / 4
    nodes = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["float", "white"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "flat"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ("n", *shape))],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ("n", num_classes))],
        [
            helper.make_tensor("flat", TensorProto.INT64, [2], [-1, num_pixels]),
            helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
            numpy_helper.from_array(weights, "weights"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    names = [chr(ord("a") + index) for index in range(num_classes)] if num_classes > 10 else list("0123456789")
    facts = {"inkproof.classes": json.dumps(names[:num_classes]), "inkproof.step": str(step)}
    helper.set_model_props(model, facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path


def make_run(runs_dir: Path, name: str, *, recipe: str = "softmax", num_classes: int = 10) -> Run:
    """A finished run with a timeline of two steps."""
    run = create_run(load_recipe(recipe, {"steps": 100}), runs_dir, name)
    for step in (0, 100):
        write_network(run.folder / "timeline" / f"step-{step:06d}.onnx", num_classes=num_classes, step=step, seed=step)
    write_network(run.folder / "network.onnx", num_classes=num_classes, step=100, seed=100)
    figures = {"test_accuracy": 0.918, "num_test_images": 10_000, "num_parameters": 7850}
    run.update(status="finished", step=100, figures=figures, timings_seconds={"training": 2.5})
    return run


def stroke(*points: tuple[float, float], width: float = 16, erase: bool = False) -> dict[str, object]:
    """A stroke as JSON, drawn with a mouse."""
    return {"width": width, "erase": erase, "points": [[x, y, 0.5, 10 * n] for n, (x, y) in enumerate(points)]}


def drawing(*strokes: dict[str, object]) -> dict[str, object]:
    """A drawing as JSON."""
    return {"size": 224, "strokes": list(strokes), "image": None}
