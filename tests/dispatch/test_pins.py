"""Orders assigned by hand stay with their rider until released, and no policy gets to decide about them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import violations as v
from dispatch.batching import take_snapshot
from dispatch.matching import MATCHERS, Budget
from dispatch.snapshot import Pin
from dispatch.verifier import verify
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
    PlaceOrder,
    ReleaseOrder,
    ReportBreakdown,
    StartShift,
)
from domain.errors import ConflictError, InvalidValueError, RuleBrokenError, UnknownIdError, WrongStateError
from domain.events import (
    Event,
    OrderAssigned,
    OrderHeld,
    OrderOffered,
    OrderPickedUp,
    OrderPinned,
    OrderReturned,
    OrderUnpinned,
    PlanApplied,
    PlanRefused,
    TripAssigned,
    TripEnded,
    TripOffered,
    TripRevised,
)
from domain.geo import Point
from domain.loads import Capacity, Load
from domain.orders import OrderState
from domain.plans import AdditionsUntil, ServiceRules
from domain.units import HOUR_MS, MINUTE_MS
from tests.dispatch.chaos import STEPS, Chaos, Step
from tests.dispatch.desk import (
    ASSIGNING,
    EXAMPLES,
    OFFERING,
    RIDER,
    START_MS,
    Desk,
    falls_silent,
    live_through,
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


# --- what is refused, and in which words ---


def test_what_cannot_be_assigned_is_refused_in_words_and_changes_nothing() -> None:
    desk, order = two_riders()
    desk.say(StartShift("rider-3", Point(0.0, 0.0), desk.now_ms + HOUR_MS))
    desk.say(EndShift("rider-3"))
    carried, done = desk.order(), desk.order()
    for other, rider in ((carried, RIDER), (done, OTHER)):
        desk.say(PinOrder(other, rider))
        desk.say(PickUpOrder(rider, other), 1_000)
    desk.say(DeliverOrder(OTHER, done))
    for command, kind, words in (
        (PinOrder("order-99", RIDER), UnknownIdError, "no order 'order-99'"),
        (PinOrder(order, "nobody"), UnknownIdError, "no rider 'nobody'"),
        (PinOrder(order, "rider-3"), ConflictError, "off duty; possible: a rider on duty"),
        (PinOrder(carried, OTHER), WrongStateError, "is picked_up: assign is not possible"),
        (PinOrder(done, RIDER), ConflictError, "already delivered"),
        (ReleaseOrder(order), ConflictError, "not assigned by hand"),
        (ReleaseOrder(carried), ConflictError, "picked up already"),
    ):
        error = desk.refuses(command)
        assert isinstance(error, kind)
        assert words in str(error)
    desk.say(EndShift(RIDER))
    error = desk.refuses(PinOrder(order, RIDER))
    assert "after the present trip" in str(error)


def test_the_rule_that_is_broken_is_named_with_what_would_be_right() -> None:
    desk = Desk(ASSIGNING)
    desk.rider(RIDER, x=6_000.0, hours=0.25)
    error = desk.refuses(PinOrder(desk.order(), RIDER))
    assert isinstance(error, RuleBrokenError)
    assert (error.rule, error.field) == ("pickup_after_shift", "rider_id")
    pickup_ms = desk.now_ms + 21 * MINUTE_MS
    assert error.allowed == f"a rider whose shift lasts until the pickup, at {pickup_ms}"
    desk.rider(OTHER, x=6_000.0, hours=0.35)
    assert desk.refuses(PinOrder("order-1", OTHER)) is None


def test_a_rider_past_the_end_of_the_shift_gets_nothing_more() -> None:
    desk, _ = on_a_trip(600.0)
    desk.wait(9 * HOUR_MS)
    error = desk.refuses(PinOrder(desk.order(), RIDER))
    assert isinstance(error, RuleBrokenError)
    assert "whose shift is over" in str(error)


def test_nobody_is_given_by_hand_what_is_too_much_to_carry() -> None:
    desk = Desk(ASSIGNING)
    small = Capacity(volume_l=20, weight_g=5_000)
    desk.say(StartShift(RIDER, Point(0.0, 0.0), desk.now_ms + HOUR_MS, capacity=small))
    desk.rider(OTHER)
    desk.say(PlaceOrder("m-1", Point(600.0, 0.0), load=Load(volume_l=40, weight_g=4_000)))
    error = desk.refuses(PinOrder("order-1", RIDER))
    assert isinstance(error, RuleBrokenError)
    assert error.rule == "overloaded"
    assert "40 l and 4000 g, at most 20 l, 5000 g" in str(error)
    desk.say(PinOrder("order-1", OTHER))
    assert isinstance(desk.refuses(PinOrder("order-1", RIDER)), RuleBrokenError)


def test_a_name_too_long_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="at most 64 characters"):
        PinOrder("order-1", RIDER, "x" * 65)
    with pytest.raises(InvalidValueError, match="at most 64 characters"):
        ReleaseOrder("order-1", "x" * 65)


# --- laws ---


@settings(max_examples=EXAMPLES)
@given(STEPS, st.sampled_from((OFFERING, ASSIGNING, ADDING_AT_ONCE)), st.integers(0, 120))
def test_pins_survive_a_restart_anywhere(steps: list[Step], rules: ServiceRules, cut: int) -> None:
    """`Chaos` shows after every step: who is pinned has the order, or is on a trip before it."""
    through, stopped = Chaos(Desk(rules)), Chaos(Desk(rules))
    through.play(steps)
    stopped.play(steps[:cut])
    stopped.desk.reopen()
    stopped.play(steps[cut:])
    assert stopped.desk.memory() == through.desk.memory()
    assert stopped.desk.log.records == through.desk.log.records


@settings(max_examples=EXAMPLES)
@given(STEPS)
def test_as_events_tell_it_a_pinned_order_is_with_its_rider_or_with_nobody(steps: list[Step]) -> None:
    chaos = Chaos(Desk(ADDING_AT_ONCE))
    chaos.play(steps)
    pins: dict[str, str] = {}
    for record in chaos.desk.log.records:
        event = record.message
        if isinstance(event, OrderPinned):
            assert event.order_id not in pins
            pins[event.order_id] = event.rider_id
        elif isinstance(event, OrderUnpinned):
            assert pins.pop(event.order_id) == event.rider_id
        elif isinstance(event, OrderPickedUp):
            pins.pop(event.order_id, None)
        elif isinstance(event, OrderAssigned | OrderOffered) and event.order_id in pins:
            assert pins[event.order_id] == event.rider_id
        elif isinstance(event, OrderHeld):
            assert event.order_id not in pins
    assert pins == {pin.order_id: pin.rider_id for pin in chaos.desk.state.pins.values()}


@pytest.mark.parametrize("policy", sorted(MATCHERS))
@pytest.mark.parametrize("rules", [OFFERING, ASSIGNING], ids=["offering", "assigning"])
def test_in_a_whole_day_no_policy_moves_a_pinned_order(policy: str, rules: ServiceRules) -> None:
    """Every third order is given by hand to a rider in turn; the verifier has nothing to refuse."""
    desk = Desk(rules, policy=policy)
    commands = [
        (START_MS + k, StartShift(f"rider-{k}", Point(k * 900.0, 0.0), START_MS + 4 * HOUR_MS))
        for k in range(4)
    ]
    for k in range(1, 40):
        door = Point((k * 701) % 5_000 - 2_500.0, (k * 1_303) % 4_000 - 2_000.0)
        at_ms = START_MS + k * 95_000 + 1  # no decision is due
        commands.append((at_ms, PlaceOrder(f"m-{1 + k * k % 3}", door)))  # type: ignore[arg-type]
        if k % 3 == 0:
            commands.append((at_ms, PinOrder(f"order-{k}", f"rider-{k // 3 % 4}")))  # type: ignore[arg-type]
    log = live_through(desk, commands, START_MS + 6 * HOUR_MS)
    by_hand = {r.message.order_id: r.message.rider_id for r in log if isinstance(r.message, OrderPinned)}
    assert len(by_hand) == 13
    assigned = [r.message for r in log if isinstance(r.message, OrderAssigned)]
    assert {e.order_id: e.rider_id for e in assigned if e.order_id in by_hand} == by_hand
    assert len(assigned) == 39
    trips = [r.message for r in log if isinstance(r.message, TripAssigned | TripRevised)]
    assert all(len(t.order_ids) == 1 for t in trips if not by_hand.keys().isdisjoint(t.order_ids))
    assert not any(isinstance(r.message, PlanRefused) for r in log)


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_a_plan_that_breaks_a_pin_is_refused(policy: str) -> None:
    """What no policy does on its own is caught all the same: the snapshot shows both order and pin."""
    desk, order = two_riders()
    desk.order("m-2")
    asked = take_snapshot(desk.engine._book, "d", desk.now_ms)
    plan = MATCHERS[policy].decide(asked, desk.plane, Budget())
    assert verify(asked, plan, desk.plane).hard == ()
    named = [o for t in (*plan.trips, *plan.queues) for o in t.order_ids] + [h.order_id for h in plan.holds]
    assert order in named
    pinned = replace(asked, pins=(Pin(order, OTHER, BY, desk.now_ms),))
    assert {found.kind for found in verify(pinned, plan, desk.plane).hard} == {v.PINNED}
