"""Answers of networks to drawings, images and image files."""

from __future__ import annotations

from fastapi import APIRouter

from inkproof.server import answering
from inkproof.server.schemas import PredictRequest, PredictResponse
from inkproof.server.state import State

router = APIRouter(tags=["answers"])


@router.post("/predict")
def predict(body: PredictRequest, state: State) -> PredictResponse:
    """Ask up to 8 networks about up to 256 drawings, images or image files.

    A network that cannot answer has an error in the place of its answer; the others answer all the same. An input
    without ink has no answers. The body may have up to 4 MiB.
    """
    return answering.predict(state, body)
