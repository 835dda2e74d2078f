"""Orders assigned by hand stay with their rider until released, and no policy gets to decide about them."""

from collections.abc import Sequence

import pytest

from dispatch.batching import take_snapshot
from dispatch.matching import MATCHERS
from domain.commands import (
    AcceptOffer,
    ApplyPlan,
    CancelOrder,
    ConfirmOrder,
    DeclineOffer,
    DeliverOrder,
    EndShift,
    PickUpOrder,
    PinOrder,
    ReleaseOrder,
    ReportBreakdown,
)
from domain.errors import ConflictError
from domain.events import (
    Event,
    OrderAssigned,
    OrderOffered,
    OrderPinned,
    OrderReturned,
    OrderUnpinned,
    PlanApplied,
    TripAssigned,
    TripEnded,
    TripOffered,
)
from domain.orders import OrderState
from domain.plans import AdditionsUntil, ServiceRules
from domain.units import HOUR_MS, MINUTE_MS
from tests.dispatch.desk import (
    ASSIGNING,
    OFFERING,
    RIDER,
    Desk,
    falls_silent,
    on_a_trip,
)

OTHER = "rider-2"
BY = "Chen"
ADDING_AT_ONCE = ServiceRules(riders_may_decline=False, additions_until=AdditionsUntil.PICKUP)


def two_riders(rules: ServiceRules = ASSIGNING, **more: object) -> tuple[Desk, str]:
    """A rider next to the kitchen, another far away, and one order."""
    desk = Desk(rules, **more)  # type: ignore[arg-type]
    desk.rider(RIDER, x=0.0)
    desk.rider(OTHER, x=6_000.0)
    return desk, desk.order()


def of(events: Sequence[Event], kind: type) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def deliver(desk: Desk, rider_id: str) -> list[Event]:
    """Have a rider do the whole present trip."""
    happened: list[Event] = []
    trip = desk.state.trips[desk.state.riders[rider_id].trip_id or ""]
    orders = [order_id for stop in trip.stops[1:] for order_id in stop.order_ids]
    for command in (PickUpOrder, DeliverOrder):
        for order_id in orders:
            happened += desk.say(command(rider_id, order_id), MINUTE_MS)
    return happened


# --- assigning ---


def test_an_order_assigned_by_hand_goes_to_that_rider_at_once_however_far() -> None:
    desk, order = two_riders()
    pinned, trip, assigned = desk.say(PinOrder(order, OTHER, BY))
    assert isinstance(pinned, OrderPinned)
    assert (pinned.order_id, pinned.rider_id, pinned.by) == (order, OTHER, BY)
    assert isinstance(trip, TripAssigned)
    assert isinstance(assigned, OrderAssigned)
    assert (assigned.rider_id, assigned.explanation.reason) == (OTHER, "assigned_by_hand")
    assert desk.state.pins[order].by == BY
    assert not desk.state.waiting


def test_the_explanation_says_what_it_costs_and_who_would_have_been_sooner() -> None:
    desk, order = two_riders()
    pinned = desk.say(PinOrder(order, OTHER))[0]
    assert isinstance(pinned, OrderPinned)
    assert pinned.explanation.terms[0].name == "first_mile"
    (sooner,) = pinned.explanation.alternatives
    assert (sooner.rider_id, sooner.delta_min < 0) == (RIDER, True)


def test_where_riders_are_asked_the_offer_goes_out() -> None:
    desk, order = two_riders(OFFERING)
    events = desk.say(PinOrder(order, OTHER))
    assert [type(event) for event in events] == [OrderPinned, TripOffered, OrderOffered]
    (assigned,) = of(desk.say(AcceptOffer(OTHER, "trip-1")), OrderAssigned)
    assert assigned.explanation.reason == "assigned_by_hand"  # type: ignore[attr-defined]
    assert order in desk.state.pins


def test_saying_it_twice_changes_nothing() -> None:
    desk, order = two_riders()
    desk.say(PinOrder(order, OTHER, BY))
    assert desk.say(PinOrder(order, OTHER, "Wang")) == []
    assert desk.state.pins[order].by == BY


def test_an_order_is_taken_from_the_rider_who_has_it() -> None:
    desk, (first, second) = on_a_trip()
    desk.rider(OTHER)
    events = desk.say(PinOrder(second, OTHER))
    (returned,) = of(events, OrderReturned)
    assert (returned.rider_id, returned.reason) == (RIDER, "reassigned")  # type: ignore[attr-defined]
    assert desk.state.orders[first].rider_id == RIDER
    assert desk.state.orders[second].rider_id == OTHER


def test_a_rider_whose_only_order_it_was_is_free_again() -> None:
    desk, (order,) = on_a_trip(600.0)
    desk.rider(OTHER)
    assert of(desk.say(PinOrder(order, OTHER)), TripEnded)
    assert desk.state.riders[RIDER].trip_id is None


def test_an_order_is_pinned_where_it_is_without_moving_it() -> None:
    desk, (order,) = on_a_trip(600.0)
    trip = desk.state.trips["trip-1"]
    assert [type(event) for event in desk.say(PinOrder(order, RIDER))] == [OrderPinned]
    assert desk.state.trips["trip-1"] == trip


def test_assigned_to_another_rider_the_first_pin_is_told_to_be_over() -> None:
    desk, order = two_riders()
    desk.say(PinOrder(order, RIDER, BY))
    (gone,) = of(desk.say(PinOrder(order, OTHER, "Wang")), OrderUnpinned)
    assert gone == OrderUnpinned(order, RIDER, "reassigned", "Wang")
    assert desk.state.orders[order].rider_id == OTHER


def test_who_turned_it_down_may_be_asked_again_by_hand() -> None:
    desk, order = two_riders(OFFERING)
    desk.say(PinOrder(order, OTHER))
    desk.say(DeclineOffer(OTHER, "trip-1"))
    assert of(desk.say(PinOrder(order, OTHER)), OrderOffered)


# --- waiting for a busy rider ---


def busy_desk(rules: ServiceRules = ASSIGNING, **more: object) -> tuple[Desk, str]:
    """A rider on a trip, another idle, and an order that is pinned to the first."""
    desk, first = two_riders(rules, **more)
    desk.say(PinOrder(first, RIDER))
    if rules.riders_may_decline:
        desk.say(AcceptOffer(RIDER, "trip-1"))
    second = desk.order("m-2")
    desk.say(PinOrder(second, RIDER, BY))
    return desk, second


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_an_order_waits_for_its_busy_rider_and_is_given_to_nobody_else(policy: str) -> None:
    desk, order = busy_desk(policy=policy)
    assert desk.state.orders[order].state is OrderState.PLACED
    other = desk.order("m-2")
    desk.wait(10 * MINUTE_MS)
    assert desk.state.orders[order].rider_id is None
    assert desk.state.orders[other].rider_id == OTHER
    happened = deliver(desk, RIDER)
    (assigned,) = of(happened, OrderAssigned)
    assert (assigned.order_id, assigned.rider_id) == (order, RIDER)  # type: ignore[attr-defined]


def test_orders_wait_for_a_rider_in_the_sequence_in_which_they_were_assigned() -> None:
    desk, second = busy_desk()
    third = desk.order()
    desk.say(PinOrder(third, RIDER))
    for order in (second, third):
        (assigned,) = of(deliver(desk, RIDER), OrderAssigned)
        assert assigned.order_id == order  # type: ignore[attr-defined]


def test_policies_see_the_rider_from_the_end_of_all_that_waits() -> None:
    desk, order = busy_desk()
    before = desk.state.trips["trip-1"].stops[-1].done_at_ms
    desk.order()
    view = next(r for r in take_snapshot(desk.engine._book, "d", desk.now_ms).riders if r.rider_id == RIDER)
    record = desk.state.orders[order]
    assert view.location == record.dropoff
    assert not view.is_free
    rides_ms = desk.plane.duration_ms(record.pickup, record.dropoff, 0)
    assert view.free_at_ms >= before + rides_ms
    deliver(desk, RIDER)
    stops = desk.state.trips[record.trip_id or ""].stops
    assert stops[-1].location == view.location


def test_why_it_waits_is_told_with_the_rider_it_waits_for() -> None:
    desk, order = two_riders()
    desk.say(PinOrder(order, RIDER))
    (pinned,) = desk.say(PinOrder(desk.order("m-2"), RIDER))
    assert isinstance(pinned, OrderPinned)
    assert (pinned.explanation.reason, pinned.explanation.foreseen) == ("waits_for_pinned_rider", RIDER)


def test_a_plan_on_its_way_cannot_take_a_pinned_order() -> None:
    desk, first = two_riders()
    desk.say(PinOrder(first, RIDER))
    desk.say(ApplyPlan(desk.plan()))
    second = desk.order("m-2")
    desk.wait(15_000)
    assert desk.state.asked is not None
    assert [order.order_id for order in desk.state.asked.orders] == [second]
    desk.say(PinOrder(second, RIDER))
    events = desk.say(ApplyPlan(desk.plan((OTHER, [second]))))
    assert not of(events, TripAssigned)
    assert isinstance(events[0], PlanApplied)
    assert events[0].stale == (second,)


# --- until it is released, or cannot be kept ---


def test_nothing_joins_the_trip_of_a_pinned_order() -> None:
    desk, order = two_riders(ADDING_AT_ONCE)
    desk.say(PinOrder(order, RIDER))
    desk.order()
    assert take_snapshot(desk.engine._book, "d", desk.now_ms).open_trips == ()
    desk.say(ReleaseOrder(order))
    (trip,) = take_snapshot(desk.engine._book, "d", desk.now_ms).open_trips
    assert trip.rider_id == RIDER


def test_a_late_kitchen_does_not_take_a_pinned_order_away() -> None:
    for pins, taken in ((True, 0), (False, 1)):
        desk, orders = on_a_trip(600.0, 1_200.0)
        if pins:
            desk.say(PinOrder(orders[0], RIDER))
        events = desk.say(ConfirmOrder(orders[0], desk.now_ms + 2 * HOUR_MS))
        assert len(of(events, OrderReturned)) == taken


def test_released_while_it_waits_the_next_epoch_decides() -> None:
    desk, order = busy_desk(policy="nearest")
    released = desk.say(ReleaseOrder(order, "Wang"))
    assert released[0] == OrderUnpinned(order, RIDER, "released", "Wang")
    desk.wait(desk.engine._book.params.epoch_ms)
    assert desk.state.orders[order].rider_id == OTHER


def test_released_on_its_way_it_stays_with_its_rider() -> None:
    desk, order = two_riders()
    desk.say(PinOrder(order, OTHER))
    assert desk.say(ReleaseOrder(order)) == [OrderUnpinned(order, OTHER, "released")]
    assert desk.state.orders[order].rider_id == OTHER


def test_the_pickup_ends_a_pin_without_a_word() -> None:
    desk, order = two_riders()
    desk.say(PinOrder(order, RIDER))
    assert not of(desk.say(PickUpOrder(RIDER, order), MINUTE_MS), OrderUnpinned)
    assert desk.state.pins == {}


def why(events: Sequence[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, OrderUnpinned)]


def test_a_pin_falls_with_the_offer_that_is_declined() -> None:
    desk, order = two_riders(OFFERING, policy="nearest")
    desk.wait(1)
    desk.say(PinOrder(order, OTHER))
    trip = desk.state.orders[order].trip_id or ""
    assert why(desk.say(DeclineOffer(OTHER, trip))) == ["rider_declined"]
    desk.wait(desk.engine._book.params.epoch_ms)
    assert desk.state.orders[order].rider_id == RIDER


def test_a_pin_falls_with_the_offer_that_is_not_answered() -> None:
    desk, order = two_riders(OFFERING)
    desk.say(PinOrder(order, OTHER))
    assert why(desk.wait(desk.engine._book.params.offer_expires_ms)) == ["offer_expired"]
    assert list(desk.state.waiting) == [order]


@pytest.mark.parametrize(
    ("ends", "reason"),
    [(ReportBreakdown(RIDER), "rider_broke_down"), (EndShift(RIDER), "rider_off_duty")],
    ids=["breakdown", "end of shift"],
)
@pytest.mark.parametrize("is_busy", [True, False])
def test_a_pin_falls_with_its_rider_and_somebody_else_gets_the_order_at_the_next_epoch(
    ends: ReportBreakdown | EndShift, reason: str, is_busy: bool
) -> None:
    if is_busy:
        desk, order = busy_desk(OFFERING, policy="nearest")
        desk.rider("rider-3", x=7_000.0)
    else:
        desk, order = two_riders(OFFERING, policy="nearest")
        desk.say(PinOrder(order, RIDER))
    assert why(desk.say(ends, 1))[-1:] == [reason]
    desk.wait(desk.engine._book.params.epoch_ms)
    assert desk.state.orders[order].rider_id not in {None, RIDER}
    assert desk.state.pins.keys() <= {"order-1"}


def test_a_pin_falls_with_the_order() -> None:
    for desk, order in (busy_desk(), two_riders()):
        desk.say(PinOrder(order, RIDER))
        assert why(desk.say(CancelOrder(order))) == ["order_canceled"]
        assert order not in desk.state.pins


def test_a_pin_falls_when_nothing_is_heard_of_its_rider() -> None:
    desk, order = busy_desk(policy="nearest")
    desk.engine._book.state.riders[RIDER].is_tracked = True
    desk.say(falls_silent(RIDER, 1))
    happened = desk.wait(desk.engine._book.params.rescue.silent_ms)
    assert "rider_silent" in why(happened)
    with pytest.raises(ConflictError, match="nothing has been heard"):
        desk.say(PinOrder(order, RIDER))


def test_a_pin_falls_when_the_trip_before_takes_the_rest_of_the_shift() -> None:
    desk = Desk(ASSIGNING, policy="nearest")
    desk.rider(RIDER, hours=1.0)
    first = desk.order()
    desk.say(PinOrder(first, RIDER))
    second = desk.order()
    desk.say(PinOrder(second, RIDER))
    desk.rider(OTHER, x=3_000.0)
    assert why(desk.wait(HOUR_MS + 1_000)) == []
    assert why(desk.say(PickUpOrder(RIDER, first))) == ["pickup_after_shift"]
    desk.wait(desk.engine._book.params.epoch_ms)
    assert desk.state.orders[second].rider_id == OTHER
