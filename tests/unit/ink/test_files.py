"""Image files of every kind, size and polarity, read as ink; and files that cannot be read."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from inkproof import data
from inkproof.errors import BlankImageError, ImageFileError, ImageShapeError, UsageError
from inkproof.ink import centre_as_mnist, read_image

GREY = (28, 28, 1)


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    """The first seven of the test images: 0 is paper, 255 is ink."""
    return data.load("mnist").test.images[0, :, :, 0].copy()


@pytest.fixture(scope="module")
def large(digit: np.ndarray) -> np.ndarray:
    """The same, ten times as large."""
    return digit.repeat(10, axis=0).repeat(10, axis=1)


def save(path: Path, pixels: np.ndarray | Image.Image, **options: Any) -> Path:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def with_alpha(grey: int, alpha: np.ndarray) -> np.ndarray:
    """One grey drawn in `alpha` on nothing, (h, w, 4)."""
    return np.dstack([np.full((*alpha.shape, 3), grey, dtype=np.uint8), alpha])


@pytest.mark.parametrize("ending", ["png", "bmp", "gif"])
@pytest.mark.parametrize("polarity", ["dark-on-light", "light-on-dark"])
def test_a_digit_of_mnist_comes_back_bit_for_bit(tmp_path: Path, digit: np.ndarray, ending: str, polarity: str) -> None:
    path = save(tmp_path / f"seven.{ending}", 255 - digit if polarity == "dark-on-light" else digit)

    image = read_image(path, GREY)

    assert image.array.shape == GREY
    assert image.array.dtype == np.uint8
    assert (image.polarity, image.polarity_detected) == (polarity, True)
    np.testing.assert_array_equal(image.array[:, :, 0], digit)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_every_kind_of_pixel_is_read(tmp_path: Path, large: np.ndarray, mode: str) -> None:
    light = 255 - np.where(large > 127, 255, 0).astype(np.uint8)
    if mode == "I;16":
        path = save(tmp_path / "seven.png", light.astype(np.uint16) * 257)
    else:
        path = save(tmp_path / ("seven.jpg" if mode == "CMYK" else "seven.png"), Image.fromarray(light).convert(mode))

    image = read_image(path, GREY)

    assert image.polarity == "dark-on-light"
    expected = 255 - light[::10, ::10]
    assert np.abs(image.array[:, :, 0].astype(int) - expected).max() <= (8 if mode == "CMYK" else 0)


@pytest.mark.parametrize(("ink", "polarity"), [(0, "dark-on-light"), (255, "light-on-dark")], ids=["black", "white"])
@pytest.mark.parametrize("ending", ["png", "webp"])
def test_transparent_is_paper_for_black_and_for_white_ink(
    tmp_path: Path, large: np.ndarray, ink: int, polarity: str, ending: str
) -> None:
    path = save(
        tmp_path / f"seven.{ending}", with_alpha(ink, large), **({"lossless": True} if ending == "webp" else {})
    )

    image = read_image(path, GREY)

    assert image.polarity == polarity
    assert np.abs(image.array[:, :, 0].astype(int) - large[::10, ::10]).max() <= 12


def test_a_white_card_with_transparent_corners_keeps_its_own_paper(tmp_path: Path, large: np.ndarray) -> None:
    pixels = np.dstack([255 - large, 255 - large, 255 - large, np.full_like(large, 255)])
    pixels[:20, :20, 3] = pixels[-20:, -20:, 3] = 0
    path = save(tmp_path / "card.png", pixels)

    image = read_image(path, GREY)

    assert image.polarity == "dark-on-light"
    np.testing.assert_array_equal(image.array[:, :, 0], large[::10, ::10])


def test_a_palette_with_a_transparent_colour_is_read(tmp_path: Path, large: np.ndarray) -> None:
    picture = Image.fromarray((large > 127).astype(np.uint8), mode=None).convert("P")
    picture.putpalette([0, 0, 0, 0, 0, 0])
    path = save(tmp_path / "seven.gif", picture, transparency=0)

    image = read_image(path, GREY)

    assert image.polarity == "dark-on-light"
    np.testing.assert_array_equal(image.array[:, :, 0] == 255, large[::10, ::10] > 127)


@pytest.mark.parametrize("side", [20, 28, 280, 1000, 3000])
def test_any_size_gives_the_same_drawing(tmp_path: Path, digit: np.ndarray, side: int) -> None:
    path = save(tmp_path / "seven.png", Image.fromarray(255 - digit).resize((side, side), Image.Resampling.BILINEAR))

    image = read_image(path, GREY)

    assert np.abs(image.array[:, :, 0].astype(int) - digit).mean() < 10


def test_a_wide_picture_keeps_its_proportions_between_strips_of_paper(tmp_path: Path) -> None:
    pixels = np.full((100, 200), 255, dtype=np.uint8)
    pixels[10:90, 20:180] = 0
    path = save(tmp_path / "bar.png", pixels)

    array = read_image(path, GREY).array[:, :, 0]

    assert not array[:7].any()
    assert not array[21:].any()
    assert array[14].tolist() == array[13].tolist()
    assert (array[10, 4], array[14, 0]) == (255, 0)


def test_a_drawing_is_not_centred_unless_asked(tmp_path: Path, digit: np.ndarray) -> None:
    aside = np.roll(digit, (-4, -5), axis=(0, 1))
    path = save(tmp_path / "seven.png", 255 - aside)

    as_drawn, centred = read_image(path, GREY), read_image(path, GREY, centre=True)

    np.testing.assert_array_equal(as_drawn.array[:, :, 0], aside)
    np.testing.assert_array_equal(centred.array, centre_as_mnist(aside[np.newaxis, :, :, np.newaxis])[0])
    assert not np.array_equal(centred.array, as_drawn.array)


def test_polarity_is_right_for_the_digits_of_mnist_cropped_to_their_ink(tmp_path: Path) -> None:
    num_wrong = 0
    for index, image in enumerate(data.load("mnist").test.images[:200, :, :, 0]):
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        cropped = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        light = index % 2 == 0
        path = save(tmp_path / "cropped.bmp", 255 - cropped if light else cropped)
        num_wrong += read_image(path, GREY).polarity != ("dark-on-light" if light else "light-on-dark")

    assert num_wrong <= 4  # a tight "1" may be more ink than paper all around: --polarity is for those


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_photo_as_large_as_a_phone_takes_it_is_read(tmp_path: Path, ending: str) -> None:
    pixels = np.full((3000, 4000), 240, dtype=np.uint8)
    pixels[1000:2000, 1900:2100] = 0
    path = save(tmp_path / f"large.{ending}", pixels)

    array = read_image(path, GREY).array[:, :, 0]

    assert array[14, 13:15].min() > 150
    assert np.count_nonzero(array) <= 8 * 4


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_a_lossy_file_has_clean_paper(tmp_path: Path, large: np.ndarray, ending: str) -> None:
    path = save(tmp_path / f"seven.{ending}", 255 - large, quality=60)

    image = read_image(path, GREY)

    expected = large[::10, ::10]
    assert image.array[:4].max() == 0  # far from all ink
    assert np.abs(image.array[:, :, 0].astype(int) - expected).mean() < 2


@pytest.mark.parametrize(
    ("dark_side", "light_side"), [(180, 180), (175, 190), (110, 215)], ids=["even", "mild", "strong"]
)
def test_a_photo_of_noisy_paper_in_uneven_light_has_clean_paper(
    tmp_path: Path, large: np.ndarray, dark_side: int, light_side: int
) -> None:
    paper = np.linspace(dark_side, light_side, large.shape[1])[np.newaxis, :] + np.random.RandomState(0).normal(
        0, 4, large.shape
    )
    photo = np.clip(paper * (1 - large / 255 * 0.85), 0, 255).astype(np.uint8)
    path = save(tmp_path / "photo.jpg", photo, quality=85)

    image = read_image(path, GREY)

    assert image.polarity == "dark-on-light"
    assert image.array[:4].max() == 0
    assert image.array.max() > 200


def test_grey_ink_on_white_stays_grey(tmp_path: Path, large: np.ndarray) -> None:
    path = save(tmp_path / "pencil.png", (255 - large * 0.5).astype(np.uint8))

    assert 125 <= read_image(path, GREY).array.max() <= 129


def test_the_polarity_can_be_said(tmp_path: Path, digit: np.ndarray) -> None:
    path = save(tmp_path / "seven.png", digit)

    said = read_image(path, GREY, polarity="dark-on-light")

    assert (said.polarity, said.polarity_detected) == ("dark-on-light", False)
    np.testing.assert_array_equal(said.array[:, :, 0], 255 - digit)


def test_a_photo_is_turned_upright(tmp_path: Path, large: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    path = save(tmp_path / "turned.png", np.rot90(255 - large).copy(), exif=exif)

    np.testing.assert_array_equal(read_image(path, GREY).array[:, :, 0], large[::10, ::10])


def test_the_first_frame_of_an_animation_is_read(tmp_path: Path, large: np.ndarray) -> None:
    path = tmp_path / "moving.gif"
    Image.fromarray(255 - large).save(path, save_all=True, append_images=[Image.fromarray(255 - large.T)])

    np.testing.assert_array_equal(read_image(path, GREY).array[:, :, 0], large[::10, ::10])


def test_colour_is_only_scaled_to_fit(tmp_path: Path) -> None:
    pixels = np.zeros((64, 32, 3), dtype=np.uint8)
    pixels[:32] = (255, 128, 0)
    path = save(tmp_path / "colour.png", pixels)

    image = read_image(path, (32, 32, 3))

    assert image.polarity is None
    assert image.array[0, 16].tolist() == [255, 128, 0]
    assert image.array[31, 16].tolist() == [0, 0, 0]
    assert image.array[0, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("pixels", "ending"),
    [
        (np.full((50, 50), 255, np.uint8), "png"),
        (np.zeros((50, 50), np.uint8), "png"),
        (np.full((50, 50), 120, np.uint8), "jpg"),
        (np.random.RandomState(0).normal(180, 3, (300, 300)).astype(np.uint8), "jpg"),
        (np.zeros((50, 50, 4), np.uint8), "png"),
        (np.full((1, 1), 7, np.uint8), "png"),
    ],
    ids=["white", "black", "grey", "noisy photo", "transparent", "one pixel"],
)
def test_a_blank_image_is_told(tmp_path: Path, pixels: np.ndarray, ending: str) -> None:
    path = save(tmp_path / f"blank.{ending}", pixels)

    with pytest.raises(BlankImageError, match=r"blank\.\w+' is blank: .* were expected somewhere") as caught:
        read_image(path, GREY)

    assert "Draw something" in (caught.value.hint or "")


def test_ink_too_thin_for_the_frame_is_told(tmp_path: Path) -> None:
    pixels = np.full((4000, 4000), 255, dtype=np.uint8)
    pixels[1000:1010, 1000:1010] = 0
    path = save(tmp_path / "dot.png", pixels)

    with pytest.raises(BlankImageError, match="too thin or too pale to be seen at 4 × 4 pixels"):
        read_image(path, (4, 4, 1))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"no file '.*seven\.png'; an image file was expected"):
        read_image(tmp_path / "seven.png", GREY)


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"is a folder; an image file was expected"):
        read_image(tmp_path, GREY)


@pytest.mark.parametrize("contents", [b"", b"seven", b"%PDF-1.7"], ids=["empty", "text", "pdf"])
def test_a_file_that_is_no_image_is_told(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(contents)

    with pytest.raises(ImageFileError, match=r"is not an image, .*; PNG, JPEG, GIF, BMP or WebP was expected"):
        read_image(path, GREY)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "webp"])
def test_a_file_cut_short_is_told(tmp_path: Path, large: np.ndarray, ending: str) -> None:
    path = save(tmp_path / f"seven.{ending}", 255 - large)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(ImageFileError, match=rf"seven\.{ending}' is (broken or cut short|not an image)"):
        read_image(path, GREY)


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    for side, size in ((8000, "8,000 × 8,000 pixels"), (12_000, "more than 89 million"), (60_000, "more than 89")):
        path = tmp_path / "bomb.png"
        header = struct.pack(">2I5B", side, side, 8, 0, 0, 0, 0)
        chunk = b"IHDR" + header
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
            + struct.pack(">I", 4) + b"IDAT" + bytes(8)
        )  # fmt: skip

        with pytest.raises(ImageFileError, match=rf"has {size}.*at most 50 million pixels are decoded"):
            read_image(path, GREY)


@settings(max_examples=150)
@given(ending=st.sampled_from(["png", "jpg", "gif", "bmp", "webp"]), position=st.floats(0, 1), byte=st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused_with_an_error_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, ending: str, position: float, byte: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    pixels = np.full((40, 40), 255, dtype=np.uint8)
    pixels[10:30, 15:20] = 0
    contents = bytearray(save(folder / f"damaged.{ending}", pixels).read_bytes())
    contents[min(int(position * len(contents)), len(contents) - 1)] = byte
    path = folder / f"damaged.{ending}"
    path.write_bytes(contents)

    try:
        image = read_image(path, GREY)
    except (ImageFileError, BlankImageError):
        return
    assert image.array.shape == GREY


@pytest.mark.parametrize("channels", [0, 2, 4])
def test_a_shape_of_other_channels_is_rejected(tmp_path: Path, channels: int) -> None:
    with pytest.raises(ImageShapeError, match=rf"{channels} channels was asked for; 1 \(grey\) or 3 \(colour\)"):
        read_image(tmp_path / "any.png", (28, 28, channels))


def test_an_unknown_polarity_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'negative' came; one of auto, dark-on-light, light-on-dark"):
        read_image(tmp_path / "any.png", GREY, polarity="negative")


def test_colour_cannot_be_centred(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="colour image cannot be centred"):
        read_image(tmp_path / "any.png", (32, 32, 3), centre=True)
