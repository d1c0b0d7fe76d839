"""What is tried next, and who is left early: Optuna and ASHA as they are told of earlier trials. Ray does not run."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inkproof.config import Config
from inkproof.errors import BrokenRunError
from inkproof.ray_cluster import Cluster
from inkproof.runs import Run
from inkproof.sweep.record import Sweep
from inkproof.sweep.search import Unwatched, _Carrying, _say, _say_why_nothing, explain, make_scheduler, make_search
from inkproof.sweep.table import read_results
from inkproof.sweep.tasks import TaskMaker
from inkproof.sweep.trial import Task
from sweep_runs import add_trial, make_sweep


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def search_of(sweep: Sweep) -> Any:
    """The search as a sweep goes on with it."""
    results = read_results(sweep)
    maker = TaskMaker(sweep, sweep.record.plan, num_threads=1)
    return make_search(maker, results, [row for row in results.trials if row.is_open])


def suggest(search: Any, count: int) -> list[Task]:
    """What the next trials are to train."""
    return [Task(**search.suggest(f"trial-{number}")["task"]) for number in range(count)]


def write_metrics(run: Run, accuracies: dict[int, float]) -> None:
    lines = [json.dumps({"step": step, "validation_accuracy": accuracy}) for step, accuracy in accuracies.items()]
    (run.folder / "metrics.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def report(scheduler: Any, name: str, scores: Sequence[tuple[int, float]], status: str = "running") -> None:
    """Let a trial report its measurements, as Ray Tune passes them on."""
    trial = SimpleNamespace(trial_id=name, config={"task": {"configs": {name: ""}}})
    scheduler.on_trial_add(None, trial)
    for step, score in scores:
        assert scheduler.on_trial_result(None, trial, {"score": score, "step": step, "status": status}) == "CONTINUE"


def test_the_first_trial_is_the_recipes_own_setting(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)

    first, second = suggest(search_of(sweep), 2)

    assert (first.number, first.settings) == (0, {"learning_rate": 0.5, "batch_size": 100})
    assert second.number == 1
    assert second.settings != first.settings
    assert all(dimension.holds(second.settings[dimension.name]) for dimension in sweep.record.plan.space)


def test_the_recipes_own_setting_is_no_trial_where_it_lies_outside(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, space={"learning_rate": "0.01..0.1:log"})

    (first,) = suggest(search_of(sweep), 1)

    assert first.number == 0
    assert 0.01 <= float(first.settings["learning_rate"]) <= 0.1


def test_the_recipes_own_setting_is_tried_anew_once_its_run_is_deleted(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 1, 0.9, learning_rate=0.2)

    (task,) = suggest(search_of(sweep), 1)

    assert (task.number, task.settings) == (2, {"learning_rate": 0.5, "batch_size": 100})


def test_open_trials_come_first_by_their_numbers_and_new_ones_are_counted_on(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.5, "interrupted", learning_rate=0.1)
    add_trial(sweep, 2, 0.92, learning_rate=0.2)
    add_trial(sweep, 4, None, "failed", learning_rate=0.4, batch_size=50)

    tasks = suggest(search_of(sweep), 4)

    assert [task.number for task in tasks] == [1, 4, 5, 6]
    assert [task.settings for task in tasks[:2]] == [
        {"learning_rate": 0.1, "batch_size": 100},
        {"learning_rate": 0.4, "batch_size": 50},
    ]
    assert [next(iter(task.configs)) for task in tasks[:3]] == ["search-001", "search-004", "search-005"]


def test_trials_that_have_ended_are_known_and_not_tried_again(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.97, "diverged", learning_rate=0.9)
    add_trial(sweep, 2, 0.4, "interrupted", is_stopped_early=True, learning_rate=0.02)
    add_trial(sweep, 3, 0.6, "interrupted", learning_rate=0.03)

    known = search_of(sweep)._ot_study.get_trials(deepcopy=False)

    ended = [(trial.params["learning_rate"], trial.value) for trial in known if trial.value is not None]
    assert ended == [(0.5, 0.91), (0.9, 0.0), (0.02, 0.4)]  # diverged: worth nothing


def test_a_space_of_few_settings_is_tried_to_its_end_and_nothing_twice(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, space={"batch_size": "20,50,100", "steps": "10..13"}, trials=30)
    add_trial(sweep, 0, 0.91, batch_size=50, steps=12)
    add_trial(sweep, 1, None, "interrupted", batch_size=20, steps=10)

    tasks = suggest(search_of(sweep), 11)

    assert sweep.record.plan.trials == 12
    assert tasks[0].settings == {"batch_size": 20, "steps": 10}
    tried = {tuple(task.settings.values()) for task in tasks}
    assert tried == {(size, steps) for size in (20, 50, 100) for steps in (10, 11, 12, 13)} - {(50, 12)}


def test_the_same_trials_lead_to_the_same_suggestions(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)

    assert suggest(search_of(sweep), 3) == suggest(search_of(sweep), 3)


def test_nothing_more_is_tried_once_somebody_asked_to_stop(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    search = search_of(sweep)

    sweep.ask_to_stop()

    assert search.suggest("trial") == "FINISHED"


def test_a_task_of_several_seeds_has_a_run_for_each(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, seeds=2)

    (task,) = suggest(search_of(sweep), 1)

    configs = {name: Config.from_toml(text) for name, text in task.configs.items()}
    assert [(name, config.seed, config.hold_out) for name, config in configs.items()] == [
        ("search-000-seed-0", 0, 5_000),
        ("search-000-seed-1", 1, 5_000),
    ]
    assert (task.role, task.steps, Path(task.runs_dir).is_absolute()) == ("search", 100, True)


def test_proof_is_trained_on_all_data_by_names_that_say_what_it_is(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 7, 0.93, learning_rate=0.2)
    maker = TaskMaker(sweep, sweep.record.plan, num_threads=1)

    best, own = maker.proof(read_results(sweep).best, 1), maker.proof(None, 1)

    (name, text), (own_name, own_text) = *best.configs.items(), *own.configs.items()
    assert [(name, best.role, best.number), (own_name, own.role, own.number)] == [
        ("search-best-007-seed-1", "best", 7),
        ("search-recipe-seed-1", "recipe", None),
    ]
    config, own_config = Config.from_toml(text), Config.from_toml(own_text)
    assert (config.learning_rate, config.hold_out, config.seed) == (0.2, 0, 1)
    assert (own_config.learning_rate, own_config.hold_out, own_config.seed) == (0.5, 0, 1)


def test_of_the_first_trials_nobody_is_left(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, space={"learning_rate": "0.01..1:log"})
    scheduler = make_scheduler(sweep, read_results(sweep))

    for number in range(4):
        report(scheduler, f"search-{number:03d}", [(20, 0.9 - number / 10)])

    assert not any(sweep.is_left(f"search-{number:03d}") for number in range(4))


def test_a_trial_that_falls_behind_is_left_by_its_folder(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    scheduler = make_scheduler(sweep, read_results(sweep))

    for number in range(4):
        report(scheduler, f"search-{number:03d}", [(20, 0.90 + number / 100)])
    report(scheduler, "search-004", [(10, 0.1)])  # measured before it is compared
    report(scheduler, "search-005", [(20, 0.5)])
    report(scheduler, "search-006", [(20, 0.95)])

    assert [sweep.is_left(f"search-{number:03d}") for number in range(7)] == [*[False] * 5, True, False]


def test_a_trial_is_compared_again_after_three_times_as_many_steps(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    scheduler = make_scheduler(sweep, read_results(sweep))

    for number in range(5):
        report(scheduler, f"search-{number:03d}", [(20, 0.90 + number / 1_000), (60, 0.95)])
    report(scheduler, "search-005", [(20, 0.92), (40, 0.5), (60, 0.94)])

    assert sweep.is_left("search-005")


def test_a_trial_that_has_ended_is_not_left(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    scheduler = make_scheduler(sweep, read_results(sweep))

    for number in range(5):
        report(scheduler, f"search-{number:03d}", [(100, 0.9)], "finished")
    report(scheduler, "search-005", [(100, 0.1)], "finished")

    assert not sweep.is_left("search-005")


def test_earlier_trials_count_when_a_sweep_goes_on(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    for number in range(5):
        write_metrics(add_trial(sweep, number, 0.95, learning_rate=0.1 + number / 100), {0: 0.1, 20: 0.9, 100: 0.95})
    scheduler = make_scheduler(sweep, read_results(sweep))

    report(scheduler, "search-005", [(20, 0.5)])
    report(scheduler, "search-006", [(20, 0.91)])

    assert (sweep.is_left("search-005"), sweep.is_left("search-006")) == (True, False)


def test_an_open_trial_is_not_compared_with_itself(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    for number in range(5):
        write_metrics(add_trial(sweep, number, 0.5, "interrupted"), {20: 0.99})
    scheduler = make_scheduler(sweep, read_results(sweep))

    for number in range(5):
        report(scheduler, f"search-{number:03d}", [(20, 0.98)])

    assert not any(sweep.is_left(f"search-{number:03d}") for number in range(5))


def test_a_sweep_without_a_finished_trial_says_what_went_wrong(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, None, "diverged").update(message="The loss is not a number at step 40.")
    add_trial(sweep, 1, None, "diverged", learning_rate=0.9)

    said = _say_why_nothing(sweep, read_results(sweep).trials)

    assert said == (
        "No trial of the sweep 'search' came to its end (2 begun). The first said: The loss is not a number at step 40."
    )


def test_what_a_worker_raised_is_said_in_a_line() -> None:
    wrapped = RuntimeError("ray::run_task()\n  File ...")
    wrapped.cause = BrokenRunError("The run 'x' is damaged.")  # type: ignore[attr-defined]

    assert [_say(error) for error in (wrapped, ValueError("one\ntwo"), MemoryError())] == [
        "The run 'x' is damaged.",
        "ValueError: one",
        "MemoryError",
    ]


def test_where_ray_cannot_go_on_the_disk_is_told_of(runs_dir: Path) -> None:
    error = explain(make_sweep(runs_dir), EOFError("Ran out of input"))

    assert error.message == "Ray could not go on with the sweep 'search': EOFError: Ran out of input"
    assert str(error.hint).startswith(f"The disk that holds '{runs_dir}' has ")
    assert str(error.hint).endswith(" Then go on with `inkproof sweeps resume search`.")


class Failing(Unwatched):
    """A watcher that fails each time."""

    def __init__(self, error: Exception) -> None:
        self.error, self.num_looks = error, 0

    def look(self, sweep: Sweep) -> None:
        self.num_looks += 1
        raise self.error


class Rounds(threading.Event):
    """Ends what waits for it after three rounds."""

    num_left = 3

    def wait(self, timeout: float | None = None) -> bool:
        self.num_left -= 1
        return self.num_left < 0


@pytest.mark.parametrize(
    ("error", "num_looks", "is_stopped"),
    [
        (OSError("the file system is busy"), 3, False),
        (BrokenRunError("half written"), 3, False),
        (BrokenPipeError("nobody reads"), 1, True),
        (ZeroDivisionError("a mistake of the watcher"), 1, True),
    ],
)
def test_a_watcher_that_fails_leaves_nothing_running(
    runs_dir: Path, error: Exception, num_looks: int, is_stopped: bool
) -> None:
    sweep, watcher = make_sweep(runs_dir), Failing(error)
    carrying = _Carrying(sweep, watcher, threading.Event(), Cluster(2.0), None, 1)

    carrying._look_on(Rounds())

    assert (watcher.num_looks, sweep.is_asked_to_stop) == (num_looks, is_stopped)
    assert carrying.trouble is (error if is_stopped else None)


def test_the_wish_to_stop_is_passed_on_whatever_befalls_the_watcher(runs_dir: Path) -> None:
    sweep, stop = make_sweep(runs_dir), threading.Event()
    stop.set()

    _Carrying(sweep, Failing(OSError("busy")), stop, Cluster(2.0), None, 1)._look_on(Rounds())

    assert sweep.is_asked_to_stop
