"""The one shape of every error over HTTP: the package's own, the framework's, and what nobody foresaw."""

from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from inkproof.errors import (
    BrokenRunError,
    BrokenSweepError,
    EvaluationError,
    ImageError,
    InkproofError,
    MissingExtraError,
    NetworkFileError,
    NotResumableError,
    OwnerRequiredError,
    QueueFullError,
    RunBusyError,
    RunExistsError,
    StorageError,
    SweepBusyError,
    SweepExistsError,
    UnknownDatasetError,
    UnknownRunError,
    UnknownStepError,
    UnknownSweepError,
    UnknownTrashError,
    UsageError,
    explain_storage,
)
from inkproof.runs import gone_error
from inkproof.server.schemas import ErrorEnvelope

# The first that fits counts: an unknown data set is a usage error too.
_STATUS: tuple[tuple[type[InkproofError], int], ...] = (
    (OwnerRequiredError, 403),
    (UnknownRunError, 404),
    (UnknownTrashError, 404),
    (UnknownStepError, 404),
    (UnknownSweepError, 404),
    (UnknownDatasetError, 404),
    (UsageError, 422),
    (ImageError, 422),
    (RunBusyError, 409),
    (QueueFullError, 409),
    (RunExistsError, 409),
    (NotResumableError, 409),
    (BrokenRunError, 409),
    (NetworkFileError, 409),
    (EvaluationError, 409),
    (SweepBusyError, 409),
    (SweepExistsError, 409),
    (BrokenSweepError, 409),
    (MissingExtraError, 409),
    (StorageError, 409),
)
_MAX_INPUT_CHARACTERS = 60

# What every route can answer, for the documentation.
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorEnvelope, "description": description}
    for status, description in {
        400: "Not a request that can be read, or a `Host` that is not this server's.",
        401: "The token is missing or wrong (only where the server is open to others).",
        403: "A write that another site's page asked for, or that only the owner may ask for.",
        404: "No such run, step, sweep, data set or page.",
        409: "The run or sweep is not in a state to answer: broken, read-only, at work, or without a network yet; or "
        "the disk is full.",
        413: "The body is too large.",
        415: "The body is not of the type expected.",
        422: "A field is missing, unknown, or out of its limits; `field` names it.",
    }.items()
}

_log = logging.getLogger("inkproof.server")


def error_body(code: str, message: str, hint: str | None = None, field: str | None = None) -> dict[str, Any]:
    """The envelope as a dictionary."""
    return {"error": {"code": code, "message": message, "hint": hint, "field": field}}


def error_response(
    status: int, code: str, message: str, hint: str | None = None, field: str | None = None
) -> JSONResponse:
    """An error as a response."""
    return JSONResponse(error_body(code, message, hint, field), status)


def status_of(error: InkproofError) -> int:
    """The HTTP status of an error of the package: 4xx for what the asker can mend, 500 for the rest."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def install_handlers(app: FastAPI) -> None:
    """Make every error of an application leave it in the envelope."""
    app.add_exception_handler(InkproofError, _handle_own)
    app.add_exception_handler(OSError, _handle_storage)
    app.add_exception_handler(RequestValidationError, _handle_invalid)
    app.add_exception_handler(HTTPException, _handle_http)
    app.add_exception_handler(Exception, _handle_unforeseen)


async def _handle_own(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InkproofError)
    return JSONResponse({"error": error.as_dict()}, status_of(error))


async def _handle_storage(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)
    explained = _find_gone_run(error, request.app.state.inkproof.runs_dir) or explain_storage(error)
    if explained is None:
        raise error
    return await _handle_own(request, explained)


def _find_gone_run(error: OSError, runs_dir: Path) -> InkproofError | None:
    """Whether somebody else deleted or renamed the run while it was written into."""
    path = Path(str(error.filename))
    if not isinstance(error, FileNotFoundError) or runs_dir not in path.parents:
        return None
    name = path.relative_to(runs_dir).parts[0]
    return None if (runs_dir / name).is_dir() else gone_error(name, runs_dir)


async def _handle_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = _field_of(first["loc"])
    return error_response(422, "invalid_request", _sentence(first, field), "See /docs for every field.", field)


async def _handle_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    path = request.url.path
    if error.status_code == 404:
        message, hint = (
            f"There is nothing at '{path}'.",
            "The page is at /, the API under /api/, its description at /docs.",
        )
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow") or "another method"
        message, hint = f"{request.method} came for '{path}'; {allowed} was expected.", "See /docs for every route."
    else:
        message, hint = f"{error.detail or phrase}.".replace("..", "."), None
    response = error_response(error.status_code, code, message, hint)
    response.headers.update(error.headers or {})
    return response


async def _handle_unforeseen(request: Request, error: Exception) -> JSONResponse:
    # Starlette raises it on after this answer, so that the log has its traceback.
    return error_response(
        500,
        "internal_error",
        f"The server failed at {request.method} {request.url.path}: {type(error).__name__}.",
        "The terminal in which it runs says more; please report it.",
    )


def _field_of(location: tuple[Any, ...]) -> str | None:
    """`('body', 'drawings', 0, 'size')` as people write it: `drawings[0].size`."""
    parts = list(location)
    if parts and parts[0] in ("body", "query", "path", "header", "cookie"):
        parts = parts[1:]
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or None


def _sentence(error: dict[str, Any], field: str | None) -> str:
    kind, message = error["type"], str(error["msg"])
    message = message.removeprefix("Value error, ")
    lower = message[:1].lower() + message[1:]
    if kind == "json_invalid":
        return f"The body is not JSON: {error.get('ctx', {}).get('error', message)}."
    if kind == "missing":
        return f"'{field}' is missing." if field else "The body is missing; a JSON object was expected."
    if kind == "extra_forbidden":
        return f"There is no field '{field}'."
    if kind == "value_error":
        return (f"In '{field}', {lower}." if field else f"{message[:1].upper()}{message[1:]}.").replace("..", ".")
    shown = repr(error.get("input"))
    if len(shown) > _MAX_INPUT_CHARACTERS:
        shown = shown[:_MAX_INPUT_CHARACTERS] + "…"
    return f"'{field or 'the body'}' is {shown}, but {lower}."
