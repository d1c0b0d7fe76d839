"""The sample sheet: what kind of file comes out, for grey and colour, for few and many classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkproof.data import Dataset, Split, draw_sample_sheet
from inkproof.errors import UsageError


def make_dataset(num_classes: int, channels: int) -> Dataset:
    labels = np.repeat(np.arange(num_classes), 3)
    images = np.full((len(labels), 12, 16, channels), 200, dtype=np.uint8)
    split = Split(images, labels.astype(np.int64))
    return Dataset("made", "Made up", tuple(f"class {i}" for i in range(num_classes)), split, split, "", "By nobody.")


@pytest.mark.parametrize(("num_classes", "channels"), [(2, 1), (30, 3)], ids=["grey, few", "colour, many"])
def test_a_sheet_is_drawn_for_any_kind_of_set(tmp_path: Path, num_classes: int, channels: int) -> None:
    path = tmp_path / "sheet.png"

    draw_sample_sheet(make_dataset(num_classes, channels), path)

    with Image.open(path) as picture:
        assert picture.format == "PNG"
        pixels = np.asarray(picture.convert("L"))
    drawn = 55 if channels == 1 else 200  # grey images are drawn as dark ink on white paper
    assert np.count_nonzero(pixels == drawn) > 1000 * num_classes


def test_an_unknown_ending_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sheet\.jpg'; a name ending in \.png, \.pdf, \.svg was expected"):
        draw_sample_sheet(make_dataset(2, 1), tmp_path / "sheet.jpg")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written: No such file or directory"):
        draw_sample_sheet(make_dataset(2, 1), tmp_path / "nowhere" / "sheet.png")
