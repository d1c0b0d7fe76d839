"""Spaces that a sweep can search, how they are written, and what is said of those that it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkproof.config import load_recipe
from inkproof.errors import ConfigError, InkproofError, SpaceError
from inkproof.sweep.space import Dimension, parse_space, parse_space_flags


def parse(**texts: str) -> tuple[Dimension, ...]:
    """A space of the tutorial's recipe; `__` stands for the dot in a setting's name."""
    return parse_space({name.replace("__", "."): text for name, text in texts.items()}, load_recipe("tutorial"))


def test_a_space_is_ranges_and_choices_in_the_order_given() -> None:
    space = parse(learning_rate="1e-5..1e-1:log", batch_size=" 16..256 ", model__hidden_activation="linear,relu")

    assert space == (
        Dimension(name="learning_rate", low=1e-5, high=0.1, is_log=True),
        Dimension(name="batch_size", low=16, high=256, is_integer=True),
        Dimension(name="model.hidden_activation", choices=("linear", "relu")),
    )
    assert [dimension.ends for dimension in space] == [(1e-5, 0.1), (16, 256), ("linear", "relu")]
    assert [type(end) for end in space[1].ends] == [int, int]


def test_choices_have_the_type_of_their_setting_and_count_once() -> None:
    (learning_rate,) = parse(learning_rate="0.1, 1, 1.0, 1e-3")
    (steps,) = parse(steps="100,500,100")

    assert learning_rate.choices == (0.1, 1.0, 0.001)
    assert (steps.choices, steps.is_integer) == ((100, 500), True)


def test_a_space_holds_its_ends_and_what_lies_between() -> None:
    learning_rate, activation = parse(learning_rate="1e-3..1e-1:log", model__hidden_activation="linear,relu")

    assert [learning_rate.holds(value) for value in (9e-4, 1e-3, 0.05, 1e-1, 0.2, "0.05", None)] == [
        False, True, True, True, False, False, False,
    ]  # fmt: skip
    assert [activation.holds(value) for value in ("linear", "tanh", None)] == [True, False, False]


@given(
    ends=st.lists(st.floats(1e-12, 1000), min_size=2, max_size=2, unique=True).map(sorted),
    is_log=st.booleans(),
    batch_sizes=st.lists(st.integers(1, 65_536), min_size=2, max_size=6, unique=True),
    steps=st.lists(st.integers(1, 100_000_000), min_size=2, max_size=2, unique=True).map(sorted),
)
def test_a_space_reads_back_as_it_is_written(
    ends: list[float], is_log: bool, batch_sizes: list[int], steps: list[int]
) -> None:
    space = (
        Dimension(name="learning_rate", low=ends[0], high=ends[1], is_log=is_log),
        Dimension(name="batch_size", choices=tuple(batch_sizes), is_integer=True),
        Dimension(name="steps", low=steps[0], high=steps[1], is_integer=True),
    )

    again = parse_space({dimension.name: dimension.text for dimension in space}, load_recipe("tutorial"))

    assert again == space


def test_a_space_is_written_as_short_as_it_can_be() -> None:
    texts = {"learning_rate": "1e-05..1:log", "steps": "100..2000", "model.hidden_activation": "linear,relu"}

    assert {each.name: each.text for each in parse_space(texts, load_recipe("tutorial"))} == texts


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        (
            "learning_rate", "0..1:log",
            r"^The space 'learning_rate=0\.\.1:log' begins at 0, which has no logarithm; more than 0 was expected\.$",
            "Begin above it, such as `--space learning_rate=0.0001..1:log`, or leave ':log' out.",
        ),
        (
            "model.filters", "0..64:log", "begins at 0, which has no logarithm",
            "Begin above it, such as `--space model.filters=1..64:log`, or leave ':log' out.",
        ),
        (
            "learning_rate", "0.1..0.01",
            r"^The space 'learning_rate=0\.1\.\.0\.01' does not ascend; LOW\.\.HIGH with LOW below HIGH was",
            "Fix a single value with `--set learning_rate=0.1`.",
        ),
        (
            "learning_rate", "1e-5...1e-1",
            r"^The space 'learning_rate=1e-5\.\.\.1e-1' has three dots; LOW\.\.HIGH with two was expected\.$",
            "Write a number below one with its zero, such as 0.5.",
        ),
        ("learning_rate", "1..1", "does not ascend", "Fix a single value with `--set learning_rate=1`."),
        (
            "learning_rate", "0.1",
            r"^The space 'learning_rate=0\.1' holds one value; a range LOW\.\.HIGH or several values A,B were",
            "Fix it with `--set learning_rate=0.1` instead.",
        ),
        ("learning_rate", "1,1.0", "holds one value", "Fix it with `--set learning_rate=1` instead."),
        (
            "learning_rate", "low..high",
            r"^The space 'learning_rate=low\.\.high' has 'low' as an end; a number was expected\.$", None,
        ),
        ("learning_rate", "0.1..inf", r"has 'inf' as an end; a number was expected\.$", None),
        ("learning_rate", "nan..1", r"has 'nan' as an end; a number was expected\.$", None),
        ("steps", "10..99.5", r"has '99\.5' as an end; a whole number was expected\.$", None),
        (
            "learning_rate", "0.1..1:lin",
            r"^The space 'learning_rate=0\.1\.\.1:lin' ends in ':lin'; ':log' or nothing was expected\.$", None,
        ),
        (
            "optimizer", "adam..sgd",
            r"^The space 'optimizer=adam\.\.sgd' is a range, but optimizer is not a number\.$",
            "Name its values: `--space optimizer=adam,sgd`.",
        ),
        (
            "seed", "0..9",
            r"^The setting 'seed' cannot be searched: it is no property of the network that learns\.$",
            "Fix it with `--set seed=…`; several seeds for each trial are `--seeds N`.",
        ),
        (
            "model.name", "tutorial,deep",
            r"^The architecture cannot be searched, for each has settings of its own\.$",
            "Sweep a recipe of each, and compare the best: `inkproof compare`.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)  # fmt: skip
def test_a_space_that_cannot_be_searched_is_told(name: str, text: str, message: str, hint: str | None) -> None:
    with pytest.raises(SpaceError, match=message) as raised:
        parse_space({name: text}, load_recipe("tutorial"))

    assert (raised.value.hint, raised.value.field) == (hint, f"space.{name}")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("lerning_rate", "0.1..1", r"has no setting 'lerning_rate'\. Did you mean 'learning_rate'\?$"),
        ("filters", "8..64", r"has no setting 'filters'\. Did you mean 'model\.filters'\?$"),
        ("model.dropout", "0..0.5", r"has no setting 'model\.dropout'\."),
        ("learning_rate", "0.1..2000", r"^The setting 'learning_rate' is 2000\.0, but input should be less than or"),
        ("learning_rate", "0..1", r"^The setting 'learning_rate' is 0\.0, but input should be greater than 0"),
        ("batch_size", "0,100", r"^The setting 'batch_size' is '0', but input should be greater than or equal to 1"),
        ("optimizer", "adam,adagrad", r"^The setting 'optimizer' is 'adagrad', but input should be 'adam' or 'sgd'"),
        ("steps", "100,,200", r"^The setting 'steps' is '', but input should be a valid integer"),
    ],
)
def test_a_setting_or_value_that_there_is_not_is_told(name: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_space({name: text}, load_recipe("tutorial"))


@pytest.mark.parametrize(
    ("space", "hint"),
    [(0.1, '{"learning_rate": "1e-5..1e-1:log"}'), ([0.1, 0.2], '{"learning_rate": "0.1,0.2"}')],
)
def test_a_space_from_python_that_is_no_text_is_told(space: Any, hint: str) -> None:
    with pytest.raises(SpaceError, match=r"^The space of 'learning_rate' is .*; a text was expected, LOW") as raised:
        parse_space({"learning_rate": space}, load_recipe("tutorial"))

    assert raised.value.hint == f"Write for example {hint}."


def test_nothing_to_search_is_told() -> None:
    with pytest.raises(SpaceError, match=r"^No space came; at least one setting to search was expected\.$") as raised:
        parse_space({}, load_recipe("tutorial"))

    assert raised.value.hint == "Write for example `--space learning_rate=1e-5..1e-1:log`."


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["steps"], r"^'--space steps' came, KEY=LOW\.\.HIGH, KEY=LOW\.\.HIGH:log or KEY=A,B,C was expected\.$"),
        (["=1..2"], r"^'--space =1\.\.2' came"),
        (["steps= "], r"^'--space steps= ' came"),
        (
            ["steps=1..2", " steps = 3..4"],
            r"^'--space steps' came twice; one line for each setting was expected\.$",
        ),
    ],
)  # fmt: skip
def test_flags_of_another_form_are_told(flags: list[str], message: str) -> None:
    with pytest.raises(InkproofError, match=message) as raised:
        parse_space_flags(flags)

    assert isinstance(raised.value, SpaceError)
    assert raised.value.exit_status == 2
