"""``/track``: what a customer may see of one order, by an unguessable link."""

from typing import Annotated

from fastapi import Path

from api.auth import problems, public_router
from api.context import ApiContext, Context
from api.errors import ProblemError
from api.fleet.schemas import TicketOut
from api.tickets import Audience
from api.track.customer_view import customer_out, link_expired
from api.track.schemas import CustomerOut
from runtime.projections.views import OrderView

router = public_router("track")

TokenPath = Annotated[str, Path(max_length=64, description="The token of a tracking link.")]


@router.get("/track/{token}", summary="Follow an order", responses=problems(404))
async def track(token: TokenPath, context: Context) -> CustomerOut:
    """Return one order as its customer sees it."""
    order = _order(context, token)
    return customer_out(
        context.model,
        order,
        now_ms=context.driver.now_ms(),
        rate=context.driver.rate,
        mini_map=context.mini_map,
    )


@router.post(
    "/track/{token}/ticket", status_code=201, summary="Get a ticket to follow live", responses=problems(404)
)
async def issue_track_ticket(token: TokenPath, context: Context) -> TicketOut:
    """Return a ticket for one connection to `/live?ticket=...`, which may follow this order only."""
    order = _order(context, token)
    ticket, expires_at_ms = context.tickets.issue(Audience(order.order_id), context.wall_ms())
    return TicketOut(ticket=ticket, expires_at=expires_at_ms)


def _order(context: ApiContext, token: str) -> OrderView:
    """Return the order that a token leads to; wrong, revoked and expired ones get one answer."""
    order_id = context.links.order_of(token)
    order = context.model.orders.all.get(order_id) if order_id is not None else None
    if order is None or link_expired(order, context.driver.now_ms()):
        raise ProblemError(404, "this link leads nowhere (any more); ask for a new one")
    return order
