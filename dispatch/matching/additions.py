"""Additions: waiting orders join trips that are under way to their merchant, where the city allows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.explain import JOINS_TRIP
from dispatch.params import VerifierParams
from dispatch.pickups import NEVER_MS, pickup_table
from dispatch.snapshot import OpenOrder, OpenTrip, Snapshot
from dispatch.soft_limits import exceeded
from domain.ids import MerchantId, OrderId, RiderId
from domain.plans import Alternative, CostTerm, Explanation, TripAddition
from domain.ports import LocationKey, TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis

NOBODY_MS = 24 * HOUR_MS
"""When an order that nobody else can carry counts as delivered, from now."""

DEFAULT_LIMITS = VerifierParams()


def plan_additions(
    snapshot: Snapshot,
    travel: TravelTimes,
    foreseen_ms: Mapping[OrderId, Millis] | None = None,
    limits: VerifierParams = DEFAULT_LIMITS,
) -> tuple[TripAddition, ...]:
    """Let orders join open trips of their merchant where that lowers the sum of click-to-door times.

    Oldest order first, each into the trip and at the place in its sequence where it costs least, if that is
    less than the alternative. No order exceeds a soft limit because of it.

    Parameters
    ----------
    snapshot : Snapshot
        The situation; its ``open_trips`` are empty where the rules let nothing join.
    travel : TravelTimes
        How long drives take.
    foreseen_ms : mapping of str to int or None
        When a plan foresees orders to be delivered without additions; for the others, and without a plan, it
        is the earliest that any rider could do alone.
    limits : VerifierParams
        The soft limits.

    Notes
    -----
    O(orders of these merchants x (riders + open trips)); nothing at all without open trips.
    """
    if not snapshot.open_trips:
        return ()
    trips: dict[MerchantId, list[_Trip]] = {}
    for open_trip in snapshot.open_trips:
        dropoffs_ms = _dropoffs_ms(snapshot, travel, open_trip.pickup_at_ms, open_trip.orders)
        trips.setdefault(open_trip.merchant_id, []).append(
            _Trip(open_trip, list(open_trip.orders), open_trip.pickup_at_ms, dropoffs_ms)
        )
    orders = tuple(order for order in snapshot.orders if order.merchant_id in trips)
    otherwise = _otherwise(snapshot, travel, orders, foreseen_ms or {})
    for order, other in zip(orders, otherwise, strict=True):
        _join_cheapest(snapshot, travel, trips[order.merchant_id], order, other, limits)
    return tuple(
        TripAddition(
            trip.open.trip_id,
            tuple(order.order_id for order in trip.orders),
            tuple(trip.explanations),
            tuple(trip.explanations.values()),
        )
        for group in trips.values()
        for trip in group
        if trip.explanations
    )


@dataclass(slots=True)
class _Trip:
    """An open trip with what joined it so far."""

    open: OpenTrip
    orders: list[OpenOrder]
    pickup_ms: Millis
    dropoffs_ms: list[Millis]
    explanations: dict[OrderId, Explanation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Otherwise:
    """When an order is delivered if it joins nothing, and by whom, where that is known."""

    at_ms: Millis
    rider_id: RiderId | None


def _join_cheapest(
    snapshot: Snapshot,
    travel: TravelTimes,
    trips: Sequence[_Trip],
    order: OpenOrder,
    other: _Otherwise,
    limits: VerifierParams,
) -> None:
    best: tuple[Millis, _Trip, _Trip] | None = None
    own_ms = snapshot.times.pickup_after_ms + snapshot.times.dropoff_before_ms
    own_ms += travel.duration_ms(order.pickup, order.dropoff, snapshot.at_ms)
    for trip in trips:
        # No place in the sequence is sooner than the first.
        soonest_ms = max(trip.pickup_ms, order.ready_at_ms) + own_ms
        if soonest_ms >= other.at_ms or not _may_join(snapshot, trip, order):
            continue
        for place in range(len(trip.orders) + 1):
            longer = _with(snapshot, travel, trip, order, place)
            cost_ms = sum(longer.dropoffs_ms) - sum(trip.dropoffs_ms)
            is_cheaper = cost_ms < (other.at_ms if best is None else best[0])
            if is_cheaper and _keeps_limits(snapshot, travel, longer, limits):
                best = (cost_ms, trip, longer)
    if best is None:
        return
    cost_ms, trip, longer = best
    others: tuple[Alternative, ...] = ()
    if other.rider_id is not None:
        others = (Alternative(other.rider_id, (other.at_ms - cost_ms) / MINUTE_MS),)
    dropoff_ms = longer.dropoffs_ms[longer.orders.index(order)]
    terms = (
        CostTerm("click_to_door", (dropoff_ms - order.placed_at_ms) / MINUTE_MS, "min"),
        CostTerm("delay_of_others", (cost_ms - dropoff_ms) / MINUTE_MS, "min"),
    )
    trip.orders, trip.pickup_ms, trip.dropoffs_ms = longer.orders, longer.pickup_ms, longer.dropoffs_ms
    trip.explanations[order.order_id] = Explanation(terms, others, JOINS_TRIP)


def _may_join(snapshot: Snapshot, trip: _Trip, order: OpenOrder) -> bool:
    most = snapshot.rules.max_orders_per_trip
    has_room = most is None or len(trip.orders) < most
    return has_room and order.pickup == trip.open.pickup and trip.open.rider_id not in order.declined_by


def _with(snapshot: Snapshot, travel: TravelTimes, trip: _Trip, order: OpenOrder, place: int) -> _Trip:
    """Return a trip with an order at a place in its drop-off sequence."""
    orders = [*trip.orders[:place], order, *trip.orders[place:]]
    pickup_ms = max(trip.pickup_ms, order.ready_at_ms)
    return _Trip(trip.open, orders, pickup_ms, _dropoffs_ms(snapshot, travel, pickup_ms, orders))


def _dropoffs_ms(
    snapshot: Snapshot, travel: TravelTimes, pickup_ms: Millis, orders: Sequence[OpenOrder]
) -> list[Millis]:
    times = snapshot.times
    here: LocationKey = orders[0].pickup
    clock_ms = pickup_ms + times.pickup_after_ms
    done: list[Millis] = []
    for order in orders:
        clock_ms += travel.duration_ms(here, order.dropoff, clock_ms) + times.dropoff_before_ms
        done.append(clock_ms)
        clock_ms += times.dropoff_after_ms
        here = order.dropoff
    return done


def _keeps_limits(snapshot: Snapshot, travel: TravelTimes, trip: _Trip, limits: VerifierParams) -> bool:
    """Tell whether the pickup is within the shift and nothing exceeds a soft limit because of others.

    What counts is the trip as it was in the snapshot, for an order that joins being alone on it.
    """
    open_trip = trip.open
    if snapshot.rules.floor(trip.pickup_ms) > open_trip.shift_ends_at_ms:
        return False
    before_ms = dict(
        zip(
            (order.order_id for order in open_trip.orders),
            _dropoffs_ms(snapshot, travel, open_trip.pickup_at_ms, open_trip.orders),
            strict=True,
        )
    )
    arrived_ms = max(open_trip.arrives_at_ms + snapshot.times.pickup_before_ms, snapshot.at_ms)
    for order, dropoff_ms in zip(trip.orders, trip.dropoffs_ms, strict=True):
        worse = _exceeded(snapshot, travel, limits, order, trip.pickup_ms, dropoff_ms)
        if not worse:
            continue
        pickup_ms, alone_ms = open_trip.pickup_at_ms, before_ms.get(order.order_id)
        if alone_ms is None:
            pickup_ms = max(arrived_ms, order.ready_at_ms)
            (alone_ms,) = _dropoffs_ms(snapshot, travel, pickup_ms, (order,))
        if worse & ~_exceeded(snapshot, travel, limits, order, pickup_ms, alone_ms):
            return False
    return True


def _exceeded(
    snapshot: Snapshot,
    travel: TravelTimes,
    limits: VerifierParams,
    order: OpenOrder,
    pickup_ms: Millis,
    dropoff_ms: Millis,
) -> int:
    leaves_ms = pickup_ms + snapshot.times.pickup_after_ms
    carried_ms = dropoff_ms - snapshot.times.dropoff_before_ms - leaves_ms
    direct_ms = travel.duration_ms(order.pickup, order.dropoff, leaves_ms)
    return exceeded(order, limits, carried_ms, direct_ms, dropoff_ms)


def _otherwise(
    snapshot: Snapshot,
    travel: TravelTimes,
    orders: tuple[OpenOrder, ...],
    foreseen_ms: Mapping[OrderId, Millis],
) -> list[_Otherwise]:
    """Return for each order when it is delivered otherwise: as foreseen, else by the first rider, alone."""
    unforeseen = tuple(order for order in orders if order.order_id not in foreseen_ms)
    alone: dict[OrderId, _Otherwise] = {}
    if unforeseen and snapshot.riders:
        table = pickup_table(snapshot, snapshot.riders, unforeseen, travel)
        rows = table.pickup_at_ms.argmin(axis=0).tolist()
        earliest_ms = table.pickup_at_ms.min(axis=0).tolist()
        for order, row, pickup_ms in zip(unforeseen, rows, earliest_ms, strict=True):
            if pickup_ms < NEVER_MS:
                (done_ms,) = _dropoffs_ms(snapshot, travel, pickup_ms, (order,))
                alone[order.order_id] = _Otherwise(done_ms, snapshot.riders[row].rider_id)
    nobody = _Otherwise(snapshot.at_ms + NOBODY_MS, None)
    return [
        _Otherwise(foreseen_ms[order.order_id], None)
        if order.order_id in foreseen_ms
        else alone.get(order.order_id, nobody)
        for order in orders
    ]
