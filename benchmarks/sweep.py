"""What a sweep costs: against the same trainings in a loop, with a second trial beside it, and with very many trials.

    python benchmarks/sweep.py                     # the figures of docs/architecture.md: 3 rounds, 20 minutes
    python benchmarks/sweep.py --rounds 0 --sizes 10 --results /tmp/x     # does it still work? Without trainings.

The loop is one Python process that trains the very configurations of the sweep's trials one after the other, with as
many threads (one). Both load TensorFlow once; the sweep starts Ray besides.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from inkproof.runs import RunIndex, Trial, create_run
from inkproof.sweep.record import Sweep, create_sweep, make_plan
from inkproof.sweep.search import make_search
from inkproof.sweep.table import read_results
from inkproof.sweep.tasks import TaskMaker
from results_file import RESULTS, summarise, write_results

SPACE = "5e-5..2e-4:log"
LOOP = """
import sys
from pathlib import Path
from inkproof.api import train_config
from inkproof.config import Config
from inkproof.series import sweep_up
for file in sys.argv[2:]:
    sweep_up()
    train_config(Config.from_toml(Path(file).read_text()), name=Path(file).parent.name, runs_dir=Path(sys.argv[1]))
"""
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000, 10_000])
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()

    rounds = [run_round(options.trials, options.steps) for _ in range(options.rounds)]
    write_results(
        "sweep",
        {
            "trials": options.trials,
            "steps": options.steps,
            **(summarise_rounds(rounds) if rounds else {}),
            "by_number_of_trials": [measure_size(size) for size in options.sizes],
        },
        options.results,
    )


def summarise_rounds(rounds: list[dict[str, float]]) -> dict[str, Any]:
    def column(key: str) -> dict[str, Any]:
        return summarise([one[key] for one in rounds])

    return {
        "loop_seconds": column("loop_seconds"),
        "sweep_one_at_a_time_seconds": column("one_seconds"),
        "sweep_two_at_a_time_seconds": column("two_seconds"),
        "overhead_fraction": summarise([one["one_seconds"] / one["loop_seconds"] - 1 for one in rounds]),
        "speedup_of_two_at_a_time": summarise([one["one_seconds"] / one["two_seconds"] for one in rounds]),
        "throughput_of_two_trainings": column("throughput"),
        "first_step_seconds": column("first_step_seconds"),
        "driver_peak_memory_mb": column("driver_mb"),
        "worker_peak_memory_mb": column("worker_mb"),
        "ray_peak_memory_mb": column("ray_mb"),
        "driver_cpu_seconds_a_trial": column("driver_cpu_seconds"),
        "run_folder_mb": column("folder_mb"),
    }


def run_round(trials: int, steps: int) -> dict[str, float]:
    """The sweep with one trial at a time, its trainings in a loop, and the sweep with two at a time."""
    with tempfile.TemporaryDirectory() as folder:
        one = run_sweep(Path(folder) / "one", trials, steps, jobs=1)
        files = sorted(str(path) for path in (Path(folder) / "one").glob("*/config.toml"))
        begin = time.perf_counter()
        command = [sys.executable, "-c", LOOP, str(Path(folder) / "loop"), *files]
        subprocess.run(command, check=True, env={**os.environ, **ONE_THREAD})
        loop_seconds = time.perf_counter() - begin
        two = run_sweep(Path(folder) / "two", trials, steps, jobs=2)
    # What the trainings themselves did while both were under way, without the start and the end of the sweep.
    throughput = one["training_seconds"] / two["training_seconds"] * 2
    return {
        **one,
        "loop_seconds": loop_seconds,
        "one_seconds": one["seconds"],
        "two_seconds": two["seconds"],
        "throughput": throughput,
    }


def run_sweep(runs_dir: Path, trials: int, steps: int, jobs: int) -> dict[str, float]:
    """A sweep by the command, watched from outside."""
    command = [
        sys.executable, "-m", "inkproof", "sweep", "tutorial", "--space", f"learning_rate={SPACE}",
        "--set", f"steps={steps}", "--trials", str(trials), "--final-seeds", "0", "--no-stop-early",
        "--jobs", str(jobs), "--runs-dir", str(runs_dir), "--quiet",
    ]  # fmt: skip
    begin = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True)
    memory: dict[str, float] = {"driver": 0.0, "worker": 0.0, "ray": 0.0}
    first_step, cpu = 0.0, 0.0
    while process.poll() is None:
        for kind, megabytes in _memory(process.pid):
            memory[kind] = max(memory[kind], megabytes)
        cpu = _cpu_seconds(process.pid) or cpu
        if not first_step and any(_has_step(path) for path in runs_dir.glob("*/metrics.jsonl")):
            first_step = time.perf_counter() - begin
        time.sleep(0.1)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"the sweep ended with status {process.returncode}")
    rows = read_results(Sweep(runs_dir, "tutorial-sweep")).trials
    size = sum(path.stat().st_size for row in rows for path in (runs_dir / row.runs[0]).rglob("*") if path.is_file())
    return {
        "seconds": seconds,
        "first_step_seconds": first_step,
        "training_seconds": sum(row.seconds for row in rows) / len(rows),
        "driver_mb": memory["driver"],
        "worker_mb": memory["worker"],
        "ray_mb": memory["ray"],
        "driver_cpu_seconds": cpu / len(rows),
        "folder_mb": size / 1e6 / len(rows),
    }


def measure_size(num_trials: int) -> dict[str, float]:
    """What one more trial costs the driver and a page where so many are there: a suggestion, the table."""
    with tempfile.TemporaryDirectory() as folder:
        runs_dir = Path(folder)
        plan = make_plan(
            "tutorial",
            {"learning_rate": "1e-5..1e-1:log", "steps": "100..2000", "model.hidden_units": "64..2048:log"},
            trials=num_trials,
        )
        sweep = create_sweep(runs_dir, plan)
        for number in range(num_trials):
            fraction = (number * 0.618034) % 1
            settings: dict[str, Any] = {
                "learning_rate": 1e-5 * 1e4**fraction,
                "steps": 100 + number % 1900,
                "model.hidden_units": 64 + number % 1900,
            }
            trial = Trial(sweep=sweep.name, number=number, settings=settings, score=0.9 + fraction / 20)
            create_run(plan.config(settings), runs_dir, f"t-{number:05d}", "finished", trial=trial)
        index = RunIndex(runs_dir)
        first = _seconds(lambda: read_results(sweep, index.list()))
        again = _seconds(lambda: read_results(sweep, index.list()))
        results = read_results(sweep, index.list())
        begin = time.perf_counter()
        search = make_search(TaskMaker(sweep, plan, 1), results, [])
        told = time.perf_counter() - begin
        counter = iter(range(1_000))
        suggested = summarise([_seconds(lambda: search.suggest(f"new-{next(counter)}")) for _ in range(5)])
    return {
        "num_trials": num_trials,
        "first_listing_seconds": first,
        "next_listing_seconds": again,
        "told_at_resume_seconds": told,
        "suggestion_seconds": suggested["median"],
    }


def _seconds(call: Any) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _has_step(metrics: Path) -> bool:
    last = metrics.read_text("utf-8").splitlines()[-1:]
    return bool(last) and json.loads(last[0])["step"] > 0


def _memory(driver: int) -> Iterator[tuple[str, float]]:
    """Resident memory of the driver, of workers and of Ray's own processes, by kind, in MB."""
    ray = 0.0
    for process in psutil.process_iter(["cmdline", "memory_info"]):
        command, memory = " ".join(process.info["cmdline"] or ()), process.info["memory_info"]
        megabytes = memory.rss / 1e6 if memory else 0.0
        if process.pid == driver:
            yield "driver", megabytes
        elif command.startswith("ray::ImplicitFunc"):
            yield "worker", megabytes
        elif "/ray/" in command or command.startswith("ray::"):
            ray += megabytes
    yield "ray", ray


def _cpu_seconds(process: int) -> float | None:
    try:
        times = psutil.Process(process).cpu_times()
    except psutil.NoSuchProcess:
        return None
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
