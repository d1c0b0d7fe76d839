"""Event files for TensorBoard, written with TensorBoard's own protocol, so for any backend of Keras.

One folder holds one training: scalars, distributions and histograms, images, the graph, the projector,
hyperparameters and the configuration as text.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def
from tensorboard.plugins.histogram.metadata import create_summary_metadata
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto

from inkproof.backend import keras
from inkproof.config import Config
from inkproof.data import Dataset, Split
from inkproof.runs import replace_file
from inkproof.training.shortcuts import cheap_forward

NUM_PROJECTED = 1024
# Wide layers are projected at random to so many dimensions, which keeps distances to about a tenth (Johnson
# and Lindenstrauss 1984) and a tenth of the size; the same projection at each step.
PROJECTED_DIM = 64
_NUM_ACTIVATION_IMAGES = 16
_NUM_BUCKETS = 30
_FLUSH_SECONDS = 2


class EventLog:
    """The event files of one run.

    Args:
        folder: Where they go.
        model: The model that is trained; a chain of layers.
        config: The whole configuration.
        dataset: Where the images come from.
        step: The step from which the training goes on: what earlier files hold beyond it is void. A fork without a
            checkpoint goes on from where it leaves its run.
    """

    def __init__(self, folder: Path, model: keras.Sequential, config: Config, dataset: Dataset, step: int) -> None:
        self._folder, self._model, self._dataset = folder, model, dataset
        self._writer = EventFileWriter(str(folder), flush_secs=_FLUSH_SECONDS)
        self._layers = [layer for layer in model.layers if layer.name != "flatten"]
        # By name: of a list of one output, as softmax would have here, Keras makes a single output.
        self._activations = keras.Model(model.inputs[0], {layer.name: layer.output for layer in self._layers})
        # What the last layer weighs; if nothing before it has learned, what it gives.
        before = model.layers[:-1]
        self._embed = cheap_forward(before if any(layer.weights for layer in before) else model.layers)
        # TensorBoard drops what lies beyond a start, but for the first start: each training writes one.
        first_step = step + 1 if step else 0
        self._add_event(Event(step=first_step, session_log=SessionLog(status=SessionLog.START)))
        if step == config.forked_at:
            self._write_configuration(config)
            self._write_inputs(dataset.test)
            self._write_graph()

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Write numbers by tag."""
        summary = Summary()
        for tag, value in values.items():
            summary.MergeFrom(scalar_pb(tag, value))
        self._add(summary, step)

    def distributions(self, step: int) -> None:
        """Write weights, biases and activations of every layer as histograms, and the first filters as an image."""
        summary = Summary()
        for layer in self._layers:
            for variable in layer.trainable_variables:
                kind = {"kernel": "weights", "bias": "biases"}.get(variable.name, variable.name)
                _add_histogram(summary, f"{layer.name}/{kind}", variable.numpy())
        activations = self._activations(self._test_ink(0, _NUM_ACTIVATION_IMAGES))
        for layer in self._layers:
            _add_histogram(summary, f"{layer.name}/activations", keras.ops.convert_to_numpy(activations[layer.name]))
        first = next((layer for layer in self._layers if hasattr(layer, "kernel")), None)
        if first is not None:
            picture = draw_filters(np.asarray(first.kernel.numpy()), self._dataset.image_shape)
            _add_image(summary, f"{first.name}/filters", picture)
        self._add(summary, step)

    def embedding(self, step: int) -> None:
        """Write where the first 1,024 test images lie in the last hidden layer, for the projector."""
        parts = [self._test_ink(begin, begin + 256) for begin in range(0, NUM_PROJECTED, 256)]
        points = np.concatenate(
            [keras.ops.convert_to_numpy(self._embed(part, False)) for part in parts]
        )  # (images, units)
        if points.shape[1] > PROJECTED_DIM:
            projection = np.random.default_rng(0).standard_normal((points.shape[1], PROJECTED_DIM))
            points = points @ projection.astype(np.float32) / np.sqrt(PROJECTED_DIM)
        table = io.StringIO()
        np.savetxt(table, points, fmt="%.4g", delimiter="\t")
        replace_file(self._folder / f"projector-{step:06d}.tsv", table.getvalue().encode())
        self._write_projector_config()

    def flush(self) -> None:
        """Hand all that was logged to the system, so that it outlives this process."""
        self._writer.flush()

    def close(self, status: str) -> None:
        """Write how the training ended, and end the file."""
        ended = api_pb2.STATUS_SUCCESS if status == "finished" else api_pb2.STATUS_FAILURE
        end = plugin_data_pb2.SessionEndInfo(status=ended, end_time_secs=time.time())
        summary = Summary()
        summary.value.add(
            tag=hparams_metadata.SESSION_END_INFO_TAG,
            metadata=hparams_metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=end)),
            tensor=hparams_metadata.NULL_TENSOR,
        )
        self._add(summary, 0)
        self._writer.close()

    def _test_ink(self, begin: int, end: int) -> np.ndarray:
        return self._dataset.test.images[begin : min(end, NUM_PROJECTED)].astype(np.float32) / np.float32(255)

    def _write_configuration(self, config: Config) -> None:
        self._add(text_pb("configuration", "\n".join(f"    {line}" for line in config.as_toml().splitlines())), 0)
        settings = {name: value for name, value in config.as_flat_dict().items() if name != "tensorboard"}
        # By the run's name, not by a hash: the HParams tab shows it as the trial.
        self._add(hparams_pb(settings, trial_id=self._folder.parent.name), 0)

    def _write_inputs(self, test: Split) -> None:
        summary = Summary()
        for number, image in enumerate(test.images[:3]):
            label = self._dataset.classes[test.labels[number]]
            # Paper is white for people; eight times as large, so that it can be seen.
            _add_image(summary, f"input/{number}_is_{label}", np.kron(255 - image, np.ones((8, 8, 1), np.uint8)))
        self._add(summary, 0)

    def _write_graph(self) -> None:
        description = self._model.to_json()
        graph = keras_model_to_graph_def(json.loads(description))
        for node in graph.node:  # the layers themselves, not one box named after the model that holds them
            node.name = node.name.removeprefix(f"{self._model.name}/")
            node.input[:] = [name.removeprefix(f"{self._model.name}/") for name in node.input]
        self._add_event(Event(graph_def=graph.SerializeToString()))
        metadata = SummaryMetadata(plugin_data={"plugin_name": "graph_keras_model", "content": b"1"})
        value = Summary.Value(tag="keras", metadata=metadata, tensor=make_tensor_proto(description))
        self._add(Summary(value=[value]), 0)

    def _write_projector_config(self) -> None:
        """Name every step's table, with labels and a sheet of small pictures, so that the projector offers each."""
        test = self._dataset.test
        labels = [self._dataset.classes[label] for label in test.labels[:NUM_PROJECTED]]
        (self._folder / "projector-labels.tsv").write_text("\n".join(labels) + "\n", "utf-8")
        sheet = self._folder / "projector-sprite.png"
        if not sheet.exists():
            Image.fromarray(_squeeze(_tile(255 - test.images[:NUM_PROJECTED], num_columns=32, gap=0))).save(sheet)
        config = ProjectorConfig()
        height, width = self._dataset.image_shape[:2]
        tables = sorted(self._folder.glob("projector-*[0-9].tsv"))
        for table in tables:
            embedding = config.embeddings.add()
            # The projector sorts by name and opens with the first.
            step = table.stem.removeprefix("projector-")
            embedding.tensor_name = f"latest: step {int(step):,}" if table is tables[-1] else f"step {step}"
            embedding.tensor_path = table.name
            embedding.metadata_path = "projector-labels.tsv"
            embedding.sprite.image_path = sheet.name
            embedding.sprite.single_image_dim.extend([width, height])
        replace_file(self._folder / "projector_config.pbtxt", str(config).encode())

    def _add(self, summary: Summary, step: int) -> None:
        self._add_event(Event(step=step, summary=summary))

    def _add_event(self, event: Event) -> None:
        event.wall_time = time.time()
        self._writer.add_event(event)


def draw_filters(kernel: np.ndarray, image_shape: tuple[int, int, int]) -> np.ndarray:
    """The first layer's filters as one picture, dark where a filter wants paper and light where it wants ink.

    Args:
        kernel: Of a convolution [height, width, channels, filters], or of a dense layer [pixels, units], whose
            units are then drawn as images of `image_shape`.
        image_shape: (height, width, channels) of the images.

    Returns:
        uint8 [height, width, 1 or 3]. All filters share one scale, symmetric around zero (grey).
    """
    if kernel.ndim == 2:
        kernel = kernel.reshape(*image_shape, -1)
    filters = kernel.transpose(3, 0, 1, 2)  # (filters, height, width, channels)
    if filters.shape[3] not in (1, 3):
        filters = filters.mean(axis=3, keepdims=True)
    limit = float(np.abs(filters).max(initial=0)) or 1.0
    pixels = np.nan_to_num(127.5 + 127.5 * filters / limit).astype(np.uint8)
    zoom = max(1, 32 // filters.shape[1])
    pixels = pixels.repeat(zoom, axis=1).repeat(zoom, axis=2)
    return _tile(pixels, num_columns=int(np.ceil(np.sqrt(len(pixels)))), gap=4)


def _tile(images: np.ndarray, *, num_columns: int, gap: int) -> np.ndarray:
    """Images [n, height, width, channels] as one sheet, row by row."""
    num_rows = -(-len(images) // num_columns)
    _, height, width, channels = images.shape
    sheet = np.full((num_rows * (height + gap), num_columns * (width + gap), channels), 255, np.uint8)
    for number, image in enumerate(images):
        top, left = number // num_columns * (height + gap), number % num_columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def _squeeze(image: np.ndarray) -> np.ndarray:
    return image[:, :, 0] if image.shape[2] == 1 else image


def _add_image(summary: Summary, tag: str, image: np.ndarray) -> None:
    buffer = io.BytesIO()
    Image.fromarray(_squeeze(image)).save(buffer, "PNG")
    height, width, channels = image.shape
    summary.value.add(
        tag=tag,
        image=Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=buffer.getvalue()),
    )


def _add_histogram(summary: Summary, tag: str, values: np.ndarray) -> None:
    # TensorBoard's own histogram_pb takes 200 ms for the tutorial's 3.2 million weights, NumPy's 25.
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return
    low, high = float(finite.min()), float(finite.max())
    counts, edges = np.histogram(finite, bins=_NUM_BUCKETS)
    if low == high:  # NumPy would spread equal numbers over a range of one; TensorBoard draws a line
        counts, edges = np.array([0] * (_NUM_BUCKETS - 1) + [finite.size]), np.full(_NUM_BUCKETS + 1, low)
    buckets: Any = np.stack([edges[:-1], edges[1:], counts], axis=1).astype(np.float64)
    metadata = create_summary_metadata(display_name=None, description=None)
    summary.value.add(tag=tag, metadata=metadata, tensor=make_tensor_proto(buckets, dtype=np.float64))
