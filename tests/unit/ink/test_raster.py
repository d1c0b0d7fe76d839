"""The rasteriser, against a plain count of samples and against what must hold for every drawing."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkproof.ink.raster import bounds, rasterise, rasterise_pad
from inkproof.ink.strokes import Drawing, PastedImage, Stroke

SHAPE = (28, 28, 1)


def line(*points: tuple[float, float], width: float = 16, pressure: float = 0.5, erase: bool = False) -> Stroke:
    return Stroke(width=width, erase=erase, points=tuple((x, y, pressure, 0.0) for x, y in points))


def draw(*strokes: Stroke, shape: tuple[int, int, int] = SHAPE, size: float = 224) -> np.ndarray:
    return rasterise(Drawing(strokes=strokes, size=size), shape)


def image_on_pad(
    pixels: np.ndarray, transform: tuple[float, ...] = (8, 0, 0, 8, 0, 0), thickness: float = 0
) -> Drawing:
    height, width, channels = pixels.shape
    text = base64.b64encode(pixels.tobytes()).decode()
    image = {"height": height, "width": width, "channels": channels, "pixels": text}
    return Drawing(image=PastedImage.model_validate({**image, "transform": transform, "thickness": thickness}))


def count_samples(stroke: Stroke) -> np.ndarray:
    """Share of ink of each of 28 × 28 pixels by 32 × 32 samples: slow, and too simple to be wrong."""
    places = (np.arange(28 * 32) + 0.5) / 4
    x, y = np.meshgrid(places, places)
    points = np.array(stroke.points)
    inked = np.zeros(x.shape, dtype=bool)
    for (x0, y0), (x1, y1) in zip(points[:-1, :2], points[1:, :2], strict=True):
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
        inked |= np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)) <= stroke.width / 2
    return inked.reshape(28, 32, 28, 32).mean(axis=(1, 3)) * 255


@pytest.mark.parametrize(
    "stroke",
    [
        line((112, 40), (112, 180)),
        line((30.3, 41.7), (180.2, 99.9)),
        line((60, 60), (61, 160), (170, 150), (80, 20), width=11),
        line((100, 100), (101, 103), width=3),
        line((-500, 90), (900, 130)),
    ],
    ids=["upright", "slanting", "bent", "short and thin", "from outside to outside"],
)
def test_strokes_ink_what_a_count_of_samples_finds(stroke: Stroke) -> None:
    ink = draw(stroke)[:, :, 0].astype(float)

    # 3 of 255: an edge that crosses a pixel of the pad is inked by its distance, not by its area
    np.testing.assert_allclose(ink, count_samples(stroke), atol=3)


def test_a_dot_is_a_disc_as_wide_as_the_pen() -> None:
    ink = rasterise_pad(Drawing(strokes=(line((112, 112), width=40),)))

    assert ink.sum() == pytest.approx(np.pi * 20**2, rel=0.005)
    assert ink[112, 112] == 1


def test_pressure_widens_the_stroke() -> None:
    areas = [rasterise_pad(Drawing(strokes=(line((112, 112), width=40, pressure=p),))).sum() for p in (0, 0.5, 1)]

    assert areas == pytest.approx([np.pi * 10**2, np.pi * 20**2, np.pi * 30**2], rel=0.01)


def test_the_width_runs_evenly_between_two_pressures() -> None:
    pad = rasterise_pad(Drawing(strokes=(Stroke(width=20, points=((40, 112, 0, 0), (180, 112, 1, 9))),)))

    widths = pad.sum(axis=0)[[60, 110, 160]]

    np.testing.assert_allclose(widths, 20 * (0.5 + (np.array([60.5, 110.5, 160.5]) - 40) / 140), atol=0.3)


def test_erasing_takes_only_what_was_there_before() -> None:
    across, gap = line((40, 112), (180, 112)), line((112, 112), width=40, erase=True)

    first_drawn, first_erased = draw(across, gap), draw(gap, across)

    assert first_drawn[14, 14, 0] == 0
    np.testing.assert_array_equal(first_erased, draw(across))


def test_ink_outside_of_the_pad_is_cut_off() -> None:
    assert not draw(line((-50, -50), (-20, 300)), line((1e6, 1e6), (1e6, -1e6))).any()
    assert draw(line((-4, 112)))[14, 0, 0] > 0


@pytest.mark.parametrize("strokes", [(), (Stroke(points=()),)], ids=["no strokes", "no points"])
def test_nothing_drawn_is_blank(strokes: tuple[Stroke, ...]) -> None:
    assert not draw(*strokes).any()


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (8, 8, 1), (224, 224, 1), (30, 50, 3), (300, 300, 1)])
def test_any_shape_of_a_network_can_be_drawn(shape: tuple[int, int, int]) -> None:
    image = draw(line((60, 60), (160, 160)), shape=shape)

    assert image.shape == shape
    assert image.dtype == np.uint8
    assert image.mean() == pytest.approx(draw(line((60, 60), (160, 160))).mean(), abs=1)
    np.testing.assert_array_equal(image, np.repeat(image[:, :, :1], shape[2], axis=2))


def test_a_pad_of_another_size_gives_the_same_picture() -> None:
    np.testing.assert_array_equal(
        draw(line((40, 50), (160, 170), width=16)), draw(line((80, 100), (320, 340), width=32), size=448)
    )


def test_moving_by_whole_pixels_of_the_network_moves_the_picture() -> None:
    drawing = Drawing(strokes=(line((60, 60), (100, 140), (140, 100)),))

    moved = rasterise(drawing.moved(16, 8), SHAPE)

    np.testing.assert_array_equal(moved, np.roll(rasterise(drawing, SHAPE), (1, 2), axis=(0, 1)))


def test_an_image_is_seen_as_it_is() -> None:
    pixels = np.random.RandomState(0).randint(0, 256, (28, 28, 1), dtype=np.uint8)

    np.testing.assert_array_equal(rasterise(image_on_pad(pixels), SHAPE), pixels)
    turned = rasterise(image_on_pad(pixels, (0, 8, -8, 0, 224, 0)), SHAPE)
    np.testing.assert_array_equal(turned, np.rot90(pixels, -1))


def test_a_flat_image_and_a_tiny_one_are_no_error() -> None:
    pixels = np.full((2, 2, 1), 255, dtype=np.uint8)

    assert not rasterise(image_on_pad(pixels, (0, 0, 0, 0, 5, 5)), SHAPE).any()
    assert not rasterise(image_on_pad(pixels, (1e-6, 0, 0, 1e-6, 5, 5)), SHAPE).any()


def test_colours_stay_in_a_network_of_colour_and_become_grey_in_one_of_ink() -> None:
    red = np.zeros((28, 28, 3), dtype=np.uint8)
    red[10:20, 10:20, 0] = 255

    np.testing.assert_array_equal(rasterise(image_on_pad(red), (28, 28, 3)), red)
    assert rasterise(image_on_pad(red), SHAPE)[15, 15, 0] == 76


def test_thickness_grows_and_thins_an_image_by_a_disc() -> None:
    pixels = np.zeros((28, 28, 1), dtype=np.uint8)
    pixels[10:18, 10:18] = 255  # 64 × 64 on the pad

    grown, same, thinned = (rasterise_pad(image_on_pad(pixels, thickness=t)).sum() for t in (10, 0, -10))

    assert same == 64**2
    assert grown == pytest.approx(64**2 + 4 * 64 * 10 + np.pi * 10**2, rel=0.01)
    assert thinned == pytest.approx(44**2, rel=0.01)
    half = rasterise_pad(image_on_pad(pixels, thickness=0.5)).sum()
    assert 64**2 < half < rasterise_pad(image_on_pad(pixels, thickness=1)).sum()


def test_bounds_hold_all_ink_and_nothing_more() -> None:
    drawing = Drawing(strokes=(line((-20, 30), (40, 50)), line((90, 90), erase=True)))
    assert bounds(drawing) == (-28, 22, 48, 58)

    pixels = np.zeros((28, 28, 1), dtype=np.uint8)
    pixels[3:5, 7] = 9
    assert bounds(image_on_pad(pixels, thickness=2)) == (54, 22, 66, 42)

    assert bounds(image_on_pad(np.zeros((2, 2, 1), dtype=np.uint8))) is None


coordinates = st.floats(-1e6, 1e6) | st.floats(-50, 270)
points = st.tuples(coordinates, coordinates, st.floats(0, 1), st.floats(0, 1e12))
strokes = st.builds(
    Stroke,
    width=st.floats(1e-3, 112),
    erase=st.booleans(),
    points=st.lists(points, max_size=30).map(tuple),
)


@settings(max_examples=800)
@given(st.lists(strokes, max_size=4).map(tuple))
def test_every_drawing_can_be_drawn(many: tuple[Stroke, ...]) -> None:
    drawing = Drawing(strokes=many)

    pad = rasterise_pad(drawing)

    assert np.isfinite(pad).all()
    assert 0 <= pad.min() <= pad.max() <= 1
    assert rasterise(drawing, SHAPE).shape == SHAPE


@settings(max_examples=30)
@given(strokes.filter(lambda stroke: not stroke.erase), strokes.filter(lambda stroke: not stroke.erase))
def test_the_order_of_ink_makes_no_difference_and_more_of_it_is_never_less(first: Stroke, second: Stroke) -> None:
    both = rasterise_pad(Drawing(strokes=(first, second)))

    np.testing.assert_array_equal(both, rasterise_pad(Drawing(strokes=(second, first))))
    assert (both >= rasterise_pad(Drawing(strokes=(first,)))).all()


def test_a_scribble_of_the_largest_size_ends() -> None:
    places = np.random.RandomState(0).rand(20_000, 2) * 224
    drawing = Drawing(strokes=(line(*map(tuple, places.tolist())),))

    assert rasterise(drawing, SHAPE).min() > 200
