"""Travel times are shortest paths: networkx is the judge."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValueError
from domain.geo import Frame, Point, distance_m, offset
from domain.ports import StreetPaths, TravelTimes
from roads.graph import StreetNetwork
from roads.synthetic import SyntheticCity
from roads.travel_times import OUTSIDE_MAX_M, StreetTravelTimes, edge_ms

SHARES = st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))


def test_it_is_both_ports(times: StreetTravelTimes) -> None:
    travel_times: TravelTimes = times
    paths: StreetPaths = times
    assert travel_times.locate(paths.point(5)) == 5


def test_durations_equal_networkx(city: SyntheticCity, times: StreetTravelTimes) -> None:
    graph = city.network.graph
    weighted = nx.DiGraph()
    for start, end, data in graph.edges(data=True):
        weighted.add_edge(start, end, ms=edge_ms(data["length_m"], data["speed_kmh"]))
    origins = np.random.default_rng(1).integers(0, len(graph), 12).tolist()
    everywhere = range(len(graph))
    matrix = times.durations_ms(origins, everywhere, 0)
    for row, origin in enumerate(origins):
        expected = nx.single_source_dijkstra_path_length(weighted, origin, weight="ms")
        assert matrix[row].tolist() == [expected[node] for node in everywhere]


@given(SHARES)
def test_a_path_is_contiguous_and_takes_the_duration(
    city: SyntheticCity, times: StreetTravelTimes, shares: tuple[float, float]
) -> None:
    graph = city.network.graph
    origin, destination = (int(share * len(graph)) for share in shares)
    path = times.path(origin, destination, 0)
    assert path.keys[0] == origin
    assert path.keys[-1] == destination
    assert len(path.keys) == len(path.passed_ms)
    assert path.passed_ms[0] == 0
    assert path.passed_ms[-1] == times.duration_ms(origin, destination, 0)
    length_m = 0.0
    for leg, (start, end) in enumerate(zip(path.keys, path.keys[1:], strict=False)):
        edges = [(edge_ms(e["length_m"], e["speed_kmh"]), e["length_m"]) for e in graph[start][end].values()]
        assert path.passed_ms[leg + 1] - path.passed_ms[leg] == min(edges)[0]
        length_m += min(edges)[1]
    assert path.length_m == pytest.approx(length_m)


@given(SHARES, st.floats(0, 1, exclude_max=True))
def test_triangle_inequality(times: StreetTravelTimes, shares: tuple[float, float], via: float) -> None:
    count = len(times._points)
    a, b, c = (int(share * count) for share in (*shares, via))
    assert times.duration_ms(a, b, 0) <= times.duration_ms(a, c, 0) + times.duration_ms(c, b, 0)


def test_the_same_place_takes_no_time(times: StreetTravelTimes) -> None:
    path = times.path(17, 17, 0)
    assert (path.keys, path.passed_ms, path.length_m) == ((17,), (0,), 0.0)
    assert times.duration_ms(17, 17, 0) == 0


def test_the_order_of_questions_changes_nothing(city: SyntheticCity, times: StreetTravelTimes) -> None:
    fresh = StreetTravelTimes(city.network)
    pairs = np.random.default_rng(2).integers(0, city.network.node_count, (40, 2)).tolist()
    matrix = times.durations_ms([a for a, _ in pairs], [b for _, b in pairs], 0)
    row = fresh.pair_durations_ms([a for a, _ in pairs[:20]], [b for _, b in pairs[:20]], 0)
    assert row.tolist() == matrix.diagonal()[:20].tolist()
    for index, (a, b) in reversed(list(enumerate(pairs))):
        assert fresh.path(a, b, 0) == times.path(a, b, 0)
        assert fresh.duration_ms(a, b, 0) == matrix[index, index]


def test_of_parallel_streets_the_fastest_counts() -> None:
    edge = {"name_en": "A", "name_zh": "甲", "road_class": "street", "bridge": False}
    graph = nx.MultiDiGraph()
    graph.add_node(0, x=120.0, y=30.0)
    graph.add_node(1, x=120.001, y=30.0)
    graph.add_edge(0, 1, length_m=100.0, speed_kmh=10.0, **edge)
    graph.add_edge(0, 1, length_m=150.0, speed_kmh=60.0, **edge)
    graph.add_edge(1, 0, length_m=100.0, speed_kmh=36.0, **edge)
    graph.add_edge(1, 1, length_m=20.0, speed_kmh=36.0, **edge)
    times = StreetTravelTimes(StreetNetwork(graph))
    assert times.duration_ms(0, 1, 0) == 9_000
    assert times.path(0, 1, 0).length_m == 150.0
    assert times.duration_ms(1, 0, 0) == 10_000
    assert times.duration_ms(1, 1, 0) == 0


@given(st.floats(-4900, 4900), st.floats(-4900, 4900))
def test_locate_finds_the_nearest_node(times: StreetTravelTimes, east_m: float, north_m: float) -> None:
    point = offset(Point(120.15, 30.27), east_m, north_m, Frame.WGS84)
    nearest_m = min(distance_m(point, node, Frame.WGS84) for node in times._points)
    found_m = distance_m(point, times.point(times.locate(point)), Frame.WGS84)
    # The search runs on one plane for the whole city, which costs 0.1 % at its edges.
    assert found_m <= nearest_m * 1.002 + 0.01


@pytest.mark.parametrize(
    "point",
    [
        Point(math.nan, 30.27),
        Point(120.15, math.inf),
        Point(120.25, 30.27),
        Point(120.15, 30.10),
        Point(30.27, 120.15),
    ],
)
def test_points_outside_are_refused(times: StreetTravelTimes, point: Point) -> None:
    with pytest.raises(InvalidValueError, match="inside the city"):
        times.locate(point)


def test_points_just_outside_are_taken(times: StreetTravelTimes) -> None:
    northmost = max(times._points, key=lambda point: point.y)
    near = offset(northmost, 0.0, 0.9 * OUTSIDE_MAX_M, Frame.WGS84)
    assert times.point(times.locate(near)).y <= northmost.y
    with pytest.raises(InvalidValueError):
        times.locate(offset(northmost, 0.0, 1.1 * OUTSIDE_MAX_M, Frame.WGS84))
