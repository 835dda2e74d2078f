"""A local plane in meters, and the box of a city: what makes checking and projecting a fix cheap."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from domain.geo import EARTH_RADIUS_M, Frame, Point
from domain.places import City


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """Meters east and north of a reference point.

    Attributes
    ----------
    reference : Point
        The origin, in the city's frame.
    east_m, north_m : float
        Meters of one unit of x and of y: equirectangular around the reference, below 0.1 % of error across a
        city.
    """

    reference: Point
    east_m: float
    north_m: float

    def meters(self, point: Point) -> tuple[float, float]:
        """Return a point as meters east and north."""
        return (point.x - self.reference.x) * self.east_m, (point.y - self.reference.y) * self.north_m


@dataclass(frozen=True, slots=True)
class Box:
    """Where a fix may be, in the city's frame."""

    min_x: float
    min_y: float
    max_x: float
    max_y: float

    def contains(self, point: Point) -> bool:
        """Tell whether a point lies inside; what is not a number does not."""
        return self.min_x <= point.x <= self.max_x and self.min_y <= point.y <= self.max_y


def plane_of(city: City) -> LocalPlane:
    """Return the plane around the middle of a city."""
    box = _box(_places(city), city.frame)
    middle = Point((box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2)
    if city.frame is Frame.PLANE:
        return LocalPlane(middle, 1.0, 1.0)
    degree_m = math.radians(1.0) * EARTH_RADIUS_M
    return LocalPlane(middle, degree_m * math.cos(math.radians(middle.y)), degree_m)


def reach_of(city: City, margin_m: float) -> Box:
    """Return the box around all merchants and zones of a city, widened by a margin."""
    box, plane = _box(_places(city), city.frame), plane_of(city)
    east, north = margin_m / plane.east_m, margin_m / plane.north_m
    return Box(box.min_x - east, box.min_y - north, box.max_x + east, box.max_y + north)


def _places(city: City) -> list[Point]:
    corners = [corner for zone in city.zones for corner in zone.polygon]
    return [merchant.point for merchant in city.merchants] + corners


def _box(points: Iterable[Point], frame: Frame) -> Box:
    xs, ys = [], []
    for point in points:
        xs.append(point.x)
        ys.append(point.y)
    if not xs:
        # A city without places has no box to speak of: anywhere on Earth, or on the plane, will do.
        return Box(-1e9, -1e9, 1e9, 1e9) if frame is Frame.PLANE else Box(-180.0, -90.0, 180.0, 90.0)
    return Box(min(xs), min(ys), max(xs), max(ys))
