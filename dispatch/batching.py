"""Closing a batch: the snapshot of everything that a decision may use."""

from dispatch.book import Book, RiderRecord
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.geo import distance_m
from domain.ids import DecisionId
from domain.riders import RiderState
from domain.units import Millis


def take_snapshot(book: Book, decision_id: DecisionId, now_ms: Millis) -> Snapshot:
    """Freeze the situation for one decision."""
    orders = [book.state.orders[order_id] for order_id in book.state.waiting]
    views = [view for rider in book.state.riders.values() if (view := _view(book, rider, now_ms)) is not None]
    return Snapshot(
        decision_id=decision_id,
        at_ms=now_ms,
        next_epoch_ms=book.epoch_from(now_ms + 1),
        orders=tuple(
            OpenOrder(
                o.order_id,
                o.merchant_id,
                o.pickup,
                o.dropoff,
                o.placed_at_ms,
                o.ready_at_ms,
                o.promised_at_ms,
                book.passed_over(o, now_ms),
                o.held_reason,
            )
            for o in sorted(orders, key=lambda o: (o.placed_at_ms, len(o.order_id), o.order_id))
        ),
        riders=tuple(sorted(views, key=lambda view: view.rider_id)),
        rules=book.rules,
        times=book.times,
    )


def _view(book: Book, rider: RiderRecord, now_ms: Millis) -> RiderView | None:
    if rider.state is RiderState.OFF_DUTY or rider.leaving or rider.shift_ends_at_ms < now_ms:
        return None
    if rider.trip_id is None:
        _relocate(book, rider)
        return RiderView(
            rider.rider_id,
            rider.location,
            max(rider.free_at_ms, now_ms),
            rider.shift_ends_at_ms,
            rider.free_at_ms <= now_ms,
        )
    trip = book.state.trips[rider.trip_id]
    last = trip.stops[-1]
    free_at_ms = max(last.done_at_ms + book.times.dropoff_after_ms, now_ms)
    return RiderView(rider.rider_id, last.location, free_at_ms, rider.shift_ends_at_ms, is_free=False)


def _relocate(book: Book, rider: RiderRecord) -> None:
    """Believe an idle rider's reported position once it is clearly away from the known place."""
    reported = rider.reported
    if reported is None:
        return
    rider.reported = None
    known = book.paths.point(rider.location)
    if distance_m(known, reported, book.city.frame) > book.params.relocate_beyond_m:
        rider.location = book.travel.locate(reported)
