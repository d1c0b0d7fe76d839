"""The routes of the API, one file a topic."""

from __future__ import annotations

from fastapi import APIRouter

from inkproof.server.envelope import ERROR_RESPONSES
from inkproof.server.routes import (
    compare,
    edge_map,
    evaluations,
    examples,
    health,
    images,
    predict,
    runs,
    sweeps,
    trainings,
)

api = APIRouter(prefix="/api", responses=ERROR_RESPONSES)
for topic in (health, runs, predict, edge_map, examples, images, evaluations, trainings, sweeps, compare):
    api.include_router(topic.router)
