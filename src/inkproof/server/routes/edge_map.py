"""Edge maps: a drawing moved to every place where it still fits the frame."""

from __future__ import annotations

from fastapi import APIRouter

from inkproof.server import answering
from inkproof.server.schemas import EdgeMapRequest, EdgeMapResponse
from inkproof.server.state import State

router = APIRouter(tags=["answers"])


@router.post("/edge-map")
def map_edges(body: EdgeMapRequest, state: State) -> EdgeMapResponse:
    """Ask up to 8 networks about a drawing at every place where its ink still fits the frame uncut.

    Offsets count from where the drawing is, in pixels of the network's images. The body may have up to 4 MiB.
    """
    return answering.map_drawing(state, body)
