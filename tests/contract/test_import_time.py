"""The light half never loads the heavy one: what a fresh process has in memory, not how long it took."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"tensorflow", "keras", "torch", "jax", "tensorboard", "tf2onnx", "ray", "optuna"}
# What the first answer of a command must not wait for either.
SLOW = HEAVY | {"matplotlib", "scipy", "onnx", "onnxruntime"}


def loaded_after(code: str) -> set[str]:
    """The packages that a fresh process has loaded after running some code, which may end it."""
    script = (
        "import sys, json, atexit\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules}))))\n"
        + code
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_importing_the_package_loads_neither_numpy_nor_pydantic() -> None:
    assert not loaded_after("import inkproof; inkproof.__version__") & (SLOW | {"numpy", "pydantic", "PIL"})


@pytest.mark.parametrize(
    "module",
    [
        "errors",
        "config",
        "runs",
        "data",
        "ink",
        "networks",
        "machine",
        "api",
        "progress",
        "ray_cluster",
        "series",
        "sweep.search",
        "sweep.trial",
        "cli.main",
        "cli.serve",
        "cli.sweep_progress",
        "server.app",
    ],
)
def test_a_light_module_loads_nothing_heavy(module: str) -> None:
    loaded = loaded_after(f"import inkproof.{module}")

    assert not loaded & SLOW


def test_runs_and_settings_are_read_without_numpy() -> None:
    code = "from inkproof import config, runs; config.load_recipe('tutorial'); runs.list_runs()"

    assert not loaded_after(code) & (SLOW | {"numpy"})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["predict", "--help"],
        ["evaluate", "--help"],
        ["compare", "--help"],
        ["runs", "--runs-dir", "nowhere"],
        ["runs", "show", "--help"],
        ["sweep", "--help"],
        ["sweeps", "--runs-dir", "nowhere"],
        ["data"],
    ],
    ids=" ".join,
)
def test_a_light_command_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = loaded_after(
        f"import sys; sys.argv = ['inkproof', *{arguments!r}]; from inkproof.cli.main import main; main()"
    )

    assert not loaded & SLOW


def test_naming_the_training_is_what_loads_keras() -> None:
    # The guard of this file: a list of packages that nothing could load would prove nothing.
    assert {"keras", "tensorflow"} <= loaded_after("import inkproof.training.train")
