"""A street network refuses whatever would mislead a rider, and says what."""

import math

import networkx as nx
import pytest

from domain.errors import InvalidValueError
from domain.geo import Point
from roads.graph import StreetNetwork

EDGE = {
    "length_m": 100.0,
    "speed_kmh": 30.0,
    "name_en": "Willow Street",
    "name_zh": "柳树街",
    "road_class": "street",
    "bridge": False,
}


def triangle(**changes: object) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for key, (x, y) in enumerate([(120.0, 30.0), (120.01, 30.0), (120.0, 30.01)]):
        graph.add_node(key, x=x, y=y)
    graph.add_edge(0, 1, **EDGE)
    graph.add_edge(1, 2, **EDGE)
    graph.add_edge(2, 0, **(EDGE | changes))
    return graph


def test_a_good_network_is_taken_and_frozen() -> None:
    network = StreetNetwork(triangle())
    assert network.node_count == 3
    assert network.point(1) == Point(120.01, 30.0)
    assert network.coordinates_deg().tolist() == [[120.0, 30.0], [120.01, 30.0], [120.0, 30.01]]
    with pytest.raises(nx.NetworkXError):
        network.graph.remove_node(0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("length_m", 0.0),
        ("length_m", math.nan),
        ("length_m", None),
        ("speed_kmh", -5),
        ("speed_kmh", math.inf),
        ("road_class", "motorway"),
        ("name_zh", ""),
        ("name_en", None),
        ("bridge", 1),
    ],
)
def test_a_bad_edge_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=f"edge 2->0 {field}"):
        StreetNetwork(triangle(**{field: value}))


def test_a_bad_node_is_named() -> None:
    graph = triangle()
    graph.nodes[1]["y"] = 91.0
    with pytest.raises(InvalidValueError, match="node 1 y"):
        StreetNetwork(graph)


def test_gaps_in_the_numbering_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="no node 1"):
        StreetNetwork(nx.relabel_nodes(triangle(), {1: 9}))


def test_an_empty_graph_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="no nodes"):
        StreetNetwork(nx.MultiDiGraph())


def test_a_place_without_a_way_back_is_refused() -> None:
    graph = triangle()
    graph.add_node(3, x=120.02, y=30.0)
    graph.add_edge(1, 3, **EDGE)
    with pytest.raises(InvalidValueError, match="node 3"):
        StreetNetwork(graph)
