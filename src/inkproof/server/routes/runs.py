"""Runs, and the first-layer filters of their networks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from inkproof.runs import list_one, list_runs, open_run
from inkproof.server.filters import read_filters
from inkproof.server.networks import find_network
from inkproof.server.routes.health import tensorboard_url
from inkproof.server.schemas import Filters, Runs, RunView
from inkproof.server.state import State
from inkproof.server.views import RunViewer

router = APIRouter(tags=["runs"])


@router.get("/runs")
def get_runs(request: Request, state: State) -> Runs:
    """List all runs, newest first; broken folders too."""
    viewer = RunViewer(state.networks, state.test_sets)
    url = tensorboard_url(request, state)
    return Runs(runs=[viewer.view(listed, url) for listed in list_runs(state.runs_dir)])


@router.get("/runs/{run}")
def get_run(request: Request, run: str, state: State) -> RunView:
    """Tell about one run."""
    viewer = RunViewer(state.networks, state.test_sets)
    return viewer.view(list_one(open_run(run, state.runs_dir)), tensorboard_url(request, state))


@router.get("/runs/{run}/filters")
def get_filters(
    run: str,
    state: State,
    step: Annotated[
        int | None, Query(ge=0, le=10**9, description="A step of the timeline; the newest if left out.")
    ] = None,
) -> Filters:
    """Show the weights of the first layer as pictures."""
    return read_filters(find_network(open_run(run, state.runs_dir), step))
