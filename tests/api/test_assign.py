"""Assigning by hand over the API: the pin is shown, told and explained, and refusals say what is right."""

from collections.abc import Iterator

import pytest

from domain.units import MINUTE_MS
from tests.api.served import Served, serving


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as server:
        server.start_shift("near")
        server.start_shift("far", 3, 3)
        yield server


def test_an_order_assigned_by_hand_is_offered_to_that_rider_and_says_so(served: Served) -> None:
    order_id = served.place()["order_id"]
    order = served.post(f"/orders/{order_id}/assign", {"rider_id": "far", "by": "Chen"})
    assert (order["state"], order["rider_id"]) == ("offered", "far")
    assert (order["pin"]["rider_id"], order["pin"]["by"]) == ("far", "Chen")
    assert served.later(-MINUTE_MS) < order["pin"]["at"] <= served.now()
    detail = served.get(f"/orders/{order_id}")
    assert detail["explanation"]["reason"] == "assigned_by_hand"
    assert detail["explanation"]["alternatives"][0]["rider_id"] == "near"
    assert ["OrderPinned", "far by Chen"] in [[line["event"], line["detail"]] for line in detail["timeline"]]


def test_it_waits_for_a_busy_rider_while_another_is_free_until_it_is_released(served: Served) -> None:
    first, second = served.place()["order_id"], served.place()["order_id"]
    served.post(f"/orders/{first}/assign", {"rider_id": "far"})
    order = served.post(f"/orders/{second}/assign", {"rider_id": "far"})
    assert (order["state"], order["rider_id"]) == ("placed", None)
    assert order["held_reason"] == "waits_for_pinned_rider"
    served.post(f"/orders/{first}/accept", {"rider_id": "far"})
    served.advance(5 * MINUTE_MS)
    waiting = served.get(f"/orders/{second}")
    assert (waiting["state"], waiting["explanation"]["foreseen"]) == ("placed", "far")
    released = served.post(f"/orders/{second}/release", {"by": "Wang"})
    assert (released["pin"], released["held_reason"]) == (None, None)
    assert served.offered(second) == "near"


def test_a_pin_that_falls_is_told_to_whoever_watches(served: Served) -> None:
    order_id = served.place()["order_id"]
    with served.live() as live:
        live.follow("fleet:all")
        served.post(f"/orders/{order_id}/assign", {"rider_id": "far", "by": "Chen"})
        served.post(f"/orders/{order_id}/decline", {"rider_id": "far"})
        told = [f for f in live.drain() if f["t"] == "state" and "order" in f["data"]]
    pins = {frame["event"]: frame["data"]["order"]["pin"] for frame in told}
    assert pins["OrderPinned"]["rider_id"] == "far"
    assert pins["OrderUnpinned"] is None
    assert served.offered(order_id) == "near"


def test_what_cannot_be_assigned_is_a_problem_that_says_what_would_be_right(served: Served) -> None:
    order_id, carried = served.place()["order_id"], served.place()["order_id"]
    served.post(f"/orders/{carried}/assign", {"rider_id": "near"})
    served.picked_up(carried)
    short = {"lon": 104.0, "lat": 30.0, "ends_at": served.later(MINUTE_MS)}
    served.post("/riders/brief/shift", short)
    served.start_shift("gone")
    served.http.delete("/riders/gone/shift")
    for path, body, status, slug, words in (
        ("order-99/assign", {"rider_id": "far"}, 404, "unknown-id", "no order 'order-99'"),
        (f"{order_id}/assign", {"rider_id": "nobody"}, 404, "unknown-id", "a rider of GET /riders"),
        (f"{order_id}/assign", {"rider_id": "gone"}, 409, "conflict", "off duty; possible: a rider on duty"),
        (f"{carried}/assign", {"rider_id": "far"}, 409, "wrong-state", "is picked_up"),
        (f"{order_id}/release", {}, 409, "conflict", "not assigned by hand"),
        (f"{order_id}/assign", {"rider_id": "brief"}, 409, "rule-broken", "a rider whose shift lasts until"),
        (f"{order_id}/assign", {"rider_id": "far", "by": "x" * 65}, 422, "validation", "64"),
    ):
        problem = served.post(f"/orders/{path}", body, expect=status)
        assert problem["type"] == f"urn:peakline:problem:{slug}"
        assert words in str(problem)
    assert served.get(f"/orders/{order_id}")["pin"] is None


def test_a_broken_rule_is_named_with_the_field_and_an_instant_to_read(served: Served) -> None:
    served.post("/riders/brief/shift", {"lon": 104.0, "lat": 30.0, "ends_at": served.later(MINUTE_MS)})
    order_id = served.place()["order_id"]
    problem = served.post(f"/orders/{order_id}/assign", {"rider_id": "brief"}, expect=409)
    (error,) = problem["errors"]
    assert error["field"] == "rider_id"
    assert error["allowed"].startswith("a rider whose shift lasts until the pickup, at 20")
    assert "(pickup_after_shift)" in error["message"]
