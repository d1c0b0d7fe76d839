"""Who may ask, and what browsers may do with the answers. Pure ASGI, around the whole application.

The server answers for one person at one machine. A page of another site open in the same browser must neither read
from it (it cannot: no CORS headers are sent), nor write to it (refused here), nor reach it under a name of its own
(DNS rebinding: unknown `Host` headers are refused). Opened to a classroom, a token says who belongs to it, and another
who owns it: guests draw and look, the owner also trains, stops, renames and deletes.
"""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import re
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkproof import __version__
from inkproof.server.envelope import error_response

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",  # the address may hold a token or a drawing
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "server": f"inkproof/{__version__}",
}
MIB = 1_048_576
BODY_LIMIT = 1 * MIB
BODY_LIMITS = {"/api/predict": 4 * MIB, "/api/edge-map": 4 * MIB, "/api/read-image": 16 * MIB}
_BODY_SECONDS = 30.0
_READING = ("GET", "HEAD", "OPTIONS")
_COOKIE_SECONDS = 12 * 3600
_ADDRESSES_SECONDS = 10.0
# Who asks, as the gate found it, in the request's scope.
ROLE_KEY = "inkproof.role"
Role = Literal["owner", "guest"]


@dataclass
class Access:
    """Under which names the server may be asked, and with which token.

    Attributes:
        host: The address that it is bound to, such as `127.0.0.1` or `0.0.0.0`.
        token: What others must know; None on loopback.
        owner_token: What the owner must know where there is a token; without one nobody is the owner. On loopback
            everybody is.
        cookie: The name of the cookie that keeps the token. It has the port in it, for browsers keep the
            cookies of all ports of a host together.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    owner_token: str | None = None
    cookie: str = "inkproof"
    _addresses: frozenset[str] = frozenset()
    _asked_at: float = field(default=-1e9, repr=False)

    def knows(self, host: str) -> bool:
        """Whether a `Host` header names this server."""
        name = host_name(host)
        if name is None:
            return False
        if name == "localhost" or name == self.host.lower() or is_loopback(name):
            return True
        return not is_loopback(self.host) and name in self._own_addresses()

    def find_role(self, given: str) -> Role | None:
        """Who knows this token; None for a stranger."""
        if self.owner_token is not None and _is_same(given, self.owner_token):
            return "owner"
        return "guest" if self.token is not None and _is_same(given, self.token) else None

    def _own_addresses(self) -> frozenset[str]:
        # Asked again now and then: a laptop changes its network while the server runs.
        if time.monotonic() - self._asked_at > _ADDRESSES_SECONDS:
            self._addresses = frozenset(own_addresses())
            self._asked_at = time.monotonic()
        return self._addresses


def host_name(header: str) -> str | None:
    """The name in a `Host` header, in small letters, without port, brackets and a last dot; None if it is none."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?", header.strip())
    return match[1].strip("[]").rstrip(".").lower() if match else None


def is_loopback(name: str) -> bool:
    """Whether a name or an address is this machine's own, out of reach of every other.

    Example:
        >>> [is_loopback(name) for name in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.7")]
        [True, True, True, False, False]
    """
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def own_addresses() -> list[str]:
    """Names and addresses under which other machines may reach this one, the likeliest address first."""
    found = []
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))  # sends nothing; only asks which address packets would leave from
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    name = socket.gethostname().lower()
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(name, None)]
    found += [name, name.partition(".")[0], f"{name.partition('.')[0]}.local"]
    return list(dict.fromkeys(address.partition("%")[0] for address in found))


class SecurityHeaders:
    """Adds the headers that every answer carries. What does not say how long it keeps is not kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Gate:
    """Refuses unknown hosts, cross-site writes and, where there is a token, whoever does not know it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            refusal = (
                self._check_host(headers) or _check_site(scope["method"], headers) or self._check_token(scope, headers)
            )
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        elif scope["type"] != "lifespan":
            return  # there are no web sockets here
        await self._app(scope, receive, send)

    def _check_host(self, headers: Headers) -> Response | None:
        hosts = headers.getlist("host")
        if len(hosts) == 1 and self._access.knows(hosts[0]):
            return None
        return error_response(
            400,
            "unknown_host",
            f"The host {', '.join(hosts)[:100] or '(none)'!r} came; a name of this server was expected.",
            "Open it as http://127.0.0.1 with its port; `--host` opens it to other machines.",
        )

    def _check_token(self, scope: Scope, headers: Headers) -> Response | None:
        if self._access.token is None:
            scope[ROLE_KEY] = "owner"
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if given and scope["method"] == "GET" and self._access.find_role(given[-1]):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            response = RedirectResponse(_local_path(scope["path"]) + (f"?{rest}" if rest else ""), 303)
            response.set_cookie(
                self._access.cookie, given[-1], max_age=_COOKIE_SECONDS, httponly=True, samesite="lax", path="/"
            )
            return response
        for known in (_bearer(headers), self._cookie(headers)):
            if role := self._access.find_role(known):
                scope[ROLE_KEY] = role
                return None
        message = "The token is missing or wrong; the one that the server printed when it started was expected."
        hint = (
            "Open the link or the QR code from the terminal of `inkproof serve`; programs send Authorization: Bearer."
        )
        if "text/html" in headers.get("accept", "") and not scope["path"].startswith("/api/"):
            page = f"<!doctype html><meta charset=utf-8><title>Inkproof</title><h1>Inkproof</h1><p>{message}<p>{hint}"
            return HTMLResponse(page, 401)
        return error_response(401, "token_required", message, hint)

    def _cookie(self, headers: Headers) -> str:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._access.cookie)
        except CookieError:
            return ""
        return morsel.value if morsel else ""


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())


def _bearer(headers: Headers) -> str:
    kind, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _local_path(path: str) -> str:
    """A path that cannot be read as the address of another server, as `//other/` would be."""
    from urllib.parse import quote

    return "/" + quote(path.lstrip("/\\"), safe="/")


def _check_site(method: str, headers: Headers) -> Response | None:
    """Refuse a write that a page of another site, or of another port, asked the browser for."""
    if method in _READING:
        return None
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    is_foreign = site is not None and site not in ("same-origin", "none")
    if origin is not None and not is_foreign:
        is_foreign = urlsplit(origin).netloc.lower() != headers.get("host", "").strip().lower()
    if not is_foreign:
        return None
    return error_response(
        403,
        "cross_site",
        f"A {method} request of the page '{(origin or 'unknown')[:100]}' came; only this server's own page may write.",
        "From a program, leave out the headers Origin and Sec-Fetch-Site.",
    )


class BodyLimit:
    """Reads the body before the application does, up to a limit of size and time; so no request holds it up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, or refuse it."""
        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        limit = BODY_LIMITS.get(scope["path"], BODY_LIMIT)
        declared = Headers(scope=scope).get("content-length", "")
        body: bytes | None = None
        if not (declared.isdigit() and int(declared) > limit):
            try:
                with anyio.fail_after(_BODY_SECONDS):
                    body = await _read_body(receive, limit)
            except TimeoutError:
                response = error_response(
                    408,
                    "request_timeout",
                    f"The body did not come within {_BODY_SECONDS:.0f} seconds.",
                    "Send it again.",
                )
                await response(scope, receive, send)
                return
        if body is None:
            response = error_response(
                413,
                "body_too_large",
                f"The body is larger than {limit:,} bytes; at most that was expected at '{scope['path'][:100]}'.",
                "Send fewer inputs at once, or smaller images.",
            )
            response.headers["connection"] = "close"  # the rest of the body is not read
            await response(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None if it is larger than the limit."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":  # the asker went away; nobody will read the answer
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
