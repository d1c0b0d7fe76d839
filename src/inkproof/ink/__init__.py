"""Ink on paper as arrays: image files read as drawings, and drawings centred. Knows nothing about networks."""

from __future__ import annotations

from inkproof.ink.centre import centre_as_mnist, centre_by_mass, fit_to_box
from inkproof.ink.files import ReadImage, read_image

__all__ = ["ReadImage", "centre_as_mnist", "centre_by_mass", "fit_to_box", "read_image"]
