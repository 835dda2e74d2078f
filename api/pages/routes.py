"""Pages under a strict content security policy, and what to do when they are not built."""

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WEB_ROOT = Path(__file__).resolve().parent.parent / "_web"

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Peakline</title>
<h1>Peakline is running</h1>
<p>Its pages are not built in this checkout. Build them with <code>make web</code> and reload this page.</p>
<p>The API works without them: it is described in <a href="/openapi.json">/openapi.json</a>.</p>
<p lang="zh-CN">页面尚未构建：请运行 <code>make web</code> 后刷新。</p>
</html>
"""


def page_routes(root: Path = WEB_ROOT) -> list[Route | Mount]:
    """Return the routes of all pages and their assets.

    Parameters
    ----------
    root : Path
        Folder of the built pages; it may come into being later.
    """

    async def dispatch(request: Request) -> Response:
        return _page(request, root / "index.html")

    async def track(request: Request) -> Response:
        return _page(request, root / "track.html")

    assets = _Assets(directory=root / "assets", check_dir=False)
    return [
        Route("/", dispatch, include_in_schema=False),
        Route("/track", track, include_in_schema=False),
        Mount("/assets", _cached(assets)),
    ]


class _Assets(StaticFiles):
    """Files of a folder that may come into being later."""

    async def check_config(self) -> None:
        """Answer that there is nothing as long as there is no folder."""
        try:
            await super().check_config()
        except RuntimeError:
            raise HTTPException(404) from None


def _page(request: Request, path: Path) -> Response:
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": policy(request.headers.get("host", "")),
    }
    if path.is_file():
        return FileResponse(path, headers=headers, media_type="text/html")
    return HTMLResponse(_NOT_BUILT, status_code=503, headers=headers)


def policy(host: str) -> str:
    """Return the content security policy of a page that was asked for under a host name."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"connect-src 'self'{sockets}; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _cached(app: ASGIApp) -> ASGIApp:
    """Let browsers keep assets: their names change with their content."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["headers"].append((b"cache-control", b"public, max-age=31536000, immutable"))
            await send(message)

        await app(scope, receive, with_header)

    return serve
