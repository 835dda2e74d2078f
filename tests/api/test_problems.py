"""Every refusal is a problem document that says what would be right."""

import json
from concurrent.futures import Future
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import STATUS_OF_ERROR, error_kind
from domain import errors
from domain.errors import LogError, PeaklineError
from domain.orders import OrderState
from runtime.event_log.memory import MemoryLog
from tests.api.served import TOKEN, Served, serving
from tests.runtime import town

GOOD_FIX = {
    "fixed_at": "2027-01-15T08:00:00.000Z",
    "sequence": 0,
    "lon": 104.0,
    "lat": 30.0,
    "accuracy_m": 5.0,
}
GOOD_ORDER = {"merchant_id": "m1", "dropoff": {"lon": 104.0, "lat": 30.0}}


def problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:peakline:problem:")
    assert document["title"]
    assert document["detail"]
    return document


def test_every_domain_error_has_its_place_in_the_table() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PeaklineError)
    ]
    statuses = {kind.__name__: error_kind(kind.__new__(kind))[0] for kind in kinds}
    assert statuses == {
        "PeaklineError": 500,
        "InvalidValueError": 422,
        "InputFileError": 500,
        "LogError": 503,
        "RefusedError": 409,
        "UnknownIdError": 404,
        "WrongStateError": 409,
        "RuleBrokenError": 409,
        "ConflictError": 409,
    }
    assert set(STATUS_OF_ERROR) <= set(kinds)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_without_the_operators_token_nothing_is_read(shared: Served, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = shared.stranger.post("/orders", content=b"not even json", headers=headers)
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_scheme_of_the_token_is_case_insensitive(shared: Served) -> None:
    assert shared.stranger.get("/summary", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_unknown_page(shared: Served) -> None:
    assert problem(shared.stranger.get("/nowhere"), 404)["instance"] == "/nowhere"


def test_wrong_method(shared: Served) -> None:
    problem(shared.http.put("/orders", json={}), 405)


def test_body_that_is_not_json(shared: Served) -> None:
    document = problem(
        shared.http.post("/orders", content=b"{oops", headers={"Content-Type": "application/json"}), 422
    )
    assert document["errors"][0]["field"] == "body"


def test_broken_json_is_told_with_its_position(shared: Served) -> None:
    content = b'{\n  "merchant_id": "m1",\n  oops\n}'
    answer = shared.http.post("/orders", content=content, headers={"Content-Type": "application/json"})
    document = problem(answer, 422)
    assert document["errors"][0]["field"] == "body"
    assert document["detail"].endswith("at line 3, column 3")


def test_possible_words_of_a_field_are_told_in_one_entry(shared: Served) -> None:
    document = problem(shared.http.get("/orders?state=foo"), 422)
    (entry,) = document["errors"]
    assert entry["field"] == "state"
    assert entry["allowed"].split(", ") == ["open", *OrderState]
    assert document["detail"] == f"state: Input should be one of: {entry['allowed']}"


def test_possible_words_beside_another_problem(shared: Served) -> None:
    document = problem(shared.http.get("/orders?state=foo&limit=0"), 422)
    assert [entry["field"] for entry in document["errors"]] == ["state", "limit"]


def test_unknown_merchant_is_named_with_its_field(shared: Served) -> None:
    document = problem(shared.http.post("/orders", json={**GOOD_ORDER, "merchant_id": "nobody"}), 404)
    (entry,) = document["errors"]
    assert (entry["field"], entry["allowed"]) == ("merchant_id", "a merchant of GET /city")
    assert "'nobody'" in entry["message"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_body_of_another_type(shared: Served, media_type: str) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    problem(shared.http.post("/orders", content=json.dumps(GOOD_ORDER).encode(), headers=headers), 415)


def test_body_that_is_too_large(shared: Served) -> None:
    document = problem(shared.http.post("/orders", json={**GOOD_ORDER, "reference": "x" * 70_000}), 413)
    assert "65536" in document["detail"]


def test_body_that_is_too_large_without_saying_so(shared: Served) -> None:
    chunks = (b" " * 10_000 for _ in range(8))
    answer = shared.http.post("/orders", content=chunks, headers={"Content-Type": "application/json"})
    problem(answer, 413)


def without(body: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != field}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/orders", without(GOOD_ORDER, "merchant_id"), "merchant_id"),
        ("/orders", {**GOOD_ORDER, "tip": 1}, "tip"),
        ("/orders", {**GOOD_ORDER, "value_cents": "12"}, "value_cents"),
        ("/orders", {**GOOD_ORDER, "value_cents": -1}, "value_cents"),
        ("/orders", {**GOOD_ORDER, "value_cents": 1.5}, "value_cents"),
        ("/orders", {**GOOD_ORDER, "dropoff": {"lon": 104.0}}, "dropoff.lat"),
        ("/orders", {**GOOD_ORDER, "dropoff": {"lon": 104.0, "lat": 95.0}}, "dropoff.lat"),
        ("/orders", {**GOOD_ORDER, "dropoff": {"lon": 10.0, "lat": 30.0}}, "lon"),
        ("/orders", {**GOOD_ORDER, "ready_at": 1_800_000_000_000}, "ready_at"),
        ("/orders", {**GOOD_ORDER, "ready_at": "2027-02-30T00:00:00Z"}, "ready_at"),
        ("/orders", {**GOOD_ORDER, "ready_at": "2027-01-15T08:00:00"}, "ready_at"),
        ("/orders", {**GOOD_ORDER, "ready_at": "2020-01-15T08:00:00Z"}, "ready_at"),
        ("/orders", {**GOOD_ORDER, "reference": "\ud800"}, "reference"),
        ("/orders", {**GOOD_ORDER, "\ud800": 1}, "body"),
        ("/orders", [], "body"),
        ("/riders/r-1/fixes", without(GOOD_FIX, "accuracy_m"), "accuracy_m"),
        ("/riders/r-1/fixes", {**GOOD_FIX, "lon": True}, "lon"),
        ("/riders/r-1/fixes", {**GOOD_FIX, "fixed_at": "yesterday"}, "fixed_at"),
        ("/riders/r-1/fixes", {"fixes": []}, "fixes"),
        ("/riders/r-1/fixes", {"fixes": [GOOD_FIX, {**GOOD_FIX, "lat": None}]}, "fixes.1.lat"),
        ("/riders/r-1/fixes", {"fixes": [GOOD_FIX] * 1_001}, "fixes"),
        ("/fixes", {"fixes": [GOOD_FIX]}, "fixes.0.rider_id"),
        ("/riders/not%20an%20id/shift", {}, "rider_id"),
        ("/riders/r-1/breakdown", {"place": {"lon": 121.0}}, "place.lat"),
        ("/incidents/i-1/resolve", {"reason": ""}, "reason"),
    ],
)
def test_bad_fields_are_named(shared: Served, path: str, body: Any, field: str) -> None:  # noqa: ANN401
    content = json.dumps(body).encode()
    document = problem(
        shared.http.post(path, content=content, headers={"Content-Type": "application/json"}), 422
    )
    assert field in [entry["field"] for entry in document["errors"]]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite(shared: Served, number: str) -> None:
    content = json.dumps({**GOOD_FIX, "lat": 0}).replace('"lat": 0', f'"lat": {number}')
    headers = {"Content-Type": "application/json"}
    document = problem(shared.http.post("/riders/r-1/fixes", content=content.encode(), headers=headers), 422)
    assert document["errors"][0]["field"] == "lat"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/orders/order-999", None),
        ("POST", "/orders/order-999/ready", None),
        ("POST", "/orders/order-999/tracking-link", None),
        ("POST", "/orders", {**GOOD_ORDER, "merchant_id": "nobody"}),
        ("GET", "/riders/nobody", None),
        ("DELETE", "/riders/nobody/shift", None),
        ("POST", "/riders/nobody/breakdown", {"reason": "flat tire"}),
        ("POST", "/riders/nobody/fixes", GOOD_FIX),
        ("GET", "/incidents/incident-999", None),
        ("POST", "/incidents/incident-999/acknowledge", None),
        ("POST", "/incidents/incident-999/resolve", {"reason": "done"}),
        ("GET", "/fleet?zone=nowhere", None),
    ],
)
def test_unknown_ids(shared: Served, method: str, path: str, body: Any) -> None:  # noqa: ANN401
    answer = shared.http.request(method, path, json=body) if body else shared.http.request(method, path)
    document = problem(answer, 404)
    assert document["type"].endswith("unknown-id")
    assert document["errors"][0]["allowed"]


def test_steps_that_the_state_table_refuses_name_the_possible_ones(served: Served) -> None:
    served.start_shift("rider-1")
    order_id = served.place()["order_id"]
    rider_id = served.assigned(order_id)
    answer = served.http.post(f"/orders/{order_id}/deliver", json={"rider_id": rider_id})
    document = problem(answer, 409)
    assert document["type"].endswith("wrong-state")
    assert "pick_up" in document["detail"]


def test_finished_orders_conflict(served: Served) -> None:
    order_id = served.place()["order_id"]
    served.post(f"/orders/{order_id}/cancel")
    assert problem(served.http.post(f"/orders/{order_id}/cancel"), 409)["type"].endswith("conflict")


class BrokenLog(MemoryLog):
    """A log on a full disk: from a given moment on nothing can be appended."""

    full = False

    def append(self, records: Any) -> "Future[None]":  # noqa: ANN401
        if self.full:
            failed: Future[None] = Future()
            failed.set_exception(LogError("the disk is full"))
            return failed
        return super().append(records)


def test_log_that_cannot_be_written() -> None:
    log = BrokenLog(town.header())
    answers = []
    with pytest.raises(LogError, match="disk is full"), serving(log=log) as served:  # noqa: PT012
        log.full = True
        answers.append(served.http.post("/orders", json=GOOD_ORDER))
    assert problem(answers[0], 503)["type"].endswith("log-failed")


@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_body_breaks_the_server(shared: Served, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/orders", "/riders/r-1/fixes", "/fixes", "/riders/r-1/shift"):
        assert shared.http.post(path, content=content, headers=headers).status_code in {400, 422}


def test_deeply_nested_body(shared: Served) -> None:
    content = b"[" * 60_000
    answer = shared.http.post("/orders", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code)
