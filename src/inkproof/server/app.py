"""The application: which parts there are and how they hang together. Wiring only."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from inkproof import __version__
from inkproof.runs import RunIndex
from inkproof.server import docs
from inkproof.server.envelope import install_handlers
from inkproof.server.pages import STATIC_DIR, Pages
from inkproof.server.routes import api
from inkproof.server.security import Access, BodyLimit, Gate, SecurityHeaders
from inkproof.server.state import ServerState
from inkproof.server.tensorboard import TensorBoard
from inkproof.server.trainings import Trainings

_DESCRIPTION = """Answers of small image classifiers to drawings, and what is known about their trainings.

Every error has the same shape, `{"error": {"code", "message", "hint", "field"}}`. Arrays of pixels travel as Base64 of
uint8 in rows; 0 is paper and 255 is ink."""


def create_app(state: ServerState, access: Access | None = None, static_dir: Path = STATIC_DIR) -> ASGIApp:
    """The whole server as an ASGI application.

    Args:
        state: What all requests share. It is started and closed with the application.
        access: Who may ask; by default everybody on this machine.
        static_dir: The folder of the built page.
    """
    app = create_api()
    app.state.inkproof = state
    app.router.default = Pages(static_dir)
    # From the outside in. Outside of the application itself, so that its answer to the unforeseen is covered too.
    return SecurityHeaders(Gate(BodyLimit(app), access or Access()))


def create_api() -> FastAPI:
    """The API alone, as its description is made from it."""
    app = FastAPI(
        title="Inkproof",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # FastAPI's own pages load scripts from other servers
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: str(route.name),
    )
    install_handlers(app)
    app.include_router(api)
    app.include_router(docs.router)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: ServerState = app.state.inkproof
    state.tensorboard.start()
    state.trainings.start()
    state.evaluations.start()
    try:
        yield
    finally:
        state.close()


def make_state(
    runs_dir: Path, *, with_tensorboard: bool = True, recipes: tuple[str, ...] = (), jobs: int = 1
) -> ServerState:
    """The shared state of a server on a folder of runs.

    Args:
        runs_dir: The folder of all runs; it need not exist.
        with_tensorboard: Whether TensorBoard is started beside the server.
        recipes: Recipes to be trained into runs of the same names while the server runs.
        jobs: How many trainings at once; 0 starts none, and the queue waits for another server.
    """
    note = None if with_tensorboard else "TensorBoard was left out (--no-tensorboard)."
    index = RunIndex(runs_dir)
    return ServerState(runs_dir, TensorBoard(runs_dir, note), Trainings(index, jobs=jobs, recipes=recipes))


def describe_api() -> dict[str, Any]:
    """The OpenAPI description, which `docs/reference/openapi.json` is a copy of."""
    return create_api().openapi()
