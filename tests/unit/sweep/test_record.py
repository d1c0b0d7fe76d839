"""What a sweep is to do, and its folder: made, gone on with, stopped, damaged, deleted."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkproof.errors import (
    BrokenSweepError,
    ConfigError,
    RunNameError,
    RunsDirError,
    SpaceError,
    SweepBusyError,
    SweepExistsError,
    UnknownRecipeError,
    UnknownSweepError,
)
from inkproof.runs import list_runs
from inkproof.sweep.interface import run_sweep
from inkproof.sweep.record import Sweep, create_sweep, list_sweeps, make_plan
from sweep_runs import SPACE, add_proof, add_trial, make_sweep

# Holds a sweep's lock until its input ends, as a process that carries it out.
HOLDER = """
import sys; from pathlib import Path; from inkproof.sweep.record import Sweep
with Sweep(Path(sys.argv[1]), "search").hold():
    print("held", flush=True); sys.stdin.read()
"""


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_a_plan_makes_the_configuration_of_each_training() -> None:
    plan = make_plan("softmax", SPACE, {"steps": "300", "seed": 7})

    trial = plan.config({"learning_rate": 0.1, "batch_size": 50}, seed=2)
    proof = plan.config({"learning_rate": 0.1, "batch_size": 50}, seed=2, on_all_data=True)

    assert plan.changes == {"steps": 300, "seed": 7}
    assert (trial.steps, trial.learning_rate, trial.batch_size, trial.seed, trial.hold_out) == (300, 0.1, 50, 9, 5_000)
    assert proof == trial.changed({"hold_out": 0})
    assert plan.own_settings == {"learning_rate": 0.5, "batch_size": 100}


def test_images_that_the_recipe_holds_out_are_not_fewer_in_a_sweep() -> None:
    plan = make_plan("softmax", SPACE, {"hold_out": 12_000})

    assert (plan.config().hold_out, plan.config(on_all_data=True).hold_out) == (12_000, 0)


@pytest.mark.parametrize(
    ("space", "holds"),
    [
        ({"learning_rate": "0.01..1"}, True),
        ({"learning_rate": "0.01..0.1"}, False),
        ({"learning_rate": "0.1,0.5"}, True),
        ({"learning_rate": "0.01..1", "batch_size": "16,32"}, False),
    ],
)
def test_a_plan_knows_whether_the_recipe_lies_in_its_space(space: dict[str, str], holds: bool) -> None:
    assert make_plan("softmax", space).holds_recipe is holds


@pytest.mark.parametrize(
    ("recipe", "space", "changes", "numbers", "can"),
    [
        ("softmax", {"learning_rate": "0.1..1"}, {}, {}, True),
        ("softmax", {"learning_rate": "0.1..1"}, {}, {"stops_early": False}, False),
        # After as many steps the rate is the same whatever the number of all steps.
        ("softmax", {"steps": "100,500"}, {}, {}, True),
        ("softmax", {"steps": "100,500"}, {"schedule": "one_cycle"}, {}, False),
        ("softmax", {"learning_rate": "0.1..1"}, {"schedule": "one_cycle"}, {}, True),
        ("softmax", {"schedule": "constant,one_cycle"}, {}, {}, False),
    ],
)
def test_trials_are_left_early_only_where_they_compare_after_as_many_steps(
    recipe: str, space: dict[str, str], changes: dict[str, Any], numbers: dict[str, Any], can: bool
) -> None:
    assert make_plan(recipe, space, changes, **numbers).can_stop_early is can


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"trials": 0}, r"^'trials' is 0, but input should be greater than or equal to 1\.$"),
        ({"trials": 10_001}, r"^'trials' is 10001, but input should be less than or equal to 10000\.$"),
        ({"seeds": 0}, r"^'seeds' is 0, but input should be greater than or equal to 1\.$"),
        ({"final_seeds": -1}, r"^'final_seeds' is -1, but input should be greater than or equal to 0\.$"),
        ({"trails": 3}, r"^A sweep has no option 'trails'\.$"),
    ],
)
def test_a_plan_of_other_size_is_told(runs_dir: Path, numbers: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        run_sweep("softmax", SPACE, runs_dir=runs_dir, **numbers)

    assert raised.value.field == next(iter(numbers))
    assert not runs_dir.exists()


def test_a_setting_fixed_and_searched_at_once_is_told() -> None:
    with pytest.raises(SpaceError, match=r"^The setting 'batch_size' is fixed and searched at once\.$") as raised:
        make_plan("softmax", SPACE, {"batch_size": 50})

    assert raised.value.hint == "Leave out `--set batch_size=…` or `--space batch_size=…`."


def test_an_unknown_recipe_is_told() -> None:
    with pytest.raises(UnknownRecipeError, match=r"^There is no recipe 'sofmax'\. Did you mean 'softmax'\?$"):
        make_plan("sofmax", SPACE)


def test_the_same_plan_opens_the_same_sweep_and_more_trials_extend_it(runs_dir: Path) -> None:
    first = create_sweep(runs_dir, make_plan("softmax", SPACE, trials=8))
    began = first.record.started_at

    again = create_sweep(runs_dir, make_plan("softmax", SPACE, trials=8))
    more = create_sweep(runs_dir, make_plan("softmax", SPACE, trials=20, final_seeds=3))

    assert [sweep.name for sweep in (first, again, more)] == ["softmax-sweep"] * 3
    assert (more.record.plan.trials, more.record.plan.final_seeds, more.record.started_at) == (20, 3, began)
    assert [sweep.name for sweep in list_sweeps(runs_dir)] == ["softmax-sweep"]


def extend_by_the_same_call(sweep: Sweep, trials: int) -> None:
    create_sweep(sweep.runs_dir, sweep.record.plan.model_copy(update={"trials": trials}), sweep.name)


@pytest.mark.parametrize("extend", [Sweep.resize, extend_by_the_same_call])
def test_a_sweep_cannot_have_fewer_trials_than_are_begun(runs_dir: Path, extend: Callable[[Sweep, int], None]) -> None:
    sweep = make_sweep(runs_dir, trials=8)
    for number in range(3):
        add_trial(sweep, number, 0.9)
    add_proof(sweep, 0, [9_000], [9_000])  # is no trial

    with pytest.raises(
        ConfigError, match=r"^2 trials came, but 3 are begun; as many or more were expected\.$"
    ) as raised:
        extend(sweep, 2)
    left = sweep.record.plan.trials
    extend(sweep, 3)

    assert (raised.value.field, raised.value.hint) == ("trials", "Ask for 3 or more, or give a new sweep another name.")
    assert (left, sweep.record.plan.trials) == (8, 3)


def test_a_sweep_cannot_be_extended_beyond_its_limits(runs_dir: Path) -> None:
    with pytest.raises(ConfigError, match=r"^'trials' is 99999, but input should be less than or equal to 10000\.$"):
        make_sweep(runs_dir).resize(99_999)


@pytest.mark.parametrize(
    ("space", "changes", "numbers", "differing"),
    [
        ({"learning_rate": "0.01..1"}, {}, {}, "space differs"),
        (SPACE, {"steps": 200}, {}, "fixed settings differ"),
        (SPACE, {}, {"seeds": 2}, "seeds differ"),
        (SPACE, {}, {"stops_early": False}, "stops_early differs"),
    ],
)
def test_another_plan_under_the_same_name_is_refused(
    runs_dir: Path, space: dict[str, str], changes: dict[str, Any], numbers: dict[str, Any], differing: str
) -> None:
    create_sweep(runs_dir, make_plan("softmax", SPACE))

    message = rf"^The sweep 'softmax-sweep' in '.*runs' searches something else: its {differing}\.$"
    with pytest.raises(SweepExistsError, match=message) as raised:
        create_sweep(runs_dir, make_plan("softmax", space, changes, **numbers))

    assert str(raised.value.hint).endswith("or go on with the old: `inkproof sweeps resume softmax-sweep`.")


def test_a_sweep_whose_process_was_killed_is_interrupted(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, status="running")

    assert (sweep.record.status, sweep.status) == ("running", "interrupted")
    with sweep.hold():
        assert (sweep.status, Sweep(runs_dir, "search").status) == ("running", "running")
    assert sweep.status == "interrupted"


def test_a_sweep_is_carried_out_by_one_process_at_a_time(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(runs_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()

        assert sweep.is_busy()
        message = r"^The sweep 'search' is being carried out by another process\.$"
        with pytest.raises(SweepBusyError, match=message) as raised:
            sweep.delete()
    finally:
        other.communicate()

    assert "stop it: `inkproof sweeps stop search`" in str(raised.value.hint)
    assert not sweep.is_busy()


def test_wishes_to_stop_and_to_leave_travel_by_files(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    worker: Sweep = pickle.loads(pickle.dumps(sweep))

    sweep.stop()  # nobody is at work: there is nothing to ask
    assert not worker.is_asked_to_stop
    sweep.ask_to_stop()
    sweep.leave("search-003")

    assert worker.is_asked_to_stop
    assert (worker.is_left("search-003"), worker.is_left("search-004")) == (True, False)
    sweep.forget_stop()
    sweep.forget_stop()
    assert not worker.is_asked_to_stop


def test_deleting_a_sweep_leaves_its_runs_and_its_name_taken(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.9)
    plan = sweep.record.plan

    sweep.delete()

    assert [entry.run.name for entry in list_runs(runs_dir)] == ["search-000"]
    assert list_sweeps(runs_dir) == []
    # Its runs would be taken for trials of the new one, whatever they searched.
    message = r"^Runs of an earlier sweep 'search' are still in '.*runs', such as 'search-000'\.$"
    with pytest.raises(SweepExistsError, match=message):
        create_sweep(runs_dir, plan, "search")
    assert create_sweep(runs_dir, plan, "other").record.plan == plan


def test_an_unknown_sweep_names_the_newest(runs_dir: Path) -> None:
    for number in range(6):
        make_sweep(runs_dir, f"sweep-{number}")

    with pytest.raises(UnknownSweepError, match=r"^There is no sweep 'nobody' in '.*runs'\.$") as raised:
        Sweep(runs_dir, "nobody").record  # noqa: B018

    assert raised.value.hint == "The newest are: sweep-5, sweep-4, sweep-3, sweep-2, sweep-1."


def test_asking_for_an_unknown_sweep_leaves_nothing_behind(runs_dir: Path) -> None:
    sweep = Sweep(runs_dir, "nobody")

    with pytest.raises(UnknownSweepError, match=r"^There is no sweep 'nobody'") as raised:
        sweep.delete()

    assert raised.value.hint == "There are no sweeps yet; `inkproof sweep` makes one."
    assert not runs_dir.exists()


@pytest.mark.parametrize("content", ["{", "{}", '{"format": 2}', "\x00"])
def test_a_damaged_record_is_told_and_can_be_taken_away(runs_dir: Path, content: str) -> None:
    sweep = make_sweep(runs_dir)
    (sweep.folder / "sweep.json").write_text(content, "utf-8")

    with pytest.raises(
        BrokenSweepError, match=r"^The record of the sweep 'search' cannot be read: .*sweep\.json\.$"
    ) as raised:
        create_sweep(runs_dir, make_plan("softmax", SPACE), "search")

    assert raised.value.hint == (
        "Its trials are whole runs all the same; `inkproof sweeps delete` takes the record away."
    )
    assert list_sweeps(runs_dir) == []
    sweep.delete()
    assert not sweep.folder.exists()


def test_a_record_of_a_later_version_is_read_as_far_as_it_is_known(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    path = sweep.folder / "sweep.json"
    path.write_text(path.read_text("utf-8").replace('"stage"', '"colour": "blue", "stage"'), "utf-8")

    assert sweep.record.name == "search"


def test_a_name_that_is_no_folder_is_told(runs_dir: Path) -> None:
    with pytest.raises(RunNameError, match=r"^'\.\./up' cannot be the name of a run"):
        create_sweep(runs_dir, make_plan("softmax", SPACE), "../up")


def test_a_folder_that_cannot_be_written_is_told(runs_dir: Path) -> None:
    runs_dir.mkdir()
    (runs_dir / ".sweeps").write_text("a file", "utf-8")

    with pytest.raises(RunsDirError, match=r"^The folder of runs '.*runs' cannot be written: ") as raised:
        create_sweep(runs_dir, make_plan("softmax", SPACE))

    assert raised.value.hint == "Give another folder with `--runs-dir`."


def test_a_folder_of_runs_that_is_a_file_is_told(runs_dir: Path) -> None:
    runs_dir.write_text("a file", "utf-8")

    with pytest.raises(RunsDirError, match=r"^The folder of runs .*runs. cannot be read: it is a file\.$"):
        create_sweep(runs_dir, make_plan("softmax", SPACE))
