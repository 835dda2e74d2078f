"""What tracking tells: positions, arrival estimates and incidents; ``domain.events`` lists them all."""

from dataclasses import dataclass

from domain.geo import Point
from domain.ids import IncidentId, OrderId, RiderId
from domain.incidents import IncidentType, Severity
from domain.units import Millis


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
