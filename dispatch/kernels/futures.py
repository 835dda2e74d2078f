"""The search for queues that are good whatever orders come next.

Nobody knows the orders to come. So several futures are drawn: each has some of the recent orders again, at a
new instant. Queues are searched for each future in turn, from those found for the one before; the queues of
each search are priced in all futures, and those that cost least on average are kept [1]_.

References
----------
.. [1] Bent, R. W., Van Hentenryck, P. (2004). Scenario-based planning for partially dynamic vehicle routing
   with stochastic customers. Operations Research 52(6), 977-987. doi:10.1287/opre.1040.0124
   (multiple scenarios; the plan is chosen by its expectation rather than by consensus)
"""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined, kernel
from dispatch.kernels.insertion import insert_waiting, set_least
from dispatch.kernels.layout import (
    MERCHANTS,
    NOW,
    ORDERS,
    PLACED,
    PROMISED,
    READY,
    REAL,
    RIDERS,
    TRIPS,
    Ints,
)
from dispatch.kernels.queues import trip_at
from dispatch.kernels.search import draw, note_riders, search, warm_start, whole_cost


@inlined
def count_real(orders: Ints) -> int:
    """Return how many orders are real; these come first."""
    n = len(orders)
    while n > 0 and orders[n - 1, REAL] == 0:
        n -= 1
    return n


@inlined
def draw_future(
    c: Ints,
    orders: Ints,
    real: int,
    recent_ms: int,
    ahead_ms: int,
    grid_ms: int,
    state: Ints,
    again: Ints,
    later: Ints,
) -> int:
    """Draw which recent orders come again, and how much later than they came; return how many.

    Parameters
    ----------
    recent_ms, ahead_ms : int
        From how long ago the recent orders are, and how far ahead the future is to reach; both have the same
        rate of orders.
    grid_ms : int
        Instants are multiples of it, from the present on.
    again, later : arrays of int64, shape (recent orders,)
        Filled: the numbers of the orders, and ms.
    """
    n = 0
    for o in range(real, len(orders)):
        if draw(state, recent_ms) >= ahead_ms:
            continue
        placed_ms = c[NOW] + (1 + draw(state, max(1, ahead_ms // grid_ms))) * grid_ms
        again[n] = o
        later[n] = placed_ms - orders[o, PLACED]
        n += 1
    return n


@inlined
def copy_real_drives(c: Ints, way: Ints, real: int, to_way: Ints) -> None:
    """Copy the drives between riders, merchants and the doors of real orders: the same in every future."""
    for k in range(c[RIDERS] + real):
        for m in range(c[MERCHANTS] + real):
            to_way[k, m] = way[k, m]


@inlined
def set_future(
    c: Ints,
    orders: Ints,
    way: Ints,
    real: int,
    again: Ints,
    later: Ints,
    n: int,
    to_c: Ints,
    to_orders: Ints,
    to_way: Ints,
) -> None:
    """Write who comes again in one future behind the real orders, which are there already."""
    doors, merchants = c[RIDERS], c[MERCHANTS]
    to_c[ORDERS] = real + n
    for i in range(n):
        o = again[i]
        for column in range(orders.shape[1]):
            to_orders[real + i, column] = orders[o, column]
        for column in (READY, PLACED, PROMISED):
            to_orders[real + i, column] += later[i]
        for k in range(merchants + real):
            to_way[doors + real + i, k] = way[doors + o, k]
        for k in range(n):
            to_way[doors + real + i, merchants + real + k] = way[doors + o, merchants + again[k]]
    for k in range(doors + real):
        for i in range(n):
            to_way[k, merchants + real + i] = way[k, merchants + again[i]]


@inlined
def take_over(
    c: Ints, orders: Ints, way: Ints, real: int, one_c: Ints, one_orders: Ints, one_way: Ints
) -> None:
    """Copy who comes again in one future over the recent orders."""
    doors, merchants, count = c[RIDERS], c[MERCHANTS], one_c[ORDERS]
    c[ORDERS] = count
    for o in range(real, count):
        for column in range(orders.shape[1]):
            orders[o, column] = one_orders[o, column]
        for k in range(merchants + count):
            way[doors + o, k] = one_way[doors + o, k]
    for k in range(doors + real):
        for m in range(merchants + real, merchants + count):
            way[k, m] = one_way[k, m]


@inlined
def copy_real_trips(c: Ints, plan: Ints, real: int, q: Ints) -> None:
    """Copy the trips of real orders, which are the same in every future."""
    for r in range(c[RIDERS]):
        trips = 0
        for k in range(plan[r, TRIPS]):
            at = trip_at(c, k)
            if plan[r, at + 1] >= real:
                continue
            to = trip_at(c, trips)
            for i in range(plan[r, at] + 1):
                q[r, to + i] = plan[r, at + i]
            trips += 1
        q[r, TRIPS] = trips


@kernel
def add_prices(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    plans: Ints,
    real: int,
    prices: Ints,
) -> None:
    """Add to the price of every plan what its trips of real orders cost in one future.

    Who comes again is inserted where it costs least.
    """
    q = np.zeros_like(plans[0])
    rider_of = np.empty(len(orders), np.int64)
    soonest = np.empty((c[MERCHANTS], c[RIDERS]), np.int64)
    least_pay = np.empty(c[RIDERS], np.int64)
    bound = np.empty(c[RIDERS], np.int64)
    where = np.empty(3, np.int64)
    set_least(c, riders, way, soonest, least_pay)
    for s in range(len(plans)):
        copy_real_trips(c, plans[s], real, q)
        warm_start(c, riders, orders, way, q, rider_of)
        insert_waiting(c, riders, orders, way, barred, q, rider_of, soonest, least_pay, bound, where)
        prices[s] += whole_cost(c, orders, q, rider_of)


@kernel
def search_futures(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    rider_of: Ints,
    futures: int,
    recent_ms: int,
    ahead_ms: int,
    grid_ms: int,
    iterations: int,
    removed: int,
    noise_ms: int,
    state: Ints,
) -> int:
    """Improve queues in place for several drawn futures; return what they cost in the one they are from.

    Takes what ``search`` takes, with all recent orders as they came. The future that the queues are from
    takes their place: ``c``, ``orders`` and ``way`` are written over, and ``c`` says how many orders count.
    """
    real = count_real(orders)
    again = np.empty((futures, len(orders)), np.int64)
    later = np.empty((futures, len(orders)), np.int64)
    size = np.empty(futures, np.int64)
    plans = np.zeros((futures, *q.shape), np.int64)
    prices = np.zeros(futures, np.int64)
    one_c, one_orders, one_way = c.copy(), orders.copy(), np.empty_like(way)
    copy_real_drives(c, way, real, one_way)
    start = q
    for s in range(futures):
        size[s] = draw_future(c, orders, real, recent_ms, ahead_ms, grid_ms, state, again[s], later[s])
        set_future(c, orders, way, real, again[s], later[s], size[s], one_c, one_orders, one_way)
        # From where the search before it ended: all improve the same trips of real orders.
        copy_real_trips(c, start, real, plans[s])
        start = plans[s]
        search(
            one_c,
            riders,
            one_orders,
            one_way,
            barred,
            plans[s],
            rider_of,
            iterations,
            removed,
            noise_ms,
            state,
        )
    best = 0
    if futures > 1:
        for t in range(futures):
            set_future(c, orders, way, real, again[t], later[t], size[t], one_c, one_orders, one_way)
            add_prices(one_c, riders, one_orders, one_way, barred, plans, real, prices)
        best = int(np.argmin(prices))
    if best < futures - 1:
        set_future(c, orders, way, real, again[best], later[best], size[best], one_c, one_orders, one_way)
    take_over(c, orders, way, real, one_c, one_orders, one_way)
    q[:] = plans[best]
    rider_of[:] = -1
    note_riders(c, q, rider_of)
    return whole_cost(c, orders, q, rider_of)
