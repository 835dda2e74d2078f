"""What the customer of an order may see: the server decides, not the page.

The rider is hidden before the pickup and after the delivery, and rounded on the way. The way itself is shown
only when this door is the next one: otherwise it would lead to other customers' doors.
"""

from typing import Literal

from api.minimap import MiniMap
from api.track.schemas import (
    ClockOut,
    CustomerOut,
    EtaOut,
    MiniMapOut,
    StepOut,
    TrackMerchantOut,
    TrackRiderOut,
    TrackWindowOut,
)
from api.wire import LonLat
from domain.geo import Point
from domain.orders import CARRIED_ORDER_STATES, FINAL_ORDER_STATES, OrderState
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.projections import ReadModel
from runtime.projections.riders import remaining_route
from runtime.projections.views import OrderView, RiderView

LINK_LIFE_MS: Millis = 2 * HOUR_MS
"""How long a tracking link leads somewhere after the order is delivered or canceled."""

LATE_PROBABILITY = 0.6
"""From this probability on the customer is told that, and why, it will be late."""

KITCHEN_SLACK_MS: Millis = 5 * MINUTE_MS
"""A pickup this much after the food was ready was not the kitchen's fault."""

ROUNDED_DIGITS = 4
"""Decimals of a degree that a customer sees of the rider's position: about ten meters."""

WhyLate = Literal["kitchen", "no_rider", "traffic", "unknown"]


def link_expired(order: OrderView, now_ms: Millis) -> bool:
    """Tell whether the links of an order no longer lead anywhere."""
    ended = order.delivered_at_ms or order.canceled_at_ms
    return ended is not None and now_ms >= ended + LINK_LIFE_MS


def customer_out(
    model: ReadModel, order: OrderView, *, now_ms: Millis, rate: float, mini_map: MiniMap | None
) -> CustomerOut:
    """Return an order as its customer sees it, with a map when one is given."""
    rider = visible_rider(model, order)
    before = model.stops_before(order) if rider else None
    return CustomerOut(
        order_id=order.order_id,
        state=order.state,
        steps=_steps(order),
        promised_at=order.promised_at_ms,
        window=TrackWindowOut.model_validate(order.window) if order.window else None,
        eta=_eta(order),
        why_late=_why_late(order, now_ms),
        merchant=TrackMerchantOut(name=order.merchant_name, lon=order.pickup.x, lat=order.pickup.y),
        dropoff=LonLat.of(order.dropoff),
        rider=_rider(rider) if rider else None,
        stops_before=before,
        canceled_reason=order.canceled_reason,
        clock=ClockOut(now=now_ms, rate=rate),
        map=_map(order, rider, before, mini_map) if mini_map else None,
    )


def visible_rider(model: ReadModel, order: OrderView) -> RiderView | None:
    """Return the rider if the customer may see where that is: only while the food is on the way."""
    if order.state not in CARRIED_ORDER_STATES or order.rider_id is None:
        return None
    rider = model.riders.get(order.rider_id)
    return rider if rider and rider.position else None


def rounded(point: Point) -> tuple[float, float]:
    """Return longitude and latitude as a customer sees them."""
    return round(point.x, ROUNDED_DIGITS), round(point.y, ROUNDED_DIGITS)


def _steps(order: OrderView) -> list[StepOut]:
    return [
        StepOut(step="placed", done=True, at=order.placed_at_ms),
        StepOut(step="assigned", done=order.assigned_at_ms is not None, at=order.assigned_at_ms),
        StepOut(step="picked_up", done=order.picked_up_at_ms is not None, at=order.picked_up_at_ms),
        StepOut(step="delivered", done=order.delivered_at_ms is not None, at=order.delivered_at_ms),
    ]


def _eta(order: OrderView) -> EtaOut | None:
    if order.eta_at_ms is None or order.state in FINAL_ORDER_STATES:
        return None
    if order.state is OrderState.SCHEDULED:
        # Nobody has begun: the window is all that is known.
        return None
    return EtaOut(
        earliest=order.eta_earliest_ms or order.eta_at_ms,
        latest=order.eta_latest_ms or order.eta_at_ms,
        at=order.eta_at_ms,
    )


def _why_late(order: OrderView, now_ms: Millis) -> WhyLate | None:
    """Name what made it late as far as the timeline shows it; traffic is not measured yet."""
    if order.canceled_at_ms is not None:
        return None
    arrives_ms = order.delivered_at_ms or max(now_ms, order.eta_at_ms or 0)
    expected = (order.late_probability or 0.0) >= LATE_PROBABILITY
    if arrives_ms <= order.promised_at_ms and not expected:
        return None
    if order.assigned_at_ms is None:
        return "no_rider"
    if order.picked_up_at_ms is None:
        return "unknown" if order.is_ready or now_ms < order.ready_at_ms else "kitchen"
    waited_ms = order.picked_up_at_ms - order.ready_at_ms
    return "no_rider" if waited_ms > KITCHEN_SLACK_MS else "unknown"


def _rider(rider: RiderView) -> TrackRiderOut | None:
    if rider.position is None:
        return None
    lon, lat = rounded(rider.position.point)
    return TrackRiderOut(
        lon=lon,
        lat=lat,
        heading_deg=rider.position.heading_deg,
        fixed_at=rider.position.fixed_at_ms,
        first_name=_first_name(rider.name),
    )


def _first_name(name: str) -> str:
    """Return the first word of a name, or the first character where names are written without spaces."""
    first = name.split(" ", maxsplit=1)[0]
    return first if first.isascii() else first[:1]


def _map(order: OrderView, rider: RiderView | None, before: int | None, mini_map: MiniMap) -> MiniMapOut:
    route = remaining_route(rider, upto=order.order_id) if rider and before == 0 else []
    shown = [order.pickup, order.dropoff, *route]
    streets, water = mini_map.clip(shown)
    lon_lat = [rounded(point) if not index else (point.x, point.y) for index, point in enumerate(route)]
    return MiniMapOut(streets=streets, water=water, route=lon_lat or None)
