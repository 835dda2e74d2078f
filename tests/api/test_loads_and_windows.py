"""Over HTTP: how large an order is, what a rider can carry, and orders for later."""

from typing import Any

import pytest

from domain.units import HOUR_MS, MINUTE_MS
from tests.api.served import Served
from tests.runtime import town

DOOR = town.corner(2, 2)


def order(**more: object) -> dict[str, Any]:
    return {"merchant_id": "m1", "dropoff": {"lon": DOOR.x, "lat": DOOR.y}, **more}


def window(served: Served, begins_min: int = 120, ends_min: int = 150) -> dict[str, str]:
    return {
        "earliest": served.later(begins_min * MINUTE_MS),
        "latest": served.later(ends_min * MINUTE_MS),
    }


def shift(served: Served, **more: object) -> dict[str, Any]:
    return {"lon": town.WEST, "lat": town.SOUTH, "ends_at": served.later(8 * HOUR_MS), **more}


def test_what_an_order_takes_up_is_told_again(served: Served) -> None:
    placed = served.post("/orders", order(type="groceries", volume_l=25, weight_g=8_000))
    plain = served.post("/orders", order())
    stated = ("groceries", 25, 8_000)
    assert (placed["type"], placed["volume_l"], placed["weight_g"]) == stated
    shown = served.get(f"/orders/{placed['order_id']}")
    assert (shown["type"], shown["volume_l"], shown["weight_g"]) == stated
    assert (plain["type"], plain["volume_l"], plain["weight_g"]) == (None, None, None)
    assert served.post("/orders", order(volume_l=3))["type"] == "meal"


def test_what_a_rider_can_carry_is_told_again(served: Served) -> None:
    scooter = served.post("/riders/rider-1/shift", shift(served, vehicle="scooter"))
    assert (scooter["vehicle"], scooter["capacity"]) == ("scooter", {"volume_l": 90, "weight_g": 30_000})
    stated = {"volume_l": 12, "weight_g": 3_000}
    small = served.post("/riders/rider-2/shift", shift(served, vehicle="scooter", capacity=stated))
    assert small["capacity"] == stated
    anything = served.post("/riders/rider-3/shift", shift(served))
    assert (anything["vehicle"], anything["capacity"]) == (None, None)
    starts = {"starts_at": served.later(HOUR_MS), "ends_at": served.later(2 * HOUR_MS)}
    announced = {**shift(served, vehicle="bicycle"), **starts}
    assert served.http.put("/riders/rider-4/next-shift", json=announced).status_code == 204


def test_an_order_that_nobody_can_carry_waits_for_somebody_who_can(served: Served) -> None:
    served.post("/riders/rider-1/shift", shift(served, vehicle="on_foot"))
    placed = served.post("/orders", order(type="parcel", volume_l=200, ready_at=served.later(MINUTE_MS)))
    served.advance(5 * MINUTE_MS)
    held = served.get(f"/orders/{placed['order_id']}")
    assert (held["state"], held["held_reason"]) == ("placed", "no_rider_can_carry")
    assert held["explanation"]["reason"] == "no_rider_can_carry"
    served.post("/riders/rider-2/shift", shift(served, vehicle="car"))
    assert served.offered(placed["order_id"]) == "rider-2"


def test_an_order_for_later_waits_for_its_window(served: Served) -> None:
    served.start_shift("rider-1")
    wanted = window(served)
    placed = served.post("/orders", order(window=wanted))
    order_id = placed["order_id"]
    assert (placed["state"], placed["window"], placed["promised_at"]) == (
        "scheduled",
        wanted,
        wanted["latest"],
    )
    assert served.now() < placed["release_at"] < wanted["latest"]
    customer = served.stranger.get(f"/track/{placed['tracking_token']}").json()
    assert (customer["state"], customer["window"], customer["eta"]) == ("scheduled", wanted, None)
    assert (customer["why_late"], customer["promised_at"]) == (None, wanted["latest"])
    assert order_id in [o["order_id"] for o in served.get("/orders?state=scheduled")["orders"]]

    served.advance(60 * MINUTE_MS)
    waiting = served.get(f"/orders/{order_id}")
    assert (waiting["state"], waiting["held_reason"]) == ("scheduled", "waits_for_window")
    assert served.get("/summary")["late"] == 0
    served.advance(64 * MINUTE_MS)
    shown = served.get(f"/orders/{order_id}")
    assert shown["state"] != "scheduled"
    assert [entry["event"] for entry in shown["timeline"]][:3] == [
        "OrderPlaced",
        "OrderHeld",
        "OrderReleased",
    ]


def test_an_order_for_later_can_be_called_off(served: Served) -> None:
    placed = served.post("/orders", order(window=window(served)))
    canceled = served.post(f"/orders/{placed['order_id']}/cancel", {"reason": "not hungry any more"})
    assert canceled["state"] == "canceled"
    served.advance(3 * HOUR_MS)
    events = [entry["event"] for entry in served.get(f"/orders/{placed['order_id']}")["timeline"]]
    assert "OrderReleased" not in events


@pytest.mark.parametrize(
    ("begins_min", "ends_min", "field", "words"),
    [
        (-60, 60, "window.earliest", "not before the order is placed"),
        (60, 60, "window.latest", "at least 15 min after the window's start"),
        (60, 30, "window.latest", "at least 15 min after the window's start"),
        (60, 70, "window.latest", "at least 15 min after the window's start"),
        (8 * 24 * 60, 8 * 24 * 60 + 30, "window.earliest", "not after"),
    ],
)
def test_a_window_that_cannot_be_is_a_problem_with_its_field(
    shared: Served, begins_min: int, ends_min: int, field: str, words: str
) -> None:
    answer = shared.post("/orders", order(window=window(shared, begins_min, ends_min)), expect=422)
    (error,) = answer["errors"]
    assert error["field"] == field
    assert words in error["allowed"]
    assert "Z" in error["allowed"], "instants are told as RFC 3339"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"volume_l": -1}, "volume_l"),
        ({"volume_l": 501}, "volume_l"),
        ({"weight_g": 1.5}, "weight_g"),
        ({"weight_g": 200_001}, "weight_g"),
        ({"type": "piano"}, "type"),
        ({"window": {"earliest": "soon", "latest": "later"}}, "window.earliest"),
        ({"window": {}}, "window.earliest"),
    ],
)
def test_a_load_out_of_range_is_a_problem_with_its_field(
    shared: Served, change: dict[str, object], field: str
) -> None:
    answer = shared.post("/orders", order(**change), expect=422)
    assert answer["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vehicle": "unicycle"}, "vehicle"),
        ({"capacity": {"volume_l": 0, "weight_g": 100}}, "capacity.volume_l"),
        ({"capacity": {"volume_l": 10}}, "capacity.weight_g"),
    ],
)
def test_a_capacity_out_of_range_is_a_problem_with_its_field(
    shared: Served, change: dict[str, object], field: str
) -> None:
    answer = shared.post("/riders/rider-77/shift", shift(shared, **change), expect=422)
    assert answer["errors"][0]["field"] == field
