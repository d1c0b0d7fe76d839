"""One envelope for every error of every route, the framework's own included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from inkproof.server.app import create_app, describe_api, make_state

ROUTES = [
    (method.upper(), path) for path, methods in describe_api()["paths"].items() for method in methods if path != "/docs"
]
WRONG = [
    ("GET", "/nothing"),
    ("GET", "/api/nothing"),
    ("POST", "/"),
    ("PUT", "/nothing"),
    ("GET", "/api/runs/nobody"),
    ("GET", "/api/runs/.."),
    ("GET", "/api/runs/nobody/filters?step=x"),
    ("GET", "/api/examples/mnist?label=-1"),
    ("GET", "/api/examples/mnist?after=1e99"),
    ("POST", "/api/predict"),
    ("POST", "/api/edge-map"),
    ("POST", "/api/read-image"),
    ("POST", "/api/read-image?run=nobody"),
    ("GET", "/api/runs/nobody/evaluation"),
    ("POST", "/api/runs/nobody/evaluation"),
    ("DELETE", "/api/runs/nobody/evaluation"),
    ("GET", "/api/runs/nobody/test-images?limit=0"),
    ("POST", "/api/trainings"),
    ("PUT", "/api/queue"),
    ("POST", "/api/runs/nobody/stop"),
    ("POST", "/api/runs/nobody/resume"),
    ("DELETE", "/api/runs/nobody"),
    ("PATCH", "/api/runs/nobody"),
    ("POST", "/api/trash/nobody/restore"),
    ("POST", "/api/sweeps"),
    ("GET", "/api/sweeps/nobody"),
    ("DELETE", "/api/sweeps/nobody"),
    ("GET", "/api/sweeps/nobody/trials.csv"),
    ("GET", "/api/metrics"),
    *(("PATCH", path.format(run="a", dataset="mnist", id="b", sweep="c")) for _, path in ROUTES),
]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(make_state(tmp_path / "runs", with_tensorboard=False))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


@pytest.mark.parametrize(("method", "path"), WRONG, ids=lambda value: value)
def test_every_error_has_the_one_shape(client: TestClient, method: str, path: str) -> None:
    response = client.request(method, path)

    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/json"
    assert list(response.json()) == ["error"]
    error = response.json()["error"]
    assert list(error) == ["code", "message", "hint", "field"]
    assert error["code"].replace("_", "").isalpha()
    assert error["message"].endswith(".")


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda value: value)
def test_every_route_documents_its_errors(method: str, path: str) -> None:
    responses = describe_api()["paths"][path][method.lower()]["responses"]

    for status in ("400", "404", "413", "422"):
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorEnvelope"}
