"""What travels about orders."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.wire import Body, Identifier, InstantIn, InstantOut, LonLat, LonLatIn, View
from domain.loads import MOST_VOLUME_L, MOST_WEIGHT_G, Load, OrderType
from domain.orders import OrderState
from domain.plans import Explanation
from domain.schedule import DeliveryWindow
from runtime.projections.views import OrderView, TimelineEntry

_ORDER_EXAMPLE: JsonDict = {
    "order_id": "order-17",
    "reference": "till-4711",
    "state": "assigned",
    "merchant_id": "merchant-3",
    "merchant_name": "Lotus Noodle House",
    "zone_id": "all",
    "pickup": {"lon": 121.4737, "lat": 31.2304},
    "dropoff": {"lon": 121.4812, "lat": 31.2251},
    "rider_id": "rider-8",
    "trip_id": "trip-12",
    "value_cents": 5800,
    "placed_at": "2026-06-05T03:30:00.000Z",
    "ready_at": "2026-06-05T03:44:00.000Z",
    "is_ready": False,
    "promised_at": "2026-06-05T04:05:00.000Z",
    "eta_at": "2026-06-05T03:58:00.000Z",
    "eta_earliest": "2026-06-05T03:55:00.000Z",
    "eta_latest": "2026-06-05T04:02:00.000Z",
    "late_probability": 0.04,
    "assigned_at": "2026-06-05T03:31:00.000Z",
    "picked_up_at": None,
    "delivered_at": None,
    "canceled_at": None,
    "canceled_reason": None,
    "held_reason": None,
    "incident_ids": [],
    "type": "meal",
    "volume_l": 6,
    "weight_g": 1400,
    "window": None,
    "release_at": None,
    "pin": None,
}


OrderTypeIn = Annotated[OrderType, Field(strict=False)]


class WindowIn(Body):
    """When a customer wants an order at the door."""

    earliest: InstantIn = Field(description="Not before this; not in the past, at most 7 days ahead.")
    latest: InstantIn = Field(description="Not after this: the promise. At least 15 minutes later.")

    def window(self) -> DeliveryWindow:
        """Return it as the domain knows it."""
        return DeliveryWindow(self.earliest, self.latest)


class PlaceOrderIn(Body):
    """A customer orders."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "merchant_id": "merchant-3",
                    "dropoff": {"lon": 121.4812, "lat": 31.2251},
                    "value_cents": 5800,
                    "reference": "till-4711",
                }
            ]
        }
    )

    merchant_id: Identifier
    dropoff: LonLatIn
    value_cents: Annotated[int, Field(ge=0, le=2**53)] = 0
    ready_at: InstantIn | None = Field(
        default=None, description="When the kitchen says it will be ready; left out: its usual preparation."
    )
    reference: Annotated[str, Field(max_length=64, description="The caller's own name for it.")] = ""
    type: OrderTypeIn | None = Field(default=None, description="What it is; left out: a meal.")
    volume_l: Annotated[int, Field(ge=0, le=MOST_VOLUME_L)] | None = Field(
        default=None, description="Room that it takes, in whole liters; left out: not worth counting."
    )
    weight_g: Annotated[int, Field(ge=0, le=MOST_WEIGHT_G)] | None = Field(
        default=None, description="Weight in grams; left out: not worth counting."
    )
    window: WindowIn | None = Field(
        default=None,
        description="Makes it a scheduled order: dispatch looks for a rider at the latest safe time.",
    )

    def load(self) -> Load | None:
        """Return what it takes up, as far as anything is said."""
        if self.type is None and self.volume_l is None and self.weight_g is None:
            return None
        return Load(self.type or OrderType.MEAL, self.volume_l or 0, self.weight_g or 0)


class RiderIn(Body):
    """The rider who does it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rider_id": "rider-8"}]})

    rider_id: Identifier


class DeclineIn(Body):
    """A rider turns an offer down."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rider_id": "rider-8", "reason": "too far"}]})

    rider_id: Identifier
    reason: Annotated[str, Field(max_length=200)] = ""


class ArriveIn(Body):
    """A rider reports an arrival."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rider_id": "rider-8", "at": "merchant"}]})

    rider_id: Identifier
    at: Literal["merchant", "door"]


class ConfirmIn(Body):
    """The merchant acknowledges an order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ready_at": "2026-06-05T03:44:00.000Z"}]})

    ready_at: InstantIn | None = None


class CancelIn(Body):
    """Somebody calls an order off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "customer changed their mind"}]})

    reason: Annotated[str, Field(max_length=200)] = ""


class AssignIn(Body):
    """A dispatcher assigns an order to a rider by hand."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rider_id": "rider-8", "by": "Chen"}]})

    rider_id: Identifier
    by: Annotated[str, Field(max_length=64, description="The dispatcher.")] = ""


class ReleaseIn(Body):
    """A dispatcher leaves an order to the policy again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "Chen"}]})

    by: Annotated[str, Field(max_length=64, description="The dispatcher.")] = ""


class PinOut(View):
    """To whom an order is assigned by hand, and by whom."""

    rider_id: str
    by: str = Field(description="The dispatcher; empty if not told.")
    at: InstantOut = Field(validation_alias="at_ms")


class WindowOut(View):
    """When an order is to be handed over."""

    earliest: InstantOut = Field(validation_alias="earliest_ms")
    latest: InstantOut = Field(validation_alias="latest_ms")


class OrderOut(View):
    """An order as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ORDER_EXAMPLE]})

    order_id: str
    reference: str
    state: OrderState
    merchant_id: str
    merchant_name: str
    zone_id: str
    pickup: LonLat
    dropoff: LonLat
    rider_id: str | None
    trip_id: str | None
    value_cents: int
    placed_at: InstantOut
    ready_at: InstantOut = Field(description="An estimate until `is_ready`.")
    is_ready: bool
    promised_at: InstantOut
    eta_at: InstantOut | None
    eta_earliest: InstantOut | None
    eta_latest: InstantOut | None
    late_probability: float | None = Field(description="Probability of arriving after the promise, 0 to 1.")
    assigned_at: InstantOut | None
    picked_up_at: InstantOut | None
    delivered_at: InstantOut | None
    canceled_at: InstantOut | None
    canceled_reason: str | None
    held_reason: str | None = Field(description="Why it has no rider yet.")
    incident_ids: list[str] = Field(description="Its incidents that are not resolved.")
    type: OrderType | None = Field(description="What it is, as far as told.")
    volume_l: int | None
    weight_g: int | None
    window: WindowOut | None = Field(description="Of a scheduled order.")
    release_at: InstantOut | None = Field(description="When dispatch begins to look for a rider for it.")
    pin: PinOut | None = Field(
        description="While it is assigned by hand; it is nobody else's, also while its rider is busy."
    )


class TimelineOut(View):
    """One thing that happened to an order."""

    at: InstantOut = Field(validation_alias="at_ms")
    event: str
    detail: str


class CostTermOut(View):
    """One addend of a cost."""

    name: str
    value: float
    unit: str


class AlternativeOut(View):
    """A rider who was not chosen, and how much later it would have been."""

    rider_id: str
    delta_min: float


class ExplanationOut(View):
    """Why an order got its rider, or none."""

    reason: str = Field(description="A stable word.", examples=["cheapest_plan", "waits_for_kitchen"])
    terms: list[CostTermOut] = Field(description="The addends of the chosen cost.")
    alternatives: list[AlternativeOut] = Field(description="The best other riders, at most three.")
    binding: str = Field(
        description="What keeps the cost from being lower: a stable word, empty if not known.",
        examples=["kitchen", "rider_arrival", "shift_end", "sequence"],
    )
    foreseen: str | None = Field(description="The rider whom the plan foresees for an order that is held.")
    opportunity_min: float = Field(
        description="The rider's opportunity price: minutes that this trip costs the orders planned next."
    )


class OrderDetailOut(OrderOut):
    """An order with what happened to it, and why."""

    timeline: list[TimelineOut]
    explanation: ExplanationOut | None


class TrackingLinkOut(View):
    """The customer's link; the token is shown once and stored only as a hash."""

    tracking_token: str
    tracking_url: str = Field(examples=["/track#2nG0y7Yk9mZr1t0d3Q4s5A6b7C8"])


class PlacedOrderOut(OrderOut, TrackingLinkOut):
    """A new order with its tracking link."""


class OrderPageOut(View):
    """Some orders, the latest placed first."""

    orders: list[OrderOut]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")


def order_fields(view: OrderView) -> dict[str, object]:
    """Return the fields of an order by the names of ``OrderOut``."""
    return {
        "order_id": view.order_id,
        "reference": view.reference,
        "state": view.state,
        "merchant_id": view.merchant_id,
        "merchant_name": view.merchant_name,
        "zone_id": view.zone_id,
        "pickup": LonLat.of(view.pickup),
        "dropoff": LonLat.of(view.dropoff),
        "rider_id": view.rider_id,
        "trip_id": view.trip_id,
        "value_cents": view.value_cents,
        "placed_at": view.placed_at_ms,
        "ready_at": view.ready_at_ms,
        "is_ready": view.is_ready,
        "promised_at": view.promised_at_ms,
        "eta_at": view.eta_at_ms,
        "eta_earliest": view.eta_earliest_ms,
        "eta_latest": view.eta_latest_ms,
        "late_probability": view.late_probability,
        "assigned_at": view.assigned_at_ms,
        "picked_up_at": view.picked_up_at_ms,
        "delivered_at": view.delivered_at_ms,
        "canceled_at": view.canceled_at_ms,
        "canceled_reason": view.canceled_reason,
        "held_reason": view.held_reason,
        "incident_ids": list(view.incident_ids),
        "type": None if view.load is None else view.load.type,
        "volume_l": None if view.load is None else view.load.volume_l,
        "weight_g": None if view.load is None else view.load.weight_g,
        "window": view.window,
        "release_at": view.release_at_ms,
        "pin": None if view.pin is None else PinOut.model_validate(view.pin),
    }


def order_out(view: OrderView) -> OrderOut:
    """Return an order as it travels."""
    return OrderOut.model_validate(order_fields(view))


def order_detail_out(
    view: OrderView, timeline: list[TimelineEntry], explanation: Explanation | None
) -> OrderDetailOut:
    """Return an order with its timeline and explanation as it travels."""
    return OrderDetailOut.model_validate(
        {
            **order_fields(view),
            "timeline": [TimelineOut.model_validate(entry) for entry in timeline],
            "explanation": None if explanation is None else ExplanationOut.model_validate(explanation),
        }
    )
