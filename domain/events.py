"""Everything that can have happened, in the past tense. Events are facts: nobody may refuse one."""

from dataclasses import dataclass
from typing import TypeAlias

from domain.geo import Point
from domain.ids import DecisionId, IncidentId, MerchantId, OrderId, RiderId, TripId, ZoneId
from domain.incidents import IncidentType, Severity
from domain.plans import Explanation, Stop
from domain.ports import LocationKey
from domain.units import Cents, Millis


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


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    """The merchant acknowledged an order; ``ready_at_ms`` is the estimate that holds now."""

    order_id: OrderId
    ready_at_ms: Millis


@dataclass(frozen=True, slots=True)
class OrderReady:
    """The food is ready for pickup."""

    order_id: OrderId


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


@dataclass(frozen=True, slots=True)
class TripAssigned:
    """A rider is on a trip: the stops in sequence, each with the path that leads there."""

    trip_id: TripId
    rider_id: RiderId
    merchant_id: MerchantId
    order_ids: tuple[OrderId, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class OrderAssigned:
    """An order has its rider, and why this one."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId
    pickup_at_ms: Millis
    dropoff_at_ms: Millis
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class TripRevised:
    """The remaining stops of an offered or assigned trip changed, for example after a cancellation."""

    trip_id: TripId
    rider_id: RiderId
    order_ids: tuple[OrderId, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class RiderArrivedAtMerchant:
    """A rider reached the merchant of the trip."""

    rider_id: RiderId
    trip_id: TripId
    merchant_id: MerchantId
    order_ids: tuple[OrderId, ...]


@dataclass(frozen=True, slots=True)
class OrderPickedUp:
    """A rider has the food."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId


@dataclass(frozen=True, slots=True)
class RiderArrivedAtDoor:
    """A rider reached the door of an order."""

    order_id: OrderId
    rider_id: RiderId
    trip_id: TripId


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
class ShiftStarted:
    """A rider came on duty."""

    rider_id: RiderId
    name: str
    point: Point
    location: LocationKey
    ends_at_ms: Millis


@dataclass(frozen=True, slots=True)
class ShiftEnded:
    """A rider went off duty."""

    rider_id: RiderId


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
    """

    decision_id: DecisionId
    policy: str
    trips: int
    stale: tuple[OrderId, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class RiderMoved:
    """Where a rider is now. Derived from fixes: published, never appended, outside the log's hash.

    Attributes
    ----------
    fixed_at_ms : int
        The device's stamp of the position.
    point : Point
        The position, in the city's frame.
    heading_deg, speed_mps : float or None
        As reported or derived, None where unknown.
    """

    rider_id: RiderId
    fixed_at_ms: Millis
    point: Point
    heading_deg: float | None
    speed_mps: float | None


@dataclass(frozen=True, slots=True)
class FixesRejected:
    """So many fixes of one message were not used, and why (``stale``, ``future``, ``not_finite``, ...)."""

    rider_id: RiderId
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class EtaChanged:
    """The expected arrival of an order moved by more than the publishing step.

    Attributes
    ----------
    eta_at_ms : int
        Expected instant of delivery.
    earliest_at_ms, latest_at_ms : int
        The window told to the customer.
    late_probability : float
        Probability that it arrives after its promise, 0 to 1.
    """

    order_id: OrderId
    eta_at_ms: Millis
    earliest_at_ms: Millis
    latest_at_ms: Millis
    late_probability: float


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """A detector found something wrong with an order or a rider.

    Attributes
    ----------
    order_id, rider_id : str or None
        Whom it concerns; at least one is given.
    evidence : str
        What was seen, in one line for people.
    suggested_action : str
        A stable word for what a dispatcher could do: ``call_rider``, ``call_merchant``,
        ``reassign``, ``inform_customer``.
    """

    incident_id: IncidentId
    type: IncidentType
    severity: Severity
    order_id: OrderId | None
    rider_id: RiderId | None
    evidence: str
    suggested_action: str


@dataclass(frozen=True, slots=True)
class IncidentEscalated:
    """An open incident became worse."""

    incident_id: IncidentId
    severity: Severity
    evidence: str


@dataclass(frozen=True, slots=True)
class IncidentAcknowledged:
    """A dispatcher has seen an incident."""

    incident_id: IncidentId
    by: str


@dataclass(frozen=True, slots=True)
class IncidentResolved:
    """An incident is over: closed by a dispatcher (``by``), or by itself (``by`` empty)."""

    incident_id: IncidentId
    reason: str
    by: str


Event: TypeAlias = (
    OrderPlaced
    | OrderConfirmed
    | OrderReady
    | OrderHeld
    | TripOffered
    | OrderOffered
    | OfferDeclined
    | OfferExpired
    | TripAssigned
    | OrderAssigned
    | TripRevised
    | RiderArrivedAtMerchant
    | OrderPickedUp
    | RiderArrivedAtDoor
    | OrderDelivered
    | OrderCanceled
    | TripEnded
    | ShiftStarted
    | ShiftEnded
    | DecisionRequested
    | PlanApplied
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
