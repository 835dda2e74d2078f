"""Rescue: an order whose rider fails waits again at once, and never has two."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.params import DispatchParams, RescueParams
from domain.commands import (
    ArriveAtMerchant,
    DeclineOffer,
    DeliverOrder,
    EndShift,
    PickUpOrder,
    ReportBreakdown,
    ResolveIncident,
)
from domain.errors import InvalidValueError, UnknownIdError, WrongStateError
from domain.events import (
    DecisionRequested,
    IncidentOpened,
    OfferDeclined,
    OfferExpired,
    OrderAssigned,
    OrderCanceled,
    OrderDelivered,
    OrderOffered,
    OrderReturned,
    PlanApplied,
    RiderBrokeDown,
    ShiftEnded,
    TripEnded,
)
from domain.geo import Point
from domain.incidents import IncidentType, Severity
from domain.orders import OrderState
from domain.plans import ServiceRules
from domain.riders import RiderState
from domain.units import MINUTE_MS
from runtime.event_log.port import LogRecord
from tests.dispatch.chaos import STEPS, Chaos, Step, check
from tests.dispatch.desk import (
    ASSIGNING,
    DIVERTING,
    EXAMPLES,
    OFFERING,
    RIDER,
    Desk,
    falls_silent,
    is_heard,
    on_a_trip,
)

OTHER = "rider-2"


def states(desk: Desk, orders: list[str]) -> list[OrderState]:
    return [desk.state.orders[order_id].state for order_id in orders]


# --- breaking down ---


@pytest.mark.parametrize("rules", [OFFERING, ASSIGNING], ids=["offering", "assigning"])
def test_what_is_not_picked_up_waits_at_the_merchant(rules: ServiceRules) -> None:
    desk, orders = on_a_trip(rules=rules)
    pickup = desk.state.orders[orders[0]].pickup
    placed = [desk.state.orders[order_id].placed_at_ms for order_id in orders]
    events = desk.say(ReportBreakdown(RIDER, "flat tire"), MINUTE_MS)
    here = desk.state.riders[RIDER].location
    assert events == [
        RiderBrokeDown(RIDER, here, "flat tire"),
        *(OrderReturned(o, RIDER, "trip-1", pickup, False, "rider_broke_down") for o in orders),
        TripEnded("trip-1", RIDER, here, desk.now_ms),
        ShiftEnded(RIDER),
    ]
    assert list(desk.state.waiting) == orders
    assert [desk.state.orders[order_id].placed_at_ms for order_id in orders] == placed
    assert desk.state.riders[RIDER].state is RiderState.OFF_DUTY
    check(desk.state)


def test_what_is_in_the_bag_is_fetched_from_where_the_rider_stands() -> None:
    desk, (a, b) = on_a_trip()
    desk.say(ArriveAtMerchant(RIDER), 3 * MINUTE_MS)
    desk.say(PickUpOrder(RIDER, a), MINUTE_MS)
    merchant = desk.state.orders[b].pickup
    events = desk.say(ReportBreakdown(RIDER, point=Point(450.0, 0.0)), MINUTE_MS)
    returned = {e.order_id: e for e in events if isinstance(e, OrderReturned)}
    here = desk.plane.locate(Point(450.0, 0.0))
    assert (returned[a].pickup_location, returned[a].was_picked_up) == (here, True)
    assert (returned[b].pickup_location, returned[b].was_picked_up) == (merchant, False)
    desk.rider(OTHER, x=900.0)
    desk.wait(desk.params.epoch_ms)
    asked = desk.state.asked
    assert asked is not None
    stranded, fresh = asked.orders
    assert stranded.ready_at_ms <= desk.now_ms
    # They are of one merchant, but wait at two places: never one trip.
    assert stranded.merchant_id != fresh.merchant_id
    (applied,) = (e for e in desk.decide((OTHER, [a, b])) if isinstance(e, PlanApplied))
    assert applied.policy == "fallback"
    (trip,) = desk.state.trips.values()
    assert trip.order_ids == (a,)
    assert trip.stops[0].location == here
    desk.say(ArriveAtMerchant(OTHER), 2 * MINUTE_MS)
    desk.say(PickUpOrder(OTHER, a), MINUTE_MS)
    desk.say(DeliverOrder(OTHER, a), 2 * MINUTE_MS)
    assert desk.state.closed == {a: OrderState.DELIVERED}
    check(desk.state)


def test_food_is_handed_over_more_than_once_if_need_be() -> None:
    desk, (a,) = on_a_trip(6_000.0)
    desk.say(ArriveAtMerchant(RIDER), 3 * MINUTE_MS)
    desk.say(PickUpOrder(RIDER, a), MINUTE_MS)
    desk.say(ReportBreakdown(RIDER, point=Point(1_500.0, 0.0)), MINUTE_MS)
    desk.rider(OTHER, x=900.0)
    desk.decide((OTHER, [a]))
    desk.say(PickUpOrder(OTHER, a), 3 * MINUTE_MS)
    desk.say(ReportBreakdown(OTHER, point=Point(3_000.0, 0.0)), MINUTE_MS)
    assert desk.plane.point(desk.state.orders[a].pickup) == Point(3_000.0, 0.0)
    assert desk.state.orders[a].handover_by == OTHER
    check(desk.state)


def test_somebody_else_is_sought_within_an_epoch() -> None:
    desk, orders = on_a_trip()
    desk.rider(OTHER)
    broke_at_ms = desk.now_ms + MINUTE_MS
    desk.say(ReportBreakdown(RIDER), MINUTE_MS)
    desk.wait(desk.params.epoch_ms)
    asked = desk.state.asked
    assert asked is not None
    assert [order.order_id for order in asked.orders] == orders
    assert [rider.rider_id for rider in asked.riders] == [OTHER]
    assert asked.at_ms - broke_at_ms <= desk.params.epoch_ms


def test_where_a_rider_stands_is_told_or_tracked_or_planned() -> None:
    told, tracked, planned = Point(333.0, 0.0), Point(222.0, 0.0), -900.0
    for point, heard, x in ((told, tracked, 333.0), (None, tracked, 222.0), (None, None, planned)):
        desk, _ = on_a_trip()
        if heard is not None:
            desk.say(is_heard(RIDER, desk.now_ms, heard))
        desk.say(ReportBreakdown(RIDER, point=point), 1_000)
        assert desk.plane.point(desk.state.riders[RIDER].location).x == x


def test_a_position_outside_the_city_is_not_believed() -> None:
    desk, _ = on_a_trip()
    assert isinstance(desk.refuses(ReportBreakdown(RIDER, point=Point(1e9, 0.0))), InvalidValueError)
    desk.say(is_heard(RIDER, desk.now_ms, Point(1e9, 0.0)))
    desk.say(ReportBreakdown(RIDER))
    assert desk.plane.point(desk.state.riders[RIDER].location).x == -900.0


def test_who_breaks_down_must_be_on_duty_and_may_come_back() -> None:
    desk = Desk()
    assert isinstance(desk.refuses(ReportBreakdown(RIDER)), UnknownIdError)
    desk.rider(RIDER)
    assert desk.say(ReportBreakdown(RIDER))[-1] == ShiftEnded(RIDER)
    assert isinstance(desk.refuses(ReportBreakdown(RIDER)), WrongStateError)
    desk.rider(RIDER)
    assert desk.state.riders[RIDER].state is RiderState.IDLE


def test_an_offer_to_a_rider_who_breaks_down_is_off() -> None:
    desk = Desk()
    desk.rider(RIDER, x=-900.0)
    order_id = desk.order()
    desk.decide((RIDER, [order_id]))
    events = desk.say(ReportBreakdown(RIDER))
    assert [type(event) for event in events] == [RiderBrokeDown, OrderReturned, TripEnded, ShiftEnded]
    assert not desk.state.offers
    check(desk.state)


def test_a_rider_who_would_leave_anyway_leaves_now() -> None:
    desk, _ = on_a_trip()
    desk.say(EndShift(RIDER))
    desk.say(ReportBreakdown(RIDER))
    rider = desk.state.riders[RIDER]
    assert (rider.state, rider.leaving) == (RiderState.OFF_DUTY, False)


# --- silence ---


def test_a_silent_rider_loses_what_is_not_picked_up_and_gets_nothing_more() -> None:
    desk, orders = on_a_trip()
    desk.say(falls_silent(RIDER))
    silent_ms = desk.params.rescue.silent_ms
    desk.wait(silent_ms - 1)
    assert OrderState.PLACED not in states(desk, orders)
    events = desk.wait(1)
    assert [e.reason for e in events if isinstance(e, OrderReturned)] == ["rider_silent"] * 2
    assert any(isinstance(e, TripEnded) for e in events)
    assert desk.state.riders[RIDER].state is RiderState.IDLE
    check(desk.state)
    desk.wait(desk.params.epoch_ms)
    asked = desk.state.asked
    assert asked is not None
    assert asked.riders == ()
    desk.say(is_heard(RIDER, desk.now_ms, Point(0.0, 0.0)))
    desk.decide()
    desk.wait(desk.params.epoch_ms)
    assert desk.state.asked is not None
    assert [rider.rider_id for rider in desk.state.asked.riders] == [RIDER]


@pytest.mark.parametrize("sign", ["fix", "arrival", "dispatcher"])
def test_a_sign_of_life_ends_the_silence(sign: str) -> None:
    desk, orders = on_a_trip()
    desk.say(falls_silent(RIDER))
    desk.wait(MINUTE_MS)
    if sign == "fix":
        desk.say(is_heard(RIDER, desk.now_ms, Point(0.0, 0.0)))
    elif sign == "arrival":
        desk.say(ArriveAtMerchant(RIDER))
    else:
        desk.say(ResolveIncident("incident-1", "phoned the rider"))
    desk.wait(desk.params.rescue.silent_ms)
    assert OrderState.PLACED not in states(desk, orders)
    assert desk.state.silences == {}


def test_a_phone_that_never_told_a_position_is_not_silent() -> None:
    desk, _ = on_a_trip()
    incident = IncidentOpened(
        "incident-1", IncidentType.GPS_SIGNAL_LOSS, Severity.MINOR, None, RIDER, "", "call_rider"
    )
    desk.engine.handle(incident, desk.now_ms)
    assert desk.state.silences == {}


def test_what_a_silent_rider_carries_stays_with_the_rider() -> None:
    desk, (a, b) = on_a_trip()
    desk.say(ArriveAtMerchant(RIDER), 3 * MINUTE_MS)
    desk.say(PickUpOrder(RIDER, a), MINUTE_MS)
    desk.say(falls_silent(RIDER))
    events = desk.wait(desk.params.rescue.silent_ms)
    assert [e.order_id for e in events if isinstance(e, OrderReturned)] == [b]
    assert states(desk, [a, b]) == [OrderState.PICKED_UP, OrderState.PLACED]
    assert desk.state.riders[RIDER].state is RiderState.TO_DOOR
    check(desk.state)


@pytest.mark.parametrize(("rules", "left"), [(OFFERING, [RIDER]), (ASSIGNING, [])])
def test_idle_and_silent_riders_are_asked_but_not_sent(rules: ServiceRules, left: list[str]) -> None:
    desk = Desk(rules)
    desk.rider(RIDER)
    desk.say(falls_silent(RIDER))
    desk.wait(desk.params.rescue.silent_ms)
    desk.order()
    desk.wait(desk.params.epoch_ms)
    assert desk.state.asked is not None
    assert [rider.rider_id for rider in desk.state.asked.riders] == left


def test_strangers_and_other_incidents_do_not_matter() -> None:
    desk = Desk()
    desk.say(falls_silent("nobody"))
    assert desk.state.silences == {}
    desk.rider(RIDER)
    desk.say(falls_silent(RIDER))
    desk.say(EndShift(RIDER))
    desk.wait(desk.params.rescue.silent_ms)
    assert desk.state.silences == {}


# --- whatever happens ---


@pytest.mark.parametrize(("field", "value"), [("silent_ms", 0), ("slip_ms", 0), ("most_returns", -1)])
def test_parameters_check_themselves(field: str, value: int) -> None:
    with pytest.raises(InvalidValueError) as refused:
        RescueParams(**{field: value})
    assert refused.value.field == field


def holders(records: list[LogRecord]) -> None:
    """Show from the events alone that an order is given to one rider at a time."""
    holder: dict[str, str | None] = {}
    for record in records:
        event = record.message
        if isinstance(event, OrderOffered):
            assert holder.get(event.order_id) is None
            holder[event.order_id] = event.trip_id
        elif isinstance(event, OrderAssigned):
            assert holder.get(event.order_id) in (None, event.trip_id)
            holder[event.order_id] = event.trip_id
        elif isinstance(event, OfferDeclined | OfferExpired):
            for order_id in event.order_ids:
                assert holder[order_id] == event.trip_id
                holder[order_id] = None
        elif isinstance(event, OrderReturned):
            assert holder[event.order_id] == event.trip_id
            holder[event.order_id] = None
        elif isinstance(event, OrderDelivered | OrderCanceled):
            holder[event.order_id] = "final"


@settings(max_examples=2 * EXAMPLES)
@given(
    STEPS,
    st.sampled_from((OFFERING, ASSIGNING, DIVERTING)),
    st.sampled_from(("nearest", "hungarian", None)),
    st.sampled_from((0, 2_000)),
)
def test_never_two_active_assignments_and_an_epoch_is_never_far(
    steps: list[Step], rules: ServiceRules, policy: str | None, solve_ms: int
) -> None:
    params = DispatchParams(solve_timeout_ms=10_000, rescue=RescueParams(silent_ms=30_000))
    chaos = Chaos(Desk(rules, policy=policy, solve_ms=solve_ms, params=params))
    chaos.play(steps)
    records = chaos.desk.log.records
    holders(records)
    asked = [record.at_ms for record in records if isinstance(record.message, DecisionRequested)]
    patience_ms = params.epoch_ms + params.solve_timeout_ms
    for record in records:
        if isinstance(record.message, OrderReturned) and record.at_ms + patience_ms < chaos.desk.now_ms:
            order_id = record.message.order_id
            soon = [at for at in asked if record.at_ms <= at <= record.at_ms + patience_ms]
            gone = isinstance(chaos.desk.state.closed.get(order_id), OrderState)
            assert soon or gone
    assert all(first <= second for first, second in pairwise(asked))


def test_a_decline_is_a_sign_of_life() -> None:
    desk = Desk()
    desk.rider(RIDER, x=-900.0)
    desk.decide((RIDER, [desk.order()]))
    desk.say(falls_silent(RIDER))
    desk.say(DeclineOffer(RIDER, "trip-1"))
    assert desk.state.silences == {}
