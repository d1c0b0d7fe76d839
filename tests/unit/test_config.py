"""Settings: where values come from, their limits, and what a wrong one is answered with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inkproof.config import (
    Config,
    load_recipe,
    recipe_names,
    recipe_sentence,
    setting_field,
    setting_names,
)
from inkproof.errors import ConfigError, UnknownRecipeError


def test_a_change_wins_over_the_recipe_and_the_recipe_over_the_default() -> None:
    config = load_recipe("softmax", {"steps": 7})

    assert config.steps == 7
    assert config.learning_rate == 0.5
    assert config.seed == 0


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("steps", "200", 200),
        ("learning_rate", "1e-3", 0.001),
        ("tensorboard", "false", False),
        ("optimizer", "sgd", "sgd"),
        ("model.filters", "8", 8),
        ("model.hidden_activation", "relu", "relu"),
    ],
    ids=["int", "float", "bool", "choice", "nested int", "nested choice"],
)
def test_a_string_is_read_as_the_settings_own_type(key: str, text: str, value: Any) -> None:
    config = load_recipe("tutorial", {key: text})

    assert config.as_flat_dict()[key] == value
    assert type(config.as_flat_dict()[key]) is type(value)


def test_changes_leave_the_other_settings_of_their_table_alone() -> None:
    config = load_recipe("tutorial", {"model.filters": 8})

    assert config.model.model_dump() == {
        "name": "tutorial",
        "filters": 8,
        "hidden_units": 1024,
        "hidden_activation": "linear",
    }


def test_a_recipe_can_be_given_another_model_and_then_its_settings() -> None:
    config = load_recipe("tutorial", {"model.name": "deep", "model.dropout": 0.25})

    assert config.model.model_dump() == {"name": "deep", "filters": 32, "hidden_units": 1024, "dropout": 0.25}
    assert config.steps == 2000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tutorail", r"^There is no recipe 'tutorail'\. Did you mean 'tutorial'\?$"),
        ("", r"^There is no recipe ''\.$"),
        ("../recipes/tutorial", r"^There is no recipe '\.\./recipes/tutorial'\.$"),
        ("tutorial.toml", r"^There is no recipe 'tutorial\.toml'\. Did you mean 'tutorial'\?$"),
    ],
    ids=["misspelt", "empty", "path", "with suffix"],
)
def test_an_unknown_recipe_is_answered_with_the_nearest_and_all(name: str, message: str) -> None:
    with pytest.raises(UnknownRecipeError, match=message) as caught:
        load_recipe(name)

    assert caught.value.hint == f"The recipes are: {', '.join(recipe_names())}."
    assert caught.value.field == "recipe"


@pytest.mark.parametrize(
    ("recipe", "key", "message"),
    [
        ("tutorial", "lerning_rate", r"'tutorial' has no setting 'lerning_rate'\. Did you mean 'learning_rate'\?$"),
        ("tutorial", "filters", r"'tutorial' has no setting 'filters'\. Did you mean 'model\.filters'\?$"),
        ("tutorial", "model.dropout", r"'tutorial' has no setting 'model\.dropout'\."),
        ("softmax", "model.filters", r"'softmax' has no setting 'model\.filters'\."),
        ("tutorial", "recipe", r"'tutorial' has no setting 'recipe'\.$"),
        ("tutorial", "model", r"'tutorial' has no setting 'model'\."),
        ("tutorial", "steps.more", r"'tutorial' has no setting 'steps\.more'\."),
        ("tutorial", "zzz", r"'tutorial' has no setting 'zzz'\.$"),
    ],
    ids=["misspelt", "table left out", "of another model", "not of softmax", "recipe", "table", "too deep", "far off"],
)
def test_an_unknown_setting_is_answered_with_the_nearest(recipe: str, key: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_recipe(recipe, {key: 1})

    assert caught.value.field == key
    assert caught.value.hint == f"List all settings with `inkproof describe {recipe} --settings`."


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("steps", 0, r"^The setting 'steps' is 0, but input should be greater than or equal to 1\.$"),
        ("steps", "many", r"^The setting 'steps' is 'many', but input should be a valid integer"),
        ("steps", 1.5, r"^The setting 'steps' is 1\.5, but input should be a valid integer"),
        ("learning_rate", 0, r"^The setting 'learning_rate' is 0, but input should be greater than 0\.$"),
        ("learning_rate", "nan", r"^The setting 'learning_rate' is 'nan', but input should be a finite number\.$"),
        ("learning_rate", "inf", r"^The setting 'learning_rate' is 'inf', but input should be a finite number\.$"),
        ("batch_size", -1, r"^The setting 'batch_size' is -1, but"),
        ("seed", 2**32, r"^The setting 'seed' is 4294967296, but input should be less than 4294967296\.$"),
        ("optimizer", "adamw", r"^The setting 'optimizer' is 'adamw', but input should be 'adam' or 'sgd'\.$"),
        ("hold_out", -1, r"^The setting 'hold_out' is -1, but"),
        ("model.filters", 0, r"^The setting 'model\.filters' is 0, but"),
        ("model.hidden_activation", "tanh", r"'model\.hidden_activation' is 'tanh', but input should be 'linear' or"),
    ],
    ids=[
        "no steps", "text", "fraction", "no rate", "nan", "infinite", "negative", "seed of 33 bits", "choice",
        "negative held out", "nested", "nested choice",
    ],
)  # fmt: skip
def test_a_value_out_of_its_limits_is_answered_with_value_and_limit(key: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_recipe("tutorial", {key: value})

    assert caught.value.field == key
    assert caught.value.hint == f"{key}: {setting_field(key).description}"


def test_a_configuration_cannot_be_changed_once_made() -> None:
    config = load_recipe("tutorial")

    with pytest.raises(ValidationError, match="frozen"):
        config.steps = 1  # type: ignore[misc]


@pytest.mark.parametrize("recipe", recipe_names())
def test_toml_gives_back_the_same_configuration(recipe: str) -> None:
    config = load_recipe(recipe, {"seed": 3, "learning_rate": 0.1234})

    assert Config.from_toml(config.as_toml()) == config


@given(
    steps=st.integers(1, 100_000_000),
    learning_rate=st.floats(0, 1000, exclude_min=True),
    seed=st.integers(0, 2**32 - 1),
    dropout=st.floats(0, 1, exclude_max=True),
)
def test_toml_gives_back_any_value_within_its_limits(
    steps: int, learning_rate: float, seed: int, dropout: float
) -> None:
    changes = {"steps": steps, "learning_rate": learning_rate, "seed": seed, "model.dropout": dropout}
    config = load_recipe("deep", changes)

    assert Config.from_toml(config.as_toml()) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps = = 3", r"^The configuration is not TOML: .+\.$"),
        ("", r"^The setting 'recipe' is \{\}, but field required\.$"),
        ('recipe = "x"\nsteps = 1\n', r"^The setting 'model' is .+, but field required\.$"),
        ('recipe = "x"\nlerning_rate = 1\n[model]\nname = "tutorial"\n', r"Did you mean 'learning_rate'\?$"),
        ('recipe = "x"\n[model]\nname = "resnet"\n', r"^The setting 'model' is .+'resnet'"),
        ('recipe = "x"\n[model]\nname = "tutorial"\nfilters = "many"\n', r"^The setting 'model\.filters' is 'many'"),
    ],
    ids=["not toml", "empty", "no model", "unknown setting", "unknown model", "nested"],
)
def test_a_damaged_configuration_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.from_toml(text)


def test_flat_names_are_the_names_that_can_be_set() -> None:
    for recipe in recipe_names():
        config = load_recipe(recipe)
        assert sorted(config.as_flat_dict()) == sorted(setting_names(config.model.name))


@pytest.mark.parametrize("name", [name for name in setting_names() if name != "model.name"])
def test_every_setting_explains_itself_in_a_sentence(name: str) -> None:
    description = setting_field(name).description

    assert description, name
    assert description.endswith("."), name


@pytest.mark.parametrize("recipe", recipe_names())
def test_every_recipe_says_what_it_is_in_a_sentence(recipe: str) -> None:
    sentence = recipe_sentence(recipe)

    assert sentence.endswith(".")
    assert not sentence.startswith("#")


def test_load_recipe_takes_another_architecture_and_its_settings_in_any_order() -> None:
    # when
    config = load_recipe("tutorial", {"model.dropout": "0.2", "model.name": "deep"})

    # then
    assert config.model.name == "deep"
    assert config.as_flat_dict()["model.dropout"] == 0.2
