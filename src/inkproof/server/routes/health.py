"""Whether the server is there, and what stands beside it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from inkproof import __version__
from inkproof.server.schemas import Health, TensorBoard
from inkproof.server.security import ROLE_KEY, host_name, is_loopback
from inkproof.server.state import ServerState, State

router = APIRouter(tags=["health"])


@router.get("/health")
def get_health(request: Request, state: State) -> Health:
    """Tell that the server is there, and where TensorBoard is."""
    url = tensorboard_url(request, state)
    problem = state.tensorboard.problem
    if state.tensorboard.url and url is None:
        problem = "TensorBoard runs on the server's own machine and can be opened only there."
    return Health(
        version=__version__,
        tensorboard=TensorBoard(url=url, problem=problem),
        runs_dir=str(state.runs_dir.absolute()),
        can_train=request.scope.get(ROLE_KEY) == "owner" and state.can_train(),
        training_problem=state.trainings.problem,
    )


def tensorboard_url(request: Request, state: ServerState) -> str | None:
    """TensorBoard's address for this asker: it listens on loopback only, so others cannot open it."""
    return state.tensorboard.url if is_local(request) else None


def is_local(request: Request) -> bool:
    """Whether the server was asked under a name that only its own machine knows it by."""
    asked = host_name(request.headers.get("host", ""))
    return asked is not None and is_loopback(asked)
