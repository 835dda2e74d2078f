"""One decision of each policy: riders and orders anywhere in a city with streets, or on the metric plane."""

import time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from dispatch.matching import MATCHERS, Budget
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.geo import Point
from domain.plans import ServiceRules, ServiceTimes
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS
from roads.graph import StreetNetwork
from roads.plane import MetricPlane
from roads.travel_times import StreetTravelTimes

NOW_MS = 1_800_000_000_000
MERCHANTS = 60
CITY_M = 8_000.0

SIZES = pytest.mark.parametrize(("riders", "orders"), [(120, 200), (500, 1_000)])
POLICIES = pytest.mark.parametrize("policy", ["nearest", "hungarian", "foodmatch", "rolling"])


def random_snapshot(places: list[int], riders: int, orders: int) -> Snapshot:
    """Lay riders, a third of them on a trip, and orders of 60 merchants at random over places."""
    draw = np.random.default_rng(riders)
    merchants = draw.choice(places, MERCHANTS).tolist()
    doors, homes = draw.choice(places, orders).tolist(), draw.choice(places, riders).tolist()
    kitchens = draw.integers(0, MERCHANTS, orders).tolist()
    ready_in_ms = draw.integers(0, 15 * MINUTE_MS, orders).tolist()
    busy_ms = draw.integers(1, 20 * MINUTE_MS, riders).tolist()
    views = (
        RiderView(
            f"r{k:03}", homes[k], NOW_MS + (busy_ms[k] if k % 3 == 2 else 0), NOW_MS + HOUR_MS, k % 3 != 2
        )
        for k in range(riders)
    )
    waiting = (
        OpenOrder(
            f"o{k:04}",
            f"m{kitchens[k]}",
            merchants[kitchens[k]],
            doors[k],
            NOW_MS - (orders - k) * SECOND_MS,
            NOW_MS + ready_in_ms[k],
            NOW_MS + 40 * MINUTE_MS,
            (),
            "",
        )
        for k in range(orders)
    )
    next_ms = NOW_MS + 30 * SECOND_MS
    return Snapshot("d1", NOW_MS, next_ms, tuple(waiting), tuple(views), ServiceRules(), ServiceTimes())


def decide(benchmark: BenchmarkFixture, policy: str, snapshot: Snapshot, travel: TravelTimes) -> None:
    """Time one decision, with all trees of paths known."""
    plan = benchmark.pedantic(
        MATCHERS[policy].decide, (snapshot, travel, Budget()), warmup_rounds=1, rounds=10
    )
    assert plan.trips


@SIZES
@POLICIES
@pytest.mark.benchmark(group="decide: streets", timer=time.process_time)
def test_decide_on_streets(
    benchmark: BenchmarkFixture,
    network: StreetNetwork,
    streets: StreetTravelTimes,
    policy: str,
    riders: int,
    orders: int,
) -> None:
    """In the synthetic city."""
    decide(benchmark, policy, random_snapshot(list(range(network.node_count)), riders, orders), streets)


@SIZES
@POLICIES
@pytest.mark.benchmark(group="decide: plane", timer=time.process_time)
def test_decide_on_the_plane(benchmark: BenchmarkFixture, policy: str, riders: int, orders: int) -> None:
    """On the plane of the Grubhub days."""
    plane = MetricPlane(meters_per_minute=320.0)
    points = np.random.default_rng(2).uniform(0, CITY_M, (2_000, 2)).tolist()
    places = [plane.locate(Point(x, y)) for x, y in points]
    decide(benchmark, policy, random_snapshot(places, riders, orders), plane)
