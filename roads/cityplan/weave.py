"""From planned lines to a clean street plan: clipped, thinned, merged where crossings almost coincide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from roads.cityplan.arrangement import Vertices, arrange, distance_to_line_m, inside
from roads.cityplan.districts import District
from roads.cityplan.main_roads import Bones, PlannedStreet
from roads.cityplan.params import HALF_CITY_M, CityParams

MERGE_M = 38.0
MERGE_MAIN_M = 18.0
"""Crossings closer than this become one; the smaller limit is for two crossings of main roads."""

BESIDE_M = 75.0
BESIDE_RAD = np.radians(28.0)
"""Small streets this close and parallel to a main road are left out."""

SLIVER_RAD = np.radians(24.0)
"""Of two streets that leave a crossing at a smaller angle, the lesser one is left out."""

STRAIGHT_RAD = np.radians(2.5)
"""A vertex of one street that bends less is no vertex."""

DEAD_END_SHARE = 0.14
"""Share of the dead ends that stay."""

GREEN_SITES = 7
CENTRAL_PARK_M = (1150.0, 1000.0)
"""One green site is always inside the ring."""

_RANK = {"ring": 0, "arterial": 1, "street": 2, "lane": 3}
_MAIN_WEIGHT = 0.1

Pieces: TypeAlias = NDArray[np.int64]
"""Rows of start vertex, end vertex, index of the street, and 1 for a bridge."""


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """A planar plan of streets, in meters from the middle of the city.

    Attributes
    ----------
    vertices : ndarray of float, shape (vertices, 2)
        Crossings, bends and dead ends.
    pieces : ndarray of int, shape (pieces, 4)
        Start vertex, end vertex, index of the planned street, 1 for a bridge; every pair of vertices once.
    """

    vertices: Vertices
    pieces: Pieces


def weave(
    streets: Sequence[PlannedStreet],
    bones: Bones,
    districts: Sequence[District],
    params: CityParams,
    rng: np.random.Generator,
) -> StreetPlan:
    """Turn planned lines into a connected street plan."""
    cut = arrange([street.vertices for street in streets])
    in_corridor = inside(bones.corridor, _middles(cut.vertices, cut.pieces))
    is_bank = np.array([street.role.startswith("bank") for street in streets])[cut.pieces[:, 2]]
    land = cut.pieces[~in_corridor | is_bank]
    land = land[_allowed(cut.vertices, land, streets, bones, districts)]
    land = _thin(cut.vertices, land, streets, bones, params, rng)
    crossing = np.array([street.crosses_river for street in streets])[cut.pieces[:, 2]]
    bridges = _bridges(cut.pieces[in_corridor & ~is_bank & crossing])
    pieces = np.concatenate((np.column_stack((land, np.zeros(len(land), np.int64))), bridges))
    plan = _straighten(StreetPlan(cut.vertices, pieces))
    ranks = np.array([_RANK[street.road_class] for street in streets])
    plan = _merge_close(plan, ranks)
    plan = _without_slivers(plan, ranks)
    plan = _without_dead_ends(plan, ranks, rng)
    plan = _straighten(plan)
    return _largest_part(plan)


def _middles(vertices: Vertices, pieces: Pieces) -> Vertices:
    middles: Vertices = (vertices[pieces[:, 0]] + vertices[pieces[:, 1]]) / 2
    return middles


def _allowed(
    vertices: Vertices,
    pieces: Pieces,
    streets: Sequence[PlannedStreet],
    bones: Bones,
    districts: Sequence[District],
) -> NDArray[np.bool_]:
    """Tell which pieces lie where their street may go."""
    middles = _middles(vertices, pieces)
    roles = np.array([street.role for street in streets])[pieces[:, 2]]
    home = np.array([street.district for street in streets])[pieces[:, 2]]
    in_old_town = inside(bones.old_town[:-1], middles)
    allowed: NDArray[np.bool_] = np.abs(middles).max(axis=1) < HALF_CITY_M
    allowed &= ~((roles == "street") & in_old_town) & ~((roles == "lane") & ~in_old_town)
    south = middles[:, 1] < np.interp(middles[:, 0], bones.river_line[:, 0], bones.river_line[:, 1])
    allowed &= ~(np.isin(roles, ("wall", "lane")) & south)
    for index, district in enumerate(districts):
        of_district = (home == index) & (roles == "street")
        allowed[of_district] &= inside(district.polygon, middles[of_district])
    outline = ((middles / (0.96 * HALF_CITY_M)) ** 4).sum(axis=1) < 1.0
    allowed &= (home < 0) | outline
    small = np.flatnonzero(allowed & (home >= 0))
    allowed[small] = ~_runs_beside(vertices, pieces[small], streets)
    return allowed


def _runs_beside(vertices: Vertices, pieces: Pieces, streets: Sequence[PlannedStreet]) -> NDArray[np.bool_]:
    """Tell which pieces run close along a main road."""
    middles = _middles(vertices, pieces)
    way = vertices[pieces[:, 1]] - vertices[pieces[:, 0]]
    bearing = np.arctan2(way[:, 1], way[:, 0])
    result = np.zeros(len(pieces), dtype=np.bool_)
    for street in streets:
        if street.district >= 0:
            continue
        low, high = street.vertices.min(axis=0) - BESIDE_M, street.vertices.max(axis=0) + BESIDE_M
        around = ((middles > low) & (middles < high)).all(axis=1)
        near = np.flatnonzero(around)
        distance, along = distance_to_line_m(street.vertices, middles[near])
        turned = np.abs((bearing[near] - along + np.pi / 2) % np.pi - np.pi / 2)
        result[near] |= (distance < BESIDE_M) & (turned < BESIDE_RAD)
    return result


def _thin(
    vertices: Vertices,
    pieces: Pieces,
    streets: Sequence[PlannedStreet],
    bones: Bones,
    params: CityParams,
    rng: np.random.Generator,
) -> Pieces:
    """Leave out some pieces of the grid: single ones, more toward the edge, and all around green sites."""
    middles = _middles(vertices, pieces)
    is_street = np.array([street.role == "street" for street in streets])[pieces[:, 2]]
    ring_m = np.hypot(*bones.ring.T).mean()
    outward = np.clip((np.hypot(middles[:, 0], middles[:, 1]) - ring_m) / HALF_CITY_M, 0.0, 1.0)
    dropped = rng.random(len(pieces)) < params.missing_share * (0.6 + 3.0 * outward)
    sites = rng.uniform(-0.82 * HALF_CITY_M, 0.82 * HALF_CITY_M, (GREEN_SITES, 2))
    sites[0] = CENTRAL_PARK_M
    for site in sites:
        dropped |= np.hypot(*(middles - site).T) < rng.uniform(150, 290)
    kept: Pieces = pieces[~(dropped & is_street)]
    return kept


def _bridges(pieces: Pieces) -> Pieces:
    """Join what each street has over the water into one piece from bank to bank."""
    if not len(pieces):
        return np.empty((0, 4), dtype=np.int64)
    size = int(pieces[:, :2].max()) + 1
    joined = []
    for street in np.unique(pieces[:, 2]).tolist():
        own = pieces[pieces[:, 2] == street]
        links = coo_array((np.ones(len(own)), (own[:, 0], own[:, 1])), shape=(size, size))
        _, groups = connected_components(links, directed=False)
        for group in np.unique(groups[own[:, 0]]).tolist():
            ends, counts = np.unique(own[groups[own[:, 0]] == group, :2], return_counts=True)
            start, end = ends[counts == 1].tolist()
            joined.append((start, end, street, 1))
    return np.array(joined, dtype=np.int64)


def _merge_close(plan: StreetPlan, ranks: NDArray[np.int64]) -> StreetPlan:
    """Make one crossing of those that almost coincide; the main road's stays where it is."""
    used, flat = np.unique(plan.pieces[:, :2], return_inverse=True)
    vertices = plan.vertices[used]
    ends = flat.reshape(-1, 2)
    weight = np.zeros(len(used))
    np.add.at(weight, ends.ravel(), np.repeat(0.1 ** ranks[plan.pieces[:, 2]], 2))
    heads = _absorb(vertices, weight)
    pieces = np.column_stack((heads[ends], plan.pieces[:, 2:]))
    return StreetPlan(vertices, _each_pair_once(pieces, ranks))


def _absorb(vertices: Vertices, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each vertex the one it becomes: the weightiest first take in all that is close to them."""
    is_main = weight > 2.5 * _MAIN_WEIGHT
    close: list[list[int]] = cKDTree(vertices).query_ball_point(vertices, MERGE_M).tolist()
    heads = np.full(len(vertices), -1)
    for vertex in np.lexsort((np.arange(len(vertices)), -weight)).tolist():
        if heads[vertex] >= 0:
            continue
        near = np.array(sorted(close[vertex]))
        near = near[heads[near] < 0]
        apart_m = np.hypot(*(vertices[near] - vertices[vertex]).T)
        heads[near[(apart_m < MERGE_MAIN_M) | ~(is_main[vertex] & is_main[near])]] = vertex
    return heads


def _each_pair_once(pieces: Pieces, ranks: NDArray[np.int64]) -> Pieces:
    """Drop loops, and of pieces between the same two vertices all but the one of the highest rank."""
    pieces = pieces[pieces[:, 0] != pieces[:, 1]]
    low, high = pieces[:, :2].min(axis=1), pieces[:, :2].max(axis=1)
    order = np.lexsort((pieces[:, 2], ranks[pieces[:, 2]], high, low))
    _, first = np.unique(np.column_stack((low, high))[order], axis=0, return_index=True)
    return pieces[np.sort(order[first])]


def _without_slivers(plan: StreetPlan, ranks: NDArray[np.int64]) -> StreetPlan:
    """Drop the lesser of two pieces that leave a vertex at a very small angle."""
    leaving: dict[int, list[tuple[float, int]]] = {}
    way = plan.vertices[plan.pieces[:, 1]] - plan.vertices[plan.pieces[:, 0]]
    bearings = np.arctan2(way[:, 1], way[:, 0]).tolist()
    rank = ranks[plan.pieces[:, 2]].tolist()
    for index, (start, end) in enumerate(plan.pieces[:, :2].tolist()):
        leaving.setdefault(start, []).append((bearings[index], index))
        leaving.setdefault(end, []).append((bearings[index] - math.copysign(math.pi, bearings[index]), index))
    dropped: set[int] = set()
    for vertex in sorted(leaving):
        fan = sorted(leaving[vertex])
        for (bearing, index), (next_bearing, other) in zip(fan, fan[1:] + fan[:1], strict=True):
            gap = (next_bearing - bearing) % (2 * math.pi)
            lesser = max((rank[index], index), (rank[other], other))
            if index != other and gap < SLIVER_RAD and lesser[0] >= _RANK["street"]:
                dropped.add(lesser[1])
    kept = np.array([index not in dropped for index in range(len(plan.pieces))])
    return replace(plan, pieces=plan.pieces[kept])


def _without_dead_ends(plan: StreetPlan, ranks: NDArray[np.int64], rng: np.random.Generator) -> StreetPlan:
    """Take away small streets that lead nowhere, but for a few."""
    stays = rng.random(len(plan.vertices)) < DEAD_END_SHARE
    pieces = plan.pieces
    while True:
        degree = np.bincount(pieces[:, :2].ravel(), minlength=len(plan.vertices))
        loose = ((degree == 1) & ~stays)[pieces[:, :2]].any(axis=1)
        loose &= ranks[pieces[:, 2]] >= _RANK["street"]
        if not loose.any():
            return replace(plan, pieces=pieces)
        pieces = pieces[~loose]


def _straighten(plan: StreetPlan) -> StreetPlan:
    """Dissolve vertices where one street just goes straight on."""
    around: dict[int, list[int]] = {}
    places = plan.vertices.tolist()
    pieces: list[tuple[int, int, int, int] | None] = [tuple(row) for row in plan.pieces.tolist()]
    for index, (start, end) in enumerate(plan.pieces[:, :2].tolist()):
        around.setdefault(start, []).append(index)
        around.setdefault(end, []).append(index)
    for vertex in sorted(around):
        if len(around[vertex]) != 2:
            continue
        first, second = around[vertex]
        one, two = pieces[first], pieces[second]
        if one is None or two is None or one[2:] != two[2:]:
            continue
        before = one[0] if one[1] == vertex else one[1]
        after = two[0] if two[1] == vertex else two[1]
        if before == after or _bend_rad(places[before], places[vertex], places[after]) > STRAIGHT_RAD:
            continue
        pieces[first] = (before, after, one[2], one[3])
        pieces[second] = None
        around[after][around[after].index(second)] = first
    kept = np.array([piece for piece in pieces if piece is not None], dtype=np.int64)
    return replace(plan, pieces=kept)


def _bend_rad(before: list[float], here: list[float], after: list[float]) -> float:
    in_x, in_y = here[0] - before[0], here[1] - before[1]
    out_x, out_y = after[0] - here[0], after[1] - here[1]
    return abs(math.atan2(in_x * out_y - in_y * out_x, in_x * out_x + in_y * out_y))


def _largest_part(plan: StreetPlan) -> StreetPlan:
    """Keep the largest connected part and number its vertices from 0."""
    size = len(plan.vertices)
    links = coo_array((np.ones(len(plan.pieces)), (plan.pieces[:, 0], plan.pieces[:, 1])), shape=(size, size))
    _, groups = connected_components(links, directed=False)
    counts = np.bincount(groups[plan.pieces[:, 0]], minlength=groups.max() + 1)
    kept = plan.pieces[groups[plan.pieces[:, 0]] == counts.argmax()]
    used, flat = np.unique(kept[:, :2], return_inverse=True)
    return StreetPlan(plan.vertices[used], np.column_stack((flat.reshape(-1, 2), kept[:, 2:])))
