"""Every synthetic city is one that a rider can get around in, and the same seed is the same city."""

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from typing import TypeAlias

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from domain.errors import InvalidValueError
from domain.geo import Frame, Point, contains, distance_m
from roads.cityplan.params import CityParams
from roads.geojson import city_geojson
from roads.synthetic import SPEEDS_KMH, SyntheticCity, synthetic_city

Floats: TypeAlias = NDArray[np.float64]

SEEDS = range(10)
HASH_PROGRAM = """
import hashlib, json
from roads.geojson import city_geojson
from roads.synthetic import synthetic_city
city = synthetic_city(3)
edges = sorted(city.network.graph.edges(data=True), key=str)
text = json.dumps([city_geojson(city), edges], ensure_ascii=False)
print(hashlib.sha256(text.encode()).hexdigest())
"""


@cache
def drawn(seed: int) -> SyntheticCity:
    # The number of bridges goes through 4, 5 and 6.
    return synthetic_city(seed, CityParams(bridges=4 + seed % 3))


def crosses(segments: Floats, line: Floats) -> NDArray[np.bool_]:
    """Tell which segments, shape (n, 2, 2), properly cross some part of a line."""

    def side(a: Floats, b: Floats, p: Floats) -> Floats:
        way, gap = b - a, p - a
        return np.asarray(way[..., 0] * gap[..., 1] - way[..., 1] * gap[..., 0])

    start, end = segments[:, None, 0], segments[:, None, 1]
    first, second = line[None, :-1], line[None, 1:]
    apart = side(start, end, first) * side(start, end, second) < 0
    around = side(first, second, start) * side(first, second, end) < 0
    return np.asarray((apart & around).any(axis=1))


@pytest.mark.parametrize("seed", SEEDS)
def test_size_and_reach(seed: int) -> None:
    city = drawn(seed)
    graph = city.network.graph
    assert 1_500 <= len(graph) <= 2_500
    assert nx.is_strongly_connected(graph)
    low, high = city.network.coordinates_deg().min(axis=0), city.network.coordinates_deg().max(axis=0)
    width_m = distance_m(Point(low[0], 30.27), Point(high[0], 30.27), Frame.WGS84)
    height_m = distance_m(Point(low[0], low[1]), Point(low[0], high[1]), Frame.WGS84)
    assert 7_800 <= width_m <= 8_200
    assert 7_800 <= height_m <= 8_200


@pytest.mark.parametrize("seed", SEEDS)
def test_only_bridges_cross_the_river(seed: int) -> None:
    city = drawn(seed)
    edges = [
        (city.network.point(u), city.network.point(v), d) for u, v, d in city.network.graph.edges(data=True)
    ]
    segments = np.array([((a.x, a.y), (b.x, b.y)) for a, b, _ in edges])
    banks = np.array([(point.x, point.y) for point in (*city.river.polygon, city.river.polygon[0])])
    is_bridge = np.array([data["bridge"] for *_, data in edges])
    assert crosses(segments, banks).tolist() == is_bridge.tolist()
    assert not any(contains(city.river.polygon, city.network.point(key)) for key in city.network.graph)
    bridges = {data["name_en"] for *_, data in edges if data["bridge"]}
    assert len(bridges) == 4 + seed % 3
    assert is_bridge.sum() == 2 * len(bridges), "one edge each way"


@pytest.mark.parametrize("seed", SEEDS)
def test_without_bridges_the_city_falls_in_two(seed: int) -> None:
    graph = nx.Graph((u, v) for u, v, bridge in drawn(seed).network.graph.edges(data="bridge") if not bridge)
    assert nx.number_connected_components(graph) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_streets_have_names_and_speeds(seed: int) -> None:
    english: dict[str, str] = {}
    for *_, data in drawn(seed).network.graph.edges(data=True):
        assert data["speed_kmh"] in SPEEDS_KMH[data["road_class"]]
        assert data["name_en"].isascii()
        assert not data["name_zh"].isascii()
        assert english.setdefault(data["name_zh"], data["name_en"]) == data["name_en"]
        assert data["length_m"] > 5.0
    assert len(set(english.values())) == len(english) > 100


def test_the_ring_is_a_closed_way_around_the_middle() -> None:
    city = drawn(0)
    ring = nx.Graph()
    for u, v, data in city.network.graph.edges(data=True):
        if data["road_class"] == "ring":
            ring.add_edge(u, v)
    assert nx.is_connected(ring)
    assert all(degree == 2 for _, degree in ring.degree())
    assert city.ring[0] == city.ring[-1]
    assert contains(city.ring[:-1], Point(120.15, 30.27))


def test_the_old_town_has_one_way_lanes() -> None:
    graph = drawn(0).network.graph
    one_way = [data["road_class"] for u, v, data in graph.edges(data=True) if not graph.has_edge(v, u)]
    assert len(one_way) > 20
    assert set(one_way) == {"lane"}


@pytest.mark.parametrize("seed", SEEDS)
def test_zones_tile_the_city(seed: int) -> None:
    city = drawn(seed)
    assert len({zone.zone_id for zone in city.zones}) == len(city.zones) == 8
    rng = np.random.default_rng(seed)
    xs, ys = rng.uniform(120.11, 120.19, 200), rng.uniform(30.236, 30.304, 200)
    points = [Point(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    for point in points:
        assert sum(contains(zone.polygon, point) for zone in city.zones) == 1
    for key in city.network.graph:
        assert any(contains(zone.polygon, city.network.point(key)) for zone in city.zones)


@pytest.mark.parametrize("seed", SEEDS)
def test_parks_are_dry_blocks(seed: int) -> None:
    city = drawn(seed)
    assert len(city.parks) >= 3
    nodes = {city.network.point(key) for key in city.network.graph}
    for park in city.parks:
        assert set(park.polygon) <= nodes
        assert not any(contains(park.polygon, point) for point in city.river.polygon)


def test_same_seed_same_city_in_every_process() -> None:
    hashes = set()
    for hash_seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", HASH_PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        hashes.add(done.stdout.strip())
    assert len(hashes) == 1


def test_other_seed_other_city() -> None:
    def digest(seed: int) -> str:
        return hashlib.sha256(json.dumps(city_geojson(drawn(seed))).encode()).hexdigest()

    assert len({digest(seed) for seed in SEEDS}) == len(SEEDS)


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="bridges"):
        CityParams(bridges=9)
    with pytest.raises(InvalidValueError, match="seed"):
        synthetic_city(-1)


def test_a_city_can_lie_elsewhere() -> None:
    city = synthetic_city(1, CityParams(center_lon_deg=-70.6, center_lat_deg=-33.4))
    middle = city.network.coordinates_deg().mean(axis=0)
    assert middle.tolist() == pytest.approx([-70.6, -33.4], abs=0.01)
