"""Projection onto the planned path, in a window."""

import pytest

from domain.geo import Frame, Point
from domain.plans import Leg
from tests.tracking.town import TOWN, Street, leg
from tracking.legline import draw_line, project
from tracking.plane import LocalPlane, plane_of

PLANE = LocalPlane(Point(0.0, 0.0), 1.0, 1.0)


def test_a_point_beside_the_line_is_projected_onto_it() -> None:
    way = leg(0, 10)
    line = draw_line(way, [Street().point(key) for key in way.path], way.passed_ms, PLANE)
    place = project(line, 250.0, 30.0, 0.0, 400.0)
    assert (place.progress_m, place.off_m, place.driven_ms) == (250.0, 30.0, 25_000)


def test_the_ends_hold() -> None:
    way = leg(0, 3)
    line = draw_line(way, [Street().point(key) for key in way.path], way.passed_ms, PLANE)
    assert project(line, -40.0, 30.0, -150.0, 400.0).off_m == 50.0
    end = project(line, 900.0, 0.0, 0.0, 1_000.0)
    assert (end.progress_m, end.driven_ms) == (300.0, 30_000)


def test_a_path_that_crosses_itself_is_no_trap() -> None:
    """East 1 km, north 1 km, west 0.5 km, then south across the first street."""
    corners = [Point(0, 0), Point(1_000, 0), Point(1_000, 1_000), Point(500, 1_000), Point(500, -1_000)]
    way = Leg(0, 4, 4_500, 4_500.0, (0, 1, 2, 3, 4), (0, 1_000, 2_000, 2_500, 4_500))
    line = draw_line(way, corners, way.passed_ms, PLANE)
    early = project(line, 505.0, 3.0, 400.0 - 150.0, 400.0 + 400.0)
    late = project(line, 505.0, 3.0, 3_300.0 - 150.0, 3_300.0 + 400.0)
    assert early.progress_m == pytest.approx(505.0)
    assert late.progress_m == pytest.approx(3_497.0)


def test_a_drive_that_goes_nowhere_is_a_point() -> None:
    line = draw_line(leg(4, 4), [Point(400.0, 0.0)], (0,), PLANE)
    place = project(line, 403.0, 4.0, -150.0, 400.0)
    assert (place.progress_m, place.off_m, place.driven_ms) == (0.0, 5.0, 0)


def test_degrees_become_meters() -> None:
    city = type(TOWN)(
        "Shanghai", Frame.WGS84, "Asia/Shanghai", (type(TOWN.merchants[0])("m", "m", Point(121.47, 31.23)),)
    )
    east_m, north_m = plane_of(city).meters(Point(121.48, 31.24))
    assert east_m == pytest.approx(950.7, abs=1.0)
    assert north_m == pytest.approx(1_112.0, abs=1.0)
