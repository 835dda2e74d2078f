"""What travels about riders."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.orders.schemas import ExplanationOut
from api.wire import Body, Coordinate, InstantIn, InstantOut, Latitude, Line, Longitude, LonLatIn, View, line
from domain.loads import MOST_VOLUME_L, MOST_WEIGHT_G, Capacity, Vehicle
from domain.plans import StopKind
from domain.riders import RiderState
from runtime.projections.riders import remaining_route
from runtime.projections.views import RiderView, StopView, WaitingPlace


class CapacityIn(Body):
    """How much a rider can carry at a time."""

    volume_l: Annotated[int, Field(ge=1, le=MOST_VOLUME_L, description="Room in whole liters.")]
    weight_g: Annotated[int, Field(ge=1, le=MOST_WEIGHT_G, description="Weight in grams.")]


class VehicleIn(Body):
    """What a rider can carry; nothing said: anything."""

    vehicle: Annotated[Vehicle, Field(strict=False)] | None = Field(
        default=None, description="How the rider gets about."
    )
    capacity: CapacityIn | None = Field(
        default=None, description="What the rider can carry; left out: as usual for the vehicle."
    )

    def carries(self) -> Capacity | None:
        """Return the stated capacity, if there is one."""
        return Capacity(self.capacity.volume_l, self.capacity.weight_g) if self.capacity else None


class CapacityOut(View):
    """How much a rider can carry at a time."""

    volume_l: int
    weight_g: int


class ShiftIn(VehicleIn):
    """A rider comes on duty; an unknown id is a new rider."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"lon": 121.4737, "lat": 31.2304, "ends_at": "2026-06-05T06:30:00.000Z", "name": "Li Wei"}
            ]
        }
    )

    lon: Longitude
    lat: Latitude
    ends_at: InstantIn
    name: Annotated[str, Field(max_length=64)] = ""


class NextShiftIn(VehicleIn):
    """When and where a rider's next shift is going to start."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lon": 121.4737,
                    "lat": 31.2304,
                    "starts_at": "2026-06-05T03:30:00.000Z",
                    "ends_at": "2026-06-05T06:30:00.000Z",
                }
            ]
        }
    )

    lon: Longitude
    lat: Latitude
    starts_at: InstantIn
    ends_at: InstantIn


class BreakdownIn(Body):
    """A rider cannot go on; without a place, others look for the food where the rider was last tracked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "flat tire", "place": {"lon": 121.4737, "lat": 31.2304}}]}
    )

    reason: Annotated[str, Field(max_length=200)] = ""
    place: LonLatIn | None = None


class StopOut(View):
    """A stop that is still ahead."""

    kind: StopKind
    order_ids: list[str]
    lon: Coordinate
    lat: Coordinate
    arrives_at: InstantOut
    done_at: InstantOut


class WaitingPlaceOut(View):
    """Where a rider without a trip should wait, and why; the next trip begins wherever the rider is."""

    lon: Coordinate
    lat: Coordinate
    arrives_at: InstantOut
    merchant_id: str | None = Field(description="Near whose kitchen it is.")
    explanation: ExplanationOut = Field(description="The orders expected there and the minutes saved.")


class RiderOut(View):
    """A rider as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rider_id": "rider-8",
                    "name": "Li Wei",
                    "state": "to_merchant",
                    "lon": 121.4737,
                    "lat": 31.2304,
                    "heading_deg": 87.0,
                    "speed_mps": 6.1,
                    "fixed_at": "2026-06-05T03:31:58.000Z",
                    "trip_id": "trip-12",
                    "order_ids": ["order-17"],
                    "route": [[121.4737, 31.2304], [121.475, 31.2301]],
                    "stops": [
                        {
                            "kind": "pickup",
                            "order_ids": ["order-17"],
                            "lon": 121.475,
                            "lat": 31.2301,
                            "arrives_at": "2026-06-05T03:35:00.000Z",
                            "done_at": "2026-06-05T03:44:00.000Z",
                        }
                    ],
                    "shift_ends_at": "2026-06-05T06:30:00.000Z",
                    "vehicle": "bicycle",
                    "capacity": {"volume_l": 45, "weight_g": 12000},
                    "waiting_place": None,
                }
            ]
        }
    )

    rider_id: str
    name: str
    state: RiderState
    lon: Coordinate
    lat: Coordinate
    heading_deg: float | None
    speed_mps: float | None
    fixed_at: InstantOut | None = Field(description="Device's stamp of the position; null before the first.")
    trip_id: str | None
    order_ids: list[str]
    route: Line = Field(
        description="The streets still ahead on this trip, or to the waiting place, [[lon, lat], ...]."
    )
    stops: list[StopOut]
    shift_ends_at: InstantOut
    vehicle: Vehicle | None
    capacity: CapacityOut | None = Field(description="What the rider can carry; null: anything.")
    waiting_place: WaitingPlaceOut | None = Field(description="Where to wait for a trip; null: anywhere.")


class RiderListOut(View):
    """Everybody on duty."""

    riders: list[RiderOut]


def rider_out(view: RiderView) -> RiderOut:
    """Return a rider as it travels."""
    position = view.position
    return RiderOut(
        rider_id=view.rider_id,
        name=view.name,
        state=view.state,
        lon=view.point.x,
        lat=view.point.y,
        heading_deg=position.heading_deg if position else None,
        speed_mps=position.speed_mps if position else None,
        fixed_at=position.fixed_at_ms if position else None,
        trip_id=view.trip_id,
        order_ids=list(view.order_ids),
        route=line(remaining_route(view)) if view.stops or view.waiting_place else [],
        stops=[_stop_out(stop) for stop in view.stops],
        shift_ends_at=view.shift_ends_at_ms,
        vehicle=view.vehicle,
        capacity=CapacityOut.model_validate(view.capacity) if view.capacity else None,
        waiting_place=None if view.waiting_place is None else _waiting_place_out(view.waiting_place),
    )


def _waiting_place_out(place: WaitingPlace) -> WaitingPlaceOut:
    return WaitingPlaceOut(
        lon=place.point.x,
        lat=place.point.y,
        arrives_at=place.arrives_at_ms,
        merchant_id=place.merchant_id,
        explanation=ExplanationOut.model_validate(place.explanation),
    )


def _stop_out(stop: StopView) -> StopOut:
    return StopOut(
        kind=stop.kind,
        order_ids=list(stop.order_ids),
        lon=stop.point.x,
        lat=stop.point.y,
        arrives_at=stop.arrives_at_ms,
        done_at=stop.done_at_ms,
    )
