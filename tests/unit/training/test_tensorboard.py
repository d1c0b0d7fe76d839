"""The event files, read back by TensorBoard's own reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import inkproof
from inkproof.data import Dataset
from inkproof.progress import Progress, Silent

if TYPE_CHECKING:
    from inkproof.api import TrainedRun

pytestmark = pytest.mark.heavy

# Layers that have weights, with what there is of each.
WEIGHTED = {
    "tutorial": ["convolution", "hidden", "logits"],
    "softmax": ["logits"],
    "deep": ["convolution_1", "convolution_2", "hidden", "logits"],
}
OTHERS = {"tutorial": ["pool_1", "pool_2"], "softmax": [], "deep": ["pool_1", "pool_2", "dropout"]}
HISTOGRAM_STEPS = {"tutorial": [0, 10, 20, 50, 60], "softmax": [0, 10, 20, 50, 100, 200, 300], "deep": [0, 10, 20, 40]}


def read_events(run: TrainedRun) -> Any:
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    return EventAccumulator(str(run.folder / "logs"), size_guidance={"tensors": 0}).Reload()


def tags_of(events: Any, plugin: str) -> set[str]:
    return {tag for tag in events.Tags()["tensors"] if events.SummaryMetadata(tag).plugin_data.plugin_name == plugin}


def read_images(events: Any, tag: str) -> dict[int, np.ndarray]:
    # Width and height come before the picture.
    return {
        entry.step: np.asarray(Image.open(BytesIO(entry.tensor_proto.string_val[2]))) for entry in events.Tensors(tag)
    }


def read_scalars(events: Any, tag: str) -> tuple[list[int], list[float]]:
    from tensorboard.util.tensor_util import make_ndarray

    entries = events.Tensors(tag)
    return [entry.step for entry in entries], [float(make_ndarray(entry.tensor_proto)) for entry in entries]


@pytest.fixture(params=["tutorial", "softmax", "deep"])
def run(request: pytest.FixtureRequest) -> TrainedRun:
    run: TrainedRun = request.getfixturevalue(f"{request.param}_run")
    return run


def test_scalars_are_the_measurements_of_the_run(run: TrainedRun) -> None:
    events, metrics = read_events(run), run.metrics

    for tag, column in {"loss": "loss", "accuracy/batch": "batch_accuracy", "learning_rate": "learning_rate"}.items():
        steps, values = read_scalars(events, tag)
        assert steps == metrics["step"].tolist()
        np.testing.assert_allclose(values, metrics[column], rtol=1e-5, atol=1e-6)
    steps, values = read_scalars(events, "accuracy/test")
    measured = np.isfinite(metrics["test_accuracy"])
    assert steps == metrics["step"][measured].tolist()
    np.testing.assert_allclose(values, metrics["test_accuracy"][measured], rtol=1e-6)
    assert tags_of(events, "scalars") == {"loss", "accuracy/batch", "accuracy/test", "learning_rate"}


def test_every_layer_has_histograms_of_weights_biases_and_activations(run: TrainedRun) -> None:
    events, recipe = read_events(run), run.record.recipe

    tags = tags_of(events, "histograms")

    layers = WEIGHTED[recipe]
    assert tags == {f"{layer}/{kind}" for layer in layers for kind in ("weights", "biases", "activations")} | {
        f"{layer}/activations" for layer in OTHERS[recipe]
    }
    for tag in tags:
        assert [entry.step for entry in events.Tensors(tag)] == HISTOGRAM_STEPS[recipe]


def test_a_histogram_counts_every_weight_where_it_lies(tutorial_run: TrainedRun) -> None:
    from tensorboard.util.tensor_util import make_ndarray

    start, *_, end = [make_ndarray(entry.tensor_proto) for entry in read_events(tutorial_run).Tensors("hidden/weights")]

    for buckets in (start, end):
        assert buckets.shape == (30, 3)
        assert buckets[:, 2].sum() == 7 * 7 * 8 * 32
        np.testing.assert_array_equal(buckets[1:, 0], buckets[:-1, 1])
    assert -0.2 <= start[0, 0] < start[-1, 1] <= 0.2
    assert end[-1, 1] - end[0, 0] != start[-1, 1] - start[0, 0]


def test_a_histogram_of_equal_numbers_is_a_line_where_they_are(tutorial_run: TrainedRun) -> None:
    from tensorboard.util.tensor_util import make_ndarray

    buckets = make_ndarray(read_events(tutorial_run).Tensors("hidden/biases")[0].tensor_proto)

    np.testing.assert_allclose(buckets[:, :2], 0.1, rtol=1e-6)
    assert buckets[:, 2].tolist() == [0] * 29 + [32]


def test_three_test_images_are_shown_with_their_labels(run: TrainedRun, mnist: Dataset) -> None:
    events = read_events(run)

    tags = sorted(tag for tag in tags_of(events, "images") if tag.startswith("input/"))

    assert tags == ["input/0_is_7", "input/1_is_2", "input/2_is_1"]
    (picture,) = read_images(events, tags[0]).values()
    np.testing.assert_array_equal(picture[::8, ::8], 255 - mnist.test.images[0, :, :, 0])


def test_the_first_filters_are_shown_over_time(run: TrainedRun) -> None:
    events = read_events(run)

    pictures = read_images(events, f"{WEIGHTED[run.record.recipe][0]}/filters")

    assert list(pictures) == HISTOGRAM_STEPS[run.record.recipe]
    first, *_, last = pictures.values()
    assert not np.array_equal(first, last)


def test_the_graph_names_every_layer(run: TrainedRun) -> None:
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    graph = GraphDef.FromString(read_events(run).Graph().SerializeToString())

    names = {node.name for node in graph.node}
    assert {*WEIGHTED[run.record.recipe], *OTHERS[run.record.recipe], "flatten"} <= names
    # Every wire leads to a node: a graph with loose ends is drawn in pieces.
    assert {name.lstrip("^").partition(":")[0] for node in graph.node for name in node.input} <= names


def test_the_settings_are_hyperparameters_and_text(run: TrainedRun) -> None:
    from tensorboard.plugins.hparams import metadata
    from tensorboard.util.tensor_util import make_ndarray

    events = read_events(run)

    start = metadata.parse_session_start_info_plugin_data(
        events.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    )
    assert start.group_name == run.name  # what the HParams tab calls the trial
    assert start.hparams["learning_rate"].number_value == pytest.approx(run.config.learning_rate)
    assert start.hparams["model.name"].string_value == run.record.model
    end = metadata.parse_session_end_info_plugin_data(
        events.SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content
    )
    assert end.status == 1  # success, in TensorBoard's own numbering
    (entry,) = events.Tensors("configuration")
    text = bytes(make_ndarray(entry.tensor_proto).ravel()[0]).decode()
    assert all(f"    {line}" in text for line in run.config.as_toml().splitlines())


def test_the_projector_offers_a_thousand_images_with_labels_and_pictures_at_several_steps(
    run: TrainedRun, mnist: Dataset
) -> None:
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    logs = run.folder / "logs"
    config = text_format.Parse((logs / "projector_config.pbtxt").read_text(), ProjectorConfig())

    steps = {"tutorial": [0, 60], "softmax": [0, 100, 300], "deep": [0, 40]}[run.record.recipe]
    names = sorted(embedding.tensor_name for embedding in config.embeddings)
    # The projector sorts by name and opens with the first, which is the latest.
    assert names == [f"latest: step {steps[-1]}", *(f"step {step:06d}" for step in steps[:-1])]
    tables = []
    for embedding in config.embeddings:
        tables.append(np.loadtxt(logs / embedding.tensor_path, delimiter="\t"))
        labels = (logs / embedding.metadata_path).read_text().splitlines()
        assert labels == [str(label) for label in mnist.test.labels[:1024]]
        sheet = np.asarray(Image.open(logs / embedding.sprite.image_path))
        width, height = embedding.sprite.single_image_dim
        assert (width, height) == (28, 28)
        assert sheet.shape == (32 * 28, 32 * 28)
        np.testing.assert_array_equal(sheet[28:56, 56:84], 255 - mnist.test.images[34, :, :, 0])
    assert all(table.shape == tables[0].shape and len(table) == 1024 for table in tables)
    assert not np.array_equal(tables[0], tables[-1])


def test_digits_lie_nearer_to_their_like_once_the_network_has_learnt(softmax_run: TrainedRun, mnist: Dataset) -> None:
    points = np.loadtxt(softmax_run.folder / "logs" / "projector-000300.tsv", delimiter="\t")
    labels = mnist.test.labels[:1024]

    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)

    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.7


class StopsAt(Silent):
    """Ends the process's work at a step as a second Ctrl-C would: with no checkpoint of that step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def advance(self, progress: Progress) -> None:
        if progress.step == self.step:
            raise KeyboardInterrupt(f"at step {self.step}")


@pytest.mark.parametrize("checkpoint_steps", [10, 1000], ids=["from a checkpoint", "from the start"])
def test_a_resume_leaves_no_step_twice_and_none_out(tmp_path: Path, checkpoint_steps: int) -> None:
    with pytest.raises(KeyboardInterrupt, match="at step 25"):
        inkproof.train("softmax", steps=40, checkpoint_steps=checkpoint_steps, runs_dir=tmp_path, reporter=StopsAt(25))
    run = inkproof.open_run("softmax", runs_dir=tmp_path)
    assert read_scalars(read_events(run), "loss")[0] == [0, 5, 10, 15, 20, 25]

    inkproof.resume("softmax", runs_dir=tmp_path)

    events = read_events(run)
    assert read_scalars(events, "loss")[0] == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    assert read_scalars(events, "accuracy/test")[0] == [0, 10, 20, 40]
    assert [entry.step for entry in events.Tensors("logits/weights")] == [0, 10, 20, 40]
    assert len(events.Tensors("configuration")) == 1
    assert run.metrics["step"].tolist() == [0, 5, 10, 15, 20, 25, 30, 35, 40]


def test_a_training_without_tensorboard_writes_no_event_files_and_learns_the_same(
    tmp_path: Path, softmax_run: TrainedRun
) -> None:
    run = inkproof.train("softmax", steps=300, tensorboard=False, runs_dir=tmp_path)

    assert not (run.folder / "logs").exists()
    assert run.record.figures["weights_sha256"] == softmax_run.record.figures["weights_sha256"]


def test_a_copied_folder_is_shown_too(copy_of: Callable[[TrainedRun], TrainedRun], softmax_run: TrainedRun) -> None:
    assert read_scalars(read_events(copy_of(softmax_run)), "loss")[0][-1] == 300


def test_the_graph_is_the_saved_models_own_description(tutorial_run: TrainedRun) -> None:
    from tensorboard.util.tensor_util import make_ndarray

    (entry,) = read_events(tutorial_run).Tensors("keras")
    description = json.loads(bytes(make_ndarray(entry.tensor_proto).ravel()[0]))

    assert description["config"]["name"] == "tutorial"


def test_of_a_network_without_hidden_dense_layer_the_projector_shows_what_the_last_layer_weighs(tmp_path: Path) -> None:
    run = inkproof.train("fast", runs_dir=tmp_path, steps=3)

    points = np.loadtxt(run.folder / "logs" / "projector-000003.tsv", delimiter="\t")

    assert run.record.figures["num_parameters"] == 33_546  # what it learns, not what normalisation remembers
    assert points.shape == (1024, 64)  # 1,024 numbers of each image, projected to 64; its logits would be 10
    events = read_events(run)
    assert {"convolution_1/weights", "normalisation_1/beta", "relu_1/activations"} <= tags_of(events, "histograms")
    _, rates = read_scalars(events, "learning_rate")
    assert rates[-1] == 0  # one-cycle ends there
