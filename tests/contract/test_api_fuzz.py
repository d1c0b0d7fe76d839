"""Every route against its own description: whatever is sent, no 5xx, no hang, no answer that it does not document."""

from __future__ import annotations

from collections.abc import Iterator
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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkproof.ink import Drawing, rasterise
from inkproof.server.app import create_app, describe_api, make_state
from inkproof.server.state import ServerState
from inkproof.server.stream import Event
from small_runs import make_run

EVENTS = "/api/events"
schema = schemathesis.openapi.from_dict(describe_api())
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
_settings = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


class FirstEventAlone:
    """Closes the stream of events, which never ends, behind its first event, as a browser that goes away does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_over = False

        async def send_the_first(message: Message) -> None:
            nonlocal is_over
            if is_over:
                return
            is_over = bool(message.get("body"))
            await send({**message, "more_body": False} if is_over else message)

        await self._app(scope, receive, send_the_first if scope.get("path") == EVENTS else send)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> ServerState:
    runs_dir = tmp_path_factory.mktemp("fuzz")
    make_run(runs_dir, "0")  # a name that a machine hits upon
    return make_state(runs_dir, with_tensorboard=False, jobs=0)


@pytest.fixture(scope="module")
def client(state: ServerState) -> Iterator[TestClient]:
    app = FirstEventAlone(create_app(state, static_dir=state.runs_dir))
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


@given(
    runs=st.lists(st.sampled_from(["0", "nobody", "../0", "数字", "\0", "a" * 80]) | st.text(max_size=90), max_size=9),
    copies=st.integers(1, 40),
    last_id=st.none() | st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=120),
    unknown_number=st.none() | st.just(-1) | st.integers(10**9, 10**80),
)
@_settings
def test_every_listener_is_let_in_or_told_why_not(
    client: TestClient,
    state: ServerState,
    runs: list[str],
    copies: int,
    last_id: str | None,
    unknown_number: int | None,
) -> None:
    if unknown_number is not None:
        last_id = state.stream.id_of(Event("queue", ("{}", "{}"), None, unknown_number))
    headers = {} if last_id is None else {"Last-Event-ID": last_id.encode("latin-1")}

    response = client.get(EVENTS, params={"run": runs * copies, "token": "nonsense"}, headers=headers)

    names = runs * copies
    is_fine = len(names) <= 100 and all(1 <= len(name) <= 80 for name in names) and len(last_id or "") <= 100
    assert response.status_code == (200 if is_fine else 422)
    if is_fine:
        assert response.text.startswith("event: reset\ndata: {}\nid: ")
    else:
        assert response.json()["error"]["code"] == "invalid_request"
    assert state.stream.num_listeners == 0


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
