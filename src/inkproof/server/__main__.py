"""`python -m inkproof.server FILE` writes the API's OpenAPI description into a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from inkproof.server.app import describe_api


def render_description() -> str:
    """The description as `docs/reference/openapi.json` holds it."""
    return json.dumps(describe_api(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_description(), encoding="utf-8")
