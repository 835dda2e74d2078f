"""Everything that can be asked of the control room, in the imperative, and who owns each.

``COMMAND_OWNERS`` is the visible table: only the owner may refuse a command, and before any state changes.
"""

from dataclasses import dataclass
from typing import TypeAlias

from domain.construction import quickly_made
from domain.errors import InvalidValueError
from domain.fixes import Fix
from domain.geo import Point
from domain.ids import IncidentId, MerchantId, OrderId, RiderId, TripId
from domain.loads import Capacity, Load, Vehicle
from domain.plans import DispatchPlan
from domain.schedule import DeliveryWindow
from domain.units import Cents, Millis


@quickly_made
@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A customer orders.

    Attributes
    ----------
    merchant_id : str
        The kitchen.
    dropoff : Point
        The door, in the city's frame.
    value_cents : int
        Basket value.
    ready_at_ms : int or None
        When the kitchen says it will be ready; None: placement + the merchant's usual preparation.
    promised_at_ms : int or None
        Promise made to the customer; None: by the city's promise policy.
    reference : str
        The caller's own name for the order (a Grubhub id, a channel's number), at most 64 characters.
    load : Load or None
        What it is and takes up; None: anybody can carry it.
    window : DeliveryWindow or None
        When it is to be handed over: then it is a scheduled order, and the window's end is its promise.
    """

    merchant_id: MerchantId
    dropoff: Point
    value_cents: Cents = 0
    ready_at_ms: Millis | None = None
    promised_at_ms: Millis | None = None
    reference: str = ""
    load: Load | None = None
    window: DeliveryWindow | None = None

    def __post_init__(self) -> None:
        if self.value_cents < 0:
            raise InvalidValueError("value_cents", self.value_cents, "0 or more")
        if self.window is not None and self.promised_at_ms is not None:
            raise InvalidValueError("promised_at_ms", self.promised_at_ms, "none beside a window")
        if len(self.reference) > 64:
            raise InvalidValueError("reference", self.reference, "at most 64 characters")


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """The merchant acknowledges an order and may state when it will be ready."""

    order_id: OrderId
    ready_at_ms: Millis | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class MarkOrderReady:
    """The merchant says that the food is ready."""

    order_id: OrderId


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Somebody calls an order off; possible until it is picked up."""

    order_id: OrderId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PinOrder:
    """A dispatcher assigns an order to a rider by hand: no policy moves it until it is released.

    Attributes
    ----------
    order_id : str
        The order: not picked up yet. One that another rider has is taken from that rider.
    rider_id : str
        The rider: on duty. Behind the present trip, if there is one.
    by : str
        The dispatcher, at most 64 characters.
    """

    order_id: OrderId
    rider_id: RiderId
    by: str = ""

    def __post_init__(self) -> None:
        if len(self.by) > 64:
            raise InvalidValueError("by", self.by, "at most 64 characters")


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """A dispatcher leaves a pinned order to the policy again; a rider who has it already keeps it.

    Attributes
    ----------
    by : str
        The dispatcher, at most 64 characters.
    """

    order_id: OrderId
    by: str = ""

    def __post_init__(self) -> None:
        if len(self.by) > 64:
            raise InvalidValueError("by", self.by, "at most 64 characters")


@dataclass(frozen=True, slots=True)
class StartShift:
    """A rider comes on duty.

    Attributes
    ----------
    rider_id : str
        The rider; unknown ids are new riders.
    name : str
        The name shown to people.
    point : Point
        Where the rider starts.
    ends_at_ms : int
        End of the shift: no pickup after it.
    vehicle : Vehicle or None
        How the rider gets about, as far as known.
    capacity : Capacity or None
        What the rider can carry; None: as usual for the vehicle, without one anything.
    """

    rider_id: RiderId
    point: Point
    ends_at_ms: Millis
    name: str = ""
    vehicle: Vehicle | None = None
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True)
class AnnounceShift:
    """A shift is planned: dispatch may count on the rider before the shift starts. A later one replaces it.

    Attributes
    ----------
    rider_id : str
        The rider, who need not be known yet.
    point : Point
        Where the shift is going to start.
    starts_at_ms, ends_at_ms : int
        The shift.
    vehicle, capacity : Vehicle or None, Capacity or None
        As for ``StartShift``.
    """

    rider_id: RiderId
    point: Point
    starts_at_ms: Millis
    ends_at_ms: Millis
    vehicle: Vehicle | None = None
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True)
class EndShift:
    """A rider goes off duty, at once when idle, else after the trip."""

    rider_id: RiderId


@dataclass(frozen=True, slots=True)
class ReportBreakdown:
    """A rider cannot go on (an accident, a flat tire): off duty at once; somebody else takes the orders.

    Attributes
    ----------
    rider_id : str
        The rider.
    reason : str
        What happened, for people.
    point : Point or None
        Where the rider stands with the food, in the city's frame; None: where last tracked, else where the
        plan has the rider.
    """

    rider_id: RiderId
    reason: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """A rider takes an offered trip."""

    rider_id: RiderId
    trip_id: TripId


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """A rider turns an offered trip down."""

    rider_id: RiderId
    trip_id: TripId
    reason: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class ArriveAtMerchant:
    """A rider reports to be at the merchant of the current trip."""

    rider_id: RiderId


@quickly_made
@dataclass(frozen=True, slots=True)
class PickUpOrder:
    """A rider has taken an order from the merchant."""

    rider_id: RiderId
    order_id: OrderId


@quickly_made
@dataclass(frozen=True, slots=True)
class ArriveAtDoor:
    """A rider reports to be at the door of an order."""

    rider_id: RiderId
    order_id: OrderId


@quickly_made
@dataclass(frozen=True, slots=True)
class DeliverOrder:
    """A rider has handed an order over."""

    rider_id: RiderId
    order_id: OrderId


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """A policy's answer comes back; what has gone stale is dropped."""

    plan: DispatchPlan


@dataclass(frozen=True, slots=True)
class RecordFixes:
    """GPS fixes arrive, of one or of several riders, in any order.

    Attributes
    ----------
    fixes : tuple of Fix
        The fixes as reported; ``received_at_ms`` is the time of the message.
    """

    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class AcknowledgeIncident:
    """A dispatcher has seen an incident."""

    incident_id: IncidentId
    by: str = ""


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    """A dispatcher closes an incident with a reason."""

    incident_id: IncidentId
    reason: str
    by: str = ""


Command: TypeAlias = (
    PlaceOrder
    | ConfirmOrder
    | MarkOrderReady
    | CancelOrder
    | PinOrder
    | ReleaseOrder
    | StartShift
    | AnnounceShift
    | EndShift
    | ReportBreakdown
    | AcceptOffer
    | DeclineOffer
    | ArriveAtMerchant
    | PickUpOrder
    | ArriveAtDoor
    | DeliverOrder
    | ApplyPlan
    | RecordFixes
    | AcknowledgeIncident
    | ResolveIncident
)

COMMAND_OWNERS: dict[type[Command], str] = {
    PlaceOrder: "dispatch",
    ConfirmOrder: "dispatch",
    MarkOrderReady: "dispatch",
    CancelOrder: "dispatch",
    PinOrder: "dispatch",
    ReleaseOrder: "dispatch",
    StartShift: "dispatch",
    AnnounceShift: "dispatch",
    EndShift: "dispatch",
    ReportBreakdown: "dispatch",
    AcceptOffer: "dispatch",
    DeclineOffer: "dispatch",
    ArriveAtMerchant: "dispatch",
    PickUpOrder: "dispatch",
    ArriveAtDoor: "dispatch",
    DeliverOrder: "dispatch",
    ApplyPlan: "dispatch",
    RecordFixes: "tracking",
    AcknowledgeIncident: "tracking",
    ResolveIncident: "tracking",
}
"""Command -> the one engine that answers for it."""
