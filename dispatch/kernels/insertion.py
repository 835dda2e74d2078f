"""Where an order fits best among all queues."""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined
from dispatch.kernels.costs import Single, delay_cost, idle_cost, pay_cost, single_of
from dispatch.kernels.layout import (
    DELIVERED,
    FREE,
    INFEASIBLE,
    LONGEST,
    MERCHANT,
    MERCHANTS,
    MOST,
    ORDERS,
    PICKUP_BEFORE,
    REAL,
    RIDERS,
    TRIPS,
    Ints,
)
from dispatch.kernels.queues import (
    cost_of_joining,
    cost_of_new_trip,
    insert_trip,
    join_trip,
    refresh,
    total_cost,
    trip_at,
)

ROUNDING_MS = 60_000
"""By how much a detour may be shorter than the straight drive, where drives are whole minutes."""


@inlined
def set_least(c: Ints, riders: Ints, way: Ints, soonest: Ints, least_pay: Ints) -> None:
    """Compute for every rider what no insertion can be below: the pickup at every merchant, and the pay.

    The rider drives straight to the merchant, and earns as if it were the first.

    Parameters
    ----------
    soonest, least_pay : arrays of int64, shapes (merchants, riders) and (riders,)
        Filled.
    """
    for r in range(c[RIDERS]):
        start_ms = riders[r, FREE] + c[PICKUP_BEFORE] - ROUNDING_MS
        for m in range(c[MERCHANTS]):
            soonest[m, r] = start_ms + way[r, m]
        least_pay[r] = pay_cost(c, riders, r, riders[r, DELIVERED])


@inlined
def set_bounds(
    barred: NDArray[np.bool_], o: int, single: Single, soonest: Ints, least_pay: Ints, bound: Ints
) -> None:
    """Compute for every rider less than any insertion of an order into the queue can cost."""
    for r in range(len(bound)):
        drop_ms = max(soonest[single.merchant, r], single.ready) + single.drop_after_ms
        bound[r] = delay_cost(single.rates, drop_ms) + single.real * least_pay[r]
    if barred.size > 0:
        for r in range(len(bound)):
            if barred[r, o]:
                bound[r] = INFEASIBLE


@inlined
def most_promising(c: Ints, q: Ints, bound: Ints, limit: int) -> int:
    """Return the rider whose bound is least, if below a limit, else -1.

    Of equal bounds the shortest queue: what it costs there is often no more than the bound.
    """
    least = limit
    for r in range(len(bound)):
        least = min(least, bound[r])
    least += c[LONGEST]
    best, key = -1, limit
    for r in range(len(bound)):
        if bound[r] <= least and bound[r] + q[r, TRIPS] < key:
            key = bound[r] + q[r, TRIPS]
            best = r
    return best


@inlined
def best_in_queue(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    r: int,
    o: int,
    single: Single,
    best: int,
    where: Ints,
) -> int:
    """Return the least extra cost of inserting an order into one queue, if below ``best``.

    ``where`` takes rider, trip and stop (-1: a trip of its own) of the best place found.
    """
    before = total_cost(c, q, r)
    for k in range(q[r, TRIPS], -1, -1):
        if q[r, TRIPS] < c[LONGEST]:
            cost = cost_of_new_trip(c, riders, orders, way, q, r, k, o, single, before + best) - before
            if cost < best:
                best = cost
                where[0], where[1], where[2] = r, k, -1
        if k == q[r, TRIPS]:
            continue
        n = q[r, trip_at(c, k)]
        first = q[r, trip_at(c, k) + 1]
        if orders[first, MERCHANT] != single.merchant or orders[first, REAL] != single.real:
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
    soonest: Ints,
    least_pay: Ints,
    bound: Ints,
    where: Ints,
) -> None:
    """Insert an order where it costs least, or leave it without a rider if that costs less.

    The rider whose bound is least is tried first, then all whose bound is below the best found.
    """
    best = idle_cost(c, orders, o)
    where[0] = -1
    single = single_of(c, orders, o)
    set_bounds(barred, o, single, soonest, least_pay, bound)
    first = most_promising(c, q, bound, best)
    for turn in range(0 if first >= 0 else 1, c[RIDERS] + 1):
        r = first if turn == 0 else turn - 1
        if bound[r] < best:
            best = best_in_queue(c, riders, orders, way, q, r, o, single, best, where)
            # Not a second time.
            bound[r] = INFEASIBLE
    r = where[0]
    rider_of[o] = r
    if r < 0:
        return
    if where[2] < 0:
        insert_trip(c, q, r, where[1], o)
    else:
        join_trip(c, q, r, where[1], where[2], o)
    refresh(c, riders, orders, way, q, r, where[1])


@inlined
def insert_waiting(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    rider_of: Ints,
    soonest: Ints,
    least_pay: Ints,
    bound: Ints,
    where: Ints,
) -> None:
    """Insert every order that has no rider, one after the other."""
    for o in range(c[ORDERS]):
        if rider_of[o] < 0:
            insert_best(c, riders, orders, way, barred, q, o, rider_of, soonest, least_pay, bound, where)
