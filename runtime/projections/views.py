"""What the read model shows: frozen views with integer milliseconds; the API turns them into RFC 3339."""

from dataclasses import dataclass

from domain.geo import Point
from domain.ids import IncidentId, MerchantId, OrderId, RiderId, TripId, ZoneId
from domain.incidents import IncidentState, IncidentType, Severity
from domain.loads import Capacity, Load, Vehicle
from domain.orders import OrderState
from domain.plans import Explanation, StopKind
from domain.ports import LocationKey
from domain.riders import RiderState
from domain.schedule import DeliveryWindow
from domain.units import Cents, Millis


@dataclass(frozen=True, slots=True)
class PinView:
    """To whom an order is assigned by hand, by whom (as far as told) and since when."""

    rider_id: RiderId
    by: str
    at_ms: Millis


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as it stands.

    Attributes
    ----------
    ready_at_ms : int
        The estimate that holds now, or when the food was ready once ``is_ready``.
    eta_at_ms : int or None
        Expected delivery: as tracked, or as planned at the assignment while tracking says nothing.
    eta_earliest_ms, eta_latest_ms : int or None
        The window told to the customer; None while tracking says nothing.
    eta_at_pickup_ms : int or None
        The expectation that held when the food was picked up: what the ETA error is measured against.
    held_reason : str or None
        Why the order has no rider yet: a word of ``dispatch/explain.py``.
    incident_ids : tuple of str
        Incidents of this order that are not resolved.
    load : Load or None
        What it is and takes up, as far as told.
    window, release_at_ms : DeliveryWindow or None, int or None
        Of a scheduled order: when it is to come, and when dispatch begins to look for a rider.
    pin : PinView or None
        While the order is assigned by hand: until it is released, picked up, or the pin falls.
    """

    order_id: OrderId
    reference: str
    state: OrderState
    merchant_id: MerchantId
    merchant_name: str
    zone_id: ZoneId
    pickup: Point
    dropoff: Point
    value_cents: Cents
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis
    is_ready: bool = False
    rider_id: RiderId | None = None
    trip_id: TripId | None = None
    eta_at_ms: Millis | None = None
    eta_earliest_ms: Millis | None = None
    eta_latest_ms: Millis | None = None
    eta_at_pickup_ms: Millis | None = None
    late_probability: float | None = None
    assigned_at_ms: Millis | None = None
    picked_up_at_ms: Millis | None = None
    delivered_at_ms: Millis | None = None
    canceled_at_ms: Millis | None = None
    canceled_reason: str | None = None
    held_reason: str | None = None
    incident_ids: tuple[IncidentId, ...] = ()
    load: Load | None = None
    window: DeliveryWindow | None = None
    release_at_ms: Millis | None = None
    pin: PinView | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to an order: the name of the event, and what was special about it."""

    at_ms: Millis
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StopView:
    """A stop that is still ahead of a rider.

    Attributes
    ----------
    path : tuple of Point
        The streets that lead to it from the stop before, or just its own place in a city without streets.
    """

    kind: StopKind
    order_ids: tuple[OrderId, ...]
    location: LocationKey
    point: Point
    arrives_at_ms: Millis
    done_at_ms: Millis
    path: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """Where a rider without a trip was advised to wait, and why there.

    Attributes
    ----------
    point : Point
        The place.
    path : tuple of Point
        The streets that lead there from where the rider was, or just the place in a city without streets.
    arrives_at_ms : int
        When the rider is there, as planned.
    merchant_id : str or None
        Near whose kitchen it is.
    explanation : Explanation
        The orders expected and the minutes saved.
    """

    point: Point
    path: tuple[Point, ...]
    arrives_at_ms: Millis
    merchant_id: MerchantId | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Position:
    """Where a rider was last seen."""

    point: Point
    fixed_at_ms: Millis
    heading_deg: float | None = None
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class RiderView:
    """A rider as it stands.

    Attributes
    ----------
    position : Position or None
        Latest tracked position of the shift; before the first one, None.
    started_at : Point
        Where the shift began: the best guess until then.
    stops : tuple of StopView
        What is still ahead on the present (or offered) trip.
    vehicle, capacity : Vehicle or None, Capacity or None
        How the rider gets about and what the rider can carry, None for anything.
    waiting_place : WaitingPlace or None
        Where to wait until the next trip, None: anywhere.
    """

    rider_id: RiderId
    name: str
    state: RiderState
    started_at: Point
    shift_ends_at_ms: Millis
    position: Position | None = None
    trip_id: TripId | None = None
    order_ids: tuple[OrderId, ...] = ()
    stops: tuple[StopView, ...] = ()
    vehicle: Vehicle | None = None
    capacity: Capacity | None = None
    waiting_place: WaitingPlace | None = None

    @property
    def point(self) -> Point:
        """Where the rider is, as far as anybody knows."""
        return self.started_at if self.position is None else self.position.point


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Something that looks or looked wrong; ``acknowledged_by`` and ``resolved_by`` are empty until then."""

    incident_id: IncidentId
    type: IncidentType
    severity: Severity
    state: IncidentState
    order_id: OrderId | None
    rider_id: RiderId | None
    opened_at_ms: Millis
    evidence: str
    suggested_action: str
    escalated_at_ms: Millis | None = None
    acknowledged_at_ms: Millis | None = None
    acknowledged_by: str = ""
    resolved_at_ms: Millis | None = None
    resolved_reason: str = ""
    resolved_by: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Headline figures over the whole log.

    Attributes
    ----------
    open : int
        Orders that are neither delivered nor canceled.
    assigned : int
        Orders that ever got a rider.
    late : int
        Delivered after their promise, or past it and still open.
    on_time_pct : float or None
        Share of on-time deliveries among the delivered and those open past their promise; canceled orders do
        not count.
    incidents : int
        Incidents ever opened; ``open_incidents`` are those not resolved.
    median_click_to_door_min : float or None
        From placement to delivery.
    median_eta_error_min : float or None
        Absolute difference between the ETA that held at pickup and the delivery.
    """

    placed: int
    open: int
    assigned: int
    delivered: int
    canceled: int
    late: int
    on_time_pct: float | None
    riders_on_duty: int
    riders_idle: int
    incidents: int
    open_incidents: int
    fixes_received: int
    median_click_to_door_min: float | None
    median_eta_error_min: float | None
