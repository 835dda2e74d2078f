"""Closing a batch: the snapshot of everything that a decision may use."""

from itertools import chain
from operator import attrgetter

from dispatch.book import Book, OrderRecord, RiderRecord, TripRecord
from dispatch.kept_views import BusyRider, ComingRiders
from dispatch.moves import correct_moves, riders_under_way, settle_moves
from dispatch.pinned import behind_pinned
from dispatch.plan_check import takes_additions
from dispatch.snapshot import (
    OpenOrder,
    OpenTrip,
    OrderLoad,
    OrderWindow,
    RecentOrder,
    RiderCapacity,
    RiderView,
    Snapshot,
)
from domain.errors import InvalidValueError
from domain.geo import Point, distance_m
from domain.ids import DecisionId, OrderId, RiderId
from domain.plans import AdditionsUntil, QueuedTrip, Stop, StopKind
from domain.riders import RiderState
from domain.units import Millis

_rider_id = attrgetter("rider_id")
_order_ids = attrgetter("order_ids")
_new_tuple = tuple.__new__
"""Makes a view without the detour through its own ``__new__``: dozens are made for every decision."""


def take_snapshot(book: Book, decision_id: DecisionId, now_ms: Millis) -> Snapshot:
    """Freeze the situation for one decision. Nothing changes: it can be taken again after a restart."""
    # With hundreds of orders waiting, making their views anew was half the time of an overloaded day.
    known = book.open_orders.get
    on_duty = book.riders_on_duty()
    if book.state.silences:
        lost = {rider_id for rider_id, silence in book.state.silences.items() if silence.is_lost}
        on_duty = [rider for rider in on_duty if rider.rider_id not in lost]
    coming = _coming(book, now_ms)
    open_trips = _open_trips(book, now_ms)
    loads = _loads(book, open_trips) if book.state.freight.loads else ()
    riders = _riders(book, on_duty, now_ms)
    pins = book.state.pins
    if pins:
        riders = behind_pinned(book, riders)
    return Snapshot(
        decision_id=decision_id,
        at_ms=now_ms,
        next_epoch_ms=book.epoch_from(now_ms + 1),
        orders=tuple([known(o) or _open_order(book, o, now_ms) for o in book.state.waiting]),
        riders=tuple(riders),
        rules=book.rules,
        times=book.times,
        pay=book.pay,
        queues=_queues(book, coming),
        recent=_recent(book, now_ms),
        recent_ms=book.params.recent_ms,
        coming=coming,
        open_trips=open_trips,
        loads=loads,
        capacities=_capacities(book) if loads else (),
        windows=_windows(book, open_trips) if book.state.schedule.windows else (),
        pins=tuple(pins.values()) if pins else (),
        moving=riders_under_way(book) if book.state.moves else (),
        prepositioning=book.params.prepositioning,
    )


def _loads(book: Book, open_trips: tuple[OpenTrip, ...]) -> tuple[OrderLoad, ...]:
    """Return the loads of the orders that are shown."""
    shown = _shown(book, open_trips)
    return tuple(
        [
            OrderLoad(order_id, load.type, load.volume_l, load.weight_g)
            for order_id, load in book.state.freight.loads.items()
            if order_id in shown
        ]
    )


def _windows(book: Book, open_trips: tuple[OpenTrip, ...]) -> tuple[OrderWindow, ...]:
    """Return the delivery windows of the orders that are shown."""
    return book.state.schedule.shown(_shown(book, open_trips))


def _shown(book: Book, open_trips: tuple[OpenTrip, ...]) -> set[OrderId]:
    """Return the orders that wait, and those whose trip others may join."""
    return {*book.state.waiting, *(order.order_id for trip in open_trips for order in trip.orders)}


def _capacities(book: Book) -> tuple[RiderCapacity, ...]:
    """Return what riders of limited capacity can carry who are on duty, or announced."""
    capacities = sorted(book.state.freight.capacities.items())
    return tuple(
        [
            RiderCapacity(rider_id, capacity.volume_l, capacity.weight_g)
            for rider_id, capacity in capacities
            if book.is_on_duty(rider_id) or rider_id in book.state.announced
        ]
    )


def _coming(book: Book, now_ms: Millis) -> tuple[RiderView, ...]:
    """Return the riders whose announced shift begins soon; who is late for it is counted on no more."""
    known = book.coming
    if known is None or not known.from_ms <= now_ms < known.until_ms:
        # A whole day may be announced at its begin; who of it comes soon seldom changes.
        known = book.coming = _find_coming(book, now_ms)
    return known.views


def _find_coming(book: Book, now_ms: Millis) -> ComingRiders:
    ahead_ms, late_ms = book.params.coming_ms, book.params.no_show_after_ms
    views: list[RiderView] = []
    until_ms = now_ms + ahead_ms
    for view in book.state.announced.values():
        starts_ms = view.free_at_ms
        if starts_ms > now_ms + ahead_ms:
            until_ms = min(until_ms, starts_ms - ahead_ms)
        elif starts_ms > now_ms - late_ms:
            until_ms = min(until_ms, starts_ms + late_ms)
            if not book.is_on_duty(view.rider_id):
                views.append(view)
    return ComingRiders(now_ms, until_ms, tuple(views))


def _queues(book: Book, coming: tuple[RiderView, ...]) -> tuple[QueuedTrip, ...]:
    """Return what of the foreseen trips still can be: their riders on duty, their orders waiting."""
    queues = book.state.queues
    orders = chain.from_iterable(map(_order_ids, queues))
    gone = {rider_id for rider_id in map(_rider_id, queues) if not _is_counted_on(book, rider_id)}
    gone.difference_update(map(_rider_id, coming))
    # Nearly always all of it still can be; hundreds of trips may be foreseen.
    if not gone and book.state.waiting.keys() >= set(orders):
        return queues
    present = [_remaining(book, trip) for trip in queues if trip.rider_id not in gone]
    return tuple([trip for trip in present if trip.order_ids])


def _is_counted_on(book: Book, rider_id: RiderId) -> bool:
    """Tell whether a rider is on duty, stays after the present trip, and is not lost."""
    rider, silence = book.state.riders.get(rider_id), book.state.silences.get(rider_id)
    if rider is None or rider.leaving or rider.state is RiderState.OFF_DUTY:
        return False
    return silence is None or not silence.is_lost


def _remaining(book: Book, trip: QueuedTrip) -> QueuedTrip:
    """Return a foreseen trip with the orders that still wait."""
    left = tuple([order_id for order_id in trip.order_ids if order_id in book.state.waiting])
    return trip if left == trip.order_ids else QueuedTrip(trip.rider_id, left)


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
        tuple([view_of(book, book.state.orders[order_id], now_ms) for order_id in doors]),
    )


def _recent(book: Book, now_ms: Millis) -> tuple[RecentOrder, ...]:
    recent, since_ms = book.state.recent, now_ms - book.params.recent_ms
    first = next((k for k, order in enumerate(recent) if order.placed_at_ms >= since_ms), len(recent))
    return tuple(recent[first:])


def _open_order(book: Book, order_id: OrderId, now_ms: Millis) -> OpenOrder:
    """Make the frozen view of a waiting order, and keep it for the next epochs while it stays true."""
    view = view_of(book, book.state.orders[order_id], now_ms)
    if not view.declined_by:
        book.open_orders[order_id] = view
    return view


def view_of(book: Book, order: OrderRecord, now_ms: Millis) -> OpenOrder:
    """Make the frozen view of an order."""
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


def locate_idle(book: Book, now_ms: Millis) -> None:
    """Find out where riders without a trip are now: on the way to where they are to wait, or as reported."""
    if book.state.moves:
        settle_moves(book, now_ms)
    relocate_idle(book)
    if book.state.moves:
        correct_moves(book, now_ms)


def relocate_idle(book: Book) -> None:
    """Believe idle riders' reported positions that are clearly away from the known places."""
    for rider in book.riders_on_duty():
        if rider.reported is not None and rider.state is RiderState.IDLE:
            _relocate(book, rider, rider.reported)
            rider.reported = None


def _riders(book: Book, on_duty: list[RiderRecord], now_ms: Millis) -> list[RiderView]:
    """Return the views of the riders who can still pick something up; of those on a trip mostly as before."""
    present_ms = book.rules.floor(now_ms)
    trips, seen = book.state.trips, book.busy_riders
    views: list[RiderView] = []
    for rider in on_duty:
        if rider.leaving or rider.shift_ends_at_ms < present_ms:
            continue
        if rider.trip_id is None:
            free_at_ms = rider.free_at_ms
            is_free = free_at_ms <= now_ms
            view = (
                rider.rider_id,
                rider.location,
                now_ms if is_free else free_at_ms,
                rider.shift_ends_at_ms,
                is_free,
                rider.shift_started_at_ms,
                rider.delivered,
            )
            views.append(_new_tuple(RiderView, view))
            continue
        trip = trips[rider.trip_id]
        known = seen.get(rider.rider_id)
        if known is not None and known.stops is trip.stops and now_ms <= known.until_ms:
            views.append(known.view)
        else:
            views.append(_view_of_busy(book, rider, trip.stops, now_ms))
    return views


def _view_of_busy(book: Book, rider: RiderRecord, stops: tuple[Stop, ...], now_ms: Millis) -> RiderView:
    last = stops[-1]
    # Who is overdue at the next stop may take as long again. Without this a rider who got lost would seem
    # about to be free for ever, and orders would be kept waiting for that rider.
    overdue_ms = max(0, now_ms - stops[0].done_at_ms)
    free_at_ms = max(last.done_at_ms + book.times.dropoff_after_ms + 2 * overdue_ms, now_ms)
    underway = sum(stop.kind is StopKind.DROPOFF for stop in stops)
    view = RiderView(
        rider.rider_id,
        last.location,
        free_at_ms,
        rider.shift_ends_at_ms,
        False,
        rider.shift_started_at_ms,
        rider.delivered + underway,
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
