"""Orders assigned by hand: a dispatcher pins an order to a rider, and no policy moves it until its release.

A pinned order is offered at once, or waits until the rider's present trip is over; meanwhile it is no longer
among the orders that policies decide about (``dispatch/pinned.py``). A pin ends with the pickup. It falls,
and is told to have fallen, when the rider lets the order go or cannot carry it; the order waits again then,
as old as it is, and the next epoch finds somebody else.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dispatch.batching import locate_idle, take_snapshot, view_of
from dispatch.book import Book, OrderRecord, RiderRecord
from dispatch.explain import ASSIGNED_BY_HAND, WAITS_FOR_PINNED_RIDER, explain_pickup
from dispatch.moves import whereabouts
from dispatch.offers import start_trip
from dispatch.pickups import pickup_table
from dispatch.rescue import RIDER_BROKE_DOWN, RIDER_SILENT, take_away
from dispatch.snapshot import OrderLoad, Pin, RiderCapacity, Snapshot
from dispatch.verifier import verify
from dispatch.violations import OVERLOADED, PICKUP_AFTER_SHIFT
from domain.commands import PinOrder, ReleaseOrder
from domain.errors import ConflictError, RuleBrokenError
from domain.events import (
    Event,
    OfferExpired,
    OrderPinned,
    OrderReturned,
    OrderUnpinned,
    RiderBrokeDown,
)
from domain.ids import RiderId
from domain.orders import CARRIED_ORDER_STATES, OrderState, OrderStep, next_order_state
from domain.plans import DispatchPlan, Explanation, PlannedTrip, Violation
from domain.riders import RiderState
from domain.units import Millis

RELEASED = "released"
"""A dispatcher leaves the order to the policy again."""
REASSIGNED = "reassigned"
"""A dispatcher assigned the order to somebody else."""
RIDER_DECLINED = "rider_declined"
"""The rider turned the offer down."""
OFFER_EXPIRED = "offer_expired"
"""The rider did not answer the offer in time."""
RIDER_OFF_DUTY = "rider_off_duty"
"""The rider went off duty, or does so after the present trip."""
ORDER_CANCELED = "order_canceled"
"""The order was called off."""

REASONS = (
    RELEASED,
    REASSIGNED,
    RIDER_DECLINED,
    OFFER_EXPIRED,
    RIDER_OFF_DUTY,
    RIDER_BROKE_DOWN,
    RIDER_SILENT,
    PICKUP_AFTER_SHIFT,
    ORDER_CANCELED,
)
"""Why an order is no longer pinned; besides, any word of ``HARD_KINDS`` when a rule has come to forbid it."""

ALLOWED = {OVERLOADED: "a rider who can carry that much"}
"""What would be right instead of an assignment that breaks a rule."""

_NOT_PICKED_UP = frozenset(
    {OrderState.PLACED, OrderState.OFFERED, OrderState.ASSIGNED, OrderState.AT_MERCHANT}
)
BY_HAND = "by_hand"
"""Stands for decision and policy where the verifier looks at an assignment by hand."""


def pin_order(book: Book, command: PinOrder, now_ms: Millis) -> list[Event]:
    """Assign an order to a rider by hand; ``settle_pins`` starts it as soon as the rider has no trip.

    Somebody else who has it, and has not picked it up, loses it. A rider who turned it down of late may be
    asked again: whoever assigns by hand may know more. Saying it twice changes nothing.

    Raises
    ------
    UnknownIdError, ConflictError, WrongStateError
        If there is no such order or rider, the order is finished, picked up or not released yet, or the
        rider is off duty, about to go, or not heard of.
    RuleBrokenError
        If a rule of the city forbids it: the verifier's judgment, as of any plan.
    """
    order, rider = book.order(command.order_id), book.rider(command.rider_id)
    if order.state not in _NOT_PICKED_UP:
        next_order_state(order.order_id, order.state, OrderStep.ASSIGN)
    pin = book.state.pins.get(order.order_id)
    if pin is not None and pin.rider_id == rider.rider_id:
        return []
    events: list[Event] = []
    if order.rider_id == rider.rider_id:
        explanation = order.explanation = replace(order.explanation, reason=ASSIGNED_BY_HAND)
    else:
        _check_available(book, rider)
        explanation = _checked(book, order, rider, now_ms)
        if pin is not None:
            events.append(OrderUnpinned(order.order_id, pin.rider_id, REASSIGNED, command.by))
        if order.rider_id is not None and order.trip_id is not None:
            holder, trip = book.rider(order.rider_id), book.state.trips[order.trip_id]
            events += take_away(book, holder, trip, (order.order_id,), REASSIGNED, now_ms)
        book.stop_waiting(order.order_id)
        order.held_reason = ""
    # Behind those that were pinned before, also when it was pinned to somebody else.
    book.state.pins.pop(order.order_id, None)
    book.state.pins[order.order_id] = Pin(order.order_id, rider.rider_id, command.by, now_ms)
    return [*events, OrderPinned(order.order_id, rider.rider_id, command.by, explanation)]


def release_order(book: Book, command: ReleaseOrder, now_ms: Millis) -> list[Event]:
    """Leave a pinned order to the policy again; a rider who was offered it or has it keeps it.

    Raises
    ------
    UnknownIdError, ConflictError
        If there is no such order, it is finished, or it is not pinned.
    """
    order = book.order(command.order_id)
    pin = book.state.pins.pop(order.order_id, None)
    if pin is None:
        raise ConflictError(
            f"order {order.order_id!r} is not assigned by hand, or picked up already: nothing to release"
        )
    if order.rider_id is None:
        book.begin_waiting(order, now_ms)
    return [OrderUnpinned(order.order_id, pin.rider_id, RELEASED, command.by)]


def settle_pins(book: Book, happened: Sequence[Event], now_ms: Millis) -> list[Event]:
    """Let pins fall that cannot be kept after what has just happened, and start those whose rider is free.

    Called after every message and timer while anything is pinned, so that nothing else needs to know of pins.
    """
    events: list[Event] = []
    for pin in tuple(book.state.pins.values()):
        order = book.state.orders.get(pin.order_id)
        if order is None:
            is_canceled = book.state.closed.get(pin.order_id) is OrderState.CANCELED
            events += _let_go(book, pin, ORDER_CANCELED if is_canceled else "", now_ms)
        elif order.state in CARRIED_ORDER_STATES:
            events += _let_go(book, pin, "", now_ms)
        elif order.rider_id is None:
            reason = _why_lost(book, pin, happened, now_ms)
            events += _let_go(book, pin, reason, now_ms) if reason else _start(book, pin, order, now_ms)
    return events


def _let_go(book: Book, pin: Pin, reason: str, now_ms: Millis) -> list[Event]:
    """End a pin; without a reason it was kept to the end, and nothing is told."""
    del book.state.pins[pin.order_id]
    order = book.state.orders.get(pin.order_id)
    if order is not None and order.rider_id is None and pin.order_id not in book.state.waiting:
        book.begin_waiting(order, now_ms)
    return [OrderUnpinned(pin.order_id, pin.rider_id, reason)] if reason else []


def _why_lost(book: Book, pin: Pin, happened: Sequence[Event], now_ms: Millis) -> str:
    """Return why an order that is with nobody cannot wait for its rider any longer; empty when it can."""
    for event in happened:
        # Not when it was taken from another rider for the sake of this pin.
        if isinstance(event, OrderReturned) and (event.order_id, event.rider_id) == pin[:2]:
            return event.reason
        if isinstance(event, OfferExpired) and pin.order_id in event.order_ids:
            return OFFER_EXPIRED
        if isinstance(event, RiderBrokeDown) and event.rider_id == pin.rider_id:
            return RIDER_BROKE_DOWN
    rider = book.state.riders[pin.rider_id]
    if rider.leaving or rider.state is RiderState.OFF_DUTY:
        return RIDER_OFF_DUTY
    if _is_lost(book, pin.rider_id):
        return RIDER_SILENT
    if book.rules.floor(now_ms) > rider.shift_ends_at_ms:
        return PICKUP_AFTER_SHIFT
    # Only what its rider gave back waits for whoever comes.
    return RIDER_DECLINED if pin.order_id in book.state.waiting else ""


def _is_lost(book: Book, rider_id: RiderId) -> bool:
    silence = book.state.silences.get(rider_id)
    return silence is not None and silence.is_lost


def _start(book: Book, pin: Pin, order: OrderRecord, now_ms: Millis) -> list[Event]:
    """Start the trip of an order whose rider has none; while the rider has one, it waits."""
    rider = book.state.riders[pin.rider_id]
    if rider.state is not RiderState.IDLE or rider.trip_id is not None:
        return []
    locate_idle(book, now_ms)
    situation = _situation(book, order, rider.rider_id, now_ms)
    if situation is None:
        return _let_go(book, pin, PICKUP_AFTER_SHIFT, now_ms)
    broken = _broken(book, situation, rider.rider_id)
    if broken is not None:
        return _let_go(book, pin, broken.kind, now_ms)
    explanation = _explanation(book, situation, rider.rider_id, ASSIGNED_BY_HAND)
    return start_trip(book, PlannedTrip(rider.rider_id, (order.order_id,), (explanation,)), now_ms)


def _check_available(book: Book, rider: RiderRecord) -> None:
    if rider.state is RiderState.OFF_DUTY:
        raise ConflictError(f"rider {rider.rider_id!r} is off duty; possible: a rider on duty")
    if rider.leaving:
        raise ConflictError(
            f"rider {rider.rider_id!r} goes off duty after the present trip; possible: a rider who stays"
        )
    if _is_lost(book, rider.rider_id):
        raise ConflictError(
            f"nothing has been heard of rider {rider.rider_id!r} for long; possible: a rider who is heard "
            "of, or this one once the incident is resolved"
        )


def _checked(book: Book, order: OrderRecord, rider: RiderRecord, now_ms: Millis) -> Explanation:
    """Return what an assignment by hand costs, unless it breaks a rule."""
    rider_id = rider.rider_id
    situation = _situation(book, order, rider_id, now_ms)
    if situation is None:
        found, allowed = f"{rider_id!r}, whose shift is over", "a rider whose shift lasts until the pickup"
        raise RuleBrokenError(PICKUP_AFTER_SHIFT, "rider_id", found, allowed)
    broken = _broken(book, situation, rider_id)
    if broken is not None:
        raise _rule_error(book, broken, situation, rider_id)
    if rider.trip_id is None:
        return _explanation(book, situation, rider_id, ASSIGNED_BY_HAND)
    return replace(_explanation(book, situation, rider_id, WAITS_FOR_PINNED_RIDER), foreseen=rider_id)


def _situation(book: Book, order: OrderRecord, rider_id: RiderId, now_ms: Millis) -> Snapshot | None:
    """Return the situation in which one order is assigned to a rider by hand; None when the shift is over.

    The rider is seen from the end of the present trip, and of all that already waits for it.
    """
    present = take_snapshot(book, BY_HAND, now_ms)
    riders = {view.rider_id: view for view in present.riders}
    if rider_id not in riders:
        return None
    rider = book.state.riders[rider_id]
    if rider.trip_id is None:
        # What waits for a rider without a trip is about to start: nothing comes before it.
        riders[rider_id] = riders[rider_id]._replace(
            location=whereabouts(book, rider, now_ms),
            free_at_ms=max(now_ms, rider.free_at_ms),
            delivered=rider.delivered,
        )
    riders[rider_id] = riders[rider_id]._replace(is_free=True)
    return replace(
        present,
        orders=(view_of(book, order, now_ms)._replace(declined_by=()),),
        riders=tuple(riders.values()),
        queues=(),
        open_trips=(),
        pins=(),
        **_burden(book, order, rider_id),
    )


def _burden(book: Book, order: OrderRecord, rider_id: RiderId) -> dict[str, Any]:
    """Return what the order takes up and what the rider can carry, as a snapshot shows it."""
    load = book.state.freight.loads.get(order.order_id)
    capacity = book.state.freight.capacities.get(rider_id)
    if load is None or capacity is None:
        return {"loads": (), "capacities": ()}
    return {
        "loads": (OrderLoad(order.order_id, load.type, load.volume_l, load.weight_g),),
        "capacities": (RiderCapacity(rider_id, capacity.volume_l, capacity.weight_g),),
    }


def _broken(book: Book, situation: Snapshot, rider_id: RiderId) -> Violation | None:
    """Return the first rule of the city that the assignment breaks, as the verifier sees it."""
    trip = PlannedTrip(rider_id, (situation.orders[0].order_id,), (Explanation(),))
    plan = DispatchPlan(situation.decision_id, BY_HAND, (trip,))
    hard = verify(situation, plan, book.travel, book.params.verifier).hard
    return hard[0] if hard else None


def _explanation(book: Book, situation: Snapshot, rider_id: RiderId, reason: str) -> Explanation:
    riders = situation.riders
    table = pickup_table(situation, riders, situation.orders, book.travel)
    chosen = next(row for row, view in enumerate(riders) if view.rider_id == rider_id)
    drive_ms = int(table.drive_ms[chosen, 0])
    return explain_pickup(situation.orders[0], riders, chosen, table.pickup_at_ms[:, 0], drive_ms, reason)


def _rule_error(book: Book, broken: Violation, situation: Snapshot, rider_id: RiderId) -> RuleBrokenError:
    allowed = ALLOWED.get(broken.kind, "a rider for whom the rule holds")
    if broken.kind == PICKUP_AFTER_SHIFT:
        view = next(view for view in situation.riders if view.rider_id == rider_id)
        order = situation.orders[0]
        arrives_ms = view.free_at_ms + book.travel.duration_ms(view.location, order.pickup, view.free_at_ms)
        pickup_ms = max(arrives_ms + book.times.pickup_before_ms, order.ready_at_ms)
        allowed = f"a rider whose shift lasts until the pickup, at {pickup_ms}"
    return RuleBrokenError(broken.kind, "rider_id", f"{rider_id!r}, {broken.detail}", allowed)
