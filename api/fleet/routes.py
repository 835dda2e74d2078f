"""The whole fleet, the headline figures, and tickets for the live socket."""

from typing import Annotated

from fastapi import Query, Response

from api.auth import operator_router, problems
from api.context import Context
from api.fleet.schemas import FleetOut, SummaryOut, TicketOut
from api.tickets import OPERATOR
from api.wire import Identifier
from domain.errors import UnknownIdError
from domain.places import ALL_ZONES

router = operator_router("fleet")


@router.get("/fleet", response_model=FleetOut, summary="Show the fleet", responses=problems(404))
async def show_fleet(context: Context, zone: Annotated[Identifier, Query()] = ALL_ZONES) -> Response:
    """Return riders on duty, open orders and incidents at one position of the live topic."""
    if zone != ALL_ZONES and zone not in {known.zone_id for known in context.setup.city.zones}:
        raise UnknownIdError("zone", zone)
    return Response(context.live.fleet(zone), media_type="application/json")


@router.get("/summary", summary="Show the headline figures")
async def show_summary(context: Context) -> SummaryOut:
    """Return the figures over everything in the log."""
    return SummaryOut.model_validate(context.model.summary(context.driver.now_ms()))


@router.post("/live/tickets", status_code=201, summary="Get a ticket for the live socket")
async def issue_ticket(context: Context) -> TicketOut:
    """Return a ticket for one connection to `/live?ticket=...`, which may follow any topic."""
    ticket, expires_at_ms = context.tickets.issue(OPERATOR, context.wall_ms())
    return TicketOut(ticket=ticket, expires_at=expires_at_ms)
