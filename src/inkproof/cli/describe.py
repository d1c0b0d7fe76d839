"""`inkproof describe`: a recipe's network layer by layer, or all of its settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkproof import settings
from inkproof.cli.console import out
from inkproof.cli.options import Json
from inkproof.config import Config, load_recipe, recipe_names, recipe_sentence

if TYPE_CHECKING:
    from inkproof.models.describe import LayerDescription


def describe(
    recipe: Annotated[str | None, typer.Argument(help="The recipe; without one, all are listed.")] = None,
    settings: Annotated[bool, typer.Option("--settings", help="List all settings with their values.")] = False,
    as_json: Json = False,
) -> None:
    """Explain a recipe's network, or list its settings.

    Without a recipe, all of them are listed.
    """
    if recipe is None:
        _list_recipes(as_json)
        return
    config = load_recipe(recipe)
    if settings:
        _list_settings(config, as_json)
    else:
        _describe_layers(config, as_json)


def _list_recipes(as_json: bool) -> None:
    sentences = {name: recipe_sentence(name) for name in recipe_names()}
    if as_json:
        typer.echo(json.dumps(sentences, ensure_ascii=False, indent=2))
        return
    for name, sentence in sentences.items():
        out.print(f"[bold]{name:<10}[/] {sentence}", soft_wrap=True)
    out.print("\nMore of one: `inkproof describe tutorial`.")


def _list_settings(config: Config, as_json: bool) -> None:
    facts = {
        name: describe_setting(name, value, config.model.name)
        for name, value in config.as_flat_dict().items()
        if name != "recipe"
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("what it is")
    for name, fact in facts.items():
        limits = f" [{fact['limits']}]" if fact["limits"] else ""
        table.add_row(name, str(fact["value"]), Text(f"{fact['help']}{limits}"))
    out.print(table)
    out.print("\nChange any of them with `--set NAME=VALUE`.")


def describe_setting(name: str, value: Any, model: str) -> dict[str, Any]:
    """A setting in words: its value, its limits or choices, what it is."""
    setting = settings.describe_setting(name, model)
    return {"value": value, "help": setting.help, "limits": setting.limits}


def _describe_layers(config: Config, as_json: bool) -> None:
    from inkproof import models
    from inkproof.data import load
    from inkproof.models.describe import describe_layers

    dataset = load(config.dataset)
    model = models.build(config.model, dataset.image_shape, len(dataset.classes), config.seed)
    layers = describe_layers(model)
    if as_json:
        typer.echo(json.dumps([vars(layer) for layer in layers], ensure_ascii=False, indent=2))
        return
    out.print(f"[bold]{config.recipe}[/]: {recipe_sentence(config.recipe)}", soft_wrap=True)
    _print_layers(layers, dataset.image_shape)
    out.print(
        f"It learns with {config.optimizer}, learning rate {config.learning_rate:g}, "
        f"{config.steps:,} steps of {config.batch_size} images.",
        soft_wrap=True,
    )


def _print_layers(layers: list[LayerDescription], image_shape: tuple[int, ...]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    parameters = sum(layer.num_parameters for layer in layers)
    work = sum(layer.num_multiplications for layer in layers) or 1
    table = Table(box=SIMPLE_HEAD, show_footer=True)
    table.add_column("layer", "all", no_wrap=True)
    table.add_column("output", no_wrap=True)
    table.add_column("parameters", f"{parameters:,}", justify="right", no_wrap=True)
    table.add_column("work", "100 %", justify="right", no_wrap=True)
    table.add_column("what it does", f"{work / 1e6:,.1f} million multiplications for an image")
    table.add_row("[dim]image[/]", _by(image_shape), "", "", "Each pixel is a number from 0 (paper) to 1 (ink).")
    for layer in layers:
        share = layer.num_multiplications / work
        table.add_row(
            layer.name,
            _by(layer.output_shape),
            f"{layer.num_parameters:,}" if layer.num_parameters else "",
            f"{share:.0%}".replace("%", " %") if share >= 0.005 else ("< 1 %" if share else ""),
            layer.sentence,
        )
    out.print(table)


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(f"{size:,}" for size in shape)
