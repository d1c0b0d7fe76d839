"""The benchmarks still run: each once, tiny, into a folder of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from small_runs import make_run, write_network

ROOT = Path(__file__).parents[2]
TINY = {
    "speed": ["--steps", "5", "--repeats", "1"],
    "accuracy": ["softmax", "--seeds", "2", "--steps", "20", "--suites", "clean", "--runs-dir", "{folder}/runs"],
    "fast": ["--recipe", "softmax", "--repeats", "1", "--script-steps", "3"],
    "many_runs": ["--runs=5", "--live=2", "--listeners=2", "--points=50", "--seconds=2", "--repeats=1"],
    "sweep": ["--rounds", "0", "--sizes", "10"],  # tests/e2e/test_sweep.py trains
    "times": ["softmax", "--steps", "5", "--repeats", "1"],
    "startup": ["--repeats", "1", "--runs", "3"],
    "verdicts": ["--seeds", "5", "--pairs", "3", "--steps", "5"],
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", TINY)
def test_benchmark_runs_and_writes_its_results(name: str, tmp_path: Path) -> None:
    # when
    flags = [text.format(folder=tmp_path) for text in TINY[name]]
    subprocess.run(
        [sys.executable, f"benchmarks/{name}.py", *flags, "--results", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip

    # then
    result = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
    assert {"command", "machine", "versions", "date"} <= result.keys()
    assert result["command"].startswith(f"python benchmarks/{name}.py")


@pytest.mark.heavy
def test_server_benchmark_runs_and_writes_its_results(tmp_path: Path) -> None:
    # given: networks made by hand, at the steps that the benchmark asks for
    for name in ("softmax", "tutorial"):
        run = make_run(tmp_path / "runs", name)
        for step in (200, 500, 1000):
            write_network(run.folder / "timeline" / f"step-{step:06d}.onnx", step=step)

    # when
    flags = ["--quick", "--runs-dir", str(tmp_path / "runs"), "--results", str(tmp_path)]
    subprocess.run([sys.executable, "benchmarks/server.py", *flags], cwd=ROOT, check=True, capture_output=True)

    # then
    result = json.loads((tmp_path / "server.json").read_text("utf-8"))
    assert result["alone"]["p50_ms"] > 0
