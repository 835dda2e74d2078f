"""Does a planned trip or addition still hold? A plan comes back later than its snapshot was taken."""

from dispatch.book import Book, OrderRecord, RiderRecord, TripRecord
from dispatch.routes import pickup_done_ms
from domain.orders import OrderState
from domain.plans import AdditionsUntil, PlannedTrip, StopKind, TripAddition
from domain.riders import RiderState
from domain.units import Millis


def still_holds(book: Book, trip: PlannedTrip, now_ms: Millis) -> bool:
    """Tell whether a trip can start now: orders waiting, rider free, rules kept, pickup within the shift."""
    rider = book.state.riders.get(trip.rider_id)
    orders = [book.state.orders.get(order_id) for order_id in trip.order_ids]
    present = [order for order in orders if order is not None and _can_start(book, order)]
    if rider is None or not trip.order_ids or len(present) != len(trip.order_ids):
        return False
    return (
        _is_free(rider, now_ms)
        and len(set(trip.order_ids)) == len(trip.order_ids)
        and len(trip.explanations) == len(trip.order_ids)
        and _keeps_rules(book, rider, present, now_ms)
        and _in_shift(book, rider, present, now_ms)
    )


def takes_additions(book: Book, trip: TripRecord) -> bool:
    """Tell whether orders may join a trip now: under way, nothing picked up, no later than rules allow."""
    rider = book.state.riders[trip.rider_id]
    first = trip.stops[0]
    if trip.expires_at_ms is not None or rider.leaving or first.kind is not StopKind.PICKUP:
        return False
    if first.order_ids != trip.order_ids and set(first.order_ids) != {
        order_id for order_id in trip.order_ids if order_id in book.state.orders
    }:
        return False
    if book.state.pins and not book.state.pins.keys().isdisjoint(trip.order_ids):
        return False
    until = book.rules.additions_until
    if rider.state is RiderState.AT_MERCHANT:
        return until is AdditionsUntil.PICKUP
    return rider.state is RiderState.TO_MERCHANT and until is not AdditionsUntil.DEPARTURE


def addition_still_holds(book: Book, addition: TripAddition, now_ms: Millis) -> bool:
    """Tell whether orders can join a trip now: they wait, the trip is open, rules and shift are kept."""
    trip = book.state.trips.get(addition.trip_id)
    orders = [book.state.orders.get(order_id) for order_id in addition.order_ids]
    present = [order for order in orders if order is not None]
    if trip is None or not addition.added or len(present) != len(addition.order_ids):
        return False
    rider = book.state.riders[trip.rider_id]
    joining = [order for order in present if order.order_id in addition.added]
    return (
        takes_additions(book, trip)
        and sorted(addition.order_ids) == sorted((*trip.stops[0].order_ids, *addition.added))
        and all(_can_start(book, order) for order in joining)
        and len(addition.explanations) == len(addition.added)
        and _fits(book, rider, present)
        and not _turned_down(book, rider, joining, now_ms)
        and book.rules.floor(pickup_done_ms(book, trip.stops[0].arrives_at_ms, present))
        <= rider.shift_ends_at_ms
    )


def _can_start(book: Book, order: OrderRecord) -> bool:
    """Tell whether an order waits for whoever the policy says, not for a rider chosen by hand."""
    return order.state is OrderState.PLACED and order.order_id not in book.state.pins


def _is_free(rider: RiderRecord, now_ms: Millis) -> bool:
    return (
        rider.state is RiderState.IDLE
        and rider.trip_id is None
        and not rider.leaving
        and rider.free_at_ms <= now_ms
    )


def _keeps_rules(book: Book, rider: RiderRecord, orders: list[OrderRecord], now_ms: Millis) -> bool:
    return _fits(book, rider, orders) and not _turned_down(book, rider, orders, now_ms)


def _fits(book: Book, rider: RiderRecord, orders: list[OrderRecord]) -> bool:
    most = book.rules.max_orders_per_trip
    return (
        len({order.place_id for order in orders}) == 1
        and (most is None or len(orders) <= most)
        and book.state.freight.fits(rider.rider_id, [order.order_id for order in orders])
    )


def _turned_down(book: Book, rider: RiderRecord, orders: list[OrderRecord], now_ms: Millis) -> bool:
    return any(rider.rider_id in book.passed_over(order, now_ms) for order in orders)


def _in_shift(book: Book, rider: RiderRecord, orders: list[OrderRecord], now_ms: Millis) -> bool:
    arrives = now_ms + book.travel.duration_ms(rider.location, orders[0].pickup, now_ms)
    ready = max(order.ready_at_ms for order in orders)
    return book.rules.floor(max(arrives + book.times.pickup_before_ms, ready)) <= rider.shift_ends_at_ms
