"""``/orders``: taking orders, and every step until they are delivered or canceled."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from api.auth import operator_router, problems
from api.context import ApiContext, Context
from api.orders.schemas import (
    ArriveIn,
    AssignIn,
    CancelIn,
    ConfirmIn,
    DeclineIn,
    OrderDetailOut,
    OrderOut,
    OrderPageOut,
    PlacedOrderOut,
    PlaceOrderIn,
    ReleaseIn,
    RiderIn,
    TrackingLinkOut,
    order_detail_out,
    order_fields,
    order_out,
)
from api.tickets import Audience
from api.wire import Identifier
from domain.commands import (
    AcceptOffer,
    ArriveAtDoor,
    ArriveAtMerchant,
    CancelOrder,
    Command,
    ConfirmOrder,
    DeclineOffer,
    DeliverOrder,
    MarkOrderReady,
    PickUpOrder,
    PinOrder,
    PlaceOrder,
    ReleaseOrder,
)
from domain.errors import ConflictError
from domain.events import OrderPlaced
from domain.ids import OrderId, RiderId, TripId
from domain.orders import OrderState

router = operator_router("orders")

OrderPath = Annotated[Identifier, Path(examples=["order-17"])]
StateFilter = Literal["open"] | OrderState


@router.post("/orders", status_code=201, summary="Place an order", responses=problems(404))
async def place_order(body: PlaceOrderIn, context: Context, response: Response) -> PlacedOrderOut:
    """Take an order, promise an arrival, and return the link by which its customer can follow it."""
    events = await context.driver.submit(
        PlaceOrder(
            merchant_id=body.merchant_id,
            dropoff=body.dropoff.point(),
            value_cents=body.value_cents,
            ready_at_ms=body.ready_at,
            reference=body.reference,
            load=body.load(),
            window=body.window.window() if body.window else None,
        )
    )
    placed = next(event for event in events if isinstance(event, OrderPlaced))
    response.headers["Location"] = f"/orders/{placed.order_id}"
    return PlacedOrderOut.model_validate(
        {**order_fields(context.order(placed.order_id)), **_new_link(context, placed.order_id).model_dump()}
    )


@router.get("/orders", summary="List orders, the latest first")
async def list_orders(
    context: Context,
    state: Annotated[StateFilter | None, Query(description="A state, or `open`.")] = None,
    zone: Annotated[Identifier | None, Query()] = None,
    rider_id: Annotated[Identifier | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[int | None, Query(ge=1, description="`next_cursor` of the page before.")] = None,
) -> OrderPageOut:
    """Return a page of orders; the cursor stays right while new orders come in."""
    orders = context.model.orders
    chosen: list[OrderOut] = []
    number = len(orders.all)
    for view in orders.newest_first():
        if (
            (cursor is None or number < cursor)
            and (state is None or (view.order_id in orders.open if state == "open" else view.state == state))
            and (zone in {None, "all"} or view.zone_id == zone)
            and (rider_id is None or view.rider_id == rider_id)
        ):
            if len(chosen) == limit:
                return OrderPageOut(orders=chosen, next_cursor=str(number + 1))
            chosen.append(order_out(view))
        number -= 1
    return OrderPageOut(orders=chosen, next_cursor=None)


@router.get("/orders/{order_id}", summary="Show an order with its timeline", responses=problems(404))
async def show_order(order_id: OrderPath, context: Context) -> OrderDetailOut:
    """Return an order, what happened to it, and why it got its rider, or none."""
    view = context.order(order_id)
    timeline = context.model.orders.timelines[order_id]
    return order_detail_out(view, timeline, context.model.explanation(order_id))


@router.post("/orders/{order_id}/accept", summary="Accept the offer", responses=problems(404, 409))
async def accept(order_id: OrderPath, body: RiderIn, context: Context) -> OrderOut:
    """Let a rider take the trip that the order was offered with."""
    trip_id = _offered_trip(context, order_id, body.rider_id)
    return await _step(context, order_id, AcceptOffer(body.rider_id, trip_id))


@router.post("/orders/{order_id}/decline", summary="Decline the offer", responses=problems(404, 409))
async def decline(order_id: OrderPath, body: DeclineIn, context: Context) -> OrderOut:
    """Let a rider turn down the trip that the order was offered with; it goes to somebody else."""
    trip_id = _offered_trip(context, order_id, body.rider_id)
    return await _step(context, order_id, DeclineOffer(body.rider_id, trip_id, body.reason))


@router.post("/orders/{order_id}/confirm", summary="Acknowledge in the kitchen", responses=problems(404, 409))
async def confirm(order_id: OrderPath, context: Context, body: ConfirmIn | None = None) -> OrderOut:
    """Note that the merchant acknowledges the order, and when it will be ready."""
    return await _step(context, order_id, ConfirmOrder(order_id, body.ready_at if body else None))


@router.post("/orders/{order_id}/ready", summary="Mark as ready", responses=problems(404, 409))
async def ready(order_id: OrderPath, context: Context) -> OrderOut:
    """Note that the food is ready."""
    return await _step(context, order_id, MarkOrderReady(order_id))


@router.post("/orders/{order_id}/arrive", summary="Report an arrival", responses=problems(404, 409))
async def arrive(order_id: OrderPath, body: ArriveIn, context: Context) -> OrderOut:
    """Note that the rider is at the merchant or at the door of the order."""
    if body.at == "door":
        return await _step(context, order_id, ArriveAtDoor(body.rider_id, order_id))
    _require_rider(context, order_id, body.rider_id)
    return await _step(context, order_id, ArriveAtMerchant(body.rider_id))


@router.post("/orders/{order_id}/pick-up", summary="Pick up", responses=problems(404, 409))
async def pick_up(order_id: OrderPath, body: RiderIn, context: Context) -> OrderOut:
    """Note that the rider has the food."""
    return await _step(context, order_id, PickUpOrder(body.rider_id, order_id))


@router.post("/orders/{order_id}/deliver", summary="Deliver", responses=problems(404, 409))
async def deliver(order_id: OrderPath, body: RiderIn, context: Context) -> OrderOut:
    """Note that the order was handed over."""
    return await _step(context, order_id, DeliverOrder(body.rider_id, order_id))


@router.post("/orders/{order_id}/assign", summary="Assign by hand", responses=problems(404, 409))
async def assign(order_id: OrderPath, body: AssignIn, context: Context) -> OrderOut:
    """Give the order to a rider of your choice; no policy moves it until it is released or picked up.

    The offer goes out at once, or when the rider's present trip is over; meanwhile the order is nobody
    else's. One that another rider has, and has not picked up, is taken from that rider. The pin falls, and
    the order is anybody's again, when the rider declines, breaks down, falls silent or goes off duty.
    """
    return await _step(context, order_id, PinOrder(order_id, body.rider_id, body.by))


@router.post("/orders/{order_id}/release", summary="Release", responses=problems(404, 409))
async def release(order_id: OrderPath, context: Context, body: ReleaseIn | None = None) -> OrderOut:
    """Leave an order that was assigned by hand to the policy again; a rider who has it keeps it."""
    return await _step(context, order_id, ReleaseOrder(order_id, body.by if body else ""))


@router.post("/orders/{order_id}/cancel", summary="Cancel", responses=problems(404, 409))
async def cancel(order_id: OrderPath, context: Context, body: CancelIn | None = None) -> OrderOut:
    """Call the order off; possible until it is picked up."""
    return await _step(context, order_id, CancelOrder(order_id, body.reason if body else ""))


@router.post("/orders/{order_id}/tracking-link", status_code=201, summary="New link", responses=problems(404))
async def new_tracking_link(order_id: OrderPath, context: Context) -> TrackingLinkOut:
    """Return a new link for the customer; the former one, and whoever follows by it, is cut off."""
    context.order(order_id)
    context.tickets.revoke(Audience(order_id))
    context.live.expel_customers(order_id)
    return _new_link(context, order_id)


async def _step(context: ApiContext, order_id: OrderId, command: Command) -> OrderOut:
    context.order(order_id)
    await context.driver.submit(command)
    return order_out(context.order(order_id))


def _new_link(context: ApiContext, order_id: OrderId) -> TrackingLinkOut:
    token = context.links.issue(order_id)
    return TrackingLinkOut(tracking_token=token, tracking_url=f"{context.public_url or ''}/track#{token}")


def _require_rider(context: ApiContext, order_id: OrderId, rider_id: RiderId) -> None:
    holder = context.order(order_id).rider_id
    if holder != rider_id:
        named = f"rider {holder!r}" if holder else "no rider"
        raise ConflictError(f"order {order_id!r} is with {named}, not with rider {rider_id!r}")


def _offered_trip(context: ApiContext, order_id: OrderId, rider_id: RiderId) -> TripId:
    _require_rider(context, order_id, rider_id)
    trip_id = context.order(order_id).trip_id
    if trip_id is None:
        raise ConflictError(f"order {order_id!r} is not offered to anybody now")
    return trip_id
