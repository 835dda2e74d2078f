"""Orders as the events tell them."""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from dispatch.explain import ASSIGNED_BY_HAND
from domain.events import (
    EtaChanged,
    Event,
    IncidentOpened,
    IncidentResolved,
    OfferDeclined,
    OfferExpired,
    OrderAssigned,
    OrderCanceled,
    OrderConfirmed,
    OrderDelivered,
    OrderHeld,
    OrderOffered,
    OrderPickedUp,
    OrderPinned,
    OrderPlaced,
    OrderReady,
    OrderReleased,
    OrderReturned,
    OrderUnpinned,
    RiderArrivedAtDoor,
    RiderArrivedAtMerchant,
)
from domain.ids import IncidentId, OrderId
from domain.orders import FINAL_ORDER_STATES, OrderState
from domain.places import City
from domain.plans import Explanation
from domain.ports import StreetPaths
from domain.units import Millis
from runtime.projections.median import RunningMedian
from runtime.projections.views import OrderView, PinView, TimelineEntry


@dataclass(slots=True)
class Orders:
    """All orders, their timelines, and the open ones apart, so that a view of them costs what is open.

    Attributes
    ----------
    all, open : dict of str to OrderView
        In the sequence of placement.
    timelines : dict of str to list of TimelineEntry
        What happened to each order; changes of its ETA are left out, there are too many.
    explanations : dict of str to Explanation
        The latest reason why an order got its rider, or none; gone when it loses the rider.
    ever_assigned, delivered, delivered_late, delivered_early, canceled : int
        Counts over the whole log.
    """

    city: City
    paths: StreetPaths
    all: dict[OrderId, OrderView] = field(default_factory=dict)
    open: dict[OrderId, OrderView] = field(default_factory=dict)
    timelines: dict[OrderId, list[TimelineEntry]] = field(default_factory=dict)
    explanations: dict[OrderId, Explanation] = field(default_factory=dict)
    ever_assigned: int = 0
    delivered: int = 0
    delivered_late: int = 0
    delivered_early: int = 0
    canceled: int = 0
    click_to_door: RunningMedian = field(default_factory=RunningMedian)
    eta_error: RunningMedian = field(default_factory=RunningMedian)
    _open_promises_ms: list[tuple[Millis, OrderId]] = field(default_factory=list)
    _incident_orders: dict[IncidentId, OrderId] = field(default_factory=dict)
    _handlers: dict[type[Event], Callable[[Any, Millis], None]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._handlers = {
            OrderPlaced: self._placed,
            OrderReleased: self._released,
            OrderConfirmed: self._confirmed,
            OrderReady: self._ready,
            OrderHeld: self._held,
            OrderOffered: self._offered,
            OfferDeclined: self._returned,
            OfferExpired: self._returned,
            OrderReturned: self._given_back,
            OrderPinned: self._pinned,
            OrderUnpinned: self._unpinned,
            OrderAssigned: self._assigned,
            RiderArrivedAtMerchant: self._at_merchant,
            OrderPickedUp: self._picked_up,
            RiderArrivedAtDoor: self._at_door,
            OrderDelivered: self._delivered,
            OrderCanceled: self._canceled,
            EtaChanged: self._eta,
            IncidentOpened: self._incident_opened,
            IncidentResolved: self._incident_resolved,
        }

    def apply(self, event: Event, at_ms: Millis) -> None:
        """Take in one event; events that are not about orders change nothing."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, at_ms)

    def overdue(self, now_ms: Millis) -> int:
        """Return how many open orders are past their promise, in O(log n)."""
        return bisect_right(self._open_promises_ms, (now_ms - 1, chr(0x10FFFF)))

    def newest_first(self) -> Iterator[OrderView]:
        """Yield all orders, the latest placed first."""
        return reversed(self.all.values())

    def _note(self, order_id: OrderId, at_ms: Millis, event: Event, detail: str = "") -> None:
        self.timelines[order_id].append(TimelineEntry(at_ms, type(event).__name__, detail))

    def _change(self, order_id: OrderId, **changes: Any) -> OrderView:  # noqa: ANN401  (fields of OrderView)
        view = replace(self.all[order_id], **changes)
        self.all[order_id] = view
        if view.state in FINAL_ORDER_STATES:
            if self.open.pop(order_id, None) is not None:
                self._open_promises_ms.remove((view.promised_at_ms, order_id))
        else:
            self.open[order_id] = view
        return view

    def _placed(self, event: OrderPlaced, at_ms: Millis) -> None:
        merchant = next(m for m in self.city.merchants if m.merchant_id == event.merchant_id)
        view = OrderView(
            order_id=event.order_id,
            reference=event.reference,
            state=OrderState.PLACED if event.window is None else OrderState.SCHEDULED,
            merchant_id=event.merchant_id,
            merchant_name=merchant.name,
            zone_id=event.zone_id,
            pickup=merchant.point,
            dropoff=event.dropoff,
            value_cents=event.value_cents,
            placed_at_ms=at_ms,
            ready_at_ms=event.ready_at_ms,
            promised_at_ms=event.promised_at_ms,
            load=event.load,
            window=event.window,
            release_at_ms=event.release_at_ms,
        )
        self.all[event.order_id] = self.open[event.order_id] = view
        insort(self._open_promises_ms, (event.promised_at_ms, event.order_id))
        self.timelines[event.order_id] = []
        self._note(event.order_id, at_ms, event, event.reference)

    def _released(self, event: OrderReleased, at_ms: Millis) -> None:
        self._change(event.order_id, state=OrderState.PLACED, held_reason=None)
        self.explanations.pop(event.order_id, None)
        self._note(event.order_id, at_ms, event)

    def _confirmed(self, event: OrderConfirmed, at_ms: Millis) -> None:
        self._change(event.order_id, ready_at_ms=event.ready_at_ms)
        self._note(event.order_id, at_ms, event)

    def _ready(self, event: OrderReady, at_ms: Millis) -> None:
        self._change(event.order_id, is_ready=True, ready_at_ms=at_ms)
        self._note(event.order_id, at_ms, event)

    def _held(self, event: OrderHeld, at_ms: Millis) -> None:
        self._change(event.order_id, held_reason=event.explanation.reason)
        self.explanations[event.order_id] = event.explanation
        self._note(event.order_id, at_ms, event, event.explanation.reason)

    def _offered(self, event: OrderOffered, at_ms: Millis) -> None:
        self._change(
            event.order_id,
            state=OrderState.OFFERED,
            rider_id=event.rider_id,
            trip_id=event.trip_id,
            held_reason=None,
        )
        if self.all[event.order_id].pin is not None:
            known = self.explanations[event.order_id]
            self.explanations[event.order_id] = replace(known, reason=ASSIGNED_BY_HAND, foreseen=None)
        self._note(event.order_id, at_ms, event, event.rider_id)

    def _returned(self, event: OfferDeclined | OfferExpired, at_ms: Millis) -> None:
        reason = event.reason if isinstance(event, OfferDeclined) else ""
        for order_id in event.order_ids:
            self._change(order_id, state=OrderState.PLACED, rider_id=None, trip_id=None)
            self.explanations.pop(order_id, None)
            self._note(order_id, at_ms, event, f"{event.rider_id} {reason}".strip())

    def _given_back(self, event: OrderReturned, at_ms: Millis) -> None:
        self._change(
            event.order_id,
            state=OrderState.PLACED,
            rider_id=None,
            trip_id=None,
            picked_up_at_ms=None,
            eta_at_pickup_ms=None,
        )
        self.explanations.pop(event.order_id, None)
        if event.was_picked_up:
            self._change(event.order_id, pickup=self.paths.point(event.pickup_location))
        self._note(event.order_id, at_ms, event, f"{event.rider_id} {event.reason}")

    def _pinned(self, event: OrderPinned, at_ms: Millis) -> None:
        waits = self.all[event.order_id].rider_id is None
        self._change(
            event.order_id,
            pin=PinView(event.rider_id, event.by, at_ms),
            held_reason=event.explanation.reason if waits else None,
        )
        self.explanations[event.order_id] = event.explanation
        self._note(event.order_id, at_ms, event, _by(event.rider_id, event.by))

    def _unpinned(self, event: OrderUnpinned, at_ms: Millis) -> None:
        self._change(event.order_id, pin=None)
        if self.all[event.order_id].rider_id is None:
            # Nobody has said yet why it waits now.
            self._change(event.order_id, held_reason=None)
            self.explanations.pop(event.order_id, None)
        self._note(event.order_id, at_ms, event, _by(f"{event.rider_id} {event.reason}", event.by))

    def _assigned(self, event: OrderAssigned, at_ms: Millis) -> None:
        before = self.all[event.order_id]
        tracked = before.eta_earliest_ms is not None
        self.ever_assigned += before.assigned_at_ms is None
        self._change(
            event.order_id,
            state=OrderState.ASSIGNED,
            rider_id=event.rider_id,
            trip_id=event.trip_id,
            assigned_at_ms=at_ms,
            held_reason=None,
            eta_at_ms=before.eta_at_ms if tracked else event.dropoff_at_ms,
        )
        self.explanations[event.order_id] = event.explanation
        self._note(event.order_id, at_ms, event, event.rider_id)

    def _at_merchant(self, event: RiderArrivedAtMerchant, at_ms: Millis) -> None:
        for order_id in event.order_ids:
            self._change(order_id, state=OrderState.AT_MERCHANT)
            self._note(order_id, at_ms, event, event.rider_id)

    def _picked_up(self, event: OrderPickedUp, at_ms: Millis) -> None:
        eta_at_ms = self.all[event.order_id].eta_at_ms
        self._change(
            event.order_id,
            state=OrderState.PICKED_UP,
            is_ready=True,
            picked_up_at_ms=at_ms,
            eta_at_pickup_ms=eta_at_ms,
            pin=None,
        )
        self._note(event.order_id, at_ms, event, event.rider_id)

    def _at_door(self, event: RiderArrivedAtDoor, at_ms: Millis) -> None:
        self._change(event.order_id, state=OrderState.AT_DOOR)
        self._note(event.order_id, at_ms, event, event.rider_id)

    def _delivered(self, event: OrderDelivered, at_ms: Millis) -> None:
        view = self._change(
            event.order_id, state=OrderState.DELIVERED, delivered_at_ms=at_ms, late_probability=None
        )
        self.delivered += 1
        self.delivered_late += at_ms > view.promised_at_ms
        self.delivered_early += view.window is not None and at_ms < view.window.earliest_ms
        self.click_to_door.add(at_ms - (view.release_at_ms or view.placed_at_ms))
        if view.eta_at_pickup_ms is not None:
            self.eta_error.add(abs(view.eta_at_pickup_ms - at_ms))
        self._note(event.order_id, at_ms, event, event.rider_id)

    def _canceled(self, event: OrderCanceled, at_ms: Millis) -> None:
        self._change(
            event.order_id,
            state=OrderState.CANCELED,
            canceled_at_ms=at_ms,
            canceled_reason=event.reason,
            held_reason=None,
            late_probability=None,
        )
        self.canceled += 1
        self._note(event.order_id, at_ms, event, event.reason)

    def _eta(self, event: EtaChanged, at_ms: Millis) -> None:
        view = self.all[event.order_id]
        # Tracking answers a pickup within the same instant: that answer is still the ETA "at pickup".
        at_pickup = view.eta_at_pickup_ms if view.picked_up_at_ms != at_ms else event.eta_at_ms
        self._change(
            event.order_id,
            eta_at_ms=event.eta_at_ms,
            eta_earliest_ms=event.earliest_at_ms,
            eta_latest_ms=event.latest_at_ms,
            eta_at_pickup_ms=at_pickup,
            late_probability=event.late_probability,
        )

    def _incident_opened(self, event: IncidentOpened, at_ms: Millis) -> None:
        if event.order_id in self.all:
            self._incident_orders[event.incident_id] = event.order_id
            incident_ids = (*self.all[event.order_id].incident_ids, event.incident_id)
            self._change(event.order_id, incident_ids=incident_ids)
            self._note(event.order_id, at_ms, event, f"{event.type} {event.severity}")

    def _incident_resolved(self, event: IncidentResolved, at_ms: Millis) -> None:
        order_id = self._incident_orders.pop(event.incident_id, None)
        if order_id is not None:
            left = tuple(i for i in self.all[order_id].incident_ids if i != event.incident_id)
            self._change(order_id, incident_ids=left)
            self._note(order_id, at_ms, event, event.reason)


def _by(what: str, by: str) -> str:
    return f"{what} by {by}" if by else what
