"""Taking orders in, and what merchants and customers say about them afterwards."""

from dispatch.book import Book, OrderRecord
from dispatch.rescue import release_late_order
from dispatch.snapshot import RecentOrder
from dispatch.trips import leave_out, replan_pickup
from domain.commands import CancelOrder, ConfirmOrder, MarkOrderReady, PlaceOrder
from domain.errors import InvalidValueError, UnknownIdError
from domain.events import Event, OrderCanceled, OrderConfirmed, OrderPlaced, OrderReady
from domain.orders import OrderStep, next_order_state
from domain.units import Millis


def place_order(book: Book, command: PlaceOrder, now_ms: Millis) -> list[Event]:
    """Take an order and promise a time.

    Raises
    ------
    UnknownIdError
        If there is no such merchant.
    InvalidValueError
        If the door is outside the city, or a stated instant lies before the order.
    """
    merchant = book.merchants.get(command.merchant_id)
    if merchant is None:
        raise UnknownIdError("merchant", command.merchant_id)
    for name in ("ready_at_ms", "promised_at_ms"):
        stated = getattr(command, name)
        if stated is not None and stated < now_ms:
            raise InvalidValueError(name, stated, f"not before the order is placed ({now_ms})")
    dropoff = book.travel.locate(command.dropoff)
    pickup = book.merchant_locations[command.merchant_id]
    ready = now_ms + merchant.preparation_ms if command.ready_at_ms is None else command.ready_at_ms
    promised = command.promised_at_ms
    if promised is None:
        policy = book.city.promise
        drive_ms = book.travel.duration_ms(pickup, dropoff, now_ms)
        promised = max(now_ms + policy.floor_ms, ready + drive_ms + policy.allowance_ms)
    order = OrderRecord(
        book.state.ids.next_id("order"), command.merchant_id, pickup, dropoff, now_ms, ready, promised
    )
    book.state.orders[order.order_id] = order
    if command.load is not None:
        book.state.freight.loads[order.order_id] = command.load
    _note_recent(book, order, now_ms)
    book.begin_waiting(order, now_ms)
    return [
        OrderPlaced(
            order_id=order.order_id,
            reference=command.reference,
            merchant_id=order.merchant_id,
            zone_id=book.city.zone_of(command.dropoff),
            dropoff=command.dropoff,
            pickup_location=pickup,
            dropoff_location=dropoff,
            value_cents=command.value_cents,
            ready_at_ms=ready,
            promised_at_ms=promised,
            load=command.load,
        )
    ]


def _note_recent(book: Book, order: OrderRecord, now_ms: Millis) -> None:
    recent = book.state.recent
    recent.append(RecentOrder(order.pickup, order.dropoff, now_ms, order.ready_at_ms, order.promised_at_ms))
    while recent[0].placed_at_ms < now_ms - book.params.recent_ms:
        del recent[0]


def confirm_order(book: Book, command: ConfirmOrder, now_ms: Millis) -> list[Event]:
    """Note that the merchant acknowledged an order, and the ready time it states.

    Food that is ready stays ready: the event tells since when, whatever the merchant states.
    """
    order = book.order(command.order_id)
    released: list[Event] = []
    if command.ready_at_ms is not None:
        if command.ready_at_ms < now_ms:
            raise InvalidValueError("ready_at_ms", command.ready_at_ms, f"not in the past ({now_ms})")
        if not order.is_ready:
            order.ready_at_ms = command.ready_at_ms
            book.forget_view(order)
            replan_pickup(book, order)
            released = release_late_order(book, order, now_ms)
    return [OrderConfirmed(order.order_id, order.ready_at_ms), *released]


def mark_order_ready(book: Book, command: MarkOrderReady, now_ms: Millis) -> list[Event]:
    """Note that the food is ready; saying it twice changes nothing."""
    order = book.order(command.order_id)
    if order.is_ready:
        return []
    order.is_ready = True
    if order.ready_at_ms != now_ms:
        order.ready_at_ms = now_ms
        book.forget_view(order)
        replan_pickup(book, order)
    return [OrderReady(order.order_id)]


def cancel_order(book: Book, command: CancelOrder, now_ms: Millis) -> list[Event]:
    """Call an order off, which is possible until it is picked up, and free its rider of it."""
    order = book.order(command.order_id)
    final = next_order_state(order.order_id, order.state, OrderStep.CANCEL)
    rider_id, trip_id = order.rider_id, order.trip_id
    order.state = final
    book.close_order(order, final)
    events: list[Event] = [OrderCanceled(order.order_id, rider_id, command.reason)]
    if rider_id is not None and trip_id is not None:
        trip = book.state.trips[trip_id]
        events += leave_out(book, book.rider(rider_id), trip, (order.order_id,), now_ms)
    return events
