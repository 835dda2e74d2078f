"""GPS fixes as every source delivers them: SI units, WGS-84 (or the city's plane), UTC ms."""

from dataclasses import dataclass

from domain.geo import Point
from domain.ids import RiderId
from domain.units import Millis


@dataclass(frozen=True, slots=True)
class Fix:
    """One position report of one rider.

    Attributes
    ----------
    rider_id : str
        Whose position.
    fixed_at_ms : int
        The device's stamp of the measurement.
    sequence : int
        The device's own count of its fixes, from 0; with ``rider_id`` and ``fixed_at_ms`` the fix's identity.
    point : Point
        Reported position in the city's frame.
    accuracy_m : float
        Reported 68 % radius in meters.
    speed_mps : float or None
        Reported speed, None where unknown.
    heading_deg : float or None
        Reported course over ground, clockwise from north, None where unknown.
    """

    rider_id: RiderId
    fixed_at_ms: Millis
    sequence: int
    point: Point
    accuracy_m: float
    speed_mps: float | None = None
    heading_deg: float | None = None
