"""A small plane city in which everything can be counted by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.params import DispatchParams
from domain.geo import Frame, Point
from domain.places import City, Merchant
from domain.plans import ServiceRules, ServiceTimes
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS
from roads.plane import MetricPlane
from runtime.city_setup import CitySetup
from sim.demand import PoissonDemand, ZoneDemand
from sim.spec import CustomerBehavior, GpsSpec, RiderBehavior, RiderShift, ScenarioSpec, Tracking
from tracking.params import TrackingParams

NOON_MS = 1_773_720_000_000
"""A whole minute, so that epochs fall on whole minutes."""


@pytest.fixture
def small_city() -> CitySetup:
    """Two kitchens on a plane, with riders who may decline."""
    plane = MetricPlane(300.0)
    merchants = (
        Merchant("m-1", "Noodles", Point(0.0, 0.0), 10 * MINUTE_MS),
        Merchant("m-2", "Dumplings", Point(1_500.0, 500.0), 14 * MINUTE_MS),
    )
    return CitySetup(
        city=City("Toy", Frame.PLANE, "UTC", merchants),
        travel=plane,
        paths=plane,
        rules=ServiceRules(),
        service_times=ServiceTimes(),
        dispatch_params=DispatchParams(epoch_ms=15 * SECOND_MS),
        tracking_params=TrackingParams(),
    )


@pytest.fixture
def small_scenario(small_city: CitySetup) -> Callable[..., ScenarioSpec]:
    """An hour in the small city; keyword arguments replace parts of it."""

    def make(**changes: object) -> ScenarioSpec:
        doors = tuple(Point(400.0 * x, 300.0 * y) for x in range(-3, 6) for y in range(-3, 4))
        profile = ((0, 0.5), (30 * MINUTE_MS, 2.0), (60 * MINUTE_MS, 0.5))
        spec = ScenarioSpec(
            name="small",
            title="An hour in a small city",
            starts_at_ms=NOON_MS,
            duration_ms=HOUR_MS,
            setup=small_city,
            streets="plane, 300 meters per minute",
            demand=PoissonDemand((ZoneDemand("all", 30, profile, doors),)),
            shifts=tuple(
                RiderShift(
                    f"rider-{n}", f"R{n}", Point(200.0 * n, 0.0), NOON_MS - n * 1_000, NOON_MS + 4 * HOUR_MS
                )
                for n in range(1, 9)
            ),
            riders=RiderBehavior(drive_cv=0.2, dwell_cv=0.5),
            customers=CustomerBehavior(cancel_unassigned_after_ms=12 * MINUTE_MS),
            gps=GpsSpec(cadence_ms=10 * SECOND_MS, dropouts_per_hour=1.0),
            tracking=Tracking.FULL,
        )
        return replace(spec, **changes)  # type: ignore[arg-type]

    return make
