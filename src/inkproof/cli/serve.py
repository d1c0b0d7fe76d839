"""`inkproof serve` and `inkproof demo`: the page and the API on this machine. Only starts, tells and ends."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkproof.cli.console import err, out
from inkproof.cli.options import RunsDir
from inkproof.errors import PortError
from inkproof.runs import DEFAULT_RUNS_DIR, Trash

if TYPE_CHECKING:
    from types import FrameType

    import uvicorn

    from inkproof.server.state import ServerState

DEFAULT_PORT = 8420
# The tutorial's two networks, then the one that reads what they misread.
DEMO_RECIPES = ("softmax", "tutorial", "robust")

Host = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Address to listen on; 0.0.0.0 opens it to others, who need a token.")
]
Port = Annotated[int, typer.Option(metavar="N", min=1, max=65_535, help="Port to listen on.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")]
Jobs = Annotated[
    int, typer.Option(metavar="N", min=0, max=64, help="Trainings at once from the queue; 0 leaves it to others.")
]
NoTensorBoard = Annotated[bool, typer.Option("--no-tensorboard", help="Do not start TensorBoard beside it.")]


@dataclass(frozen=True)
class _Wish:
    """What was asked for."""

    host: str
    port: int
    runs_dir: Path
    opens: bool
    with_tensorboard: bool
    jobs: int = 1
    recipes: tuple[str, ...] = ()


def serve(
    host: Host = "127.0.0.1",
    port: Port = DEFAULT_PORT,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    no_open: NoOpen = False,
    no_tensorboard: NoTensorBoard = False,
    jobs: Jobs = 1,
) -> None:
    """Open the page on which networks meet your drawings. Ctrl-C ends it."""
    _serve(_Wish(host, port, runs_dir, not no_open, not no_tensorboard, jobs))


def demo(
    host: Host = "127.0.0.1",
    port: Port = DEFAULT_PORT,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    no_open: NoOpen = False,
    no_tensorboard: NoTensorBoard = False,
    jobs: Jobs = 1,
) -> None:
    """Open the page and train three networks meanwhile: the tutorial's two, then `robust`.

    Ctrl-C ends both; a training that was not finished goes on next time.
    """
    _serve(_Wish(host, port, runs_dir, not no_open, not no_tensorboard, jobs, DEMO_RECIPES))


def _serve(wish: _Wish) -> None:
    listener = _listen(wish.host, wish.port)
    if listener is None:
        _greet_the_other(wish)
        return
    with listener:
        _run(wish, listener)


def _run(wish: _Wish, listener: socket.socket) -> None:
    import uvicorn

    from inkproof.server.app import create_app, make_state
    from inkproof.server.security import Access, is_loopback

    # One for the owner, who may also train and delete, one for everybody else.
    owner_token, token = (None, None) if is_loopback(wish.host) else (_make_token(), _make_token())
    state = make_state(wish.runs_dir, with_tensorboard=wish.with_tensorboard, recipes=wish.recipes, jobs=wish.jobs)
    access = Access(wish.host, token, owner_token, cookie=f"inkproof_{wish.port}")
    config = uvicorn.Config(
        create_app(state, access),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the address of the asker is used for nothing
        ws="none",
        timeout_graceful_shutdown=1,  # a page that is still open must not keep the server from ending
    )
    _tell(wish, state, owner_token, token)
    server = _make_server(config, state)
    if wish.opens:
        # The socket listens already: a browser that is faster than the server waits for its first answer.
        threading.Thread(target=_open, args=(_page_url(wish, owner_token),), name="browser", daemon=True).start()
    threading.Thread(target=state.warm_up, name="warm-up", daemon=True).start()
    threading.Thread(target=Trash(wish.runs_dir).empty, name="trash", daemon=True).start()
    # Uvicorn ends in order at Ctrl-C and SIGTERM, then sends itself the signal again.
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        state.close()
    out.print("\nInkproof has ended.")
    for name in state.trainings.running():
        text = f"The training of '{name}' goes on; `inkproof stop {name}` ends it."
        out.print(text, soft_wrap=True, markup=False)


def _make_token() -> str:
    return secrets.token_urlsafe(18)


def _make_server(config: uvicorn.Config, state: ServerState) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """Ends at once: a page that follows the runs would otherwise be waited for, and cut off with a traceback."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            state.stream.close()
            super().handle_exit(sig, frame)

    return Server(config)


def _listen(host: str, port: int) -> socket.socket | None:
    """A socket that listens there; None if another program already does."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise PortError(
            f"There is no address '{host}' to listen on: {error.strerror or error}.",
            "Leave --host out for this machine alone, or give 0.0.0.0 for all of its addresses.",
            field="host",
        ) from error
    # The protocol is named because asyncio turns Nagle's algorithm off only then: without it answers take 40 ms more.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # on Windows it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        import errno

        if error.errno == errno.EADDRINUSE:
            return None
        raise PortError(
            f"Port {port} of {host} cannot be listened on: {error.strerror}.",
            "Give another with --port, such as --port 8421.",
            field="port",
        ) from error
    return listener


def _greet_the_other(wish: _Wish) -> None:
    """The port is taken: open the Inkproof that has it, or say that another program does.

    Raises:
        PortError: If it is another program.
    """
    other_runs_dir = _ask_who_is_there(wish)
    if other_runs_dir is None:
        raise PortError(
            f"Port {wish.port} of {wish.host} is taken by another program.",
            f"Give another with --port, such as --port {wish.port + 1 if wish.port < 65_535 else DEFAULT_PORT}.",
            field="port",
        )
    out.print(f"Inkproof already runs at {_page_url(wish, None)}", soft_wrap=True)
    if other_runs_dir and Path(other_runs_dir) != wish.runs_dir.absolute():
        out.print(f"It shows the runs in {other_runs_dir}; for {wish.runs_dir} give another --port.", soft_wrap=True)
    if wish.opens:
        _open(_page_url(wish, None))


def _ask_who_is_there(wish: _Wish) -> str | None:
    """The runs folder of the Inkproof at that port, "" if it does not tell; None if it is no Inkproof."""
    import http.client
    import json

    connection = http.client.HTTPConnection(_reachable(wish.host), wish.port, timeout=3)
    try:
        connection.request("GET", "/api/health")
        response = connection.getresponse()
        if not response.headers.get("server", "").startswith("inkproof/"):
            return None
        content = json.loads(response.read(65_536))
        return str(content.get("runs_dir", "")) if isinstance(content, dict) else ""
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """The address by which a browser on this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _page_url(wish: _Wish, token: str | None, host: str | None = None) -> str:
    name = host or _reachable(wish.host)
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{wish.port}/" + (f"?token={token}" if token else "")


def _tell(wish: _Wish, state: ServerState, owner_token: str | None, token: str | None) -> None:
    from inkproof.server.security import own_addresses

    out.print(f"Inkproof is at {_page_url(wish, owner_token)}  (Ctrl-C ends it)", soft_wrap=True, markup=False)
    if not state.can_train():
        err.print(f"The folder {wish.runs_dir} is read-only: its runs are shown, and nothing can be trained.")
    elif wish.recipes:
        out.print(f"It trains {' and '.join(wish.recipes)} into {wish.runs_dir} unless they are there already.")
    if token is not None:
        host = wish.host if wish.host not in ("0.0.0.0", "::") else own_addresses()[0]
        url = _page_url(wish, token, host)
        out.print(
            "That link is yours alone: with it one can train and delete.\n"
            f"\nOthers in this network open this link, which holds their token; with it they draw and look:\n{url}",
            soft_wrap=True,
            markup=False,
        )
        _print_qr_code(url)


def _print_qr_code(url: str) -> None:
    import segno

    try:
        segno.make(url, micro=False, error="l").terminal(out=sys.stdout, compact=True)
    except UnicodeEncodeError:
        out.print("(This terminal cannot show the QR code.)")


def _open(url: str) -> None:
    """Open a browser, if there is one; the address is on the terminal anyway."""
    try:
        is_open = webbrowser.open(url)
    except Exception:  # whatever a browser's launcher raises, the server goes on
        is_open = False
    if not is_open:
        out.print("No browser could be opened; open the address yourself.")
