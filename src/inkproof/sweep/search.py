"""Carries out a sweep: Ray Tune runs the trials, Optuna says which, ASHA which are left early.

Ray Tune is told anew each time what earlier trials came to, from their run folders; what it keeps itself is thrown
away. So a sweep goes on after whatever ended it, and takes more trials, with nothing but its runs.
"""

from __future__ import annotations

import logging
import math
import os
import shutil
import threading
import time
from collections.abc import Sequence
from itertools import product
from types import SimpleNamespace
from typing import Any, Protocol

from inkproof.errors import InkproofError, SweepError
from inkproof.ray_cluster import Cluster, check_extra, connect
from inkproof.runs import Run, now
from inkproof.stopping import stop_signals
from inkproof.sweep.distributions import make_distribution
from inkproof.sweep.record import Sweep, SweepPlan
from inkproof.sweep.table import Results, TrialRow, read_results
from inkproof.sweep.tasks import TaskMaker, check_names, is_done, list_missing, list_proofs
from inkproof.sweep.trial import run_task

_METRIC, _TIME = "score", "step"
# A worker that died is replaced so often.
_MAX_FAILURES = 3
# ASHA (Li et al. 2020): of trials after this share of the longest one's steps two in three are left, then again
# after three times as many.
_FIRST_FRACTION, _REDUCTION = 1 / 9, 3
_FEWEST_STEPS = 20
_LOOK_SECONDS = 0.25
# Optuna's estimate (TPE) needs some trials at random before it says anything.
_MAX_RANDOM_TRIALS, _MIN_RANDOM_TRIALS = 10, 4
# So often it is asked for settings that were not tried; then the next that are left are taken.
_MAX_ATTEMPTS = 20
# Whatever Ray Tune would write for each trial is in its run folder already.
_TUNE_SETTINGS = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
}


class Watcher(Protocol):
    """Somebody who watches a sweep."""

    def begin(self, sweep: Sweep, num_cpus: float) -> None:
        """It begins, or goes on."""

    def look(self, sweep: Sweep) -> None:
        """Something may have changed; called a few times a second."""

    def end(self, sweep: Sweep) -> None:
        """It ended, one way or another; `sweep.record` says how."""


class Unwatched:
    """A watcher that says nothing."""

    def begin(self, sweep: Sweep, num_cpus: float) -> None:
        """Say nothing."""

    def look(self, sweep: Sweep) -> None:
        """Say nothing."""

    def end(self, sweep: Sweep) -> None:
        """Say nothing."""


def carry_out(
    sweep: Sweep,
    watcher: Watcher | None = None,
    *,
    address: str | None = None,
    jobs: int | None = None,
    cpus_per_trial: int = 1,
) -> Results:
    """Carry out a sweep, from wherever it stands to its end. How it ended stands in `sweep.record`.

    Ctrl-C and SIGTERM end it: trainings at hand write a checkpoint. Calling this again goes on.

    Args:
        sweep: A sweep that no other process carries out.
        watcher: Who is told of its course; nobody by default.
        address: A cluster of Ray to run on; this machine alone by default.
        jobs: How many trainings at once; as many as there are processors for by default.
        cpus_per_trial: Processors, and so threads, for each training.

    Raises:
        MissingExtraError: If Ray or Optuna is not installed.
        ClusterError: If the cluster cannot be reached, or runs other versions.
        SweepBusyError: If another process carries the sweep out.
        SweepExistsError: If a run that is none of the sweep's has the name of a trial.
        BrokenRunError: If one of its runs is damaged.
        SweepError: If every trial failed, or, once all others are done, that some training could not be done.
    """
    check_extra()
    watcher = watcher or Unwatched()
    with sweep.hold(), stop_signals() as stop:
        record = sweep.record
        if record.status == "finished" and not list_missing(sweep, read_results(sweep)):
            watcher.begin(sweep, record.num_cpus or 0)
            watcher.end(sweep)
            return read_results(sweep)
        check_names(sweep)
        began, before = time.monotonic(), record.seconds
        num_resumes = record.num_resumes + (record.ended_at is not None or before > 0)
        sweep.forget_stop()
        sweep.update(
            status="running", stage="searching", resumed_at=now(), ended_at=None, message=None, num_resumes=num_resumes
        )  # fmt: skip
        status, message, is_watched = "failed", None, False
        try:
            with connect(address, runs_dir=sweep.runs_dir) as cluster:
                sweep.update(num_cpus=cluster.num_cpus)
                watcher.begin(sweep, cluster.num_cpus)
                is_watched = True
                _Carrying(sweep, watcher, stop, cluster, jobs, cpus_per_trial).carry_out()
            status = "interrupted" if sweep.is_asked_to_stop else "finished"
        except (KeyboardInterrupt, BrokenPipeError):
            status = "interrupted"
            raise
        except BaseException as error:
            message = _say(error)
            raise
        finally:
            sweep.forget_stop()
            seconds = round(before + time.monotonic() - began, 2)
            shutil.rmtree(sweep.tune_dir, ignore_errors=True)  # first: a full disk then has room for the record
            try:
                sweep.update(status=status, ended_at=now(), message=message, seconds=seconds)
            finally:
                if is_watched:
                    watcher.end(sweep)
    return read_results(sweep)


class _Carrying:
    """A sweep on its way."""

    def __init__(
        self, sweep: Sweep, watcher: Watcher, stop: threading.Event, cluster: Cluster, jobs: int | None, cpus: int
    ) -> None:
        self.sweep, self.watcher, self.stop = sweep, watcher, stop
        self.plan: SweepPlan = sweep.record.plan
        self.jobs, self.cpus = jobs, min(cpus, int(cluster.num_cpus) or 1)
        self.make = TaskMaker(sweep, self.plan, self.cpus)
        self.errors: list[BaseException] = []  # of trainings
        self.trouble: Exception | None = None  # of the watcher
        os.environ.update(_TUNE_SETTINGS)

    def carry_out(self) -> None:
        self._search(read_results(self.sweep))
        if self.sweep.is_asked_to_stop:
            return
        results = read_results(self.sweep)
        if results.best is None:
            why = _say_why_nothing(self.sweep, results.trials, self.errors)
            raise SweepError(why, "Widen the space, or look at `inkproof sweeps show`.")
        self.sweep.update(stage="proving")
        self._prove(results)
        if self.errors and not self.sweep.is_asked_to_stop:
            raise SweepError(
                f"{len(self.errors)} of the trainings of the sweep '{self.sweep.name}' could not be carried out; all "
                f"others are done. The first said: {_say(self.errors[0])}",
                f"Mend it, and go on with `inkproof sweeps resume {self.sweep.name}`.",
            )

    def _search(self, results: Results) -> None:
        """Try settings until there are as many trials as planned."""
        open_rows = [row for row in results.trials if row.is_open]
        num_left = len(open_rows) + max(self.plan.trials - len(results.trials), 0)
        if num_left == 0:
            return
        from ray.tune.schedulers import FIFOScheduler

        search = make_search(self.make, results, open_rows)
        scheduler = make_scheduler(self.sweep, results) if self.plan.can_stop_early else FIFOScheduler()
        self._tune("search", search, scheduler, num_left, {})

    def _prove(self, results: Results) -> None:
        """Train the best setting and the recipe's own anew on all data, by several seeds, one task each."""
        from ray import tune

        left = [task for task in list_proofs(self.make, results) if not is_done(task, results)]
        if left:
            self._tune("proof", None, None, 1, {"task": tune.grid_search([task.as_dict() for task in left])})

    def _tune(self, what: str, search: Any, scheduler: Any, num_samples: int, space: dict[str, Any]) -> None:
        from ray import tune

        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # what went wrong is told once, and without traces
        tuner = tune.Tuner(
            tune.with_resources(run_task, {"cpu": self.cpus}),
            param_space=space,
            tune_config=tune.TuneConfig(
                search_alg=search,
                scheduler=scheduler,
                num_samples=num_samples,
                max_concurrent_trials=self.jobs,
                reuse_actors=True,  # loading TensorFlow takes a worker three seconds
            ),
            run_config=tune.RunConfig(
                name=f"{what}-{time.time_ns()}",
                storage_path=str(self.sweep.tune_dir.absolute()),
                failure_config=tune.FailureConfig(max_failures=_MAX_FAILURES),
                verbose=0,
            ),
        )
        ended = threading.Event()
        looking = threading.Thread(target=self._look_on, args=(ended,), daemon=True)
        looking.start()
        try:
            self.errors += tuner.fit().errors
        except (InkproofError, OSError):
            raise
        except Exception as error:
            raise explain(self.sweep, error) from error
        finally:
            ended.set()
            looking.join()
        if self.trouble is not None:
            raise self.trouble

    def _look_on(self, ended: threading.Event) -> None:
        """Tell the watcher, and pass on the wish to stop, which must be heard whatever befalls the watcher."""
        while not ended.wait(_LOOK_SECONDS):
            if self.stop.is_set() and not self.sweep.is_asked_to_stop:
                self.sweep.ask_to_stop()
            if self.trouble is not None:
                continue
            try:
                self.watcher.look(self.sweep)
            except Exception as error:
                # A file that cannot be read just now is read the next time; a reader that is gone stays away.
                is_passing = isinstance(error, OSError | InkproofError) and not isinstance(error, BrokenPipeError)
                if not is_passing:
                    self.trouble = error
                    self.sweep.ask_to_stop()


def make_search(make: TaskMaker, results: Results, open_rows: Sequence[TrialRow]) -> Any:
    """Optuna as Ray Tune's search: it knows what earlier trials came to, and hands out the open ones first."""
    import optuna
    from ray.tune.search import Searcher
    from ray.tune.search.optuna import OptunaSearch

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sweep, plan = make.sweep, make.plan
    numbers = [row.number for row in open_rows]
    points = [row.settings for row in open_rows]
    tried = {_key(row.settings) for row in results.trials}
    if plan.holds_recipe and not any(row.is_recipe for row in results.trials):
        points.append(plan.own_settings)  # first of all the recipe's own setting, which the others are to beat

    class Search(OptunaSearch):  # type: ignore[misc]
        next_number = max((row.number for row in results.trials), default=-1) + 1

        def suggest(self, trial_id: str) -> Any:
            if sweep.is_asked_to_stop:
                return Searcher.FINISHED
            settings = super().suggest(trial_id)
            if numbers:
                return {"task": make.trial(numbers.pop(0), settings).as_dict()}
            settings = self._renew(trial_id, settings)
            tried.add(_key(settings))
            self.next_number += 1
            return {"task": make.trial(self.next_number - 1, settings).as_dict()}

        def _renew(self, trial_id: str, settings: dict[str, Any]) -> dict[str, Any]:
            """Settings that were not tried, where the space holds so few that Optuna comes to the same again."""
            for attempt in range(_MAX_ATTEMPTS):
                if _key(settings) not in tried:
                    break
                if attempt == _MAX_ATTEMPTS - 1:
                    self._ot_study.enqueue_trial(_find_untried(plan, tried) or settings)
                self._ot_study.tell(self._ot_trials.pop(trial_id), state=optuna.trial.TrialState.FAIL)
                settings = super().suggest(trial_id)
            return settings

    num_random = max(_MIN_RANDOM_TRIALS, min(_MAX_RANDOM_TRIALS, plan.trials // 3))
    # Trials that run side by side are not to try the same (`constant_liar`).
    sampler = optuna.samplers.TPESampler(seed=len(results.trials), n_startup_trials=num_random, constant_liar=True)
    space = {dimension.name: make_distribution(dimension) for dimension in plan.space}
    search = Search(space=space, metric=_METRIC, mode="max", points_to_evaluate=points, sampler=sampler)
    for row in results.trials:
        if row.number not in numbers:
            search.add_evaluated_point(row.settings, row.score or 0.0)
    return search


def _key(settings: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(settings.items()))


def _find_untried(plan: SweepPlan, tried: set[tuple[Any, ...]]) -> dict[str, Any] | None:
    """The first settings of a space that can be counted that were not tried; None if there are none."""
    if plan.num_settings == math.inf:
        return None
    names = [dimension.name for dimension in plan.space]
    every = (dict(zip(names, values, strict=True)) for values in product(*(each.values for each in plan.space)))
    return next((settings for settings in every if _key(settings) not in tried), None)


def make_scheduler(sweep: Sweep, results: Results) -> Any:
    """ASHA as Ray Tune's scheduler, which knows what earlier trials measured. It leaves a trial by its run folder."""
    from ray.tune.schedulers import ASHAScheduler, TrialScheduler

    seen: set[str] = set()

    class LeaveBehind(ASHAScheduler):  # type: ignore[misc]
        def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
            decision: str = super().on_trial_result(tune_controller, trial, result)
            seen.add(trial.trial_id)
            is_known = len(seen) > _MIN_RANDOM_TRIALS  # of the first few nobody can say that they fall behind
            if decision == TrialScheduler.STOP and is_known and result.get("status") == "running":
                # Ray would kill the worker; asked by its folder, the training ends with a checkpoint.
                sweep.leave(next(iter(trial.config["task"]["configs"])))
            return str(TrialScheduler.CONTINUE)

    plan = sweep.record.plan
    searched = next((dimension for dimension in plan.space if dimension.name == "steps"), None)
    longest = int(max(searched.ends)) if searched else plan.config().steps
    first = min(longest, max(_FEWEST_STEPS, int(longest * _FIRST_FRACTION)))
    scheduler = LeaveBehind(
        time_attr=_TIME, metric=_METRIC, mode="max", max_t=longest, grace_period=first,
        reduction_factor=_REDUCTION, stop_last_trials=False,
    )  # fmt: skip
    for row in results.trials:
        known = SimpleNamespace(trial_id=f"earlier-{row.number}")
        scheduler.on_trial_add(None, known)
        for measured in Run(sweep.runs_dir / row.runs[0]).read_metrics():
            accuracy = measured.get("validation_accuracy")
            if accuracy is not None and not row.is_open:
                scheduler.on_trial_result(None, known, {_METRIC: accuracy, _TIME: measured["step"]})
    return scheduler


def explain(sweep: Sweep, error: Exception) -> SweepError:
    """What a sweep says when Ray Tune itself cannot go on: of a full disk it only says what it could not read."""
    free = shutil.disk_usage(sweep.folder).free
    return SweepError(
        f"Ray could not go on with the sweep '{sweep.name}': {_say(error)}",
        f"The disk that holds '{sweep.runs_dir}' has {free / 1e6:,.1f} MB free; each run needs some. "
        f"Then go on with `inkproof sweeps resume {sweep.name}`.",
    )


def _say(error: BaseException) -> str:
    """What went wrong, in a line; of a worker, what was raised in it."""
    error = getattr(error, "cause", None) or error
    if isinstance(error, InkproofError):
        return error.message
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _say_why_nothing(sweep: Sweep, rows: Sequence[TrialRow], errors: Sequence[BaseException] = ()) -> str:
    reasons = [row.message for row in rows if row.message] + [_say(error) for error in errors]
    what = f"No trial of the sweep '{sweep.name}' came to its end ({len(rows)} begun)."
    return f"{what} The first said: {reasons[0]}" if reasons else what
