"""What every request passes first: the limit of its body; and the headers that every answer carries."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ProblemError, problem_response

MAX_BODY_BYTES = 64 * 1024
MAX_FIXES_BODY_BYTES = 512 * 1024
"""Most bytes of a body; a thousand fixes take about 200 kB."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""On every answer; pages carry their content security policy besides."""


class EdgeMiddleware:
    """Bounds bodies and adds security headers, as plain ASGI: sockets and streams pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_FIXES_BODY_BYTES if scope["path"].endswith("/fixes") else MAX_BODY_BYTES
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > limit:
            refused = _too_large(scope, limit)
            await refused(scope, receive, _with_headers(send))
            return
        await self._app(scope, _bounded(receive, limit), _with_headers(send))


def _too_large(scope: Scope, limit: int) -> ASGIApp:
    return problem_response(413, _detail(limit), instance=Request(scope).url.path)


def _detail(limit: int) -> str:
    return f"a body has at most {limit} bytes here; send several requests"


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise ProblemError(413, _detail(limit))
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return with_headers
