"""A wheel built from this checkout holds what a user needs, and no more."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from inkproof.config import recipe_names

ROOT = Path(__file__).parents[2]
MNIST = [
    f"inkproof/data/mnist/{name}"
    for name in (
        "NOTICE.md", "SHA256SUMS", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--quiet", "--wheel-dir", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob("inkproof-*-py3-none-any.whl")
    return zipfile.ZipFile(path)


@pytest.mark.parametrize(
    "name",
    [
        *MNIST,
        *(f"inkproof/recipes/{name}.toml" for name in recipe_names()),
        "inkproof/py.typed",
        "inkproof/__init__.py",
    ],
)
def test_a_wheel_holds_what_the_package_reads(wheel: zipfile.ZipFile, name: str) -> None:
    assert wheel.read(name) == (ROOT / "src" / name).read_bytes()


def test_a_wheel_holds_licence_and_notice(wheel: zipfile.ZipFile) -> None:
    names = {Path(name).name for name in wheel.namelist() if ".dist-info/" in name}

    assert {"LICENSE", "NOTICE", "METADATA", "entry_points.txt"} <= names


def test_a_wheel_holds_the_package_alone(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0].partition("-")[0] for name in wheel.namelist()}

    assert tops == {"inkproof"}
    assert not [name for name in wheel.namelist() if "test" in Path(name).name.lower() or "__pycache__" in name]


def test_a_wheel_runs_from_where_it_is(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = (
        "import sys, inkproof; assert inkproof.__file__.startswith(sys.argv[1]), inkproof.__file__\n"
        "from inkproof import config, data\n"
        "print(len(data.load('mnist').train), *config.recipe_names())"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    result = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["60000", *recipe_names()]
