"""`inkproof runs`: a table that fits any terminal and is whole in a pipe, whatever the runs are called."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inkproof.cli.console import out
from inkproof.cli.main import app
from inkproof.runs import Trash, open_run
from small_runs import make_run

LONG = "long-" * 15 + "name"


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    make_run(tmp_path, "first")
    make_run(tmp_path, LONG)
    shutil.copytree(tmp_path / "first", tmp_path / "first (copy)")
    return tmp_path


def invoke(*arguments: Any) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_pipe_gets_whole_lines(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    rows = [line.split() for line in invoke("runs", "--runs-dir", runs_dir).splitlines()]

    assert [LONG, "softmax", "finished", "100", "91.80%", "0", "2.5", "s", "just", "now"] in rows


@pytest.mark.parametrize(("columns", "is_narrow"), [(60, True), (80, False)])
def test_a_long_name_is_folded_and_nothing_is_cut(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, columns: int, is_narrow: bool
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(out, "_width", columns)

    lines = invoke("runs", "--runs-dir", runs_dir).splitlines()

    table = [line for line in lines if line.startswith(" ")]
    assert max(map(len, table)) <= columns
    assert "…" not in "".join(table)
    assert LONG in "".join(line.split()[0] for line in table if line.split())
    assert any("91.80%" in line for line in table)
    assert any("softmax" in line for line in table) is not is_narrow


def test_what_is_wrong_with_a_folder_stands_below_the_table(runs_dir: Path) -> None:
    lines = invoke("runs", "--runs-dir", runs_dir).splitlines()

    assert lines[-1] == (
        "first (copy): 'first (copy)' cannot be the name of a run. Rename the folder, for example to 'first-copy'."
    )


def test_a_run_from_elsewhere_does_not_steer_the_terminal(runs_dir: Path) -> None:
    steering = "a\x1b[2Jb\x9b"
    run = open_run("first", runs_dir)
    run.update(message=steering, recipe=steering, versions={steering: steering})
    (run.folder / "note.txt").write_text(f"{steering}\n\tend", "utf-8")
    (runs_dir / steering).mkdir()

    told = [invoke("runs", *words, "--runs-dir", runs_dir) for words in ((), ("show", "first"), ("note", "first"))]

    assert not set("\x1b\x9b") & set("".join(told))
    assert told[2] == "a[2Jb\n\tend\n"


def test_an_empty_trash_says_so(runs_dir: Path) -> None:
    assert invoke("runs", "restore", "--runs-dir", runs_dir) == (
        "No run can be brought back. Deleted runs are kept for one day.\n"
    )
    Trash(runs_dir).put(open_run("first", runs_dir))
    assert invoke("runs", "restore", "--runs-dir", runs_dir) == "first  deleted just now\n"
