"""Who may do what: route classes that ask before anything of the request is read.

Every route is an ``OperatorRoute`` unless its router says ``PublicRoute``; a test lists the public ones.
"""

import hmac
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from api.context import context_of
from api.errors import Problem, ProblemError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_documented_bearer = HTTPBearer(auto_error=False, description="The operator token printed at the start.")


class PublicRoute(APIRoute):
    """A route for everybody; bodies must still be JSON."""

    def get_route_handler(self) -> Handler:
        """Return the handler with the checks in front."""
        handler = super().get_route_handler()

        async def checked(request: Request) -> Response:
            self.check(request)
            return await handler(request)

        return checked

    def check(self, request: Request) -> None:
        """Refuse what must not reach the handler."""
        require_json(request)


class OperatorRoute(PublicRoute):
    """A route for operators: without their token nothing of the request is looked at."""

    def check(self, request: Request) -> None:
        """Refuse what must not reach the handler."""
        require_operator(request)
        require_json(request)


def require_operator(request: Request) -> None:
    """Refuse a request without the operator token, in constant time.

    Raises
    ------
    ProblemError
        401 when the token is missing or wrong.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected = context_of(request).operator_token
    given = token.strip() if scheme.lower() == "bearer" else ""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        detail = "send the header 'Authorization: Bearer <operator token>'; it is printed at the start"
        raise ProblemError(401, detail, {"WWW-Authenticate": 'Bearer realm="peakline"'})


def require_json(request: Request) -> None:
    """Refuse a body that does not say that it is JSON.

    Raises
    ------
    ProblemError
        415 when there is a body of another type.
    """
    headers = request.headers
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json" and not media_type.endswith("+json"):
        raise ProblemError(415, "send the body as 'Content-Type: application/json'")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of refusals with these statuses."""
    return {
        status: {"model": Problem, "content": {"application/problem+json": {}}, "description": "Refused"}
        for status in statuses
    }


def operator_router(tag: str) -> APIRouter:
    """Return a router whose routes are for operators only."""
    return APIRouter(
        route_class=OperatorRoute,
        tags=[tag],
        dependencies=[Depends(_documented_bearer)],
        responses=problems(401, 422, 503),
    )


def public_router(tag: str) -> APIRouter:
    """Return a router whose routes are for everybody."""
    return APIRouter(route_class=PublicRoute, tags=[tag])
