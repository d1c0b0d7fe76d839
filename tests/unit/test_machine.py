"""What stands beside a figure: machine, versions, commit, memory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import inkproof
from inkproof.machine import describe_machine, describe_versions, find_git_commit


def test_the_machine_is_described_by_processor_cores_memory_and_system() -> None:
    machine = describe_machine()

    assert machine["processor"]
    assert 1 <= int(machine["cores"]) <= (os.cpu_count() or 1)
    assert float(machine.get("memory_gib", 1)) > 0.1
    assert str(machine["system"]).startswith(os.uname().sysname if hasattr(os, "uname") else "")


def test_versions_name_what_can_change_a_result() -> None:
    versions = describe_versions()

    assert versions["inkproof"] == inkproof.__version__
    assert versions["numpy"] == np.__version__
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"keras", "onnx", "onnxruntime", "tf2onnx"} <= versions.keys()
    assert {"tensorflow", "tensorflow-cpu"} & versions.keys()


def test_peak_memory_is_counted_in_megabytes() -> None:
    code = (
        "from inkproof.machine import peak_memory_mb as peak\n"
        "before = peak(); held = b'1' * 300_000_000; held = None; print(before, peak())"
    )

    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    before, after = map(float, result.stdout.split())
    assert before < 150
    assert 250 < after - before < 350


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of one commit that holds the module, under another name so that it runs on its own."""
    source = Path(inkproof.__file__).parent / "machine.py"
    shutil.copy(source, tmp_path / "machine_copy.py")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "machine_copy.py")
    git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "-m", "Begin")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def commit_seen_from(folder: Path) -> str:
    code = "import machine_copy; print(machine_copy.find_git_commit())"
    command = [sys.executable, "-B", "-c", code]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_a_clean_checkout_is_named_by_its_commit(checkout: Path) -> None:
    assert commit_seen_from(checkout) == git(checkout, "rev-parse", "--short=12", "HEAD").strip()


def test_an_edited_checkout_says_so(checkout: Path) -> None:
    with (checkout / "machine_copy.py").open("a") as file:
        file.write("# edited\n")

    assert commit_seen_from(checkout) == git(checkout, "rev-parse", "--short=12", "HEAD").strip() + "+changes"


def test_an_installed_package_inside_somebody_elses_checkout_has_no_commit(checkout: Path) -> None:
    (checkout / "site-packages").mkdir()
    shutil.copy(checkout / "machine_copy.py", checkout / "site-packages")

    assert commit_seen_from(checkout / "site-packages") == "None"


def test_the_commit_of_this_checkout_is_short_or_none() -> None:
    commit = find_git_commit()

    assert commit is None or re.fullmatch(r"[0-9a-f]{12}(\+changes)?", commit)
