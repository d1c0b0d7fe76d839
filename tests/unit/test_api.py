"""The Python interface: what a run gives to those who trained it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import inkproof
from inkproof.config import load_recipe
from inkproof.data import Dataset
from inkproof.errors import (
    BrokenRunError,
    ConfigError,
    NetworkFileError,
    NotResumableError,
    RunExistsError,
    UnknownRecipeError,
    UnknownRunError,
    UsageError,
)
from inkproof.runs import LOCK_FILE, create_run, list_runs
from small_runs import make_run

if TYPE_CHECKING:
    from inkproof.api import TrainedRun


@pytest.mark.heavy
def test_a_trained_run_answers_for_images(softmax_run: TrainedRun, mnist: Dataset) -> None:
    probabilities = softmax_run.network.predict(mnist.test.images)

    accuracy = (probabilities.argmax(axis=1) == mnist.test.labels).mean()
    assert accuracy == pytest.approx(softmax_run.record.figures["test_accuracy"], abs=1e-9)
    assert accuracy > 0.85
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.heavy
def test_a_trained_run_gives_its_measurements_as_columns(softmax_run: TrainedRun) -> None:
    metrics = softmax_run.metrics

    assert list(metrics) == ["step", "seconds", "loss", "batch_accuracy", "test_accuracy", "learning_rate"]
    assert metrics["step"].tolist() == list(range(0, 301, 5))
    assert metrics["loss"][0] == pytest.approx(np.log(10), rel=1e-5)
    assert metrics["loss"][-10:].mean() < 0.6
    assert (np.diff(metrics["seconds"]) >= 0).all()


@pytest.mark.heavy
def test_the_curves_are_the_measurements(softmax_run: TrainedRun) -> None:
    metrics = softmax_run.metrics

    left, right = softmax_run.plot().axes

    np.testing.assert_array_equal(left.lines[0].get_xydata(), np.stack([metrics["step"], metrics["loss"]], axis=1))
    assert [line.get_label() for line in right.lines] == ["training batch", "all test images"]
    np.testing.assert_array_equal(right.lines[1].get_ydata(), metrics["test_accuracy"])
    assert (left.get_xlabel(), left.get_ylabel()) == ("step", "cross-entropy (nats)")


@pytest.mark.heavy
def test_a_notebook_shows_facts_and_curves(softmax_run: TrainedRun) -> None:
    shown = softmax_run._repr_html_()

    assert "<th>status</th><td>finished</td>" in shown
    assert "<th>step</th><td>300 of 300</td>" in shown
    assert re.search(r"<th>test accuracy</th><td>0\.[89]\d*</td>", shown)
    assert "<svg" in shown


def test_a_run_that_has_not_measured_yet_is_shown_all_the_same(tmp_path: Path) -> None:
    create_run(load_recipe("softmax"), tmp_path)
    run = inkproof.open_run("softmax", runs_dir=tmp_path)

    assert run.plot().axes[0].lines == [] or len(run.plot().axes[0].lines) == 0
    assert "<td>interrupted</td>" in run._repr_html_()


def test_a_run_without_a_finished_network_says_where_to_look(tmp_path: Path) -> None:
    create_run(load_recipe("softmax"), tmp_path)

    with pytest.raises(
        BrokenRunError, match=r"^The run 'softmax' has no finished network: it is interrupted\.$"
    ) as caught:
        _ = inkproof.open_run("softmax", runs_dir=tmp_path).network

    assert caught.value.hint == "Look at its timeline/ for the networks of earlier steps, or resume it."


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda folder: inkproof.train("tutorail", runs_dir=folder), UnknownRecipeError, "Did you mean 'tutorial'"),
        (lambda folder: inkproof.train("softmax", runs_dir=folder, step=5), ConfigError, "Did you mean 'steps'"),
        (
            lambda folder: inkproof.train("tutorial", runs_dir=folder, model__hidden_activation="tanh"),
            ConfigError,
            r"'model\.hidden_activation' is 'tanh'",
        ),
        (lambda folder: inkproof.open_run("x", runs_dir=folder), UnknownRunError, "no run 'x'"),
        (lambda folder: inkproof.resume("x", runs_dir=folder), UnknownRunError, "no run 'x'"),
    ],
    ids=["recipe", "setting", "value of the model", "open", "resume"],
)
def test_a_wrong_request_makes_no_folder(
    tmp_path: Path, call: Callable[[Path], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call(tmp_path / "runs")

    assert not (tmp_path / "runs").exists()


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    create_run(load_recipe("softmax"), tmp_path, "mine")

    with pytest.raises(RunExistsError, match="There is already a run 'mine'"):
        inkproof.train("softmax", name="mine", runs_dir=tmp_path)


def test_a_foreign_folder_is_not_resumed_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()

    with pytest.raises(BrokenRunError, match=r"is not a whole run: it has no run\.json\.$"):
        inkproof.resume("photographs", runs_dir=tmp_path)

    assert list((tmp_path / "photographs").iterdir()) == []


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (
            "finished",
            r"^The run 'softmax' is finished: all 300 steps are done\.$",
            "Go on to more steps with a fork: `inkproof fork softmax --steps 600`.",
        ),
        (
            "diverged",
            r"^The run 'softmax' diverged, and from its checkpoint it would again\.$",
            "Train anew with a smaller learning rate: `inkproof train softmax --learning-rate …`; or leave it before: "
            "`inkproof fork softmax --step … --learning-rate …`.",
        ),
    ],
    ids=["finished", "diverged"],
)
def test_a_run_with_nothing_left_to_do_is_not_resumed(
    copy_of: Callable[[TrainedRun], TrainedRun], softmax_run: TrainedRun, status: str, message: str, hint: str
) -> None:
    run = copy_of(softmax_run)
    record = run.update(status=status)
    files = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file() and path.name != LOCK_FILE}

    with pytest.raises(NotResumableError, match=message) as caught:
        inkproof.resume(run.name, runs_dir=run.folder.parent)

    assert caught.value.hint == hint
    assert run.record == record
    assert all(path.read_bytes() == content for path, content in files.items())


@pytest.mark.heavy
def test_a_moved_folder_is_the_same_run(copy_of: Callable[[TrainedRun], TrainedRun], softmax_run: TrainedRun) -> None:
    run = copy_of(softmax_run)
    moved = inkproof.open_run(run.folder.rename(run.folder.with_name("elsewhere")).name, runs_dir=run.folder.parent)

    assert [listed.status for listed in list_runs(run.folder.parent)] == ["finished"]
    assert moved.metrics["step"][-1] == 300
    assert moved.network.metadata["inkproof.run"] == "softmax"


def test_a_run_its_name_its_folder_and_its_file_are_judged_alike(tmp_path: Path) -> None:
    run = make_run(tmp_path, "mine")
    given = [run, "mine", run.folder, run.folder / "network.onnx"]

    results = [inkproof.evaluate(each, "clean", runs_dir=tmp_path) for each in given]

    scores = [result["networks"][0]["suites"]["clean"]["score"] for result in results]
    assert scores[0]["n"] == 10_000
    assert all(score == scores[0] for score in scores)
    assert [result["networks"][0]["name"] for result in results] == ["mine", "mine", "mine", "network"]
    assert json.loads((run.folder / "evaluation" / "clean.json").read_text("utf-8"))["score"] == scores[0]


def test_several_networks_are_judged_side_by_side_and_progress_is_told(tmp_path: Path) -> None:
    one, other = make_run(tmp_path, "one"), make_run(tmp_path, "other")
    told: list[tuple[str, int, int]] = []

    result = inkproof.evaluate([one, other, one], ["clean"], progress=lambda *news: told.append(news))

    assert [network["name"] for network in result["networks"]] == ["one", "other"]
    assert told[-1] == ("clean", 20_000, 20_000)
    assert (result["command"], result["gates"]) == (
        f"inkproof.evaluate({[str(run.folder) for run in (one, other, one)]!r}, ['clean'])",
        [],
    )


@pytest.mark.parametrize(
    ("networks", "suites", "error", "message"),
    [
        ([], None, UsageError, r"^No network came; a run, its name or an ONNX file was expected\.$"),
        ("mine", "edge", UsageError, r"^There is no suite 'edge'\. Did you mean 'edges'\?$"),
        ("yours", "edges", UnknownRunError, "There is no run 'yours'"),
        ("begun", "edges", NetworkFileError, r"^The run 'begun' has no finished network yet"),
        ("none.onnx", "edges", NetworkFileError, r"^There is no network file 'none\.onnx'"),
    ],
    ids=["nothing", "suite", "run", "not finished", "file"],
)
def test_what_cannot_be_judged_is_told(
    tmp_path: Path, networks: str | list[str], suites: str | None, error: type[Exception], message: str
) -> None:
    make_run(tmp_path, "mine")
    create_run(load_recipe("softmax"), tmp_path, "begun")

    with pytest.raises(error, match=message):
        inkproof.evaluate(networks, suites, runs_dir=tmp_path)


def test_the_package_offers_what_its_help_names() -> None:
    assert dir(inkproof) == [
        "Series", "TrainedRun", "__version__", "compare", "enqueue", "evaluate", "fork", "open_run", "resume",
        "run_sweep", "train", "train_seeds",
    ]  # fmt: skip
    assert all(hasattr(inkproof, name) for name in dir(inkproof))
    with pytest.raises(AttributeError, match=r"^module 'inkproof' has no attribute 'trian'$"):
        _ = inkproof.trian
