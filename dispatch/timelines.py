"""The instants of every order and shift, gathered from events: what metrics are computed from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from domain import events
from domain.events import Event
from domain.ids import OrderId, RiderId
from domain.units import Millis


@dataclass(slots=True)
class OrderTimeline:
    """When things happened to one order; None for what has not happened."""

    order_id: OrderId
    reference: str
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis
    rider_id: RiderId | None = None
    assigned_at_ms: Millis | None = None
    picked_up_at_ms: Millis | None = None
    delivered_at_ms: Millis | None = None
    canceled_at_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class ShiftTimeline:
    """One shift of one rider as it was announced."""

    rider_id: RiderId
    starts_at_ms: Millis
    ends_at_ms: Millis


@dataclass(slots=True)
class Timelines:
    """Collects the timelines of orders and shifts from events in log order.

    Attributes
    ----------
    orders : dict
        Timeline by order id, in the sequence of placement.
    shifts : list of ShiftTimeline
        In the sequence of their starts.
    trips : list of int
        Number of orders of every trip that was assigned.
    """

    orders: dict[OrderId, OrderTimeline] = field(default_factory=dict)
    shifts: list[ShiftTimeline] = field(default_factory=list)
    trips: list[int] = field(default_factory=list)

    def add(self, event: Event, at_ms: Millis) -> None:
        """Take in one event."""
        note = _NOTES.get(type(event))
        if note is not None:
            note(self, event, at_ms)

    def extend(self, happened: Iterable[tuple[Event, Millis]]) -> None:
        """Take in events with their instants."""
        for event, at_ms in happened:
            self.add(event, at_ms)


def _placed(into: Timelines, event: events.OrderPlaced, at_ms: Millis) -> None:
    into.orders[event.order_id] = OrderTimeline(
        event.order_id, event.reference, at_ms, event.ready_at_ms, event.promised_at_ms
    )


def _confirmed(into: Timelines, event: events.OrderConfirmed, at_ms: Millis) -> None:
    into.orders[event.order_id].ready_at_ms = event.ready_at_ms


def _ready(into: Timelines, event: events.OrderReady, at_ms: Millis) -> None:
    into.orders[event.order_id].ready_at_ms = at_ms


def _assigned(into: Timelines, event: events.OrderAssigned, at_ms: Millis) -> None:
    order = into.orders[event.order_id]
    order.rider_id, order.assigned_at_ms = event.rider_id, at_ms


def _picked_up(into: Timelines, event: events.OrderPickedUp, at_ms: Millis) -> None:
    order = into.orders[event.order_id]
    order.picked_up_at_ms = at_ms
    # Food that was taken was ready, even when the merchant never said so.
    order.ready_at_ms = min(order.ready_at_ms, at_ms)


def _delivered(into: Timelines, event: events.OrderDelivered, at_ms: Millis) -> None:
    into.orders[event.order_id].delivered_at_ms = at_ms


def _canceled(into: Timelines, event: events.OrderCanceled, at_ms: Millis) -> None:
    into.orders[event.order_id].canceled_at_ms = at_ms


def _shift(into: Timelines, event: events.ShiftStarted, at_ms: Millis) -> None:
    into.shifts.append(ShiftTimeline(event.rider_id, at_ms, event.ends_at_ms))


def _trip(into: Timelines, event: events.TripAssigned, at_ms: Millis) -> None:
    into.trips.append(len(event.order_ids))


_NOTES: dict[type, Callable[[Timelines, Any, Millis], None]] = {
    events.OrderPlaced: _placed,
    events.OrderConfirmed: _confirmed,
    events.OrderReady: _ready,
    events.OrderAssigned: _assigned,
    events.OrderPickedUp: _picked_up,
    events.OrderDelivered: _delivered,
    events.OrderCanceled: _canceled,
    events.ShiftStarted: _shift,
    events.TripAssigned: _trip,
}
