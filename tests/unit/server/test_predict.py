"""Answers and edge maps over HTTP, without a port."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from inkproof.ink import Drawing, centre_as_mnist, rasterise
from inkproof.networks import Network
from small_runs import drawing, make_run, stroke, write_network

ONE = drawing(stroke((112, 40), (112, 180)))


def ask(client: TestClient, *networks: str | dict[str, Any], **body: Any) -> dict[str, Any]:
    chosen = [{"run": network} if isinstance(network, str) else network for network in networks]
    response = client.post("/api/predict", json={"networks": chosen, **body})
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


def decode(picture: dict[str, Any]) -> np.ndarray:
    shape = (picture["height"], picture["width"], picture["channels"])
    return np.frombuffer(base64.b64decode(picture["pixels"]), dtype=np.uint8).reshape(shape)


def test_predict_answers_as_the_network_does_to_what_it_shows(client: TestClient, runs_dir: Path) -> None:
    answer = ask(client, "first", "second", drawings=[ONE], views=["drawn", "centred"])

    (only,) = answer["inputs"]
    drawn, centred = (decode(view) for view in only["views"])
    np.testing.assert_array_equal(drawn, rasterise(Drawing.model_validate(ONE), (28, 28, 1)))
    assert [(a["run"], a["step"], a["view"]) for a in only["answers"]] == [
        ("first", 100, "drawn"),
        ("first", 100, "centred"),
        ("second", 100, "drawn"),
        ("second", 100, "centred"),
    ]
    expected = Network.load(runs_dir / "first" / "network.onnx").predict(np.stack([drawn, centred]))
    for given, probabilities in zip(only["answers"], expected, strict=False):
        np.testing.assert_allclose(given["probabilities"], probabilities, atol=1e-6)
        assert given["best"] == probabilities.argmax()


def test_a_step_of_the_timeline_answers_as_that_step(client: TestClient) -> None:
    answer = ask(client, {"run": "first", "step": 0}, {"run": "first", "step": 100}, "first", drawings=[ONE])

    first, second, newest = answer["inputs"][0]["answers"]
    assert (first["step"], second["step"], newest["step"]) == (0, 100, 100)
    assert first["probabilities"] != second["probabilities"] == newest["probabilities"]


def test_blank_drawings_have_no_answers_and_the_others_keep_their_places(client: TestClient) -> None:
    blank = drawing(stroke((-90, -90)), stroke())

    answer = ask(client, "first", drawings=[blank, ONE, drawing()])

    assert [len(one["answers"]) for one in answer["inputs"]] == [0, 1, 0]
    assert [one["views"][0]["is_blank"] for one in answer["inputs"]] == [True, False, True]


def test_images_are_taken_as_they_are(client: TestClient) -> None:
    image = np.random.RandomState(0).randint(0, 256, (2, 28, 28), dtype=np.uint8)

    answer = ask(client, "first", images=image.tolist(), views=["drawn", "centred"])

    first = answer["inputs"][0]["views"]
    np.testing.assert_array_equal(decode(first[0])[:, :, 0], image[0])
    np.testing.assert_array_equal(decode(first[1])[:, :, 0], centre_as_mnist(image[:1])[0])
    assert len(answer["inputs"][1]["answers"]) == 2


def test_image_files_are_read_as_ink_on_paper(client: TestClient) -> None:
    page = Image.new("L", (56, 56), 255)
    page.paste(0, (20, 10, 30, 46))
    file = io.BytesIO()
    page.save(file, "PNG")
    white = io.BytesIO()
    Image.new("L", (9, 9), 255).save(white, "PNG")

    answer = ask(client, "first", pngs=[base64.b64encode(f.getvalue()).decode() for f in (file, white)])

    assert decode(answer["inputs"][0]["views"][0])[14, 12, 0] == 255
    assert answer["inputs"][1]["answers"] == []


def test_a_network_that_cannot_answer_leaves_the_others_their_answers(client: TestClient, runs_dir: Path) -> None:
    (runs_dir / "second" / "network.onnx").write_bytes(b"no network")

    answer = ask(client, "nobody", "second", {"run": "first", "step": 7}, "first", drawings=[ONE])

    codes = [entry.get("error", {}).get("code") for entry in answer["inputs"][0]["answers"]]
    assert codes == ["unknown_run", "network_file", "unknown_step", None]


def test_networks_of_other_sizes_colours_and_classes_answer_side_by_side(client: TestClient, runs_dir: Path) -> None:
    write_network(make_run(runs_dir, "letters").folder / "network.onnx", shape=(16, 20, 3), num_classes=26)

    answer = ask(client, "first", "letters", drawings=[ONE], views=["drawn", "centred"])

    views = answer["inputs"][0]["views"]
    assert {(view["height"], view["width"], view["channels"]) for view in views} == {(28, 28, 1), (16, 20, 3)}
    assert [len(entry["probabilities"]) for entry in answer["inputs"][0]["answers"]] == [10, 10, 26, 26]


def test_a_network_file_that_was_replaced_answers_at_once(client: TestClient, runs_dir: Path) -> None:
    folder = runs_dir / "first"
    (folder / "network.onnx").rename(folder / "newest.onnx")
    before = ask(client, "first", drawings=[ONE])["inputs"][0]["answers"][0]

    shutil.copy(write_network(runs_dir.parent / "new.onnx", step=250, seed=3), folder / ".new.tmp")
    (folder / ".new.tmp").replace(folder / "newest.onnx")
    after = ask(client, "first", drawings=[ONE])["inputs"][0]["answers"][0]

    assert (before["step"], after["step"]) == (100, 250)
    assert before["probabilities"] != after["probabilities"]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"drawings": [{"strokes": [{"points": [[1, 2, 3, 4]]}]}]}, "drawings[0].strokes[0].points[0][2]", "is 3"),
        ({"drawings": [{"strokes": [{"points": [[1, 2]]}]}]}, "drawings[0].strokes[0].points[0][2]", "is missing"),
        ({"drawings": [ONE] * 257}, "drawings", "at most 256 items"),
        ({"drawings": []}, "drawings", "at least 1 item"),
        ({"drawings": [ONE], "images": [[[0]]]}, None, "Drawings and images came; one of"),
        ({}, None, "No input came; one of drawings, images, pngs was expected"),
        ({"drawings": [ONE], "views": ["turned"]}, "views[0]", "'drawn' or 'centred'"),
        ({"drawings": [ONE], "networks": []}, "networks", "at least 1 item"),
        ({"drawings": [ONE], "networks": [{"run": "first"}] * 9}, "networks", "at most 8 items"),
        ({"drawings": [ONE], "colour": 1}, "colour", "There is no field 'colour'"),
        ({"images": [[[0.5]]]}, "images[0]", "whole numbers was expected"),
        ({"images": [[[0, 256]]]}, "images[0]", "0 to 256; 0 \\(paper\\) to 255 \\(ink\\) was expected"),
        ({"images": [[[0], [1, 2]]]}, "images[0]", "its rows differ in length"),
        ({"pngs": ["AAAA"]}, "pngs[0]", "not an image"),
        ({"pngs": ["é"]}, "pngs[0]", "not Base64"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, body: dict[str, Any], field: str | None, message: str) -> None:
    response = client.post("/api/predict", json={"networks": [{"run": "first"}], **body})

    assert response.status_code == 422
    error = response.json()["error"]
    assert error["field"] == field
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(error["message"])


@pytest.mark.parametrize("body", ['{"drawings": NaN', "[" * 100_000, '{"networks": [{"run": NaN}]}', "\udcff"])
def test_a_body_that_is_no_json_is_told_so(client: TestClient, body: str) -> None:
    content = body.encode("utf-8", "surrogateescape")
    response = client.post("/api/predict", content=content, headers={"content-type": "application/json"})

    assert response.status_code in (400, 422)
    assert set(response.json()["error"]) == {"code", "message", "hint", "field"}


def test_edge_map_agrees_with_the_drawing_moved(client: TestClient) -> None:
    networks = [{"run": "first"}, {"run": "nobody"}, {"run": "second", "step": 0}]
    response = client.post("/api/edge-map", json={"drawing": ONE, "networks": networks})

    assert response.status_code == 200
    edge_map, failed, _ = response.json()["maps"]
    assert failed["error"]["code"] == "unknown_run"
    row, column = edge_map["dy"].index(3), edge_map["dx"].index(-5)
    moved = Drawing.model_validate(ONE).moved(-5 * 8, 3 * 8)
    answer = ask(client, "first", drawings=[moved.model_dump(mode="json")])["inputs"][0]["answers"][0]
    assert edge_map["best"][row][column] == answer["best"]
    expected = answer["probabilities"][edge_map["centre_class"]]
    assert edge_map["probabilities"][row][column] == pytest.approx(expected, abs=1e-6)
    assert (len(edge_map["dy"]), len(edge_map["dx"])) == (28 - 20 + 1, 28 - 2 + 1)


def test_edge_map_counts_offsets_from_where_ink_half_outside_is(client: TestClient) -> None:
    outside = Drawing.model_validate(ONE).moved(-112, 0)  # half of its width is off the pad

    body = {"drawing": outside.model_dump(mode="json"), "networks": [{"run": "first"}]}
    edge_map = client.post("/api/edge-map", json=body).json()["maps"][0]

    assert (edge_map["dx"][0], edge_map["dx"][-1]) == (1, 27)


def test_edge_map_of_nothing_is_blank_and_of_too_much_says_so(client: TestClient) -> None:
    def ask_map(what: dict[str, Any], view: str = "drawn") -> dict[str, Any]:
        body = {"drawing": what, "networks": [{"run": "first"}], "view": view}
        found: dict[str, Any] = client.post("/api/edge-map", json=body).json()["maps"][0]
        return found

    assert ask_map(drawing())["blank"]
    assert "no place at which it fits uncut" in ask_map(drawing(stroke((-50, 9), (300, 9))))["error"]["message"]
    assert ask_map(drawing(stroke((-50, 9), (300, 9))), "centred")["dx"]
