"""The search for good queues: warm start, insertion, exchange, ruin and recreate.

References
----------
.. [1] Schrimpf, G., Schneider, J., Stamm-Wilbrandt, H., Dueck, G. (2000). Record breaking optimization
   results using the ruin and recreate principle. Journal of Computational Physics 159, 139-171.
   doi:10.1006/jcph.1999.6413
.. [2] Shaw, P. (1998). Using constraint programming and local search methods to solve vehicle routing
   problems. CP98, LNCS 1520, 417-431. doi:10.1007/3-540-49481-2_30 (relatedness).
.. [3] Park, S. K., Miller, K. W., Stockmeyer, P. K. (1993). Technical correspondence. Communications of the
   ACM 36(7), 105-110. doi:10.1145/159544.376068 (the multiplier 48271)
"""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined, kernel
from dispatch.kernels.costs import idle_cost
from dispatch.kernels.exchange import exchange
from dispatch.kernels.insertion import insert_best, insert_waiting, set_least
from dispatch.kernels.layout import (
    DROPOFF_AFTER,
    DROPOFF_BEFORE,
    INFEASIBLE,
    LAST_MILE,
    MERCHANT,
    MERCHANTS,
    MODULUS,
    MULTIPLIER,
    ORDERS,
    READY,
    RIDERS,
    TIME,
    TRIPS,
    Ints,
)
from dispatch.kernels.queues import begin, refresh, state_at, take_out, total_cost, trip_at


@inlined
def draw(state: Ints, below: int) -> int:
    """Return a whole number from 0 up to ``below`` - 1, and step the generator [3]_."""
    state[0] = state[0] * MULTIPLIER % MODULUS
    return state[0] % below


@inlined
def delay_of(c: Ints, orders: Ints, way: Ints, q: Ints, o: int, r: int) -> int:
    """Return how long after ready an order is handed over, less its last mile; much without a rider."""
    if r < 0:
        return INFEASIBLE
    for k in range(q[r, TRIPS]):
        at = trip_at(c, k)
        n = q[r, at]
        for i in range(at + 1, at + n + 1):
            if q[r, i] != o:
                continue
            t = q[r, state_at(c, k + 1) + TIME] - c[DROPOFF_AFTER]
            for j in range(at + n, i, -1):
                drive = way[c[RIDERS] + q[r, j - 1], c[MERCHANTS] + q[r, j]]
                t -= c[DROPOFF_BEFORE] + drive + c[DROPOFF_AFTER]
            return t - orders[o, READY] - orders[o, LAST_MILE]
    return INFEASIBLE


@inlined
def ruin(
    c: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    rider_of: Ints,
    state: Ints,
    noise_ms: int,
    score: Ints,
    out: Ints,
) -> int:
    """Choose a delayed order and those most related to it [2]_; return how many are in ``out``."""
    count = c[ORDERS]
    seed = 0
    worst = -INFEASIBLE
    for _ in range(3):
        o = draw(state, count)
        delay = delay_of(c, orders, way, q, o, rider_of[o])
        if delay > worst:
            worst = delay
            seed = o
    n = min(len(out), count)
    for i in range(n):
        score[i] = INFEASIBLE
    m, here, ready = orders[seed, MERCHANT], c[RIDERS] + seed, orders[seed, READY]
    for o in range(count):
        near = way[here, orders[o, MERCHANT]] + way[c[RIDERS] + o, m]
        s = abs(orders[o, READY] - ready) + near + draw(state, noise_ms)
        if o == seed:
            s = -1
        if s >= score[n - 1]:
            continue
        i = n - 1
        while i > 0 and score[i - 1] > s:
            score[i] = score[i - 1]
            out[i] = out[i - 1]
            i -= 1
        score[i] = s
        out[i] = o
    return n


@inlined
def arrange(orders: Ints, out: Ints, n: int, state: Ints) -> None:
    """Put the removed orders in one of three sequences: drawn, by ready time, or the other way round."""
    way = draw(state, 3)
    if way == 0:
        for i in range(n - 1, 0, -1):
            j = draw(state, i + 1)
            out[i], out[j] = out[j], out[i]
        return
    sign = 1 if way == 1 else -1
    for i in range(1, n):
        o = out[i]
        j = i
        while j > 0 and sign * (orders[o, READY] - orders[out[j - 1], READY]) < 0:
            out[j] = out[j - 1]
            j -= 1
        out[j] = o


@inlined
def whole_cost(c: Ints, orders: Ints, q: Ints, rider_of: Ints) -> int:
    """Return what all queues cost, and the orders without a rider."""
    total = 0
    for r in range(c[RIDERS]):
        total += total_cost(c, q, r)
    for o in range(c[ORDERS]):
        if rider_of[o] < 0:
            total += idle_cost(c, orders, o)
    return total


@inlined
def note_riders(c: Ints, q: Ints, rider_of: Ints) -> None:
    """Note for every order whose queue it is in."""
    for r in range(c[RIDERS]):
        for k in range(q[r, TRIPS]):
            at = trip_at(c, k)
            for i in range(at + 1, at + q[r, at] + 1):
                rider_of[q[r, i]] = r


@inlined
def warm_start(c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, rider_of: Ints) -> None:
    """Compute the states of the queues, and empty those that have become impossible."""
    rider_of[:] = -1
    for r in range(c[RIDERS]):
        begin(c, riders, q, r)
        refresh(c, riders, orders, way, q, r, 0)
        if total_cost(c, q, r) >= INFEASIBLE:
            q[r, TRIPS] = 0
    note_riders(c, q, rider_of)


@inlined
def touch(touched: Ints, n: int, r: int) -> int:
    """Note that a queue has changed; return how many have."""
    for i in range(n):
        if touched[i] == r:
            return n
    touched[n] = r
    return n + 1


@inlined
def recreate(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    rider_of: Ints,
    out: Ints,
    n: int,
    state: Ints,
    soonest: Ints,
    least_pay: Ints,
    bound: Ints,
    where: Ints,
    touched: Ints,
) -> int:
    """Take orders out of their queues, and insert them again one after the other [1]_.

    Returns how many queues are in ``touched``.
    """
    changed = 0
    for i in range(n):
        o = out[i]
        r = rider_of[o]
        if r >= 0:
            k = take_out(c, q, r, o)
            refresh(c, riders, orders, way, q, r, k)
            rider_of[o] = -1
            changed = touch(touched, changed, r)
    arrange(orders, out, n, state)
    for i in range(n):
        insert_best(c, riders, orders, way, barred, q, out[i], rider_of, soonest, least_pay, bound, where)
        if rider_of[out[i]] >= 0:
            changed = touch(touched, changed, rider_of[out[i]])
    return changed


@inlined
def extra_cost(
    c: Ints,
    orders: Ints,
    q: Ints,
    rider_of: Ints,
    kept: Ints,
    kept_rider_of: Ints,
    touched: Ints,
    changed: int,
    out: Ints,
    n: int,
) -> int:
    """Return by how much a ruin and its recreation have changed the ``whole_cost``."""
    extra = 0
    for i in range(changed):
        extra += total_cost(c, q, touched[i]) - total_cost(c, kept, touched[i])
    for i in range(n):
        o = out[i]
        if rider_of[o] < 0:
            extra += idle_cost(c, orders, o)
        if kept_rider_of[o] < 0:
            extra -= idle_cost(c, orders, o)
    return extra


@inlined
def copy_over(
    q: Ints, rider_of: Ints, to: Ints, to_rider_of: Ints, touched: Ints, changed: int, out: Ints, n: int
) -> None:
    """Copy what a ruin and its recreation have changed."""
    for i in range(changed):
        for column in range(q.shape[1]):
            to[touched[i], column] = q[touched[i], column]
    for i in range(n):
        to_rider_of[out[i]] = rider_of[out[i]]


@kernel
def exchange_all(
    c: Ints, riders: Ints, orders: Ints, way: Ints, barred: NDArray[np.bool_], q: Ints, rider_of: Ints
) -> None:
    """Exchange whole queues, then what follows their first trips."""
    exchange(c, riders, orders, way, barred, q, 0)
    exchange(c, riders, orders, way, barred, q, 1)
    note_riders(c, q, rider_of)


@kernel
def search(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    rider_of: Ints,
    iterations: int,
    removed: int,
    noise_ms: int,
    state: Ints,
) -> int:
    """Improve queues in place; return what they cost.

    ``q`` holds the trips of a warm start; ``rider_of`` takes the rider of every order, -1 for none.
    """
    soonest = np.empty((c[MERCHANTS], c[RIDERS]), np.int64)
    least_pay = np.empty(c[RIDERS], np.int64)
    bound = np.empty(c[RIDERS], np.int64)
    where = np.empty(3, np.int64)
    score = np.empty(removed, np.int64)
    out = np.empty(removed, np.int64)
    touched = np.empty(2 * removed, np.int64)
    set_least(c, riders, way, soonest, least_pay)
    warm_start(c, riders, orders, way, q, rider_of)
    insert_waiting(c, riders, orders, way, barred, q, rider_of, soonest, least_pay, bound, where)
    exchange_all(c, riders, orders, way, barred, q, rider_of)
    if iterations == 0:
        return whole_cost(c, orders, q, rider_of)
    # Between two ruins these are the same as the queues; a ruin changes few rows of either.
    kept, kept_rider_of = q.copy(), rider_of.copy()
    for _ in range(iterations):
        n = ruin(c, orders, way, q, rider_of, state, noise_ms, score, out)
        changed = recreate(
            c,
            riders,
            orders,
            way,
            barred,
            q,
            rider_of,
            out,
            n,
            state,
            soonest,
            least_pay,
            bound,
            where,
            touched,
        )
        if extra_cost(c, orders, q, rider_of, kept, kept_rider_of, touched, changed, out, n) <= 0:
            copy_over(q, rider_of, kept, kept_rider_of, touched, changed, out, n)
        else:
            copy_over(kept, kept_rider_of, q, rider_of, touched, changed, out, n)
    exchange_all(c, riders, orders, way, barred, q, rider_of)
    return whole_cost(c, orders, q, rider_of)
