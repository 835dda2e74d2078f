"""Streets, water and green as GeoJSON (RFC 7946), for the map's background.

Streets are merged by name, or their labels would never show: one feature for each street and each bridge.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import networkx as nx

from domain.geo import Point
from roads.graph import ROAD_CLASSES
from roads.synthetic import NamedArea, SyntheticCity

JsonObject: TypeAlias = dict[str, Any]

DIGITS = 6
"""Decimals of a degree: 0.1 m."""


def city_geojson(city: SyntheticCity) -> JsonObject:
    """Return everything that a map shows behind the riders, in drawing order.

    The property ``kind`` is ``zone``, ``park``, ``river`` or ``street``.
    """
    zones = [NamedArea(zone.name_en, zone.name_zh, zone.polygon) for zone in city.zones]
    features = [_area_feature("zone", area) for area in zones]
    for feature, zone in zip(features, city.zones, strict=True):
        feature["properties"]["zone_id"] = zone.zone_id
    features += [_area_feature("park", area) for area in city.parks]
    features.append(_area_feature("river", city.river))
    features += street_features(city.network.graph)
    return {"type": "FeatureCollection", "features": features}


def street_features(graph: nx.MultiDiGraph) -> list[JsonObject]:
    """Return one feature for each named street and bridge; fast ones come last, to be drawn on top.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        The graph of a ``StreetNetwork``.
    """
    streets: dict[tuple[int, bool, str, str], set[tuple[int, int]]] = {}
    for start, end, data in graph.edges(data=True):
        rank = ROAD_CLASSES.index(data["road_class"])
        street = (-rank, data["bridge"], data["name_en"], data["name_zh"])
        streets.setdefault(street, set()).add((min(start, end), max(start, end)))
    return [_street_feature(graph, street, streets[street]) for street in sorted(streets)]


def _street_feature(
    graph: nx.MultiDiGraph, street: tuple[int, bool, str, str], edges: set[tuple[int, int]]
) -> JsonObject:
    lines = [[_position(graph, node) for node in chain] for chain in _chains(edges)]
    rank, bridge, name_en, name_zh = street
    return {
        "type": "Feature",
        "geometry": (
            {"type": "LineString", "coordinates": lines[0]}
            if len(lines) == 1
            else {"type": "MultiLineString", "coordinates": lines}
        ),
        "properties": {
            "kind": "street",
            "name_en": name_en,
            "name_zh": name_zh,
            "road_class": ROAD_CLASSES[-rank],
            "bridge": bridge,
        },
    }


def _chains(edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Join undirected edges to as few lines as possible; start at ends and forks, then close the rings."""
    around: dict[int, list[int]] = {}
    for start, end in sorted(edges):
        around.setdefault(start, []).append(end)
        around.setdefault(end, []).append(start)
    chains = []
    odd_first = sorted(around, key=lambda node: (len(around[node]) == 2, node))
    for node in odd_first:
        while around[node]:
            chain = [node]
            while around[chain[-1]]:
                here = chain[-1]
                following = around[here].pop(0)
                around[following].remove(here)
                chain.append(following)
                if len(around[following]) > 1:
                    break
            chains.append(chain)
    return chains


def _area_feature(kind: str, area: NamedArea) -> JsonObject:
    ring = [_rounded(point) for point in area.polygon]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {"kind": kind, "name_en": area.name_en, "name_zh": area.name_zh},
    }


def _position(graph: nx.MultiDiGraph, node: int) -> list[float]:
    data = graph.nodes[node]
    return [round(data["x"], DIGITS), round(data["y"], DIGITS)]


def _rounded(point: Point) -> list[float]:
    return [round(point.x, DIGITS), round(point.y, DIGITS)]
