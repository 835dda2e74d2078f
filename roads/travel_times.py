"""Fastest ways through a street network: scipy's Dijkstra behind the networkx graph."""

import math
from collections.abc import Iterable

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from domain.errors import InvalidValueError
from domain.geo import EARTH_RADIUS_M, Point
from domain.ports import LocationKey, LocationKeys, StreetPath
from domain.units import Millis, ceil_ms
from roads.graph import StreetNetwork

OUTSIDE_MAX_M = 1000.0
"""Points further than this beyond the network's bounding box are refused."""

KMH_PER_MPS = 3.6


def edge_ms(length_m: float, speed_kmh: float) -> Millis:
    """Return the time of one edge, rounded up to whole ms, at least 1."""
    return max(1, ceil_ms(length_m * KMH_PER_MPS / speed_kmh))


class StreetTravelTimes:
    """Travel times and fastest paths on a street network, at any time of day.

    The tree of fastest paths from an origin is computed when first asked for, and kept: a question about
    a known origin is a table look-up. Memory grows to 8 bytes for each pair of nodes (2,000 nodes: 32 MB), so
    this is for networks of some thousands of nodes.

    Parameters
    ----------
    network : StreetNetwork
        The streets; they do not change.
    """

    def __init__(self, network: StreetNetwork) -> None:
        self._network = network
        self._links = _fastest_links(network.graph)
        count = network.node_count
        self._weights = _weight_matrix(self._links, count)
        self._ready = np.zeros(count, dtype=np.bool_)
        # np.empty only reserves: memory is used row by row, as origins are asked for.
        self._rows_ms = np.empty((count, count), dtype=np.int32)
        self._before = np.empty((count, count), dtype=np.int32)
        self._points = tuple(network.point(key) for key in range(count))
        self._locator = _Locator(network.coordinates_deg())

    def locate(self, point: Point) -> LocationKey:
        """Return the node nearest to a point in WGS-84.

        Raises
        ------
        InvalidValueError
            If the point is not finite or more than 1 km beyond the network's bounding box.
        """
        return self._locator.nearest(point)

    def point(self, key: LocationKey) -> Point:
        """Return where a node is."""
        return self._points[key]

    def duration_ms(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> Millis:
        """Return the time of the fastest path; the departure does not matter here."""
        if not self._ready[origin]:
            self._compute((origin,))
        return int(self._rows_ms[origin, destination])

    def durations_ms(
        self, origins: LocationKeys, destinations: LocationKeys, depart_ms: Millis
    ) -> NDArray[np.int64]:
        """Return travel times in ms, shape (origins, destinations)."""
        rows = np.asarray(origins, dtype=np.int64)
        columns = np.asarray(destinations, dtype=np.int64)
        missing = rows[~self._ready[rows]]
        if missing.size:
            self._compute(np.unique(missing).tolist())
        return self._rows_ms[rows[:, None], columns].astype(np.int64)

    def pair_durations_ms(
        self, origins: LocationKeys, destinations: LocationKeys, depart_ms: Millis
    ) -> NDArray[np.int64]:
        """Return the travel time of each pair in ms, shape (pairs,)."""
        rows = np.asarray(origins, dtype=np.int64)
        missing = rows[~self._ready[rows]]
        if missing.size:
            self._compute(np.unique(missing).tolist())
        return self._rows_ms[rows, np.asarray(destinations, dtype=np.int64)].astype(np.int64)

    def path(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> StreetPath:
        """Return the fastest path; of equally fast ones always the same."""
        if not self._ready[origin]:
            self._compute((origin,))
        before = self._before[origin]
        keys = [destination]
        length_m = 0.0
        here = destination
        while here != origin:
            previous = before.item(here)
            length_m += self._links[previous, here][1]
            keys.append(previous)
            here = previous
        keys.reverse()
        passed_ms = self._rows_ms[origin].take(keys).tolist()
        return StreetPath(tuple(keys), tuple(passed_ms), length_m)

    def _compute(self, origins: Iterable[LocationKey]) -> None:
        indices = list(origins)
        times, before = dijkstra(self._weights, indices=indices, return_predecessors=True)
        self._rows_ms[indices] = times
        self._before[indices] = before
        self._ready[indices] = True


class _Locator:
    """The nearest node, on a plane that touches the Earth in the middle of the network."""

    def __init__(self, coordinates_deg: NDArray[np.float64]) -> None:
        low, high = coordinates_deg.min(axis=0), coordinates_deg.max(axis=0)
        meters_per_deg_north = math.radians(EARTH_RADIUS_M)
        meters_per_deg_east = meters_per_deg_north * math.cos(math.radians((low[1] + high[1]) / 2))
        self._scale = (meters_per_deg_east, meters_per_deg_north)
        margin = OUTSIDE_MAX_M / np.array(self._scale)
        self._low: tuple[float, float] = tuple((low - margin).tolist())
        self._high: tuple[float, float] = tuple((high + margin).tolist())
        self._tree = cKDTree(coordinates_deg * np.array(self._scale))

    def nearest(self, point: Point) -> LocationKey:
        self._check("x (longitude)", point.x, 0)
        self._check("y (latitude)", point.y, 1)
        return int(self._tree.query((point.x * self._scale[0], point.y * self._scale[1]))[1])

    def _check(self, field: str, value_deg: float, axis: int) -> None:
        low, high = self._low[axis], self._high[axis]
        if not low <= value_deg <= high:  # also refuses nan
            raise InvalidValueError(field, value_deg, f"inside the city, {low:.5f} to {high:.5f} degrees")


def _fastest_links(graph: nx.MultiDiGraph) -> dict[tuple[LocationKey, LocationKey], tuple[Millis, float]]:
    """Return time in ms and length in m of the fastest of the parallel edges between two nodes."""
    links: dict[tuple[LocationKey, LocationKey], tuple[Millis, float]] = {}
    for start, end, data in graph.edges(data=True):
        link = (edge_ms(data["length_m"], data["speed_kmh"]), float(data["length_m"]))
        if start != end and ((start, end) not in links or link < links[start, end]):
            links[start, end] = link
    return links


def _weight_matrix(
    links: dict[tuple[LocationKey, LocationKey], tuple[Millis, float]], count: int
) -> csr_array[np.float64]:
    starts = [start for start, _ in links]
    ends = [end for _, end in links]
    times = np.array([link[0] for link in links.values()], dtype=np.float64)
    return csr_array((times, (starts, ends)), shape=(count, count))
