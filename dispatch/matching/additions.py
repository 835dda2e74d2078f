"""Additions: waiting orders join trips that are under way to their merchant, where the city allows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.explain import JOINS_TRIP
from dispatch.params import VerifierParams
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
    for order in snapshot.orders:
        near = trips.get(order.merchant_id)
        if near:
            _join_cheapest(snapshot, travel, near, order, foreseen_ms or {}, limits)
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


def _join_cheapest(
    snapshot: Snapshot,
    travel: TravelTimes,
    trips: Sequence[_Trip],
    order: OpenOrder,
    foreseen_ms: Mapping[OrderId, Millis],
    limits: VerifierParams,
) -> None:
    best: tuple[Millis, _Trip, _Trip] | None = None
    for trip in trips:
        if not _may_join(snapshot, trip, order):
            continue
        for place in range(len(trip.orders) + 1):
            longer = _with(snapshot, travel, trip, order, place)
            cost_ms = sum(longer.dropoffs_ms) - sum(trip.dropoffs_ms)
            if (best is None or cost_ms < best[0]) and _keeps_limits(snapshot, travel, longer, limits):
                best = (cost_ms, trip, longer)
    if best is None:
        return
    cost_ms, trip, longer = best
    other_ms, rider_id = foreseen_ms.get(order.order_id), None
    if other_ms is None:
        other_ms, rider_id = _best_alone(snapshot, travel, order)
    if cost_ms >= other_ms:
        return
    others = (Alternative(rider_id, (other_ms - cost_ms) / MINUTE_MS),) if rider_id is not None else ()
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


def _best_alone(snapshot: Snapshot, travel: TravelTimes, order: OpenOrder) -> tuple[Millis, RiderId | None]:
    """Return the earliest drop-off by any rider who carries nothing else with it, and who that is."""
    best: tuple[Millis, RiderId | None] = (snapshot.at_ms + NOBODY_MS, None)
    riders = [rider for rider in snapshot.riders if rider.rider_id not in order.declined_by]
    if not riders:
        return best
    drives_ms = travel.durations_ms([rider.location for rider in riders], [order.pickup], snapshot.at_ms)
    earliest_ms: Millis | None = None
    for rider, drive_ms in zip(riders, drives_ms[:, 0].tolist(), strict=True):
        arrived_ms = rider.free_at_ms + drive_ms + snapshot.times.pickup_before_ms
        pickup_ms = max(arrived_ms, order.ready_at_ms)
        in_shift = snapshot.rules.floor(pickup_ms) <= rider.shift_ends_at_ms
        if in_shift and (earliest_ms is None or pickup_ms < earliest_ms):
            earliest_ms = pickup_ms
            best = (_dropoffs_ms(snapshot, travel, pickup_ms, (order,))[0], rider.rider_id)
    return best
