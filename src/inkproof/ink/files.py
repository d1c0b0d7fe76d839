"""Image files read as drawings: 0 is paper, 255 is ink. Trusts no file; knows nothing about networks.

A picture of any size and kind becomes ink in four steps, of which none stretches the contrast:

1. **Grey.** The file is turned upright (EXIF) and made grey; transparent means paper.
2. **Polarity.** The paper is the usual brightness along the border; the ink lies on the side of
   it where the brightness goes further. A caller may say which side instead.
3. **Paper to 0.** Brightness is taken relative to the paper, as the eye does: grey paper in a photo
   becomes 0, black ink stays 255, grey ink stays grey. Where the paper is not of one colour, uneven light
   is evened out first; where it is noisy or the file is lossy (JPEG, WebP), what differs from the paper
   no more than the noise does is paper too.
4. **Fit.** The picture is scaled to fit the frame, keeping its proportions, by exact averages over area;
   the rest of the frame is paper. Only on request is the ink centred as in MNIST.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from inkproof.errors import BlankImageError, ImageFileError, ImageShapeError, UsageError
from inkproof.ink.centre import centre_as_mnist
from inkproof.ink.light import even_out_light
from inkproof.ink.scale import scale_by_area

Polarity = Literal["dark-on-light", "light-on-dark"]
PolarityChoice = Literal["auto", "dark-on-light", "light-on-dark"]

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
MAX_PIXELS = 50_000_000  # a phone's photo has 12 to 48 million; decoded in colour this takes 150 MB

_FORMATS_HINT = "Save it as PNG or JPEG and try again."
_LOSSY_FORMATS = {"JPEG", "MPO", "WEBP"}
_LOSSY_TOLERANCE = 12.0  # of 255: what JPEG at quality 75 leaves around strokes on white paper
_NOISE_DEVIATIONS = 5.0  # standard deviations of the paper's noise; one pixel in two million goes further
_MIN_CONTRAST = 16.0  # of 255: less cannot be told from an empty page
_MAX_NEEDED_CONTRAST = 64.0  # of 255: more is ink however restless the border is, as in a picture cropped tight
_ONE_COLOUR_FRACTION = 1 / 3  # of the border in one level: in photos with noise of σ = 2 it is a fifth
_WORKING_SIDE = 512  # larger pictures are first reduced to between one and two times this


@dataclass(frozen=True)
class ReadImage:
    """An image file as a network takes it.

    Attributes:
        array: Shape (height, width, channels), uint8. With one channel, 0 is paper and 255 is ink; with
            three, red, green and blue as in the file.
        polarity: `dark-on-light` or `light-on-dark`, as it was read; None for colour.
        polarity_detected: Whether the polarity was found in the picture rather than given.
    """

    array: NDArray[np.uint8]
    polarity: Polarity | None
    polarity_detected: bool


def read_image(
    path: Path,
    shape: tuple[int, int, int],
    *,
    polarity: PolarityChoice = "auto",
    centre: bool = False,
) -> ReadImage:
    """Read an image file as ink on paper, in the shape that a network takes.

    The module's head says how. For three channels the picture is only scaled to fit, on black.

    Args:
        path: A PNG, JPEG, GIF (its first frame), BMP or WebP file, of at most 50 million pixels.
        shape: Height, width and channels of the result; one channel for ink, three for colour.
        polarity: `auto` finds it in the picture; `dark-on-light` and `light-on-dark` say it.
        centre: Whether to place the ink as MNIST does (see `centre_as_mnist`); for one channel only.

    Returns:
        The image and the polarity that it was read with.

    Raises:
        ImageFileError: If the file is missing, a folder, no image, broken, cut short or too large.
        BlankImageError: If there is no ink.
        ImageShapeError: If `shape` has neither one nor three channels.
        UsageError: If `polarity` is none of the three, or colour is to be centred.
    """
    return _read(path, path, shape, polarity, centre)


def read_image_bytes(
    content: bytes,
    shape: tuple[int, int, int],
    *,
    name: str = "image",
    polarity: PolarityChoice = "auto",
    centre: bool = False,
) -> ReadImage:
    """Read an image file that is in memory, as `read_image` reads one on the disk.

    Args:
        content: The bytes of the file.
        shape: As in `read_image`.
        name: What to call it in errors.
        polarity: As in `read_image`.
        centre: As in `read_image`.

    Returns:
        The image and the polarity that it was read with.

    Raises:
        ImageFileError: If it is no image, broken, cut short or too large.
        BlankImageError: If there is no ink.
        ImageShapeError: If `shape` has neither one nor three channels.
        UsageError: If `polarity` is none of the three, or colour is to be centred.
    """
    return _read(io.BytesIO(content), Path(name), shape, polarity, centre)


def _read(
    source: Path | io.BytesIO, path: Path, shape: tuple[int, int, int], polarity: PolarityChoice, centre: bool
) -> ReadImage:
    """Read a file or its bytes; `path` is what errors call it."""
    if polarity not in get_args(PolarityChoice):
        raise UsageError(
            f"The polarity '{polarity}' came; one of {', '.join(get_args(PolarityChoice))} was expected.",
            field="polarity",
        )
    height, width, channels = shape
    if channels not in (1, 3):
        raise ImageShapeError(f"An image of {channels} channels was asked for; 1 (grey) or 3 (colour) was expected.")
    if centre and channels == 3:
        raise UsageError(
            "A colour image cannot be centred by its ink, for it has none.", "Leave centring out.", field="centre"
        )
    picture, is_lossy = _open(source, path)
    if channels == 3:
        colour = np.asarray(_over_white(picture), dtype=np.float32)  # (h, w, 3)
        return ReadImage(_fit(colour, height, width), None, polarity_detected=False)
    ink, found = _find_ink(path, _to_grey(picture, polarity), polarity, is_lossy)
    if centre:
        working = np.rint(ink).astype(np.uint8)
        array = centre_as_mnist(working[np.newaxis, :, :, np.newaxis], frame=(height, width))[0]  # (height, width, 1)
    else:
        array = _fit(ink[:, :, np.newaxis], height, width)
    if not array.any():
        raise BlankImageError(
            f"The image '{path}' has ink too thin or too pale to be seen at {height} × {width} pixels.",
            "Draw with a thicker pen, or crop the picture to the drawing.",
        )
    return ReadImage(array, found, polarity_detected=polarity == "auto")


def _open(source: Path | io.BytesIO, path: Path) -> tuple[Image.Image, bool]:
    """Decode a file, upright and at most twice the working size; and whether its format is lossy."""
    if source is path and path.is_dir():
        raise ImageFileError(f"'{path}' is a folder; an image file was expected.", f"Name its files: {path}/*.png")
    try:
        # Pillow only warns of pictures between 89 and 179 million pixels; here they are too large anyway
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(source, formats=FORMATS)  # reads the header only
    except FileNotFoundError:
        raise ImageFileError(
            f"There is no file '{path}'; an image file was expected.", "Check the spelling of the name."
        ) from None
    except UnidentifiedImageError as error:
        raise ImageFileError(
            f"The file '{path}' is not an image, or not of a kind that is read; "
            "PNG, JPEG, GIF, BMP or WebP was expected.",
            _FORMATS_HINT,
        ) from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(path, "more than 89 million pixels") from error
    except Exception as error:
        raise _broken(path, error) from error
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_large(path, f"{image.width:,} × {image.height:,} pixels")
        is_lossy = image.format in _LOSSY_FORMATS
        try:
            image.draft(None, (2 * _WORKING_SIDE, 2 * _WORKING_SIDE))  # a JPEG is decoded at no more than twice that
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _reduce(upright), is_lossy
        except Exception as error:  # damaged data lets decoders raise almost anything
            raise _broken(path, error) from error


def _too_large(path: Path, size: str) -> ImageFileError:
    return ImageFileError(
        f"The image '{path}' has {size}; at most {MAX_PIXELS // 1_000_000} million pixels are decoded.",
        "Scale or crop it to the drawing: a few hundred pixels a side are plenty.",
    )


def _broken(path: Path, error: Exception) -> ImageFileError:
    reason = str(error).rstrip(".") or type(error).__name__
    return ImageFileError(
        f"The image '{path}' is broken or cut short: {reason}; a whole image was expected.", _FORMATS_HINT
    )


def _reduce(image: Image.Image) -> Image.Image:
    """The picture in one of the modes L, RGB and RGBA, a large one reduced by a whole factor (exact means)."""
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow's own conversion would cut them off at 255
        deep = np.asarray(image).astype(np.float32)
        image = Image.fromarray(np.rint(deep * (255 / 65535)).clip(0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode in ("1", "L"):
        image = image.convert("L")
    else:
        image = image.convert("RGB")
    factor = max(1, max(image.size) // _WORKING_SIDE)
    return image.reduce(min(factor, *image.size)) if factor > 1 else image


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _to_grey(image: Image.Image, polarity: PolarityChoice) -> NDArray[np.float32]:
    """The picture's brightness, shape (h, w), 0 black to 255 white; what is transparent has the paper's."""
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    if image.mode != "RGBA":
        return grey
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / np.float32(255)
    paper = _paper_under(grey, alpha, polarity)
    over: NDArray[np.float32] = (grey * alpha + paper * (1 - alpha)).astype(np.float32)
    return over


def _paper_under(grey: NDArray[np.float32], alpha: NDArray[np.float32], polarity: PolarityChoice) -> float:
    """The brightness to lay under a transparent picture."""
    if polarity != "auto":
        return 255.0 if polarity == "dark-on-light" else 0.0
    visible = grey[alpha > 0.5]
    if not visible.size:
        visible = grey[alpha > 0] if (alpha > 0).any() else np.zeros(1, dtype=np.float32)
    dark, middle, light = np.percentile(visible, (2, 50, 98))
    if light - dark > 96:
        return float(middle)  # both ink and paper are there, as on a card with round corners: more of its paper
    return 255.0 if middle < 128 else 0.0  # all of it is ink: whatever is its opposite


def _find_ink(
    path: Path, grey: NDArray[np.float32], polarity: PolarityChoice, is_lossy: bool
) -> tuple[NDArray[np.float32], Polarity]:
    """Ink, shape (h, w), 0 paper to 255 ink, and the polarity of the picture."""
    grey, paper, noise = _find_paper(grey)
    darker, lighter = paper - float(grey.min()), float(grey.max()) - paper
    found: Polarity = "dark-on-light" if darker >= lighter else "light-on-dark"
    if polarity not in ("auto", found):  # the border is ink, says the caller: paper is the other end
        found = cast("Polarity", polarity)
        paper = float(grey.max() if found == "dark-on-light" else grey.min())
    # brightness relative to the paper: grey / paper is the share of the light that the page throws back
    gain = 255 / max(paper if found == "dark-on-light" else 255 - paper, 1)
    ink = np.clip((paper - grey if found == "dark-on-light" else grey - paper) * gain, 0, 255)
    tolerance = gain * max(_NOISE_DEVIATIONS * noise, _LOSSY_TOLERANCE if is_lossy else 0)
    contrast = float(ink.max())
    needed = max(_MIN_CONTRAST, min(tolerance, _MAX_NEEDED_CONTRAST))
    if contrast < needed:
        raise BlankImageError(
            f"The image '{path}' is blank: all of it is within {contrast:.0f} of 255 levels of its paper, "
            f"{needed:.0f} or more were expected somewhere.",
            "Draw something on it; for a pale photo, use a darker pen or more light.",
        )
    ink[ink < min(tolerance, contrast / 3)] = 0
    return ink.astype(np.float32), found


def _find_paper(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, float]:
    """The picture in even light, the brightness of its paper, and the standard deviation of the paper's noise."""
    border = _border(grey)
    counts = np.bincount(np.rint(border).astype(np.int64))
    if counts.max() >= _ONE_COLOUR_FRACTION * len(border):  # drawn, not photographed: nothing to even out
        return grey, float(counts.argmax()), 0.0
    evened = even_out_light(grey)
    border = _border(evened)
    paper = float(np.median(border))
    deviation = float(np.median(np.abs(border - paper)))  # the median, which ink at the border cannot spoil
    # 1.4826 turns it into a standard deviation; half a level more, for it was measured in whole levels
    return evened, paper, 1.4826 * (deviation + 0.5)


def _border(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The brightness along the four edges, one thirty-second of the shorter side deep."""
    depth = max(1, min(grey.shape) // 32)
    sides = (grey[:depth], grey[-depth:], grey[:, :depth], grey[:, -depth:])
    return np.concatenate([side.ravel() for side in sides])


def _fit(image: NDArray[np.float32], height: int, width: int) -> NDArray[np.uint8]:
    """Scale (h, w, channels) to fit the frame, keeping proportions, in the middle of zeros."""
    scale = min(height / image.shape[0], width / image.shape[1])
    new_height, new_width = (max(1, round(side * scale)) for side in image.shape[:2])
    top, left = (height - new_height) // 2, (width - new_width) // 2
    framed = np.zeros((height, width, image.shape[2]), dtype=np.uint8)
    scaled = scale_by_area(image, new_height, new_width)  # (new_height, new_width, channels)
    framed[top : top + new_height, left : left + new_width] = np.rint(scaled)
    return framed
