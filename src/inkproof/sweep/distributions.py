"""The searched settings as Optuna names them. Loads Optuna only when asked."""

from __future__ import annotations

from typing import Any

from inkproof.sweep.space import Dimension


def make_distribution(dimension: Dimension) -> Any:
    """The values of one setting as an Optuna distribution."""
    from optuna import distributions

    if dimension.choices is not None:
        return distributions.CategoricalDistribution(dimension.choices)
    low, high = dimension.ends
    if dimension.is_integer:
        return distributions.IntDistribution(int(low), int(high), log=dimension.is_log)
    return distributions.FloatDistribution(float(low), float(high), log=dimension.is_log)
