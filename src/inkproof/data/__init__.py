"""The data sets: what they are, and their images as arrays. Knows nothing about networks or drawings."""

from __future__ import annotations

from inkproof.data.catalogue import Dataset, Split, hold_out, load, names
from inkproof.data.picture import draw_sample_sheet

__all__ = ["Dataset", "Split", "draw_sample_sheet", "hold_out", "load", "names"]
