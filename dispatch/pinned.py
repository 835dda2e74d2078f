"""Riders as policies see them while orders wait for them: free after all that is assigned to them by hand.

An order that is pinned to a rider on a trip is nobody else's. It is left out of what policies decide about,
and its time is the rider's: both together make every policy obey without knowing.
"""

from collections.abc import Iterable

from dispatch.book import Book, OrderRecord
from dispatch.snapshot import RiderView
from domain.ids import RiderId
from domain.orders import OrderState


def waiting_for_rider(book: Book) -> dict[RiderId, list[OrderRecord]]:
    """Return the orders that wait for the end of their rider's trip, by rider, oldest pin first."""
    waiting: dict[RiderId, list[OrderRecord]] = {}
    for pin in book.state.pins.values():
        order = book.state.orders.get(pin.order_id)
        if order is not None and order.state is OrderState.PLACED:
            waiting.setdefault(pin.rider_id, []).append(order)
    return waiting


def behind_pinned(book: Book, riders: Iterable[RiderView]) -> list[RiderView]:
    """Return views of riders from the place and time at which each has delivered all that waits for them."""
    waiting = waiting_for_rider(book)
    return [_behind(book, rider, waiting.get(rider.rider_id, ())) for rider in riders]


def _behind(book: Book, rider: RiderView, orders: Iterable[OrderRecord]) -> RiderView:
    times, travel = book.times, book.travel
    for order in orders:
        drive_ms = travel.duration_ms(rider.location, order.pickup, rider.free_at_ms)
        arrives_ms = rider.free_at_ms + drive_ms
        leaves_ms = max(arrives_ms + times.pickup_before_ms, order.ready_at_ms) + times.pickup_after_ms
        door_ms = leaves_ms + travel.duration_ms(order.pickup, order.dropoff, leaves_ms)
        rider = rider._replace(
            location=order.dropoff,
            free_at_ms=door_ms + times.dropoff_before_ms + times.dropoff_after_ms,
            is_free=False,
            delivered=rider.delivered + 1,
        )
    return rider
