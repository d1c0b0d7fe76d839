"""A line of `metrics.jsonl`, whoever wrote it and however it ended: a measurement, or nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

from inkproof.runs.record import MAX_COUNT

# NaN and Infinity are no JSON, and no measurement either.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


def parse_row(line: str) -> dict[str, float | None] | None:
    """The measurement of a line; what is not a finite number is None. None for a line that a crash cut or damaged.

    Example:
        >>> parse_row('{"step": 10, "loss": NaN}'), parse_row('{"step": 10, "lo')
        ({'step': 10, 'loss': None}, None)
    """
    try:
        row = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
    if not is_measurement(row):
        return None
    return {name: value if is_number(value) else None for name, value in row.items()}


def is_measurement(row: Any) -> bool:
    """Whether a line, read as JSON, says at which step something was measured."""
    return isinstance(row, dict) and type(row.get("step")) is int and 0 <= row["step"] <= MAX_COUNT


def is_number(value: Any) -> bool:
    """Whether a value, read as JSON, is a number that a float can hold."""
    return isinstance(value, int | float) and abs(value) <= sys.float_info.max
