"""Pictures of sweeps: which there are, and that what they show is where it belongs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inkproof.sweep.pictures import draw_parallel, draw_pictures, draw_scores
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import read_results
from sweep_runs import add_trial, make_sweep

SPACE = {"learning_rate": "0.01..1:log", "batch_size": "20..200", "optimizer": "adam,sgd"}


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return make_sweep(tmp_path / "runs", space=SPACE)


def add_ten_trials(sweep: Sweep) -> None:
    for number in range(10):
        settings: dict[str, Any] = {} if number == 0 else {"learning_rate": 0.05 * number, "optimizer": "adam"}
        add_trial(sweep, number, 0.90 + number / 200, **settings)


def draw(sweep: Sweep, folder: Path) -> list[Path]:
    return draw_pictures(sweep.name, read_results(sweep), sweep.record.plan, folder)


def test_a_sweep_has_a_picture_for_each_setting_one_of_all_and_one_of_what_matters(
    sweep: Sweep, tmp_path: Path
) -> None:
    add_ten_trials(sweep)

    paths = draw(sweep, tmp_path / "made" / "pictures")

    assert [path.name for path in paths] == [
        "accuracy-learning_rate.png", "accuracy-batch_size.png", "accuracy-optimizer.png",
        "parallel-coordinates.png", "importance.png",
    ]  # fmt: skip
    for path in paths:
        with Image.open(path) as picture:
            assert (picture.format, min(picture.size) > 500) == ("PNG", True)
            assert len(set(picture.convert("L").resize((40, 20)).tobytes())) > 3  # something is on it


def test_of_few_trials_nothing_is_said_about_what_matters(sweep: Sweep, tmp_path: Path) -> None:
    add_trial(sweep, 0, 0.9)

    assert "importance.png" not in [path.name for path in draw(sweep, tmp_path / "pictures")]


def test_a_sweep_without_scores_has_no_pictures(sweep: Sweep, tmp_path: Path) -> None:
    add_trial(sweep, 0, None, "diverged")

    assert draw(sweep, tmp_path / "pictures") == []


def test_trials_stand_at_their_setting_and_accuracy_and_two_are_named(sweep: Sweep) -> None:
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.93, learning_rate=0.2)
    add_trial(sweep, 2, 0.4, "interrupted", is_stopped_early=True, learning_rate=0.02)
    results, plan = read_results(sweep), sweep.record.plan

    axes = draw_scores(plan.space[0], results.trials, results.best, "search").axes[0]

    marks = {str(drawn.get_label()): drawn.get_offsets().tolist() for drawn in axes.collections}
    assert marks == {
        "finished": [[0.5, 91.0], [0.2, 93.0]],
        "stopped early": [[0.02, 40.0]],
        "the recipe's own: 91.00 %": [[0.5, 91.0]],
        "best: 93.00 %": [[0.2, 93.0]],
    }
    assert (axes.get_xscale(), axes.get_title(loc="left")) == ("log", "search: learning_rate and accuracy")
    # The trial that fell far behind would press the others together: it is counted instead.
    assert axes.get_ylim()[0] > 80
    assert [text.get_text() for text in axes.texts] == ["1 below the picture"]


def test_choices_stand_side_by_side(sweep: Sweep) -> None:
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.93, optimizer="adam")
    results = read_results(sweep)

    axes = draw_scores(sweep.record.plan.space[2], results.trials, results.best, "search").axes[0]

    assert [label.get_text() for label in axes.get_xticklabels()] == ["adam", "sgd"]
    assert axes.collections[0].get_offsets().tolist() == [[1.0, 91.0], [0.0, 93.0]]


def test_each_trial_is_a_line_through_all_settings_and_the_best_is_on_top(sweep: Sweep) -> None:
    add_trial(sweep, 0, 0.93, learning_rate=0.1, batch_size=110, optimizer="sgd")
    add_trial(sweep, 1, 0.91, learning_rate=1.0, batch_size=20, optimizer="adam")
    results, plan = read_results(sweep), sweep.record.plan

    axes = draw_parallel(plan.space, results.trials, "search").axes[0]

    lines = [[round(height, 6) for height in line.get_ydata()] for line in axes.lines[:2]]
    assert lines == [[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 1.0, 1.0]]  # the best is drawn last
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "learning_rate", "batch_size", "optimizer", "accuracy (%)",
    ]  # fmt: skip
