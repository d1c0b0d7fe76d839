"""What can be forked and what cannot, and what a fork has from the run before it; nothing is trained here."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from inkproof.cli.fork import fork
from inkproof.cli.runs import runs
from inkproof.config import Config, load_recipe
from inkproof.errors import ConfigError, ForkError, RunExistsError
from inkproof.runs import Run, RunQueue, arrange_families, create_run, list_runs, open_run, plan_fork
from inkproof.runs.fork import CHANGEABLE


def put_run(runs_dir: Path, name: str = "first", *, reached: int = 100, recipe: str = "softmax") -> Run:
    """A run of 100 steps that has measured every fifth, up to `reached`."""
    run = create_run(load_recipe(recipe, {"steps": 100}), runs_dir, name)
    rows = [{"step": step, "seconds": step / 10, "loss": 1.0} for step in range(0, reached + 1, 5)]
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (run.folder / "timeline").mkdir()
    for step in (0, 10, 50, 100):
        (run.folder / "timeline" / f"step-{step:06d}.onnx").write_bytes(bytes(step))
    run.update(status="finished" if reached == 100 else "interrupted", step=reached)
    return run


def test_a_fork_has_the_measurements_and_networks_up_to_its_step_and_no_others(tmp_path: Path) -> None:
    run = put_run(tmp_path)

    made = plan_fork(run, 50).create()

    assert made.name == "softmax-from-50"
    assert [row["step"] for row in made.read_metrics()] == list(range(0, 51, 5))
    kept = sorted((made.folder / "timeline").iterdir())
    assert [path.name for path in kept] == [f"step-{step:06d}.onnx" for step in (0, 10, 50)]
    assert kept[2].read_bytes() == bytes(50)
    assert not (made.folder / "logs").exists()


def test_a_fork_says_in_its_own_folder_what_its_beginning_was(tmp_path: Path) -> None:
    run = put_run(tmp_path, recipe="tutorial")

    made = plan_fork(run, 50, {"learning_rate": "0.01", "steps": 200}).create("second")
    run.delete()

    assert made.record.parent is not None
    assert (made.record.parent.name, made.record.parent.step) == ("first", 50)
    config = made.config
    assert (config.learning_rate, config.steps, config.forked_at) == (0.01, 200, 50)
    before = config.during(config.beginnings[0])
    assert (before.learning_rate, before.steps, before.beginnings) == (0.0001, 100, ())
    assert Config.from_toml(config.as_toml()) == config


def test_the_parent_is_known_again_by_the_time_it_began_when_it_has_another_name(tmp_path: Path) -> None:
    run = put_run(tmp_path)
    made = plan_fork(run, 50).create()

    run.rename("other")

    assert made.record.parent is not None
    assert made.record.parent.started_at == run.record.started_at


def test_a_fork_leaves_at_the_last_step_unless_told_otherwise(tmp_path: Path) -> None:
    assert plan_fork(put_run(tmp_path, reached=65), changes={"steps": 300}).step == 65


def test_a_fork_within_the_beginning_of_a_fork_has_the_settings_of_that_beginning(tmp_path: Path) -> None:
    second = plan_fork(put_run(tmp_path), 50, {"learning_rate": 0.1}).create("second")
    shutil.copy(tmp_path / "first" / "metrics.jsonl", second.folder / "metrics.jsonl")

    def beginnings(step: int) -> list[tuple[int, float]]:
        return [(b.last_step, b.learning_rate) for b in plan_fork(second, step).config.beginnings]

    assert beginnings(20) == [(20, 0.5)]
    assert beginnings(50) == [(50, 0.5)]
    assert beginnings(60) == [(50, 0.5), (60, 0.1)]


def test_images_seen_are_counted_by_the_batches_of_each_beginning(tmp_path: Path) -> None:
    second = plan_fork(put_run(tmp_path), 50, {"batch_size": 10, "steps": 200}).create("second")
    shutil.copy(tmp_path / "first" / "metrics.jsonl", second.folder / "metrics.jsonl")
    config = plan_fork(second, 60, {"batch_size": 1000}).config

    seen = [config.images_seen(step) for step in (0, 20, 50, 60, 61, 200)]

    assert seen == [0, 2_000, 5_000, 5_100, 6_100, 145_100]
    assert [config.during(beginning).images_seen(60) for beginning in config.beginnings] == [6_000, 5_100]


def test_runs_that_are_no_forks_keep_their_files_as_they_were(tmp_path: Path) -> None:
    run = put_run(tmp_path)

    assert "beginnings" not in (run.folder / "config.toml").read_text()
    assert not any(name.startswith("beginnings") for name in run.config.as_flat_dict())


@pytest.mark.parametrize("step", [0, -5, 105])
def test_a_step_that_the_run_never_reached_is_refused(tmp_path: Path, step: int) -> None:
    text = rf"^A fork at step {step} was asked for; the run 'first' can be forked at the steps 1 to 100\.$"
    with pytest.raises(ForkError, match=text) as caught:
        plan_fork(put_run(tmp_path), step)

    assert caught.value.field == "step"
    hint = "To change something from the start, train anew: `inkproof train softmax`."
    assert caught.value.hint == (hint if step < 1 else None)


def test_a_run_without_a_step_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ForkError, match=r"^The run 'first' has not done a step yet, and there is nothing to fork\.$"):
        plan_fork(put_run(tmp_path, reached=0))


def test_a_step_at_which_the_loss_was_no_number_cannot_be_forked(tmp_path: Path) -> None:
    run = put_run(tmp_path, reached=60)
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 63, "seconds": 6.3, "loss": null}\n')

    assert plan_fork(run).step == 60


def test_a_fork_without_a_step_of_its_own_is_refused(tmp_path: Path) -> None:
    text = r"^The fork leaves its run at step 100 and would end at step 100; a later end was expected\.$"
    with pytest.raises(ForkError, match=text) as caught:
        plan_fork(put_run(tmp_path))

    assert caught.value.field == "steps"
    assert caught.value.hint == (
        "Say how many steps in all, those before the fork included, such as `--steps 200`; or leave the run earlier, "
        "with `--step`."
    )


@pytest.mark.parametrize("key", ["seed", "dataset", "hold_out", "optimizer", "model.name"])
def test_what_the_beginning_rests_on_cannot_be_changed(tmp_path: Path, key: str) -> None:
    with pytest.raises(ForkError, match=rf"^A fork keeps the {re.escape(key)} of its run; it can change ") as caught:
        plan_fork(put_run(tmp_path), 50, {key: "1"})

    assert all(name in caught.value.message for name in CHANGEABLE)
    assert caught.value.hint == (
        f"For another {key}, train from the first step: `inkproof train softmax --set {key}=…`."
    )
    assert caught.value.field == key


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"learning_rat": 1}, r"^The recipe 'softmax' has no setting 'learning_rat'\. Did you mean 'learning_rate'\?$"),
        ({"learning_rate": 0}, r"^The setting 'learning_rate' is 0, but input should be greater than 0"),
    ],
    ids=["unknown", "out of limits"],
)
def test_settings_are_checked_as_those_of_a_recipe(tmp_path: Path, changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        plan_fork(put_run(tmp_path), 50, changes)


def test_a_name_that_is_taken_is_refused_and_a_default_one_is_numbered(tmp_path: Path) -> None:
    planned = plan_fork(put_run(tmp_path), 50)
    planned.create()

    assert planned.create().name == "softmax-from-50-2"
    with pytest.raises(RunExistsError, match=r"^There is already a run 'first' in "):
        planned.create("first")


def test_a_fork_can_wait_in_the_queue(tmp_path: Path) -> None:
    queued = RunQueue(tmp_path).enqueue_fork(plan_fork(put_run(tmp_path), 50), "later", "why not")

    assert (queued.status, queued.note) == ("queued", "why not")
    assert [run.name for run in RunQueue(tmp_path).waiting()] == ["later"]


def test_the_command_queues_a_fork(tmp_path: Path) -> None:
    put_run(tmp_path)
    app = typer.Typer()
    app.command()(fork)
    arguments = ["first", "--step", "50", "--learning-rate", "0.1", "--set", "steps=70", "--queue"]

    result = CliRunner().invoke(app, [*arguments, "--runs-dir", str(tmp_path)], catch_exceptions=False)

    assert result.stdout == "'softmax-from-50' waits.\n"
    config = open_run("softmax-from-50", tmp_path).config
    assert (config.learning_rate, config.steps) == (0.1, 70)


def arranged(runs_dir: Path) -> list[tuple[str, int]]:
    return [(entry.run.name, generation) for entry, generation in arrange_families(list_runs(runs_dir))]


def test_forks_stand_below_the_run_that_they_begin_as(tmp_path: Path) -> None:
    first = put_run(tmp_path)
    put_run(tmp_path, "between")
    second = plan_fork(first, 50).create("second")
    plan_fork(second, 20).create("third")
    plan_fork(first, 10).create("fourth")

    assert arranged(tmp_path) == [("between", 0), ("first", 0), ("fourth", 1), ("second", 1), ("third", 2)]


def test_a_family_holds_when_its_first_run_is_renamed_and_its_forks_stand_alone_when_it_is_deleted(
    tmp_path: Path,
) -> None:
    first = put_run(tmp_path)
    plan_fork(first, 50).create("second")

    first.rename("other")
    assert arranged(tmp_path) == [("other", 0), ("second", 1)]

    first.delete()
    assert arranged(tmp_path) == [("second", 0)]


def test_of_copies_of_a_run_the_one_with_the_name_is_the_parent(tmp_path: Path) -> None:
    first = put_run(tmp_path)
    plan_fork(first, 50).create("second")
    shutil.copytree(first.folder, tmp_path / "a-copy")

    assert arranged(tmp_path) == [("first", 0), ("second", 1), ("a-copy", 0)]


def test_the_table_of_runs_indents_forks(tmp_path: Path) -> None:
    plan_fork(put_run(tmp_path), 50).create("second")

    result = CliRunner().invoke(runs, ["--runs-dir", str(tmp_path)], catch_exceptions=False)

    names = [line.partition("softmax")[0].strip() for line in result.stdout.splitlines()]
    assert names.index("└ second") == names.index("first") + 1
