"""Where all simulated riders are at any instant of their present leg; computed when the sensors ask."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.geo import EARTH_RADIUS_M, Frame
from domain.plans import Leg
from domain.ports import LocationKey, StreetPaths
from domain.units import Millis

FIRST_WIDTH = 32
FULL_TURN_DEG = 360.0


def meters_per_unit(frame: Frame, latitude_deg: float) -> tuple[float, float]:
    """Return how many meters one unit of x and of y is, near a latitude."""
    if frame is Frame.PLANE:
        return 1.0, 1.0
    per_deg = math.radians(EARTH_RADIUS_M)
    return per_deg * math.cos(math.radians(latitude_deg)), per_deg


@dataclass(frozen=True, slots=True)
class Positions:
    """Where riders are and how they move, in arrays of one value per rider.

    Attributes
    ----------
    x, y : ndarray
        In the city's frame, shape (riders,).
    speed_mps : ndarray
        0 for those who stand.
    heading_deg : ndarray
        Clockwise from north; meaningless for those who stand.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    heading_deg: NDArray[np.float64]


class Motion:
    """The present leg of every rider, as arrays, so that all positions are interpolated at once.

    Row r holds the points that rider r passes and when; the row is padded with points never reached.

    Parameters
    ----------
    riders : int
        How many there are.
    paths : StreetPaths
        Where location keys are.
    scale_m : tuple of float
        Meters of one unit of x and of y (`meters_per_unit`).
    """

    def __init__(self, riders: int, paths: StreetPaths, scale_m: tuple[float, float]) -> None:
        self._paths = paths
        self._scale_m = scale_m
        self._rows = np.arange(riders)
        self._left_at_ms = np.zeros(riders, dtype=np.float64)
        self._passed_ms = np.full((riders, FIRST_WIDTH), np.inf)
        self._passed_ms[:, 0] = 0.0
        self._x = np.zeros((riders, FIRST_WIDTH))
        self._y = np.zeros((riders, FIRST_WIDTH))
        self.on_duty = np.zeros(riders, dtype=np.bool_)

    def appear(self, rider: int, location: LocationKey) -> None:
        """Put a rider at a place, standing."""
        self.on_duty[rider] = True
        self._set(rider, 0, (location,), (0.0,))

    def disappear(self, rider: int) -> None:
        """Take a rider off the map."""
        self.on_duty[rider] = False

    def drive(self, rider: int, leg: Leg, left_at_ms: Millis, factor: float) -> None:
        """Send a rider along a leg, which takes ``factor`` times as long as planned."""
        if len(leg.path) > 1:
            keys, passed = leg.path, leg.passed_ms
        else:
            keys, passed = (leg.origin, leg.destination), (0, leg.duration_ms)
        self._set(rider, left_at_ms, keys, tuple(at_ms * factor for at_ms in passed))

    def at(self, at_ms: NDArray[np.int64]) -> Positions:
        """Return where everybody is, each rider at an own instant; shape of ``at_ms``: (riders,)."""
        rows = self._rows
        since_ms = np.maximum(at_ms - self._left_at_ms, 0.0)
        piece = (self._passed_ms <= since_ms[:, None]).sum(axis=1) - 1
        begin_ms, end_ms = self._passed_ms[rows, piece], self._passed_ms[rows, piece + 1]
        x, y = self._x[rows, piece], self._y[rows, piece]
        # Behind the last point comes one that is never reached: there the rider stands.
        moves = np.isfinite(end_ms)
        span_ms = np.where(moves, end_ms, begin_ms + 1.0) - begin_ms
        share = np.where(moves, since_ms - begin_ms, 0.0) / span_ms
        dx = np.where(moves, self._x[rows, piece + 1] - x, 0.0)
        dy = np.where(moves, self._y[rows, piece + 1] - y, 0.0)
        east_m, north_m = dx * self._scale_m[0], dy * self._scale_m[1]
        return Positions(
            x=x + share * dx,
            y=y + share * dy,
            speed_mps=np.hypot(east_m, north_m) * 1_000.0 / span_ms,
            heading_deg=np.degrees(np.arctan2(east_m, north_m)) % FULL_TURN_DEG,
        )

    def _set(
        self, rider: int, left_at_ms: Millis, keys: tuple[LocationKey, ...], passed_ms: tuple[float, ...]
    ) -> None:
        count = len(keys)
        while count >= self._passed_ms.shape[1]:
            self._widen()
        points = [self._paths.point(key) for key in keys]
        self._left_at_ms[rider] = left_at_ms
        self._passed_ms[rider, :count] = passed_ms
        self._passed_ms[rider, count:] = np.inf
        self._x[rider, :count] = [point.x for point in points]
        self._y[rider, :count] = [point.y for point in points]

    def _widen(self) -> None:
        self._passed_ms = np.concatenate((self._passed_ms, np.full_like(self._passed_ms, np.inf)), axis=1)
        self._x = np.concatenate((self._x, np.zeros_like(self._x)), axis=1)
        self._y = np.concatenate((self._y, np.zeros_like(self._y)), axis=1)
