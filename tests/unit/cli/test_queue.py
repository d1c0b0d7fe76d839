"""`inkproof queue`, `stop`, and the parts of `inkproof runs` that change a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import inkproof
from inkproof.cli.main import app
from inkproof.errors import ConfigError, InkproofError, RunBusyError, UnknownRunError, UsageError
from inkproof.runs import Run, RunQueue, create_run, list_runs, open_run
from small_runs import make_run


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def invoke(runs_dir: Path, *words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, [*words, "--runs-dir", str(runs_dir)], input=answer, env={"COLUMNS": "200"})


def test_a_run_is_queued_shown_moved_and_taken_out(runs_dir: Path) -> None:
    added = invoke(runs_dir, "queue", "add", "softmax", "--name", "a", "--note", "try", "--set", "steps=50")
    inkproof.enqueue("softmax", name="b", runs_dir=runs_dir, steps=60, note="again")
    moved = invoke(runs_dir, "queue", "move", "b", "1")
    stopped = invoke(runs_dir, "stop", "a")

    assert added.stdout == "'a' waits as number 1.\n"
    assert [line.split() for line in moved.stdout.splitlines()[:2]] == [
        ["1", "b", "softmax,", "60", "steps"],
        ["2", "a", "softmax,", "50", "steps"],
    ]
    assert stopped.stdout == "'a' is stopped at step 0. Go on with `inkproof resume a`.\n"
    assert json.loads(invoke(runs_dir, "queue", "--json").stdout) == ["b"]
    assert (open_run("a", runs_dir).note, open_run("b", runs_dir).note) == ("try", "again")
    assert open_run("a", runs_dir).config.steps == 50


def test_an_empty_queue_says_how_to_fill_it(runs_dir: Path) -> None:
    shown = invoke(runs_dir, "queue")

    assert shown.stdout.startswith(f"No run waits in '{runs_dir}'. Add one with `inkproof queue add tutorial`.")
    assert not runs_dir.exists()


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["queue", "add", "softmax", "--set", "steps"], ConfigError, r"^'--set steps' came, KEY=VALUE was expected\.$"),
        (["queue", "add", "softmax", "--set", "steps=0"], ConfigError, r"^The setting 'steps' is '0'"),
        (["queue", "move", "nobody", "1"], UnknownRunError, r"^There is no run 'nobody'"),
        (["queue", "move", "done", "1"], UsageError, r"^'done' does not wait: it is finished\.$"),
        (["queue", "train", "nobody"], UnknownRunError, r"^There is no run 'nobody'"),
        (["stop", "nobody"], UnknownRunError, r"^There is no run 'nobody'"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told(
    runs_dir: Path, words: list[str], error: type[InkproofError], message: str
) -> None:
    make_run(runs_dir, "done")

    result = invoke(runs_dir, *words)

    assert isinstance(result.exception, error)
    with pytest.raises(error, match=message):
        raise result.exception


def test_stop_says_that_there_was_nothing_to_stop(runs_dir: Path) -> None:
    make_run(runs_dir, "done")

    assert invoke(runs_dir, "stop", "done").stdout == "'done' is finished: there was nothing to stop.\n"


def test_a_run_is_renamed_and_annotated(runs_dir: Path) -> None:
    make_run(runs_dir, "old")

    renamed = invoke(runs_dir, "runs", "rename", "old", "neu")
    invoke(runs_dir, "runs", "note", "neu", "[best] so far")

    assert renamed.stdout == "'old' is now 'neu'.\n"
    assert invoke(runs_dir, "runs", "note", "neu").stdout == "[best] so far\n"
    assert json.loads(invoke(runs_dir, "runs", "show", "neu", "--json").stdout)["note"] == "[best] so far"
    invoke(runs_dir, "runs", "note", "neu", "")
    assert open_run("neu", runs_dir).note is None


def test_a_deleted_run_is_listed_and_brought_back(runs_dir: Path) -> None:
    make_run(runs_dir, "a")

    kept = invoke(runs_dir, "runs", "delete", "a", answer="n\n")
    assert (kept.exit_code, len(list_runs(runs_dir))) == (1, 1)
    deleted = invoke(runs_dir, "runs", "delete", "a", "--yes")
    listed = invoke(runs_dir, "runs", "restore")
    restored = invoke(runs_dir, "runs", "restore", "a")

    assert deleted.stdout == "'a' is deleted. For a day, `inkproof runs restore a` brings it back.\n"
    assert listed.stdout == "a  deleted just now\n"
    assert restored.stdout == "'a' is back.\n"
    assert open_run("a", runs_dir).status == "finished"


def test_deleted_for_good_is_not_brought_back(runs_dir: Path) -> None:
    make_run(runs_dir, "a")

    invoke(runs_dir, "runs", "delete", "a", "--yes", "--for-good")

    assert list(runs_dir.iterdir()) == []


def test_a_run_at_work_is_not_deleted(runs_dir: Path) -> None:
    run = make_run(runs_dir, "a")
    with run.hold():
        result = invoke(runs_dir, "runs", "delete", "a", "--yes")

    assert isinstance(result.exception, RunBusyError)
    assert run.folder.exists()


@pytest.mark.heavy
def test_what_waits_is_trained_without_a_server(runs_dir: Path) -> None:
    for name in ("a", "b"):
        inkproof.enqueue("softmax", name=name, runs_dir=runs_dir, steps=20, tensorboard=False)
    waited_since = open_run("a", runs_dir).record.started_at

    result = invoke(runs_dir, "queue", "work")

    assert (result.exit_code, RunQueue(runs_dir).waiting()) == (0, [])
    records = [open_run(name, runs_dir).record for name in ("a", "b")]
    assert [record.status for record in records] == ["finished", "finished"]
    assert [record.num_resumes for record in records] == [0, 0]
    assert waited_since < records[0].started_at < records[1].started_at
    assert all(record.versions and record.machine for record in records)
    assert not (runs_dir / "a" / "output.txt").exists()


@pytest.mark.heavy
def test_a_run_that_no_longer_waits_is_left_as_it_is(runs_dir: Path) -> None:
    from inkproof.api import train_queued
    from inkproof.config import load_recipe

    run = create_run(load_recipe("softmax"), runs_dir, "a", "queued")
    Run(run.folder).stop()

    left = train_queued("a", runs_dir=runs_dir)

    assert (left.record.status, left.record.step) == ("interrupted", 0)
    assert not (run.folder / "metrics.jsonl").exists()


@pytest.mark.heavy
def test_a_stopped_run_waits_again_and_counts_as_resumed(runs_dir: Path) -> None:
    from inkproof.api import train_queued
    from inkproof.progress import Progress, Silent

    class Stopper(Silent):
        def advance(self, progress: Progress) -> None:
            if progress.step:
                Run(runs_dir / "a").stop(wait=False)

    run = inkproof.enqueue("softmax", name="a", runs_dir=runs_dir, steps=60, tensorboard=False)
    train_queued("a", runs_dir=runs_dir, reporter=Stopper())
    step = run.record.step
    assert (run.record.status, 0 < step < 60, run.is_asked_to_stop) == ("interrupted", True, False)

    RunQueue(runs_dir).add(run)
    train_queued("a", runs_dir=runs_dir)

    assert (run.record.status, run.record.num_resumes) == ("finished", 1)
