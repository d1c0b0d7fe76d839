"""Training from the page: the form's facts, the queue, stop and resume, names, notes and the trash, without a port."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from full_disk import full_disk
from inkproof.config import load_recipe, recipe_names
from inkproof.runs import Run, RunQueue, create_run, list_runs
from inkproof.server.app import create_api, create_app, make_state
from inkproof.settings import list_settings
from small_runs import make_run


@pytest.fixture
def client(runs_dir: Path) -> Iterator[TestClient]:
    """A server that trains nothing, so that what waits goes on waiting."""
    state = make_state(runs_dir, with_tensorboard=False, jobs=0)
    with TestClient(create_app(state), base_url="http://127.0.0.1:8420") as client:
        yield client


def error_of(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["field"]


def add(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/api/trainings", json={"recipe": "softmax", **body})
    assert response.status_code == 201, response.text
    run: dict[str, Any] = response.json()
    return run


def test_a_full_disk_is_told_and_leaves_nothing(client: TestClient, runs_dir: Path) -> None:
    before = sorted(runs_dir.iterdir())

    with full_disk():
        response = client.post("/api/trainings", json={"recipe": "softmax", "name": "a"})

    assert error_of(response) == (409, "storage", None)
    assert response.json()["error"]["message"].endswith("config.toml' cannot be read or written: File too large.")
    assert sorted(runs_dir.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "status", "code"), [("gone", 404, "unknown_run"), ("first", 500, "internal_error")], ids=["gone", "there"]
)
def test_a_run_that_goes_while_it_is_written_into_is_told_as_gone(
    runs_dir: Path, name: str, status: int, code: str
) -> None:
    api = create_api()
    api.state.inkproof = make_state(runs_dir, with_tensorboard=False, jobs=0)

    @api.get("/write")
    def _write() -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(runs_dir / name / "note.txt"))

    response = TestClient(api, raise_server_exceptions=False).get("/write")

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


# ── the form ───────────────────────────────────────────────────────────────────────────────────────


def test_the_form_has_every_recipe_with_its_values_and_every_setting(client: TestClient) -> None:
    form = client.get("/api/recipes").json()

    assert [recipe["name"] for recipe in form["recipes"]] == recipe_names()
    for recipe in form["recipes"]:
        assert recipe["values"] == load_recipe(recipe["name"]).as_flat_dict()
        described = {s["name"] for s in form["settings"] if s["model"] in (None, recipe["model"])}
        assert recipe["values"].keys() - {"recipe"} <= described
    assert len(form["settings"]) == len(list_settings())


def test_a_run_tells_its_settings_for_another_like_it(client: TestClient, runs_dir: Path) -> None:
    create_run(load_recipe("tutorial", {"model.filters": 8}), runs_dir, "small", "queued")

    settings = client.get("/api/runs/small/settings").json()

    assert (settings["recipe"], settings["model"], settings["values"]["model.filters"]) == ("tutorial", "tutorial", 8)


# ── the queue ──────────────────────────────────────────────────────────────────────────────────────


def test_a_training_waits_as_a_run_of_its_own(client: TestClient, runs_dir: Path) -> None:
    run = add(client, changes={"steps": "40", "learning_rate": 0.25}, name="mine", note="  a try \n")

    assert (run["name"], run["status"], run["steps"], run["step"]) == ("mine", "queued", 40, 0)
    assert (run["note"], run["model"], run["is_stopping"]) == ("a try", "softmax", False)
    assert Run(runs_dir / "mine").config.learning_rate == 0.25
    assert client.get("/api/queue").json() == {"jobs": 0, "running": [], "waiting": ["mine"], "problem": None}
    assert client.get("/api/runs").json()["runs"][0] == run


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"recipe": "nothing"}, (422, "unknown_recipe", "recipe")),
        ({"changes": {"learning_rate": -1}}, (422, "config", "learning_rate")),
        ({"changes": {"filters": 3}}, (422, "config", "filters")),
        ({"changes": {"steps": [1]}}, (422, "invalid_request", "changes.steps")),
        ({"name": "a/b"}, (422, "run_name", "name")),
        ({"name": "first"}, (409, "run_exists", "name")),
        ({"note": "x" * 4_001}, (422, "note", "note")),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_training_is_told_with_its_field(
    client: TestClient, runs_dir: Path, body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    response = client.post("/api/trainings", json={"recipe": "softmax", **body})

    status, code, field = error_of(response)
    assert (status, code) == expected[:2]
    assert field is not None
    assert field.startswith(expected[2])
    assert sorted(path.name for path in runs_dir.iterdir() if path.name[0] != ".") == ["first", "second"]


def test_the_order_is_what_was_asked_for_last(client: TestClient, runs_dir: Path) -> None:
    for name in ("a", "b", "c", "d"):
        add(client, name=name)

    ordered = client.put("/api/queue", json={"waiting": ["d", "nobody", "b", "d", "first"]}).json()

    assert ordered["waiting"] == ["d", "b", "a", "c"]
    assert [run.name for run in RunQueue(runs_dir).waiting()] == ["d", "b", "a", "c"]


def test_a_run_that_waits_leaves_the_queue_when_stopped_and_comes_back_behind(client: TestClient) -> None:
    add(client, name="a")
    add(client, name="b")

    stopped = client.post("/api/runs/a/stop").json()
    assert (stopped["status"], client.get("/api/queue").json()["waiting"]) == ("interrupted", ["b"])

    resumed = client.post("/api/runs/a/resume").json()
    assert (resumed["status"], client.get("/api/queue").json()["waiting"]) == ("queued", ["b", "a"])


@pytest.mark.parametrize("status", ["finished", "diverged"])
def test_what_is_done_is_not_resumed(client: TestClient, runs_dir: Path, status: str) -> None:
    Run(runs_dir / "first").update(status=status)

    assert error_of(client.post("/api/runs/first/resume"))[:2] == (409, "not_resumable")


def test_stopping_what_does_not_run_changes_nothing(client: TestClient) -> None:
    assert client.post("/api/runs/first/stop").json()["status"] == "finished"


def test_a_running_run_is_asked_to_stop_and_otherwise_left_alone(client: TestClient, runs_dir: Path) -> None:
    run = create_run(load_recipe("softmax"), runs_dir, "live")

    with run.hold():
        assert client.get("/api/queue").json()["running"] == ["live"]
        stopping = client.post("/api/runs/live/stop").json()
        refused = [
            client.delete("/api/runs/live"),
            client.patch("/api/runs/live", json={"name": "other"}),
            client.post("/api/runs/live/resume"),
        ]
        noted = client.patch("/api/runs/live", json={"note": "too slow"}).json()

    assert (stopping["status"], stopping["is_stopping"]) == ("running", True)
    assert run.is_asked_to_stop
    assert [error_of(response)[:2] for response in refused] == [(409, "run_busy")] * 3
    assert refused[0].json()["error"]["hint"] == "Stop it first: `inkproof stop live`."
    assert (noted["note"], noted["name"]) == ("too slow", "live")
    assert client.get("/api/runs/live").json()["status"] == "interrupted"


# ── names, notes, the trash ────────────────────────────────────────────────────────────────────────


def test_a_renamed_run_keeps_everything_and_its_place(client: TestClient, runs_dir: Path) -> None:
    for name in ("a", "b"):
        add(client, name=name)

    renamed = client.patch("/api/runs/a", json={"name": "erste"}).json()

    assert (renamed["name"], renamed["status"]) == ("erste", "queued")
    assert Run(runs_dir / "erste").record.name == "erste"
    assert client.get("/api/queue").json()["waiting"] == ["erste", "b"]
    assert error_of(client.get("/api/runs/a")) == (404, "unknown_run", "run")
    assert error_of(client.patch("/api/runs/erste", json={"name": "b"})) == (409, "run_exists", "name")
    assert error_of(client.patch("/api/runs/erste", json={"name": "../b"})) == (422, "run_name", "name")


def test_a_wrong_note_leaves_the_name_as_it_is(client: TestClient) -> None:
    response = client.patch("/api/runs/first", json={"name": "other", "note": "x" * 5_000})

    assert error_of(response) == (422, "note", "note")
    assert client.get("/api/runs/first").status_code == 200


def test_a_deleted_run_is_brought_back_whole(client: TestClient, runs_dir: Path) -> None:
    before = client.get("/api/runs/first").json()
    files = {path.relative_to(runs_dir) for path in (runs_dir / "first").rglob("*") if path.name != ".lock"}

    trashed = client.delete("/api/runs/first").json()
    assert [run["name"] for run in client.get("/api/runs").json()["runs"]] == ["second"]
    assert client.get("/api/trash").json()["runs"] == [trashed]
    restored = client.post(f"/api/trash/{trashed['id']}/restore").json()

    assert restored == before
    assert client.get("/api/trash").json()["runs"] == []
    assert {p.relative_to(runs_dir) for p in (runs_dir / "first").rglob("*") if p.name != ".lock"} == files


def test_a_run_whose_name_was_taken_meanwhile_comes_back_with_a_number(client: TestClient, runs_dir: Path) -> None:
    trashed = client.delete("/api/runs/first").json()
    make_run(runs_dir, "first")

    assert client.post(f"/api/trash/{trashed['id']}/restore").json()["name"] == "first-2"
    assert error_of(client.post(f"/api/trash/{trashed['id']}/restore")) == (404, "unknown_trash", "id")


def test_a_run_that_waits_is_cancelled_by_deleting_it(client: TestClient) -> None:
    add(client, name="a")
    add(client, name="b")

    trashed = client.delete("/api/runs/a").json()
    assert client.get("/api/queue").json()["waiting"] == ["b"]

    client.post(f"/api/trash/{trashed['id']}/restore")
    assert sorted(client.get("/api/queue").json()["waiting"]) == ["a", "b"]


# ── measurements ───────────────────────────────────────────────────────────────────────────────────


def write_rows(run: Run, steps: range) -> None:
    rows = [f'{{"step": {n}, "seconds": {n / 10}, "loss": {"null" if n == 7 else 1.5}}}\n' for n in steps]
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write("".join(rows))


def test_measurements_are_columns_with_null_where_there_is_none(client: TestClient, runs_dir: Path) -> None:
    run = Run(runs_dir / "first")
    write_rows(run, range(9))
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 9, "test_acc')

    metrics = client.get("/api/runs/first/metrics").json()

    assert (metrics["run"], metrics["first_row"], metrics["num_rows"]) == ("first", 0, 9)
    assert metrics["step"] == list(range(9))
    assert metrics["loss"][6:] == [1.5, None, 1.5]
    assert metrics["test_accuracy"] == [None] * 9
    assert client.get("/api/metrics?run=first&run=nobody&run=second").json()["runs"] == [
        metrics,
        {**{key: [] for key in metrics}, "run": "second", "first_row": 0, "num_rows": 0},
    ]


def test_measurements_are_read_on_and_anew_after_a_resume(client: TestClient, runs_dir: Path) -> None:
    run = Run(runs_dir / "first")
    write_rows(run, range(20))
    assert len(client.get("/api/runs/first/metrics").json()["step"]) == 20

    write_rows(run, range(20, 25))
    assert client.get("/api/runs/first/metrics").json()["step"] == list(range(25))

    (run.folder / "other").write_text('{"step": 100}\n')
    (run.folder / "other").replace(run.folder / "metrics.jsonl")
    assert client.get("/api/runs/first/metrics").json()["step"] == [100]


def test_thinned_measurements_keep_both_ends_and_every_accuracy(client: TestClient, runs_dir: Path) -> None:
    rows = [
        f'{{"step": {n}{", " + chr(34) + "test_accuracy" + chr(34) + ": 0.5" if n == 34 else ""}}}' for n in range(1001)
    ]
    (runs_dir / "first" / "metrics.jsonl").write_text("\n".join(rows) + "\n")

    metrics = client.get("/api/runs/first/metrics?points=100").json()

    assert {0, 34, 1000} <= set(metrics["step"])
    assert (len(metrics["step"]), metrics["num_rows"]) == (93, 1001)
    assert metrics["test_accuracy"][metrics["step"].index(34)] == 0.5


def test_the_listing_tells_what_changed_since_the_last_one(client: TestClient, runs_dir: Path) -> None:
    client.get("/api/runs")
    run = Run(runs_dir / "first")

    run.update(step=77, status="interrupted")
    (run.folder / "timeline" / "step-000100.onnx").unlink()
    run.write_note("seen")

    listed = {view["name"]: view for view in client.get("/api/runs").json()["runs"]}
    assert (listed["first"]["step"], listed["first"]["timeline"], listed["first"]["note"]) == (77, [0], "seen")
    assert len(listed) == len(list_runs(runs_dir))


def test_where_nothing_can_be_written_nothing_is_changed(
    client: TestClient, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere

    refused = client.patch("/api/runs/first", json={"note": "x"})

    assert error_of(refused) == (422, "runs_dir", "runs_dir")
    assert refused.json()["error"]["message"] == f"The folder of runs '{runs_dir}' cannot be written: it is read-only."
    assert not client.get("/api/health").json()["can_train"]


# ── forks ──────────────────────────────────────────────────────────────────────────────────────────


def fork(client: TestClient, run: str, **body: Any) -> Any:
    return client.post(f"/api/runs/{run}/fork", json=body)


@pytest.fixture
def forkable(runs_dir: Path) -> str:
    """A finished run of 100 steps that has measured its loss."""
    rows = "".join(f'{{"step": {step}, "seconds": 1.5, "loss": 0.5}}\n' for step in range(0, 101, 5))
    (runs_dir / "first" / "metrics.jsonl").write_text(rows)
    return "first"


def test_a_fork_is_queued_and_tells_its_parent(client: TestClient, runs_dir: Path, forkable: str) -> None:
    response = fork(client, forkable, step=50, changes={"learning_rate": "0.05", "steps": 300}, name="new", note="why")

    assert response.status_code == 201
    run = response.json()
    assert (run["name"], run["status"], run["steps"], run["note"]) == ("new", "queued", 300, "why")
    parent = client.get("/api/runs/first").json()
    assert run["parent"] == {"name": "first", "step": 50, "started_at": parent["started_at"]}
    assert parent["parent"] is None
    assert client.get("/api/queue").json()["waiting"] == ["new"]
    assert Run(runs_dir / "new").config.learning_rate == 0.05
    assert client.get("/api/runs/new/metrics").json()["step"] == list(range(0, 51, 5))


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"step": 101}, "fork", "step"),
        ({"step": 0}, "fork", "step"),
        ({}, "fork", "steps"),
        ({"step": 50, "changes": {"seed": 1}}, "fork", "seed"),
        ({"step": 50, "changes": {"learning_rate": -1}}, "config", "learning_rate"),
        ({"step": 50, "name": "../x"}, "run_name", "name"),
    ],
    ids=["too late", "too early", "no step of its own", "a seed", "a limit", "a name"],
)
def test_a_fork_that_cannot_be_is_refused(
    client: TestClient, forkable: str, body: dict[str, Any], code: str, field: str
) -> None:
    assert error_of(fork(client, forkable, **body)) == (422, code, field)
    assert client.get("/api/queue").json()["waiting"] == []


def test_a_run_that_is_not_there_cannot_be_forked(client: TestClient) -> None:
    assert error_of(fork(client, "nobody"))[:2] == (404, "unknown_run")
