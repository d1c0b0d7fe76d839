"""The built page and what stands in its place while it is not built. Serves files; knows nothing of the API."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

STATIC_DIR = Path(__file__).parent / "static"
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Inkproof</title>
<h1>Inkproof</h1>
<p>The server runs, but its page is not built. In the checkout, run <code>make web</code>, then load this again.</p>
<p>The API works without it: <a href="/docs">its description</a>.</p>
</html>
"""


class Pages:
    """Answers what no route of the API answers: `/` and the files of the built page.

    Args:
        folder: The folder with `index.html`; it need not exist.
    """

    def __init__(self, folder: Path = STATIC_DIR) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a file, or raise a 404."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path.startswith("/api/"):
            raise HTTPException(404)
        if path in ("/", "/index.html"):
            if scope["method"] not in ("GET", "HEAD"):
                raise HTTPException(405, headers={"Allow": "GET, HEAD"})
            index = self._folder / "index.html"
            # No-cache asks anew each time, so that a new version of the page is seen at once.
            page = (
                FileResponse(index, headers={"cache-control": "no-cache"})
                if index.is_file()
                else HTMLResponse(_NOT_BUILT, 503)
            )
            await page(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404)
        if "\x00" in path:  # no file system takes it, and some calls raise instead of answering no
            raise HTTPException(404)
        response = await self._files.get_response(self._files.get_path(scope), scope)
        # Files under assets/ have a hash of their content in their names.
        is_hashed = path.startswith("/assets/") and response.status_code in (200, 304)
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        await response(scope, receive, send)
