"""The public description: held by a snapshot, with a summary and an example for whoever reads it.

After a change on purpose run this file with ``PEAKLINE_WRITE_OPENAPI=1`` and look at the difference.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import WebSocketRoute

from api.app import ROUTERS
from api.auth import OperatorRoute, PublicRoute
from tests.api.served import Served

SNAPSHOT = Path(__file__).with_name("openapi.json")

PUBLIC = {
    ("GET", "/city"),
    ("GET", "/city/streets"),
    ("GET", "/clock"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/track/{token}"),
    ("POST", "/track/{token}/ticket"),
}
"""What strangers may ask; everything else needs the operator's token."""


@pytest.fixture
def document(shared: Served) -> dict[str, Any]:
    return shared.get("/openapi.json")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def test_description_is_the_one_that_was_agreed(document: dict[str, Any]) -> None:
    document["info"]["version"] = "any"
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    if os.environ.get("PEAKLINE_WRITE_OPENAPI"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == json.loads(text)


def test_every_operation_has_a_summary_and_a_description(document: dict[str, Any]) -> None:
    silent = [
        (m, p) for m, p, op in operations(document) if not (op.get("summary") and op.get("description"))
    ]
    assert silent == []


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    bodies = {name: schema for name, schema in schemas.items() if name.endswith("In")}
    named = set()
    for _, _, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        text = json.dumps(content.get("schema", {}))
        named |= {name for name in bodies if f'schemas/{name}"' in text}
    assert len(named) >= 9
    assert [name for name in sorted(named) if not bodies[name].get("examples")] == []


def test_examples_are_accepted_as_they_stand(shared: Served, document: dict[str, Any]) -> None:
    """An example that its own server refuses is worse than none: 422 is never the answer."""
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, schema in document["components"]["schemas"].items():
            if f'schemas/{name}"' in json.dumps(content) and schema.get("examples"):
                url = path.replace("{order_id}", "order-1").replace("{rider_id}", "rider-9")
                url = url.replace("{incident_id}", "incident-1")
                answer = shared.http.request(method, url, json=schema["examples"][0])
                problem = answer.json() if answer.status_code == 422 else {}
                assert not problem.get("type", "").endswith("validation"), (path, problem)


def test_only_the_listed_routes_are_public() -> None:
    public, operator = set(), set()
    for route in (route for router in ROUTERS for route in router.routes):
        if isinstance(route, WebSocketRoute):
            assert route.path == "/live"  # asks for a ticket
        else:
            assert isinstance(route, PublicRoute)
            known = operator if isinstance(route, OperatorRoute) else public
            known |= {(method, route.path) for method in route.methods}
    assert public == PUBLIC
    assert len(operator) > 20


def test_operator_routes_refuse_strangers(shared: Served, document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        answer = shared.stranger.request(method, path.replace("{", "").replace("}", ""))
        assert (answer.status_code == 401) == bool(operation.get("security")), (method, path)
        assert bool(operation.get("security")) == ((method, path) not in PUBLIC)
