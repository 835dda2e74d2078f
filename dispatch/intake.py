"""Taking orders in, and what merchants and customers say about them afterwards."""

from dispatch.book import Book, OrderRecord
from dispatch.explain import WAITS_FOR_WINDOW
from dispatch.rescue import release_late_order
from dispatch.schedule import Appointment, check_window, make_appointment
from dispatch.snapshot import RecentOrder
from dispatch.trips import leave_out, replan_pickup
from domain.commands import CancelOrder, ConfirmOrder, MarkOrderReady, PlaceOrder
from domain.errors import InvalidValueError, UnknownIdError
from domain.events import (
    Event,
    OrderCanceled,
    OrderConfirmed,
    OrderHeld,
    OrderPlaced,
    OrderReady,
    OrderReleased,
)
from domain.orders import OrderState, OrderStep, next_order_state
from domain.places import Merchant
from domain.plans import Explanation
from domain.ports import LocationKey
from domain.schedule import DeliveryWindow
from domain.units import Millis


def place_order(book: Book, command: PlaceOrder, now_ms: Millis) -> list[Event]:
    """Take an order and promise a time; one with a delivery window is released when it is due.

    Raises
    ------
    UnknownIdError
        If there is no such merchant.
    InvalidValueError
        If the door is outside the city, a stated instant lies before the order, or a window cannot be kept.
    """
    merchant = book.merchants.get(command.merchant_id)
    if merchant is None:
        raise UnknownIdError("merchant", command.merchant_id)
    for name in ("ready_at_ms", "promised_at_ms"):
        stated = getattr(command, name)
        if stated is not None and stated < now_ms:
            raise InvalidValueError(name, stated, f"not before the order is placed ({now_ms})")
    check_window(command, merchant, book.times, book.params.scheduling, now_ms)
    dropoff = book.travel.locate(command.dropoff)
    pickup = book.merchant_locations[command.merchant_id]
    appointment = None
    if command.window is None:
        ready, promised = _told_times(book, command, merchant, dropoff, now_ms)
    else:
        appointment = _appointment(book, command, command.window, merchant, dropoff, now_ms)
        ready, promised = appointment.ready_at_ms, command.window.latest_ms
    order = OrderRecord(
        book.state.ids.next_id("order"), command.merchant_id, pickup, dropoff, now_ms, ready, promised
    )
    book.state.orders[order.order_id] = order
    if command.load is not None:
        book.state.freight.loads[order.order_id] = command.load
    happened: list[Event] = [_placed(book, command, order, appointment)]
    if appointment is not None:
        return happened + _schedule(book, order, appointment, now_ms)
    _note_recent(book, order, now_ms)
    book.begin_waiting(order, now_ms)
    return happened


def release_due(book: Book, now_ms: Millis) -> list[Event]:
    """Let scheduled orders whose time has come wait for a rider, as if they were placed now."""
    schedule = book.state.schedule
    happened: list[Event] = []
    while schedule.due and schedule.due[0][0] <= now_ms:
        _, order_id = schedule.due.pop(0)
        order = book.state.orders[order_id]
        order.state = next_order_state(order_id, order.state, OrderStep.RELEASE)
        order.placed_at_ms = now_ms
        order.held_reason = ""
        _note_recent(book, order, now_ms)
        book.begin_waiting(order, now_ms)
        happened.append(OrderReleased(order_id, schedule.pickup_from_ms[order_id]))
    return happened


def _told_times(
    book: Book, command: PlaceOrder, merchant: Merchant, dropoff: LocationKey, now_ms: Millis
) -> tuple[Millis, Millis]:
    """Return when an order to be brought at once is ready, and by when it is promised."""
    ready_ms = now_ms + merchant.preparation_ms if command.ready_at_ms is None else command.ready_at_ms
    if command.promised_at_ms is not None:
        return ready_ms, command.promised_at_ms
    policy, pickup = book.city.promise, book.merchant_locations[merchant.merchant_id]
    drive_ms = book.travel.duration_ms(pickup, dropoff, now_ms)
    return ready_ms, max(now_ms + policy.floor_ms, ready_ms + drive_ms + policy.allowance_ms)


def _appointment(
    book: Book,
    command: PlaceOrder,
    window: DeliveryWindow,
    merchant: Merchant,
    dropoff: LocationKey,
    now_ms: Millis,
) -> Appointment:
    pickup = book.merchant_locations[merchant.merchant_id]
    drive_ms = book.travel.duration_ms(pickup, dropoff, window.latest_ms)
    return make_appointment(
        window,
        command.ready_at_ms,
        merchant.preparation_ms,
        drive_ms,
        book.times,
        book.params.scheduling,
        now_ms,
    )


def _schedule(book: Book, order: OrderRecord, appointment: Appointment, now_ms: Millis) -> list[Event]:
    """Note a scheduled order, and tell why dispatch does nothing about it yet, if it does nothing."""
    order.state = OrderState.SCHEDULED
    book.state.schedule.add(order.order_id, appointment)
    if appointment.release_at_ms <= now_ms:
        return release_due(book, now_ms)
    order.held_reason = WAITS_FOR_WINDOW
    return [OrderHeld(order.order_id, Explanation(reason=WAITS_FOR_WINDOW))]


def _placed(
    book: Book, command: PlaceOrder, order: OrderRecord, appointment: Appointment | None
) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.order_id,
        reference=command.reference,
        merchant_id=order.merchant_id,
        zone_id=book.city.zone_of(command.dropoff),
        dropoff=command.dropoff,
        pickup_location=order.pickup,
        dropoff_location=order.dropoff,
        value_cents=command.value_cents,
        ready_at_ms=order.ready_at_ms,
        promised_at_ms=order.promised_at_ms,
        load=command.load,
        window=command.window,
        release_at_ms=None if appointment is None else appointment.release_at_ms,
    )


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
            order.ready_at_ms = book.state.schedule.pickup_ms(order.order_id, command.ready_at_ms)
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
    ready_at_ms = book.state.schedule.pickup_ms(order.order_id, now_ms)
    if order.ready_at_ms != ready_at_ms:
        order.ready_at_ms = ready_at_ms
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
