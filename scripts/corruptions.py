"""Make docs/pictures/corruptions.png anew: every kind of corruption in its five severities, on the same digits.

python scripts/corruptions.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkproof.data import load
from inkproof.diagnosis.corruptions import KINDS, SEVERITIES, corrupt

FILE = Path(__file__).parent.parent / "docs" / "pictures" / "corruptions.png"
SCALE, GAP, LABEL, COLUMNS = 2, 4, 108, 2
DIGITS = (3, 2)  # test images: a 0 and a 1, one round and one thin


def main(file: Path = FILE) -> None:
    digits = load("mnist").test.images[list(DIGITS), :, :, 0]
    cell = digits.shape[1] * SCALE + GAP
    rows = -(-len(KINDS) // COLUMNS)
    width = LABEL + cell * len(SEVERITIES) * len(DIGITS) + 3 * GAP
    sheet = Image.new("L", (width * COLUMNS, rows * cell + GAP), 255)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, kind in enumerate(KINDS):
        left, top = number // rows * width + GAP, number % rows * cell + GAP
        draw.text((left, top + cell / 2 - 12), kind.replace("_", " "), fill=0, font=font)
        for severity in SEVERITIES:
            for which, image in enumerate(corrupt(digits, kind, severity, 5)):
                picture = Image.fromarray(np.repeat(np.repeat(image, SCALE, 0), SCALE, 1))
                column = which * len(SEVERITIES) + severity - 1
                sheet.paste(picture, (left + LABEL + column * cell + which * 2 * GAP, top))
    sheet.save(file, optimize=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
