"""Riders under way to where they are to wait: free for trips from wherever they are, stored and replayed."""

from dataclasses import replace

import msgspec
import pytest

from dispatch.book import DispatchState
from dispatch.params import DispatchParams, PrepositioningParams
from domain.commands import (
    AcceptOffer,
    ApplyPlan,
    EndShift,
    PlaceOrder,
    RecordFixes,
    ReportBreakdown,
    StartShift,
)
from domain.events import MoveAdvised, PlanRefused, RiderBrokeDown, TripAssigned, TripOffered
from domain.fixes import Fix
from domain.geo import Point
from domain.plans import DispatchPlan, Explanation, Move, PlannedTrip
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.bootstrap import build_control_room, replay_log
from runtime.city_setup import CitySetup
from runtime.codec import canonical
from runtime.control_room import ControlRoom
from runtime.event_log.memory import MemoryLog
from runtime.solver import ReplaySolver
from tests.runtime.town import START_MS, corner, header, setup, streets

RIDER = "r1"
WHY = Explanation(reason="orders_expected")


def moving_setup(**rules: object) -> CitySetup:
    params = DispatchParams(
        prepositioning=PrepositioningParams(most_drive_ms=20 * MINUTE_MS, before_end_ms=0)
    )
    return replace(setup(prepositioning=True, **rules), dispatch_params=params)


class Street:
    """A control room in a town with streets, where the test itself answers decisions."""

    def __init__(self, *, may_decline: bool = False) -> None:
        self.setup = moving_setup(riders_may_decline=may_decline)
        self.log = MemoryLog(header())
        self.room: ControlRoom = build_control_room(self.setup, self.log, solver=ReplaySolver())
        self.now_ms: Millis = START_MS
        self.say(StartShift(RIDER, corner(0, 3), START_MS + 3 * HOUR_MS))

    @property
    def state(self) -> DispatchState:
        state: DispatchState = self.room.engines["dispatch"].state
        return state

    def say(self, command: object, after_ms: Millis = 0) -> list[object]:
        self.now_ms += after_ms
        return self.room.submit(command, self.now_ms).events  # type: ignore[arg-type, return-value]

    def decide(self, *trips: PlannedTrip, moves: tuple[Move, ...] = ()) -> list[object]:
        if self.state.pending_decision is None:
            due_ms = self.room.next_due_ms()
            assert due_ms is not None
            self.now_ms = max(due_ms, self.now_ms)
            self.room.advance(self.now_ms)
        assert self.state.pending_decision is not None
        return self.say(ApplyPlan(DispatchPlan(self.state.pending_decision, "test", trips, moves=moves)))

    def order(self) -> str:
        self.say(PlaceOrder("m1", corner(1, 0), ready_at_ms=self.now_ms))
        return f"order-{self.state.ids.counts['order']}"

    def send_away(self) -> MoveAdvised:
        """Move the rider along the whole south side, from the crossing 12 to the crossing 15."""
        (advised,) = [e for e in self.decide(moves=(Move(RIDER, 15, WHY),)) if isinstance(e, MoveAdvised)]
        return advised


def test_a_decision_comes_for_idle_riders_though_nobody_has_ordered() -> None:
    street = Street()
    assert street.room.next_due_ms() is not None
    advised = street.send_away()
    assert (advised.rider_id, advised.merchant_id) == (RIDER, "m3")
    assert (advised.leg.origin, advised.leg.destination) == (12, 15)
    assert advised.arrives_at_ms == street.now_ms + advised.leg.duration_ms
    assert advised.explanation == WHY
    assert street.state.riders[RIDER].state == "idle"
    assert street.state.epoch_due_ms is None


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.7, 1.0, 2.0])
def test_a_rider_on_the_way_is_assigned_from_where_the_rider_is(share: float) -> None:
    street = Street()
    advised = street.send_away()
    leg = advised.leg
    left_ms = street.now_ms
    street.now_ms += round(share * leg.duration_ms)
    order_id = street.order()
    events = street.decide(PlannedTrip(RIDER, (order_id,), (WHY,)))
    (assigned,) = [e for e in events if isinstance(e, TripAssigned)]
    passed = [
        k for k, after_ms in zip(leg.path, leg.passed_ms, strict=True) if left_ms + after_ms <= street.now_ms
    ]
    assert assigned.stops[0].leg.origin == passed[-1]
    assert street.state.moves == {}


def test_an_offer_is_answered_on_the_way_and_the_trip_begins_from_there() -> None:
    street = Street(may_decline=True)
    leg = street.send_away().leg
    left_ms = street.now_ms
    street.now_ms += leg.passed_ms[1] - 30_000
    order_id = street.order()
    (offer,) = [
        e for e in street.decide(PlannedTrip(RIDER, (order_id,), (WHY,))) if isinstance(e, TripOffered)
    ]
    assert offer.stops[0].leg.origin == leg.path[0]
    thinks_ms = left_ms + leg.passed_ms[1] - street.now_ms
    (assigned,) = [
        e for e in street.say(AcceptOffer(RIDER, offer.trip_id), thinks_ms) if isinstance(e, TripAssigned)
    ]
    assert assigned.stops[0].leg.origin == leg.path[1]
    assert street.state.moves == {}


def test_snapshots_see_the_rider_where_the_way_has_led() -> None:
    street = Street()
    leg = street.send_away().leg
    left_ms = street.now_ms
    street.now_ms += leg.passed_ms[1]
    street.order()
    street.now_ms = street.room.next_due_ms() or 0
    street.room.advance(street.now_ms)
    snapshot = street.state.asked
    assert snapshot is not None
    (rider,) = snapshot.riders
    assert (rider.location, rider.is_free) == (leg.path[1], True)
    assert [(m.rider_id, m.destination, m.arrives_at_ms) for m in snapshot.moving] == [
        (RIDER, 15, left_ms + leg.duration_ms)
    ]


def test_who_arrived_is_on_the_way_no_longer_and_may_be_moved_again() -> None:
    street = Street()
    advised = street.send_away()
    street.now_ms = advised.arrives_at_ms
    street.order()
    events = street.decide(moves=(Move(RIDER, 3, WHY),))
    (again,) = [e for e in events if isinstance(e, MoveAdvised)]
    assert (again.leg.origin, again.merchant_id) == (15, None)


def test_a_rider_found_elsewhere_goes_on_from_there() -> None:
    street = Street()
    advised = street.send_away()
    # The phone tells that the rider has not left; tracking publishes it when it has held the fix long enough.
    for k in range(12):
        fix = Fix(RIDER, street.now_ms + 10_000, k + 1, corner(0, 3), 5.0)
        street.say(RecordFixes((fix,)), 10_000)
    street.order()
    street.decide()
    move = street.state.moves[RIDER]
    assert move.leg.origin == 12
    assert move.arrives_at_ms > advised.arrives_at_ms


@pytest.mark.parametrize("command", [EndShift(RIDER), ReportBreakdown(RIDER, "flat tire")])
def test_who_goes_off_duty_is_on_no_way(command: object) -> None:
    street = Street()
    leg = street.send_away().leg
    events = street.say(command, leg.passed_ms[1])
    assert street.state.moves == {}
    for broke_down in (e for e in events if isinstance(e, RiderBrokeDown)):
        assert broke_down.location == leg.path[1]


def test_who_has_got_an_offer_meanwhile_is_not_moved() -> None:
    street = Street()
    order_id = street.order()
    street.decide(PlannedTrip(RIDER, (order_id,), (WHY,)))
    street.order()
    events = street.decide(moves=(Move(RIDER, 15, WHY),))
    assert any(isinstance(e, PlanRefused) for e in events)
    assert not any(isinstance(e, MoveAdvised) for e in events)


def test_a_way_survives_a_restart_and_a_replay() -> None:
    street = Street()
    leg = street.send_away().leg
    stored = msgspec.msgpack.encode(street.state)
    assert msgspec.msgpack.decode(stored, type=DispatchState) == street.state
    street.now_ms += leg.passed_ms[1]
    order_id = street.order()
    street.decide(PlannedTrip(RIDER, (order_id,), (WHY,)))
    engines, replayed = replay_log(moving_setup(riders_may_decline=False), street.log)
    assert replayed.added == 0
    assert engines.dispatch.state == street.state
    # A line of the log holds all of it.
    kinds = [type(record.message).__name__ for record in street.log.records]
    assert kinds.count("MoveAdvised") == 1
    assert b'"moves":[{"rider_id":"r1","location":15' in b"".join(map(canonical, street.log.records))


def test_the_way_is_where_the_streets_lead() -> None:
    assert streets().path(12, 15, START_MS).keys == (12, 13, 14, 15)
    assert corner(3, 3) == Point(streets().point(15).x, streets().point(15).y)
