"""What customers see, and above all what they do not."""

from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from api.minimap import MiniMap
from api.track.customer_view import LINK_LIFE_MS, customer_out
from domain.events import (
    Event,
    OrderAssigned,
    OrderPickedUp,
    OrderPlaced,
    RiderMoved,
    ShiftStarted,
    TripAssigned,
)
from domain.plans import Explanation, Leg, Stop, StopKind
from domain.units import HOUR_MS, MINUTE_MS
from runtime.event_log.port import LogRecord
from runtime.projections import ReadModel
from tests.api.served import Served, serving, town_geojson
from tests.runtime import town


def track(served: Served, token: str, expect: int = 200) -> dict[str, Any]:
    answer = served.stranger.get(f"/track/{token}")
    assert answer.status_code == expect, answer.text
    view: dict[str, Any] = answer.json()
    return view


def test_customer_sees_the_rider_only_between_pickup_and_delivery(served: Served) -> None:
    served.start_shift("rider-1")
    placed = served.place()
    order_id, token = placed["order_id"], placed["tracking_token"]
    rides = iter(range(100))

    def rider_shown() -> dict[str, Any] | None:
        served.fix("rider-1", next(rides), 0.51234567, 0.0)
        view = track(served, token)
        assert "wei li" not in str(view).lower()
        shown: dict[str, Any] | None = view["rider"]
        return shown

    assert rider_shown() is None
    served.offered(order_id)
    assert rider_shown() is None
    served.post(f"/orders/{order_id}/accept", {"rider_id": "rider-1"})
    assert rider_shown() is None
    served.post(f"/orders/{order_id}/arrive", {"rider_id": "rider-1", "at": "merchant"})
    assert rider_shown() is None
    served.post(f"/orders/{order_id}/pick-up", {"rider_id": "rider-1"})
    rider = rider_shown()
    assert rider is not None
    assert (rider["lon"], rider["lat"], rider["first_name"]) == (104.0026, 30.0, "Wei")
    served.post(f"/orders/{order_id}/arrive", {"rider_id": "rider-1", "at": "door"})
    assert rider_shown() is not None
    served.post(f"/orders/{order_id}/deliver", {"rider_id": "rider-1"})
    assert rider_shown() is None


def test_steps_eta_and_map(served: Served) -> None:
    served.start_shift("rider-1")
    placed = served.place()
    served.picked_up(placed["order_id"])
    served.fix("rider-1", 0, 0.1, 0.0)
    view = track(served, placed["tracking_token"])
    assert [step["done"] for step in view["steps"]] == [True, True, True, False]
    assert view["eta"]["earliest"] <= view["eta"]["at"] <= view["eta"]["latest"]
    assert view["stops_before"] == 0
    assert view["map"]["route"][0] == [104.0005, 30.0]
    assert len(view["map"]["streets"]) > 0
    assert len(view["map"]["water"]) == 1


def test_way_to_other_customers_doors_is_not_shown() -> None:
    model = ReadModel(town.TOWN, town.streets())
    for index, event in enumerate(two_orders_on_one_trip()):
        model.apply(LogRecord(index + 1, town.START_MS, None, event))
    mini_map = MiniMap(town_geojson()["features"])
    first, second = (
        customer_out(model, order, now_ms=town.START_MS, rate=1.0, mini_map=mini_map)
        for order in model.orders.open.values()
    )
    assert (first.stops_before, second.stops_before) == (0, 1)
    assert first.map is not None
    assert second.map is not None
    assert first.map.route == [(104.0, 30.0), (104.005, 30.0)]
    assert second.map.route is None


def two_orders_on_one_trip() -> list[Event]:
    streets = town.streets()
    paths = [streets.path(0, 1, 0), streets.path(1, 2, 0)]
    stops = tuple(
        Stop(
            StopKind.DROPOFF,
            (f"order-{number + 1}",),
            number + 1,
            Leg(number, number + 1, path.passed_ms[-1], path.length_m, path.keys, path.passed_ms),
            town.START_MS,
            town.START_MS,
        )
        for number, path in enumerate(paths)
    )
    ids = ("order-1", "order-2")
    doors = [town.corner(1, 0), town.corner(2, 0)]
    placed: list[Event] = [
        OrderPlaced(order_id, "", "m1", "all", door, 0, key, 0, town.START_MS, town.START_MS + HOUR_MS)
        for key, (order_id, door) in enumerate(zip(ids, doors, strict=True), start=1)
    ]
    return [
        *placed,
        ShiftStarted("rider-1", "Wei Li", town.corner(0, 0), 0, town.START_MS + HOUR_MS),
        TripAssigned("trip-1", "rider-1", "m1", ids, stops),
        *(OrderAssigned(i, "rider-1", "trip-1", town.START_MS, town.START_MS, Explanation()) for i in ids),
        *(OrderPickedUp(order_id, "rider-1", "trip-1") for order_id in ids),
        RiderMoved("rider-1", town.START_MS, town.corner(0, 0), None, None),
    ]


def test_wrong_revoked_and_expired_links_get_one_answer(served: Served) -> None:
    served.start_shift("rider-1")
    placed = served.place()
    order_id, revoked = placed["order_id"], placed["tracking_token"]
    expired = served.post(f"/orders/{order_id}/tracking-link")["tracking_token"]
    track(served, expired)
    served.delivered(order_id)
    served.advance(LINK_LIFE_MS - MINUTE_MS)
    track(served, expired)
    served.advance(MINUTE_MS)
    answers = [track(served, token, 404) for token in (revoked, expired, "never-given-out")]
    assert answers[0] == answers[1] == answers[2]
    tickets = [served.stranger.post(f"/track/{token}/ticket") for token in (revoked, expired, "never")]
    assert {answer.status_code for answer in tickets} == {404}
    assert {answer.text for answer in tickets} == {served.stranger.get("/track/x").text}


def test_canceled_orders_say_so_for_a_while(served: Served) -> None:
    placed = served.place()
    served.post(f"/orders/{placed['order_id']}/cancel", {"reason": "closed"})
    assert track(served, placed["tracking_token"])["canceled_reason"] == "closed"
    served.advance(3 * HOUR_MS)
    track(served, placed["tracking_token"], 404)


def test_nobody_to_bring_it_is_told(served: Served) -> None:
    placed = served.place()
    # With nobody on duty the estimate says so at once, before the promise has passed.
    assert track(served, placed["tracking_token"])["why_late"] == "no_rider"
    served.start_shift("r1")
    with_riders = served.place()
    assert track(served, with_riders["tracking_token"])["why_late"] is None


def test_new_link_cuts_off_who_follows_by_the_old_one(served: Served) -> None:
    placed = served.place()
    path = f"/track/{placed['tracking_token']}/ticket"
    waiting = served.stranger.post(path).json()["ticket"]
    ticket = served.stranger.post(path).json()["ticket"]
    with served.live(ticket) as live:
        live.follow(f"order:{placed['order_id']}")
        served.post(f"/orders/{placed['order_id']}/tracking-link")
        with pytest.raises(ConnectionClosed) as closed:
            live.next("never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4003
    with served.live(waiting) as live, pytest.raises(ConnectionClosed):
        live.next()


def test_links_survive_a_restart_but_not_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "links.db"
    with serving(links_path=path) as served:
        placed = served.place()
        log = served.driver.room.log
        assert placed["tracking_token"] not in repr(list(log.read()))
    assert placed["tracking_token"].encode() not in path.read_bytes()
    with serving(links_path=path) as served:
        again = served.place()
        assert again["order_id"] == placed["order_id"]  # a new log counts anew
        track(served, placed["tracking_token"], 404)  # its new link has revoked the old one
        track(served, again["tracking_token"])
