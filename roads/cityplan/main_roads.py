"""The bones of a synthetic city: river, ring, avenues, embankments and the wall road of the old town."""

from dataclasses import dataclass

import numpy as np

from roads.cityplan.arrangement import Vertices
from roads.cityplan.params import HALF_CITY_M, CityParams

BANK_M = 45.0
"""From the water's edge to the road along it."""

BEYOND_M = 700.0
"""The river is drawn this far beyond the city."""

AXIS_X_M = 420.0
RING_CORNERS = 96


@dataclass(frozen=True, slots=True)
class PlannedStreet:
    """A line that becomes a street where it is allowed to.

    Attributes
    ----------
    vertices : ndarray of float, shape (corners, 2)
        Its course in meters from the middle of the city.
    road_class : str
        One of ``roads.graph.ROAD_CLASSES``.
    role : str
        Picks its name: ``ring``, ``axis``, ``avenue``, ``diagonal``, ``wall``, ``bank-north``,
        ``bank-south``, ``street`` or ``lane``.
    district : int
        Index of the district that it stays in; -1 for main roads, which go everywhere.
    crosses_river : bool
        Whether it has a bridge; other streets end at the embankment.
    """

    vertices: Vertices
    road_class: str
    role: str
    district: int = -1
    crosses_river: bool = False


@dataclass(frozen=True, slots=True)
class Bones:
    """River, main roads and the outline of the old town, in meters from the middle of the city.

    Attributes
    ----------
    river_line : ndarray of float, shape (corners, 2)
        Middle of the river from west to east.
    water, corridor, old_town : ndarray of float, shape (corners, 2)
        Polygons: the water, everything between the two embankments, the old town.
    ring : ndarray of float, shape (corners, 2)
        The closed line of the ring road.
    roads : tuple of PlannedStreet
        All main roads.
    """

    river_line: Vertices
    water: Vertices
    corridor: Vertices
    ring: Vertices
    old_town: Vertices
    roads: tuple[PlannedStreet, ...]


def draw_bones(params: CityParams, rng: np.random.Generator) -> Bones:
    """Draw river and main roads."""
    river = _river_line(rng)
    half_m = params.river_width_m / 2
    north, south = _beside(river, half_m + BANK_M), _beside(river, -half_m - BANK_M)
    ring = _blob((0.0, 150.0), params.ring_radius_m, RING_CORNERS, 0.05, rng)
    old_town = _old_town(params, north, rng)
    roads = (
        PlannedStreet(ring, "ring", "ring", crosses_river=True),
        PlannedStreet(north, "arterial", "bank-north"),
        PlannedStreet(south, "arterial", "bank-south"),
        PlannedStreet(old_town, "arterial", "wall"),
        *_avenues_over_river(params.bridges - 3, river, rng),
        *_avenues_along_river(rng),
        *_diagonals(rng),
    )
    return Bones(
        river_line=river,
        water=np.concatenate((_beside(river, half_m), _beside(river, -half_m)[::-1])),
        corridor=np.concatenate((north, south[::-1])),
        ring=ring,
        old_town=old_town,
        roads=roads,
    )


def _river_line(rng: np.random.Generator) -> Vertices:
    x = np.arange(-HALF_CITY_M - BEYOND_M, HALF_CITY_M + BEYOND_M + 1, 100.0)
    wide = rng.uniform(320, 480) * np.sin(2 * np.pi * (x / rng.uniform(4600, 6000) + rng.random()))
    narrow = rng.uniform(90, 140) * np.sin(2 * np.pi * (x / rng.uniform(2000, 2500) + rng.random()))
    return np.column_stack((x, -350.0 + rng.uniform(-0.1, 0.1) * x + wide + narrow))


def _beside(line: Vertices, left_m: float) -> Vertices:
    """Return the line moved to its left."""
    way = np.gradient(line, axis=0)
    way /= np.hypot(way[:, 0], way[:, 1])[:, None]
    return line + left_m * np.column_stack((-way[:, 1], way[:, 0]))


def _blob(
    center: tuple[float, float], radius_m: float, corners: int, roughness: float, rng: np.random.Generator
) -> Vertices:
    """Return a closed round line whose radius varies by the roughness."""
    angle = np.linspace(0.0, 2 * np.pi, corners, endpoint=False)
    radius = np.ones(corners)
    for waves in (2, 3, 5):
        radius += (
            roughness
            * rng.uniform(0.4, 1.0)
            * np.sin(waves * angle + rng.uniform(0, 2 * np.pi))
            / np.sqrt(waves)
        )
    line = np.array(center) + radius_m * radius[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    return np.concatenate((line, line[:1]))


def _old_town(params: CityParams, north_bank: Vertices, rng: np.random.Generator) -> Vertices:
    radius_m = params.old_town_radius_m
    x = AXIS_X_M - 1.2 * radius_m - rng.uniform(40, 80)
    near = np.abs(north_bank[:, 0] - x) < 0.7 * radius_m
    bank_y = float(north_bank[near, 1].mean())
    return _blob((x, bank_y + 0.8 * radius_m), radius_m, 36, 0.07, rng)


def _avenues_over_river(extra_bridges: int, river: Vertices, rng: np.random.Generator) -> list[PlannedStreet]:
    """Return the main avenue and four others; those without a bridge come in two parts."""
    end = HALF_CITY_M
    axis = np.array([(AXIS_X_M, -end), (AXIS_X_M, end)])
    roads = [PlannedStreet(axis, "arterial", "axis", crosses_river=True)]
    others = np.array([1720.0, -1780.0, 3250.0, -3220.0]) + rng.uniform(-60, 60, 4)
    bridged = [0, 1] if extra_bridges == 2 else [0, 2, 1][:extra_bridges]
    for index, x in enumerate(others.tolist()):
        if index in bridged:
            line = np.array([(x, -end), (x, end)])
            roads.append(PlannedStreet(line, "arterial", "avenue", crosses_river=True))
            continue
        for place, side in ((x, 1), (x + rng.uniform(-250, 250), -1)):
            middle = float(np.interp(place, river[:, 0], river[:, 1]))
            line = np.array([(place, middle), (place, side * end)])
            roads.append(PlannedStreet(line, "arterial", "avenue"))
    return roads


def _avenues_along_river(rng: np.random.Generator) -> list[PlannedStreet]:
    ys = np.array([1750.0, 3150.0, -1900.0, -3150.0]) + rng.uniform(-80, 80, 4)
    end = HALF_CITY_M
    return [PlannedStreet(np.array([(-end, y), (end, y)]), "arterial", "avenue") for y in ys.tolist()]


def _diagonals(rng: np.random.Generator) -> list[PlannedStreet]:
    """Return a boulevard from the main avenue to the northeast corner, and one in the southwest."""
    lean = rng.uniform(-250, 250, 2).tolist()
    end = HALF_CITY_M
    return [
        PlannedStreet(
            np.array([(AXIS_X_M, 1000.0 + lean[0]), (end, end - 250 + lean[0])]), "arterial", "diagonal"
        ),
        PlannedStreet(np.array([(AXIS_X_M, -1900.0), (-end, -end + 450 + lean[1])]), "arterial", "diagonal"),
    ]
