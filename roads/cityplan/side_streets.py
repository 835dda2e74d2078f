"""The small streets: a grid for each district, and the bent lanes of the old town."""

import numpy as np
from numpy.typing import NDArray

from roads.cityplan.arrangement import Vertices
from roads.cityplan.districts import District
from roads.cityplan.main_roads import Bones, PlannedStreet
from roads.cityplan.params import CityParams

INNER_TURN_RAD = np.radians(4.0)
OUTER_TURN_RAD = np.radians(24.0)
BEND_MAX_RAD = np.radians(50.0)
LANE_EDGES_MAX = 7
LANE_SHAKE = 0.27
LANE_GAPS = 0.2


def draw_grids(
    districts: tuple[District, ...], params: CityParams, rng: np.random.Generator
) -> list[PlannedStreet]:
    """Draw two families of parallel streets over each district, turned a little; outer ones more."""
    streets: list[PlannedStreet] = []
    for index, district in enumerate(districts):
        spacing_m = params.inner_spacing_m if district.is_inner else params.outer_spacing_m
        turn = rng.uniform(-1, 1) * (INNER_TURN_RAD if district.is_inner else OUTER_TURN_RAD)
        stretch = rng.uniform(0.88, 1.12)
        for bearing, gap_m in ((turn, spacing_m * stretch), (turn + np.pi / 2, spacing_m / stretch)):
            lines = _parallels(district.polygon, bearing, gap_m, rng)
            streets += [PlannedStreet(line, "street", "street", district=index) for line in lines]
    return streets


def _parallels(polygon: Vertices, bearing: float, gap_m: float, rng: np.random.Generator) -> list[Vertices]:
    along = np.array((np.cos(bearing), np.sin(bearing)))
    across = np.array((-along[1], along[0]))
    low, high = (polygon @ across).min(), (polygon @ across).max()
    first, last = (polygon @ along).min(), (polygon @ along).max()
    count = max(1, int((high - low) / gap_m))
    places = low + (np.arange(count) + 0.5 + rng.uniform(-0.18, 0.18, count)) * (high - low) / count
    return [np.array([first * along + place * across, last * along + place * across]) for place in places]


def draw_lanes(
    bones: Bones, params: CityParams, district: int, rng: np.random.Generator
) -> list[PlannedStreet]:
    """Draw the lanes of the old town: a shaken lattice with gaps, strung to short bent streets."""
    spacing_m = params.lane_spacing_m
    middle = bones.old_town[:-1].mean(axis=0)
    reach_m = np.hypot(*(bones.old_town - middle).T).max() + 2 * spacing_m
    side = 2 * int(reach_m / spacing_m) + 1
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    points = (np.column_stack((column.ravel(), row.ravel())) - (side - 1) / 2) * spacing_m
    points += rng.uniform(-LANE_SHAKE, LANE_SHAKE, points.shape) * spacing_m
    # A swirl: lanes near the middle are turned more than those at the wall.
    turn = rng.uniform(-0.3, 0.3) + rng.uniform(-0.5, 0.5) * np.hypot(*points.T) / reach_m
    cos, sin = np.cos(turn), np.sin(turn)
    points = middle + np.column_stack(
        (points[:, 0] * cos - points[:, 1] * sin, points[:, 0] * sin + points[:, 1] * cos)
    )
    index = np.arange(side * side).reshape(side, side)
    across = np.column_stack((index[:, :-1].ravel(), index[:, 1:].ravel()))
    up = np.column_stack((index[:-1].ravel(), index[1:].ravel()))
    edges = np.concatenate((across, up))
    edges = edges[rng.random(len(edges)) > LANE_GAPS]
    lanes = _string_together(points, edges, rng)
    return [PlannedStreet(points[lane], "lane", "lane", district=district) for lane in lanes]


def _string_together(points: Vertices, edges: NDArray[np.int64], rng: np.random.Generator) -> list[list[int]]:
    """Join edges to lanes that go on as straight as they can, up to a drawn number of edges."""
    around: dict[int, list[int]] = {}
    for start, end in edges.tolist():
        around.setdefault(start, []).append(end)
        around.setdefault(end, []).append(start)
    used: set[tuple[int, int]] = set()
    lanes = []
    for start, end in edges.tolist():
        if (start, end) in used:
            continue
        lane = [start, end]
        used |= {(start, end), (end, start)}
        for _ in range(int(rng.integers(2, LANE_EDGES_MAX))):
            following = _straight_on(points, lane[-2], lane[-1], around[lane[-1]], used)
            if following is None:
                break
            used |= {(lane[-1], following), (following, lane[-1])}
            lane.append(following)
        lanes.append(lane)
    return lanes


def _straight_on(
    points: Vertices, before: int, here: int, neighbors: list[int], used: set[tuple[int, int]]
) -> int | None:
    best, best_bend = None, float(BEND_MAX_RAD)
    heading = np.arctan2(*(points[here] - points[before])[::-1])
    for neighbor in neighbors:
        if (here, neighbor) in used:
            continue
        turned = np.arctan2(*(points[neighbor] - points[here])[::-1]) - heading
        bend = abs(float((turned + np.pi) % (2 * np.pi) - np.pi))
        if bend < best_bend:
            best, best_bend = neighbor, bend
    return best
