"""The recipes of the tutorial's networks hold the numbers of the tutorial."""

from __future__ import annotations

from typing import Any

import pytest

from inkproof.config import load_recipe, recipe_names
from inkproof.data import names

TUTORIAL: dict[str, dict[str, Any]] = {
    "tutorial": {
        "optimizer": "adam", "learning_rate": 0.0001, "steps": 2000, "batch_size": 100,
        "model.name": "tutorial", "model.filters": 64, "model.hidden_units": 1024, "model.hidden_activation": "linear",
    },
    "softmax": {
        "optimizer": "sgd", "learning_rate": 0.5, "steps": 1000, "batch_size": 100, "model.name": "softmax",
    },
    "deep": {
        "optimizer": "adam", "learning_rate": 0.0001, "steps": 20_000, "batch_size": 50,
        "model.name": "deep", "model.filters": 32, "model.hidden_units": 1024, "model.dropout": 0.5,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TUTORIAL)
def test_a_network_of_the_tutorial_has_the_tutorials_numbers(name: str) -> None:
    settings = load_recipe(name).as_flat_dict()

    assert {key: settings[key] for key in TUTORIAL[name]} == TUTORIAL[name]
    assert settings["dataset"] == "mnist"
    assert settings["hold_out"] == 0


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_whole_and_learns_from_a_set_of_the_catalogue(name: str) -> None:
    config = load_recipe(name)

    assert config.recipe == name
    assert config.dataset in names()


def test_the_three_networks_of_the_tutorial_are_there() -> None:
    assert TUTORIAL.keys() <= set(recipe_names())
