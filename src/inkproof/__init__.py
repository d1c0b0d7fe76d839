"""Inkproof: a workbench for small image classifiers.

Names are looked up when they are first used, so that `import inkproof` loads neither Keras nor NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkproof.api import TrainedRun, compare, enqueue, evaluate, fork, open_run, resume, train
    from inkproof.series import Series, train_seeds
    from inkproof.sweep.interface import run_sweep

__version__ = "0.1.0"
_MODULES = {
    "api": ("TrainedRun", "compare", "enqueue", "evaluate", "fork", "open_run", "resume", "train"),
    "series": ("Series", "train_seeds"),
    "sweep.interface": ("run_sweep",),
}
__all__ = [
    "Series",
    "TrainedRun",
    "__version__",
    "compare",
    "enqueue",
    "evaluate",
    "fork",
    "open_run",
    "resume",
    "run_sweep",
    "train",
    "train_seeds",
]


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"inkproof.{module}"), name)
    raise AttributeError(f"module 'inkproof' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
