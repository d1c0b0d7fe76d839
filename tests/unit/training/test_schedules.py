"""How the learning rate goes over the steps."""

from __future__ import annotations

import numpy as np
import pytest

from inkproof.config import load_recipe
from inkproof.training.schedules import OneCycle, build_schedule, learning_rate_at

pytestmark = pytest.mark.heavy


def test_a_constant_schedule_is_one_number() -> None:
    config = load_recipe("tutorial")

    assert build_schedule(config) == 0.0001
    assert {learning_rate_at(config, step) for step in (0, 1, 1000, 2000)} == {0.0001}


def test_one_cycle_goes_straight_up_for_a_fifth_and_straight_down_to_zero() -> None:
    config = load_recipe("tutorial", {"schedule": "one_cycle", "learning_rate": 0.5, "steps": 100})

    rates = [learning_rate_at(config, step) for step in range(1, 101)]

    assert rates[19] == pytest.approx(0.5)
    assert max(rates) == rates[19]
    np.testing.assert_allclose(np.diff(rates[:20]), 0.9 * 0.5 / 20, rtol=1e-4)
    np.testing.assert_allclose(np.diff(rates[19:]), -0.5 / 80, rtol=1e-3)
    assert rates[-1] == 0
    assert learning_rate_at(config, 0) == rates[0]


def test_a_schedule_can_be_made_again_from_its_description() -> None:
    again = OneCycle.from_config(OneCycle(0.1, 50).get_config())

    assert float(again(7)) == float(OneCycle(0.1, 50)(7))


def test_a_training_of_one_step_has_a_learning_rate() -> None:
    config = load_recipe("tutorial", {"schedule": "one_cycle", "steps": 1})

    assert np.isfinite(learning_rate_at(config, 1))
