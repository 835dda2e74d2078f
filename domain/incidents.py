"""The words for trouble: kinds and severities of incidents, and the states they go through."""

from enum import StrEnum


class IncidentType(StrEnum):
    """What looks wrong."""

    GPS_SIGNAL_LOSS = "gps_signal_loss"
    LATE_PREDICTED = "late_predicted"
    LATE = "late"


class Severity(StrEnum):
    """How bad it is; within one incident it only escalates."""

    MINOR = "minor"
    SERIOUS = "serious"


class IncidentState(StrEnum):
    """Where an incident is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
