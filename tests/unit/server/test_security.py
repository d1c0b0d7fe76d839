"""Who may ask, and what browsers may do with the answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from inkproof.server.app import create_app, make_state
from inkproof.server.security import BODY_LIMIT, Access, BodyLimit, own_addresses
from small_runs import drawing

TOKEN = "a-token-that-nobody-guesses"
OWNER_TOKEN = "another-that-only-the-owner-knows"
BODY = {"drawings": [drawing()], "networks": [{"run": "first"}]}


def open_client(runs_dir: Path, host: str = "192.168.7.7", **options: Any) -> TestClient:
    """A client of a server that is open to a classroom."""
    access = Access(
        "0.0.0.0", TOKEN, OWNER_TOKEN, cookie="inkproof_8420", _addresses=frozenset({"192.168.7.7"}), _asked_at=1e12
    )
    app = create_app(make_state(runs_dir, with_tensorboard=False), access)
    return TestClient(app, base_url=f"http://{host}:8420", follow_redirects=False, **options)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8420", "localhost", "LOCALHOST:1", "[::1]:8420", "127.8.8.8", "localhost."]
)
def test_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "0.0.0.0",
        "192.168.7.7",
        "a b",
        "",
        "[::1",
        "1",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/health", "/docs", "/nothing"])
def test_other_names_are_refused_everywhere(client: TestClient, host: str, path: str) -> None:
    response = client.get(path, headers={"host": host})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "unknown_host"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
    ],
    ids=str,
)
def test_writes_of_other_sites_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    response = client.post("/api/predict", json=BODY, headers=headers)

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "cross_site"


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8420"}, {"sec-fetch-site": "none"}],
    ids=["program", "page", "address bar"],
)
def test_writes_of_the_own_page_and_of_programs_are_answered(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/predict", json=BODY, headers=headers).status_code == 200


def test_a_body_without_its_type_is_not_read_as_json(client: TestClient) -> None:
    response = client.post("/api/predict", content=b"{}", headers={"content-type": "text/plain"})

    assert response.status_code == 422


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/nothing", "/docs", "/openapi.json"])
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["server"].startswith("inkproof/")
    assert "access-control-allow-origin" not in headers


def test_even_an_unforeseen_error_is_covered(runs_dir: Path) -> None:
    state = make_state(runs_dir, with_tensorboard=False)
    state.test_sets = None  # type: ignore[assignment]
    with TestClient(create_app(state), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        response = client.get("/api/examples/mnist")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert "content-security-policy" in response.headers


@pytest.mark.parametrize("is_declared", [True, False])
def test_too_large_a_body_is_refused(client: TestClient, is_declared: bool) -> None:
    chunk = b"x" * 65_536
    content: Any = chunk * 65 if is_declared else (chunk for _ in range(65))

    response = client.post("/api/predict", content=content, headers={"content-type": "application/json"})

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "body_too_large"


def test_reading_stops_at_the_limit_and_at_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkproof.server.security._BODY_SECONDS", 0.05)
    num_read = 0
    statuses: list[int] = []

    async def endless() -> dict[str, Any]:
        nonlocal num_read
        num_read += 1
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/api/other", "headers": []}
    for receive in (endless, never):
        asyncio.run(BodyLimit(lambda *_: asyncio.sleep(0))(scope, receive, send))

    assert statuses == [413, 408]
    assert num_read == BODY_LIMIT // 100_000 + 1


def test_an_open_server_asks_for_the_token(runs_dir: Path) -> None:
    with open_client(runs_dir) as client:
        page = client.get("/", headers={"accept": "text/html"})
        api = client.get("/api/health")
        write = client.post("/api/predict", json=BODY)
        wrong = client.get("/?token=wrong")

    assert [response.status_code for response in (page, api, write, wrong)] == [401] * 4
    assert "terminal" in page.text
    assert api.json()["error"]["code"] == "token_required"


def test_the_link_leaves_a_cookie_and_an_address_without_the_token(runs_dir: Path) -> None:
    with open_client(runs_dir) as client:
        response = client.get(f"/?token={TOKEN}&view=draw")

        assert (response.status_code, response.headers["location"]) == (303, "/?view=draw")
        cookie = response.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert client.get("/api/health").status_code == 200
        assert client.post("/api/predict", json=BODY).status_code == 200


@pytest.mark.parametrize(("sent", "status"), [(f"Bearer {TOKEN}", 200), ("Bearer é", 401), (TOKEN, 401)])
def test_programs_send_the_token_in_a_header(runs_dir: Path, sent: str, status: int) -> None:
    with open_client(runs_dir) as client:
        response = client.get("/api/health", headers={"authorization": sent.encode()})

    assert response.status_code == status


def test_the_link_never_leads_to_another_server(runs_dir: Path) -> None:
    with open_client(runs_dir) as client:
        response = client.get(f"//evil.example/?token={TOKEN}")

    assert response.headers.get("location", "/") in ("/", "/evil.example/")


def test_an_open_server_still_refuses_foreign_names(runs_dir: Path) -> None:
    with open_client(runs_dir, "evil.example") as client:
        response = client.get("/api/health", headers={"authorization": f"Bearer {TOKEN}"})

    assert response.status_code == 400


def test_own_addresses_are_names_and_numbers_of_this_machine() -> None:
    import socket

    assert socket.gethostname().lower() in own_addresses()


CHANGES = [
    ("POST", "/api/trainings", {"recipe": "softmax"}),
    ("PUT", "/api/queue", {"waiting": []}),
    ("POST", "/api/runs/first/stop", None),
    ("POST", "/api/runs/first/resume", None),
    ("PATCH", "/api/runs/first", {"note": "mine now"}),
    ("DELETE", "/api/runs/first", None),
    ("POST", "/api/trash/first/restore", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_guest_draws_and_changes_nothing(runs_dir: Path, method: str, path: str, body: Any) -> None:
    guest = open_client(runs_dir, headers={"authorization": f"Bearer {TOKEN}"})

    refused = guest.request(method, path, json=body)

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "owner_required")
    assert guest.post("/api/predict", json=BODY).status_code == 200
    assert not guest.get("/api/health").json()["can_train"]
    assert sorted(path.name for path in runs_dir.iterdir()) == ["first", "second"]


def test_the_owner_changes_runs_with_a_token_or_the_cookie_that_its_link_gives(runs_dir: Path) -> None:
    program = open_client(runs_dir, headers={"authorization": f"Bearer {OWNER_TOKEN}"})
    browser = open_client(runs_dir)

    assert program.get("/api/health").json()["can_train"]
    assert program.patch("/api/runs/first", json={"note": "kept"}).json()["note"] == "kept"
    assert browser.get(f"/?token={OWNER_TOKEN}").status_code == 303
    assert browser.patch("/api/runs/first", json={"note": ""}).json()["note"] is None


def test_without_an_owners_token_nobody_who_asks_from_outside_is_the_owner(runs_dir: Path) -> None:
    access = Access("0.0.0.0", TOKEN)

    assert access.find_role(TOKEN) == "guest"
    assert access.find_role("") is None
    assert access.find_role("None") is None
