"""`inkproof data`: the table, the JSON and the picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from inkproof.cli.data import data
from inkproof.errors import UnknownDatasetError

app = typer.Typer()
app.command()(data)
runner = CliRunner()


def test_data_prints_counts_classes_checksum_and_licence() -> None:
    result = runner.invoke(app, [])

    assert result.exit_code == 0
    for words in ("60,000", "10,000", "6,742", "1,135", "28 × 28", "12ac2494", "CC BY-SA 3.0"):
        assert words in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_data_prints_json_for_scripts() -> None:
    result = runner.invoke(app, ["mnist", "--json"])

    report = json.loads(result.stdout)
    assert report["name"] == "mnist"
    assert report["image_shape"] == [28, 28, 1]
    assert sum(report["num_train_by_class"]) == report["num_train"] == 60_000
    assert len(report["sha256"]) == 64
    assert report["picture"] is None


def test_data_draws_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "a sheet [1].png"

    result = runner.invoke(app, ["--picture", str(path)])

    assert result.exit_code == 0
    assert f"A sample sheet is in {path}." in result.stdout
    assert path.read_bytes().startswith(b"\x89PNG")


def test_data_leaves_an_unknown_name_to_its_caller() -> None:
    with pytest.raises(UnknownDatasetError, match="Did you mean 'mnist'"):
        runner.invoke(app, ["mnits"], catch_exceptions=False)
