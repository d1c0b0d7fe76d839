"""The form of an error on stderr."""

from __future__ import annotations

import pytest

from inkproof.cli.console import print_error
from inkproof.errors import ConfigError


def test_an_error_is_printed_as_it_is_with_its_tip(capsys: pytest.CaptureFixture[str]) -> None:
    message = f"The file '/a/{'long/' * 30}[bold]seven[/bold].png' is :smile: not there."

    print_error(ConfigError(message, "Try [this]."))

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"error: {message}\n  tip: Try [this].\n"


def test_an_error_without_a_hint_has_no_tip(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(ConfigError("It is so."))

    assert capsys.readouterr().err == "error: It is so.\n"
