"""Trainings: the form's facts, the queue, stopping and resuming, measurements as they come."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated, Any

from anyio import BrokenResourceError
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException

from inkproof.config import load_recipe, recipe_names, recipe_sentence
from inkproof.errors import InkproofError
from inkproof.runs import open_run, plan_fork
from inkproof.server.envelope import ERROR_RESPONSES
from inkproof.server.metrics import thin
from inkproof.server.routes.health import is_local, tensorboard_url
from inkproof.server.schemas import ErrorEnvelope, RunName, RunView
from inkproof.server.state import OWNER_ONLY, ServerState, State
from inkproof.server.stream import MAX_LISTENERS, Listener
from inkproof.server.training_schemas import (
    ForkRequest,
    MetricRows,
    Metrics,
    QueueOrder,
    QueueView,
    Recipes,
    RecipeView,
    SettingView,
    StreamData,
    TrainingRequest,
)
from inkproof.settings import list_settings

router = APIRouter(tags=["trainings"])

_MAX_RUNS = 100
_RunNames = Annotated[list[RunName], Query(max_length=_MAX_RUNS)]
_Points = Annotated[
    int | None,
    Query(
        ge=2,
        le=10**6,
        description="About so many rows of each run, evenly spread, with every one in which an accuracy was measured; "
        "all if left out.",
    ),
]


@router.get("/recipes")
def get_recipes() -> Recipes:
    """List the recipes and describe every setting: all that a form for a new training needs."""
    recipes = []
    for name in recipe_names():
        config = load_recipe(name)
        values = config.as_flat_dict()
        sentence = recipe_sentence(name)
        recipes.append(RecipeView(name=name, sentence=sentence, model=config.model.name, values=values))
    settings = [
        SettingView(**{"type": setting.kind} | {name: getattr(setting, name) for name in _SETTING_FACTS})
        for setting in list_settings()
    ]
    return Recipes(recipes=recipes, settings=settings)


_SETTING_FACTS = SettingView.model_fields.keys() - {"type"}


@router.post("/trainings", status_code=201, dependencies=[OWNER_ONLY])
def queue_training(request: Request, body: TrainingRequest, state: State) -> RunView:
    """Queue a training. It begins at once if there is room. `field` of an error is the setting at fault."""
    config = load_recipe(body.recipe, body.changes)
    run = state.trainings.queue.enqueue(config, body.name, body.note)
    state.trainings.wake()
    return state.view_run(run, tensorboard_url(request, state))


@router.post("/runs/{run}/fork", status_code=201, dependencies=[OWNER_ONLY])
def fork_run(request: Request, run: str, body: ForkRequest, state: State) -> RunView:
    """Queue a fork: a training that begins as a run did, up to a step, and goes on with other settings.

    The steps before are replayed. `field` of an error is the setting at fault, or `step`.
    """
    planned = plan_fork(open_run(run, state.runs_dir), body.step, body.changes)
    fork = state.trainings.queue.enqueue_fork(planned, body.name, body.note)
    state.trainings.wake()
    return state.view_run(fork, tensorboard_url(request, state))


@router.get("/queue")
def get_queue(state: State) -> QueueView:
    """Tell what is being trained, and what waits."""
    return state.view_queue()


@router.put("/queue", dependencies=[OWNER_ONLY])
def order_queue(body: QueueOrder, state: State) -> QueueView:
    """Put the queue into another order."""
    state.trainings.queue.reorder(body.waiting)
    return state.view_queue()


@router.post("/runs/{run}/stop", dependencies=[OWNER_ONLY])
def stop_run(request: Request, run: str, state: State) -> RunView:
    """Ask a training to end with a checkpoint, or take a run out of the queue. It can be resumed.

    A training takes a moment to end; until then the run is `running` with `is_stopping`.
    """
    opened = open_run(run, state.runs_dir)
    opened.stop(wait=False)
    state.trainings.wake()
    return state.view_run(opened, tensorboard_url(request, state))


@router.post("/runs/{run}/resume", dependencies=[OWNER_ONLY])
def resume_run(request: Request, run: str, state: State) -> RunView:
    """Queue a run that was interrupted or failed, to go on from its last checkpoint."""
    opened = open_run(run, state.runs_dir)
    state.trainings.queue.add(opened)
    state.trainings.wake()
    return state.view_run(opened, tensorboard_url(request, state))


@router.get("/runs/{run}/metrics", response_model=MetricRows)
def get_run_metrics(run: str, state: State, points: _Points = None) -> Response:
    """Give the measurements of a run as columns."""
    return _as_json(_read_rows(state, run, points))


@router.get("/metrics", response_model=Metrics)
def get_metrics(run: _RunNames, state: State, points: _Points = None) -> Response:
    """Give the measurements of up to 100 runs as columns. Runs that there are not are left out."""
    found = []
    for name in dict.fromkeys(run):
        try:
            found.append(_read_rows(state, name, points))
        except InkproofError:
            continue
    return _as_json(Metrics.model_construct(runs=found))


# The stream is no JSON, but its errors are.
_ENVELOPE = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorEnvelope.__name__}"}}}
_STREAM_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": response["description"], "content": _ENVELOPE}
    for status, response in {**ERROR_RESPONSES, 503: {"description": "Too many listen already."}}.items()
}


async def _listen(
    state: State,
    run: Annotated[
        list[RunName] | None,
        Query(max_length=_MAX_RUNS, description="Runs whose measurements are wanted; all if none."),
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=100, description="The id of the last event known.")] = None,
) -> AsyncIterator[Listener]:
    if state.stream.num_listeners >= MAX_LISTENERS:
        raise HTTPException(503, f"{MAX_LISTENERS} others listen already, which is the most; close a page somewhere")
    listener = Listener(frozenset(run or ()))
    try:
        async with state.stream.listen(listener, last_event_id):
            yield listener
    except Exception as error:
        # Of who goes away while events are on their way, FastAPI (0.165) raises what it could not hand over.
        if not all(isinstance(each, BrokenResourceError) for each in getattr(error, "exceptions", (error,))):
            raise


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses=_STREAM_ERRORS,
)
async def stream_events(
    request: Request, state: State, listener: Annotated[Listener, Depends(_listen, scope="request")]
) -> AsyncIterable[StreamData]:
    """Tell what happens to runs, as server-sent events: `reset`, `run`, `removed`, `metrics`, `queue`.

    `reset` comes first, and after a gap: load runs, queue and metrics anew. Who comes again with `Last-Event-ID` is
    told what was missed.
    """
    view = 0 if is_local(request) else 1
    while (event := await listener.events.get()) is not None:
        yield ServerSentEvent(event=event.kind, raw_data=event.data[view], id=state.stream.id_of(event))  # type: ignore[misc]


def _read_rows(state: ServerState, name: str, points: int | None) -> MetricRows:
    rows, _ = state.metrics.read(open_run(name, state.runs_dir))
    return rows if points is None else thin(rows, points)


def _as_json(message: MetricRows | Metrics) -> Response:
    # Written as it is: to check half a million numbers again would take seconds.
    return Response(message.model_dump_json(), media_type="application/json")
