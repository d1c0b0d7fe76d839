"""Ink on paper as arrays: image files read as drawings, strokes made pixels, drawings centred. Knows no networks."""

from __future__ import annotations

from inkproof.ink.centre import centre_as_mnist, centre_by_mass, fit_to_box
from inkproof.ink.files import ReadImage, read_image, read_image_bytes
from inkproof.ink.raster import rasterise
from inkproof.ink.strokes import Drawing, PastedImage, Stroke

__all__ = [
    "Drawing",
    "PastedImage",
    "ReadImage",
    "Stroke",
    "centre_as_mnist",
    "centre_by_mass",
    "fit_to_box",
    "rasterise",
    "read_image",
    "read_image_bytes",
]
