"""Travel on a plane without streets: the Grubhub metric, whole minutes along the straight line.

The formula of the public instances is kept to the last bit, ``math.ceil(math.sqrt(dx**2 + dy**2) / speed)``:
no ``hypot``, no detour through WGS-84. The compiled matrix form equals it in every element.
"""

import math

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidValueError
from domain.geo import Frame, Point
from domain.ports import LocationKey, LocationKeys, StreetPath
from domain.units import MINUTE_MS, Millis

COORDINATE_MAX_M = 1e7
"""Coordinates beyond a quarter of the Earth's circumference are a mistake, and huge ones would overflow."""

SPEED_MIN_M_PER_MINUTE = 1.0
SPEED_MAX_M_PER_MINUTE = 100_000.0

FIRST_CAPACITY = 1024


class MetricPlane:
    """Travel times and straight ways between points of a plane.

    Keys count the points in the order in which they were first located: points may become known at any time.

    Parameters
    ----------
    meters_per_minute : float
        Speed of every rider.

    Raises
    ------
    InvalidValueError
        If the speed is not one that a rider could have.
    """

    frame = Frame.PLANE

    def __init__(self, meters_per_minute: float) -> None:
        if not SPEED_MIN_M_PER_MINUTE <= meters_per_minute <= SPEED_MAX_M_PER_MINUTE:
            allowed = f"{SPEED_MIN_M_PER_MINUTE:g} to {SPEED_MAX_M_PER_MINUTE:g} meters in a minute"
            raise InvalidValueError("meters_per_minute", meters_per_minute, allowed)
        self.meters_per_minute = meters_per_minute
        self._keys: dict[tuple[float, float], LocationKey] = {}
        self._x: list[float] = []
        self._y: list[float] = []
        # The same coordinates for numpy, with room to grow.
        self._x_m = np.empty(FIRST_CAPACITY, dtype=np.float64)
        self._y_m = np.empty(FIRST_CAPACITY, dtype=np.float64)

    def __len__(self) -> int:
        """Return how many different points have been located."""
        return len(self._x)

    def locate(self, point: Point) -> LocationKey:
        """Return the key of exactly this point; a point seen for the first time gets the next key.

        Raises
        ------
        InvalidValueError
            If a coordinate is not finite or beyond ``COORDINATE_MAX_M``.
        """
        key = self._keys.get((point.x, point.y))
        return self._register(point) if key is None else key

    def duration_ms(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> Millis:
        """Return the whole minutes between two points, in ms; the departure does not matter here."""
        dx = self._x[origin] - self._x[destination]
        dy = self._y[origin] - self._y[destination]
        return math.ceil(math.sqrt(dx**2 + dy**2) / self.meters_per_minute) * MINUTE_MS

    def durations_ms(
        self, origins: LocationKeys, destinations: LocationKeys, depart_ms: Millis
    ) -> NDArray[np.int64]:
        """Return travel times in ms, shape (origins, destinations), equal to ``duration_ms`` each.

        Cost: about 2 ns each.
        """
        # Kernels load numba, which takes a second: not every command needs it.
        from roads.kernels.plane import FRAGILE, fill_matrix  # noqa: PLC0415

        rows = np.asarray(origins, dtype=np.int64)
        columns = np.asarray(destinations, dtype=np.int64)
        out = np.empty((len(rows), len(columns)), dtype=np.int64)
        if fill_matrix(self._x_m, self._y_m, rows, columns, 1 / self.meters_per_minute, out):
            # By ``argwhere`` this took ten times as long as to fill in the matrix.
            for place in np.flatnonzero(out == FRAGILE).tolist():
                i, j = divmod(place, len(columns))
                out[i, j] = self.duration_ms(rows[i], columns[j], depart_ms)
        return out

    def pair_durations_ms(
        self, origins: LocationKeys, destinations: LocationKeys, depart_ms: Millis
    ) -> NDArray[np.int64]:
        """Return the travel time of each pair in ms, shape (pairs,), equal to ``duration_ms`` each."""
        from roads.kernels.plane import FRAGILE, fill_pairs  # noqa: PLC0415

        starts = np.asarray(origins, dtype=np.int64)
        ends = np.asarray(destinations, dtype=np.int64)
        out = np.empty(len(starts), dtype=np.int64)
        if fill_pairs(self._x_m, self._y_m, starts, ends, 1 / self.meters_per_minute, out):
            for i in np.flatnonzero(out == FRAGILE).tolist():
                out[i] = self.duration_ms(starts[i], ends[i], depart_ms)
        return out

    def path(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> StreetPath:
        """Return the straight way: it passes no key, only its length in meters is known."""
        dx = self._x[origin] - self._x[destination]
        dy = self._y[origin] - self._y[destination]
        return StreetPath(keys=(), passed_ms=(), length_m=math.sqrt(dx**2 + dy**2))

    def point(self, key: LocationKey) -> Point:
        """Return the point of a key."""
        return Point(self._x[key], self._y[key])

    def _register(self, point: Point) -> LocationKey:
        for name, value in (("x", point.x), ("y", point.y)):
            if not abs(value) <= COORDINATE_MAX_M:  # also refuses nan
                raise InvalidValueError(
                    name, value, f"meters between {-COORDINATE_MAX_M:g} and {COORDINATE_MAX_M:g}"
                )
        key = len(self._x)
        if key == len(self._x_m):
            self._x_m = np.concatenate((self._x_m, np.empty_like(self._x_m)))
            self._y_m = np.concatenate((self._y_m, np.empty_like(self._y_m)))
        self._x_m[key], self._y_m[key] = point.x, point.y
        self._x.append(point.x)
        self._y.append(point.y)
        self._keys[point.x, point.y] = key
        return key
