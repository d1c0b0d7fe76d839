"""Image files, read as `inkproof predict` reads them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from inkproof.errors import ImageFileError
from inkproof.ink.files import PolarityChoice, read_image_bytes
from inkproof.server.answering import encode
from inkproof.server.schemas import NetworkChoice, ReadImageResponse
from inkproof.server.state import ServerState, State

router = APIRouter(tags=["images"])

_TYPES = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The bytes of an image file, up to 16 MiB.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES},
    }
}


@router.post("/read-image", openapi_extra=_BODY)
async def read_image(
    request: Request,
    state: State,
    run: Annotated[str, Query(min_length=1, max_length=80, description="A run: its network says the shape.")],
    polarity: Annotated[PolarityChoice, Query(description="What is ink; found in the picture by `auto`.")] = "auto",
) -> ReadImageResponse:
    """Read an image file as ink on paper, in the shape that a run's network takes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/"):
        # A form of another site can send text/plain and forms, but no image.
        raise HTTPException(415, f"The content type '{kind[:80]}' came; one of {', '.join(_TYPES)} was expected")
    content = await request.body()
    return await run_in_threadpool(_read, state, run, content, polarity)


def _read(state: ServerState, run: str, content: bytes, polarity: PolarityChoice) -> ReadImageResponse:
    network = state.load(NetworkChoice(run=run))
    try:
        image = read_image_bytes(content, network.image_shape, name="the image sent", polarity=polarity)
    except ImageFileError as error:
        error.field = "body"
        raise
    height, width, channels = image.array.shape
    return ReadImageResponse(
        height=height,
        width=width,
        channels=channels,
        pixels=encode(image.array),
        polarity=image.polarity,
        polarity_detected=image.polarity_detected,
    )
