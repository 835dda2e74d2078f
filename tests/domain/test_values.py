"""Values that check themselves, and the tables that list every command and event."""

import math
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import COMMAND_OWNERS, Command, PlaceOrder
from domain.errors import InvalidValueError
from domain.geo import EARTH_RADIUS_M, Frame, Point, contains, distance_m, offset
from domain.ids import CountedIds
from domain.places import ALL_ZONES, City, Merchant, PromisePolicy, Zone
from domain.plans import ServiceRules, ServiceTimes
from domain.units import MINUTE_MS, ceil_ms

SQUARE = (Point(0, 0), Point(10, 0), Point(10, 10), Point(0, 10))


def test_every_command_has_one_owner() -> None:
    assert set(COMMAND_OWNERS) == set(get_args(Command))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: ServiceRules(time_grid_ms=0), "time_grid_ms"),
        (lambda: ServiceRules(max_orders_per_trip=0), "max_orders_per_trip"),
        (lambda: ServiceTimes(pickup_after_ms=-1), "pickup_after_ms"),
        (lambda: Merchant("m", "M", Point(0, 0), -1), "preparation_ms"),
        (lambda: PromisePolicy(allowance_ms=-1), "allowance_ms"),
        (lambda: PlaceOrder("m", Point(0, 0), value_cents=-1), "value_cents"),
        (lambda: PlaceOrder("m", Point(0, 0), reference="x" * 65), "reference"),
    ],
)
def test_an_impossible_value_names_its_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        make()
    assert refused.value.field == field


@given(st.integers(-(10**13), 10**13), st.integers(1, 10**6))
def test_flooring_to_the_grid(at_ms: int, grid_ms: int) -> None:
    floored = ServiceRules(time_grid_ms=grid_ms).floor(at_ms)
    assert floored <= at_ms < floored + grid_ms
    assert floored % grid_ms == 0


@given(st.floats(0, 1e9))
def test_seconds_are_rounded_up(duration_s: float) -> None:
    assert 0 <= ceil_ms(duration_s) - duration_s * 1_000 <= 1


@pytest.mark.parametrize("duration_s", [-1.0, math.inf, math.nan])
def test_an_impossible_duration_is_refused(duration_s: float) -> None:
    with pytest.raises(ValueError, match="duration_s"):
        ceil_ms(duration_s)


def test_ids_are_counted_by_kind() -> None:
    ids = CountedIds()
    assert [ids.next_id("order"), ids.next_id("trip"), ids.next_id("order")] == [
        "order-1",
        "trip-1",
        "order-2",
    ]


@given(st.floats(-1_000, 1_000), st.floats(-1_000, 1_000), st.sampled_from(Frame))
def test_an_offset_is_as_long_as_it_says(east_m: float, north_m: float, frame: Frame) -> None:
    start = Point(116.4, 39.9)
    moved = offset(start, east_m, north_m, frame)
    assert distance_m(start, moved, frame) == pytest.approx(math.hypot(east_m, north_m), rel=2e-3, abs=1e-6)


def test_a_degree_of_latitude() -> None:
    expected = math.radians(1) * EARTH_RADIUS_M
    assert distance_m(Point(8, 50), Point(8, 51), Frame.WGS84) == pytest.approx(expected)


@given(st.floats(-5, 15), st.floats(-5, 15))
def test_a_point_in_a_square(x: float, y: float) -> None:
    if x in {0, 10} or y in {0, 10}:
        return
    assert contains(SQUARE, Point(x, y)) == (0 < x < 10 and 0 < y < 10)


def test_zones_and_the_rest() -> None:
    city = City("C", Frame.PLANE, "UTC", (), (Zone("z-1", "One", "一", SQUARE),))
    assert city.zone_of(Point(5, 5)) == "z-1"
    assert city.zone_of(Point(50, 5)) == ALL_ZONES


def test_minutes() -> None:
    assert ceil_ms(60.0) == MINUTE_MS
