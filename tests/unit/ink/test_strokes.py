"""Drawings as strokes: what is taken and what is refused."""

from __future__ import annotations

import base64
import math

import pytest
from pydantic import ValidationError

from inkproof.ink.strokes import MAX_POINTS, Drawing, PastedImage, Stroke


def image_of(content: bytes, **changes: object) -> dict[str, object]:
    text = base64.b64encode(content).decode()
    return {"height": 2, "width": 2, "channels": 1, "pixels": text, "transform": [8, 0, 0, 8, 0, 0], **changes}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2e6], ids=str)
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_point_that_is_no_number_or_out_of_its_limits_is_refused(place: int, value: float) -> None:
    point = [1.0, 1.0, 0.5, 0.0]
    point[place] = value
    if place == 3 and value == 2e6:  # half an hour is a time
        value = point[3] = -1.0

    with pytest.raises(ValidationError, match=rf"points.0.{place}"):
        Stroke.model_validate({"points": [point]})


def test_a_pen_wider_than_half_of_the_pad_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"strokes\[1\].width is 113; at most half of size, 112, was expected"):
        Drawing.model_validate({"strokes": [{"points": []}, {"width": 113, "points": []}]})


def test_more_points_than_the_limit_are_refused_together() -> None:
    points = [(0.0, 0.0, 0.5, 0.0)] * (MAX_POINTS // 2 + 1)

    with pytest.raises(ValidationError, match="the strokes have 20,002 points; at most 20,000 were expected"):
        Drawing(strokes=(Stroke(points=tuple(points)), Stroke(points=tuple(points))))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (image_of(bytes(3)), "pixels holds 3 bytes; height × width × channels = 4 was expected"),
        (image_of(bytes(4), pixels="é"), "pixels is not Base64"),
        (image_of(bytes(8), channels=2), r"channels is 2; 1 \(ink\) or 3 \(colour\) was expected"),
        (image_of(bytes(4), height=0), "greater than or equal to 1"),
    ],
    ids=["length", "base64", "channels", "height"],
)
def test_an_image_that_does_not_hold_what_it_says_is_refused(image: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PastedImage.model_validate(image)


def test_a_drawing_cannot_be_changed() -> None:
    drawing = Drawing()

    with pytest.raises(ValidationError, match="frozen"):
        drawing.size = 10


def test_moved_moves_strokes_and_image() -> None:
    image = PastedImage.model_validate(image_of(bytes(4)))
    drawing = Drawing(strokes=(Stroke(points=((1, 2, 0.5, 0),)),), image=image)

    moved = drawing.moved(8, -16)

    assert moved.strokes[0].points == ((9, -14, 0.5, 0),)
    assert moved.image is not None
    assert moved.image.transform == (8, 0, 0, 8, 8, -16)
    assert drawing.strokes[0].points == ((1, 2, 0.5, 0),)
