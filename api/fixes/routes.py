"""GPS fixes: the answer comes when they are durable."""

from typing import Annotated

from fastapi import Path

from api.auth import operator_router, problems
from api.context import ApiContext, Context
from api.fixes.schemas import (
    AcceptedBatchOut,
    AcceptedFixesOut,
    FixBatchIn,
    OneOrManyFixes,
    RiderFixesIn,
)
from api.wire import Identifier
from domain.commands import RecordFixes
from domain.errors import UnknownIdError
from domain.events import FixesRejected
from domain.fixes import Fix

router = operator_router("fixes")


@router.post(
    "/riders/{rider_id}/fixes", status_code=202, summary="Report positions", responses=problems(404, 413)
)
async def record_rider_fixes(
    rider_id: Annotated[Identifier, Path(examples=["rider-8"])], body: OneOrManyFixes, context: Context
) -> AcceptedFixesOut:
    """Take one fix, or up to 1,000 in any order, of one rider."""
    reported = body.fixes if isinstance(body, RiderFixesIn) else [body]
    accepted = await _record(context, tuple(fix.fix(rider_id) for fix in reported))
    return AcceptedFixesOut(accepted=accepted, durable_sequence=max(fix.sequence for fix in reported))


@router.post("/fixes", status_code=202, summary="Report positions of riders", responses=problems(404, 413))
async def record_fixes(body: FixBatchIn, context: Context) -> AcceptedBatchOut:
    """Take up to 1,000 fixes of several riders, in any order."""
    accepted = await _record(context, tuple(fix.fix(fix.rider_id) for fix in body.fixes))
    durable: dict[str, int] = {}
    for fix in body.fixes:
        durable[fix.rider_id] = max(fix.sequence, durable.get(fix.rider_id, 0))
    return AcceptedBatchOut(accepted=accepted, durable_sequences=durable)


async def _record(context: ApiContext, fixes: tuple[Fix, ...]) -> int:
    for fix in fixes:
        if fix.rider_id not in context.model.riders.views:
            raise UnknownIdError("rider", fix.rider_id)
    events = await context.driver.submit(RecordFixes(fixes))
    return len(fixes) - sum(event.count for event in events if isinstance(event, FixesRejected))
