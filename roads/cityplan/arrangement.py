"""Lines drawn over each other become a planar graph: cut at every crossing, faces traced.

Everything happens on a plane in meters, before the city is laid on the globe.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Vertices: TypeAlias = NDArray[np.float64]
"""Corners of a line or polygon in meters, shape (corners, 2)."""

SNAP_M = 0.01
"""Cuts closer than this are one vertex."""

PARALLEL = 1e-9


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A planar graph cut out of lines.

    Attributes
    ----------
    vertices : ndarray of float, shape (vertices, 2)
        Where lines end, bend or cross, in meters.
    pieces : ndarray of int, shape (pieces, 3)
        Start vertex, end vertex and index of the line that the piece belongs to, in order along the line.
    """

    vertices: Vertices
    pieces: NDArray[np.int64]


def arrange(lines: Sequence[Vertices]) -> Arrangement:
    """Cut lines at all their mutual crossings.

    Time and memory grow with the square of the number of straight segments (1,000 segments: 50 ms).
    """
    starts = np.concatenate([line[:-1] for line in lines])
    ends = np.concatenate([line[1:] for line in lines])
    owner = np.repeat(np.arange(len(lines)), [len(line) - 1 for line in lines])
    shares = _cut_shares(starts, ends)
    points: list[Vertices] = []
    for start, end, cuts in zip(starts, ends, shares, strict=True):
        along = np.unique(np.concatenate(([0.0], cuts, [1.0])))
        points.append(start + along[:, None] * (end - start))
    vertices, labels = _snap(np.concatenate(points))
    last = np.cumsum([len(part) for part in points])
    heads = np.setdiff1d(np.arange(len(labels)), last - 1)
    lines_of = np.repeat(owner, [len(part) - 1 for part in points])
    pieces = np.column_stack((labels[heads], labels[heads + 1], lines_of))
    return Arrangement(vertices, pieces[pieces[:, 0] != pieces[:, 1]])


def _cut_shares(starts: Vertices, ends: Vertices) -> list[NDArray[np.float64]]:
    """Return where each segment is cut by the others, as shares of its length."""
    way = ends - starts
    gap_x = starts[None, :, 0] - starts[:, None, 0]
    gap_y = starts[None, :, 1] - starts[:, None, 1]
    cross = way[:, None, 0] * way[None, :, 1] - way[:, None, 1] * way[None, :, 0]
    lengths = np.hypot(way[:, 0], way[:, 1])
    usable = np.abs(cross) > PARALLEL * lengths[:, None] * lengths[None, :]
    cross[~usable] = 1.0
    own = (gap_x * way[None, :, 1] - gap_y * way[None, :, 0]) / cross
    other = (gap_x * way[:, None, 1] - gap_y * way[:, None, 0]) / cross
    slack = SNAP_M / np.maximum(lengths, SNAP_M)
    hits = (
        usable
        & (own > -slack[:, None])
        & (own < 1 + slack[:, None])
        & (other > -slack[None, :])
        & (other < 1 + slack[None, :])
    )
    return [np.clip(own[row, hits[row]], 0.0, 1.0) for row in range(len(starts))]


def _snap(points: Vertices) -> tuple[Vertices, NDArray[np.int64]]:
    """Return the different points, and for each given point the index of its own."""
    close = cKDTree(points).query_pairs(5 * SNAP_M, output_type="ndarray")
    links = coo_array((np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(points), len(points)))
    _, groups = connected_components(links, directed=False)
    _, first, labels = np.unique(groups, return_index=True, return_inverse=True)
    return points[first], labels


def trace_faces(vertices: Vertices, pairs: NDArray[np.int64]) -> list[list[int]]:
    """Return the bounded faces of a planar graph as counter-clockwise rings of vertices.

    Parameters
    ----------
    vertices : ndarray of float, shape (vertices, 2)
        Positions.
    pairs : ndarray of int, shape (edges, 2)
        Undirected edges, each once.
    """
    around: dict[int, list[int]] = {}
    for start, end in pairs.tolist():
        around.setdefault(start, []).append(end)
        around.setdefault(end, []).append(start)
    places = vertices.tolist()
    turn: dict[tuple[int, int], int] = {}
    for here, neighbors in around.items():
        x, y = places[here]
        fan = sorted((math.atan2(places[end][1] - y, places[end][0] - x), end) for end in neighbors)
        ordered = [end for _, end in fan]
        for index, neighbor in enumerate(ordered):
            # Arriving from a neighbor, the next clockwise way keeps the face on the left.
            turn[neighbor, here] = ordered[index - 1]
    faces = []
    while turn:
        edge = next(iter(turn))
        ring = []
        while edge in turn:
            ring.append(edge[0])
            edge = (edge[1], turn.pop(edge))
        if signed_area_m2(vertices[ring]) > 0:
            faces.append(_without_spurs(ring))
    return faces


def _without_spurs(ring: list[int]) -> list[int]:
    """Drop the way into dead ends and back out of them."""
    kept: list[int] = []
    for vertex in ring:
        kept.append(vertex)
        while len(kept) > 2 and kept[-1] == kept[-3]:
            del kept[-2:]
    while len(kept) > 3 and kept[-1] == kept[1]:
        kept = kept[1:-1]
    while len(kept) > 3 and kept[-2] == kept[0]:
        kept = kept[:-2]
    return kept


def signed_area_m2(polygon: Vertices) -> float:
    """Return the area of a polygon in square meters, negative when its corners run clockwise."""
    x, y = (polygon - polygon[0]).T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2


def inside(polygon: Vertices, points: Vertices) -> NDArray[np.bool_]:
    """Tell for each point whether it lies inside a simple polygon (even-odd rule)."""
    x, y = points[:, 0], points[:, 1]
    result = np.zeros(len(points), dtype=np.bool_)
    for (ax, ay), (bx, by) in zip(np.roll(polygon, 1, axis=0).tolist(), polygon.tolist(), strict=True):
        spans = (ay > y) != (by > y)
        if spans.any():
            result ^= spans & (x < bx + (y - by) / (ay - by if ay != by else 1.0) * (ax - bx))
    return result


def distance_to_line_m(line: Vertices, points: Vertices) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each point its distance from a line in meters, and the line's bearing there in radians."""
    starts, way = line[:-1], line[1:] - line[:-1]
    squared = np.maximum((way**2).sum(axis=1), SNAP_M**2)
    gap = points[:, None, :] - starts[None]
    share = np.clip((gap * way).sum(axis=2) / squared, 0.0, 1.0)
    off = gap - share[:, :, None] * way
    distance = np.hypot(off[:, :, 0], off[:, :, 1])
    best = distance.argmin(axis=1)
    return distance[np.arange(len(points)), best], np.arctan2(way[best, 1], way[best, 0])
