"""The one door to Keras: sets what must be set before it is loaded, then loads it.

Everything here changes speed only, never what a network computes. Whoever has loaded TensorFlow before keeps
the settings made then.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import sys
import tempfile
from collections.abc import Iterator

# glibc's names for what `mallopt` sets (malloc.h).
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4


def _keep_big_buffers() -> None:
    """Tell glibc to keep freed memory.

    A training step frees and wants 100 MB of buffers; handing them back to the system each time costs page
    faults, a quarter of a step and more where TensorFlow's own kernels are used (docs/decisions/).
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 1 << 30)
        mallopt(_M_TOP_PAD, 64 << 20)


@contextlib.contextmanager
def _without_start_messages() -> Iterator[None]:
    """Keep TensorFlow's libraries from writing to stderr while they load; if loading fails, show what they wrote.

    They report oneDNN twice, before they have read the level set for their own log.
    """
    try:
        os.fstat(2)
    except OSError:  # a process without stderr: there is nothing to keep quiet
        yield
        return
    with tempfile.TemporaryFile() as written:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(written.fileno(), 2)
        try:
            yield
        except BaseException:
            written.seek(0)
            os.write(stderr, written.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


_keep_big_buffers()
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# oneDNN's kernels are off by default on AMD processors, where they halve a step (benchmarks/results/).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# A start without a page of log lines; errors are still shown.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Else tf2onnx copies the whole graph before each of its 15 optimisations: 600 MB for the tutorial's network.
os.environ.setdefault("TF2ONNX_CATCH_ERRORS", "FALSE")

with _without_start_messages():
    import keras

# Every training makes graphs of its own, and the fifth in a process is no sign of a mistake.
logging.getLogger("tensorflow").addFilter(lambda record: "triggered tf.function retracing" not in record.getMessage())

__all__ = ["keras"]
