"""What happens to shifts; ``domain.events`` lists them with all others."""

from dataclasses import dataclass

from domain.geo import Point
from domain.ids import RiderId
from domain.loads import Capacity, Vehicle
from domain.ports import LocationKey
from domain.units import Millis


@dataclass(frozen=True, slots=True)
class ShiftStarted:
    """A rider came on duty; ``capacity`` is what the rider can carry, None for anything."""

    rider_id: RiderId
    name: str
    point: Point
    location: LocationKey
    ends_at_ms: Millis
    vehicle: Vehicle | None = None
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True)
class ShiftAnnounced:
    """A shift is planned to start at a place and an instant."""

    rider_id: RiderId
    location: LocationKey
    starts_at_ms: Millis
    ends_at_ms: Millis


@dataclass(frozen=True, slots=True)
class ShiftEnded:
    """A rider went off duty."""

    rider_id: RiderId
