"""The cheapest assignment of rows to columns.

References
----------
.. [1] Jonker, R., Volgenant, A. (1987). A shortest augmenting path algorithm for dense and sparse linear
   assignment problems. Computing 38, 325-340. doi:10.1007/BF02278710
"""

import numpy as np

from compiling.kernel import inlined, kernel
from dispatch.kernels.layout import INFEASIBLE, Ints

NONE = -1
FAR = 2 * INFEASIBLE
"""Farther than any path."""


@inlined
def match_at_minimum(cost: Ints, own: Ints, u: Ints, row_of: Ints, column_of: Ints) -> None:
    """Match every row that can have a column of its least cost, its own before others.

    Queues are nearly where they belong already: few rows are left for the search of augmenting paths.
    """
    rows, columns = cost.shape
    for i in range(rows):
        least = cost[i, 0]
        for j in range(1, columns):
            least = min(least, cost[i, j])
        u[i] = least
        if cost[i, own[i]] == least:
            row_of[own[i]] = i
            column_of[i] = own[i]
    for i in range(rows):
        if column_of[i] != NONE:
            continue
        for j in range(columns):
            if row_of[j] == NONE and cost[i, j] == u[i]:
                row_of[j] = i
                column_of[i] = j
                break


@inlined
def relax(cost: Ints, i: int, u: Ints, v: Ints, far: int, via: int, distance: Ints, before: Ints) -> int:
    """Reach columns over row ``i``, ``far`` from the start, where that is nearer; return the next column.

    That is the nearest one, the first of equals. The loop reads and writes the same for every column, so that
    it runs for many at a time.
    """
    columns = cost.shape[1]
    base = far - u[i]
    least = FAR
    for j in range(columns):
        there = base + cost[i, j] - v[j]
        nearest, over = distance[j], before[j]
        if there < nearest:
            nearest, over = there, via
        distance[j], before[j] = nearest, over
        least = min(least, nearest)
    j = 0
    while distance[j] != least:
        j += 1
    return j


@inlined
def augment(
    cost: Ints,
    i: int,
    u: Ints,
    v: Ints,
    row_of: Ints,
    column_of: Ints,
    before: Ints,
    distance: Ints,
    passed: Ints,
    passed_at: Ints,
) -> None:
    """Match row ``i`` too, along the shortest augmenting path in reduced costs [1]_."""
    distance[:] = FAR
    n = 0
    far = 0
    j = relax(cost, i, u, v, far, NONE, distance, before)
    far = distance[j]
    while row_of[j] != NONE:
        passed[n], passed_at[n] = j, far
        n += 1
        # Who has been passed is never nearer again: until the end such a column is out of reach.
        distance[j] = FAR
        v[j] -= FAR
        j = relax(cost, row_of[j], u, v, far, j, distance, before)
        far = distance[j]
    u[i] += far
    for k in range(n):
        u[row_of[passed[k]]] += far - passed_at[k]
        v[passed[k]] += FAR - (far - passed_at[k])
    while j != NONE:
        via = before[j]
        row_of[j] = i if via == NONE else row_of[via]
        column_of[row_of[j]] = j
        j = via


@kernel
def assign_rows(cost: Ints, own: Ints) -> Ints:
    """Return the column of every row in the cheapest assignment of rows to columns.

    ``own`` names the present column of every row. There are at least as many columns as rows.
    O(rows^2 columns) at worst.
    """
    rows, columns = cost.shape
    u = np.empty(rows, np.int64)
    v = np.zeros(columns, np.int64)
    row_of = np.full(columns, NONE, np.int64)
    column_of = np.full(rows, NONE, np.int64)
    match_at_minimum(cost, own, u, row_of, column_of)
    before = np.empty(columns, np.int64)
    distance = np.empty(columns, np.int64)
    passed = np.empty(rows, np.int64)
    passed_at = np.empty(rows, np.int64)
    for i in range(rows):
        if column_of[i] == NONE:
            augment(cost, i, u, v, row_of, column_of, before, distance, passed, passed_at)
    return column_of
