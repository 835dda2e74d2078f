"""Additions: what may join a trip under way, and what comes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.matching.additions import plan_additions
from dispatch.snapshot import Snapshot
from dispatch.verifier import verify
from domain.commands import (
    AcceptOffer,
    ApplyPlan,
    ArriveAtMerchant,
    CancelOrder,
    EndShift,
    PickUpOrder,
)
from domain.events import OrderAssigned, PlanApplied, PlanRefused, TripRevised
from domain.ids import OrderId
from domain.orders import OrderState
from domain.plans import AdditionsUntil, DispatchPlan, Explanation, ServiceRules, TripAddition
from domain.ports import TravelTimes
from domain.units import MINUTE_MS, Millis
from tests.dispatch.chaos import check
from tests.dispatch.desk import EXAMPLES, OFFERING, Desk
from tests.dispatch.situations import ADDING, situation

RIDER = "rider-1"
ARRIVAL = ServiceRules(additions_until=AdditionsUntil.ARRIVAL, riders_may_decline=False)
PICKUP = ServiceRules(additions_until=AdditionsUntil.PICKUP, riders_may_decline=False)
SEEDS = st.integers(0, 10**6)


def on_a_trip(rules: ServiceRules = ARRIVAL) -> tuple[Desk, str, str]:
    """A rider three minutes from the kitchen with one order, and another order of it that waits."""
    desk = Desk(rules)
    desk.rider(RIDER, x=-900.0)
    desk.wait(1)
    first = desk.order(x=600.0)
    desk.decide((RIDER, [first]))
    if rules.riders_may_decline:
        desk.say(AcceptOffer(RIDER, "trip-1"))
    desk.wait(1)
    return desk, first, desk.order(x=900.0)


def asked(desk: Desk) -> Snapshot:
    due = desk.room.next_due_ms()
    if desk.state.pending_decision is None:
        assert due is not None
        desk.wait_until(due)
    assert desk.state.asked is not None
    return desk.state.asked


def add(desk: Desk, *order_ids: str, added: tuple[str, ...]) -> list[object]:
    decision_id = asked(desk).decision_id
    addition = TripAddition("trip-1", order_ids, added, (Explanation(reason="test"),) * len(added))
    return list(desk.say(ApplyPlan(DispatchPlan(decision_id, "test", (), additions=(addition,)))))


def applied(events: list[object]) -> PlanApplied:
    (event,) = (event for event in events if isinstance(event, PlanApplied))
    return event


def test_a_snapshot_lists_trips_only_where_something_may_join() -> None:
    desk, first, _ = on_a_trip()
    (trip,) = asked(desk).open_trips
    assert (trip.trip_id, trip.rider_id, trip.merchant_id) == ("trip-1", RIDER, "m-1")
    assert [order.order_id for order in trip.orders] == [first]
    (stop, *_) = desk.state.trips["trip-1"].stops
    assert (trip.arrives_at_ms, trip.pickup_at_ms) == (stop.arrives_at_ms, stop.done_at_ms)
    assert trip.shift_ends_at_ms == desk.state.riders[RIDER].shift_ends_at_ms
    desk, _, _ = on_a_trip(OFFERING)
    assert asked(desk).open_trips == ()


@pytest.mark.parametrize(
    ("rules", "change", "is_open"),
    [
        (ARRIVAL, lambda desk: desk.say(ArriveAtMerchant(RIDER)), False),
        (PICKUP, lambda desk: desk.say(ArriveAtMerchant(RIDER)), True),
        (PICKUP, lambda desk: desk.say(PickUpOrder(RIDER, "order-1")), False),
        (ARRIVAL, lambda desk: desk.say(EndShift(RIDER)), False),
    ],
    ids=["arrived", "at-merchant", "picked-up", "leaving"],
)
def test_until_when_a_trip_is_open(
    rules: ServiceRules, change: Callable[[Desk], object], is_open: bool
) -> None:
    desk, _, _ = on_a_trip(rules)
    change(desk)
    assert bool(asked(desk).open_trips) == is_open


def test_an_offered_trip_takes_nothing() -> None:
    desk = Desk(replace(ARRIVAL, riders_may_decline=True))
    desk.rider(RIDER, x=-900.0)
    desk.decide((RIDER, [desk.order()]))
    desk.order(x=900.0)
    assert asked(desk).open_trips == ()


@pytest.mark.parametrize("declining", [True, False])
def test_an_order_joins(declining: bool) -> None:
    desk, first, second = on_a_trip(replace(ARRIVAL, riders_may_decline=declining))
    events = add(desk, second, first, added=(second,))
    assert (applied(events).additions, applied(events).trips) == (1, 0)
    (revised,) = (e for e in events if isinstance(e, TripRevised))
    (assigned,) = (e for e in events if isinstance(e, OrderAssigned))
    assert revised.order_ids == (second, first)
    assert [stop.order_ids for stop in revised.stops] == [(second, first), (second,), (first,)]
    assert (assigned.order_id, assigned.rider_id, assigned.trip_id) == (second, RIDER, "trip-1")
    assert assigned.pickup_at_ms == revised.stops[0].done_at_ms
    assert assigned.dropoff_at_ms == revised.stops[1].done_at_ms
    assert desk.state.waiting == {}
    check(desk.state)


def test_at_the_merchant_it_is_picked_up_as_well() -> None:
    desk, first, second = on_a_trip(PICKUP)
    desk.say(ArriveAtMerchant(RIDER), MINUTE_MS // 2)
    add(desk, first, second, added=(second,))
    assert desk.state.orders[second].state is OrderState.ASSIGNED
    desk.say(PickUpOrder(RIDER, first))
    desk.say(PickUpOrder(RIDER, second))
    assert desk.state.orders[second].state is OrderState.PICKED_UP
    check(desk.state)


def test_what_has_gone_stale_does_not_join() -> None:
    desk, first, second = on_a_trip()
    asked(desk)
    desk.say(PickUpOrder(RIDER, first))
    events = add(desk, first, second, added=(second,))
    assert (applied(events).policy, applied(events).additions, applied(events).stale) == (
        "test",
        0,
        (second,),
    )
    desk, first, second = on_a_trip()
    third = desk.order()
    asked(desk)
    desk.say(CancelOrder(second))
    assert applied(add(desk, first, second, added=(second,))).stale == (second,)
    assert list(desk.state.waiting) == [third]


def test_an_addition_that_was_never_possible_is_refused() -> None:
    desk, _, second = on_a_trip()
    refused = [e for e in add(desk, second, added=(second,)) if isinstance(e, PlanRefused)]
    assert [found.kind for e in refused for found in e.violations] == ["wrong_sequence"]


# --- the policy's part ---


@settings(max_examples=2 * EXAMPLES)
@given(SEEDS, st.integers(0, 12), st.integers(0, 30))
def test_additions_are_sound_and_no_limit_is_exceeded_because_of_them(
    seed: int, riders: int, orders: int
) -> None:
    snapshot, plane = situation(seed, riders, orders)
    additions = plan_additions(snapshot, plane)
    assert additions == plan_additions(snapshot, plane)
    plan = DispatchPlan(snapshot.decision_id, "test", (), additions=additions)
    verdict = verify(snapshot, plan, plane)
    assert verdict.hard == ()
    assert not any(found.caused_by_bundle for found in verdict.soft)


def dropoffs_ms(snapshot: Snapshot, travel: TravelTimes, order_ids: tuple[OrderId, ...], trip_id: str) -> int:
    """Return the sum of the drop-offs of a trip with these orders, in this sequence."""
    (trip,) = (trip for trip in snapshot.open_trips if trip.trip_id == trip_id)
    known = {order.order_id: order for order in (*snapshot.orders, *trip.orders)}
    orders = [known[order_id] for order_id in order_ids]
    at_ms = max(trip.pickup_at_ms, *(order.ready_at_ms for order in orders))
    at_ms += snapshot.times.pickup_after_ms
    here, total_ms = trip.pickup, 0
    for order in orders:
        at_ms += travel.duration_ms(here, order.dropoff, at_ms) + snapshot.times.dropoff_before_ms
        total_ms += at_ms
        at_ms += snapshot.times.dropoff_after_ms
        here = order.dropoff
    return total_ms


@settings(max_examples=2 * EXAMPLES)
@given(SEEDS, st.integers(0, 12), st.integers(0, 30), st.integers(0, 40))
def test_the_sum_of_click_to_door_goes_down(seed: int, riders: int, orders: int, foreseen_min: int) -> None:
    snapshot, plane = situation(seed, riders, orders)
    foreseen: dict[OrderId, Millis] = {
        order.order_id: snapshot.at_ms + foreseen_min * MINUTE_MS for order in snapshot.orders
    }
    for addition in plan_additions(snapshot, plane, foreseen):
        before = tuple(order_id for order_id in addition.order_ids if order_id not in addition.added)
        with_ms = dropoffs_ms(snapshot, plane, addition.order_ids, addition.trip_id)
        without_ms = dropoffs_ms(snapshot, plane, before, addition.trip_id)
        without_ms += sum(foreseen[order_id] for order_id in addition.added)
        assert with_ms < without_ms
        # What the rider drives anyway keeps its sequence.
        kept = [order_id for order_id in addition.order_ids if order_id in before]
        assert tuple(kept) == before


def test_terms_add_up_to_what_it_costs() -> None:
    found = 0
    for seed in range(40):
        snapshot, plane = situation(seed, 12, 30)
        placed = {order.order_id: order.placed_at_ms for order in snapshot.orders}
        for addition in plan_additions(snapshot, plane):
            if len(addition.added) > 1:
                continue
            found += 1
            ((order_id,), (explanation,)) = addition.added, addition.explanations
            before = tuple(other for other in addition.order_ids if other != order_id)
            cost_ms = dropoffs_ms(snapshot, plane, addition.order_ids, addition.trip_id)
            cost_ms -= dropoffs_ms(snapshot, plane, before, addition.trip_id) + placed[order_id]
            total_min = sum(term.value for term in explanation.terms)
            assert total_min == pytest.approx(cost_ms / MINUTE_MS)
            assert all(other.delta_min > 0 for other in explanation.alternatives)
    assert found > 5


def test_where_nothing_may_join_nothing_is_looked_at() -> None:
    snapshot, plane = situation(1, 8, 20, OFFERING)
    assert plan_additions(snapshot, plane) == ()
    snapshot, plane = situation(1, 8, 20, ADDING)
    assert plan_additions(replace(snapshot, orders=()), plane) == ()
