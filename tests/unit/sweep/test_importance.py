"""Which setting decides, of trials whose scores are known to hang on one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from inkproof.sweep.importance import find_importance
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import TrialRow
from sweep_runs import make_sweep


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return make_sweep(tmp_path / "runs")


def row(number: int, score: float | None, status: Any = "finished", **settings: float) -> TrialRow:
    return TrialRow(
        number=number, settings={"learning_rate": 0.1, "batch_size": 100, **settings}, runs=[], status=status,
        score=score, scores=[], step=100, steps=100, seconds=1.0, is_recipe=False, message=None,
    )  # fmt: skip


def rows_by(count: int, *, decides: str) -> list[TrialRow]:
    """Trials all over the space, whose score hangs on one setting alone."""
    values = [
        {"learning_rate": 0.01 * 100 ** (number / (count - 1)), "batch_size": 20 + number * 67 % 180}
        for number in range(count)
    ]
    return [row(number, 0.5 + each[decides] / 400, **each) for number, each in enumerate(values)]


@pytest.mark.parametrize("decides", ["learning_rate", "batch_size"])
def test_the_setting_that_decides_has_the_larger_share(sweep: Sweep, decides: str) -> None:
    found = find_importance(sweep.record.plan, rows_by(40, decides=decides))

    assert found is not None
    assert next(iter(found.shares)) == decides
    assert found.shares[decides] > 0.7
    assert sum(found.shares.values()) == pytest.approx(1)
    assert (found.num_best, found.num_trials) == (5, 40)


def test_the_same_trials_weigh_the_same(sweep: Sweep) -> None:
    rows = rows_by(12, decides="learning_rate")

    assert find_importance(sweep.record.plan, rows) == find_importance(sweep.record.plan, rows)


def test_of_few_trials_at_most_half_are_the_best(sweep: Sweep) -> None:
    found = find_importance(sweep.record.plan, rows_by(8, decides="learning_rate"))

    assert found is not None
    assert (found.num_best, found.num_trials) == (4, 8)


def test_who_diverged_counts_as_the_worst_and_who_failed_or_lies_outside_not_at_all(sweep: Sweep) -> None:
    rows = rows_by(10, decides="learning_rate")
    others = [
        row(10, None, "diverged"),
        row(11, None, "failed"),
        row(12, 0.9, learning_rate=5),
        row(13, 0.2, "running"),
    ]

    found = find_importance(sweep.record.plan, [*rows, *others])

    assert found is not None
    assert found.num_trials == 11


@pytest.mark.parametrize(
    "rows",
    [[], rows_by(7, decides="learning_rate"), [row(number, 0.9, batch_size=20 + number) for number in range(20)]],
    ids=["none", "seven", "all alike"],
)
def test_too_little_says_nothing(sweep: Sweep, rows: list[TrialRow]) -> None:
    assert find_importance(sweep.record.plan, rows) is None


def test_a_single_setting_has_nothing_to_be_weighed_against(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path / "runs", space={"learning_rate": "0.01..1:log"})

    assert find_importance(sweep.record.plan, rows_by(20, decides="learning_rate")) is None


def test_without_optuna_nothing_is_said(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)  # as if it were not installed

    assert find_importance(sweep.record.plan, rows_by(20, decides="learning_rate")) is None
