"""The one table from errors to answers: every refusal is a problem document (RFC 9457)."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.wire import rfc3339
from domain.errors import (
    ConflictError,
    InvalidValueError,
    LogError,
    PeaklineError,
    RefusedError,
    RuleBrokenError,
    UnknownIdError,
    WrongStateError,
)

MEDIA_TYPE = "application/problem+json"

STATUS_OF_ERROR: dict[type[PeaklineError], tuple[int, str, str]] = {
    InvalidValueError: (422, "invalid-value", "A value is not possible"),
    UnknownIdError: (404, "unknown-id", "There is no such thing"),
    WrongStateError: (409, "wrong-state", "Not possible in this state"),
    RuleBrokenError: (409, "rule-broken", "A rule of the city does not allow it"),
    ConflictError: (409, "conflict", "It contradicts what is already so"),
    RefusedError: (409, "refused", "The control room refused it"),
    LogError: (503, "log-failed", "The event log cannot be written"),
    PeaklineError: (500, "internal", "Something went wrong here"),
}
"""Domain error -> status, last part of the problem type, title; the most specific class wins."""

FIELD_NAMES = {"x (longitude)": "lon", "y (latitude)": "lat"}
"""Fields that the streets know by other names than the API."""

IDS = {
    "merchant": ("merchant_id", "a merchant of GET /city"),
    "zone": ("zone", "a zone of GET /city, or all"),
    "order": ("order_id", "an order of GET /orders"),
    "rider": ("rider_id", "a rider of GET /riders"),
    "incident": ("incident_id", "an incident of GET /incidents"),
}
"""Kind of thing that was not found -> the field that named it, and where the right ones are listed."""

TITLE_OF_STATUS = {
    400: ("bad-request", "The request cannot be read"),
    401: ("unauthorized", "Who are you?"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "Not possible with this method"),
    413: ("too-large", "The body is too large"),
    415: ("unsupported-media-type", "The body must be JSON"),
    422: ("validation", "The body or a parameter is not right"),
    503: ("unavailable", "Not ready"),
}
"""Status of an HTTP-level refusal -> last part of the problem type, title."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(examples=["dropoff.lat"])
    message: str = Field(examples=["Input should be less than or equal to 90"])
    allowed: str | None = None


class Problem(BaseModel):
    """A problem document."""

    type: str = Field(examples=["urn:peakline:problem:wrong-state"])
    title: str = Field(examples=["Not possible in this state"])
    status: int = Field(examples=[409])
    detail: str = Field(
        examples=["order 'order-1' is placed: deliver is not possible; possible now: offer, assign, cancel"]
    )
    instance: str | None = Field(default=None, examples=["/orders/order-1/deliver"])
    errors: list[FieldProblem] | None = None


class ProblemError(HTTPException):
    """A refusal by the API itself: no token, a body too large, a link that leads nowhere."""


def problem_response(
    status: int,
    detail: str,
    *,
    kind: tuple[str, str] | None = None,
    instance: str | None = None,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem document; its words are made printable whatever the request held."""
    slug, title = kind or TITLE_OF_STATUS.get(status, ("error", "It did not work"))
    document: dict[str, object] = {
        "type": f"urn:peakline:problem:{slug}",
        "title": title,
        "status": status,
        "detail": _printable(detail),
    }
    if instance is not None:
        document["instance"] = _printable(instance)
    if errors:
        document["errors"] = [{key: _printable(value) for key, value in error.items()} for error in errors]
    return Response(msgspec.json.encode(document), status, headers, MEDIA_TYPE)


def error_kind(error: PeaklineError) -> tuple[int, str, str]:
    """Return status, last part of the problem type, and title of a domain error."""
    return next(STATUS_OF_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_OF_ERROR)


def install(app: FastAPI) -> None:
    """Let the application answer every error with a problem document."""
    app.add_exception_handler(PeaklineError, _domain_error)
    app.add_exception_handler(ProblemError, _own_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen)


def _printable(text: str) -> str:
    """Return the text without lone surrogates, which JSON can smuggle in and UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _instance(request: Request) -> str | None:
    # A tracking token is a secret: it is not repeated into documents that may be logged.
    return None if request.url.path.startswith("/track/") else request.url.path


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PeaklineError)  # noqa: S101  (for the type checker: registered for this class)
    status, slug, title = error_kind(error)
    detail, errors = str(error), []
    if isinstance(error, InvalidValueError):
        # Inside, instants are numbers and their fields end in _ms; outside neither is known.
        field = FIELD_NAMES.get(error.field, error.field.removesuffix("_ms"))
        allowed = _with_instants(error.allowed)
        detail = _with_instants(f"{field}: {error.value!r} is not possible; allowed: {allowed}")
        errors.append({"field": field, "message": detail, "allowed": allowed})
    elif isinstance(error, RuleBrokenError):
        detail, allowed = _with_instants(detail), _with_instants(error.allowed)
        errors.append({"field": error.field, "message": detail, "allowed": allowed})
    elif isinstance(error, UnknownIdError) and error.kind in IDS:
        field, allowed = IDS[error.kind]
        errors.append({"field": field, "message": detail, "allowed": allowed})
    return problem_response(status, detail, kind=(slug, title), instance=_instance(request), errors=errors)


def _with_instants(text: str) -> str:
    """Return a text with Unix milliseconds written as RFC 3339."""
    return re.sub(r"\b\d{13}\b", lambda found: rfc3339(int(found.group())), text)


async def _own_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101  (for the type checker: registered for this class)
    return problem_response(
        error.status_code,
        str(error.detail),
        instance=_instance(request),
        headers=dict(error.headers) if error.headers else None,
    )


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (for the type checker)
    errors = _field_problems(error)[:20]
    detail = "; ".join(f"{entry['field']}: {entry['message']}" for entry in errors[:3])
    return problem_response(422, detail, instance=_instance(request), errors=errors)


def _field_problems(error: RequestValidationError) -> list[dict[str, str]]:
    """Return what is wrong, with one entry per field where one of several words is expected."""
    problems: list[dict[str, str]] = []
    words: dict[str, list[str]] = {}
    for entry in error.errors():
        field = _field(entry)
        if entry["type"] not in {"literal_error", "enum"}:
            problems.append(_field_problem(entry, field, error.body))
            continue
        # A union complains once per member; whoever asks wants to know all the words at once.
        if field not in words:
            words[field] = []
            problems.append({"field": field})
        words[field] += re.findall(r"'([^']*)'", entry["ctx"]["expected"])
    for problem in problems:
        if "message" not in problem:
            allowed = ", ".join(words[problem["field"]])
            problem |= {"message": f"Input should be one of: {allowed}", "allowed": allowed}
    return problems


def _field(entry: dict[str, Any]) -> str:
    # The first part of a location says where (body, path, query); "one" and "many" are tags of unions.
    where, *parts = entry["loc"]
    if entry["type"] == "json_invalid":
        return "body"
    if where in {"query", "path"}:
        parts = parts[:1]  # they are flat: what follows the name are tags of unions
    return ".".join(str(part) for part in parts if part not in {"one", "many"}) or str(where)


def _field_problem(entry: dict[str, Any], field: str, body: object) -> dict[str, str]:
    message = str(entry["msg"]).removeprefix("Value error, ")
    if entry["type"] == "json_invalid":
        message = f"not JSON: {entry['ctx']['error']}{_position(str(body), entry['loc'][-1])}"
    problem = {"field": field, "message": message}
    if entry["type"] == "extra_forbidden":
        problem["allowed"] = "only the fields of the documentation"
    return problem


def _position(text: str, offset: int) -> str:
    before = text[:offset]
    return f" at line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (for the type checker: registered for this class)
    details = {
        404: f"there is no page or resource at {request.url.path}",
        405: f"{request.method} is not possible here",
    }
    detail = details.get(error.status_code, str(error.detail))
    headers = dict(error.headers) if error.headers else None
    return problem_response(error.status_code, detail, instance=_instance(request), headers=headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    del error  # the server logs it; a stranger is told nothing
    kind = ("internal", "Something went wrong here")
    return problem_response(
        500, "this is our fault; it has been logged", kind=kind, instance=_instance(request)
    )
