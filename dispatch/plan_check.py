"""Does a planned trip still hold? A plan comes back later than its snapshot was taken."""

from dispatch.book import Book, OrderRecord, RiderRecord
from domain.orders import OrderState
from domain.plans import PlannedTrip
from domain.riders import RiderState
from domain.units import Millis


def still_holds(book: Book, trip: PlannedTrip, now_ms: Millis) -> bool:
    """Tell whether a trip can start now: orders waiting, rider free, rules kept, pickup within the shift."""
    rider = book.state.riders.get(trip.rider_id)
    orders = [book.state.orders.get(order_id) for order_id in trip.order_ids]
    present = [order for order in orders if order is not None and order.state is OrderState.PLACED]
    if rider is None or not trip.order_ids or len(present) != len(trip.order_ids):
        return False
    return (
        _is_free(rider, now_ms)
        and len(set(trip.order_ids)) == len(trip.order_ids)
        and len(trip.explanations) == len(trip.order_ids)
        and _keeps_rules(book, rider, present, now_ms)
        and _in_shift(book, rider, present, now_ms)
    )


def _is_free(rider: RiderRecord, now_ms: Millis) -> bool:
    return (
        rider.state is RiderState.IDLE
        and rider.trip_id is None
        and not rider.leaving
        and rider.free_at_ms <= now_ms
    )


def _keeps_rules(book: Book, rider: RiderRecord, orders: list[OrderRecord], now_ms: Millis) -> bool:
    most = book.rules.max_orders_per_trip
    return (
        len({order.merchant_id for order in orders}) == 1
        and (most is None or len(orders) <= most)
        and not any(rider.rider_id in book.passed_over(order, now_ms) for order in orders)
    )


def _in_shift(book: Book, rider: RiderRecord, orders: list[OrderRecord], now_ms: Millis) -> bool:
    arrives = now_ms + book.travel.duration_ms(rider.location, orders[0].pickup, now_ms)
    ready = max(order.ready_at_ms for order in orders)
    return book.rules.floor(max(arrives + book.times.pickup_before_ms, ready)) <= rider.shift_ends_at_ms
