"""Inkproof: a workbench for small image classifiers.

Names are looked up when they are first used, so that `import inkproof` loads neither Keras nor NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkproof.api import TrainedRun, open_run, resume, train

__version__ = "0.1.0"
__all__ = ["TrainedRun", "__version__", "open_run", "resume", "train"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from inkproof import api

        return getattr(api, name)
    raise AttributeError(f"module 'inkproof' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
