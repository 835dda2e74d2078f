"""A trip under way: arrivals, pickups, drop-offs, and its end."""

from collections.abc import Sequence
from dataclasses import replace

from dispatch.book import Book, OrderRecord, RiderRecord, TripRecord
from dispatch.moves import decide_for_idle
from dispatch.routes import pickup_done_ms, place_on, plan_dropoffs
from domain.commands import ArriveAtDoor, ArriveAtMerchant, DeliverOrder, PickUpOrder
from domain.errors import ConflictError
from domain.events import (
    Event,
    OrderDelivered,
    OrderPickedUp,
    RiderArrivedAtDoor,
    RiderArrivedAtMerchant,
    ShiftEnded,
    TripEnded,
    TripRevised,
)
from domain.ids import OrderId
from domain.orders import CARRIED_ORDER_STATES, OrderState, OrderStep, next_order_state
from domain.plans import Stop, StopKind
from domain.ports import LocationKey
from domain.riders import RiderState, RiderStep, next_rider_state
from domain.units import Millis


def arrive_at_merchant(book: Book, command: ArriveAtMerchant, now_ms: Millis) -> list[Event]:
    """Note that a rider is at the merchant of the trip."""
    rider = book.rider(command.rider_id)
    trip = book.trip_of(rider)
    rider_state = next_rider_state(rider.rider_id, rider.state, RiderStep.ARRIVE_AT_MERCHANT)
    # What was picked up before the arrival was reported stays picked up.
    orders = [book.state.orders[order_id] for order_id in trip.stops[0].order_ids]
    step = OrderStep.ARRIVE_AT_MERCHANT
    states = [next_order_state(order.order_id, order.state, step) for order in orders]
    rider.state = rider_state
    for order, state in zip(orders, states, strict=True):
        order.state = state
    trip.stops = _arrived(trip.stops, now_ms, pickup_done_ms(book, now_ms, orders))
    return [RiderArrivedAtMerchant(rider.rider_id, trip.trip_id, trip.merchant_id, trip.order_ids)]


def pick_up_order(book: Book, command: PickUpOrder, now_ms: Millis) -> list[Event]:
    """Note that a rider has taken an order; with the last one of the trip the rider leaves the merchant."""
    rider, order, trip = book.carried(command.rider_id, command.order_id)
    state = next_order_state(order.order_id, order.state, OrderStep.PICK_UP)
    missing = [
        order_id
        for order_id in trip.stops[0].order_ids
        if order_id != order.order_id and order_id in book.state.orders
    ]
    if not missing:
        rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.LEAVE_MERCHANT)
        trip.stops = _moved_to(trip.stops[1:], now_ms + book.times.pickup_after_ms)
    else:
        trip.stops = (replace(trip.stops[0], order_ids=tuple(missing)), *trip.stops[1:])
    order.state = state
    order.is_ready = True
    return [OrderPickedUp(order.order_id, rider.rider_id, trip.trip_id)]


def arrive_at_door(book: Book, command: ArriveAtDoor, now_ms: Millis) -> list[Event]:
    """Note that a rider is at the door of an order of the trip."""
    rider, order, trip = book.carried(command.rider_id, command.order_id)
    state = next_order_state(order.order_id, order.state, OrderStep.ARRIVE_AT_DOOR)
    rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.ARRIVE_AT_DOOR)
    order.state = state
    done_at_ms = now_ms + book.times.dropoff_before_ms
    arrived = RiderArrivedAtDoor(order.order_id, rider.rider_id, trip.trip_id)
    if trip.stops[0].order_ids == (order.order_id,):
        trip.stops = _arrived(trip.stops, now_ms, done_at_ms)
        return [arrived]
    # The rider went to another door first than was planned.
    (stop,) = (stop for stop in trip.stops if stop.order_ids == (order.order_id,))
    others = [book.state.orders[other.order_ids[0]] for other in trip.stops if other is not stop]
    leaves_at_ms = done_at_ms + book.times.dropoff_after_ms
    trip.stops = (
        replace(stop, arrives_at_ms=now_ms, done_at_ms=done_at_ms),
        *plan_dropoffs(book, stop.location, leaves_at_ms, others),
    )
    return [arrived, TripRevised(trip.trip_id, rider.rider_id, trip.order_ids, trip.stops)]


def deliver_order(book: Book, command: DeliverOrder, now_ms: Millis) -> list[Event]:
    """Note that an order was handed over; with the last one the trip ends.

    Raises
    ------
    ConflictError
        If another order of the trip is still at the merchant, where the rider would have to be.
    """
    rider, order, trip = book.carried(command.rider_id, command.order_id)
    state = next_order_state(order.order_id, order.state, OrderStep.DELIVER)
    if trip.stops[0].kind is StopKind.PICKUP:
        waiting = ", ".join(trip.stops[0].order_ids)
        raise ConflictError(f"rider {rider.rider_id!r} still has to pick up {waiting}")
    stops = tuple([stop for stop in trip.stops if stop.order_ids != (order.order_id,)])
    step = RiderStep.LEAVE_DOOR if stops else RiderStep.FINISH_TRIP
    next_rider_state(rider.rider_id, rider.state, step)
    order.state = state
    book.close_order(order, OrderState.DELIVERED)
    rider.delivered += 1
    events: list[Event] = [OrderDelivered(order.order_id, rider.rider_id, trip.trip_id)]
    free_at_ms = now_ms + book.times.dropoff_after_ms
    if not stops:
        return events + end_trip(book, rider, trip, order.dropoff, free_at_ms)
    rider.state = next_rider_state(rider.rider_id, rider.state, step)
    if _is_chain(order.dropoff, stops):
        trip.stops = _moved_to(stops, free_at_ms)
        return events
    remaining = [book.state.orders[stop.order_ids[0]] for stop in stops]
    trip.stops = plan_dropoffs(book, order.dropoff, free_at_ms, remaining)
    return [*events, TripRevised(trip.trip_id, rider.rider_id, trip.order_ids, trip.stops)]


def leave_out(
    book: Book, rider: RiderRecord, trip: TripRecord, gone: Sequence[OrderId], now_ms: Millis
) -> list[Event]:
    """Take orders out of their trip that are not picked up: it goes on with the others, or ends."""
    trip.order_ids = tuple(order_id for order_id in trip.order_ids if order_id not in gone)
    orders = [book.state.orders[order_id] for order_id in trip.order_ids if order_id in book.state.orders]
    if not orders:
        # Who is only asked has not set out.
        here = rider.location if trip.trip_id in book.state.offers else place_on(trip, now_ms)
        book.state.offers.pop(trip.trip_id, None)
        return end_trip(book, rider, trip, here, now_ms)
    first = trip.stops[0]
    waiting = [order for order in orders if order.state not in CARRIED_ORDER_STATES]
    if not waiting:
        rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.LEAVE_MERCHANT)
        trip.stops = plan_dropoffs(book, first.location, now_ms, orders)
    else:
        done_at_ms = max(now_ms, pickup_done_ms(book, first.arrives_at_ms, waiting))
        ids = tuple(order.order_id for order in waiting)
        leaves_at_ms = done_at_ms + book.times.pickup_after_ms
        trip.stops = (
            replace(first, order_ids=ids, done_at_ms=done_at_ms),
            *plan_dropoffs(book, first.location, leaves_at_ms, orders),
        )
    return [TripRevised(trip.trip_id, rider.rider_id, trip.order_ids, trip.stops)]


def replan_pickup(book: Book, order: OrderRecord) -> None:
    """Shift what follows a pickup that is still ahead after an order's ready time moved."""
    trip = book.state.trips.get(order.trip_id) if order.trip_id is not None else None
    if (
        trip is None
        or trip.stops[0].kind is not StopKind.PICKUP
        or order.order_id not in trip.stops[0].order_ids
    ):
        return
    first = trip.stops[0]
    waiting = [book.state.orders[order_id] for order_id in first.order_ids]
    done_at_ms = pickup_done_ms(book, first.arrives_at_ms, waiting)
    shift_ms = done_at_ms - first.done_at_ms
    if shift_ms:
        trip.stops = (
            replace(first, done_at_ms=done_at_ms),
            *(_shifted(stop, shift_ms) for stop in trip.stops[1:]),
        )


def end_trip(
    book: Book, rider: RiderRecord, trip: TripRecord, location: LocationKey, free_at_ms: Millis
) -> list[Event]:
    """End a trip: the rider is free at a place and an instant, or goes off duty if the shift is over."""
    finished = rider.state in (RiderState.TO_DOOR, RiderState.AT_DOOR)
    step = RiderStep.FINISH_TRIP if finished else RiderStep.RELEASE
    rider.state = next_rider_state(rider.rider_id, rider.state, step)
    rider.trip_id = None
    rider.location = location
    rider.free_at_ms = free_at_ms
    rider.reported = None
    del book.state.trips[trip.trip_id]
    decide_for_idle(book, free_at_ms)
    events: list[Event] = [TripEnded(trip.trip_id, rider.rider_id, location, free_at_ms)]
    if rider.leaving:
        rider.leaving = False
        book.go_off_duty(rider, RiderStep.END_SHIFT)
        events.append(ShiftEnded(rider.rider_id))
    return events


def _is_chain(origin: LocationKey, stops: tuple[Stop, ...]) -> bool:
    """Tell whether every drive begins where the one before ended; not so after a stop was taken out."""
    for stop in stops:
        if stop.leg.origin != origin:
            return False
        origin = stop.location
    return True


def _arrived(stops: tuple[Stop, ...], now_ms: Millis, done_at_ms: Millis) -> tuple[Stop, ...]:
    """Correct the plan by an arrival: the stop is done then, and what was planned after it shifts as much."""
    first = stops[0]
    shift_ms = done_at_ms - first.done_at_ms
    if not shift_ms and first.arrives_at_ms == now_ms:
        return stops
    rest = tuple(_shifted(stop, shift_ms) for stop in stops[1:]) if shift_ms else stops[1:]
    return (replace(first, arrives_at_ms=now_ms, done_at_ms=done_at_ms), *rest)


def _moved_to(stops: tuple[Stop, ...], leaves_at_ms: Millis) -> tuple[Stop, ...]:
    """Let the first of the stops be driven to from an instant on, and shift all the others with it."""
    if not stops:
        return stops
    shift_ms = leaves_at_ms + stops[0].leg.duration_ms - stops[0].arrives_at_ms
    return tuple(_shifted(stop, shift_ms) for stop in stops) if shift_ms else stops


def _shifted(stop: Stop, shift_ms: Millis) -> Stop:
    # Not by `replace`, which takes three times as long: a kitchen's word may shift every stop of a trip.
    return Stop(
        stop.kind,
        stop.order_ids,
        stop.location,
        stop.leg,
        stop.arrives_at_ms + shift_ms,
        stop.done_at_ms + shift_ms,
    )
