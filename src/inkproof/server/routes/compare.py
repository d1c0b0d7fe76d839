"""Comparisons of runs, where two networks answer otherwise, and the images behind it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from inkproof.runs import list_runs, open_run
from inkproof.server.comparing import ImageChoice
from inkproof.server.comparison_schemas import (
    MAX_RUNS,
    AnswerTable,
    ComparisonReport,
    DoublyAnsweredImages,
    Outcome,
    RunGroups,
)
from inkproof.server.schemas import RunName
from inkproof.server.state import State

router = APIRouter(prefix="/compare", tags=["comparisons"])

_First = Annotated[RunName, Query(description="The first run.")]
_Second = Annotated[RunName, Query(description="The second run.")]
_Class = Annotated[int | None, Query(ge=0, le=10**6, description="Index of a class; any class if left out.")]


@router.get("")
def compare_runs(
    state: State,
    run: Annotated[
        list[RunName],
        Query(min_length=2, max_length=MAX_RUNS, description="Names of runs, the group of the first is the baseline."),
    ],
) -> ComparisonReport:
    """Compare runs: what differs, how well they read, what it cost, and what that proves.

    Runs that differ by nothing but their seed are one group. Where networks have to answer all images first, this
    takes some seconds; what then is still missing is told by `num_pending`.
    """
    return state.comparer.compare([open_run(name, state.runs_dir) for name in run])


@router.get("/groups")
def get_groups(state: State) -> RunGroups:
    """List all finished runs by their settings: those that differ by nothing but their seed are one group."""
    return state.comparer.list_groups(list_runs(state.runs_dir))


@router.get("/answers")
def get_answer_table(first: _First, second: _Second, state: State) -> AnswerTable:
    """Tell where two networks answer otherwise, class by class and answer by answer."""
    return state.comparer.tabulate(open_run(first, state.runs_dir), open_run(second, state.runs_dir))


@router.get("/images")
def get_compared_images(  # noqa: PLR0913 - one for each part of the query
    first: _First,
    second: _Second,
    state: State,
    label: _Class = None,
    outcome: Annotated[
        Outcome | None, Query(description="Which of both reads them right; either way if left out.")
    ] = None,
    first_answer: _Class = None,
    second_answer: _Class = None,
    offset: Annotated[int, Query(ge=0, le=10**9, description="How many to pass over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many to give at most.")] = 24,
) -> DoublyAnsweredImages:
    """Show images by their class, by who reads them right and by what they are taken for, the most confident first."""
    choice = ImageChoice(label, outcome, first_answer, second_answer)
    runs = open_run(first, state.runs_dir), open_run(second, state.runs_dir)
    return state.comparer.find_images(*runs, choice, offset=offset, limit=limit)
