"""The tree of errors, the names that scripts see, and the exit status."""

from __future__ import annotations

import errno
import inspect
import os
import re

import pytest

from inkproof import errors
from inkproof.errors import (
    ConfigError,
    ImageFileError,
    InkproofError,
    ParityError,
    UnknownRunError,
    UsageError,
    explain_storage,
)

ALL_ERRORS = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, InkproofError)]


def depth(error: type[InkproofError]) -> int:
    return error.__mro__.index(InkproofError)


def test_the_tree_at_the_top_of_the_module_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"^([│ ├└─]*)(\w+Error)\b", errors.__doc__ or "", flags=re.MULTILINE)

    parents: list[str] = []
    for branch, name in drawn:
        parents[len(branch) // 4 :] = [name]
        chain = [ancestor.__name__ for ancestor in getattr(errors, name).__mro__]
        assert chain[: len(parents)] == parents[::-1]

    assert sorted(name for _, name in drawn) == sorted(error.__name__ for error in ALL_ERRORS)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownRunError, "unknown_run"),
        (ConfigError, "config"),
        (ImageFileError, "image_file"),
        (ParityError, "parity"),
        (InkproofError, "inkproof"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_the_code_of_an_error_is_its_name_in_snake_case(error: type[InkproofError], code: str) -> None:
    assert error("It went wrong.").code == code


def test_no_two_errors_share_a_code() -> None:
    codes = [error("").code for error in ALL_ERRORS]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: error.__name__)
def test_wrong_usage_exits_with_two_and_failure_with_one(error: type[InkproofError]) -> None:
    assert error("").exit_status == (2 if issubclass(error, UsageError) else 1)


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: error.__name__)
def test_every_error_says_in_one_sentence_when_it_is_met(error: type[InkproofError]) -> None:
    assert (error.__doc__ or "").splitlines()[0].endswith(".")


def test_an_error_carries_message_hint_and_field_to_scripts() -> None:
    error = UnknownRunError("There is no run 'a'.", "The newest are: b.", field="run")

    assert str(error) == "There is no run 'a'."
    assert error.as_dict() == {
        "code": "unknown_run",
        "message": "There is no run 'a'.",
        "hint": "The newest are: b.",
        "field": "run",
    }


def test_hint_and_field_are_none_where_the_message_says_it_all() -> None:
    assert InkproofError("No.").as_dict() == {"code": "inkproof", "message": "No.", "hint": None, "field": None}


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EROFS, "See who may write there"),
        (errno.EMFILE, "Close other programs"),
        (errno.EIO, "The disk, or the way to it"),
    ],
    ids=lambda value: errno.errorcode.get(value, value),
)
def test_what_the_system_says_of_a_file_is_told_with_what_to_do(number: int, hint: str) -> None:
    explained = explain_storage(OSError(number, os.strerror(number), "runs/a/run.json"))

    assert explained is not None
    assert explained.message == f"'runs/a/run.json' cannot be read or written: {os.strerror(number)}."
    assert (explained.hint or "").startswith(hint)


def test_what_is_no_fault_of_a_disk_is_not_explained_away() -> None:
    assert explain_storage(FileNotFoundError(errno.ENOENT, "No such file", "a")) is None
    assert explain_storage(ConnectionResetError()) is None
