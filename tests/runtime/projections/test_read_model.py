"""The read model against the engines, on random days and on days counted by hand."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from domain.commands import ApplyPlan, Command
from domain.events import (
    EtaChanged,
    Event,
    OfferExpired,
    OrderAssigned,
    OrderCanceled,
    OrderDelivered,
    OrderHeld,
    OrderOffered,
    OrderPickedUp,
    OrderPlaced,
    PlanApplied,
    PlanRefused,
    RiderArrivedAtDoor,
    RiderMoved,
    ShiftStarted,
    TripAssigned,
)
from domain.orders import OrderState
from domain.plans import DispatchPlan, Explanation, Leg, PlannedTrip, QueuedTrip, Stop, StopKind
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.event_log.port import LogRecord
from runtime.projections import ReadModel
from runtime.projections.median import RunningMedian
from runtime.projections.riders import remaining_route
from tests.runtime.play import Move, moves, play
from tests.runtime.town import START_MS, TOWN, control_room, corner, streets


def model_of(*events: tuple[Millis, Event]) -> ReadModel:
    model = ReadModel(TOWN, streets())
    for seq, (minute, event) in enumerate(events, start=1):
        model.apply(LogRecord(seq, START_MS + minute * MINUTE_MS, None, event))
    return model


def placed(order_id: str, promise_min: int = 30) -> OrderPlaced:
    promised_at_ms = START_MS + promise_min * MINUTE_MS
    return OrderPlaced(order_id, "", "m1", "all", corner(2, 2), 0, 10, 500, START_MS, promised_at_ms)


def assigned(order_id: str, eta_min: int) -> OrderAssigned:
    return OrderAssigned(order_id, "r1", "t1", START_MS, START_MS + eta_min * MINUTE_MS, Explanation())


def eta(order_id: str, minute: int) -> EtaChanged:
    at_ms = START_MS + minute * MINUTE_MS
    return EtaChanged(order_id, at_ms, at_ms - MINUTE_MS, at_ms + MINUTE_MS, 0.1)


def on_trip(*order_ids: str) -> list[tuple[Millis, Event]]:
    paths = [streets().path(0, 1, 0), streets().path(1, 2, 0)]
    stops = [
        Stop(StopKind.PICKUP, order_ids, 1, leg(paths[0]), START_MS, START_MS),
        *(Stop(StopKind.DROPOFF, (o,), 2, leg(paths[1]), START_MS, START_MS) for o in order_ids),
    ]
    return [
        (0, ShiftStarted("r1", "Wei Li", corner(0, 0), 0, START_MS + HOUR_MS)),
        (0, TripAssigned("t1", "r1", "m1", order_ids, tuple(stops))),
    ]


def leg(path: object) -> Leg:
    keys, passed_ms = path.keys, path.passed_ms  # type: ignore[attr-defined]
    return Leg(keys[0], keys[-1], passed_ms[-1], 450.0, keys, passed_ms)


@given(day=moves())
def test_views_say_what_the_engines_know(day: list[Move]) -> None:
    room = control_room()
    model = ReadModel(TOWN, streets())

    def take_in(records: object) -> None:
        for record in records:  # type: ignore[attr-defined]
            model.apply(record)

    room.subscribe(take_in)
    play(room, day)
    book = room.engines["dispatch"].state
    assert {key: view.state for key, view in model.orders.open.items()} == {
        key: order.state for key, order in book.orders.items()
    }
    assert {key: (view.rider_id, view.trip_id) for key, view in model.orders.open.items()} == {
        key: (order.rider_id, order.trip_id) for key, order in book.orders.items()
    }
    closed = {key: view.state for key, view in model.orders.all.items() if key not in model.orders.open}
    assert closed == book.closed
    assert {key: (view.state, view.trip_id) for key, view in model.riders.views.items()} == {
        key: (rider.state, rider.trip_id) for key, rider in book.riders.items()
    }
    ahead = {key: [stop.order_ids for stop in view.stops] for key, view in model.riders.views.items()}
    assert {key: stops for key, stops in ahead.items() if stops} == {
        trip.rider_id: [stop.order_ids for stop in trip.stops] for trip in book.trips.values()
    }
    assert set(model.incidents.unresolved) == {
        view.incident_id for view in model.incidents.all.values() if view.resolved_at_ms is None
    }

    from_log = ReadModel(TOWN, streets())
    take_in_log = list(room.log.read())
    for record in take_in_log:
        from_log.apply(record)
    assert from_log.orders == model.orders
    assert from_log.incidents == model.incidents
    assert from_log.riders.views == model.riders.views
    now_ms = room.now_ms
    assert from_log.summary(now_ms) == model.summary(now_ms)


def test_summary_of_a_day_counted_by_hand() -> None:
    model = model_of(
        *on_trip("o1", "o2"),
        *((0, placed(order_id)) for order_id in ("o1", "o2", "o3", "o4")),
        (1, assigned("o1", 20)),
        (1, assigned("o2", 25)),
        (5, OrderPickedUp("o1", "r1", "t1")),
        (5, OrderPickedUp("o2", "r1", "t1")),
        (24, OrderDelivered("o1", "r1", "t1")),
        (34, OrderDelivered("o2", "r1", "t1")),
        (35, OrderCanceled("o3", None, "")),
    )
    early = model.summary(START_MS + 30 * MINUTE_MS)
    assert (early.late, early.on_time_pct) == (1, 50.0)
    summary = model.summary(START_MS + 31 * MINUTE_MS)
    assert (summary.placed, summary.open, summary.assigned) == (4, 1, 2)
    assert (summary.delivered, summary.canceled) == (2, 1)
    assert (summary.late, summary.on_time_pct) == (2, pytest.approx(100 / 3))
    assert summary.median_click_to_door_min == 29.0
    assert summary.median_eta_error_min == 6.5  # |20 - 24| and |25 - 34|


def test_eta_at_pickup_is_the_one_that_the_pickup_itself_caused() -> None:
    model = model_of(
        *on_trip("o1"),
        (0, placed("o1")),
        (1, eta("o1", 40)),
        (1, assigned("o1", 20)),
        (5, OrderPickedUp("o1", "r1", "t1")),
        (5, eta("o1", 22)),
        (6, eta("o1", 60)),
        (25, OrderDelivered("o1", "r1", "t1")),
    )
    view = model.orders.all["o1"]
    assert view.eta_at_pickup_ms == START_MS + 22 * MINUTE_MS
    assert view.eta_at_ms == START_MS + 60 * MINUTE_MS
    assert model.summary(START_MS).median_eta_error_min == 3.0


def test_planned_drop_off_is_the_eta_while_tracking_says_nothing() -> None:
    view = model_of((0, placed("o1")), (1, assigned("o1", 20))).orders.all["o1"]
    assert (view.eta_at_ms, view.eta_earliest_ms) == (START_MS + 20 * MINUTE_MS, None)
    assert view.state is OrderState.ASSIGNED


def test_remaining_route_begins_at_the_rider_and_ends_at_the_door() -> None:
    model = model_of((0, placed("o1")), *on_trip("o1"))
    rider = model.riders.get("r1")
    assert rider is not None
    assert remaining_route(rider) == [corner(0, 0), corner(1, 0), corner(2, 0)]
    model.apply(LogRecord(0, START_MS, None, RiderMoved("r1", START_MS, corner(1, 0), None, None)))
    rider = model.riders.get("r1")
    assert rider is not None
    assert remaining_route(rider) == [corner(1, 0), corner(2, 0)]


def test_rider_who_goes_to_another_door_first_has_that_stop_first() -> None:
    model = model_of(
        (0, placed("o1")),
        (0, placed("o2")),
        *on_trip("o1", "o2"),
        (1, assigned("o1", 20)),
        (1, assigned("o2", 25)),
        (3, OrderPickedUp("o1", "r1", "t1")),
        (3, OrderPickedUp("o2", "r1", "t1")),
        (9, RiderArrivedAtDoor("o2", "r1", "t1")),
    )
    assert [stop.order_ids for stop in model.riders.views["r1"].stops] == [("o2",), ("o1",)]
    assert [model.stops_before(view) for view in model.orders.open.values()] == [1, 0]


def test_median_of_nothing_of_one_and_of_many() -> None:
    median = RunningMedian()
    assert median.minutes() is None
    median.add(3 * MINUTE_MS)
    assert median.minutes() == 3.0
    median.add(MINUTE_MS)
    assert median.minutes() == 2.0


def plan(number: int, *messages: Command | Event, **parts: Any) -> list[Command | Event]:  # noqa: ANN401
    decision_id = f"d-{number}"
    trips = parts.pop("trips", ())
    return [
        ApplyPlan(DispatchPlan(decision_id, "some", trips, **parts)),
        *(messages or (PlanApplied(decision_id, "some", len(trips), (), cut=False),)),
    ]


def test_why_an_order_has_no_rider_names_whom_the_newest_plan_foresees() -> None:
    waits = Explanation(reason="waits_in_queue", foreseen="r1")
    chosen = Explanation(reason="cheapest_plan", binding="kitchen")
    on_duty = ShiftStarted("r1", "Wei Li", corner(0, 0), 0, START_MS + HOUR_MS)
    model = model_of((0, on_duty), (0, placed("o1")), (0, placed("o2")))

    def hear(*messages: Command | Event) -> list[Explanation | None]:
        for message in messages:
            model.apply(LogRecord(model.seq + 1, START_MS, None, message))
        return [model.explanation("o1"), model.explanation("o2")]

    first = plan(1, queues=(QueuedTrip("r1", ("o1",)),))
    assert hear(*first, OrderHeld("o1", waits)) == [waits, None]
    moved = plan(2, queues=(QueuedTrip("r2", ("o2",)), QueuedTrip("r2", ("o1",))))
    assert hear(*moved) == [replace(waits, foreseen="r2"), None]
    refused = plan(3, PlanRefused("d-3", "some", "breaks_rules"), queues=(QueuedTrip("r3", ("o1",)),))
    assert hear(*refused) == [replace(waits, foreseen=None), None]
    trip = PlannedTrip("r1", ("o1", "o2"), (chosen, chosen))
    stale = plan(4, PlanApplied("d-4", "some", 0, ("o1", "o2"), cut=False), trips=(trip,))
    assert hear(*stale) == [replace(waits, foreseen=None), None]
    offered = [OrderOffered(order_id, "r1", "t1") for order_id in ("o1", "o2")]
    assert hear(*plan(5, trips=(trip,)), *offered) == [chosen, chosen]
    assert hear(OfferExpired("t1", "r1", ("o1", "o2"))) == [None, None]
