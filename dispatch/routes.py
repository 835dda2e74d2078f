"""The stops of a trip, with the path to each and the times that follow."""

from collections.abc import Sequence

from dispatch.book import Book, OrderRecord, TripRecord
from domain.plans import Leg, Stop, StopKind
from domain.ports import LocationKey
from domain.units import Millis


def plan_stops(
    book: Book, origin: LocationKey, departs_at_ms: Millis, orders: Sequence[OrderRecord]
) -> tuple[Stop, ...]:
    """Plan a trip: drive to the merchant, pick everything up, then drop off in sequence.

    Parameters
    ----------
    book : Book
        For travel times, paths and service times.
    origin : int
        Location key where the rider starts.
    departs_at_ms : int
        When the rider starts.
    orders : sequence of OrderRecord
        Orders of one merchant, in drop-off sequence, at least one.
    """
    leg = drive(book, origin, orders[0].pickup, departs_at_ms)
    arrives = departs_at_ms + leg.duration_ms
    done = pickup_done_ms(book, arrives, orders)
    ids = tuple(order.order_id for order in orders)
    pickup = Stop(StopKind.PICKUP, ids, orders[0].pickup, leg, arrives, done)
    leaves = done + book.times.pickup_after_ms
    return (pickup, *plan_dropoffs(book, pickup.location, leaves, orders))


def pickup_done_ms(book: Book, arrives_at_ms: Millis, orders: Sequence[OrderRecord]) -> Millis:
    """Return when orders of one merchant can all be picked up by a rider who arrives at an instant."""
    ready = max(order.ready_at_ms for order in orders)
    return max(arrives_at_ms + book.times.pickup_before_ms, ready)


def plan_dropoffs(
    book: Book, origin: LocationKey, departs_at_ms: Millis, orders: Sequence[OrderRecord]
) -> tuple[Stop, ...]:
    """Plan the drop-offs of orders in the given sequence, starting from a place at an instant."""
    stops: list[Stop] = []
    here, leaves = origin, departs_at_ms
    for order in orders:
        leg = drive(book, here, order.dropoff, leaves)
        arrives = leaves + leg.duration_ms
        done = arrives + book.times.dropoff_before_ms
        stops.append(Stop(StopKind.DROPOFF, (order.order_id,), order.dropoff, leg, arrives, done))
        here, leaves = order.dropoff, done + book.times.dropoff_after_ms
    return tuple(stops)


def drive(book: Book, origin: LocationKey, destination: LocationKey, departs_at_ms: Millis) -> Leg:
    """Plan one drive with its path."""
    duration_ms = book.travel.duration_ms(origin, destination, departs_at_ms)
    way = book.paths.path(origin, destination, departs_at_ms)
    return Leg(origin, destination, duration_ms, way.length_m, way.keys, way.passed_ms)


def place_on(trip: TripRecord, now_ms: Millis) -> LocationKey:
    """Return the last place that a rider on the way to the next stop has passed, as planned.

    Without a path (the metric plane) it is the origin until the drive is over.
    """
    stop = trip.stops[0]
    return place_along(stop.leg, stop.arrives_at_ms - stop.leg.duration_ms, now_ms)


def place_along(leg: Leg, left_at_ms: Millis, now_ms: Millis) -> LocationKey:
    """Return the last place that a rider who left for a drive at an instant has passed, as planned."""
    if now_ms >= left_at_ms + leg.duration_ms:
        return leg.destination
    passed = leg.origin
    for key, after_ms in zip(leg.path, leg.passed_ms, strict=True):
        if left_at_ms + after_ms > now_ms:
            break
        passed = key
    return passed
