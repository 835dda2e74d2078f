"""Whole queues, and their tails, handed to the riders for whom they cost least together."""

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined, kernel
from dispatch.kernels.assignment import assign_rows
from dispatch.kernels.costs import delay_cost, idle_cost, pay_ahead, rates_of
from dispatch.kernels.layout import (
    COUNT,
    DROPOFF_AFTER,
    DROPOFF_BEFORE,
    INFEASIBLE,
    LAST_MILE,
    LATEST,
    MERCHANT,
    MERCHANTS,
    ORDERS,
    PAY_UNIT,
    PICKUP_AFTER,
    PICKUP_BEFORE,
    PLACE,
    REAL,
    RIDERS,
    TIME,
    TRIPS,
    UNASSIGNED,
    Ints,
)
from dispatch.kernels.queues import ready_ms, refresh, state_at, trip_at

# Takers of tails lie in columns: a loop over a row runs for many at a time.
RIDER, FROM, SINCE, UNTIL, AHEAD, CLOCK = 0, 1, 2, 3, 4, 5
"""Who, where (a row of the travel matrix) and when they start, the last ms for a pickup, ``pay_ahead`` of the
first order, and when they pick up the trip that is being priced."""
TAKER_SIZE = 6


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


@inlined
def enter_taker(c: Ints, riders: Ints, q: Ints, first: int, r: int, takers: Ints, j: int) -> None:
    """Write down a rider after ``first`` trips as a taker."""
    at = state_at(c, first)
    takers[RIDER, j] = r
    takers[FROM, j] = q[r, at + PLACE]
    takers[SINCE, j] = q[r, at + TIME]
    takers[UNTIL, j] = riders[r, LATEST]
    takers[AHEAD, j] = pay_ahead(c, riders, r, q[r, at + COUNT])


@inlined
def start_first(c: Ints, way: Ints, merchant: int, ready: int, takers: Ints, columns: int) -> None:
    """Set the clock of every taker to the pickup of the first trip."""
    before_ms = c[PICKUP_BEFORE]
    for j in range(columns):
        arrives = takers[SINCE, j] + way[takers[FROM, j], merchant]
        takers[CLOCK, j] = max(arrives + before_ms, ready)


@inlined
def start_next(after_ms: int, ready: int, takers: Ints, columns: int) -> None:
    """Set the clock of every taker to the pickup of the next trip, so long after the last one."""
    for j in range(columns):
        takers[CLOCK, j] = max(takers[CLOCK, j] + after_ms, ready)


@inlined
def add_order(
    c: Ints, orders: Ints, o: int, after_ms: int, takers: Ints, cost: Ints, i: int, columns: int
) -> None:
    """Add what an order costs (``order_cost``), delivered so long after the pickup, for every taker."""
    rates = rates_of(c, orders, o)
    for j in range(columns):
        cost[i, j] += delay_cost(rates, takers[CLOCK, j] + after_ms)


@inlined
def close_trip(
    c: Ints, paid: int, delivered: int, ceiling: int, takers: Ints, cost: Ints, i: int, columns: int
) -> None:
    """Add the pay of a trip, and find who picks up too late or costs too much, for every taker."""
    ahead, bound = delivered * c[PAY_UNIT], 2 * c[PAY_UNIT]
    for j in range(columns):
        total = cost[i, j] + paid * min(max(takers[AHEAD, j] + ahead, -bound), bound)
        possible = takers[CLOCK, j] <= takers[UNTIL, j] and total <= ceiling
        cost[i, j] = total if possible else INFEASIBLE


@inlined
def price_tail(
    c: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    owner: int,
    first: int,
    ceiling: int,
    takers: Ints,
    cost: Ints,
    i: int,
) -> None:
    """Write into row ``i`` what ``rest_from`` says of a queue from trip ``first`` on, for every taker."""
    columns = cost.shape[1]
    cost[i, :] = 0
    delivered = 0
    after_ms = 0
    place = -1
    for k in range(first, q[owner, TRIPS]):
        at = trip_at(c, k)
        n = q[owner, at]
        o = q[owner, at + 1]
        ready = ready_ms(orders, q, owner, at)
        if k == first:
            start_first(c, way, orders[o, MERCHANT], ready, takers, columns)
        else:
            drive = way[place, orders[o, MERCHANT]]
            start_next(after_ms + drive + c[PICKUP_BEFORE], ready, takers, columns)
        after_ms = c[PICKUP_AFTER] + orders[o, LAST_MILE] + c[DROPOFF_BEFORE]
        add_order(c, orders, o, after_ms, takers, cost, i, columns)
        place = c[RIDERS] + o
        for s in range(2, n + 1):
            o = q[owner, at + s]
            after_ms += c[DROPOFF_AFTER] + way[place, c[MERCHANTS] + o] + c[DROPOFF_BEFORE]
            add_order(c, orders, o, after_ms, takers, cost, i, columns)
            place = c[RIDERS] + o
        after_ms += c[DROPOFF_AFTER]
        paid = n * orders[o, REAL]
        close_trip(c, paid, delivered, ceiling, takers, cost, i, columns)
        delivered += paid
    for j in range(columns):
        cost[i, j] = min(cost[i, j], ceiling)


@inlined
def bar(
    c: Ints,
    barred: NDArray[np.bool_],
    q: Ints,
    owner: int,
    first: int,
    ceiling: int,
    takers: Ints,
    cost: Ints,
    i: int,
) -> None:
    """Put the takers out of reach who turned down an order of a queue from a trip on."""
    for j in range(cost.shape[1]):
        if is_barred(c, barred, q, owner, first, takers[RIDER, j]):
            cost[i, j] = ceiling


@kernel
def exchange(
    c: Ints, riders: Ints, orders: Ints, way: Ints, barred: NDArray[np.bool_], q: Ints, first: int
) -> None:
    """Reassign what follows the first ``first`` trips of every queue, together, where it costs least.

    Riders whose own queue is shorter than ``first`` take no part.
    """
    owners = np.empty(c[RIDERS], np.int64)
    own = np.empty(c[RIDERS], np.int64)
    takers = np.empty((TAKER_SIZE, c[RIDERS]), np.int64)
    rows = 0
    columns = 0
    for r in range(c[RIDERS]):
        if q[r, TRIPS] >= first:
            if q[r, TRIPS] > first:
                owners[rows] = r
                own[rows] = columns
                rows += 1
            enter_taker(c, riders, q, first, r, takers, columns)
            columns += 1
    if rows == 0 or columns < 2:
        return
    ceiling = most_cost(c, orders)
    cost = np.empty((rows, columns), np.int64)
    for i in range(rows):
        price_tail(c, orders, way, q, owners[i], first, ceiling, takers, cost, i)
        if barred.size > 0:
            bar(c, barred, q, owners[i], first, ceiling, takers, cost, i)
    column_of = assign_rows(cost, own[:rows])
    for i in range(rows):
        if column_of[i] != own[i]:
            move_tails(c, riders, orders, way, q, first, owners[:rows], takers[RIDER], column_of)
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
    begin, end = trip_at(c, first), state_at(c, 0)
    before = np.empty((len(owners), end), np.int64)
    for i in range(len(owners)):
        before[i, TRIPS] = q[owners[i], TRIPS]
        before[i, begin:] = q[owners[i], begin:end]
        q[owners[i], TRIPS] = first
    for i in range(len(owners)):
        r = takers[column_of[i]]
        q[r, TRIPS] = before[i, TRIPS]
        q[r, begin : trip_at(c, q[r, TRIPS])] = before[i, begin : trip_at(c, q[r, TRIPS])]
        if r != owners[i]:
            refresh(c, riders, orders, way, q, r, first)
