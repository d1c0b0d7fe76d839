"""What the proof suites measured of a run, measuring more, and the test images behind the figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from inkproof.runs import open_run
from inkproof.server.evaluation_schemas import AnsweredImages, EvaluationJobs, EvaluationRequest, RunEvaluation
from inkproof.server.state import OWNER_ONLY, State

router = APIRouter(tags=["evaluations"])

_ClassIndex = Annotated[int | None, Query(ge=0, le=10**6, description="Index of a class; any class if left out.")]


@router.get("/evaluations")
def get_evaluations(state: State) -> EvaluationJobs:
    """Tell what is being measured, how far it is, and what waits."""
    return EvaluationJobs(jobs=state.evaluations.jobs)


@router.get("/runs/{run}/evaluation")
def get_evaluation(run: str, state: State) -> RunEvaluation:
    """Tell what the proof suites measured of a run's finished network."""
    return state.proofs.describe(open_run(run, state.runs_dir))


@router.post("/runs/{run}/evaluation", status_code=202, dependencies=[OWNER_ONLY])
def start_evaluation(run: str, body: EvaluationRequest, state: State) -> EvaluationJobs:
    """Measure suites of a run, when those asked for before are done. What was measured is not measured again.

    Results are kept in the run's folder. An evaluation that was ended goes on where it stopped.
    """
    state.evaluations.add(run, state.proofs.choose(open_run(run, state.runs_dir), body.suites))
    return EvaluationJobs(jobs=state.evaluations.jobs)


@router.delete("/runs/{run}/evaluation", dependencies=[OWNER_ONLY])
def stop_evaluation(run: str, state: State) -> EvaluationJobs:
    """Measure nothing more of a run. What was answered so far is kept, and measuring goes on from there."""
    state.evaluations.cancel(open_run(run, state.runs_dir).name)
    return EvaluationJobs(jobs=state.evaluations.jobs)


@router.get("/runs/{run}/test-images")
def get_test_images(
    run: str,
    state: State,
    label: _ClassIndex = None,
    answer: _ClassIndex = None,
    offset: Annotated[int, Query(ge=0, le=10**9, description="How many to pass over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many to give at most.")] = 24,
) -> AnsweredImages:
    """Show test images by their class and by what the run's network takes them for, the most confident first.

    With a label and an answer it is one cell of the confusion matrix. The first question takes up to a few seconds.
    """
    found = open_run(run, state.runs_dir)
    return state.proofs.find_images(found, label=label, answer=answer, offset=offset, limit=limit)
