"""What is wrong with a network, and where: measured by asking it. Trains nothing, draws no pages."""

from __future__ import annotations

from inkproof.diagnosis.edge_map import EdgeMap, Offsets, find_offsets, map_edges

__all__ = ["EdgeMap", "Offsets", "find_offsets", "map_edges"]
