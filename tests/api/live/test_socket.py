"""The live socket over a real connection."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from domain.units import MINUTE_MS, SECOND_MS
from tests.api.served import LiveTester, Served


def closed_with(live: LiveTester) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        live.next("never")
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_dispatcher_sees_an_order_from_click_to_door(served: Served) -> None:
    served.start_shift("rider-1")
    with served.live() as live:
        hello = live.next()
        assert (hello["t"], hello["rate"]) == ("hello", 1.0)
        snapshot = live.follow("fleet:all")
        assert [rider["rider_id"] for rider in snapshot["data"]["riders"]] == ["rider-1"]
        assert (snapshot["data"]["seq"], snapshot["data"]["epoch"]) == (snapshot["seq"], snapshot["epoch"])
        order_id = served.place()["order_id"]
        served.delivered(order_id)
        frames = [frame for frame in live.drain() if frame["t"] == "state"]
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    states = [f["data"]["order"]["state"] for f in frames if "order" in f["data"]]
    assert list(dict.fromkeys(states)) == [
        "placed",
        "offered",
        "assigned",
        "at_merchant",
        "picked_up",
        "delivered",
    ]
    riders = [f["data"]["rider"]["state"] for f in frames if "rider" in f["data"]]
    assert list(dict.fromkeys(riders)) == ["offered", "to_merchant", "at_merchant", "to_door", "idle"]
    summaries = [f["data"]["summary"] for f in frames if "summary" in f["data"]]
    assert summaries[-1] == {**served.get("/summary"), "fixes_received": 0}


def test_fleet_over_http_and_socket_meet_without_a_gap(served: Served) -> None:
    fleet = served.get("/fleet")
    order_id = served.place()["order_id"]
    with served.live() as live:
        resumed = live.follow("fleet:all", epoch=fleet["epoch"], since=fleet["seq"])
        assert (resumed["t"], resumed["recovered"]) == ("resumed", True)
        frames = live.drain()
    assert [f["data"]["order"]["order_id"] for f in frames if f["event"] == "OrderPlaced"] == [order_id]


def test_reconnecting_client_misses_and_doubles_nothing(served: Served) -> None:
    with served.live() as live:
        place = live.follow("fleet:all")
        first = served.place()["order_id"]
        seen = live.drain()
    second = served.place()["order_id"]
    with served.live() as live:
        live.follow("fleet:all", epoch=place["epoch"], since=seen[-1]["seq"])
        third = served.place()["order_id"]
        seen += live.drain()
    placed = [f["data"]["order"]["order_id"] for f in seen if f.get("event") == "OrderPlaced"]
    assert placed == [first, second, third]
    numbers = [f["seq"] for f in seen if f["t"] == "state"]
    assert numbers == list(range(1, len(numbers) + 1))


def test_positions_travel_latest_first(served: Served) -> None:
    served.start_shift("rider-1")
    with served.live() as live:
        live.follow("fleet:all")
        served.fix("rider-1", 0, 0.25, 0.0)
        riders = live.next("positions")["riders"]
    (rider_id, lon, lat, _, fixed_at_ms), *_ = riders
    assert (rider_id, lon, lat) == ("rider-1", 104.00125, 30.0)
    assert isinstance(fixed_at_ms, int)


def test_customer_follows_one_order_and_sees_the_rider_on_the_way_only(served: Served) -> None:
    served.start_shift("rider-1")
    placed = served.place()
    order_id = placed["order_id"]
    ticket = served.stranger.post(f"/track/{placed['tracking_token']}/ticket").json()["ticket"]
    with served.live(ticket) as live:
        snapshot = live.follow(f"order:{order_id}")
        assert snapshot["data"]["map"]["streets"]
        served.fix("rider-1", 0, 0.2, 0.0)
        served.picked_up(order_id)
        served.fix("rider-1", 1, 0.3, 0.0)
        position = live.next("position")
        served.post(f"/orders/{order_id}/deliver", {"rider_id": "rider-1"})
        served.fix("rider-1", 2, 0.4, 0.0)
        served.advance(SECOND_MS)
        after = live.drain()
    assert (position["lon"], position["lat"]) == (104.0015, 30.0)
    assert "rider_id" not in position
    views: list[dict[str, Any]] = [frame["data"] for frame in after if frame["t"] == "state"]
    assert all("map" not in view for view in views)
    assert views[-1]["state"] == "delivered"
    assert [view["rider"] for view in views if view["state"] not in {"picked_up", "at_door"}] == [None]
    assert [frame for frame in after if frame["t"] == "position"] == []


def test_operator_follows_one_order(served: Served) -> None:
    order_id = served.place()["order_id"]
    with served.live() as live:
        assert live.follow(f"order:{order_id}")["data"]["merchant_id"] == "m1"
        served.post(f"/orders/{order_id}/ready")
        assert live.next("state")["data"]["is_ready"]


def test_zone_shows_its_own_orders_and_riders(served: Served) -> None:
    served.start_shift("rider-west", 0, 0)
    served.start_shift("rider-east", 3, 3)
    with served.live() as live:
        zone = live.follow("fleet:west")
        assert [rider["rider_id"] for rider in zone["data"]["riders"]] == ["rider-west"]
        served.place()  # to the east
        west = served.place(dropoff={"lon": 104.0, "lat": 30.0})["order_id"]
        frames = [f for f in live.drain() if f.get("event") == "OrderPlaced"]
    assert [frame["data"]["order"]["order_id"] for frame in frames] == [west]


def test_late_order_becomes_an_incident_that_dispatchers_close(served: Served) -> None:
    with served.live() as live:
        live.follow("fleet:all")
        order_id = served.place()["order_id"]
        served.advance(120 * MINUTE_MS)
        opened = [f["data"]["incident"] for f in live.drain() if f.get("event") == "IncidentOpened"]
        (incident,) = [entry for entry in opened if entry["type"] == "late"]
        incident_id = incident["incident_id"]
        assert served.get(f"/orders/{order_id}")["incident_ids"]
        assert (
            served.post(f"/incidents/{incident_id}/acknowledge", {"by": "Chen"})["acknowledged_by"] == "Chen"
        )
        acknowledged = served.get("/incidents?state=acknowledged")["incidents"]
        assert [entry["incident_id"] for entry in acknowledged] == [incident_id]
        resolved = served.post(f"/incidents/{incident_id}/resolve", {"reason": "called", "by": "Chen"})
        assert resolved["state"] == "resolved"
        events = [f["event"] for f in live.drain() if f["t"] == "state"]
    assert events[-2:] == ["IncidentAcknowledged", "IncidentResolved"]
    assert incident_id not in served.get(f"/orders/{order_id}")["incident_ids"]
    assert served.get("/incidents?state=all")["incidents"]


def test_ticket_is_for_one_use(shared: Served) -> None:
    ticket = shared.post("/live/tickets")["ticket"]
    with shared.live(ticket) as live:
        assert live.next()["t"] == "hello"
    with shared.live(ticket) as live:
        assert closed_with(live) == 4001


@pytest.mark.parametrize("ticket", ["", "made-up"])
def test_bad_ticket(shared: Served, ticket: str) -> None:
    with shared.live(ticket) as live:
        assert closed_with(live) == 4001


def test_other_pages_may_not_connect(shared: Served) -> None:
    ticket = shared.post("/live/tickets")["ticket"]
    with shared.live(ticket, origin="http://evil.example") as live:
        assert closed_with(live) == 4003
    with shared.live(ticket, origin=shared.url) as live:
        assert live.next()["t"] == "hello"


def test_customer_may_follow_nothing_else(shared: Served) -> None:
    mine, other = shared.place(), shared.place()
    ticket = shared.stranger.post(f"/track/{mine['tracking_token']}/ticket").json()["ticket"]
    with shared.live(ticket) as live:
        for topic in ("fleet:all", f"order:{other['order_id']}", "order:", "x"):
            assert live.follow(topic)["status"] == 403
        assert live.follow(f"order:{mine['order_id']}")["t"] == "snapshot"


@pytest.mark.parametrize("topic", ["fleet:nowhere", "order:order-999", "fleet", "", "x" * 300])
def test_unknown_topics(shared: Served, topic: str) -> None:
    with shared.live() as live:
        refused = live.follow(topic)
        assert refused["status"] == 404
        assert refused["topic"] == topic[:200]


def test_nonsense_is_answered_and_the_connection_stays(shared: Served) -> None:
    with shared.live() as live:
        live.send("nonsense")
        assert live.next("error")["status"] == 422
        live.send({"ping": 5})
        assert live.next("pong") == {"t": "pong", "n": 5}


def test_unfollowed_topic_is_silent(shared: Served) -> None:
    with shared.live() as live:
        live.follow("fleet:all")
        live.send({"unsub": True, "topic": "fleet:all"})
        live.send({"unsub": True, "topic": "fleet:all"})
        live.drain()
        shared.place()
        assert live.drain() == []


def test_connection_follows_a_bounded_number_of_topics(shared: Served) -> None:
    with shared.live() as live:
        answers = [live.follow(f"order:{shared.place()['order_id']}") for _ in range(17)]
        assert [answer["t"] for answer in answers[:16]] == ["snapshot"] * 16
        assert answers[16]["status"] == 409


def test_huge_message_ends_the_connection(shared: Served) -> None:
    with shared.live() as live:
        live.send(json.dumps({"ping": "x" * 20_000}))
        assert closed_with(live) == 1009
