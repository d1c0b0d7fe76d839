"""Health, runs, filters, examples, image files and the page, without a port."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from starlette.testclient import TestClient

import inkproof
from inkproof.config import load_recipe
from inkproof.data import load
from inkproof.runs import create_run
from small_runs import make_run


def test_health_tells_what_stands_beside_the_server(client: TestClient, runs_dir: Path) -> None:
    health = client.get("/api/health").json()

    assert (health["service"], health["status"], health["version"]) == ("inkproof", "ok", inkproof.__version__)
    assert health["tensorboard"] == {"url": None, "problem": "TensorBoard was left out (--no-tensorboard)."}
    assert health["runs_dir"] == str(runs_dir)
    assert health["can_train"]


def test_runs_are_listed_newest_first_with_what_a_card_shows(client: TestClient) -> None:
    runs = client.get("/api/runs").json()["runs"]

    assert [run["name"] for run in runs] == ["second", "first"]
    first = runs[1]
    assert first == client.get("/api/runs/first").json()
    assert (first["status"], first["recipe"], first["step"], first["steps"]) == ("finished", "softmax", 100, 100)
    assert (first["timeline"], first["newest_step"], first["can_answer"]) == ([0, 100], 100, True)
    assert (first["classes"], first["image_shape"]) == (list("0123456789"), [28, 28, 1])
    assert first["accuracy"]["value"] == 0.918
    assert first["accuracy"]["low"] < 0.918 < first["accuracy"]["high"]
    assert (first["num_parameters"], first["training_seconds"]) == (7850, 2.5)


def test_a_running_training_tells_its_speed_and_newest_network(client: TestClient, runs_dir: Path) -> None:
    run = make_run(runs_dir, "live")
    (run.folder / "network.onnx").rename(run.folder / "newest.onnx")
    run.update(status="running", steps=1000, step=0, figures={})
    rows = [f'{{"step": {10 * n}, "seconds": {0.5 * n}, "test_accuracy": {0.5 + 0.01 * n}}}\n' for n in range(30)]
    (run.folder / "metrics.jsonl").write_text("".join(rows) + '{"step": 300, "sec')

    with run.hold():
        live = client.get("/api/runs/live").json()

    assert (live["status"], live["step"], live["newest_step"]) == ("running", 290, 100)
    assert live["images_per_second"] == pytest.approx(20 * 100)
    assert live["seconds_left"] == pytest.approx(710 / 20)
    assert live["accuracy"]["value"] == pytest.approx(0.79)
    assert live["accuracy"]["n"] == 10_000


def test_a_run_that_has_just_begun_cannot_answer_yet(client: TestClient, runs_dir: Path) -> None:
    create_run(load_recipe("softmax"), runs_dir, "new")

    new = client.get("/api/runs/new").json()

    assert (new["can_answer"], new["timeline"], new["newest_step"], new["accuracy"]) == (False, [], None, None)
    response = client.get("/api/runs/new/filters")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "broken_run")


@pytest.mark.parametrize("content", [None, "{", '{"format": 2}'], ids=["empty", "cut short", "foreign"])
def test_a_broken_folder_is_listed_with_its_problem(client: TestClient, runs_dir: Path, content: str | None) -> None:
    (runs_dir / "broken").mkdir()
    if content is not None:
        (runs_dir / "broken" / "run.json").write_text(content)

    listed = {run["name"]: run for run in client.get("/api/runs").json()["runs"]}

    assert listed["broken"]["status"] == "broken"
    assert "run.json" in listed["broken"]["problem"]
    assert not listed["broken"]["can_answer"]


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2fruns", "first%2F..%2Fsecond", "a" * 200, "first%00", "~"])
def test_a_name_never_leads_out_of_the_runs_folder(client: TestClient, name: str) -> None:
    for path in (
        f"/api/runs/{name}",
        *(f"/api/runs/{name}/{part}" for part in ("filters", "evaluation", "test-images")),
    ):
        response = client.get(path)

        assert response.status_code in (404, 422)
        assert "error" in response.json()
    answer = client.post("/api/predict", json={"images": [[[1]]], "networks": [{"run": "../first"}]})
    assert answer.json()["inputs"][0]["answers"][0]["error"]["code"] == "run_name"


def test_filters_are_the_first_weights_as_pictures(client: TestClient, runs_dir: Path) -> None:
    filters = client.get("/api/runs/first/filters", params={"step": 100}).json()

    assert (filters["layer"], filters["step"], filters["filters"]) == ("dense", 100, 10)
    pixels = np.frombuffer(base64.b64decode(filters["pixels"]), dtype=np.uint8).reshape(10, 28, 28, 1)
    model = onnx.load(runs_dir / "first" / "timeline" / "step-000100.onnx")
    weights = onnx.numpy_helper.to_array(model.graph.initializer[2])
    expected = 128 + weights.T.reshape(10, 28, 28, 1) * 127 / filters["limit"]
    np.testing.assert_allclose(pixels, expected, atol=0.51)


def test_a_step_that_was_not_kept_names_those_that_were(client: TestClient) -> None:
    response = client.get("/api/runs/first/filters?step=7")

    assert response.status_code == 404
    assert response.json()["error"]["hint"] == "It kept those of these steps: 0, 100."


def test_examples_are_the_test_images_in_turn(client: TestClient) -> None:
    test = load("mnist").test
    sevens = np.flatnonzero(test.labels == 7)

    first = client.get("/api/examples/mnist?label=7").json()
    second = client.get(f"/api/examples/mnist?label=7&after={first['index']}").json()
    wrapped = client.get(f"/api/examples/mnist?label=7&after={sevens[-1]}").json()

    assert [first["index"], second["index"], wrapped["index"]] == [*sevens[:2], sevens[0]]
    assert (first["label"], first["class_name"]) == (7, "7")
    assert base64.b64decode(first["pixels"]) == test.images[sevens[0]].tobytes()
    assert client.get("/api/examples/letters").json()["error"]["code"] == "unknown_dataset"


def test_read_image_reads_as_the_command_predict_does(client: TestClient) -> None:
    page = Image.new("L", (56, 56), 250)
    page.paste(10, (20, 10, 30, 46))
    file = io.BytesIO()
    page.save(file, "PNG")

    def post(content: bytes, kind: str) -> tuple[int, dict[str, object]]:
        response = client.post("/api/read-image?run=first", content=content, headers={"content-type": kind})
        return response.status_code, response.json()

    status, read = post(file.getvalue(), "image/png")
    assert (status, read["polarity"], read["polarity_detected"]) == (200, "dark-on-light", True)
    assert post(b"no image", "image/png")[0] == 422
    assert post(file.getvalue(), "text/plain")[0] == 415
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    status, body = post(bomb.getvalue(), "image/png")
    assert status == 422
    assert "million pixels" in str(body["error"])


def test_without_a_built_page_the_answer_says_how_to_build_it(client: TestClient) -> None:
    response = client.get("/")

    assert response.status_code == 503
    assert "make web" in response.text


def test_the_page_is_never_out_of_date_and_its_hashed_files_are_kept(client: TestClient, runs_dir: Path) -> None:
    static = runs_dir.parent / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<title>one</title>")
    (static / "assets" / "app-1a2b.js").write_text("1")

    page, asset = client.get("/"), client.get("/assets/app-1a2b.js")

    assert (page.text, page.headers["cache-control"]) == ("<title>one</title>", "no-cache")
    assert "immutable" in asset.headers["cache-control"]
    assert "javascript" in asset.headers["content-type"]
    assert client.get("/api/runs").headers["cache-control"] == "no-store"
    (static / "index.html").write_text("<title>two!</title>")
    assert client.get("/").text == "<title>two!</title>"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/%2e%2e/runs/first/run.json", "/assets/../../runs", "/a%00b"])
def test_static_files_stay_in_their_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_description_needs_no_script_and_no_other_server(client: TestClient) -> None:
    page = client.get("/docs").text

    assert "<script" not in page
    assert "http" not in page.replace("<code>http", "")
    assert "/api/edge-map" in page
    assert client.get("/docs/style.css").headers["content-type"].startswith("text/css")
