"""The small streets: a grid for each district, and the bent lanes of the old town."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from roads.cityplan.arrangement import Vertices, inside
from roads.cityplan.districts import District
from roads.cityplan.main_roads import Bones, PlannedStreet
from roads.cityplan.params import CityParams

INNER_TURN_RAD = np.radians(4.0)
OUTER_TURN_RAD = np.radians(24.0)
BEND_MAX_RAD = np.radians(50.0)
LANE_EDGES_MAX = 7


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
    """Draw the lanes of the old town: a Gabriel graph of shaken points, strung to bent streets.

    References
    ----------
    Gabriel and Sokal (1969), doi:10.2307/2412323.
    """
    points = _shaken_points(bones.old_town, params.lane_spacing_m, rng)
    edges = _gabriel_edges(points)
    edges = edges[rng.random(len(edges)) > params.missing_share]
    lanes = _string_together(points, edges, rng)
    return [PlannedStreet(points[lane], "lane", "lane", district=district) for lane in lanes]


def _shaken_points(outline: Vertices, spacing_m: float, rng: np.random.Generator) -> Vertices:
    margin = 2 * spacing_m
    low, high = outline.min(axis=0) - margin, outline.max(axis=0) + margin
    x, y = np.meshgrid(np.arange(low[0], high[0], spacing_m), np.arange(low[1], high[1], spacing_m))
    x = x + (np.arange(len(x)) % 2)[:, None] * spacing_m / 2
    points = np.column_stack((x.ravel(), y.ravel()))
    points += rng.uniform(-0.33, 0.33, points.shape) * spacing_m
    middle = outline.mean(axis=0)
    return points[inside(middle + 1.12 * (outline[:-1] - middle), points)]


def _gabriel_edges(points: Vertices) -> NDArray[np.int64]:
    """Return the Delaunay edges whose circle around the middle holds no other point."""
    corners = Delaunay(points).simplices
    pairs = np.sort(np.concatenate((corners[:, :2], corners[:, 1:], corners[:, ::2])), axis=1)
    pairs = np.unique(pairs, axis=0)
    middles = points[pairs].mean(axis=1)
    reach = ((points[pairs[:, 0]] - middles) ** 2).sum(axis=1)
    squared = ((points[None] - middles[:, None]) ** 2).sum(axis=2)
    kept: NDArray[np.int64] = pairs[squared.min(axis=1) > reach * (1 - 1e-9)].astype(np.int64)
    return kept


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
