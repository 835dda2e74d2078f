"""What travels about the fleet as a whole."""

from typing import Annotated

from pydantic import ConfigDict, Field, PlainSerializer

from api.incidents.schemas import IncidentOut
from api.orders.schemas import OrderOut
from api.riders.schemas import RiderOut
from api.wire import InstantOut, View

Rounded = Annotated[float, PlainSerializer(lambda value: round(value, 2))]


class SummaryOut(View):
    """Headline figures over the whole log."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "placed": 412,
                    "open": 63,
                    "assigned": 398,
                    "delivered": 344,
                    "canceled": 5,
                    "late": 12,
                    "on_time_pct": 96.5,
                    "riders_on_duty": 118,
                    "riders_idle": 41,
                    "incidents": 19,
                    "open_incidents": 3,
                    "fixes_received": 88213,
                    "median_click_to_door_min": 31.4,
                    "median_eta_error_min": 1.6,
                }
            ]
        }
    )

    placed: int
    open: int
    assigned: int = Field(description="Orders that ever got a rider.")
    delivered: int
    canceled: int
    late: int = Field(description="Delivered after the promise, or past it and still open.")
    on_time_pct: Rounded | None
    riders_on_duty: int
    riders_idle: int
    incidents: int
    open_incidents: int
    fixes_received: int
    median_click_to_door_min: Rounded | None
    median_eta_error_min: Rounded | None


class FleetOut(View):
    """Everything a dispatcher sees, at one position of the live stream."""

    seq: int = Field(description="Position in the topic `fleet:<zone>`; subscribe with `since`.")
    epoch: str
    at: InstantOut
    zone: str
    riders: list[RiderOut]
    orders: list[OrderOut]
    incidents: list[IncidentOut]
    summary: SummaryOut


class TicketOut(View):
    """A ticket for `GET /live?ticket=...`: for one use, for 30 s."""

    ticket: str
    expires_at: InstantOut
