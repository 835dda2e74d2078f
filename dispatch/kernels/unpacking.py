"""Queues read out of their rows: the trips that start, with their times, and those that are foreseen."""

from compiling.kernel import inlined, kernel
from dispatch.kernels.layout import (
    DROPOFF_AFTER,
    DROPOFF_BEFORE,
    LAST_MILE,
    MERCHANT,
    MERCHANTS,
    NOW,
    PICKUP_AFTER,
    PICKUP_BEFORE,
    RIDERS,
    TRIPS,
    Ints,
)
from dispatch.kernels.queues import ready_ms, trip_at


@inlined
def time_first(c: Ints, orders: Ints, way: Ints, q: Ints, r: int, out: Ints) -> None:
    """Write down when the orders of a rider's first trip are handed over if the rider leaves now.

    Parameters
    ----------
    out : array of int64, shape (1 + 2 * most orders of a trip,)
        Filled with when they could be picked up, if the food were ready; then each order and its instant.
    """
    at = trip_at(c, 0)
    first = q[r, at + 1]
    t = c[NOW] + way[r, orders[first, MERCHANT]] + c[PICKUP_BEFORE]
    out[0] = t
    t = max(t, ready_ms(orders, q, r, at)) + c[PICKUP_AFTER]
    for i in range(1, q[r, at] + 1):
        o = q[r, at + i]
        drive = orders[o, LAST_MILE] if i == 1 else way[c[RIDERS] + q[r, at + i - 1], c[MERCHANTS] + o]
        t += drive + c[DROPOFF_BEFORE]
        out[2 * i - 1], out[2 * i] = o, t
        t += c[DROPOFF_AFTER]


@kernel
def unpack(c: Ints, orders: Ints, way: Ints, q: Ints, starts: Ints, times: Ints, foreseen: Ints) -> int:
    """Write down the trips that start, and those that are foreseen.

    Parameters
    ----------
    starts : array of int64, shape (starting,)
        The riders whose first trip starts, by row.
    times : array of int64, shape (starting, 2 + 2 * most orders of a trip)
        Filled, for each, with the number of orders, and as ``time_first`` does.
    foreseen : array of int64
        Filled with all other trips, one after the other: rider, number of orders, orders.

    Returns
    -------
    int
        How much of ``foreseen`` is filled.
    """
    started = end = 0
    for r in range(c[RIDERS]):
        leaves = started < len(starts) and starts[started] == r
        if leaves:
            times[started, 0] = q[r, trip_at(c, 0)]
            time_first(c, orders, way, q, r, times[started, 1:])
            started += 1
        for k in range(1 if leaves else 0, q[r, TRIPS]):
            at = trip_at(c, k)
            foreseen[end] = r
            foreseen[end + 1 : end + 2 + q[r, at]] = q[r, at : at + 1 + q[r, at]]
            end += 2 + q[r, at]
    return end
