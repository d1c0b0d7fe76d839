"""Training a network from a configuration: `train.py` reads top to bottom."""

import inkproof.backend  # noqa: F401 - first: TensorFlow reads its settings when it is loaded
