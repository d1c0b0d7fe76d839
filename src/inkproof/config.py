"""Every setting of a training: type, default, unit, limits, help. The only place where they stand.

The command line, the page's form, the reference page and the checks are all derived from here. Order:
what the user says, then the recipe, then the default. Recipes are TOML and never executed.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inkproof.errors import ConfigError, UnknownRecipeError

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover
    import tomli as tomllib


class Settings(BaseModel):
    """A table of settings that knows its names and cannot be changed once made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)


class TutorialModel(Settings):
    """Convolution, two poolings, two dense layers: the network of the tutorial."""

    name: Literal["tutorial"] = "tutorial"
    filters: int = Field(64, ge=1, le=1024, description="Filters of the convolution.")
    hidden_units: int = Field(1024, ge=1, le=16_384, description="Units of the hidden dense layer.")
    hidden_activation: Literal["linear", "relu"] = Field(
        "linear",
        description="Activation of the hidden dense layer. The tutorial has none, so its two dense layers are one "
        "linear map; 'relu' makes the second one count.",
    )


class SoftmaxModel(Settings):
    """One dense layer from pixels to classes, starting from zeros."""

    name: Literal["softmax"] = "softmax"


class DeepModel(Settings):
    """Two convolutions with pooling, a hidden layer with ReLU, dropout."""

    name: Literal["deep"] = "deep"
    filters: int = Field(
        32, ge=1, le=1024, description="Filters of the first convolution; the second has twice as many."
    )
    hidden_units: int = Field(1024, ge=1, le=16_384, description="Units of the hidden dense layer.")
    dropout: float = Field(
        0.5, ge=0, lt=1, description="Share of hidden units left out at random in each training step."
    )


class FastModel(Settings):
    """Three strided convolutions with batch normalisation, one dense layer."""

    name: Literal["fast"] = "fast"
    filters: int = Field(
        16, ge=1, le=1024, description="Filters of the first convolution; the others have two and four times as many."
    )


class AllConvolutionalModel(Settings):
    """Convolutions with batch normalisation in three stages, the mean over all places at the end."""

    name: Literal["all_convolutional"] = "all_convolutional"
    filters: int = Field(
        32, ge=1, le=1024, description="Filters of the first stage; the others have two and four times as many."
    )
    depth: int = Field(2, ge=1, le=16, description="Convolutions in each of the three stages.")


Model = Annotated[
    TutorialModel | SoftmaxModel | DeepModel | FastModel | AllConvolutionalModel, Field(discriminator="name")
]


Schedule = Literal["constant", "one_cycle"]
Augmentation = Literal["none", "geometric", "full"]


class Beginning(Settings):
    """The first steps of a fork, as the run that it was forked from took them: all that may be otherwise afterwards."""

    last_step: int = Field(ge=1)
    steps: int
    learning_rate: float
    schedule: Schedule
    label_smoothing: float
    augmentation: Augmentation
    batch_size: int


class Config(Settings):
    """The whole configuration of one training."""

    recipe: str = Field(description="The recipe that these settings started from.")
    dataset: str = Field("mnist", description="The data set to learn from; `inkproof data` describes it.")
    hold_out: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Training images set aside, the same ones for every seed, to choose settings by. The network "
        "does not learn from them, and accuracy is then measured on them and not on the test images.",
    )
    optimizer: Literal["adam", "sgd"] = Field("adam", description="Rule by which gradients change the weights.")
    learning_rate: float = Field(0.0001, gt=0, le=1000, description="Size of each change of the weights.")
    schedule: Schedule = Field(
        "constant",
        description="How the learning rate goes: always the same, or 'one_cycle': up to it during the first fifth of "
        "the steps, then down to zero at the last, which makes fewer steps do.",
    )
    beta_1: float = Field(0.9, ge=0, lt=1, description="Adam: how much of the average of past gradients is kept.")
    beta_2: float = Field(
        0.999, ge=0, lt=1, description="Adam: how much of the average of past squared gradients is kept."
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the wanted probability that is spread evenly over all classes, so that no answer need "
        "be driven to certainty.",
    )
    augmentation: Augmentation = Field(
        "none",
        description="How training images are changed anew each time they are seen: not at all; 'geometric': moved over "
        "the whole frame, turned, scaled, sheared, bent, drawn thicker or thinner; 'full': that, and other light, "
        "contrast, polarity, noise, blur and things in the way.",
    )
    steps: int = Field(2000, ge=1, le=100_000_000, description="Batches to learn from.")
    batch_size: int = Field(100, ge=1, le=65_536, description="Images in one batch.")
    seed: int = Field(
        0, ge=0, lt=2**32, description="Start of the random numbers: initial weights, order of images, dropout."
    )
    tensorboard: bool = Field(True, description="Write event files for TensorBoard.")
    checkpoint_steps: int = Field(
        100, ge=1, le=1_000_000, description="A checkpoint is written at least every so many steps."
    )
    checkpoint_seconds: float = Field(
        10.0, gt=0, le=86_400, description="A checkpoint is written at least every so many seconds."
    )
    model: Model = Field(description="The architecture and its own settings.")
    # Not a setting that anybody sets: `runs/fork.py` writes it.
    beginnings: tuple[Beginning, ...] = Field((), description="Of a fork: its first steps, the earliest first.")

    @property
    def forked_at(self) -> int:
        """The step from which a fork goes on by its own settings; 0 for any other training."""
        return self.beginnings[-1].last_step if self.beginnings else 0

    def during(self, beginning: Beginning) -> Config:
        """The settings that hold during a beginning of this fork: those of the fork that it was then."""
        earlier = tuple(one for one in self.beginnings if one.last_step < beginning.last_step)
        return self.model_copy(update={**beginning.model_dump(exclude={"last_step"}), "beginnings": earlier})

    def images_seen(self, step: int) -> int:
        """Images learned from by the end of a step, repetitions counted; of a fork, by each beginning's batches."""
        seen, done = 0, 0
        for beginning in self.beginnings:
            last_step = min(step, beginning.last_step)
            seen, done = seen + (last_step - done) * beginning.batch_size, last_step
        return seen + (step - done) * self.batch_size

    def changed(self, changes: Mapping[str, Any]) -> Config:
        """The same with other values by dotted name, which are given as for `load_recipe`.

        Raises:
            ConfigError: If a setting is unknown, or a value is out of its limits.
        """
        values = self._dump()
        for key, value in changes.items():
            _put(values, key, value, recipe=self.recipe)
        return _validate(values)

    def as_toml(self) -> str:
        """The configuration as TOML; `Config.from_toml` reads it back unchanged."""
        return tomli_w.dumps(self._dump())

    @classmethod
    def from_toml(cls, text: str) -> Config:
        """Read what `as_toml` wrote.

        Raises:
            ConfigError: If the text is not TOML, or holds an unknown setting or a value out of its limits.
        """
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"The configuration is not TOML: {error}.") from error
        return _validate(values)

    def as_flat_dict(self) -> dict[str, Any]:
        """All settings by dotted name, such as `model.filters`, in the order in which they are defined.

        Those of a fork's beginnings stand last: `beginnings.0.learning_rate`.
        """
        return dict(_flatten(self._dump()))

    def _dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude=None if self.beginnings else {"beginnings"})


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package, sorted."""
    folder = resources.files("inkproof") / "recipes"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_recipe(name: str, changes: Mapping[str, Any] | None = None) -> Config:
    """Read a recipe and apply changes to it.

    Args:
        name: Name of a recipe that comes with the package, such as `tutorial`.
        changes: New values by dotted name, such as `{"steps": 200, "model.hidden_activation": "relu"}`. A string
            is read as the setting's own type: `"200"` is as good as `200`.

    Raises:
        UnknownRecipeError: If there is no such recipe.
        ConfigError: If a setting is unknown, or a value is out of its limits.

    >>> load_recipe("tutorial", {"steps": "200"}).steps
    200
    """
    if name not in recipe_names():
        raise UnknownRecipeError(
            f"There is no recipe '{name}'.{_did_you_mean(name, recipe_names())}",
            f"The recipes are: {', '.join(recipe_names())}.",
            field="recipe",
        )
    text = (resources.files("inkproof") / "recipes" / f"{name}.toml").read_text("utf-8")
    values: dict[str, Any] = {"recipe": name, **tomllib.loads(text)}
    # The architecture first: which other settings there are depends on it.
    for key, value in sorted((changes or {}).items(), key=lambda change: change[0] != "model.name"):
        _put(values, key, value, recipe=name)
    return _validate(values)


def recipe_sentence(name: str) -> str:
    """The first comment line of a recipe: what it is, in a sentence."""
    text = (resources.files("inkproof") / "recipes" / f"{name}.toml").read_text("utf-8")
    return text.splitlines()[0].lstrip("# ")


def setting_names(model: str | None = None) -> list[str]:
    """Dotted names of all settings; those of one architecture only if `model` is given."""
    names = [name for name in Config.model_fields if name not in ("model", "beginnings")]
    for option in _model_classes():
        if model in (None, option.model_fields["name"].default):
            names += [f"model.{name}" for name in option.model_fields]
    return sorted(set(names), key=names.index)


def setting_field(name: str, model: str | None = None) -> Any:
    """The pydantic field behind a dotted name: its type, default, limits and help.

    Architectures may have settings of the same name; `model` says whose is meant, the first one's by default.
    """
    table, _, leaf = name.rpartition(".")
    classes = [option for option in _model_classes() if model in (None, option.model_fields["name"].default)]
    return next(option.model_fields[leaf] for option in (classes if table else [Config]) if leaf in option.model_fields)


def _model_classes() -> list[type[Settings]]:
    return [TutorialModel, SoftmaxModel, DeepModel, FastModel, AllConvolutionalModel]


def _put(values: dict[str, Any], key: str, value: Any, *, recipe: str) -> None:
    """Set one dotted key in nested tables, after checking that such a setting exists for the recipe's model."""
    known = setting_names(values.get("model", {}).get("name"))
    if key == "recipe" or key not in known:
        # The question is put without the table's name too: who writes 'filters' means 'model.filters'.
        guess = next((name for name in known if name.endswith(f".{key}")), None)
        text = f" Did you mean '{guess}'?" if guess else _did_you_mean(key, [name for name in known if name != key])
        raise ConfigError(
            f"The recipe '{recipe}' has no setting '{key}'.{text}",
            f"List all settings with `inkproof describe {recipe} --settings`.",
            field=key,
        )
    *tables, leaf = key.split(".")
    for table in tables:
        values = values.setdefault(table, {})
    values[leaf] = value


def _validate(values: Mapping[str, Any]) -> Config:
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        # A discriminated union puts the chosen model's name into the location; users do not write it.
        location = [str(part) for part in first["loc"]]
        if location[:1] == ["model"] and len(location) > 2:
            del location[1]
        name = ".".join(location)
        if first["type"] == "extra_forbidden":
            raise ConfigError(
                f"There is no setting '{name}'.{_did_you_mean(name, setting_names())}",
                "List all settings with `inkproof describe tutorial --settings`.",
                field=name,
            ) from error
        message = first["msg"][0].lower() + first["msg"][1:]
        raise ConfigError(
            f"The setting '{name}' is {first['input']!r}, but {message}.", _setting_hint(name), field=name
        ) from error


def _setting_hint(name: str) -> str | None:
    if name not in setting_names():
        return None
    return f"{name}: {setting_field(name).description}"


def _did_you_mean(word: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(word, choices, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        elif key == "beginnings":
            yield from _flatten({str(number): table for number, table in enumerate(value)}, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
