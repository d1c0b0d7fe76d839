"""Sweeps over HTTP: what they found, beginning one, and what is refused."""

from __future__ import annotations

import csv
import importlib.util
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from inkproof.server.app import create_app, make_state
from sweep_runs import add_proof, add_trial, make_sweep

PATIENCE_SECONDS = 60


def wait_until_ended(client: TestClient, name: str) -> dict[str, Any]:
    """The sweep as soon as it no longer runs."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found: dict[str, Any] = client.get(f"/api/sweeps/{name}").json()
        if found["status"] != "running":
            return found
        time.sleep(0.02)
    raise AssertionError(f"{name} still runs")


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def client(runs_dir: Path) -> Iterator[TestClient]:
    with TestClient(create_app(make_state(runs_dir, with_tensorboard=False)), base_url="http://localhost") as client:
        yield client


def ask(client: TestClient, **changes: Any) -> dict[str, Any]:
    """The error that a wish for a sweep gets."""
    body = {"recipe": "softmax", "space": {"learning_rate": "0.1..1:log"}, **changes}
    error: dict[str, Any] = client.post("/api/sweeps", json=body).json()["error"]
    return error


def test_a_sweep_tells_its_trials_and_the_best(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.90)
    add_trial(sweep, 1, 0.93, learning_rate=0.2, batch_size=50)
    add_trial(sweep, 2, 0.40, "interrupted", is_stopped_early=True, learning_rate=0.011)
    add_trial(sweep, 3, None, "diverged", learning_rate=0.99)

    found = client.get("/api/sweeps/search").json()

    assert (found["status"], found["trials"], found["num_ended"]) == ("finished", 8, 4)
    assert (found["best"], found["best_score"], found["hold_out"]) == (1, 0.93, 5_000)
    assert [trial["status"] for trial in found["table"]] == ["finished", "finished", "stopped early", "diverged"]
    assert [trial["is_recipe"] for trial in found["table"]] == [True, False, False, False]
    assert found["table"][1]["settings"] == {"learning_rate": 0.2, "batch_size": 50}
    assert [(one["name"], one["own"], one["is_log"]) for one in found["space"]] == [
        ("learning_rate", 0.5, True),
        ("batch_size", 100, False),
    ]
    assert found["importance"] is None  # of four trials nothing can be said
    assert found["proof"]["verdict"] is None


def test_the_best_setting_is_proved_against_the_recipe_on_test_images(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, final_seeds=3)
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.93, learning_rate=0.2)
    add_proof(sweep, 1, [9_300, 9_310, 9_320], [9_100, 9_110, 9_130], learning_rate=0.2)

    proof = client.get("/api/sweeps/search").json()["proof"]

    assert (proof["finding"], proof["num_images"], proof["seeds"]) == ("better", 10_000, 3)
    assert proof["verdict"]["en"].startswith("learning_rate 0.5 → 0.2 (÷2.5): better by 1.97 ± 0.14 points")
    assert "高 1.97 ± 0.14 个百分点" in proof["verdict"]["zh"]
    assert proof["best"]["mean"] == pytest.approx(0.931)
    assert proof["recipe_runs"] == [f"search-recipe-seed-{seed}" for seed in range(3)]


def test_the_verdict_calls_both_sides_by_what_they_are(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(
        runs_dir, space={"learning_rate": "0.01..1", "batch_size": "20..200", "label_smoothing": "0..0.5"}
    )
    others = {"learning_rate": 0.2, "batch_size": 50, "label_smoothing": 0.1}
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.93, **others)
    add_proof(sweep, 1, [9_300, 9_310], [9_100, 9_115], **others)

    verdict = client.get("/api/sweeps/search").json()["proof"]["verdict"]

    assert verdict["en"].startswith("The best setting instead of the recipe’s own: better by")
    assert verdict["zh"].startswith("用最好的设置代替配方本身：高")


def test_importance_says_which_setting_decides(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, trials=16)
    for number in range(16):
        add_trial(
            sweep, number, 0.7 + number / 100, learning_rate=0.01 * 1.3**number, batch_size=20 + number * 67 % 180
        )

    importance = client.get("/api/sweeps/search").json()["importance"]

    assert [setting["name"] for setting in importance["settings"]] == ["learning_rate", "batch_size"]
    assert sum(setting["share"] for setting in importance["settings"]) == pytest.approx(1)
    assert (importance["num_best"], importance["num_trials"]) == (5, 16)


def test_trials_come_as_csv(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.9)

    answer = client.get("/api/sweeps/search/trials.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "search-trials.csv" in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["trial"], row["learning_rate"], row["validation_accuracy"]) == ("0", "0.5", "0.9")


def test_sweeps_are_listed_newest_first_and_runs_name_theirs(client: TestClient, runs_dir: Path) -> None:
    add_trial(make_sweep(runs_dir, "older"), 0, 0.9)
    make_sweep(runs_dir, "newer", status="running")

    listed = client.get("/api/sweeps").json()

    assert [(sweep["name"], sweep["status"]) for sweep in listed["sweeps"]] == [
        ("newer", "interrupted"),  # nobody carries it out
        ("older", "finished"),
    ]
    assert listed["is_available"] is True
    assert client.get("/api/runs/older-000").json()["trial"] == {
        "sweep": "older", "role": "search", "number": 0, "is_stopped_early": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"space": {}}, "space", "at least one setting"),
        ({"space": {"learning_rate": "1..0.1"}}, "space.learning_rate", "does not ascend"),
        ({"space": {"learning_rate": "0..1:log"}}, "space.learning_rate", "no logarithm"),
        ({"space": {"lerning_rate": "0..1"}}, "lerning_rate", "Did you mean 'learning_rate'"),
        ({"space": {"seed": "0..9"}}, "space.seed", "cannot be searched"),
        ({"changes": {"learning_rate": 1}}, "space.learning_rate", "fixed and searched"),
        ({"changes": {"steps": "many"}}, "steps", "many"),
        ({"trials": 0}, "trials", "'trials' is 0"),
        ({"name": "../up"}, "name", "cannot be the name"),
    ],
)
def test_a_bad_wish_is_refused_where_it_is_bad(
    client: TestClient, runs_dir: Path, changes: dict[str, Any], field: str, message: str
) -> None:
    error = ask(client, **changes)

    assert error["field"] == field
    assert message in error["message"]
    assert not runs_dir.exists()


def test_without_ray_the_page_says_what_to_install(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert client.get("/api/sweeps").json()["is_available"] is False
    error = ask(client)
    assert (error["code"], error["hint"]) == ("missing_extra", "Run: pip install 'inkproof[sweep]'")


def test_a_sweep_at_work_is_neither_deleted_nor_begun_again(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, status="running")

    with sweep.hold():
        refusals = [
            client.delete("/api/sweeps/search"),
            client.post("/api/sweeps/search/resume", json={}),
        ]
        client.post("/api/sweeps/search/stop")
        is_stopping = client.get("/api/sweeps/search").json()["is_stopping"]

    assert [refusal.status_code for refusal in refusals] == [409, 409]
    assert refusals[0].json()["error"]["code"] == "sweep_busy"
    assert is_stopping
    assert sweep.is_asked_to_stop


def test_fewer_trials_than_are_begun_are_refused(client: TestClient, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    for number in range(3):
        add_trial(sweep, number, 0.9, learning_rate=0.1 + number / 10)

    error = client.post("/api/sweeps/search/resume", json={"trials": 2}).json()["error"]

    assert (error["field"], error["message"][:42]) == ("trials", "2 trials came, but 3 are begun; as many or")
    assert sweep.record.plan.trials == 8


@pytest.mark.parametrize("with_runs", [False, True])
def test_a_deleted_sweep_takes_its_runs_along_only_where_asked(
    client: TestClient, runs_dir: Path, with_runs: bool
) -> None:
    add_trial(make_sweep(runs_dir), 0, 0.9)
    add_trial(make_sweep(runs_dir, "other"), 0, 0.9)

    deleted = client.delete("/api/sweeps/search", params={"runs": with_runs}).json()

    assert deleted == {"name": "search", "runs": ["search-000"] if with_runs else []}
    assert client.get("/api/sweeps/search").status_code == 404
    left = {run["name"] for run in client.get("/api/runs").json()["runs"]}
    assert left == ({"other-000"} if with_runs else {"other-000", "search-000"})


def replace_python(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a shell script be what child processes are started with."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


@pytest.fixture
def luckless_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child process that ends at once, with a word."""
    replace_python(tmp_path, monkeypatch, "echo out of luck >&2\nexit 3")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_sweep_that_still_loads_can_be_stopped(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_python(tmp_path, monkeypatch, "exec sleep 300")
    client.post("/api/sweeps", json={"recipe": "softmax", "space": {"learning_rate": "0.1..1:log"}})

    stopped = client.post("/api/sweeps/softmax-sweep/stop").json()

    assert (stopped["status"], stopped["is_stopping"], stopped["message"]) == ("interrupted", False, None)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.usefixtures("luckless_python")
def test_a_sweep_that_ends_without_a_word_failed_and_may_be_tried_again(client: TestClient) -> None:
    wish = {"recipe": "softmax", "space": {"learning_rate": "0.1..1:log"}, "trials": 4}

    begun = client.post("/api/sweeps", json=wish).json()
    assert (begun["name"], begun["trials"]) == ("softmax-sweep", 4)
    failed = wait_until_ended(client, "softmax-sweep")
    again = client.post("/api/sweeps/softmax-sweep/resume", json={"trials": 9}).json()

    assert failed["status"] == "failed"
    assert failed["message"] == "The sweep ended with exit status 3. out of luck"
    assert again["trials"] == 9
    assert wait_until_ended(client, "softmax-sweep")["status"] == "failed"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.usefixtures("luckless_python")
def test_a_new_sweep_takes_no_name_whose_runs_are_still_there(client: TestClient, runs_dir: Path) -> None:
    add_trial(make_sweep(runs_dir, "softmax-sweep"), 0, 0.9)
    client.delete("/api/sweeps/softmax-sweep")

    begun = client.post("/api/sweeps", json={"recipe": "softmax", "space": {"steps": "50,100"}}).json()

    assert begun["name"] == "softmax-sweep-2"
    wait_until_ended(client, "softmax-sweep-2")


def test_optuna_and_ray_are_not_loaded_by_a_server(runs_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from inkproof.server.app import make_state;"
        f"make_state(Path({str(runs_dir)!r})).sweeps.view_all();"
        "print([name for name in ('ray', 'optuna', 'tensorflow') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
