"""Districts: the city cut by its ring, its river and its main avenue into eight named parts."""

from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidValueError
from roads.cityplan.arrangement import Vertices, arrange, inside, signed_area_m2, trace_faces
from roads.cityplan.main_roads import AXIS_X_M, Bones
from roads.cityplan.params import HALF_CITY_M

EDGE_M = HALF_CITY_M + 300.0
"""The districts reach a little further than the streets."""

AXIS_STEP_M = 100.0
SMALLEST_M2 = 300_000.0

_NAMES = {
    # inside the ring, north of the river, east of the main avenue
    (True, True, False): ("old-town", "Old Town", "老城"),
    (True, True, True): ("bell-tower", "Bell Tower", "钟楼"),
    (True, False, False): ("south-bank", "South Bank", "南岸"),
    (True, False, True): ("wharf", "Wharf", "码头"),
    (False, True, False): ("plum-hill", "Plum Hill", "梅山"),
    (False, True, True): ("university", "University", "大学城"),
    (False, False, False): ("tea-fields", "Tea Fields", "茶园"),
    (False, False, True): ("east-harbor", "East Harbor", "东港"),
}


@dataclass(frozen=True, slots=True)
class District:
    """A named part of the city.

    Attributes
    ----------
    district_id, name_en, name_zh : str
        Its identifier and names.
    is_inner : bool
        Whether it lies inside the ring.
    polygon : ndarray of float, shape (corners, 2)
        Its outline in meters from the middle of the city.
    """

    district_id: str
    name_en: str
    name_zh: str
    is_inner: bool
    polygon: Vertices


def draw_districts(bones: Bones) -> tuple[District, ...]:
    """Cut the city into districts; together they tile it.

    Raises
    ------
    InvalidValueError
        If ring and river meet so oddly that the eight districts do not come out.
    """
    edge = EDGE_M
    box = np.array([(-edge, -edge), (edge, -edge), (edge, edge), (-edge, edge), (-edge, -edge)])
    # Many corners, so that the boundary bends with the avenue when the plane is bent.
    steps = np.arange(-edge, edge + 1, AXIS_STEP_M)
    axis = np.column_stack((np.full(len(steps), AXIS_X_M), steps))
    plan = arrange([box, axis, bones.ring, bones.river_line])
    ends_inside = (np.abs(plan.vertices[plan.pieces[:, :2]]) <= edge + 1.0).all(axis=(1, 2))
    pieces = plan.pieces[ends_inside, :2]
    found: dict[tuple[bool, bool, bool], District] = {}
    for face in trace_faces(plan.vertices, pieces):
        polygon = plan.vertices[face]
        key = _position(bones, polygon)
        if key in found or signed_area_m2(polygon) < SMALLEST_M2:
            raise InvalidValueError("city", "ring and river cut each other oddly", "another seed")
        found[key] = District(*_NAMES[key], is_inner=key[0], polygon=polygon)
    return tuple(found[key] for key in _NAMES)


def _position(bones: Bones, polygon: Vertices) -> tuple[bool, bool, bool]:
    """Tell whether a face lies inside the ring, north of the river and east of the main avenue."""
    point = _point_within(polygon)
    river_y = np.interp(point[0, 0], bones.river_line[:, 0], bones.river_line[:, 1])
    return bool(inside(bones.ring[:-1], point)[0]), bool(point[0, 1] > river_y), bool(point[0, 0] > AXIS_X_M)


def _point_within(polygon: Vertices) -> Vertices:
    """Return some point inside a polygon: on its left, close to its longest side."""
    way = np.roll(polygon, -1, axis=0) - polygon
    longest = int(np.argmax((way**2).sum(axis=1)))
    left = np.array((-way[longest, 1], way[longest, 0])) / np.hypot(*way[longest])
    point: Vertices = polygon[longest] + way[longest] / 2 + left
    return point[None]
