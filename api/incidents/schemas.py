"""What travels about incidents."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.wire import Body, InstantOut, View
from domain.incidents import IncidentState, IncidentType, Severity
from runtime.projections.views import IncidentView


class AcknowledgeIn(Body):
    """A dispatcher has seen an incident."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "Chen"}]})

    by: Annotated[str, Field(max_length=64)] = ""


class ResolveIn(Body):
    """A dispatcher closes an incident."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "called the rider", "by": "Chen"}]})

    reason: Annotated[str, Field(min_length=1, max_length=200)]
    by: Annotated[str, Field(max_length=64)] = ""


class IncidentOut(View):
    """Something that looks or looked wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "incident_id": "incident-4",
                    "type": "gps_signal_loss",
                    "severity": "minor",
                    "state": "open",
                    "order_id": None,
                    "rider_id": "rider-8",
                    "opened_at": "2026-06-05T03:40:00.000Z",
                    "escalated_at": None,
                    "acknowledged_at": None,
                    "acknowledged_by": "",
                    "resolved_at": None,
                    "resolved_reason": "",
                    "evidence": "no position since 11:43:10 (usually every 5 s)",
                    "suggested_action": "call_rider",
                }
            ]
        }
    )

    incident_id: str
    type: IncidentType
    severity: Severity
    state: IncidentState
    order_id: str | None
    rider_id: str | None
    opened_at: InstantOut
    escalated_at: InstantOut | None
    acknowledged_at: InstantOut | None
    acknowledged_by: str
    resolved_at: InstantOut | None
    resolved_reason: str
    evidence: str
    suggested_action: str


class IncidentListOut(View):
    """Incidents in the sequence of opening."""

    incidents: list[IncidentOut]


def incident_out(view: IncidentView) -> IncidentOut:
    """Return an incident as it travels."""
    return IncidentOut(
        incident_id=view.incident_id,
        type=view.type,
        severity=view.severity,
        state=view.state,
        order_id=view.order_id,
        rider_id=view.rider_id,
        opened_at=view.opened_at_ms,
        escalated_at=view.escalated_at_ms,
        acknowledged_at=view.acknowledged_at_ms,
        acknowledged_by=view.acknowledged_by,
        resolved_at=view.resolved_at_ms,
        resolved_reason=view.resolved_reason,
        evidence=view.evidence,
        suggested_action=view.suggested_action,
    )
