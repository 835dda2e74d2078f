"""Where an order fits best among all queues."""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined
from dispatch.kernels.layout import (
    DELIVERED,
    DROPOFF_BEFORE,
    FREE,
    INFEASIBLE,
    LAST_MILE,
    LONGEST,
    MERCHANT,
    MOST,
    PICKUP_AFTER,
    PICKUP_BEFORE,
    READY,
    REAL,
    RIDERS,
    TRIPS,
    Ints,
)
from dispatch.kernels.queues import (
    cost_of_joining,
    cost_of_new_trip,
    idle_cost,
    insert_trip,
    join_trip,
    order_cost,
    pay_cost,
    refresh,
    total_cost,
    trip_at,
)

ROUNDING_MS = 60_000
"""By how much a detour may be shorter than the straight drive, where drives are whole minutes."""


@inlined
def least_cost(c: Ints, riders: Ints, orders: Ints, way: Ints, r: int, o: int) -> int:
    """Return less than any insertion of an order into the queue of a rider can cost.

    The rider drives straight to the merchant, and earns as if it were the first.
    """
    arrives = riders[r, FREE] + way[r, orders[o, MERCHANT]]
    t = max(arrives + c[PICKUP_BEFORE] - ROUNDING_MS, orders[o, READY])
    t += c[PICKUP_AFTER] + orders[o, LAST_MILE] + c[DROPOFF_BEFORE]
    cost = order_cost(c, orders, o, t)
    if orders[o, REAL] != 0:
        cost += pay_cost(c, riders, r, riders[r, DELIVERED])
    return cost


@inlined
def best_in_queue(
    c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, r: int, o: int, best: int, where: Ints
) -> int:
    """Return the least extra cost of inserting an order into one queue, if below ``best``.

    ``where`` takes rider, trip and stop (-1: a trip of its own) of the best place found.
    """
    before = total_cost(c, q, r)
    for k in range(q[r, TRIPS], -1, -1):
        if q[r, TRIPS] < c[LONGEST]:
            cost = cost_of_new_trip(c, riders, orders, way, q, r, k, o, before + best) - before
            if cost < best:
                best = cost
                where[0], where[1], where[2] = r, k, -1
        if k == q[r, TRIPS]:
            continue
        n = q[r, trip_at(c, k)]
        first = q[r, trip_at(c, k) + 1]
        if orders[first, MERCHANT] != orders[o, MERCHANT] or orders[first, REAL] != orders[o, REAL]:
            continue
        if n == c[MOST]:
            continue
        for s in range(n + 1):
            cost = cost_of_joining(c, riders, orders, way, q, r, k, s, o, before + best) - before
            if cost < best:
                best = cost
                where[0], where[1], where[2] = r, k, s
    return best


@inlined
def insert_best(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    o: int,
    rider_of: Ints,
    bound: Ints,
    where: Ints,
) -> None:
    """Insert an order where it costs least, or leave it without a rider if that costs less.

    The rider whose bound is least is tried first, then all whose bound is below the best found.
    """
    best = idle_cost(c, orders, o)
    where[0] = -1
    first = -1
    least = best
    for r in range(c[RIDERS]):
        bound[r] = least_cost(c, riders, orders, way, r, o)
        if barred.size > 0 and barred[r, o]:
            bound[r] = INFEASIBLE
        # Of equal bounds the shortest queue: what it costs there is often no more than the bound.
        key = bound[r] + q[r, TRIPS]
        if key < least:
            least = key
            first = r
    if first >= 0:
        best = best_in_queue(c, riders, orders, way, q, first, o, best, where)
    for r in range(c[RIDERS]):
        if bound[r] < best and r != first:
            best = best_in_queue(c, riders, orders, way, q, r, o, best, where)
    r = where[0]
    rider_of[o] = r
    if r < 0:
        return
    if where[2] < 0:
        insert_trip(c, q, r, where[1], o)
    else:
        join_trip(c, q, r, where[1], where[2], o)
    refresh(c, riders, orders, way, q, r, where[1])
