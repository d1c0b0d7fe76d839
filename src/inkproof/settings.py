"""Every setting as data: what a form, a table or a page of reference draws it from. Derived from `config` alone."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from inkproof.config import Config, setting_field, setting_names

Kind = Literal["integer", "number", "boolean", "choice", "text", "list"]

# Units end a name.
_UNITS = ("seconds", "degrees", "pixels", "px", "ms")
_KINDS: dict[Any, Kind] = {int: "integer", float: "number", bool: "boolean", str: "text"}
_MODEL = "model.name"


@dataclass(frozen=True)
class Setting:
    """What is known of one setting.

    Args:
        name: Its dotted name, such as `model.filters`.
        model: The architecture that has it; None for all.
        kind: What its values are: `integer`, `number`, `boolean`, one of `choices`, `text`, or a `list`.
        default: Its value where neither recipe nor user says one; None if there is no default.
        is_optional: Whether it may be left empty.
        minimum: The lowest value allowed, or None.
        maximum: The highest value allowed, or None.
        excludes_minimum: Whether the value must lie above the minimum.
        excludes_maximum: Whether the value must lie below the maximum.
        choices: All values that a `choice` may have.
        unit: The unit of its values, such as `seconds`, or None.
        help: What it is, in a sentence or two.
    """

    name: str
    model: str | None
    kind: Kind
    default: Any
    is_optional: bool
    minimum: float | None
    maximum: float | None
    excludes_minimum: bool
    excludes_maximum: bool
    choices: tuple[str, ...]
    unit: str | None
    help: str

    @property
    def limits(self) -> str:
        """Its limits or choices in a few signs: `≥ 1, ≤ 1,024`."""
        if self.choices:
            return ", ".join(self.choices)
        low, high = (">" if self.excludes_minimum else "≥"), ("<" if self.excludes_maximum else "≤")
        limits = [(low, self.minimum), (high, self.maximum)]
        return ", ".join(f"{sign} {limit:,}" for sign, limit in limits if limit is not None)


def model_names() -> list[str]:
    """Names of all architectures.

    >>> "tutorial" in model_names()
    True
    """
    annotation = Config.model_fields["model"].annotation
    classes = get_args(annotation) or (annotation,)
    return [str(option.model_fields["name"].default) for option in classes]


def list_settings() -> list[Setting]:
    """All settings in the order in which they are defined; one of an architecture's once for each that has it."""
    general = [name for name in setting_names() if not name.startswith("model.")]
    described = [describe_setting(name) for name in general if name != "recipe"]
    described.append(describe_setting(_MODEL))
    for model in model_names():
        own = [name for name in setting_names(model) if name.startswith("model.") and name != _MODEL]
        described += [describe_setting(name, model) for name in own]
    return described


def describe_setting(name: str, model: str | None = None) -> Setting:
    """What is known of one setting.

    Args:
        name: Its dotted name.
        model: Whose it is, for a setting that architectures have each for themselves.

    >>> describe_setting("model.filters", "tutorial").limits
    '≥ 1, ≤ 1,024'
    """
    field: FieldInfo = setting_field(name, model)
    kind, choices, is_optional = _read_type(field.annotation)
    if name == _MODEL:
        kind, choices = "choice", tuple(model_names())
    limits = {
        sign: getattr(rule, sign)
        for rule in field.metadata
        for sign in ("ge", "gt", "le", "lt")
        if getattr(rule, sign, None) is not None
    }
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return Setting(
        name=name,
        model=model,
        kind=kind,
        default=None if field.is_required() or name == _MODEL else field.get_default(call_default_factory=True),
        is_optional=is_optional,
        minimum=limits.get("ge", limits.get("gt")),
        maximum=limits.get("le", limits.get("lt")),
        excludes_minimum="gt" in limits,
        excludes_maximum="lt" in limits,
        choices=choices,
        unit=str(extra["unit"]) if "unit" in extra else next((unit for unit in _UNITS if _ends(name, unit)), None),
        help=field.description or "The architecture.",
    )


def _ends(name: str, unit: str) -> bool:
    return name.endswith(f"_{unit}")


def _read_type(annotation: Any) -> tuple[Kind, tuple[str, ...], bool]:
    """What the values of a type are, their choices, and whether there may be none."""
    if get_origin(annotation) in (Union, types.UnionType):
        others = [option for option in get_args(annotation) if option is not type(None)]
        kind, choices, _ = _read_type(others[0])
        return kind, choices, len(others) < len(get_args(annotation))
    if get_origin(annotation) is Literal:
        return "choice", tuple(str(choice) for choice in get_args(annotation)), False
    if get_origin(annotation) in (list, tuple):
        return "list", (), False
    return _KINDS.get(annotation, "text"), (), False
