"""Runs, and the first-layer filters of their networks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from inkproof.runs import LOGS_DIR, Trash, Trashed, check_note, open_run
from inkproof.server.distributions import read_distributions
from inkproof.server.filters import read_filters
from inkproof.server.networks import find_network
from inkproof.server.routes.health import tensorboard_url
from inkproof.server.schemas import Filters, Runs, RunView
from inkproof.server.state import OWNER_ONLY, State
from inkproof.server.training_schemas import Distributions, RunChange, RunSettings, TrashedRun, TrashView

router = APIRouter(tags=["runs"])


@router.get("/runs")
def get_runs(request: Request, state: State) -> Runs:
    """List all runs, newest first; broken folders too."""
    url = tensorboard_url(request, state)
    return Runs.model_construct(runs=state.viewer.view_all(state.trainings.index.list(), url))


@router.get("/runs/{run}")
def get_run(request: Request, run: str, state: State) -> RunView:
    """Tell about one run."""
    return state.view_run(open_run(run, state.runs_dir), tensorboard_url(request, state))


@router.patch("/runs/{run}", dependencies=[OWNER_ONLY])
def change_run(request: Request, run: str, body: RunChange, state: State) -> RunView:
    """Give a run another name, another note, or both. While it trains, its name stays."""
    opened = open_run(run, state.runs_dir)
    check_note(body.note)
    if body.name is not None:
        state.trainings.queue.rename(opened, body.name)
    if body.note is not None:
        opened.write_note(body.note)
    return state.view_run(opened, tensorboard_url(request, state))


@router.delete("/runs/{run}", dependencies=[OWNER_ONLY])
def delete_run(run: str, state: State) -> TrashedRun:
    """Delete a run that nobody is training; it can be brought back for a day. One that waits leaves the queue so."""
    return TrashedRun.model_validate(_describe(Trash(state.runs_dir).put(open_run(run, state.runs_dir))))


@router.get("/trash")
def get_trash(state: State) -> TrashView:
    """List deleted runs that can be brought back."""
    return TrashView(runs=[TrashedRun.model_validate(_describe(one)) for one in Trash(state.runs_dir).list()])


@router.post("/trash/{id}/restore", dependencies=[OWNER_ONLY])
def restore_run(request: Request, id: str, state: State) -> RunView:
    """Bring a deleted run back; with a number behind its name if that was taken meanwhile."""
    return state.view_run(Trash(state.runs_dir).restore(id), tensorboard_url(request, state))


@router.get("/runs/{run}/settings")
def get_run_settings(run: str, state: State) -> RunSettings:
    """Tell the settings of a run, as a form for another like it needs them."""
    config = open_run(run, state.runs_dir).config
    return RunSettings(run=run, recipe=config.recipe, model=config.model.name, values=config.as_flat_dict())


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


@router.get("/runs/{run}/distributions")
def get_distributions(run: str, state: State) -> Distributions:
    """Tell how weights, biases and activations of each layer were distributed as the run learned."""
    opened = open_run(run, state.runs_dir)
    return Distributions(run=run, distributions=read_distributions(opened.folder / LOGS_DIR))


def _describe(trashed: Trashed) -> dict[str, Any]:
    return {name: getattr(trashed, name) for name in TrashedRun.model_fields}
