"""The Grubhub metric: whole minutes on the straight line, the same alone and in a matrix."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValueError
from domain.geo import Point
from domain.ports import StreetPath, StreetPaths, TravelTimes
from domain.units import MINUTE_MS
from roads.kernels.plane import FRAGILE, fill_pairs
from roads.plane import MetricPlane

WHOLE = st.integers(-30_000, 30_000).map(float)
COORDINATES = st.one_of(WHOLE, st.floats(-1e7, 1e7, allow_subnormal=True))
POINTS = st.builds(Point, COORDINATES, COORDINATES)
SPEEDS = st.one_of(st.sampled_from([314.0, 320.0, 419.0, 427.0, 5.0]), st.floats(1.0, 1e5))


@given(st.lists(POINTS, min_size=1, max_size=8), SPEEDS)
def test_matrix_equals_the_formula_of_the_instances(points: list[Point], speed: float) -> None:
    plane = MetricPlane(speed)
    keys = [plane.locate(point) for point in points]
    matrix = plane.durations_ms(keys, keys, 0)
    assert matrix.dtype == np.int64
    pairs = plane.pair_durations_ms(keys, keys[::-1], 0)
    assert pairs.tolist() == np.fliplr(matrix).diagonal().tolist()
    for row, a in enumerate(points):
        for column, b in enumerate(points):
            minutes = math.ceil(math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2) / speed)
            assert plane.duration_ms(keys[row], keys[column], 0) == minutes * MINUTE_MS
            assert matrix[row, column] == minutes * MINUTE_MS


def test_a_copy_gives_the_same() -> None:
    plane = MetricPlane(320.0)
    keys = [plane.locate(Point(float(x), 0.0)) for x in range(0, 3200, 160)]
    matrix = plane.durations_ms(keys, keys, 0)
    assert pickle.loads(pickle.dumps(plane)).durations_ms(keys, keys, 0).tolist() == matrix.tolist()


def test_nowhere_is_asked_for() -> None:
    plane = MetricPlane(320.0)
    key = plane.locate(Point(0.0, 0.0))
    assert plane.durations_ms([], [key], 0).shape == (0, 1)
    assert plane.durations_ms([key], [], 0).shape == (1, 0)
    assert plane.pair_durations_ms([], [], 0).shape == (0,)


@given(st.integers(1, 400), st.sampled_from([(3, 4, 5), (5, 12, 13), (8, 15, 17), (0, 1, 1)]))
def test_whole_minutes_are_not_rounded_up(minutes: int, triple: tuple[int, int, int]) -> None:
    # 320 m/min times a Pythagorean triple: the quotient is whole, the worst case for rounding.
    dx, dy, hypotenuse = (320.0 * minutes * side for side in triple)
    plane = MetricPlane(320.0)
    keys = [plane.locate(Point(1.0, 2.0)), plane.locate(Point(1.0 + dx, 2.0 + dy))]
    expected_ms = round(hypotenuse / 320.0) * MINUTE_MS
    assert plane.duration_ms(keys[0], keys[1], 0) == expected_ms
    assert plane.durations_ms(keys, keys, 0).tolist() == [[0, expected_ms], [expected_ms, 0]]
    # The compiled form does not try to tell.
    out = np.empty(1, dtype=np.int64)
    x, y = (np.array(axis) for axis in ((1.0, 1.0 + dx), (2.0, 2.0 + dy)))
    assert fill_pairs(x, y, np.array([0]), np.array([1]), 1 / 320.0, out) == 1
    assert out.tolist() == [FRAGILE]
    assert plane.pair_durations_ms(keys, keys[::-1], 0).tolist() == [expected_ms, expected_ms]


@given(st.lists(POINTS, min_size=1, max_size=30))
def test_locate_finds_the_very_same_point_again(points: list[Point]) -> None:
    plane = MetricPlane(320.0)
    keys = [plane.locate(point) for point in points]
    assert [plane.locate(point) for point in points] == keys
    assert [plane.point(key) for key in keys] == points
    assert len(plane) == len(set(points)) == len(set(keys))


def test_points_may_become_known_at_any_time() -> None:
    plane = MetricPlane(100.0)
    keys = [plane.locate(Point(float(x), 0.0)) for x in range(3000)]
    assert keys == list(range(3000))
    row_ms = plane.durations_ms(keys[:1], keys, 0)[0]
    assert row_ms.tolist() == [-(-x // 100) * MINUTE_MS for x in range(3000)]


def test_path_is_straight_and_passes_nothing() -> None:
    plane = MetricPlane(320.0)
    paths: StreetPaths = plane
    travel_times: TravelTimes = plane
    origin, destination = travel_times.locate(Point(0.0, 0.0)), travel_times.locate(Point(30.0, 40.0))
    assert paths.path(origin, destination, 0) == StreetPath(keys=(), passed_ms=(), length_m=50.0)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 1.1e7])
def test_impossible_points_are_refused(x: float) -> None:
    plane = MetricPlane(320.0)
    with pytest.raises(InvalidValueError, match="meters between"):
        plane.locate(Point(0.0, x))
    assert len(plane) == 0


@pytest.mark.parametrize("speed", [0.0, -320.0, math.nan, math.inf])
def test_impossible_speeds_are_refused(speed: float) -> None:
    with pytest.raises(InvalidValueError, match="meters_per_minute"):
        MetricPlane(speed)
