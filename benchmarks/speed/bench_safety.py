"""What stands behind every policy: the verifier after each decision, and the fallback when one fails."""

import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.bench_dispatch import random_snapshot
from dispatch.fallback import plan_fallback
from dispatch.snapshot import Snapshot
from dispatch.verifier import verify
from domain.geo import Point
from roads.plane import MetricPlane


def on_a_plane(riders: int, orders: int) -> tuple[Snapshot, MetricPlane]:
    """Return a situation on the plane of the Grubhub days."""
    plane = MetricPlane(320.0)
    places = [plane.locate(Point(37.0 * (k % 211), 41.0 * (k * k % 199))) for k in range(1_500)]
    return random_snapshot(places, riders, orders), plane


@pytest.mark.parametrize(("riders", "orders"), [(120, 200), (500, 1_000)])
@pytest.mark.benchmark(group="safety", timer=time.process_time)
def test_fallback(benchmark: BenchmarkFixture, riders: int, orders: int) -> None:
    """One plan by greedy insertion."""
    snapshot, plane = on_a_plane(riders, orders)
    plan = benchmark(plan_fallback, snapshot, plane)
    assert len(plan.trips) > riders // 3


@pytest.mark.parametrize(("riders", "orders"), [(120, 200), (500, 1_000)])
@pytest.mark.benchmark(group="safety", timer=time.process_time)
def test_verifier(benchmark: BenchmarkFixture, riders: int, orders: int) -> None:
    """One look at a plan that starts hundreds of trips."""
    snapshot, plane = on_a_plane(riders, orders)
    plan = plan_fallback(snapshot, plane)
    verdict = benchmark(verify, snapshot, plan, plane)
    assert verdict.hard == ()
