"""Incidents as the events tell them."""

from dataclasses import dataclass, field, replace

from domain.events import (
    Event,
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
)
from domain.ids import IncidentId
from domain.incidents import IncidentState
from domain.units import Millis
from runtime.projections.views import IncidentView


@dataclass(slots=True)
class Incidents:
    """All incidents by id, and those that are not resolved apart; both in the sequence of opening."""

    all: dict[IncidentId, IncidentView] = field(default_factory=dict)
    unresolved: dict[IncidentId, IncidentView] = field(default_factory=dict)

    def apply(self, event: Event, at_ms: Millis) -> None:
        """Take in one event; events that are not about incidents change nothing."""
        match event:
            case IncidentOpened():
                self._store(
                    IncidentView(
                        incident_id=event.incident_id,
                        type=event.type,
                        severity=event.severity,
                        state=IncidentState.OPEN,
                        order_id=event.order_id,
                        rider_id=event.rider_id,
                        opened_at_ms=at_ms,
                        evidence=event.evidence,
                        suggested_action=event.suggested_action,
                    )
                )
            case IncidentEscalated(incident_id=key, severity=severity, evidence=evidence):
                view = self.all[key]
                self._store(replace(view, severity=severity, evidence=evidence, escalated_at_ms=at_ms))
            case IncidentAcknowledged(incident_id=key, by=by):
                view = replace(self.all[key], acknowledged_at_ms=at_ms, acknowledged_by=by)
                self._store(replace(view, state=IncidentState.ACKNOWLEDGED))
            case IncidentResolved(incident_id=key, reason=reason, by=by):
                view = replace(self.all[key], resolved_at_ms=at_ms, resolved_reason=reason, resolved_by=by)
                self._store(replace(view, state=IncidentState.RESOLVED))
            case _:
                pass

    def _store(self, view: IncidentView) -> None:
        self.all[view.incident_id] = view
        if view.state is IncidentState.RESOLVED:
            self.unresolved.pop(view.incident_id, None)
        else:
            self.unresolved[view.incident_id] = view
