"""Closing a batch: the snapshot of everything that a decision may use."""

from functools import partial
from operator import attrgetter

from dispatch.book import Book, BusyRider, OrderRecord, RiderRecord, TripRecord
from dispatch.plan_check import takes_additions
from dispatch.snapshot import OpenOrder, OpenTrip, RecentOrder, RiderView, Snapshot
from domain.errors import InvalidValueError
from domain.geo import Point, distance_m
from domain.ids import DecisionId, OrderId
from domain.plans import AdditionsUntil, QueuedTrip
from domain.riders import RiderState
from domain.units import Millis

_rider_id = attrgetter("rider_id")


def take_snapshot(book: Book, decision_id: DecisionId, now_ms: Millis) -> Snapshot:
    """Freeze the situation for one decision. Nothing changes: it can be taken again after a restart."""
    # With hundreds of orders waiting, making their views anew was half the time of an overloaded day.
    known = book.open_orders.get
    # Most riders of a day are off duty at any time: they are passed over first, and cheaply.
    present_ms = book.rules.floor(now_ms)
    on_duty = [
        rider
        for rider in book.state.riders.values()
        if rider.state is not RiderState.OFF_DUTY
        and rider.shift_ends_at_ms >= present_ms
        and not rider.leaving
    ]
    if book.state.silences:
        lost = {rider_id for rider_id, silence in book.state.silences.items() if silence.is_lost}
        on_duty = [rider for rider in on_duty if rider.rider_id not in lost]
    on_duty.sort(key=_rider_id)
    return Snapshot(
        decision_id=decision_id,
        at_ms=now_ms,
        next_epoch_ms=book.epoch_from(now_ms + 1),
        orders=tuple([known(o) or _open_order(book, o, now_ms) for o in book.state.waiting]),
        riders=tuple([_view(book, rider, now_ms) for rider in on_duty]),
        rules=book.rules,
        times=book.times,
        pay=book.pay,
        queues=tuple(
            [trip for trip in map(partial(_remaining, book), book.state.queues) if trip is not None]
        ),
        recent=_recent(book, now_ms),
        open_trips=_open_trips(book, now_ms),
    )


def _remaining(book: Book, trip: QueuedTrip) -> QueuedTrip | None:
    """Return what of a foreseen trip still can be: its rider on duty, its orders waiting."""
    rider = book.state.riders.get(trip.rider_id)
    if rider is None or rider.state is RiderState.OFF_DUTY or rider.leaving:
        return None
    waiting = book.state.waiting
    if waiting.keys() >= set(trip.order_ids):
        return trip
    left = tuple(order_id for order_id in trip.order_ids if order_id in waiting)
    return QueuedTrip(trip.rider_id, left) if left else None


def _open_trips(book: Book, now_ms: Millis) -> tuple[OpenTrip, ...]:
    """Return the trips that orders may join; nothing is looked at where the rules let none."""
    if book.rules.additions_until is AdditionsUntil.DEPARTURE:
        return ()
    return tuple(
        [_open_trip(book, trip, now_ms) for trip in book.state.trips.values() if takes_additions(book, trip)]
    )


def _open_trip(book: Book, trip: TripRecord, now_ms: Millis) -> OpenTrip:
    first = trip.stops[0]
    doors = [stop.order_ids[0] for stop in trip.stops[1:]]
    return OpenTrip(
        trip.trip_id,
        trip.rider_id,
        book.state.orders[doors[0]].place_id,
        first.location,
        first.arrives_at_ms,
        max(now_ms, first.done_at_ms),
        book.state.riders[trip.rider_id].shift_ends_at_ms,
        tuple([_view_of(book, book.state.orders[order_id], now_ms) for order_id in doors]),
    )


def _recent(book: Book, now_ms: Millis) -> tuple[RecentOrder, ...]:
    recent, since_ms = book.state.recent, now_ms - book.params.recent_ms
    first = next((k for k, order in enumerate(recent) if order.placed_at_ms >= since_ms), len(recent))
    return tuple(recent[first:])


def _open_order(book: Book, order_id: OrderId, now_ms: Millis) -> OpenOrder:
    """Make the frozen view of a waiting order, and keep it for the next epochs while it stays true."""
    view = _view_of(book, book.state.orders[order_id], now_ms)
    if not view.declined_by:
        book.open_orders[order_id] = view
    return view


def _view_of(book: Book, order: OrderRecord, now_ms: Millis) -> OpenOrder:
    return OpenOrder(
        order.order_id,
        order.place_id,
        order.pickup,
        order.dropoff,
        order.placed_at_ms,
        order.ready_at_ms,
        order.promised_at_ms,
        book.passed_over(order, now_ms),
        order.held_reason,
    )


def relocate_idle(book: Book) -> None:
    """Believe idle riders' reported positions that are clearly away from the known places."""
    for rider in book.state.riders.values():
        if rider.reported is not None and rider.state is RiderState.IDLE:
            _relocate(book, rider, rider.reported)
            rider.reported = None


def _view(book: Book, rider: RiderRecord, now_ms: Millis) -> RiderView:
    ends_at_ms, free_at_ms = rider.shift_ends_at_ms, rider.free_at_ms
    started_at_ms, delivered = rider.shift_started_at_ms, rider.delivered
    if rider.trip_id is None:
        is_free = free_at_ms <= now_ms
        leaves_at_ms = now_ms if is_free else free_at_ms
        return RiderView(
            rider.rider_id, rider.location, leaves_at_ms, ends_at_ms, is_free, started_at_ms, delivered
        )
    trip = book.state.trips[rider.trip_id]
    stops = trip.stops
    seen = book.busy_riders.get(rider.rider_id)
    if seen is not None and seen.stops is stops and now_ms <= seen.until_ms:
        return seen.view
    last = stops[-1]
    # Who is overdue at the next stop may take as long again. Without this a rider who got lost would seem
    # about to be free for ever, and orders would be kept waiting for that rider.
    overdue_ms = max(0, now_ms - stops[0].done_at_ms)
    free_at_ms = max(last.done_at_ms + book.times.dropoff_after_ms + 2 * overdue_ms, now_ms)
    underway = sum(order_id in book.state.orders for order_id in trip.order_ids)
    view = RiderView(
        rider.rider_id, last.location, free_at_ms, ends_at_ms, False, started_at_ms, delivered + underway
    )
    if not overdue_ms:
        # The same until the stops change (they are replaced then, never altered) or the rider is overdue.
        book.busy_riders[rider.rider_id] = BusyRider(stops, min(stops[0].done_at_ms, free_at_ms), view)
    return view


def _relocate(book: Book, rider: RiderRecord, reported: Point) -> None:
    known = book.paths.point(rider.location)
    if distance_m(known, reported, book.city.frame) <= book.params.relocate_beyond_m:
        return
    try:
        rider.location = book.travel.locate(reported)
    except InvalidValueError:
        # Outside the city: the last place inside is as near as we can say.
        return
