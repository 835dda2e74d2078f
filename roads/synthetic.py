"""A synthetic city: an invented place that looks like one, from a seed; nothing has to be downloaded.

Drawn on a plane (``roads.cityplan``), bent a little so that no line is straight, then laid on the globe.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from domain.errors import InvalidValueError
from domain.geo import Frame, Point, distance_m, offset
from domain.places import Zone
from roads.cityplan.arrangement import Vertices, inside, signed_area_m2, trace_faces
from roads.cityplan.districts import EDGE_M, draw_districts
from roads.cityplan.main_roads import Bones, PlannedStreet, draw_bones
from roads.cityplan.names import CITY, PARKS, RIVER, Name, NamePool
from roads.cityplan.params import CityParams
from roads.cityplan.side_streets import draw_grids, draw_lanes
from roads.cityplan.weave import StreetPlan, weave
from roads.graph import StreetNetwork

SPEEDS_KMH = {"ring": (60.0,), "arterial": (45.0, 50.0), "street": (30.0, 35.0), "lane": (20.0, 25.0)}
"""What a street of each class may be driven at; one is drawn for each street."""

BEND_M = 85.0
PARK_MIN_M2 = 70_000.0
PARK_MAX_M2 = 900_000.0
PARK_ROUNDNESS_MIN = 0.45


@dataclass(frozen=True, slots=True)
class NamedArea:
    """A part of the map's background: a polygon with a name (the closing edge is implied)."""

    name_en: str
    name_zh: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class SyntheticCity:
    """An invented city in WGS-84.

    Attributes
    ----------
    network : StreetNetwork
        Its streets.
    zones : tuple of Zone
        Eight named zones that tile it.
    river : NamedArea
        The water; only bridges cross it.
    parks : tuple of NamedArea
        Some blocks that are green.
    ring : tuple of Point
        The course of the ring road; the first point is also the last.
    name_en, name_zh : str
        Its name.
    """

    network: StreetNetwork
    zones: tuple[Zone, ...]
    river: NamedArea
    parks: tuple[NamedArea, ...]
    ring: tuple[Point, ...]
    name_en: str
    name_zh: str


def synthetic_city(seed: int, params: CityParams | None = None) -> SyntheticCity:
    """Draw a city; the same seed and parameters always give the same one.

    Parameters
    ----------
    seed : int
        Not negative.
    params : CityParams, optional
        What the city is like.

    Raises
    ------
    InvalidValueError
        If the seed is negative.
    """
    if seed < 0:
        raise InvalidValueError("seed", seed, "0 or more")
    params = params or CityParams()
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(7)]
    bones_rng, grid_rng, lane_rng, weave_rng, name_rng, one_way_rng, bend_rng = streams
    bones = draw_bones(params, bones_rng)
    districts = draw_districts(bones)
    streets = [
        *bones.roads,
        *draw_grids(districts, params, grid_rng),
        *draw_lanes(bones, params, 0, lane_rng),
    ]
    plan = weave(streets, bones, districts, params, weave_rng)
    globe = _Globe(params, bend_rng)
    one_way = _one_way_streets(plan, streets, params.one_way_share, one_way_rng)
    return SyntheticCity(
        network=_network(plan, streets, one_way, globe, name_rng),
        zones=tuple(Zone(d.district_id, d.name_en, d.name_zh, globe.points(d.polygon)) for d in districts),
        river=NamedArea(*RIVER, globe.points(bones.water)),
        parks=_parks(plan, bones, globe),
        ring=globe.points(bones.ring),
        name_en=CITY[0],
        name_zh=CITY[1],
    )


class _Globe:
    """Bends the plane a little and lays it on the globe; the edge of the districts stays where it is."""

    def __init__(self, params: CityParams, rng: np.random.Generator) -> None:
        self._center = Point(params.center_lon_deg, params.center_lat_deg)
        self._waves = rng.uniform(2 * np.pi / 4200, 2 * np.pi / 2600, (2, 2))
        self._phases = rng.uniform(0, 2 * np.pi, (2, 2))

    def points(self, vertices: Vertices) -> tuple[Point, ...]:
        share = np.clip(1 - (vertices / EDGE_M) ** 2, 0.0, 1.0).prod(axis=1)
        angles = vertices[:, None, ::-1] * self._waves + self._phases
        bent = vertices + BEND_M * share[:, None] * np.sin(angles).sum(axis=1)
        return tuple(offset(self._center, x, y, Frame.WGS84) for x, y in bent.tolist())


def _one_way_streets(
    plan: StreetPlan, streets: Sequence[PlannedStreet], share: float, rng: np.random.Generator
) -> set[int]:
    """Draw lanes that are driven in one direction only, as long as every place stays reachable."""
    lanes = [index for index in np.unique(plan.pieces[:, 2]).tolist() if streets[index].role == "lane"]
    tried = [lane for lane in lanes if rng.random() < share]
    chosen: set[int] = set()
    for lane in tried:
        if _is_strong(plan, chosen | {lane}):
            chosen.add(lane)
    return chosen


def _is_strong(plan: StreetPlan, one_way: set[int]) -> bool:
    pieces = plan.pieces
    both = pieces[~np.isin(pieces[:, 2], sorted(one_way))]
    starts = np.concatenate((pieces[:, 0], both[:, 1]))
    ends = np.concatenate((pieces[:, 1], both[:, 0]))
    size = len(plan.vertices)
    arcs = coo_array((np.ones(len(starts)), (starts, ends)), shape=(size, size))
    return bool(connected_components(arcs, connection="strong", return_labels=False) == 1)


def _network(
    plan: StreetPlan,
    streets: Sequence[PlannedStreet],
    one_way: set[int],
    globe: _Globe,
    rng: np.random.Generator,
) -> StreetNetwork:
    graph = nx.MultiDiGraph()
    points = globe.points(plan.vertices)
    for key, point in enumerate(points):
        graph.add_node(key, x=point.x, y=point.y)
    pool = NamePool(rng)
    used = np.unique(plan.pieces[:, 2]).tolist()
    names = {index: _name(pool, streets[index]) for index in used}
    speeds = {index: float(rng.choice(SPEEDS_KMH[streets[index].road_class])) for index in used}
    for start, end, index, bridge in plan.pieces.tolist():
        name = names[index]
        if bridge:
            name = pool.bridge(streets[index].role, float(plan.vertices[start, 0]))
        edge = {
            "length_m": distance_m(points[start], points[end], Frame.WGS84),
            "speed_kmh": speeds[index],
            "name_en": name.en,
            "name_zh": name.zh,
            "road_class": streets[index].road_class,
            "bridge": bool(bridge),
        }
        graph.add_edge(start, end, **edge)
        if index not in one_way:
            graph.add_edge(end, start, **edge)
    return StreetNetwork(graph)


def _name(pool: NamePool, street: PlannedStreet) -> Name:
    return pool.main_road(street.role) if street.district < 0 else pool.street(street.role)


def _parks(plan: StreetPlan, bones: Bones, globe: _Globe) -> tuple[NamedArea, ...]:
    """Return the largest roundish blocks on land, as many as there are park names."""
    blocks = []
    for face in trace_faces(plan.vertices, plan.pieces[:, :2]):
        polygon = plan.vertices[face]
        area_m2 = signed_area_m2(polygon)
        around_m = float(np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T).sum())
        roundness = 4 * np.pi * area_m2 / around_m**2
        if (
            PARK_MIN_M2 < area_m2 < PARK_MAX_M2
            and roundness > PARK_ROUNDNESS_MIN
            and not _is_wet(polygon, bones)
        ):
            blocks.append((-area_m2, tuple(face)))
    chosen = sorted(blocks)[: len(PARKS)]
    return tuple(
        NamedArea(*name, globe.points(plan.vertices[list(face)]))
        for name, (_, face) in zip(PARKS, chosen, strict=False)
    )


def _is_wet(polygon: Vertices, bones: Bones) -> bool:
    wet: NDArray[np.bool_] = inside(polygon, bones.river_line)
    return bool(wet.any())
