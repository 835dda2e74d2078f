"""``/riders``: shifts, breakdowns and views."""

from typing import Annotated

from fastapi import Path

from api.auth import operator_router, problems
from api.context import ApiContext, Context
from api.riders.schemas import BreakdownIn, NextShiftIn, RiderListOut, RiderOut, ShiftIn, rider_out
from api.wire import Identifier
from domain.commands import AnnounceShift, EndShift, ReportBreakdown, StartShift
from domain.errors import UnknownIdError
from domain.geo import Point
from domain.ids import RiderId

router = operator_router("riders")

RiderPath = Annotated[Identifier, Path(examples=["rider-8"])]


@router.get("/riders", summary="List riders on duty")
async def list_riders(context: Context) -> RiderListOut:
    """Return everybody on duty."""
    return RiderListOut(riders=[rider_out(view) for view in context.model.riders.on_duty()])


@router.get("/riders/{rider_id}", summary="Show a rider", responses=problems(404))
async def show_rider(rider_id: RiderPath, context: Context) -> RiderOut:
    """Return a rider, on duty or not."""
    return _rider(context, rider_id)


@router.post(
    "/riders/{rider_id}/shift", status_code=201, summary="Start a shift", responses=problems(404, 409)
)
async def start_shift(rider_id: RiderPath, body: ShiftIn, context: Context) -> RiderOut:
    """Bring a rider on duty until an instant; an unknown id is a new rider."""
    point = Point(body.lon, body.lat)
    await context.driver.submit(
        StartShift(rider_id, point, body.ends_at, body.name, body.vehicle, body.carries())
    )
    return _rider(context, rider_id)


@router.put(
    "/riders/{rider_id}/next-shift", status_code=204, summary="Announce a shift", responses=problems(409)
)
async def announce_shift(rider_id: RiderPath, body: NextShiftIn, context: Context) -> None:
    """Let dispatch count on a rider shortly before the shift starts; a later announcement replaces it."""
    point = Point(body.lon, body.lat)
    await context.driver.submit(
        AnnounceShift(rider_id, point, body.starts_at, body.ends_at, body.vehicle, body.carries())
    )


@router.delete("/riders/{rider_id}/shift", summary="End a shift", responses=problems(404, 409))
async def end_shift(rider_id: RiderPath, context: Context) -> RiderOut:
    """Let a rider go off duty: at once when idle, else after the trip."""
    await context.driver.submit(EndShift(rider_id))
    return _rider(context, rider_id)


@router.post("/riders/{rider_id}/breakdown", summary="Report a breakdown", responses=problems(404, 409))
async def report_breakdown(rider_id: RiderPath, body: BreakdownIn, context: Context) -> RiderOut:
    """Take a rider who cannot go on off duty at once; others get the orders, those in the bag as well."""
    point = None if body.place is None else body.place.point()
    await context.driver.submit(ReportBreakdown(rider_id, body.reason, point))
    return _rider(context, rider_id)


def _rider(context: ApiContext, rider_id: RiderId) -> RiderOut:
    view = context.model.riders.get(rider_id)
    if view is None:
        raise UnknownIdError("rider", rider_id)
    return rider_out(view)
