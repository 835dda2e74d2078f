"""Sound plans, and every mistake that can be planted in one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dispatch import violations as v
from dispatch.fallback import plan_fallback
from dispatch.matching.additions import plan_additions
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan, Explanation, Hold, PlannedTrip, QueuedTrip, TripAddition
from roads.plane import MetricPlane
from tests.dispatch.situations import trip

Planted = DispatchPlan | None
"""A plan with a mistake in it; None where this plan gives no occasion for it."""


def good_plan(snapshot: Snapshot, plane: MetricPlane) -> DispatchPlan:
    """Return the fallback's plan with additions, and a queue for every order that is left."""
    plan = plan_fallback(snapshot, plane)
    used = {order_id for t in plan.trips for order_id in t.order_ids}
    additions = tuple(
        a for a in plan_additions(snapshot, plane) if used.isdisjoint(a.added) and not used.update(a.added)
    )
    riders = [rider.rider_id for rider in snapshot.riders]
    left = [order.order_id for order in snapshot.orders if order.order_id not in used]
    queues = tuple(QueuedTrip(r, (o,)) for r, o in zip(riders, left, strict=False))
    holds = tuple(hold for hold in plan.holds if hold.order_id not in used)
    return replace(plan, additions=additions, queues=queues, holds=holds)


def with_trip(plan: DispatchPlan, changed: PlannedTrip) -> DispatchPlan:
    return replace(plan, trips=(changed, *plan.trips[1:]))


def with_addition(plan: DispatchPlan, changed: TripAddition) -> DispatchPlan:
    return replace(plan, additions=(changed, *plan.additions[1:]))


def explained(order_ids: Sequence[str]) -> tuple[Explanation, ...]:
    return (Explanation(),) * len(order_ids)


def other_decision(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, decision_id="decision-0")


def unknown_order(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return with_trip(plan, trip(plan.trips[0].rider_id, "order-9999"))


def unknown_queued_order(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, queues=(*plan.queues, QueuedTrip(snapshot.riders[0].rider_id, ("order-9999",))))


def held_unknown(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, holds=(*plan.holds, Hold("order-9999", Explanation())))


def twice_in_a_trip(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    first = plan.trips[0]
    return with_trip(plan, trip(first.rider_id, *first.order_ids, first.order_ids[0]))


def in_two_trips(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    if len(plan.trips) < 2:
        return None
    return with_trip(plan, trip(plan.trips[0].rider_id, plan.trips[1].order_ids[0]))


def started_and_foreseen(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    rider_id = snapshot.riders[0].rider_id
    return replace(plan, queues=(*plan.queues, QueuedTrip(rider_id, plan.trips[0].order_ids)))


def foreseen_twice(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, queues=(*plan.queues, *plan.queues[-1:])) if plan.queues else None


def started_and_added(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    if not plan.additions:
        return None
    return with_trip(plan, trip(plan.trips[0].rider_id, plan.additions[0].added[0]))


def unknown_rider(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return with_trip(plan, replace(plan.trips[0], rider_id="nobody"))


def unknown_queued_rider(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, queues=(replace(plan.queues[0], rider_id="nobody"),)) if plan.queues else None


def busy_rider(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    busy = next((rider for rider in snapshot.riders if not rider.is_free), None)
    return with_trip(plan, replace(plan.trips[0], rider_id=busy.rider_id)) if busy else None


def rider_twice(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    left = {order_id for q in plan.queues for order_id in q.order_ids}
    if not left:
        return None
    again = trip(plan.trips[0].rider_id, min(left))
    return replace(plan, trips=(*plan.trips, again), queues=())


def empty_trip(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return with_trip(plan, trip(plan.trips[0].rider_id))


def mixed_merchants(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    order = {o.order_id: o for o in snapshot.orders}
    first = plan.trips[0]
    left = [order[o] for q in plan.queues for o in q.order_ids]
    other = next((o for o in left if o.merchant_id != order[first.order_ids[0]].merchant_id), None)
    return with_trip(plan, trip(first.rider_id, *first.order_ids, other.order_id)) if other else None


def too_many(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    most = snapshot.rules.max_orders_per_trip
    ids = [order.order_id for order in snapshot.orders]
    return None if most is None or len(ids) <= most else with_trip(plan, trip(plan.trips[0].rider_id, *ids))


def turned_down(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    free = {rider.rider_id for rider in snapshot.riders if rider.is_free}
    for order in snapshot.orders:
        for rider_id in free.intersection(order.declined_by):
            return replace(plan, trips=(trip(rider_id, order.order_id),), additions=(), queues=())
    return None


def pinned_and_started(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    pins = [pin.order_id for pin in snapshot.pins]
    return with_trip(plan, trip(plan.trips[0].rider_id, pins[0])) if pins else None


def pinned_and_foreseen(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    pins = tuple(pin.order_id for pin in snapshot.pins)
    return replace(plan, queues=(*plan.queues, QueuedTrip(snapshot.riders[0].rider_id, pins)))


def pinned_and_held(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    held = tuple(Hold(pin.order_id, Explanation()) for pin in snapshot.pins)
    return replace(plan, holds=(*plan.holds, *held))


def pinned_and_added(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    if not plan.additions:
        return None
    pinned, first = snapshot.pins[0].order_id, plan.additions[0]
    more = replace(
        first,
        order_ids=(*first.order_ids, pinned),
        added=(*first.added, pinned),
        explanations=(*first.explanations, Explanation()),
    )
    return with_addition(plan, more)


def held_and_started(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, holds=(*plan.holds, Hold(plan.trips[0].order_ids[0], Explanation())))


def unexplained(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return with_trip(plan, replace(plan.trips[0], explanations=()))


def after_the_shift(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    late = max(snapshot.orders, key=lambda order: order.ready_at_ms)
    riders = [r for r in snapshot.riders if r.is_free and r.rider_id not in late.declined_by]
    first = min(riders, key=lambda rider: rider.shift_ends_at_ms, default=None)
    if first is None or snapshot.rules.floor(late.ready_at_ms) <= first.shift_ends_at_ms:
        return None
    return replace(plan, trips=(trip(first.rider_id, late.order_id),), additions=(), queues=(), holds=())


def unknown_trip(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return with_addition(plan, replace(plan.additions[0], trip_id="trip-x")) if plan.additions else None


def trip_twice(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    return replace(plan, additions=(*plan.additions, plan.additions[0])) if plan.additions else None


def lost_on_the_way(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    if not plan.additions:
        return None
    return with_addition(plan, replace(plan.additions[0], order_ids=plan.additions[0].added))


def nothing_added(plan: DispatchPlan, snapshot: Snapshot) -> Planted:
    if not snapshot.open_trips:
        return None
    open_trip = snapshot.open_trips[0]
    ids = tuple(order.order_id for order in open_trip.orders)
    return replace(plan, additions=(TripAddition(open_trip.trip_id, ids, ()),))


MISTAKES: tuple[tuple[Callable[[DispatchPlan, Snapshot], Planted], str], ...] = (
    (other_decision, v.OTHER_DECISION),
    (unknown_order, v.UNKNOWN_ORDER),
    (unknown_queued_order, v.UNKNOWN_ORDER),
    (held_unknown, v.UNKNOWN_ORDER),
    (twice_in_a_trip, v.ORDER_TWICE),
    (in_two_trips, v.ORDER_TWICE),
    (started_and_foreseen, v.ORDER_TWICE),
    (foreseen_twice, v.ORDER_TWICE),
    (started_and_added, v.ORDER_TWICE),
    (unknown_rider, v.UNKNOWN_RIDER),
    (unknown_queued_rider, v.UNKNOWN_RIDER),
    (busy_rider, v.RIDER_NOT_FREE),
    (rider_twice, v.RIDER_TWICE),
    (empty_trip, v.EMPTY_TRIP),
    (nothing_added, v.EMPTY_TRIP),
    (mixed_merchants, v.MIXED_MERCHANTS),
    (too_many, v.TOO_MANY_ORDERS),
    (turned_down, v.ASKED_AGAIN),
    (after_the_shift, v.PICKUP_AFTER_SHIFT),
    (pinned_and_started, v.PINNED),
    (pinned_and_foreseen, v.PINNED),
    (pinned_and_held, v.PINNED),
    (pinned_and_added, v.PINNED),
    (held_and_started, v.HELD_AND_STARTED),
    (unexplained, v.EXPLANATIONS_MISSING),
    (unknown_trip, v.UNKNOWN_TRIP),
    (trip_twice, v.TRIP_TWICE),
    (lost_on_the_way, v.WRONG_SEQUENCE),
)
