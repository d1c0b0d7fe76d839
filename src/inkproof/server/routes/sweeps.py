"""Sweeps: begun, stopped, resumed, extended, and what they found."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from inkproof.server.state import OWNER_ONLY, State
from inkproof.server.sweep_schemas import DeletedSweep, SweepRequest, SweepResume, Sweeps, SweepView

router = APIRouter(prefix="/sweeps", tags=["sweeps"])


@router.get("")
def get_sweeps(state: State) -> Sweeps:
    """List all sweeps, newest first, and tell whether one can be carried out here."""
    return state.sweeps.view_all()


@router.post("", status_code=201, dependencies=[OWNER_ONLY])
def start_sweep(body: SweepRequest, state: State) -> SweepView:
    """Begin a sweep. It goes on while the server is gone. `field` of an error is the part at fault.

    Its trials are runs like any other: while one is trained, the queue counts it among its trainings.
    """
    return state.sweeps.describe(state.sweeps.start(body))


@router.get("/{sweep}")
def get_sweep(sweep: str, state: State) -> SweepView:
    """Tell how far a sweep is, its trials, which settings mattered, and whether the best is better than the recipe."""
    return state.sweeps.describe(sweep)


@router.get(
    "/{sweep}/trials.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_trials_csv(sweep: str, state: State) -> Response:
    """Give the trials as CSV, a line each: number, settings by dotted name, status, accuracy, steps, seconds, runs."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{_quote(sweep)}-trials.csv"}
    return Response(state.sweeps.tabulate(sweep), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{sweep}/stop", dependencies=[OWNER_ONLY])
def stop_sweep(sweep: str, state: State) -> SweepView:
    """Ask a sweep to end; trainings at hand end with a checkpoint. It can be resumed.

    That takes a moment; until then the sweep is `running` with `is_stopping`.
    """
    state.sweeps.stop(sweep)
    return state.sweeps.describe(sweep)


@router.post("/{sweep}/resume", dependencies=[OWNER_ONLY])
def resume_sweep(sweep: str, body: SweepResume, state: State) -> SweepView:
    """Let a sweep go on that was stopped or died, or give one more trials."""
    state.sweeps.resume(sweep, body.trials)
    return state.sweeps.describe(sweep)


@router.delete("/{sweep}", dependencies=[OWNER_ONLY])
def delete_sweep(
    sweep: str,
    state: State,
    runs: Annotated[bool, Query(description="Whether its runs go into the trash, kept for a day.")] = False,
) -> DeletedSweep:
    """Delete a sweep's record; its runs stay, unless they are to go too."""
    return DeletedSweep(name=sweep, runs=state.sweeps.delete(sweep, with_runs=runs))


def _quote(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
