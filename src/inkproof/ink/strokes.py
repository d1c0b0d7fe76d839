"""A drawing as a person made it: strokes with pressure and time, kept as strokes. Draws no pixels.

The models here are also the API's schema of a drawing, so that what a field means stands in one place. All are
immutable; what is not a number, infinite or out of its limits is refused when one is made.
"""

from __future__ import annotations

import base64
import binascii
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

PAD_SIZE = 224.0  # the tutorial's page has a pad of 224 and a pen of 16
PEN_WIDTH = 16.0
MAX_POINTS = 20_000  # a minute and a half of a pen that reports 220 points a second
MAX_STROKES = 500
MAX_COORDINATE = 1e6
MAX_IMAGE_SIDE = 2_048

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Point = tuple[Coordinate, Coordinate, Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1e12)]]


class _Immutable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Stroke(_Immutable):
    """One movement of the pen, from touching the paper to leaving it."""

    width: float = Field(
        PEN_WIDTH,
        gt=0,
        le=MAX_COORDINATE,
        description="Width of the pen at pressure 0.5, in units of the pad; at most half of the pad. At a point it is "
        "width × (0.5 + pressure).",
    )
    erase: bool = Field(False, description="Whether the pen takes ink away instead of giving it.")
    points: tuple[Point, ...] = Field(
        max_length=MAX_POINTS,
        description="Points in the order drawn, each `[x, y, pressure, time_ms]`: x to the right and y down in units "
        "of the pad (they may lie outside of it), pressure from 0 to 1 (0.5 for a mouse), time since any moment in "
        "milliseconds. One point is a dot; none is nothing.",
    )


class PastedImage(_Immutable):
    """An image lying on the pad, below all strokes. Its pixels are squares."""

    height: int = Field(ge=1, le=MAX_IMAGE_SIDE, description="Height in pixels.")
    width: int = Field(ge=1, le=MAX_IMAGE_SIDE, description="Width in pixels.")
    channels: int = Field(ge=1, le=3, description="1 for ink, 3 for colour.", json_schema_extra={"enum": [1, 3]})
    pixels: str = Field(
        description="Base64 of uint8 [height, width, channels] in rows; with one channel 0 is paper and 255 is ink.",
        json_schema_extra={"contentEncoding": "base64"},
    )
    transform: tuple[Coordinate, Coordinate, Coordinate, Coordinate, Coordinate, Coordinate] = Field(
        description="Where the image lies, `[a, b, c, d, e, f]` as in a canvas: a place (x, y) in pixels of the image "
        "comes to (a x + c y + e, b x + d y + f) on the pad."
    )
    thickness: float = Field(
        0, ge=-64, le=64, description="How much the ink is grown (+) or thinned (−) on each side, in units of the pad."
    )

    @cached_property
    def array(self) -> NDArray[np.uint8]:
        """The pixels, shape (height, width, channels), uint8, read-only."""
        content = base64.b64decode(self.pixels)
        return np.frombuffer(content, dtype=np.uint8).reshape(self.height, self.width, self.channels)

    @model_validator(mode="after")
    def _check_pixels(self) -> PastedImage:
        if self.channels == 2:
            raise ValueError("channels is 2; 1 (ink) or 3 (colour) was expected")
        expected = self.height * self.width * self.channels
        try:
            length = len(base64.b64decode(self.pixels, validate=True))
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"pixels is not Base64: {error}") from error
        if length != expected:
            raise ValueError(f"pixels holds {length:,} bytes; height × width × channels = {expected:,} was expected")
        return self


class Drawing(_Immutable):
    """What lies on the pad: an image or none, and above it strokes in the order in which they were drawn.

    Example:
        >>> one = Drawing(strokes=[Stroke(points=[(112, 40, 0.5, 0), (112, 180, 0.5, 300)])])
        >>> one.size, one.num_points, one.moved(8, 0).strokes[0].points[0]
        (224.0, 2, (120.0, 40.0, 0.5, 0.0))
    """

    size: float = Field(
        PAD_SIZE, ge=16, le=4096, description="Side of the square pad; coordinates run from 0 to it, y downwards."
    )
    strokes: tuple[Stroke, ...] = Field((), max_length=MAX_STROKES, description="Strokes in the order drawn.")
    image: PastedImage | None = Field(None, description="An image below the strokes.")

    @property
    def num_points(self) -> int:
        """Points of all strokes together."""
        return sum(len(stroke.points) for stroke in self.strokes)

    def moved(self, right: float, down: float) -> Drawing:
        """The whole drawing moved on the pad.

        Args:
            right: How far to the right, in units of the pad.
            down: How far down, in units of the pad.

        Returns:
            A new drawing. It is not checked against the limit of coordinates again.
        """
        strokes = tuple(
            stroke.model_copy(update={"points": tuple((x + right, y + down, p, t) for x, y, p, t in stroke.points)})
            for stroke in self.strokes
        )
        image = self.image
        if image is not None:
            a, b, c, d, e, f = image.transform
            image = image.model_copy(update={"transform": (a, b, c, d, e + right, f + down)})
        return self.model_copy(update={"strokes": strokes, "image": image})

    @model_validator(mode="after")
    def _check_whole(self) -> Drawing:
        for index, stroke in enumerate(self.strokes):
            if stroke.width > self.size / 2:
                raise ValueError(
                    f"strokes[{index}].width is {stroke.width:g}; at most half of size, {self.size / 2:g}, was expected"
                )
        if self.num_points > MAX_POINTS:
            raise ValueError(f"the strokes have {self.num_points:,} points; at most {MAX_POINTS:,} were expected")
        return self


def as_array(points: tuple[Any, ...]) -> NDArray[np.float64]:
    """Points as an array of shape (n, 4), float64: x, y, pressure, time in milliseconds."""
    return np.array(points, dtype=np.float64).reshape(len(points), 4)
