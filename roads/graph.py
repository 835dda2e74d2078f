"""The street network of a city: a checked networkx graph."""

import math
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidValueError
from domain.geo import Frame, Point
from domain.ports import LocationKey

ROAD_CLASSES = ("ring", "arterial", "street", "lane")
"""From fast to slow; the class of every edge is one of these."""

SPEED_MAX_KMH = 200.0


@dataclass(frozen=True, slots=True)
class StreetNetwork:
    """Streets as a directed multigraph in WGS-84, checked and frozen on construction.

    Attributes
    ----------
    graph : networkx.MultiDiGraph
        Nodes ``0 .. n-1`` with ``x``, ``y`` (longitude, latitude in degrees). Edges with ``length_m``,
        ``speed_kmh``, ``name_en``, ``name_zh``, ``road_class`` (one of ``ROAD_CLASSES``), ``bridge`` (bool).

    Raises
    ------
    InvalidValueError
        If a node or an edge lacks something or holds an impossible value, or if some node cannot be
        reached from some other.
    """

    graph: nx.MultiDiGraph

    def __post_init__(self) -> None:
        _check_nodes(self.graph)
        for start, end, data in self.graph.edges(data=True):
            _check_edge(f"edge {start}->{end}", data)
        _check_connected(self.graph)
        nx.freeze(self.graph)

    @property
    def frame(self) -> Frame:
        """How the points of the network are meant: always WGS-84."""
        return Frame.WGS84

    @property
    def node_count(self) -> int:
        """How many nodes there are; location keys run from 0 to one less."""
        return int(self.graph.number_of_nodes())

    def point(self, key: LocationKey) -> Point:
        """Return where a node is."""
        node = self.graph.nodes[key]
        return Point(node["x"], node["y"])

    def coordinates_deg(self) -> NDArray[np.float64]:
        """Return longitude and latitude of all nodes, shape (nodes, 2), in key order."""
        nodes = self.graph.nodes
        return np.array(
            [(nodes[key]["x"], nodes[key]["y"]) for key in range(self.node_count)], dtype=np.float64
        )


def _check_nodes(graph: nx.MultiDiGraph) -> None:
    if graph.number_of_nodes() == 0:
        raise InvalidValueError("graph", "no nodes", "at least one node")
    for key in range(graph.number_of_nodes()):
        if key not in graph:
            raise InvalidValueError("graph", f"no node {key}", "nodes numbered 0, 1, 2, ... without a gap")
        for name, limit_deg in (("x", 180.0), ("y", 90.0)):
            value = graph.nodes[key].get(name)
            if not (isinstance(value, float) and abs(value) <= limit_deg):
                raise InvalidValueError(
                    f"node {key} {name}", value, f"degrees between {-limit_deg:g} and {limit_deg:g}"
                )


def _check_edge(edge: str, data: dict[str, Any]) -> None:
    length_m, speed_kmh = data.get("length_m"), data.get("speed_kmh")
    if not (isinstance(length_m, int | float) and math.isfinite(length_m) and length_m > 0):
        raise InvalidValueError(f"{edge} length_m", length_m, "a finite length above 0")
    if not (isinstance(speed_kmh, int | float) and 0 < speed_kmh <= SPEED_MAX_KMH):
        raise InvalidValueError(f"{edge} speed_kmh", speed_kmh, f"above 0, at most {SPEED_MAX_KMH:g}")
    if data.get("road_class") not in ROAD_CLASSES:
        raise InvalidValueError(f"{edge} road_class", data.get("road_class"), ", ".join(ROAD_CLASSES))
    for name in ("name_en", "name_zh"):
        if not (isinstance(data.get(name), str) and data[name]):
            raise InvalidValueError(f"{edge} {name}", data.get(name), "the name of the street")
    if not isinstance(data.get("bridge"), bool):
        raise InvalidValueError(f"{edge} bridge", data.get("bridge"), "true or false")


def _check_connected(graph: nx.MultiDiGraph) -> None:
    largest = max(nx.strongly_connected_components(graph), key=len)
    if len(largest) < graph.number_of_nodes():
        outside = min(set(graph) - largest)
        raise InvalidValueError(
            "graph",
            f"node {outside} and {graph.number_of_nodes() - len(largest) - 1} others cut off",
            "every node reachable from every other (keep the largest strongly connected part)",
        )
