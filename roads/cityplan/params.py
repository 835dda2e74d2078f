"""What a synthetic city is like."""

from dataclasses import dataclass, fields

from domain.errors import InvalidValueError

_ALLOWED = {
    "center_lon_deg": (-180.0, 180.0),
    "center_lat_deg": (-80.0, 80.0),
    "ring_radius_m": (2200.0, 2700.0),
    "old_town_radius_m": (600.0, 850.0),
    "river_width_m": (80.0, 180.0),
    "bridges": (4, 6),
    "inner_spacing_m": (140.0, 220.0),
    "outer_spacing_m": (180.0, 300.0),
    "lane_spacing_m": (80.0, 140.0),
    "missing_share": (0.0, 0.3),
    "one_way_share": (0.0, 0.6),
}


@dataclass(frozen=True, slots=True)
class CityParams:
    """Parameters of a synthetic city of 8 x 8 km.

    Attributes
    ----------
    center_lon_deg, center_lat_deg : float
        Where its middle is laid on the globe.
    ring_radius_m : float
        Mean radius of the ring road.
    old_town_radius_m : float
        Radius of the old town inside its wall road.
    river_width_m : float
        Width of the river.
    bridges : int
        How many bridges: two of the ring, one of the main avenue, and one for each further avenue.
    inner_spacing_m, outer_spacing_m : float
        Mean distance of parallel streets inside and outside the ring.
    lane_spacing_m : float
        Mean distance of crossings in the old town.
    missing_share : float
        Share of the grid's blocks that have grown together.
    one_way_share : float
        Share of the old town's lanes that are tried as one-way streets.
    """

    center_lon_deg: float = 120.15
    center_lat_deg: float = 30.27
    ring_radius_m: float = 2450.0
    old_town_radius_m: float = 820.0
    river_width_m: float = 130.0
    bridges: int = 5
    inner_spacing_m: float = 165.0
    outer_spacing_m: float = 215.0
    lane_spacing_m: float = 100.0
    missing_share: float = 0.1
    one_way_share: float = 0.35

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = _ALLOWED[field.name]
            value = getattr(self, field.name)
            if not low <= value <= high:
                raise InvalidValueError(field.name, value, f"{low} to {high}")


HALF_CITY_M = 4000.0
"""From the middle of the city to each of its four sides."""
