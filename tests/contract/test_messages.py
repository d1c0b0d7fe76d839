"""Whatever the server says is there in Chinese, too."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    path = Path(__file__).parent.parent.parent / "scripts" / "messages.py"
    spec = importlib.util.spec_from_file_location("messages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_message_has_its_chinese_and_none_is_stale(messages: ModuleType) -> None:
    assert messages.find_faults() == [], "`python scripts/messages.py` writes the lines that are missing"


@pytest.mark.parametrize(
    ("code", "templates"),
    [
        ("raise AnyError(f'There is no {name!r}.', 'Look.')", ["There is no {0}.", "Look."]),
        ("raise AnyError('a ' f'b {x + y} ' 'c')", ["a b {0} c"]),
        ("run.update(message=f'At {step:,}')", ["At {0}"]),
        ("self._problem = 'It is gone.' if gone else None", ["It is gone."]),
        (
            "def f(n):\n  what = 'odd' if n % 2 else 'even'\n  raise AnyError(f'{n} is {what}')",
            ["{0} is odd", "{0} is even"],
        ),
        ("def _also(x):\n  return f' Or {x}?' if x else ''\nraise AnyError(f'No.{_also(y)}')", ["No. Or {0}?", "No."]),
        ("HINT = 'Try again.'\nraise AnyError(error.message, HINT)", ["Try again."]),
        ("message = f'Ended: {status}. {said}'.strip()", ["Ended: {0}. {1}", "Ended: {0}."]),
        ("raise AnyError(f'{low.first[0]}{low.rest} came')", ["{0} came"]),
        ("def f(text):\n  text = f'({text})'\n  raise AnyError(f'{text} came')", ["({0}) came"]),
        ("print('no message'); raise AnyError(str(error))", []),
    ],
)
def test_templates_are_read_from_code(messages: ModuleType, code: str, templates: list[str]) -> None:
    assert messages.Module(ast.parse(code), {"AnyError"}).templates == templates
