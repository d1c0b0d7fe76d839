"""Comparisons over HTTP: the report, the table of answers, the images behind a cell, and what is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from compared_runs import make_group, make_trained
from inkproof.data import load
from inkproof.networks import Network
from inkproof.runs import open_run
from inkproof.server.comparing import Comparer
from inkproof.server.datasets import TestSets

PAIR = {"first": "a", "second": "b"}


@pytest.fixture
def pair(runs_dir: Path) -> tuple[np.ndarray, np.ndarray]:
    """Two runs, `a` and `b`; the probabilities that they give to the test images."""
    runs = [make_trained(runs_dir, name, right, steps=right) for name, right in (("a", 900), ("b", 950))]
    one, other = (Network.load(run.folder / "network.onnx").predict(load("mnist").test.images) for run in runs)
    return one, other


def test_groups_are_compared(client: TestClient, runs_dir: Path) -> None:
    make_group(runs_dir, "slow", [9_000, 9_012, 9_021])
    make_group(runs_dir, "fast", [9_060, 9_075, 9_085], steps=200)

    response = client.get("/api/compare", params={"run": [f"{n}-{s}" for n in ("slow", "fast") for s in range(3)]})

    assert response.status_code == 200
    report = response.json()
    assert report["verdict"]["en"].startswith("steps 100 → 200 (×2): better by 0.62")
    assert report["verdict"]["zh"].startswith("steps 100 → 200 (×2)：高 0.62")
    assert report["settings"] == [{"name": "steps", "values": [100, 200]}]
    assert [len(group["runs"]) for group in report["groups"]] == [3, 3]
    assert report["num_pending"] == 0


def test_one_run_is_no_comparison(client: TestClient) -> None:
    response = client.get("/api/compare", params={"run": ["first"]})

    assert response.status_code == 422
    assert response.json()["error"]["field"] == "run"


def test_the_same_run_twice_is_refused_in_words(client: TestClient) -> None:
    response = client.get("/api/compare", params={"run": ["first", "first"]})

    assert response.status_code == 422
    assert response.json()["error"]["message"] == (
        "Two or more different finished runs are needed to compare; these came: 'first', 'first'."
    )


def test_an_unknown_run_is_told(client: TestClient) -> None:
    assert client.get("/api/compare", params={"run": ["first", "nobody"]}).json()["error"]["code"] == "unknown_run"
    assert client.get("/api/compare/answers", params={"first": "nobody", "second": "first"}).status_code == 404


@pytest.mark.usefixtures("pair")
def test_an_impatient_request_gets_what_there_is_and_the_rest_later(runs_dir: Path) -> None:
    runs = [open_run(name, runs_dir) for name in ("a", "b")]

    hurried = Comparer(TestSets(), patience_seconds=0).compare(runs)
    patient = Comparer(TestSets()).compare(runs)
    again = Comparer(TestSets(), patience_seconds=0).compare(runs)

    assert [report.num_pending for report in (hurried, patient, again)] == [1, 0, 0]
    assert again == patient


def test_the_table_counts_every_image_once(client: TestClient, pair: tuple[np.ndarray, np.ndarray]) -> None:
    table = client.get("/api/compare/answers", params=PAIR).json()

    labels, answers = load("mnist").test.labels, [given.argmax(axis=1) for given in pair]
    assert np.sum(table["matrix"]) == 10_000
    assert table["matrix"][3][5] == ((answers[0] == 3) & (answers[1] == 5)).sum()
    assert table["classes"] == list("0123456789")
    seven = table["outcomes"][7]
    assert seven["only_first"] == ((labels == 7) & (answers[0] == 7) & (answers[1] != 7)).sum()
    assert sum(seven[name] for name in ("both", "only_first", "only_second", "neither")) == (labels == 7).sum()


def test_the_images_of_a_cell_come_the_surest_first(client: TestClient, pair: tuple[np.ndarray, np.ndarray]) -> None:
    found = client.get("/api/compare/images", params={**PAIR, "label": 7, "outcome": "only_second", "limit": 5}).json()

    labels, answers = load("mnist").test.labels, [given.argmax(axis=1) for given in pair]
    fits = np.flatnonzero((labels == 7) & (answers[0] != 7) & (answers[1] == 7))
    assert found["total"] == len(fits) > 0
    sure = (pair[0].max(axis=1) + pair[1].max(axis=1))[fits]
    first = found["images"][0]
    assert first["index"] == fits[sure.argmax()]
    assert first["answers"] == [answers[0][first["index"]], 7]
    assert base64.b64decode(first["pixels"]) == load("mnist").test.images[first["index"]].tobytes()


def test_a_cell_of_two_answers_is_as_large_as_the_matrix_says(
    client: TestClient, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    table = client.get("/api/compare/answers", params=PAIR).json()

    found = client.get("/api/compare/images", params={**PAIR, "first_answer": 3, "second_answer": 5}).json()

    assert found["total"] == table["matrix"][3][5]
    further = client.get("/api/compare/images", params={**PAIR, "first_answer": 3, "second_answer": 5, "offset": 2})
    assert further.json()["images"][:3] == found["images"][2:5]
    assert len(pair) == 2


@pytest.mark.usefixtures("pair")
def test_a_class_that_is_none_is_refused(client: TestClient) -> None:
    response = client.get("/api/compare/images", params={**PAIR, "second_answer": 10})

    assert response.status_code == 422
    assert response.json()["error"]["message"] == "The second_answer 10 came; 0 to 9 was expected."


def test_held_out_images_are_shown_too(client: TestClient, runs_dir: Path) -> None:
    for name, steps in (("a", 1), ("b", 2)):
        make_trained(runs_dir, name, 900, hold_out=1_000, steps=steps)

    found = client.get("/api/compare/images", params={**PAIR, "limit": 1}).json()

    assert found["total"] == 1_000
    assert client.get("/api/compare/answers", params=PAIR).json()["judged_on"]["set"] == "validation"


def test_runs_judged_by_different_images_are_refused(client: TestClient, runs_dir: Path) -> None:
    make_trained(runs_dir, "held", 900, hold_out=1_000)

    response = client.get("/api/compare", params={"run": ["first", "held"]})

    assert response.status_code == 422
    assert "Their accuracies cannot be compared." in response.json()["error"]["message"]


def test_finished_runs_are_listed_by_their_settings(client: TestClient, runs_dir: Path) -> None:
    make_group(runs_dir, "slow", [9_000, 9_012, 9_021], learning_rate=0.25)
    make_trained(runs_dir, "going", 9_000, status="interrupted", learning_rate=0.25)
    (runs_dir / "slow-0" / "config.toml").write_text("broken", "utf-8")

    groups = client.get("/api/compare/groups").json()["groups"]

    assert [(group["recipe"], group["changes"], group["runs"]) for group in groups] == [
        ("softmax", {"learning_rate": 0.25, "steps": 100}, ["slow-2", "slow-1"]),
        ("softmax", {"steps": 100}, ["second", "first"]),
    ]
    assert groups[0]["seeds"] == [2, 1]
    assert groups[0]["judged_on"]["num_images"] == 10_000
