"""Imports point one way, as the layers in pyproject.toml say, and every part of the package has its layer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import inkproof

ROOT = Path(__file__).parents[2]
# Whoever may be imported by all, and the package itself.
OUTSIDE = {"__main__", "machine"}


@pytest.fixture(scope="module")
def layers() -> list[str]:
    from inkproof.config import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    names = [name.strip() for layer in contract["layers"] for name in layer.replace(":", "|").split("|")]
    return [name.removeprefix("inkproof.") for name in names]


def test_imports_point_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_every_part_of_the_package_has_its_layer(layers: list[str]) -> None:
    folder = Path(inkproof.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}

    assert (modules | packages) - OUTSIDE == set(layers)
