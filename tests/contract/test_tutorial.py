"""docs/tutorial.md is executed: every console block in order, in one folder, as a newcomer would type it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


def _as_pattern(expected: str) -> str:
    """The lines as printed; `…` stands for anything in a line, and on a line of its own for any lines."""
    lines = _fold(expected).splitlines()
    return r"\n".join(".*" if line == "…" else re.escape(line).replace("…", "[^\n]*") for line in lines)


def _fold(text: str) -> str:
    """One space for several, none at the ends of lines: columns are as wide as the terminal lets them be."""
    return "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.strip().splitlines())


def _console_blocks() -> list[tuple[str, str]]:
    blocks = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, flags=re.DOTALL)
    return [(command, expected) for command, expected in blocks]


@pytest.mark.heavy
def test_tutorial_prints_what_the_page_says(tmp_path: Path) -> None:
    # given
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    blocks = _console_blocks()
    assert len(blocks) >= 7

    for command, expected in blocks:
        # when
        ended = subprocess.run(
            command.split(), cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "PATH": path, "COLUMNS": "80"},
        )  # fmt: skip

        # then
        printed = _fold(ended.stdout)
        assert ended.returncode == 0, ended.stderr
        assert re.search(_as_pattern(expected), printed, flags=re.DOTALL), f"{command}\n{ended.stdout}"


@pytest.mark.heavy
def test_tutorial_python_block_prints_what_the_page_says(tmp_path: Path) -> None:
    # given
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)

    # when
    ended = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=True)

    # then
    assert ended.stdout.strip() == "finished True"
    assert "prints `finished True`" in PAGE
