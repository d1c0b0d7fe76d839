"""The space that a sweep searches: which settings, and between which values. Knows nothing of Ray or Optuna."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from inkproof.config import Config, setting_names
from inkproof.errors import SpaceError
from inkproof.settings import Setting, describe_setting

Value = int | float | str | bool

# What a trial is judged by or reported as is not searched for.
FIXED_SETTINGS = ("dataset", "hold_out", "seed", "tensorboard", "checkpoint_steps", "checkpoint_seconds")
_RANGE = re.compile(r"(?P<low>[^,:]+?)\.\.(?P<high>[^,:]+?)(?::(?P<scale>.*))?")
_EXAMPLE = "learning_rate=1e-5..1e-1:log"


class Dimension(BaseModel):
    """One setting that is searched, either among choices or in a range.

    Args:
        name: The setting's dotted name.
        choices: The values to choose from; None for a range.
        low: The lowest value of a range, included.
        high: The highest, included.
        is_log: Whether a range is searched by orders of magnitude.
        is_integer: Whether its values are whole numbers.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    choices: tuple[Value, ...] | None = None
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    is_integer: bool = False

    @property
    def ends(self) -> tuple[Value, ...]:
        """The values at which a range begins and ends, or all choices."""
        if self.choices is not None:
            return self.choices
        assert self.low is not None
        assert self.high is not None
        return (int(self.low), int(self.high)) if self.is_integer else (self.low, self.high)

    @property
    def num_values(self) -> float:
        """How many values it has; infinite for a range of real numbers."""
        if self.choices is not None:
            return len(self.choices)
        low, high = self.ends
        return int(high) - int(low) + 1 if self.is_integer else math.inf

    @property
    def values(self) -> Iterable[Value]:
        """All values where they can be counted."""
        low, high = self.ends[0], self.ends[-1]
        return range(int(low), int(high) + 1) if self.choices is None else self.choices

    @property
    def text(self) -> str:
        """As it is written behind `--space NAME=`."""
        if self.choices is not None:
            return ",".join(_write(choice) for choice in self.choices)
        low, high = (_write(end) for end in self.ends)
        return f"{low}..{high}" + (":log" if self.is_log else "")

    def holds(self, value: Any) -> bool:
        """Whether a value lies in it."""
        if self.choices is not None:
            return value in self.choices
        return isinstance(value, int | float) and self.low is not None and self.high is not None and (
            self.low <= value <= self.high
        )  # fmt: skip


def parse_space(texts: Mapping[str, str], config: Config) -> tuple[Dimension, ...]:
    """Read a space and try its ends on a configuration.

    Args:
        texts: A text for each setting: `1e-5..1e-1:log`, `16..256`, `linear,relu`.
        config: The configuration whose settings are searched.

    Raises:
        SpaceError: If there is nothing to search, or a text cannot be read.
        ConfigError: If a setting is unknown, or a value is out of its limits.
    """
    if not texts:
        raise SpaceError(
            "No space came; at least one setting to search was expected.",
            f"Write for example `--space {_EXAMPLE}`.",
            field="space",
        )
    for name, text in texts.items():
        if not isinstance(text, str):  # from Python
            values = ",".join(map(str, text)) if isinstance(text, list | tuple) else "1e-5..1e-1:log"
            raise SpaceError(
                f"The space of '{name}' is {text!r}; a text was expected, LOW..HIGH, LOW..HIGH:log or A,B,C.",
                f'Write for example {{"{name}": "{values}"}}.',
                field=f"space.{name}",
            )
    dimensions = tuple(_parse_dimension(name, text.strip(), config) for name, text in texts.items())
    _try_ends(dimensions, config)
    return dimensions


def parse_space_flags(flags: Sequence[str]) -> dict[str, str]:
    """The texts of `--space KEY=VALUES`, by setting.

    >>> parse_space_flags(["steps=100,500", "learning_rate=1e-5..1e-1:log"])
    {'steps': '100,500', 'learning_rate': '1e-5..1e-1:log'}

    Raises:
        SpaceError: If one is not of that form, or a setting comes twice.
    """
    texts: dict[str, str] = {}
    for flag in flags:
        name, equals, text = (part.strip() for part in flag.partition("="))
        if not name or not equals or not text:
            raise SpaceError(
                f"'--space {flag}' came, KEY=LOW..HIGH, KEY=LOW..HIGH:log or KEY=A,B,C was expected.",
                f"Write for example `--space {_EXAMPLE}`.",
                field="space",
            )
        if name in texts:
            raise SpaceError(f"'--space {name}' came twice; one line for each setting was expected.", field="space")
        texts[name] = text
    return texts


def _parse_dimension(name: str, text: str, config: Config) -> Dimension:
    if name in FIXED_SETTINGS:
        raise SpaceError(
            f"The setting '{name}' cannot be searched: it is no property of the network that learns.",
            f"Fix it with `--set {name}=…`; several seeds for each trial are `--seeds N`.",
            field=f"space.{name}",
        )
    if name == "model.name":
        raise SpaceError(
            "The architecture cannot be searched, for each has settings of its own.",
            "Sweep a recipe of each, and compare the best: `inkproof compare`.",
            field="space.model.name",
        )
    if name not in setting_names(config.model.name):
        config.changed({name: text})  # says that it is unknown, and what may have been meant
    setting = describe_setting(name, None if "." not in name else config.model.name)
    if "..." in text:  # of 0...5 nobody knows whether it ends at 5 or at .5
        raise SpaceError(
            f"The space '{name}={text}' has three dots; LOW..HIGH with two was expected.",
            "Write a number below one with its zero, such as 0.5.",
            field=f"space.{name}",
        )
    match = _RANGE.fullmatch(text)
    return _parse_range(setting, match, text) if match else _parse_choices(setting, text, config)


def _parse_range(setting: Setting, match: re.Match[str], text: str) -> Dimension:
    name = setting.name
    if setting.kind not in ("integer", "number"):
        raise SpaceError(
            f"The space '{name}={text}' is a range, but {name} is not a number.",
            f"Name its values: `--space {name}={','.join(setting.choices) or 'A,B'}`.",
            field=f"space.{name}",
        )
    if match["scale"] not in (None, "log"):
        raise SpaceError(
            f"The space '{name}={text}' ends in ':{match['scale']}'; ':log' or nothing was expected.",
            field=f"space.{name}",
        )
    is_integer, is_log = setting.kind == "integer", match["scale"] == "log"
    low, high = (_read_end(name, text, match[end], is_integer=is_integer) for end in ("low", "high"))
    if low >= high:
        raise SpaceError(
            f"The space '{name}={text}' does not ascend; LOW..HIGH with LOW below HIGH was expected.",
            f"Fix a single value with `--set {name}={match['low']}`.",
            field=f"space.{name}",
        )
    if is_log and low <= 0:
        above = 1 if is_integer else f"{high / 1e4:g}"
        raise SpaceError(
            f"The space '{name}={text}' begins at {match['low']}, which has no logarithm; more than 0 was expected.",
            f"Begin above it, such as `--space {name}={above}..{match['high']}:log`, or leave ':log' out.",
            field=f"space.{name}",
        )
    return Dimension(name=name, low=low, high=high, is_log=is_log, is_integer=is_integer)


def _read_end(name: str, text: str, end: str, *, is_integer: bool) -> float:
    try:
        value = float(end)
        if not math.isfinite(value) or (is_integer and value != int(value)):
            raise ValueError
    except ValueError:
        kind = "a whole number" if is_integer else "a number"
        raise SpaceError(
            f"The space '{name}={text}' has '{end}' as an end; {kind} was expected.", field=f"space.{name}"
        ) from None
    return value


def _parse_choices(setting: Setting, text: str, config: Config) -> Dimension:
    name = setting.name
    texts = [part.strip() for part in text.split(",")]
    # Each is read as the setting's own type, and refused with its limits.
    read = [config.changed({name: part}).as_flat_dict()[name] for part in texts]
    choices = tuple(dict.fromkeys(read))
    if len(choices) < 2:
        raise SpaceError(
            f"The space '{name}={text}' holds one value; a range LOW..HIGH or several values A,B were expected.",
            f"Fix it with `--set {name}={_write(choices[0])}` instead.",
            field=f"space.{name}",
        )
    return Dimension(name=name, choices=choices, is_integer=setting.kind == "integer")


def _try_ends(dimensions: Sequence[Dimension], config: Config) -> None:
    """Refuse at once what some trial would only find out later: a range that leaves the setting's limits."""
    for dimension in dimensions:
        for end in dimension.ends:
            config.changed({dimension.name: end})


def _write(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # As short as it reads back unchanged: a sweep that goes on is compared by its space.
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
