"""Rescue: orders are taken from riders who cannot be expected to carry them in time.

Every way ends the same: the order waits again, as old as it is, and the next epoch finds somebody else. An
order is taken from one rider before another may get it, in one step, so that it never has two.
"""

from collections.abc import Sequence

from dispatch.book import Book, OrderRecord, RiderRecord, Silence, TripRecord
from dispatch.moves import whereabouts
from dispatch.routes import pickup_done_ms, place_on
from dispatch.trips import leave_out
from domain.commands import ReportBreakdown
from domain.errors import InvalidValueError
from domain.events import (
    Event,
    IncidentOpened,
    IncidentResolved,
    OrderReturned,
    RiderBrokeDown,
    ShiftEnded,
    TripEnded,
)
from domain.geo import Point
from domain.ids import OrderId
from domain.incidents import IncidentType
from domain.orders import CARRIED_ORDER_STATES, OrderStep, next_order_state
from domain.plans import StopKind
from domain.ports import LocationKey
from domain.riders import RiderState, RiderStep, next_rider_state
from domain.units import Millis

RIDER_BROKE_DOWN = "rider_broke_down"
"""The rider cannot go on; what was in the bag is picked up where the rider stands."""
RIDER_SILENT = "rider_silent"
"""Nothing has been heard of the rider for too long."""
KITCHEN_LATE = "kitchen_late"
"""The kitchen is so late that the rider should not wait for it."""


def report_breakdown(book: Book, command: ReportBreakdown, now_ms: Millis) -> list[Event]:
    """Take a rider who cannot go on off duty at once, and give the orders to others.

    Food in the bag is picked up where the rider stands.

    Raises
    ------
    UnknownIdError, WrongStateError
        If there is no such rider, or the rider is off duty.
    InvalidValueError
        If the point is outside the city.
    """
    rider = book.rider(command.rider_id)
    # Checked first: a refused command must not leave a trace.
    next_rider_state(rider.rider_id, rider.state, RiderStep.BREAK_DOWN)
    here = _stands_at(book, rider, command.point, now_ms)
    events: list[Event] = [RiderBrokeDown(rider.rider_id, here, command.reason)]
    if rider.trip_id is not None:
        trip = book.state.trips.pop(rider.trip_id)
        book.state.offers.pop(trip.trip_id, None)
        for order_id in trip.order_ids:
            order = book.state.orders.get(order_id)
            if order is not None:
                events.append(_give_back(book, order, here, RIDER_BROKE_DOWN, now_ms))
        events.append(TripEnded(trip.trip_id, rider.rider_id, here, now_ms))
    book.go_off_duty(rider, RiderStep.BREAK_DOWN)
    rider.trip_id = None
    rider.leaving = False
    rider.location, rider.free_at_ms, rider.reported = here, now_ms, None
    book.state.silences.pop(rider.rider_id, None)
    return [*events, ShiftEnded(rider.rider_id)]


def hear_incident(book: Book, event: IncidentOpened, now_ms: Millis) -> list[Event]:
    """Note that a rider's phone is silent; if nothing is heard for long, orders are taken away.

    A phone that never told a position says nothing by not telling one.
    """
    rider = book.state.riders.get(event.rider_id) if event.rider_id is not None else None
    if event.type is IncidentType.GPS_SIGNAL_LOSS and rider is not None and rider.is_tracked:
        due_ms = now_ms + book.params.rescue.silent_ms
        book.state.silences[rider.rider_id] = Silence(event.incident_id, due_ms)
    return []


def hear_resolved(book: Book, event: IncidentResolved, now_ms: Millis) -> list[Event]:
    """Count on a rider again whose silence is over, or about whom a dispatcher has found out."""
    for rider_id, silence in book.state.silences.items():
        if silence.incident_id == event.incident_id:
            del book.state.silences[rider_id]
            break
    return []


def first_silence_due_ms(book: Book) -> Millis | None:
    """Return when a rider will have been silent for too long."""
    return min((s.due_ms for s in book.state.silences.values() if s.due_ms is not None), default=None)


def rescue_from_silent(book: Book, now_ms: Millis) -> list[Event]:
    """Take what is not picked up yet from riders who have been silent for too long.

    They get nothing more until they are heard of. Silent riders without such orders are only left out where
    riders are not asked: an offer finds out by itself whether anybody is there.
    """
    events: list[Event] = []
    for rider_id, silence in list(book.state.silences.items()):
        if silence.due_ms is None or silence.due_ms > now_ms:
            continue
        silence.due_ms = None
        rider = book.rider(rider_id)
        if rider.state is RiderState.OFF_DUTY:
            del book.state.silences[rider_id]
        elif rider.state is RiderState.IDLE:
            silence.is_lost = not book.rules.riders_may_decline
        elif rider.state in (RiderState.TO_MERCHANT, RiderState.AT_MERCHANT):
            trip = book.trip_of(rider)
            silence.is_lost = True
            events += take_away(book, rider, trip, trip.stops[0].order_ids, RIDER_SILENT, now_ms)
    return events


def release_late_order(book: Book, order: OrderRecord, now_ms: Millis) -> list[Event]:
    """Take an order whose kitchen has become late out of its trip, where that spares a rider a long wait.

    Others of the trip go on without it. An order alone is only taken from a rider who has not set out, or
    where the city lets riders be sent elsewhere on the way.
    """
    trip = book.state.trips.get(order.trip_id) if order.trip_id is not None else None
    if trip is None or order.order_id not in trip.stops[0].order_ids:
        return []
    if order.order_id in book.state.pins:
        # A dispatcher wants it with this rider, late or not.
        return []
    first, limits = trip.stops[0], book.params.rescue
    if first.kind is not StopKind.PICKUP or order.returns >= limits.most_returns:
        return []
    others = [book.state.orders[other] for other in first.order_ids if other != order.order_id]
    could_ms = first.arrives_at_ms + book.times.pickup_before_ms
    if others:
        could_ms = pickup_done_ms(book, first.arrives_at_ms, others)
    if order.ready_at_ms - max(could_ms, now_ms) < limits.slip_ms:
        return []
    rider = book.rider(trip.rider_id)
    is_alone = sum(order_id in book.state.orders for order_id in trip.order_ids) == 1
    if is_alone and not _can_be_called_back(book, rider, trip, now_ms):
        return []
    order.returns += 1
    return take_away(book, rider, trip, (order.order_id,), KITCHEN_LATE, now_ms)


def _can_be_called_back(book: Book, rider: RiderRecord, trip: TripRecord, now_ms: Millis) -> bool:
    if rider.state is RiderState.OFFERED:
        return True
    if rider.state is not RiderState.TO_MERCHANT:
        return False
    first = trip.stops[0]
    return book.rules.divert_en_route or first.arrives_at_ms - first.leg.duration_ms > now_ms


def take_away(
    book: Book,
    rider: RiderRecord,
    trip: TripRecord,
    order_ids: Sequence[OrderId],
    reason: str,
    now_ms: Millis,
) -> list[Event]:
    """Give back orders not picked up; the trip goes on with the others, or ends."""
    orders = [book.state.orders[order_id] for order_id in order_ids]
    events: list[Event] = [_give_back(book, order, order.pickup, reason, now_ms) for order in orders]
    return events + leave_out(book, rider, trip, order_ids, now_ms)


def _give_back(
    book: Book, order: OrderRecord, here: LocationKey, reason: str, now_ms: Millis
) -> OrderReturned:
    """Let an order wait for somebody else; food that is on its way is handed over where it is now."""
    if order.rider_id is None or order.trip_id is None:
        raise InvalidValueError("order", order.order_id, "one with a rider")
    rider_id, trip_id = order.rider_id, order.trip_id
    was_picked_up = order.state in CARRIED_ORDER_STATES
    step = OrderStep.HAND_BACK if was_picked_up else OrderStep.RETURN
    order.state = next_order_state(order.order_id, order.state, step)
    if was_picked_up:
        order.pickup, order.handover_by = here, rider_id
        # Food that was taken was ready, even when the merchant never said so.
        order.ready_at_ms = min(order.ready_at_ms, now_ms)
    book.begin_waiting(order, now_ms)
    return OrderReturned(order.order_id, rider_id, trip_id, order.pickup, was_picked_up, reason)


def _stands_at(book: Book, rider: RiderRecord, told: Point | None, now_ms: Millis) -> LocationKey:
    """Return where a rider is: as told, as last reported, or as planned."""
    if told is not None:
        return book.travel.locate(told)
    if rider.reported is not None:
        try:
            return book.travel.locate(rider.reported)
        except InvalidValueError:
            # Outside the city: the plan is as near as we can say.
            pass
    is_under_way = rider.trip_id is not None and rider.state is not RiderState.OFFERED
    return place_on(book.trip_of(rider), now_ms) if is_under_way else whereabouts(book, rider, now_ms)
