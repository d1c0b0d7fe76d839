"""The committed description of the API is the one that the server gives, and every field of it says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from inkproof.server.__main__ import render_description
from inkproof.server.app import describe_api

FILE = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


def test_the_description_is_fresh() -> None:
    assert FILE.read_text("utf-8") == render_description(), "run: python -m inkproof.server docs/reference/openapi.json"


@pytest.mark.parametrize("name", sorted(describe_api()["components"]["schemas"]))
def test_every_message_and_field_is_described(name: str) -> None:
    schema = describe_api()["components"]["schemas"][name]

    assert schema.get("description")
    for field, value in schema.get("properties", {}).items():
        # What refers to a message, or can be one thing only, is described there.
        assert "description" in value or "$ref" in value or "const" in value, f"{name}.{field}"
