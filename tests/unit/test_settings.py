"""Settings as data: all of them, each with what a form needs, derived from `config` alone."""

from __future__ import annotations

import pytest

from inkproof.config import Config, load_recipe, recipe_names
from inkproof.settings import describe_setting, list_settings, model_names


def test_every_setting_of_every_recipe_is_described_for_its_model() -> None:
    known = {(setting.name, setting.model) for setting in list_settings()}

    for recipe in recipe_names():
        config = load_recipe(recipe)
        for name in config.as_flat_dict():
            if name != "recipe":
                assert {(name, None), (name, config.model.name)} & known, name


def test_each_is_described_once_and_with_help() -> None:
    described = list_settings()

    assert len({(setting.name, setting.model) for setting in described}) == len(described)
    assert all(setting.help for setting in described)
    assert "recipe" not in {setting.name for setting in described}


def test_limits_and_units_are_those_of_the_field() -> None:
    rate, seconds = describe_setting("learning_rate"), describe_setting("checkpoint_seconds")

    assert (rate.kind, rate.minimum, rate.excludes_minimum, rate.maximum) == ("number", 0, True, 1000)
    assert (rate.default, rate.limits, rate.unit) == (
        Config.model_fields["learning_rate"].default,
        "> 0, ≤ 1,000",
        None,
    )
    assert seconds.unit == "seconds"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("steps", "integer"), ("optimizer", "choice"), ("tensorboard", "boolean"), ("dataset", "text")],
)
def test_a_kind_says_what_to_draw(name: str, kind: str) -> None:
    assert describe_setting(name).kind == kind


def test_an_architecture_is_chosen_among_all() -> None:
    setting = describe_setting("model.name")

    assert setting.choices == tuple(model_names())
    assert {"tutorial", "softmax", "deep"} <= set(setting.choices)


def test_a_setting_that_two_architectures_have_keeps_its_own_default() -> None:
    assert describe_setting("model.filters", "tutorial").default == 64
    assert describe_setting("model.filters", "deep").default == 32
