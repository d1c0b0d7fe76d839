"""At which steps what is measured and kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkproof.training.moments import SCALAR_EVERY, Moments

pytestmark = pytest.mark.heavy


@pytest.mark.parametrize(
    ("steps", "accuracy", "timeline"),
    [
        (1, [0, 1], [0, 1]),
        (20, [0, 10, 20], [0, 10, 20]),
        (37, [0, 10, 20, 37], [0, 10, 20, 37]),
        (1000, [0, 10, 20, 50, 100, 200, 500, 1000], [0, 10, 20, 50, 100, 200, 500, 1000]),
        (
            2000,
            [0, 10, 20, 50, 100, 200, 500, 1000, 1500, 2000],
            [0, 10, 20, 50, 100, 200, 500, 1000, 2000],
        ),
    ],
    ids=["one step", "20", "between", "1,000", "2,000"],
)
def test_accuracy_and_timeline_come_often_at_first_and_at_the_end(
    steps: int, accuracy: list[int], timeline: list[int]
) -> None:
    assert sorted(Moments(steps).accuracy) == accuracy
    assert sorted(Moments(steps).timeline) == timeline


def test_accuracy_is_measured_every_500_steps_of_a_long_training() -> None:
    assert sorted(Moments(20_000).accuracy)[7:] == list(range(1000, 20_001, 500))


def test_the_projector_is_given_several_steps() -> None:
    assert sorted(Moments(2000).projector) == [0, 100, 500, 2000]


def test_a_timeline_stays_small_however_long_the_training() -> None:
    # 6.4 MB each for the tutorial's network, and 100 MB in all were promised for its 2,000 steps.
    assert len(Moments(2000).timeline) * 6.45 + 2 * 12.9 < 100
    assert len(Moments(100_000_000).timeline) < 30


@given(steps=st.integers(1, 3000), data=st.data())
@settings(max_examples=50)
def test_strides_stop_at_every_moment_and_at_every_fifth_step_from_wherever_they_begin(
    steps: int, data: st.DataObject
) -> None:
    moments = Moments(steps)
    begin = data.draw(st.integers(0, steps))

    stops = list(moments.strides(begin))

    assert stops == sorted(set(stops))
    due = moments.accuracy | moments.timeline | moments.histograms | moments.projector
    due |= set(range(0, steps, SCALAR_EVERY))
    assert set(stops) == {step for step in due if step > begin}
    assert stops[-1:] == ([steps] if begin < steps else [])


@given(steps=st.integers(1, 100_000))
@settings(max_examples=50)
def test_no_moment_lies_outside_of_the_training(steps: int) -> None:
    moments = Moments(steps)

    for due in (moments.accuracy, moments.timeline, moments.histograms, moments.projector):
        assert {0, steps} <= due
        assert max(due) == steps
        assert min(due) == 0
