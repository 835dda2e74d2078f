"""What starts now, why others wait, and what the trips that start cost with this rider and with others."""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined, kernel
from dispatch.kernels.layout import (
    ALTERNATIVES,
    COUNT,
    FREE,
    INFEASIBLE,
    IS_FREE,
    MERCHANT,
    NEXT,
    PICKUP_BEFORE,
    PLACE,
    READY,
    REAL,
    RIDERS,
    STARTS,
    TIME,
    TRIPS,
    WAITS_FOR_BUSY_RIDER,
    WAITS_FOR_KITCHEN,
    WAITS_IN_QUEUE,
    WITHOUT_RIDER,
    Ints,
)
from dispatch.kernels.queues import (
    begin,
    ready_ms,
    refresh,
    rest_from,
    state_at,
    take_out,
    total_cost,
    trip_at,
    trip_from,
)


@inlined
def must_leave(c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, r: int) -> bool:
    """Tell whether the first trip of a queue has to start now, so that its pickup is not delayed."""
    at = trip_at(c, 0)
    first = q[r, at + 1]
    if riders[r, IS_FREE] == 0 or orders[first, REAL] == 0:
        return False
    arrives = c[NEXT] + way[r, orders[first, MERCHANT]] + c[PICKUP_BEFORE]
    return arrives > ready_ms(orders, q, r, at)


@inlined
def choose_starts(c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, starts: Ints) -> int:
    """Write down whose first trip starts; return how many start."""
    count = 0
    for r in range(c[RIDERS]):
        if q[r, TRIPS] > 0 and must_leave(c, riders, orders, way, q, r):
            starts[count] = r
            count += 1
    return count


@inlined
def mark(
    c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, fate: Ints, starts: Ints, count: int
) -> None:
    """Write down what becomes of every order, from the queues that the plan keeps.

    Who would have to leave now and does not waits for an order that is only expected.
    """
    fate[:] = WITHOUT_RIDER
    started = 0
    for r in range(c[RIDERS]):
        leaves = started < count and starts[started] == r
        if leaves:
            started += 1
        for k in range(q[r, TRIPS]):
            at = trip_at(c, k)
            for i in range(at + 1, at + q[r, at] + 1):
                if k == 0 and leaves:
                    fate[q[r, i]] = STARTS
                elif k > 0 or must_leave(c, riders, orders, way, q, r):
                    fate[q[r, i]] = WAITS_IN_QUEUE
                else:
                    fate[q[r, i]] = reason_to_hold(c, riders, orders, way, r, q[r, i])


@inlined
def reason_to_hold(c: Ints, riders: Ints, orders: Ints, way: Ints, r: int, o: int) -> int:
    """Return why the first trip of a rider waits: for the rider, or for the kitchen."""
    there = riders[r, FREE] + way[r, orders[o, MERCHANT]] + c[PICKUP_BEFORE]
    late = riders[r, IS_FREE] == 0 and there > orders[o, READY]
    return WAITS_FOR_BUSY_RIDER if late else WAITS_FOR_KITCHEN


@inlined
def drop_expected(c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints) -> None:
    """Take the orders that are only expected out of all queues."""
    for r in range(c[RIDERS]):
        k = 0
        changed = False
        while k < q[r, TRIPS]:
            o = q[r, trip_at(c, k) + 1]
            if orders[o, REAL] == 0:
                take_out(c, q, r, o)
                changed = True
            else:
                k += 1
        if changed:
            begin(c, riders, q, r)
            refresh(c, riders, orders, way, q, r, 0)


@inlined
def with_trip(c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, owner: int, r: int, first: int) -> int:
    """Return the cost of a rider's queue from trip ``first`` on, after the first trip of ``owner``."""
    at = state_at(c, 0)
    trip = trip_at(c, 0)
    n = q[owner, trip]
    place, time, count = q[r, at + PLACE], q[r, at + TIME], q[r, at + COUNT]
    cost, end = trip_from(c, riders, orders, way, q, owner, trip, r, place, time, count)
    if cost >= INFEASIBLE:
        return INFEASIBLE
    last = c[RIDERS] + q[owner, trip + n]
    rest = rest_from(c, riders, orders, way, q, r, first, r, last, end, count + n, INFEASIBLE - 1)
    return INFEASIBLE if rest >= INFEASIBLE else cost + rest


@inlined
def price(
    c: Ints, riders: Ints, orders: Ints, way: Ints, barred: NDArray[np.bool_], q: Ints, r: int, out: Ints
) -> None:
    """Write down what the first trip of a rider costs others: the rider's next orders, and other riders.

    Parameters
    ----------
    out : array of int64, shape (PRICE_SIZE,)
        Filled; see ``PRICE_SIZE``.
    """
    at = state_at(c, 0)
    trip = trip_at(c, 0)
    place, time, count = q[r, at + PLACE], q[r, at + TIME], q[r, at + COUNT]
    alone, end = trip_from(c, riders, orders, way, q, r, trip, r, place, time, count)
    rest = rest_from(c, riders, orders, way, q, r, 1, r, place, time, count, INFEASIBLE - 1)
    own = total_cost(c, q, r) - rest if rest < INFEASIBLE else alone
    out[0] = end
    out[1] = own - alone
    for i in range(ALTERNATIVES):
        out[2 + 2 * i] = -1
        out[3 + 2 * i] = INFEASIBLE
    for other in range(c[RIDERS]):
        if other == r or (barred.size > 0 and any_barred(barred, q, trip, r, other)):
            continue
        cost = with_trip(c, riders, orders, way, q, r, other, 0)
        if cost >= INFEASIBLE:
            continue
        extra = cost - total_cost(c, q, other) - own
        i = ALTERNATIVES
        while i > 0 and out[1 + 2 * i] > extra:
            i -= 1
        if i == ALTERNATIVES:
            continue
        for j in range(ALTERNATIVES - 1, i, -1):
            out[2 + 2 * j], out[3 + 2 * j] = out[2 * j], out[1 + 2 * j]
        out[2 + 2 * i], out[3 + 2 * i] = other, extra


@inlined
def any_barred(barred: NDArray[np.bool_], q: Ints, trip: int, owner: int, r: int) -> bool:
    """Tell whether a rider turned down an order of a trip."""
    for i in range(trip + 1, trip + q[owner, trip] + 1):
        if barred[r, q[owner, i]]:
            return True
    return False


@kernel
def conclude(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    fate: Ints,
    starts: Ints,
    prices: Ints,
) -> int:
    """Decide what starts now, drop what is only expected, and price the trips that start.

    Parameters
    ----------
    fate : array of int64, shape (orders,)
        Filled with what becomes of every order.
    starts, prices : arrays of int64, shapes (riders,) and (riders, PRICE_SIZE)
        Filled, as far as returned, with the riders whose first trip starts and with its prices.

    Returns
    -------
    int
        How many trips start.
    """
    count = choose_starts(c, riders, orders, way, q, starts)
    drop_expected(c, riders, orders, way, q)
    mark(c, riders, orders, way, q, fate, starts, count)
    for i in range(count):
        price(c, riders, orders, way, barred, q, starts[i], prices[i])
    return count
