"""Centring drawings as the digits of MNIST were centred. Works on arrays; reads no files.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition,
1998: the digits were scaled to fit a 20×20 box keeping their proportions, with grey levels from the
antialiasing, then shifted so that their centre of mass came to the middle of a 28×28 field.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.errors import ImageShapeError
from inkproof.ink.scale import scale_by_area

MNIST_SIDE, MNIST_BOX = 28, 20


def centre_by_mass(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shift a drawing so that its ink is balanced around the middle of the frame.

    The digits of MNIST were placed this way (LeCun et al. 1998), so a network trained on them expects
    it. As there, the shift is by whole pixels: the centre of mass comes to within half a pixel of row
    height // 2 and column width // 2 (in MNIST it lies between 13.5 and 14.5, 14.0 on average).

    Args:
        image: One drawing, shape (height, width), uint8; 0 is paper, 255 is ink.

    Returns:
        A new array of the same shape and dtype. Ink pushed over an edge is lost. A drawing without ink
        comes back as an equal copy.

    Raises:
        ImageShapeError: If `image` is not of two dimensions or not uint8.

    Example:
        >>> centre_by_mass(np.array([[255, 0, 0], [0, 0, 0], [0, 0, 0]], dtype=np.uint8))
        array([[  0,   0,   0],
               [  0, 255,   0],
               [  0,   0,   0]], dtype=uint8)
    """
    _check_drawing(image)
    mass = image.sum(dtype=np.float64)
    if mass == 0:
        return image.copy()
    height, width = image.shape
    row = image.sum(axis=1, dtype=np.float64) @ np.arange(height) / mass
    column = image.sum(axis=0, dtype=np.float64) @ np.arange(width) / mass
    # floor(… + ½), not round(): round() goes to even numbers, which would tear equal drawings apart
    down, right = int(np.floor(height // 2 - row + 0.5)), int(np.floor(width // 2 - column + 0.5))
    return _place(image, height, width, down, right)


def fit_to_box(
    image: NDArray[np.uint8], box: int = MNIST_BOX, *, frame: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """Scale a drawing so that its ink just fits a square box in the middle of the frame.

    The ink is cropped, scaled keeping its proportions so that its longer side is `box` (averaging by area
    where it shrinks), and put into the middle. Ink that already fits is moved, not changed.

    Args:
        image: One drawing, shape (h, w), uint8; 0 is paper, anything else counts as ink.
        box: The side of the box in pixels, from 1 to the frame's shorter side.
        frame: Height and width of the result; None takes those of `image`.

    Returns:
        A new array of shape `frame`, uint8. A drawing without ink gives an empty frame.

    Raises:
        ImageShapeError: If `image` is not of two dimensions or not uint8, or the box does not fit the frame.

    Example:
        >>> drawing = np.zeros((100, 100), dtype=np.uint8)
        >>> drawing[10:90, 5:25] = 255  # 80 high, 20 wide
        >>> fitted = fit_to_box(drawing, frame=(28, 28))
        >>> int(fitted.any(axis=1).sum()), int(fitted.any(axis=0).sum())
        (20, 5)
    """
    _check_drawing(image)
    height, width = frame or image.shape
    if not 1 <= box <= min(height, width):
        raise ImageShapeError(
            f"A box of {box} pixels came for a frame of {height} × {width}; 1 to {min(height, width)} was expected."
        )
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    if not len(rows):
        return np.zeros((height, width), dtype=np.uint8)
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = box / max(ink.shape)
    new_height, new_width = (max(1, round(side * scale)) for side in ink.shape)
    scaled = np.rint(scale_by_area(ink.astype(np.float32), new_height, new_width)).astype(np.uint8)
    return _place(scaled, height, width, (height - new_height) // 2, (width - new_width) // 2)


def centre_as_mnist(images: NDArray[np.uint8], *, frame: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Scale and centre drawings as MNIST was made: a 20×20 box, then the centre of mass to the middle.

    In a frame of another size than 28×28 the box keeps its share of the shorter side, 20/28.

    Args:
        images: Drawings, shape (n, h, w) or (n, h, w, 1), uint8; 0 is paper, 255 is ink.
        frame: Height and width of the results; None takes those of `images`.

    Returns:
        New drawings, shape (n, height, width) or (n, height, width, 1), uint8. No images give no images;
        a drawing without ink gives an empty frame.

    Raises:
        ImageShapeError: If `images` has another shape or dtype; colour images cannot be centred.

    Example:
        >>> centre_as_mnist(np.zeros((3, 56, 56, 1), dtype=np.uint8), frame=(28, 28)).shape
        (3, 28, 28, 1)
    """
    if images.dtype != np.uint8 or not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 1)):
        raise ImageShapeError(
            f"Drawings of shape {images.shape} and type {images.dtype} came; "
            "(n, height, width) or (n, height, width, 1) and uint8 was expected.",
            "Colour images cannot be centred: they have no paper.",
        )
    height, width = frame or images.shape[1:3]
    box = max(1, round(min(height, width) * MNIST_BOX / MNIST_SIDE))
    centred = np.empty((len(images), height, width, *images.shape[3:]), dtype=np.uint8)
    for index, image in enumerate(images):
        drawing = image.reshape(image.shape[:2])
        fitted = centre_by_mass(fit_to_box(drawing, box, frame=(height, width)))
        centred[index] = fitted.reshape(centred.shape[1:])
    return centred


def _check_drawing(image: NDArray[Any]) -> None:
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ImageShapeError(
            f"A drawing of shape {image.shape} and type {image.dtype} came; (height, width) and uint8 was expected.",
            "For one image of shape (height, width, 1), pass image[:, :, 0].",
        )


def _place(image: NDArray[np.uint8], height: int, width: int, down: int, right: int) -> NDArray[np.uint8]:
    """Put an image into an empty frame, its first pixel at (down, right); what lies outside is lost."""
    placed = np.zeros((height, width), dtype=np.uint8)
    top, left = max(down, 0), max(right, 0)
    bottom, end = min(down + image.shape[0], height), min(right + image.shape[1], width)
    if top < bottom and left < end:
        placed[top:bottom, left:end] = image[top - down : bottom - down, left - right : end - right]
    return placed
