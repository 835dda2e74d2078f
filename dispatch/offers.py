"""Carrying out a plan: trips offered or assigned, answers, expiries, holds."""

from dispatch.batching import take_snapshot
from dispatch.book import Book, OrderRecord, RiderRecord, TripRecord
from dispatch.fallback import plan_fallback
from dispatch.joining import join_trip
from dispatch.moves import advise, settle_moves, whereabouts
from dispatch.plan_check import addition_still_holds, still_holds
from dispatch.routes import plan_stops
from dispatch.verifier import verify
from domain.commands import AcceptOffer, ApplyPlan, DeclineOffer
from domain.errors import ConflictError
from domain.events import (
    Event,
    OfferDeclined,
    OfferExpired,
    OrderAssigned,
    OrderHeld,
    OrderOffered,
    PlanApplied,
    PlanRefused,
    TripAssigned,
    TripOffered,
)
from domain.ids import DecisionId, OrderId, TripId
from domain.orders import OrderStep, next_order_state
from domain.plans import DispatchPlan, Explanation, PlannedTrip, Violation
from domain.riders import RiderStep, next_rider_state
from domain.units import Millis

BREAKS_RULES = "breaks_rules"
"""Why a plan is refused: it breaks hard constraints."""
OVERDUE = "overdue"
"""Why a plan is no longer waited for."""


def apply_plan(book: Book, command: ApplyPlan, now_ms: Millis) -> list[Event]:
    """Verify a plan against its snapshot, re-check it against the present, and carry out what still holds.

    A plan that breaks a hard constraint is not carried out at all: the fallback decides in its place.

    Raises
    ------
    ConflictError
        If the plan answers no pending decision (it was given up, or answered already).
    """
    plan, state = command.plan, book.state
    if plan.decision_id != state.pending_decision:
        raise ConflictError(f"decision {plan.decision_id!r} is not pending")
    asked = state.asked or take_snapshot(book, plan.decision_id, now_ms)
    verdict = verify(asked, plan, book.travel, book.params.verifier)
    if verdict.hard:
        refused = PlanRefused(plan.decision_id, plan.policy, BREAKS_RULES, verdict.hard)
        return [refused, *_fall_back(book, plan.decision_id, now_ms)]
    return _carry_out(book, plan, verdict.soft, now_ms)


def give_up_plan(book: Book, now_ms: Millis) -> list[Event]:
    """Have the fallback decide in the place of a plan that did not come in time."""
    decision_id = book.state.pending_decision
    if decision_id is None:
        return []
    return [PlanRefused(decision_id, "", OVERDUE), *_fall_back(book, decision_id, now_ms)]


def _fall_back(book: Book, decision_id: DecisionId, now_ms: Millis) -> list[Event]:
    snapshot = take_snapshot(book, decision_id, now_ms)
    plan = plan_fallback(snapshot, book.travel, book.params.verifier)
    verdict = verify(snapshot, plan, book.travel, book.params.verifier)
    return _carry_out(book, plan, verdict.soft, now_ms)


def _carry_out(
    book: Book, plan: DispatchPlan, exceeded: tuple[Violation, ...], now_ms: Millis
) -> list[Event]:
    state = book.state
    state.pending_decision = state.asked = None
    if state.moves:
        settle_moves(book, now_ms)
    events: list[Event] = []
    stale: list[OrderId] = []
    started = joined = 0
    for trip in plan.trips:
        if still_holds(book, trip, now_ms):
            events += start_trip(book, trip, now_ms)
            started += 1
        else:
            stale += trip.order_ids
    for addition in plan.additions:
        if addition_still_holds(book, addition, now_ms):
            events += join_trip(book, addition, now_ms)
            joined += 1
        else:
            stale += addition.added
    for hold in plan.holds:
        order = state.orders.get(hold.order_id)
        if order is not None and order.order_id in state.waiting:
            order.held_reason = hold.explanation.reason
            book.forget_view(order)
            events.append(OrderHeld(order.order_id, hold.explanation))
    for move in plan.moves:
        events += advise(book, move, now_ms)
    state.queues = plan.queues
    book.arm_epoch(max(now_ms, state.pending_since_ms + 1))
    applied = PlanApplied(plan.decision_id, plan.policy, started, tuple(stale), plan.cut, joined, exceeded)
    return [applied, *events]


def accept_offer(book: Book, command: AcceptOffer, now_ms: Millis) -> list[Event]:
    """Let a rider take an offered trip; it starts now.

    Raises
    ------
    UnknownIdError, ConflictError
        If there is no such rider, the rider has no such open offer (any more), or the pickup would by now
        come after the end of the shift.
    """
    rider, trip = _offered(book, command.rider_id, command.trip_id)
    orders = [book.state.orders[order_id] for order_id in trip.order_ids]
    here = whereabouts(book, rider, now_ms)
    stops = plan_stops(book, here, max(now_ms, rider.free_at_ms), orders)
    if book.rules.floor(stops[0].done_at_ms) > rider.shift_ends_at_ms:
        raise ConflictError(f"offer {trip.trip_id!r}: the pickup would now be after the end of the shift")
    book.state.offers.pop(trip.trip_id)
    trip.expires_at_ms = None
    trip.stops = stops
    return _assign(book, rider, trip, orders, tuple(order.explanation for order in orders))


def decline_offer(book: Book, command: DeclineOffer, now_ms: Millis) -> list[Event]:
    """Let a rider turn an offered trip down; its orders wait again and are not offered to this rider."""
    rider, trip = _offered(book, command.rider_id, command.trip_id)
    take_back(book, rider, trip, now_ms)
    return [OfferDeclined(trip.trip_id, rider.rider_id, trip.order_ids, command.reason)]


def expire_offers(book: Book, now_ms: Millis) -> list[Event]:
    """Take back every offer whose time is over."""
    events: list[Event] = []
    while (due := first_expiry(book)) is not None and due <= now_ms:
        trip = book.state.trips[next(iter(book.state.offers))]
        take_back(book, book.rider(trip.rider_id), trip, now_ms)
        events.append(OfferExpired(trip.trip_id, trip.rider_id, trip.order_ids))
    return events


def first_expiry(book: Book) -> Millis | None:
    """Return when the oldest open offer expires (all live equally long, so the first is the earliest)."""
    return next(iter(book.state.offers.values()), None)


def _offered(book: Book, rider_id: str, trip_id: TripId) -> tuple[RiderRecord, TripRecord]:
    rider = book.rider(rider_id)
    trip = book.state.trips.get(trip_id)
    if trip is None or trip.rider_id != rider_id or trip.expires_at_ms is None:
        message = f"rider {rider_id!r} has no open offer {trip_id!r}: expired, answered or withdrawn"
        raise ConflictError(message)
    return rider, trip


def start_trip(book: Book, planned: PlannedTrip, now_ms: Millis) -> list[Event]:
    """Offer a trip, or assign it at once where riders may not decline."""
    rider = book.rider(planned.rider_id)
    orders = [book.state.orders[order_id] for order_id in planned.order_ids]
    trip = TripRecord(
        book.state.ids.next_id("trip"),
        rider.rider_id,
        orders[0].merchant_id,
        planned.order_ids,
        plan_stops(book, whereabouts(book, rider, now_ms), max(now_ms, rider.free_at_ms), orders),
    )
    book.state.trips[trip.trip_id] = trip
    rider.trip_id = trip.trip_id
    for order, explanation in zip(orders, planned.explanations, strict=True):
        book.stop_waiting(order.order_id)
        order.held_reason = ""
        order.rider_id, order.trip_id = rider.rider_id, trip.trip_id
        order.explanation = explanation
    if not book.rules.riders_may_decline:
        return _assign(book, rider, trip, orders, planned.explanations)
    trip.expires_at_ms = now_ms + book.params.offer_expires_ms
    book.state.offers[trip.trip_id] = trip.expires_at_ms
    rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.OFFER)
    for order in orders:
        order.state = next_order_state(order.order_id, order.state, OrderStep.OFFER)
    offer = TripOffered(
        trip.trip_id, rider.rider_id, trip.merchant_id, trip.order_ids, trip.stops, trip.expires_at_ms
    )
    return [offer, *(OrderOffered(order.order_id, rider.rider_id, trip.trip_id) for order in orders)]


def _assign(
    book: Book,
    rider: RiderRecord,
    trip: TripRecord,
    orders: list[OrderRecord],
    explanations: tuple[Explanation, ...],
) -> list[Event]:
    rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.ASSIGN)
    book.state.moves.pop(rider.rider_id, None)
    for order in orders:
        order.state = next_order_state(order.order_id, order.state, OrderStep.ASSIGN)
    events: list[Event] = [
        TripAssigned(trip.trip_id, rider.rider_id, trip.merchant_id, trip.order_ids, trip.stops)
    ]
    pickup_at_ms = trip.stops[0].done_at_ms
    for stop, order, explanation in zip(trip.stops[1:], orders, explanations, strict=True):
        events.append(
            OrderAssigned(
                order.order_id, rider.rider_id, trip.trip_id, pickup_at_ms, stop.done_at_ms, explanation
            )
        )
    return events


def take_back(book: Book, rider: RiderRecord, trip: TripRecord, now_ms: Millis) -> None:
    """Undo an offer: the rider is idle again and the orders wait for somebody else."""
    book.state.offers.pop(trip.trip_id, None)
    rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.RELEASE)
    rider.trip_id = None
    del book.state.trips[trip.trip_id]
    for order_id in trip.order_ids:
        order = book.state.orders[order_id]
        order.state = next_order_state(order.order_id, order.state, OrderStep.RETURN)
        order.declined_by = (*book.passed_over(order, now_ms), rider.rider_id)
        order.declined_at_ms = now_ms
        book.begin_waiting(order, now_ms)
