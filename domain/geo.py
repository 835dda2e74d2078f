"""Points, distances and polygons, in a city's own frame.

A city has one frame: ``wgs84`` (x = longitude, y = latitude, in degrees) or ``plane`` (x, y in meters).
A point never changes its frame; the Grubhub instances stay in their plane to the last digit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth in meters (IUGG 1980)."""


class Frame(StrEnum):
    """How the two numbers of a point are meant."""

    WGS84 = "wgs84"
    PLANE = "plane"


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the city's frame.

    Attributes
    ----------
    x : float
        Longitude in degrees (``wgs84``) or meters east (``plane``).
    y : float
        Latitude in degrees (``wgs84``) or meters north (``plane``).
    """

    x: float
    y: float


def distance_m(a: Point, b: Point, frame: Frame) -> float:
    """Return the straight distance between two points in meters.

    In ``wgs84`` the equirectangular approximation is used: below 0.1 % of error across a city.
    """
    if frame is Frame.PLANE:
        return math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2)
    east = math.radians(b.x - a.x) * math.cos(math.radians((a.y + b.y) / 2))
    north = math.radians(b.y - a.y)
    return EARTH_RADIUS_M * math.sqrt(east * east + north * north)


def offset(point: Point, east_m: float, north_m: float, frame: Frame) -> Point:
    """Return the point moved by so many meters east and north."""
    if frame is Frame.PLANE:
        return Point(point.x + east_m, point.y + north_m)
    north_deg = math.degrees(north_m / EARTH_RADIUS_M)
    east_deg = math.degrees(east_m / (EARTH_RADIUS_M * math.cos(math.radians(point.y))))
    return Point(point.x + east_deg, point.y + north_deg)


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Tell whether a point lies inside a simple polygon (even-odd rule; the closing edge is implied)."""
    inside = False
    previous = polygon[-1]
    for corner in polygon:
        if (corner.y > point.y) != (previous.y > point.y):
            share = (point.y - corner.y) / (previous.y - corner.y)
            if point.x < corner.x + share * (previous.x - corner.x):
                inside = not inside
        previous = corner
    return inside
