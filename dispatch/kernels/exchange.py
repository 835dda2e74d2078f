"""Whole queues, and their tails, handed to the riders for whom they cost least together.

References
----------
.. [1] Jonker, R., Volgenant, A. (1987). A shortest augmenting path algorithm for dense and sparse linear
   assignment problems. Computing 38, 325-340. doi:10.1007/BF02278710
"""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined, kernel
from dispatch.kernels.layout import COUNT, INFEASIBLE, ORDERS, PLACE, RIDERS, TIME, TRIPS, UNASSIGNED, Ints
from dispatch.kernels.queues import idle_cost, refresh, rest_from, state_at, trip_at


@inlined
def match_at_minimum(cost: Ints, own: Ints, u: Ints, row_of: Ints) -> None:
    """Match every row that can have a column of its least cost, its own before others.

    Queues are nearly where they belong already: few rows are left for the search of augmenting paths.
    """
    rows, columns = cost.shape
    for i in range(rows):
        least = cost[i, 0]
        for j in range(1, columns):
            least = min(least, cost[i, j])
        u[i + 1] = least
        if cost[i, own[i]] == least:
            row_of[own[i] + 1] = i + 1
    for i in range(rows):
        if row_of[own[i] + 1] == i + 1:
            continue
        for j in range(columns):
            if row_of[j + 1] == 0 and cost[i, j] == u[i + 1]:
                row_of[j + 1] = i + 1
                break


@inlined
def augment(
    cost: Ints, i: int, u: Ints, v: Ints, row_of: Ints, way: Ints, least: Ints, used: NDArray[np.bool_]
) -> None:
    """Match one row more, along the shortest augmenting path in reduced costs [1]_."""
    columns = cost.shape[1]
    row_of[0] = i
    j0 = 0
    least[:] = 2 * INFEASIBLE
    used[:] = False
    while row_of[j0] != 0:
        used[j0] = True
        i0 = row_of[j0]
        delta = 2 * INFEASIBLE
        j1 = 0
        for j in range(1, columns + 1):
            if used[j]:
                continue
            reduced = cost[i0 - 1, j - 1] - u[i0] - v[j]
            if reduced < least[j]:
                least[j] = reduced
                way[j] = j0
            if least[j] < delta:
                delta = least[j]
                j1 = j
        for j in range(columns + 1):
            if used[j]:
                u[row_of[j]] += delta
                v[j] -= delta
            else:
                least[j] -= delta
        j0 = j1
    while j0 != 0:
        j1 = way[j0]
        row_of[j0] = row_of[j1]
        j0 = j1


@kernel
def assign_rows(cost: Ints, own: Ints) -> Ints:
    """Return the column of every row in the cheapest assignment of rows to columns.

    ``own`` names the present column of every row. There are at least as many columns as rows.
    O(rows^2 columns) at worst.
    """
    rows, columns = cost.shape
    u = np.zeros(rows + 1, np.int64)
    v = np.zeros(columns + 1, np.int64)
    row_of = np.zeros(columns + 1, np.int64)
    match_at_minimum(cost, own, u, row_of)
    way = np.zeros(columns + 1, np.int64)
    least = np.empty(columns + 1, np.int64)
    used = np.empty(columns + 1, np.bool_)
    matched = np.zeros(rows + 1, np.bool_)
    for j in range(1, columns + 1):
        matched[row_of[j]] = True
    for i in range(1, rows + 1):
        if not matched[i]:
            augment(cost, i, u, v, row_of, way, least, used)
    column_of = np.zeros(rows, np.int64)
    for j in range(1, columns + 1):
        if row_of[j] != 0:
            column_of[row_of[j] - 1] = j - 1
    return column_of


@inlined
def is_barred(c: Ints, barred: NDArray[np.bool_], q: Ints, owner: int, first: int, r: int) -> bool:
    """Tell whether a rider turned down an order of a queue from a trip on."""
    for k in range(first, q[owner, TRIPS]):
        at = trip_at(c, k)
        for i in range(at + 1, at + q[owner, at] + 1):
            if barred[r, q[owner, i]]:
                return True
    return False


@inlined
def most_cost(c: Ints, orders: Ints) -> int:
    """Return more than queues cost that are worth having: what it costs that nobody does anything."""
    total = 10_000 * c[UNASSIGNED]
    for o in range(c[ORDERS]):
        total += idle_cost(c, orders, o)
    return total


@kernel
def exchange(
    c: Ints, riders: Ints, orders: Ints, way: Ints, barred: NDArray[np.bool_], q: Ints, first: int
) -> None:
    """Reassign what follows the first ``first`` trips of every queue, together, where it costs least.

    Riders whose own queue is shorter than ``first`` take no part.
    """
    owners = np.empty(c[RIDERS], np.int64)
    takers = np.empty(c[RIDERS], np.int64)
    own = np.empty(c[RIDERS], np.int64)
    rows = 0
    columns = 0
    for r in range(c[RIDERS]):
        if q[r, TRIPS] >= first:
            if q[r, TRIPS] > first:
                owners[rows] = r
                own[rows] = columns
                rows += 1
            takers[columns] = r
            columns += 1
    if rows == 0 or columns < 2:
        return
    ceiling = most_cost(c, orders)
    cost = np.empty((rows, columns), np.int64)
    at = state_at(c, first)
    for i in range(rows):
        for j in range(columns):
            owner, r = owners[i], takers[j]
            if barred.size > 0 and is_barred(c, barred, q, owner, first, r):
                cost[i, j] = ceiling
                continue
            place, time, count = q[r, at + PLACE], q[r, at + TIME], q[r, at + COUNT]
            tail = rest_from(c, riders, orders, way, q, owner, first, r, place, time, count, ceiling)
            cost[i, j] = min(tail, ceiling)
    column_of = assign_rows(cost, own)
    for i in range(rows):
        if takers[column_of[i]] != owners[i]:
            move_tails(c, riders, orders, way, q, first, owners[:rows], takers[:columns], column_of)
            return


@kernel
def move_tails(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    first: int,
    owners: Ints,
    takers: Ints,
    column_of: Ints,
) -> None:
    """Hand the tails of owners over to the takers that were found."""
    before = q.copy()
    for j in range(len(takers)):
        q[takers[j], TRIPS] = first
    for i in range(len(owners)):
        owner, r = owners[i], takers[column_of[i]]
        trips = before[owner, TRIPS]
        q[r, TRIPS] = trips
        for column in range(trip_at(c, first), trip_at(c, trips)):
            q[r, column] = before[owner, column]
    for j in range(len(takers)):
        refresh(c, riders, orders, way, q, takers[j], first)
