"""Every route against its own description: whatever is sent, no 5xx, no hang, no answer that it does not document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from inkproof.ink import Drawing, rasterise
from inkproof.server.app import create_app, describe_api, make_state
from small_runs import make_run

# The stream of events never ends; tests/unit/server/test_stream.py follows it.
schema = schemathesis.openapi.from_dict(describe_api()).exclude(path="/api/events")
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
_settings = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    runs_dir = tmp_path_factory.mktemp("fuzz")
    make_run(runs_dir, "0")  # a name that a machine hits upon
    app = create_app(make_state(runs_dir, with_tensorboard=False, jobs=0), static_dir=Path(runs_dir))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")  # image/bmp
@schema.parametrize()
@_settings
def test_every_route_answers_as_it_is_described(client: TestClient, case: schemathesis.Case) -> None:
    sent = case.as_transport_kwargs(base_url="http://localhost")
    sent["content"] = sent.pop("data", None)
    response = client.request(**{key: value for key, value in sent.items() if value})

    assert response.status_code < 500
    case.validate_response(response, checks=CHECKS)


numbers = st.floats(-1e6, 1e6) | st.floats(-300, 500) | st.sampled_from([0, 224, 1e6, 1e-300])
points = st.tuples(numbers, numbers, st.floats(0, 1), st.floats(0, 1e12))
strokes = st.fixed_dictionaries(
    {"width": st.floats(1e-6, 112), "erase": st.booleans(), "points": st.lists(points, max_size=40)}
)
transforms = st.lists(numbers, min_size=6, max_size=6)
images = st.none() | st.fixed_dictionaries(
    {
        "height": st.just(2),
        "width": st.just(1),
        "channels": st.sampled_from([1, 3]),
        "transform": transforms,
        "thickness": st.floats(-64, 64),
    }
).map(lambda image: {**image, "pixels": {1: "gP8=", 3: "gP8AAP8A"}[image["channels"]]})
drawings = st.fixed_dictionaries({"size": st.just(224), "strokes": st.lists(strokes, max_size=5), "image": images})


@given(drawings, st.sampled_from(["drawn", "centred"]))
@settings(_settings, max_examples=40)
def test_every_drawing_is_answered(client: TestClient, drawing: dict[str, Any], view: str) -> None:
    networks = [{"run": "0"}, {"run": "0", "step": 0}]

    answered = client.post("/api/predict", json={"drawings": [drawing], "networks": networks, "views": [view]})
    mapped = client.post("/api/edge-map", json={"drawing": drawing, "networks": networks, "view": view})

    assert (answered.status_code, mapped.status_code) == (200, 200)
    (only,) = answered.json()["inputs"]
    is_blank = only["views"][0]["is_blank"]
    assert len(only["answers"]) == (0 if is_blank else 2)
    for answer in only["answers"]:
        assert np.isclose(sum(answer["probabilities"]), 1, atol=1e-4)
    if view == "drawn":
        assert is_blank != rasterise(Drawing.model_validate(drawing), (28, 28, 1)).any()
    for edge_map in mapped.json()["maps"]:
        assert "error" in edge_map or len(edge_map["best"]) == len(edge_map["dy"])
