"""The instants of every order, shift and trip, gathered from a log: what metrics are computed from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from dispatch.offers import OVERDUE
from domain import commands, events
from domain.commands import Command
from domain.events import Event
from domain.ids import OrderId, RiderId, TripId
from domain.plans import DispatchPlan, Stop, StopKind
from domain.ports import LocationKey
from domain.units import Millis


@dataclass(slots=True)
class OrderTimeline:
    """When things happened to one order; None for what has not happened.

    Attributes
    ----------
    ready_at_ms : int
        When the food was ready, as far as known.
    announced_ready_at_ms : int
        When it was to be ready, as told at placement.
    pickup_location, dropoff_location : int
        Location keys of the merchant and of the door.
    rider_id, trip_id : str or None
        Who has it, or had it until it was delivered or called off.
    assigned_at_ms, set_out_at_ms : int or None
        When that rider was assigned, and was free to set out to the merchant.
    legs_ms, others_ms, others : int
        Of the way from the merchant to the door: planned drives, time spent at other doors, and their number.
    assignments : int
        How often it was given to a rider.
    window_from_ms : int or None
        Of a scheduled order: when its window begins; ``placed_at_ms`` is then when it was released.
    """

    order_id: OrderId
    reference: str
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis
    announced_ready_at_ms: Millis
    pickup_location: LocationKey
    dropoff_location: LocationKey
    rider_id: RiderId | None = None
    trip_id: TripId | None = None
    assigned_at_ms: Millis | None = None
    set_out_at_ms: Millis | None = None
    at_merchant_at_ms: Millis | None = None
    picked_up_at_ms: Millis | None = None
    at_door_at_ms: Millis | None = None
    delivered_at_ms: Millis | None = None
    canceled_at_ms: Millis | None = None
    legs_ms: Millis = 0
    others_ms: Millis = 0
    others: int = 0
    assignments: int = 0
    window_from_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class ShiftTimeline:
    """One shift of one rider as it was announced."""

    rider_id: RiderId
    starts_at_ms: Millis
    ends_at_ms: Millis


@dataclass(slots=True)
class TripTimeline:
    """When things happened on one assigned trip; None for what has not happened.

    Attributes
    ----------
    orders : int
        Most orders that it had at a time.
    stops : tuple of Stop
        As planned latest.
    set_out_at_ms : int
        When the rider was free to leave for the merchant.
    picked_up_at_ms : int or None
        The last pickup.
    free_at_ms : int or None
        When the rider was free again.
    empty_m, loaded_m, order_m : float
        Meters driven without food, with food, and the latter times the orders on board.
    legs_ms, doors_ms, doors : int
        Planned drives to the doors reached so far, time spent there, and their number.
    on_board : int
        Orders that the rider has now.
    """

    rider_id: RiderId
    orders: int
    stops: tuple[Stop, ...]
    assigned_at_ms: Millis
    set_out_at_ms: Millis
    at_merchant_at_ms: Millis | None = None
    picked_up_at_ms: Millis | None = None
    free_at_ms: Millis | None = None
    empty_m: float = 0.0
    loaded_m: float = 0.0
    order_m: float = 0.0
    legs_ms: Millis = 0
    doors_ms: Millis = 0
    doors: int = 0
    on_board: int = 0


@dataclass(slots=True)
class MoveTimeline:
    """The way of an idle rider to a place to wait at, planned and as far as it was ridden.

    Attributes
    ----------
    left_at_ms : int
        When the rider was advised to go.
    duration_ms, length_m
        The whole way, as planned.
    ended_at_ms : int or None
        When a trip or the end of the shift ended it, None if nothing did.
    """

    left_at_ms: Millis
    duration_ms: Millis
    length_m: float
    ended_at_ms: Millis | None = None

    @property
    def ridden_m(self) -> float:
        """Meters ridden, as planned."""
        if self.ended_at_ms is None or self.ended_at_ms >= self.left_at_ms + self.duration_ms:
            return self.length_m
        return self.length_m * (self.ended_at_ms - self.left_at_ms) / self.duration_ms


@dataclass(slots=True)
class Timelines:
    """Collects the timelines of orders, shifts and trips from a log, in its sequence.

    Attributes
    ----------
    orders : dict
        Timeline by order id, in the sequence of placement.
    shifts : list of ShiftTimeline
        In the sequence of their starts.
    trips : dict
        Timeline by trip id, in the sequence of assignment.
    free_at_ms : dict
        When each rider was last free.
    moves : list of MoveTimeline
        The ways of idle riders to places to wait at.
    under_way : dict
        The latest of them by rider, until a trip or the end of the shift.
    plans : list of DispatchPlan
        What was decided.
    missed_deadlines : int
        Plans that were cut short, or came too late to be used.
    broken_plans : int
        Plans that broke a hard constraint and were refused.
    """

    orders: dict[OrderId, OrderTimeline] = field(default_factory=dict)
    shifts: list[ShiftTimeline] = field(default_factory=list)
    trips: dict[TripId, TripTimeline] = field(default_factory=dict)
    free_at_ms: dict[RiderId, Millis] = field(default_factory=dict)
    moves: list[MoveTimeline] = field(default_factory=list)
    under_way: dict[RiderId, MoveTimeline] = field(default_factory=dict)
    plans: list[DispatchPlan] = field(default_factory=list)
    missed_deadlines: int = 0
    broken_plans: int = 0

    def add(self, message: Command | Event, at_ms: Millis) -> None:
        """Take in one message of the log."""
        note = _NOTES.get(type(message))
        if note is not None:
            note(self, message, at_ms)

    def extend(self, happened: Iterable[tuple[Command | Event, Millis]]) -> None:
        """Take in messages with their instants."""
        for message, at_ms in happened:
            self.add(message, at_ms)


def _placed(into: Timelines, event: events.OrderPlaced, at_ms: Millis) -> None:
    into.orders[event.order_id] = OrderTimeline(
        event.order_id,
        event.reference,
        at_ms,
        event.ready_at_ms,
        event.promised_at_ms,
        event.ready_at_ms,
        event.pickup_location,
        event.dropoff_location,
    )
    if event.window is not None:
        into.orders[event.order_id].window_from_ms = event.window.earliest_ms


def _released(into: Timelines, event: events.OrderReleased, at_ms: Millis) -> None:
    into.orders[event.order_id].placed_at_ms = at_ms


def _confirmed(into: Timelines, event: events.OrderConfirmed, at_ms: Millis) -> None:
    into.orders[event.order_id].ready_at_ms = event.ready_at_ms


def _ready(into: Timelines, event: events.OrderReady, at_ms: Millis) -> None:
    into.orders[event.order_id].ready_at_ms = at_ms


def _trip(into: Timelines, event: events.TripAssigned, at_ms: Millis) -> None:
    if into.under_way:
        _end_move(into, event.rider_id, at_ms)
    # Who is still on another trip sets out when that ends.
    into.trips[event.trip_id] = TripTimeline(
        event.rider_id, len(event.order_ids), event.stops, at_ms, set_out_at_ms=at_ms
    )


def _revised(into: Timelines, event: events.TripRevised, at_ms: Millis) -> None:
    trip = into.trips.get(event.trip_id)
    if trip is not None:  # one that is only offered has no timeline yet
        trip.stops = event.stops
        trip.orders = max(trip.orders, len(event.order_ids))


def _assigned(into: Timelines, event: events.OrderAssigned, at_ms: Millis) -> None:
    order = into.orders[event.order_id]
    order.rider_id, order.trip_id, order.assigned_at_ms = event.rider_id, event.trip_id, at_ms
    order.set_out_at_ms = order.at_merchant_at_ms = order.picked_up_at_ms = order.at_door_at_ms = None
    order.assignments += 1


def _returned(into: Timelines, event: events.OrderReturned, at_ms: Millis) -> None:
    # Its time with that rider counts as waiting for the next.
    into.orders[event.order_id].rider_id = into.orders[event.order_id].trip_id = None
    trip = into.trips.get(event.trip_id)
    if trip is not None and event.was_picked_up:
        trip.on_board -= 1


def _at_merchant(into: Timelines, event: events.RiderArrivedAtMerchant, at_ms: Millis) -> None:
    trip = into.trips.get(event.trip_id)
    if trip is None:
        return
    trip.at_merchant_at_ms = at_ms
    trip.set_out_at_ms = max(trip.assigned_at_ms, into.free_at_ms.get(event.rider_id, 0))
    if trip.stops and trip.stops[0].kind is StopKind.PICKUP:
        trip.empty_m += trip.stops[0].leg.length_m


def _picked_up(into: Timelines, event: events.OrderPickedUp, at_ms: Millis) -> None:
    order = into.orders[event.order_id]
    order.picked_up_at_ms = at_ms
    # Food that was taken was ready, even when the merchant never said so.
    order.ready_at_ms = min(order.ready_at_ms, at_ms)
    trip = into.trips.get(event.trip_id)
    if trip is not None:
        order.set_out_at_ms, order.at_merchant_at_ms = trip.set_out_at_ms, trip.at_merchant_at_ms
        trip.picked_up_at_ms = at_ms
        trip.on_board += 1


def _at_door(into: Timelines, event: events.RiderArrivedAtDoor, at_ms: Millis) -> None:
    order, trip = into.orders[event.order_id], into.trips.get(event.trip_id)
    order.at_door_at_ms = at_ms
    if trip is None:
        return
    for stop in trip.stops:
        if stop.kind is StopKind.DROPOFF and stop.order_ids[0] == event.order_id:
            trip.loaded_m += stop.leg.length_m
            trip.order_m += stop.leg.length_m * trip.on_board
            trip.legs_ms += stop.leg.duration_ms
            break
    order.legs_ms, order.others_ms, order.others = trip.legs_ms, trip.doors_ms, trip.doors


def _delivered(into: Timelines, event: events.OrderDelivered, at_ms: Millis) -> None:
    order, trip = into.orders[event.order_id], into.trips.get(event.trip_id)
    order.delivered_at_ms = at_ms
    if trip is not None:
        trip.on_board -= 1
        trip.doors += 1
        if order.at_door_at_ms is not None:
            trip.doors_ms += at_ms - order.at_door_at_ms


def _ended(into: Timelines, event: events.TripEnded, at_ms: Millis) -> None:
    into.free_at_ms[event.rider_id] = event.free_at_ms
    trip = into.trips.get(event.trip_id)
    if trip is not None:
        trip.free_at_ms = event.free_at_ms


def _canceled(into: Timelines, event: events.OrderCanceled, at_ms: Millis) -> None:
    order = into.orders[event.order_id]
    order.canceled_at_ms = at_ms
    trip = into.trips.get(order.trip_id) if order.trip_id is not None else None
    if trip is not None and order.picked_up_at_ms is not None:
        trip.on_board -= 1


def _shift(into: Timelines, event: events.ShiftStarted, at_ms: Millis) -> None:
    into.shifts.append(ShiftTimeline(event.rider_id, at_ms, event.ends_at_ms))


def _move(into: Timelines, event: events.MoveAdvised, at_ms: Millis) -> None:
    move = MoveTimeline(at_ms, event.leg.duration_ms, event.leg.length_m)
    into.moves.append(move)
    into.under_way[event.rider_id] = move


def _shift_ended(into: Timelines, event: events.ShiftEnded, at_ms: Millis) -> None:
    _end_move(into, event.rider_id, at_ms)


def _end_move(into: Timelines, rider_id: RiderId, at_ms: Millis) -> None:
    move = into.under_way.pop(rider_id, None)
    if move is not None:
        move.ended_at_ms = at_ms


def _plan(into: Timelines, command: commands.ApplyPlan, at_ms: Millis) -> None:
    into.plans.append(command.plan)


def _applied(into: Timelines, event: events.PlanApplied, at_ms: Millis) -> None:
    into.missed_deadlines += event.cut


def _refused(into: Timelines, event: events.PlanRefused, at_ms: Millis) -> None:
    if event.reason == OVERDUE:
        into.missed_deadlines += 1
    else:
        into.broken_plans += 1


_NOTES: dict[type, Callable[[Timelines, Any, Millis], None]] = {
    commands.ApplyPlan: _plan,
    events.OrderPlaced: _placed,
    events.OrderReleased: _released,
    events.OrderConfirmed: _confirmed,
    events.OrderReady: _ready,
    events.OrderAssigned: _assigned,
    events.OrderReturned: _returned,
    events.RiderArrivedAtMerchant: _at_merchant,
    events.OrderPickedUp: _picked_up,
    events.RiderArrivedAtDoor: _at_door,
    events.OrderDelivered: _delivered,
    events.OrderCanceled: _canceled,
    events.ShiftStarted: _shift,
    events.ShiftEnded: _shift_ended,
    events.MoveAdvised: _move,
    events.TripAssigned: _trip,
    events.TripRevised: _revised,
    events.TripEnded: _ended,
    events.PlanApplied: _applied,
    events.PlanRefused: _refused,
}
