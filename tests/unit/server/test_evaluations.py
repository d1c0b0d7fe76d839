"""Results of the proof suites over HTTP, the images behind them, and measuring in a child process."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from inkproof.data import Dataset
from inkproof.diagnosis.evaluation import evaluate, open_subject
from inkproof.diagnosis.suites import SUITES
from inkproof.networks import Network
from inkproof.runs import Run, open_run
from inkproof.server.app import create_app, make_state
from inkproof.server.evaluation_queue import QUEUE_FILE
from networks_by_hand import write_constant
from small_runs import make_run

PATIENCE_SECONDS = 60


def measure(run: Run, dataset: Dataset, *suites: str) -> dict[str, Any]:
    """The results of suites, kept in the run's folder as `inkproof evaluate` keeps them."""
    subject = open_subject(run.folder / "network.onnx", run.name, run.folder)
    (network,) = evaluate([subject], dataset, [SUITES[name] for name in suites])["networks"]
    found: dict[str, Any] = network["suites"]
    return found


def get_suites(client: TestClient, run: str) -> dict[str, Any]:
    return {suite["suite"]: suite for suite in client.get(f"/api/runs/{run}/evaluation").json()["suites"]}


def wait_for_jobs(client: TestClient, *states: str) -> list[dict[str, Any]]:
    """The jobs as soon as they are in these states."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        jobs: list[dict[str, Any]] = client.get("/api/evaluations").json()["jobs"]
        if [job["state"] for job in jobs] == list(states):
            return jobs
        time.sleep(0.05)
    raise AssertionError(f"{states} was expected, {jobs} came")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, mnist: Dataset) -> Iterator[tuple[TestClient, dict[str, Any]]]:
    """A server on a run that was judged by two suites, and their results."""
    runs_dir = tmp_path_factory.mktemp("runs")
    results = measure(make_run(runs_dir, "judged"), mnist, "clean", "shifts")
    with TestClient(create_app(make_state(runs_dir, with_tensorboard=False)), base_url="http://localhost") as client:
        yield client, results


def test_results_are_those_that_evaluate_keeps(measured: tuple[TestClient, dict[str, Any]]) -> None:
    client, results = measured

    evaluation = client.get("/api/runs/judged/evaluation").json()

    assert (evaluation["run"], evaluation["problem"]) == ("judged", None)
    assert (evaluation["classes"], evaluation["num_test_images"]) == (list("0123456789"), 10_000)
    assert [suite["suite"] for suite in evaluation["suites"]] == list(SUITES)
    suites = {suite["suite"]: suite["result"] for suite in evaluation["suites"]}
    assert [name for name, result in suites.items() if result] == ["clean", "shifts"]
    for name, stored in results.items():
        assert (suites[name]["score"], suites[name]["parts"]) == (stored["score"], stored["parts"])
        assert suites[name]["num_images"] == stored["measured"]["num_images"]
    assert suites["clean"]["confusion"] == results["clean"]["confusion"]
    assert suites["clean"]["calibration"] == results["clean"]["calibration"]
    shifts = suites["shifts"]["shifts"]
    assert (shifts["offsets"], shifts["cut"]) == (list(range(-10, 11)), results["shifts"]["cut"])
    assert [entry["label"] for entry in shifts["per_class"]] == list(range(10))
    assert np.sum([entry["cut"]["n"] for entry in shifts["per_class"]], axis=0).tolist() == shifts["cut"]["n"]


def test_a_cell_of_the_confusion_matrix_opens_to_its_images(
    measured: tuple[TestClient, dict[str, Any]], mnist: Dataset
) -> None:
    client, results = measured
    counts = np.array(results["clean"]["confusion"])
    label, answer = (int(index) for index in np.unravel_index(counts.argmax(), counts.shape))
    network = Network.load(Path(client.get("/api/health").json()["runs_dir"]) / "judged" / "network.onnx")
    probabilities = network.predict(mnist.test.images)

    cell = f"/api/runs/judged/test-images?label={label}&answer={answer}"
    first = client.get(f"{cell}&limit=10").json()
    second = client.get(f"{cell}&limit=10&offset=10").json()

    assert (first["total"], first["offset"], second["offset"]) == (int(counts.max()), 0, 10)
    images = first["images"] + second["images"]
    confidences = [image["probability"] for image in images]
    assert confidences == sorted(confidences, reverse=True)
    assert len({image["index"] for image in images}) == 20
    for image in images:
        row = probabilities[image["index"]]
        assert (image["label"], image["answer"]) == (label, answer) == (mnist.test.labels[image["index"]], row.argmax())
        assert image["probability"] == pytest.approx(row[answer], abs=1e-5)
        assert image["probability_of_label"] == pytest.approx(row[label], abs=1e-5)
        assert base64.b64decode(image["pixels"]) == mnist.test.images[image["index"]].tobytes()


def test_every_cell_has_as_many_images_as_the_matrix_says(measured: tuple[TestClient, dict[str, Any]]) -> None:
    client, results = measured

    for label, row in enumerate(results["clean"]["confusion"]):
        totals = [
            client.get(f"/api/runs/judged/test-images?label={label}&answer={answer}&limit=1").json()["total"]
            for answer in range(10)
        ]
        assert totals == row
    assert client.get("/api/runs/judged/test-images").json()["total"] == 10_000


@pytest.mark.parametrize("field", ["label", "answer"])
def test_images_of_a_class_that_there_is_not_are_refused(client: TestClient, field: str) -> None:
    response = client.get(f"/api/runs/first/test-images?{field}=10")

    assert response.status_code == 422
    assert response.json()["error"] == {
        "code": "usage",
        "message": f"The {field} 10 came; 0 to 9 was expected.",
        "hint": "The classes are: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.",
        "field": field,
    }


def test_a_result_of_another_network_is_none_of_this_one(client: TestClient, runs_dir: Path, mnist: Dataset) -> None:
    run = open_run("first", runs_dir)
    measure(run, mnist, "clean")
    before = get_suites(client, "first")["clean"]["result"]
    images_before = client.get("/api/runs/first/test-images?answer=3").json()["total"]

    write_constant(run.folder / "network.onnx", answer=3)

    assert before is not None
    assert get_suites(client, "first")["clean"]["result"] is None
    assert client.get("/api/runs/first/test-images?answer=3").json()["total"] == 10_000 != images_before


def test_a_damaged_result_is_as_good_as_none(client: TestClient, runs_dir: Path, mnist: Dataset) -> None:
    run = open_run("first", runs_dir)
    measure(run, mnist, "clean")
    path = run.folder / "evaluation" / "clean.json"
    stored = json.loads(path.read_text())
    path.write_text(json.dumps({**stored, "confusion": "gone"}))

    assert get_suites(client, "first")["clean"]["result"] is None


def test_suites_are_measured_by_a_child_which_tells_its_progress(client: TestClient, runs_dir: Path) -> None:
    asked = client.post("/api/runs/first/evaluation", json={"suites": ["clean"]})
    client.post("/api/runs/second/evaluation", json={"suites": ["clean"]})
    client.post("/api/runs/second/evaluation", json={"suites": ["clean"]})  # asked for already

    assert asked.status_code == 202
    assert [(job["run"], job["suites"]) for job in asked.json()["jobs"]] == [("first", ["clean"])]
    jobs = client.get("/api/evaluations").json()["jobs"]
    assert [job["run"] for job in jobs] in (["first", "second"], ["second"])
    wait_for_jobs(client)
    for run in ("first", "second"):
        assert get_suites(client, run)["clean"]["result"]["score"]["n"] == 10_000
    assert client.post("/api/runs/first/evaluation", json={"suites": ["clean"]}).json()["jobs"] == []


def test_measuring_is_stopped_and_goes_on_where_it_was(client: TestClient, runs_dir: Path) -> None:
    client.post("/api/runs/first/evaluation", json={"suites": ["corruptions"]})
    end = time.monotonic() + PATIENCE_SECONDS
    partial = runs_dir / "first" / "evaluation" / "corruptions.partial"
    while not partial.exists() and time.monotonic() < end:
        time.sleep(0.02)
    (job,) = client.get("/api/evaluations").json()["jobs"]

    stopped = client.delete("/api/runs/first/evaluation")

    assert (job["state"], job["suite"], job["num_images"]) == ("running", "corruptions", 75_000)
    assert 0 < job["num_done"] < 75_000
    assert stopped.json()["jobs"] == []
    corruptions = get_suites(client, "first")["corruptions"]
    assert (corruptions["is_begun"], corruptions["result"]) == (True, None)


def test_what_cannot_be_measured_says_why(client: TestClient, runs_dir: Path) -> None:
    (runs_dir / "first" / "network.onnx").write_bytes(b"no network")

    client.post("/api/runs/first/evaluation", json={})
    (job,) = wait_for_jobs(client, "failed")

    assert job["problem"].startswith("Measuring 'first' ended with exit status 1. error: The file")
    assert "is not a whole ONNX network" in job["problem"]
    client.delete("/api/runs/first/evaluation")
    assert client.get("/api/evaluations").json()["jobs"] == []


def test_a_run_without_a_finished_network_is_not_measured(client: TestClient, runs_dir: Path) -> None:
    (runs_dir / "first" / "network.onnx").unlink()

    evaluation = client.get("/api/runs/first/evaluation").json()
    started = client.post("/api/runs/first/evaluation", json={})

    message = "The run 'first' has no finished network yet; the suites judge finished ones."
    assert (evaluation["problem"], {suite["result"] for suite in evaluation["suites"]}) == (message, {None})
    assert started.status_code == 409
    assert started.json()["error"]["message"] == message
    assert started.json()["error"]["hint"] == "Let its training end, or go on with it: inkproof resume first"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may do everything may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_shown_and_not_measured(client: TestClient, runs_dir: Path) -> None:
    (runs_dir / "first").chmod(0o555)

    response = client.post("/api/runs/first/evaluation", json={})

    assert response.status_code == 409
    assert response.json()["error"]["message"] == (
        "The run 'first' cannot be measured: its folder cannot be written to."
    )


@pytest.mark.parametrize(
    ("body", "field"), [({"suites": []}, "suites"), ({"suites": ["speed"]}, "suites[0]"), ({"again": True}, "again")]
)
def test_a_suite_that_there_is_not_is_refused(client: TestClient, body: dict[str, Any], field: str) -> None:
    response = client.post("/api/runs/first/evaluation", json=body)

    assert (response.status_code, response.json()["error"]["field"]) == (422, field)


def test_a_measuring_ends_with_the_server_and_the_next_one_goes_on(runs_dir: Path) -> None:
    state = make_state(runs_dir, with_tensorboard=False)
    with TestClient(create_app(state), base_url="http://localhost") as client:
        client.post("/api/runs/first/evaluation", json={"suites": ["strokes"]})
        client.post("/api/runs/second/evaluation", json={"suites": ["strokes"]})
        end = time.monotonic() + PATIENCE_SECONDS
        while client.get("/api/evaluations").json()["jobs"][0]["suite"] is None and time.monotonic() < end:
            time.sleep(0.02)

    assert state.evaluations.jobs == []
    assert not list(runs_dir.glob("*/evaluation/strokes.json"))
    with TestClient(create_app(make_state(runs_dir, with_tensorboard=False)), base_url="http://localhost") as client:
        jobs = client.get("/api/evaluations").json()["jobs"]
        assert [(job["run"], job["suites"]) for job in jobs] == [("first", ["strokes"]), ("second", ["strokes"])]
        for run in ("first", "second"):
            client.delete(f"/api/runs/{run}/evaluation")
    assert not (runs_dir / QUEUE_FILE).exists()


def test_a_measuring_outlives_a_server_that_was_killed(runs_dir: Path) -> None:
    (runs_dir / QUEUE_FILE).write_text(
        json.dumps({"jobs": [{"run": "gone", "suites": ["clean"]}, {"run": "second", "suites": ["clean"]}]})
    )

    with TestClient(create_app(make_state(runs_dir, with_tensorboard=False)), base_url="http://localhost") as client:
        wait_for_jobs(client)
        result = get_suites(client, "second")["clean"]["result"]

    assert result["score"]["n"] == 10_000
    assert not (runs_dir / QUEUE_FILE).exists()
