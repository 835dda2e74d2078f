"""Lines are cut where they cross, and the faces between them add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.geo import Point, contains
from roads.cityplan.arrangement import arrange, distance_to_line_m, inside, signed_area_m2, trace_faces

SQUARE = np.array([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0)])
SHARES = st.integers(1, 19).map(lambda share: 5.0 * share)


def test_a_cross_gives_four_pieces() -> None:
    plan = arrange([np.array([(0.0, 0.0), (10.0, 10.0)]), np.array([(0.0, 10.0), (10.0, 0.0)])])
    assert len(plan.vertices) == 5
    assert sorted(plan.pieces[:, 2].tolist()) == [0, 0, 1, 1]


def test_a_line_that_ends_on_another_is_joined_to_it() -> None:
    plan = arrange([np.array([(0.0, 0.0), (10.0, 0.0)]), np.array([(4.0, 0.0), (4.0, 9.0)])])
    assert len(plan.vertices) == 4
    assert len(plan.pieces) == 3


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=6, unique=True))
def test_faces_tile_the_square(cuts: list[tuple[float, float]]) -> None:
    lines = [np.array([(left, 0.0), (right, 100.0)]) for left, right in cuts]
    plan = arrange([SQUARE, *lines])
    pairs = np.unique(np.sort(plan.pieces[:, :2], axis=1), axis=0)
    faces = trace_faces(plan.vertices, pairs)
    areas = [signed_area_m2(plan.vertices[face]) for face in faces]
    assert min(areas) > 0
    assert sum(areas) == pytest.approx(10_000.0, rel=1e-3)
    # Euler: vertices - edges + faces = 2, one face being the outside.
    assert len(plan.vertices) - len(pairs) + len(faces) + 1 == 2


def test_dead_ends_are_no_part_of_a_face() -> None:
    plan = arrange([SQUARE, np.array([(0.0, 50.0), (40.0, 50.0)])])
    (face,) = trace_faces(plan.vertices, plan.pieces[:, :2])
    assert len(face) == 5
    assert signed_area_m2(plan.vertices[face]) == pytest.approx(10_000.0)


@given(st.lists(st.tuples(st.floats(-50, 150), st.floats(-50, 150)), min_size=1, max_size=20))
def test_inside_agrees_with_the_domain(points: list[tuple[float, float]]) -> None:
    shape = np.array([(0.0, 0.0), (90.0, 10.0), (40.0, 50.0), (100.0, 100.0), (-10.0, 80.0)])
    corners = [Point(x, y) for x, y in shape.tolist()]
    expected = [contains(corners, Point(x, y)) for x, y in points]
    assert inside(shape, np.array(points)).tolist() == expected


def test_distance_and_bearing_of_a_line() -> None:
    line = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)])
    distance, bearing = distance_to_line_m(line, np.array([(5.0, 3.0), (12.0, 8.0), (-3.0, -4.0)]))
    assert distance.tolist() == [3.0, 2.0, 5.0]
    assert bearing.tolist() == pytest.approx([0.0, np.pi / 2, 0.0])
