"""A light clip of the city around one order, for a map without a map library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from domain.geo import Frame, Point, distance_m, offset

MARGIN_M = 300.0
MARGIN_SHARE = 0.3
"""How much of the city is shown around the way, on each side: the larger of the two."""
ASPECT = 1.6
"""Width by height of the customer's map, which would else have bare sides."""

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north."""


@dataclass(frozen=True, slots=True)
class Background:
    """A line of the city with its bounding box."""

    box: Box
    line: tuple[tuple[float, float], ...]


class MiniMap:
    """Streets and water of a city, ready to be clipped.

    Parameters
    ----------
    features : sequence of dict
        GeoJSON features with the property ``kind``: ``street``, ``river`` or ``water``; others are left out.
    """

    def __init__(self, features: Sequence[dict[str, Any]]) -> None:
        self._streets = [line for line in _lines(features, {"street"}) if len(line.line) > 1]
        self._water = list(_lines(features, {"river", "water"}))

    def clip(self, points: Sequence[Point]) -> tuple[list[list[tuple[float, float]]], ...]:
        """Return streets and water around some points; lines are cut at the box, areas are not."""
        box = _box_around(points)
        streets = [part for street in self._streets for part in _inside(street, box)]
        water = [list(area.line) for area in self._water if _overlap(area.box, box)]
        return streets, water


def _lines(features: Sequence[dict[str, Any]], kinds: set[str]) -> Iterator[Background]:
    for feature in features:
        if feature["properties"].get("kind") in kinds:
            geometry = feature["geometry"]
            coordinates = geometry["coordinates"]
            for one in [coordinates] if geometry["type"] == "LineString" else coordinates:
                line = tuple((float(lon), float(lat)) for lon, lat in one)
                yield Background(_box_of(line), line)


def _box_of(line: Sequence[tuple[float, float]]) -> Box:
    lons, lats = [lon for lon, _ in line], [lat for _, lat in line]
    return min(lons), min(lats), max(lons), max(lats)


def _box_around(points: Sequence[Point]) -> Box:
    west, south, east, north = _box_of([(point.x, point.y) for point in points])
    middle = Point((west + east) / 2, (south + north) / 2)
    width_m = _with_margins(distance_m(Point(west, middle.y), Point(east, middle.y), Frame.WGS84))
    height_m = _with_margins(distance_m(Point(middle.x, south), Point(middle.x, north), Frame.WGS84))
    width_m, height_m = max(width_m, height_m * ASPECT), max(height_m, width_m / ASPECT)
    low = offset(middle, -width_m / 2, -height_m / 2, Frame.WGS84)
    high = offset(middle, width_m / 2, height_m / 2, Frame.WGS84)
    return low.x, low.y, high.x, high.y


def _with_margins(span_m: float) -> float:
    return span_m + 2 * max(MARGIN_M, MARGIN_SHARE * span_m)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _inside(street: Background, box: Box) -> Iterator[list[tuple[float, float]]]:
    """Yield the runs of segments that touch the box: a line leaves it by one corner at most."""
    if not _overlap(street.box, box):
        return
    run: list[tuple[float, float]] = []
    for start, end in zip(street.line, street.line[1:], strict=False):
        if _overlap(_box_of((start, end)), box):
            run = [*run, end] if run else [start, end]
        elif run:
            yield run
            run = []
    if run:
        yield run
