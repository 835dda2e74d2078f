"""The tracking engine: 120 riders drive through the demo's city, each with an order and a fix every 5 s."""

import time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.conftest import Rate
from domain.commands import Command, RecordFixes
from domain.events import Event, OrderPlaced, RiderArrivedAtMerchant, ShiftStarted, TripAssigned
from domain.fixes import Fix
from domain.geo import Point
from domain.plans import Leg, Stop, StopKind
from domain.ports import LocationKey
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from runtime.city_setup import CitySetup
from tracking.engine import TrackingEngine
from tracking.params import TrackingParams

NOW_MS = 1_800_000_000_000
RIDERS = 120
CADENCE_MS = 5 * SECOND_MS
WATCHED_MS = 10 * MINUTE_MS

Happening = tuple[Millis, Command | Event]


def drive_plan(setup: CitySetup, origin: LocationKey, destination: LocationKey) -> Leg:
    """Plan one drive."""
    way = setup.paths.path(origin, destination, NOW_MS)
    return Leg(origin, destination, way.passed_ms[-1], way.length_m, way.keys, way.passed_ms)


def departure(setup: CitySetup, rider: int, places: list[LocationKey]) -> list[Happening]:
    """Tell of a rider who starts at the merchant of an order, and drives to its door from now on."""
    home, merchant, door = places
    rider_id, order_id, trip_id = f"r{rider}", f"o{rider}", f"t{rider}"
    to_merchant, to_door = drive_plan(setup, home, merchant), drive_plan(setup, merchant, door)
    there_ms = NOW_MS + to_merchant.duration_ms
    ready_ms, leaves_ms = there_ms + MINUTE_MS, there_ms + 2 * MINUTE_MS
    at_door_ms = leaves_ms + to_door.duration_ms
    pickup = Stop(StopKind.PICKUP, (order_id,), merchant, to_merchant, there_ms, ready_ms)
    dropoff = Stop(StopKind.DROPOFF, (order_id,), door, to_door, at_door_ms, at_door_ms + MINUTE_MS)
    point, dropoff_point = setup.paths.point(home), setup.paths.point(door)
    promised_ms = NOW_MS + HOUR_MS
    happenings: list[Happening] = [
        (NOW_MS, ShiftStarted(rider_id, rider_id, point, home, NOW_MS + 4 * HOUR_MS)),
        (
            NOW_MS,
            OrderPlaced(order_id, "", "m", "z", dropoff_point, merchant, door, 0, ready_ms, promised_ms),
        ),
        (NOW_MS, TripAssigned(trip_id, rider_id, "m", (order_id,), (pickup, dropoff))),
    ]
    if there_ms < NOW_MS + WATCHED_MS:
        happenings.append((there_ms, RiderArrivedAtMerchant(rider_id, trip_id, "m", (order_id,))))
    return happenings


def fixes_on_the_way(setup: CitySetup, legs: list[Leg]) -> list[Happening]:
    """Send the fixes of all riders on their first drive, some meters beside the street."""
    at_ms = np.arange(CADENCE_MS, WATCHED_MS, CADENCE_MS)
    draw = np.random.default_rng(3)
    x, y = np.empty((2, len(legs), len(at_ms)))
    for k, leg in enumerate(legs):
        points = [setup.paths.point(key) for key in leg.path]
        noise_deg = draw.normal(0, 5e-5, (2, len(at_ms)))
        x[k] = np.interp(at_ms, leg.passed_ms, [point.x for point in points]) + noise_deg[0]
        y[k] = np.interp(at_ms, leg.passed_ms, [point.y for point in points]) + noise_deg[1]
    return [
        (
            NOW_MS + after_ms + 200,
            RecordFixes(
                tuple(
                    Fix(f"r{k}", NOW_MS + after_ms, i, Point(float(x[k, i]), float(y[k, i])), 8.0)
                    for k in range(len(legs))
                )
            ),
        )
        for i, after_ms in enumerate(at_ms.tolist())
    ]


@pytest.fixture(scope="module")
def happenings(lunch_peak: CitySetup) -> list[Happening]:
    """Return ten minutes of the city, in time order."""
    draw = np.random.default_rng(4)
    merchants = [lunch_peak.travel.locate(merchant.point) for merchant in lunch_peak.city.merchants]
    told: list[Happening] = []
    legs: list[Leg] = []
    for rider in range(RIDERS):
        places = draw.choice(merchants, 3, replace=False).tolist()
        told += departure(lunch_peak, rider, places)
        legs.append(drive_plan(lunch_peak, places[0], places[1]))
    return sorted([*told, *fixes_on_the_way(lunch_peak, legs)], key=lambda happening: happening[0])


@pytest.mark.benchmark(group="tracking: ten minutes of 120 riders", timer=time.process_time)
def test_fixes(
    benchmark: BenchmarkFixture, rate: Rate, lunch_peak: CitySetup, happenings: list[Happening]
) -> None:
    """With everything that follows: the hold, progress on the route, estimates, detectors."""

    def watch() -> int:
        engine = TrackingEngine(lunch_peak.city, lunch_peak.paths, lunch_peak.service_times, TrackingParams())
        for at_ms, message in happenings:
            while (due_ms := engine.next_wakeup_ms()) is not None and due_ms <= at_ms:
                engine.wake(due_ms)
            engine.handle(message, at_ms)
        return sum(rider.fixed_at_ms > NOW_MS for rider in engine.state.riders.values())

    assert benchmark.pedantic(watch, warmup_rounds=1, rounds=5) == RIDERS
    rate("fixes", sum(len(m.fixes) for _, m in happenings if isinstance(m, RecordFixes)))
