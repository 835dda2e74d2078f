"""``/incidents``: what looks wrong, and what dispatchers do about it."""

from typing import Annotated, Literal

from fastapi import Path, Query

from api.auth import operator_router, problems
from api.context import ApiContext, Context
from api.incidents.schemas import AcknowledgeIn, IncidentListOut, IncidentOut, ResolveIn, incident_out
from api.wire import Identifier
from domain.commands import AcknowledgeIncident, ResolveIncident
from domain.errors import UnknownIdError
from domain.ids import IncidentId
from domain.incidents import IncidentState

router = operator_router("incidents")

IncidentPath = Annotated[Identifier, Path(examples=["incident-4"])]


@router.get("/incidents", summary="List incidents")
async def list_incidents(
    context: Context, state: Annotated[IncidentState | Literal["all"], Query()] = IncidentState.OPEN
) -> IncidentListOut:
    """Return incidents in one state, or all, in the sequence of opening."""
    incidents = context.model.incidents
    views = incidents.all if state in {"all", IncidentState.RESOLVED} else incidents.unresolved
    return IncidentListOut(
        incidents=[incident_out(view) for view in views.values() if state in {"all", view.state}]
    )


@router.get("/incidents/{incident_id}", summary="Show an incident", responses=problems(404))
async def show_incident(incident_id: IncidentPath, context: Context) -> IncidentOut:
    """Return one incident with its evidence."""
    return _incident(context, incident_id)


@router.post("/incidents/{incident_id}/acknowledge", summary="Acknowledge", responses=problems(404, 409))
async def acknowledge(
    incident_id: IncidentPath, context: Context, body: AcknowledgeIn | None = None
) -> IncidentOut:
    """Note that a dispatcher has seen it."""
    await context.driver.submit(AcknowledgeIncident(incident_id, body.by if body else ""))
    return _incident(context, incident_id)


@router.post("/incidents/{incident_id}/resolve", summary="Resolve", responses=problems(404, 409))
async def resolve(incident_id: IncidentPath, body: ResolveIn, context: Context) -> IncidentOut:
    """Close it with a reason."""
    await context.driver.submit(ResolveIncident(incident_id, body.reason, body.by))
    return _incident(context, incident_id)


def _incident(context: ApiContext, incident_id: IncidentId) -> IncidentOut:
    view = context.model.incidents.all.get(incident_id)
    if view is None:
        raise UnknownIdError("incident", incident_id)
    return incident_out(view)
