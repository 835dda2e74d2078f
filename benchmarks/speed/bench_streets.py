"""Fastest paths in the synthetic city: kept trees of scipy, against a search of networkx for each."""

import time

import networkx as nx
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.conftest import Rate
from roads.graph import StreetNetwork
from roads.travel_times import StreetTravelTimes, edge_ms

PAIRS = 20
GROUP = "streets: 20 fastest paths"

Pairs = list[tuple[int, int]]


@pytest.fixture
def pairs(network: StreetNetwork) -> Pairs:
    """Draw origins and destinations anywhere in the city."""
    drawn = np.random.default_rng(1).integers(0, network.node_count, (PAIRS, 2))
    return [(origin, destination) for origin, destination in drawn.tolist()]


@pytest.mark.benchmark(group=GROUP, timer=time.process_time)
def test_kept(benchmark: BenchmarkFixture, rate: Rate, streets: StreetTravelTimes, pairs: Pairs) -> None:
    """From origins asked about before: nearly always, for merchants stay where they are."""

    def find() -> None:
        for origin, destination in pairs:
            streets.path(origin, destination, 0)

    benchmark.pedantic(find, warmup_rounds=1, rounds=20)
    rate("paths", PAIRS)


@pytest.mark.benchmark(group=GROUP, timer=time.process_time)
def test_first_asked(benchmark: BenchmarkFixture, rate: Rate, network: StreetNetwork, pairs: Pairs) -> None:
    """From origins never asked about: each costs a tree to all nodes."""

    def find(travel: StreetTravelTimes) -> None:
        for origin, destination in pairs:
            travel.path(origin, destination, 0)

    benchmark.pedantic(find, setup=lambda: ((StreetTravelTimes(network),), {}), rounds=5)
    rate("paths", PAIRS)


@pytest.mark.benchmark(group=GROUP, timer=time.process_time)
def test_networkx(
    benchmark: BenchmarkFixture,
    rate: Rate,
    network: StreetNetwork,
    streets: StreetTravelTimes,
    pairs: Pairs,
) -> None:
    """With networkx alone, in both directions at once; it finds the same times."""
    graph = nx.MultiDiGraph(network.graph)
    for *_, data in graph.edges(data=True):
        data["duration_ms"] = edge_ms(data["length_m"], data["speed_kmh"])

    def find() -> list[int]:
        return [nx.bidirectional_dijkstra(graph, *pair, weight="duration_ms")[0] for pair in pairs]

    found = benchmark.pedantic(find, rounds=3)
    assert found == [streets.duration_ms(*pair, 0) for pair in pairs]
    rate("paths", PAIRS)
