"""Ports that two or more packages need. A port with a single consumer lives beside that consumer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.construction import quickly_made
from domain.geo import Point
from domain.units import Millis

LocationKey: TypeAlias = int
"""A place as the street network (or the metric plane) knows it; only ``locate`` makes one."""

LocationKeys: TypeAlias = Sequence[LocationKey] | NDArray[np.int64]


class TravelTimes(Protocol):
    """How long a drive takes. Durations are whole milliseconds; the same key twice takes 0."""

    def locate(self, point: Point) -> LocationKey:
        """Return the key of the place nearest to a point of the city's frame.

        Raises
        ------
        InvalidValueError
            If the point is not finite or lies outside the city.
        """
        ...

    def duration_ms(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> Millis:
        """Return the travel time of one drive that departs at an instant."""
        ...

    def durations_ms(
        self, origins: LocationKeys, destinations: LocationKeys, depart_ms: Millis
    ) -> NDArray[np.int64]:
        """Return travel times in ms, shape (origins, destinations)."""
        ...

    def pair_durations_ms(
        self, origins: LocationKeys, destinations: LocationKeys, depart_ms: Millis
    ) -> NDArray[np.int64]:
        """Return the travel time of each origin to the destination at the same index, in ms."""
        ...


@quickly_made
@dataclass(frozen=True, slots=True)
class StreetPath:
    """The way of one drive.

    Attributes
    ----------
    keys : tuple of int
        Location keys passed, from origin to destination; one when they are the same; empty without streets.
    passed_ms : tuple of int
        Offset from departure at which each key is passed; same length; the last one is the duration.
    length_m : float
        Length along the streets.
    """

    keys: tuple[LocationKey, ...]
    passed_ms: tuple[Millis, ...]
    length_m: float


class StreetPaths(Protocol):
    """Which way a drive goes, and where a location key is."""

    def path(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> StreetPath:
        """Return the fastest path; its duration equals ``TravelTimes.duration_ms``."""
        ...

    def point(self, key: LocationKey) -> Point:
        """Return where a key is, in the city's frame."""
        ...
