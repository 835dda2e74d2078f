"""What travels to customers: less than operators see."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.wire import Coordinate, InstantOut, Line, LonLat, View
from domain.orders import OrderState


class StepOut(View):
    """One step of an order's way, and when it was done."""

    step: Literal["placed", "assigned", "picked_up", "delivered"]
    done: bool
    at: InstantOut | None


class EtaOut(View):
    """The window in which the order is expected."""

    earliest: InstantOut
    latest: InstantOut
    at: InstantOut


class TrackWindowOut(View):
    """When the customer asked for the order."""

    earliest: InstantOut = Field(validation_alias="earliest_ms")
    latest: InstantOut = Field(validation_alias="latest_ms")


class TrackMerchantOut(View):
    """Where the food comes from."""

    name: str
    lon: Coordinate
    lat: Coordinate


class TrackRiderOut(View):
    """The rider while the food is on the way: rounded to about ten meters, first name only."""

    lon: float
    lat: float
    heading_deg: float | None
    fixed_at: InstantOut
    first_name: str


class ClockOut(View):
    """What time it is in the control room, and how fast it goes by."""

    now: InstantOut
    rate: float


class MiniMapOut(View):
    """A clip of the city around the route."""

    streets: list[Line]
    water: list[Line]
    route: Line | None = Field(description="The rider's way to this door; null while other doors come first.")


class CustomerOut(View):
    """One order as its customer sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "order_id": "order-17",
                    "state": "picked_up",
                    "steps": [
                        {"step": "placed", "done": True, "at": "2026-06-05T03:30:00.000Z"},
                        {"step": "assigned", "done": True, "at": "2026-06-05T03:31:00.000Z"},
                        {"step": "picked_up", "done": True, "at": "2026-06-05T03:45:00.000Z"},
                        {"step": "delivered", "done": False, "at": None},
                    ],
                    "promised_at": "2026-06-05T04:05:00.000Z",
                    "window": None,
                    "eta": {
                        "earliest": "2026-06-05T03:55:00.000Z",
                        "latest": "2026-06-05T04:02:00.000Z",
                        "at": "2026-06-05T03:58:00.000Z",
                    },
                    "why_late": None,
                    "merchant": {"name": "Lotus Noodle House", "lon": 121.475, "lat": 31.2301},
                    "dropoff": {"lon": 121.4812, "lat": 31.2251},
                    "rider": {
                        "lon": 121.4781,
                        "lat": 31.2277,
                        "heading_deg": 140.0,
                        "fixed_at": "2026-06-05T03:51:58.000Z",
                        "first_name": "Li",
                    },
                    "stops_before": 0,
                    "canceled_reason": None,
                    "clock": {"now": "2026-06-05T03:52:00.000Z", "rate": 1.0},
                    "map": None,
                }
            ]
        }
    )

    order_id: str
    state: OrderState
    steps: list[StepOut]
    promised_at: InstantOut
    window: TrackWindowOut | None = Field(description="Of a scheduled order: when it is to come.")
    eta: EtaOut | None
    why_late: Literal["kitchen", "no_rider", "traffic", "unknown"] | None
    merchant: TrackMerchantOut
    dropoff: LonLat
    rider: TrackRiderOut | None = Field(description="Only between pickup and delivery.")
    stops_before: int | None = Field(description="Doors that come before this one; null before the pickup.")
    canceled_reason: str | None
    clock: ClockOut
    map: MiniMapOut | None = Field(description="In snapshots only; null in state frames.")
