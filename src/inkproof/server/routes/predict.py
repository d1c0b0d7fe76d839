"""Answers of networks to drawings, images and image files."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from inkproof.server import answering
from inkproof.server.schemas import PredictRequest, PredictResponse
from inkproof.server.state import State

router = APIRouter(tags=["answers"])

# A drawing under somebody's pen takes a millisecond or two, less than to hand it to a thread and to wait for Python's
# lock there: with many pads at once, that halves what the server can answer.
_MOST_POINTS_AT_ONCE = 1_000


@router.post("/predict")
async def predict(body: PredictRequest, state: State) -> PredictResponse:
    """Ask up to 8 networks about up to 256 drawings, images or image files.

    A network that cannot answer has an error in the place of its answer; the others answer all the same. An input
    without ink has no answers. The body may have up to 4 MiB.
    """
    if _is_small(body):
        return answering.predict(state, body)
    return await run_in_threadpool(answering.predict, state, body)


def _is_small(body: PredictRequest) -> bool:
    drawings = body.drawings or []
    return (
        len(drawings) == 1
        and drawings[0].num_points <= _MOST_POINTS_AT_ONCE
        and not any(stroke.erase for stroke in drawings[0].strokes[16:])
    )
