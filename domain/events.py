"""Everything that can have happened, in the past tense. Events are facts: nobody may refuse one."""

from dataclasses import dataclass
from typing import TypeAlias

from domain.construction import quickly_made
from domain.geo import Point
from domain.ids import DecisionId, MerchantId, OrderId, RiderId, TripId, ZoneId
from domain.loads import Load
from domain.move_events import MoveAdvised
from domain.pin_events import OrderPinned, OrderUnpinned
from domain.plans import Explanation, Stop, Violation
from domain.ports import LocationKey
from domain.schedule import DeliveryWindow, OrderReleased
from domain.shift_events import ShiftAnnounced, ShiftEnded, ShiftStarted
from domain.tracking_events import (
    EtaChanged,
    FixesRejected,
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
    RiderMoved,
)
from domain.units import Cents, Millis

__all__ = [
    "DERIVED_EVENTS",
    "DecisionRequested",
    "EtaChanged",
    "Event",
    "FixesRejected",
    "IncidentAcknowledged",
    "IncidentEscalated",
    "IncidentOpened",
    "IncidentResolved",
    "MoveAdvised",
    "OfferDeclined",
    "OfferExpired",
    "OrderAssigned",
    "OrderCanceled",
    "OrderConfirmed",
    "OrderDelivered",
    "OrderHeld",
    "OrderOffered",
    "OrderPickedUp",
    "OrderPinned",
    "OrderPlaced",
    "OrderReady",
    "OrderReleased",
    "OrderReturned",
    "OrderUnpinned",
    "PlanApplied",
    "PlanRefused",
    "RiderArrivedAtDoor",
    "RiderArrivedAtMerchant",
    "RiderBrokeDown",
    "RiderMoved",
    "ShiftAnnounced",
    "ShiftEnded",
    "ShiftStarted",
    "TripAssigned",
    "TripEnded",
    "TripOffered",
    "TripRevised",
]


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order was taken.

    Attributes
    ----------
    pickup_location, dropoff_location : int
        Location keys of the merchant and of the door.
    ready_at_ms : int
        When the food is expected to be ready.
    promised_at_ms : int
        When the customer was promised it.
    load : Load or None
        What it is and takes up, as far as told.
    window, release_at_ms : DeliveryWindow or None, int or None
        Of a scheduled order: when it is to come, and when dispatch begins to look for a rider.
    """

    order_id: OrderId
    reference: str
    merchant_id: MerchantId
    zone_id: ZoneId
    dropoff: Point
    pickup_location: LocationKey
    dropoff_location: LocationKey
    value_cents: Cents
    ready_at_ms: Millis
    promised_at_ms: Millis
    load: Load | None = None
    window: DeliveryWindow | None = None
    release_at_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    """The merchant acknowledged an order; ``ready_at_ms`` is the estimate that holds now."""

    order_id: OrderId
    ready_at_ms: Millis


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderReady:
    """The food is ready for pickup."""

    order_id: OrderId


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderHeld:
    """Dispatch left an order without a rider for now; logged when the reason changes."""

    order_id: OrderId
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class TripOffered:
    """A rider was offered a trip and may answer until ``expires_at_ms``."""

    trip_id: TripId
    rider_id: RiderId
    merchant_id: MerchantId
    order_ids: tuple[OrderId, ...]
    stops: tuple[Stop, ...]
    expires_at_ms: Millis


@dataclass(frozen=True, slots=True)
class OrderOffered:
    """An order is part of an offered trip."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """A rider turned a trip down; its orders wait for another."""

    trip_id: TripId
    rider_id: RiderId
    order_ids: tuple[OrderId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """A rider did not answer in time; the orders wait for another."""

    trip_id: TripId
    rider_id: RiderId
    order_ids: tuple[OrderId, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class TripAssigned:
    """A rider is on a trip: the stops in sequence, each with the path that leads there."""

    trip_id: TripId
    rider_id: RiderId
    merchant_id: MerchantId
    order_ids: tuple[OrderId, ...]
    stops: tuple[Stop, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderAssigned:
    """An order has its rider, and why this one."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId
    pickup_at_ms: Millis
    dropoff_at_ms: Millis
    explanation: Explanation


@quickly_made
@dataclass(frozen=True, slots=True)
class TripRevised:
    """The remaining stops of an offered or assigned trip changed, for example after a cancellation."""

    trip_id: TripId
    rider_id: RiderId
    order_ids: tuple[OrderId, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class OrderReturned:
    """An order lost its rider and waits for another, as old as it is.

    Attributes
    ----------
    pickup_location : int
        Where it is picked up from now on: at the merchant, or where the rider stands who has the food.
    was_picked_up : bool
        Whether the rider has the food.
    reason : str
        A stable word of ``dispatch/rescue.py``: ``rider_broke_down``, ``rider_silent``, ``kitchen_late``.
    """

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId
    pickup_location: LocationKey
    was_picked_up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RiderBrokeDown:
    """A rider cannot go on and is off duty; ``location`` is where the rider stands."""

    rider_id: RiderId
    location: LocationKey
    reason: str


@quickly_made
@dataclass(frozen=True, slots=True)
class RiderArrivedAtMerchant:
    """A rider reached the merchant of the trip."""

    rider_id: RiderId
    trip_id: TripId
    merchant_id: MerchantId
    order_ids: tuple[OrderId, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderPickedUp:
    """A rider has the food."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId


@quickly_made
@dataclass(frozen=True, slots=True)
class RiderArrivedAtDoor:
    """A rider reached the door of an order."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderDelivered:
    """An order was handed over."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """An order was called off."""

    order_id: OrderId
    rider_id: RiderId | None
    reason: str


@quickly_made
@dataclass(frozen=True, slots=True)
class TripEnded:
    """A trip has no stop left: completed, or every order of it canceled.

    Attributes
    ----------
    location : int
        Where the rider becomes free.
    free_at_ms : int
        When the rider can leave for the next trip.
    """

    trip_id: TripId
    rider_id: RiderId
    location: LocationKey
    free_at_ms: Millis


@dataclass(frozen=True, slots=True)
class DecisionRequested:
    """A batch was closed: a snapshot of so many open orders and free riders waits for a policy's plan."""

    decision_id: DecisionId
    open_orders: int
    free_riders: int


@dataclass(frozen=True, slots=True)
class PlanApplied:
    """A policy's plan was re-checked against the present and carried out as far as it still held.

    Attributes
    ----------
    trips : int
        Trips started or offered.
    stale : tuple of str
        Orders dropped from the plan because something had changed since the snapshot.
    additions : int
        Trips under way that got further orders.
    exceeded : tuple of Violation
        Soft constraints that the plan exceeds.
    """

    decision_id: DecisionId
    policy: str
    trips: int
    stale: tuple[OrderId, ...]
    cut: bool
    additions: int = 0
    exceeded: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRefused:
    """A plan was not carried out, and the fallback decided in its place.

    Attributes
    ----------
    policy : str
        Whose plan it was; empty when none came.
    reason : str
        ``breaks_rules``: it breaks hard constraints; ``overdue``: it did not come in time.
    violations : tuple of Violation
        The hard constraints that it breaks.
    """

    decision_id: DecisionId
    policy: str
    reason: str
    violations: tuple[Violation, ...] = ()


Event: TypeAlias = (
    OrderPlaced
    | OrderConfirmed
    | OrderReady
    | OrderReleased
    | OrderHeld
    | TripOffered
    | OrderOffered
    | OfferDeclined
    | OfferExpired
    | TripAssigned
    | OrderAssigned
    | TripRevised
    | OrderPinned
    | OrderUnpinned
    | OrderReturned
    | RiderBrokeDown
    | RiderArrivedAtMerchant
    | OrderPickedUp
    | RiderArrivedAtDoor
    | OrderDelivered
    | OrderCanceled
    | TripEnded
    | ShiftStarted
    | ShiftAnnounced
    | ShiftEnded
    | MoveAdvised
    | DecisionRequested
    | PlanApplied
    | PlanRefused
    | RiderMoved
    | FixesRejected
    | EtaChanged
    | IncidentOpened
    | IncidentEscalated
    | IncidentAcknowledged
    | IncidentResolved
)

DERIVED_EVENTS: tuple[type[Event], ...] = (RiderMoved,)
"""Published like all events, but neither appended to the log nor part of its hash."""
