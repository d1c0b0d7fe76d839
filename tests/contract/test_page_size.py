"""What a browser fetches before somebody can draw stays small: a class shares one line."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import inkproof

STATIC = Path(inkproof.__file__).parent / "server" / "static"
MOST_BYTES = 100_000


def test_the_page_can_draw_after_a_hundred_kilobytes() -> None:
    page = (STATIC / "index.html").read_text("utf-8")

    files = re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)

    assert any(file.endswith(".js") for file in files)
    assert sum(len(gzip.compress((STATIC / file).read_bytes())) for file in files) < MOST_BYTES
