"""A planned drive as a line in meters, and where on it a rider is."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from domain.geo import Point
from domain.plans import Leg
from domain.units import Millis
from tracking.plane import LocalPlane

Segment: TypeAlias = tuple[float, float, float, float, float]
"""x, y, dx, dy in meters, and 1 / length^2 (0 for no length)."""


@dataclass(frozen=True, slots=True)
class LegLine:
    """The line of one drive.

    Attributes
    ----------
    leg : Leg
        The drive.
    starts_m : tuple of float
        Distance along the line at which each segment starts, and the length of the line.
    starts_ms : tuple of int
        Planned offset from departure at which each segment starts, and the planned time of the drive.
    segments : tuple of Segment
        The pieces between neighboring places of the path.
    """

    leg: Leg
    starts_m: tuple[float, ...]
    starts_ms: tuple[Millis, ...]
    segments: tuple[Segment, ...]

    @property
    def length_m(self) -> float:
        """Length of the line."""
        return self.starts_m[-1]

    def place(self, index: int, share: float, off_m: float) -> "Place":
        """Return the place at a share of a segment."""
        start_m, start_ms = self.starts_m[index], self.starts_ms[index]
        long_m, long_ms = self.starts_m[index + 1] - start_m, self.starts_ms[index + 1] - start_ms
        return Place(start_m + share * long_m, off_m, start_ms + int(share * long_ms))


class Place(NamedTuple):
    """A place on a line; a named tuple, for one is made for every fix.

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
    starts = [0.0]
    segments: list[Segment] = []
    for k in range(len(corners) - 1):
        (x, y), (next_x, next_y) = corners[k], corners[k + 1]
        dx, dy = next_x - x, next_y - y
        squared = dx * dx + dy * dy
        inverse = 1.0 / squared if squared > 0 else 0.0
        segments.append((x, y, dx, dy, inverse))
        starts.append(starts[-1] + math.sqrt(squared))
    return LegLine(leg, tuple(starts), tuple(passed_ms), tuple(segments))


def project(line: LegLine, x_m: float, y_m: float, low_m: float, high_m: float) -> Place:
    """Return the place nearest to a point among the segments that touch a window of the line.

    Of equally near places it is the first. Cost: one step for each segment in the window.
    """
    segments, starts = line.segments, line.starts_m
    last = len(segments) - 1
    first = min(max(bisect_right(starts, low_m) - 1, 0), last)
    end = min(max(bisect_right(starts, high_m) - 1, first), last) + 1
    best, best_share, best_squared = first, 0.0, math.inf
    for index in range(first, end):
        x, y, dx, dy, inverse = segments[index]
        east = x_m - x
        north = y_m - y
        share = (east * dx + north * dy) * inverse
        # min and max would cost a third of the whole loop.
        if share < 0.0:
            share = 0.0
        elif share > 1.0:
            share = 1.0
        east -= share * dx
        north -= share * dy
        squared = east * east + north * north
        if squared < best_squared:
            best, best_share, best_squared = index, share, squared
    return line.place(best, best_share, math.sqrt(best_squared))
