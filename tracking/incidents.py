"""The book of incidents: one open incident for each type and subject, however often it is found."""

from dataclasses import dataclass, field

from domain.errors import UnknownIdError, WrongStateError
from domain.events import (
    Event,
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
)
from domain.ids import CountedIds, IncidentId, OrderId, RiderId
from domain.incidents import IncidentState, IncidentType, Severity
from domain.units import Millis
from tracking.findings import Finding, Standing

_KIND = "incident"
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def order_subject(order_id: OrderId) -> str:
    """Return the key under which the book keeps incidents of an order."""
    return "order/" + order_id


def rider_subject(rider_id: RiderId) -> str:
    """Return the key under which the book keeps incidents of a rider."""
    return "rider/" + rider_id


@dataclass(frozen=True, slots=True)
class Concern:
    """What an incident is about: the subject that detectors look at, and whom it concerns.

    Attributes
    ----------
    subject : str
        What is looked at: ``order_subject`` or ``rider_subject``.
    order_id, rider_id : str or None
        Whom it concerns.
    """

    subject: str
    order_id: OrderId | None = None
    rider_id: RiderId | None = None


@dataclass(slots=True)
class Incident:
    """One open incident.

    Attributes
    ----------
    incident_id : str
        Its identifier.
    type : IncidentType
        What looks wrong.
    subject : str
        The order or rider concerned.
    severity : Severity
        The worst it has been.
    state : IncidentState
        Open or acknowledged.
    clear_since_ms : int
        Since when the condition is gone, -1 while it is met.
    clear_reason : str
        Why it is gone.
    """

    incident_id: IncidentId
    type: IncidentType
    subject: str
    severity: Severity
    state: IncidentState = IncidentState.OPEN
    clear_since_ms: Millis = -1
    clear_reason: str = ""


@dataclass(slots=True)
class IncidentBook:
    """Open incidents; closed ones are forgotten, their numbers tell that they were there.

    Attributes
    ----------
    open : dict of str to Incident
        By identifier.
    by_subject : dict of str to dict of IncidentType to str
        Identifier by subject and type.
    waived : dict of str to dict of IncidentType to Severity
        Conditions that a dispatcher closed while they were still met, by subject and type, and how bad they
        were: not opened again before they are clear or worse.
    ids : CountedIds
        Where identifiers come from.
    """

    open: dict[IncidentId, Incident] = field(default_factory=dict)
    by_subject: dict[str, dict[IncidentType, IncidentId]] = field(default_factory=dict)
    waived: dict[str, dict[IncidentType, Severity]] = field(default_factory=dict)
    ids: CountedIds = field(default_factory=CountedIds)

    def take_in(self, kind: IncidentType, concern: Concern, finding: Finding, now_ms: Millis) -> list[Event]:
        """Open, escalate, keep or let go an incident after a look."""
        incident_id = self.find(kind, concern.subject)
        if finding.standing is Standing.MET:
            if incident_id is None:
                return self._open(kind, concern, finding)
            return self._keep(self.open[incident_id], finding)
        if finding.standing is not Standing.UNCERTAIN:
            self._unwaive(kind, concern.subject)
            if incident_id is not None:
                return self._let_go(self.open[incident_id], finding, now_ms)
        return []

    def settles_at_ms(self, incident_id: IncidentId, settle_ms: Millis) -> Millis | None:
        """Return when a clear incident resolves by itself, None while it is met, or closed."""
        incident = self.open.get(incident_id)
        if incident is None or incident.clear_since_ms < 0:
            return None
        return incident.clear_since_ms + settle_ms

    def settle(self, incident_id: IncidentId) -> list[Event]:
        """Resolve an incident that has been clear for long enough."""
        return [self._close(self.open[incident_id], self.open[incident_id].clear_reason)]

    def is_quiet(self, subject: str) -> bool:
        """Tell whether nothing is open or waived about a subject: then only what is met needs the book."""
        return subject not in self.by_subject and subject not in self.waived

    def find(self, kind: IncidentType, subject: str) -> IncidentId | None:
        """Return the open incident of a type and subject."""
        return self.by_subject.get(subject, {}).get(kind)

    def end(self, subject: str, reason: str) -> list[Event]:
        """Resolve everything about an order or rider that is no longer watched, oldest first."""
        self.waived.pop(subject, None)
        incident_ids = list(self.by_subject.get(subject, {}).values())
        return [self._close(self.open[incident_id], reason) for incident_id in incident_ids]

    def acknowledge(self, incident_id: IncidentId, by: str) -> list[Event]:
        """Note that a dispatcher has seen an incident.

        Raises
        ------
        UnknownIdError
            If there never was such an incident.
        WrongStateError
            If it is acknowledged or resolved already.
        """
        incident = self._get(incident_id, "acknowledge")
        if incident.state is not IncidentState.OPEN:
            raise WrongStateError(_KIND, incident_id, str(incident.state), "acknowledge", ("resolve",))
        incident.state = IncidentState.ACKNOWLEDGED
        return [IncidentAcknowledged(incident_id, by)]

    def resolve(self, incident_id: IncidentId, reason: str, by: str) -> list[Event]:
        """Close an incident for a dispatcher; while its condition lasts, only a worse one opens again.

        Raises
        ------
        UnknownIdError
            If there never was such an incident.
        WrongStateError
            If it is resolved already.
        """
        incident = self._get(incident_id, "resolve")
        if incident.clear_since_ms < 0:
            self.waived.setdefault(incident.subject, {})[incident.type] = incident.severity
        return [self._close(incident, reason, by)]

    def _get(self, incident_id: IncidentId, step: str) -> Incident:
        incident = self.open.get(incident_id)
        if incident is not None:
            return incident
        if self._was_opened(incident_id):
            raise WrongStateError(_KIND, incident_id, str(IncidentState.RESOLVED), step, ())
        raise UnknownIdError(_KIND, incident_id)

    def _was_opened(self, incident_id: IncidentId) -> bool:
        number = incident_id.removeprefix(f"{_KIND}-")
        if not (number.isascii() and number.isdecimal()) or len(number) > 18:
            return False
        last = self.ids.counts.get(_KIND, 0)
        return f"{_KIND}-{int(number)}" == incident_id and 1 <= int(number) <= last

    def _open(self, kind: IncidentType, concern: Concern, finding: Finding) -> list[Event]:
        waived = self.waived.get(concern.subject, {}).get(kind)
        if waived is not None and _RANK[finding.severity] <= _RANK[waived]:
            return []
        self._unwaive(kind, concern.subject)
        incident_id = self.ids.next_id(_KIND)
        self.open[incident_id] = Incident(incident_id, kind, concern.subject, finding.severity)
        self.by_subject.setdefault(concern.subject, {})[kind] = incident_id
        opened = IncidentOpened(
            incident_id,
            kind,
            finding.severity,
            concern.order_id,
            concern.rider_id,
            finding.evidence,
            finding.suggested_action,
        )
        return [opened]

    def _keep(self, incident: Incident, finding: Finding) -> list[Event]:
        incident.clear_since_ms = -1
        if _RANK[finding.severity] <= _RANK[incident.severity]:
            return []
        incident.severity = finding.severity
        return [IncidentEscalated(incident.incident_id, finding.severity, finding.evidence)]

    def _let_go(self, incident: Incident, finding: Finding, now_ms: Millis) -> list[Event]:
        if finding.standing is Standing.OVER:
            return [self._close(incident, finding.reason)]
        if incident.clear_since_ms < 0:
            incident.clear_since_ms = now_ms
            incident.clear_reason = finding.reason
        return []

    def _close(self, incident: Incident, reason: str, by: str = "") -> IncidentResolved:
        del self.open[incident.incident_id]
        others = self.by_subject[incident.subject]
        del others[incident.type]
        if not others:
            del self.by_subject[incident.subject]
        return IncidentResolved(incident.incident_id, reason, by)

    def _unwaive(self, kind: IncidentType, subject: str) -> None:
        waived = self.waived.get(subject)
        if waived is not None and waived.pop(kind, None) is not None and not waived:
            del self.waived[subject]
