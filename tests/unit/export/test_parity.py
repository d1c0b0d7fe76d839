"""The proof that both files of a finished run answer alike, and what it says where they do not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from inkproof.data import Dataset
from inkproof.errors import NetworkFileError, ParityError
from inkproof.export.parity import TOLERANCE, prove_parity
from inkproof.runs import KERAS_FILE, NETWORK_FILE, PARITY_FILE

if TYPE_CHECKING:
    from inkproof.api import TrainedRun

pytestmark = pytest.mark.heavy


def tamper(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Change the biases of the classes, the only weights of length ten."""
    network = onnx.load(path)
    (biases,) = [value for value in network.graph.initializer if list(value.dims) == [10]]
    biases.raw_data = change(onnx.numpy_helper.to_array(biases)).astype(np.float32).tobytes()
    onnx.save(network, path)


@pytest.mark.parametrize("name", ["tutorial", "softmax", "deep"])
def test_a_finished_run_carries_the_proof_on_all_test_images(request: pytest.FixtureRequest, name: str) -> None:
    run = request.getfixturevalue(f"{name}_run")

    proof = json.loads((run.folder / PARITY_FILE).read_text())

    assert proof.pop("largest_difference") <= 1e-5
    assert proof == {
        "num_images": 10_000,
        "num_differing_answers": 0,
        "tolerance": TOLERANCE,
        "keras_sha256": hashlib.sha256((run.folder / KERAS_FILE).read_bytes()).hexdigest(),
        "onnx_sha256": hashlib.sha256((run.folder / NETWORK_FILE).read_bytes()).hexdigest(),
    }


def test_files_that_agree_are_told_by_how_much(tutorial_run: TrainedRun, mnist: Dataset) -> None:
    folder = tutorial_run.folder

    proof = prove_parity(folder / KERAS_FILE, folder / NETWORK_FILE, mnist.test.images[:150])

    assert proof["num_images"] == 150
    assert proof["num_differing_answers"] == 0
    assert 0 <= float(proof["largest_difference"]) < 1e-5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda biases: biases + 3 * (np.arange(10) == 4),
            r"^The exported network differs from the trained one: by up to 0\.\d+ in a probability \(at most 0\.0001 "
            r"was expected\) and in [1-9]\d* of 500 answers \(none was expected\)\.$",
        ),
        (lambda biases: biases + 0.002 * (np.arange(10) == 4), r"by up to 0\.000\d+ in a probability .+ in \d of 500 "),
        (lambda biases: biases * np.nan, r"by up to nan in a probability"),
    ],
    ids=["other answers", "slightly", "not a number"],
)
def test_a_network_file_that_answers_otherwise_is_an_error(
    copy_of: Callable[[TrainedRun], TrainedRun],
    softmax_run: TrainedRun,
    mnist: Dataset,
    change: Callable[[np.ndarray], np.ndarray],
    message: str,
) -> None:
    folder = copy_of(softmax_run).folder
    tamper(folder / NETWORK_FILE, change)

    with pytest.raises(ParityError, match=message) as caught:
        prove_parity(folder / KERAS_FILE, folder / NETWORK_FILE, mnist.test.images[:500])

    assert caught.value.hint == f"Keep '{folder / KERAS_FILE}'; report this with the run's config.toml and run.json."


def test_a_network_file_cut_short_is_no_network(
    copy_of: Callable[[TrainedRun], TrainedRun], softmax_run: TrainedRun, mnist: Dataset
) -> None:
    folder = copy_of(softmax_run).folder
    content = (folder / NETWORK_FILE).read_bytes()
    (folder / NETWORK_FILE).write_bytes(content[: len(content) // 2])

    with pytest.raises(NetworkFileError, match=r"is not a whole ONNX network"):
        prove_parity(folder / KERAS_FILE, folder / NETWORK_FILE, mnist.test.images[:10])
