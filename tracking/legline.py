"""A planned drive as a line in meters, and where on it a rider is."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.geo import Point
from domain.plans import Leg
from domain.units import Millis
from tracking.plane import LocalPlane

Segment: TypeAlias = tuple[float, float, float, float, float, float, float, float]
"""x, y, dx, dy, length (m), 1 / length^2 (0 for no length), planned time at its start and along it (ms)."""


@dataclass(frozen=True, slots=True)
class LegLine:
    """The line of one drive.

    Attributes
    ----------
    leg : Leg
        The drive.
    starts_m : tuple of float
        Distance along the line at which each segment starts.
    segments : tuple of Segment
        The pieces between neighboring places of the path.
    length_m : float
        Length of the line.
    """

    leg: Leg
    starts_m: tuple[float, ...]
    segments: tuple[Segment, ...]
    length_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a line.

    Attributes
    ----------
    progress_m : float
        Distance along the line.
    off_m : float
        Distance from the line.
    driven_ms : int
        Planned driving time up to there.
    """

    progress_m: float
    off_m: float
    driven_ms: Millis


def draw_line(leg: Leg, points: Sequence[Point], passed_ms: Sequence[Millis], plane: LocalPlane) -> LegLine:
    """Draw the line of a drive through points that are passed at given offsets from departure."""
    corners = [plane.meters(point) for point in points]
    if len(corners) == 1:
        corners, passed_ms = corners * 2, (passed_ms[0], passed_ms[0])
    starts: list[float] = []
    segments: list[Segment] = []
    length_m = 0.0
    for k in range(len(corners) - 1):
        (x, y), (next_x, next_y) = corners[k], corners[k + 1]
        dx, dy = next_x - x, next_y - y
        squared = dx * dx + dy * dy
        inverse = 1.0 / squared if squared > 0 else 0.0
        long_m = math.sqrt(squared)
        starts.append(length_m)
        segments.append((x, y, dx, dy, long_m, inverse, passed_ms[k], passed_ms[k + 1] - passed_ms[k]))
        length_m += long_m
    return LegLine(leg, tuple(starts), tuple(segments), length_m)


def project(line: LegLine, x_m: float, y_m: float, low_m: float, high_m: float) -> Place:
    """Return the place nearest to a point among the segments that touch a window of the line.

    Of equally near places it is the first. Cost: one step for each segment in the window.
    """
    segments, starts = line.segments, line.starts_m
    index = max(bisect_right(starts, low_m) - 1, 0)
    end = len(segments)
    best, best_share, best_squared = index, 0.0, math.inf
    while index < end and starts[index] <= high_m:
        x, y, dx, dy, _, inverse, _, _ = segments[index]
        east, north = x_m - x, y_m - y
        share = (east * dx + north * dy) * inverse
        share = 0.0 if share < 0.0 else min(share, 1.0)
        east -= share * dx
        north -= share * dy
        squared = east * east + north * north
        if squared < best_squared:
            best, best_share, best_squared = index, share, squared
        index += 1
    length, start_ms, long_ms = segments[best][4], segments[best][6], segments[best][7]
    progress_m = starts[best] + best_share * length
    return Place(progress_m, math.sqrt(best_squared), int(start_ms + best_share * long_ms))
