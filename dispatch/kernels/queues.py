"""Queues of trips: their cost, and what changes when an order joins or leaves one.

A queue is what one rider is to do next: some trips, each with some orders of one merchant in the sequence of
their drop-offs. The arrays are described in ``layout``.
"""

from compiling.kernel import inlined
from dispatch.kernels.costs import Single, delay_cost, order_cost, pay_cost
from dispatch.kernels.layout import (
    COST,
    COUNT,
    DELIVERED,
    DROPOFF_AFTER,
    DROPOFF_BEFORE,
    FREE,
    INFEASIBLE,
    LAST_MILE,
    LATEST,
    LONGEST,
    MERCHANT,
    MERCHANTS,
    MOST,
    PICKUP_AFTER,
    PICKUP_BEFORE,
    PLACE,
    READY,
    REAL,
    RIDERS,
    STATE_SIZE,
    TIME,
    TRIPS,
    Ints,
)


@inlined
def trip_at(c: Ints, k: int) -> int:
    """Return the column where trip ``k`` begins: its size, then its orders."""
    return 1 + k * (c[MOST] + 1)


@inlined
def state_at(c: Ints, k: int) -> int:
    """Return the column where the state before trip ``k`` begins."""
    return 1 + c[LONGEST] * (c[MOST] + 1) + STATE_SIZE * k


@inlined
def pickup_ms(
    c: Ints, riders: Ints, way: Ints, r: int, place: int, time: int, merchant: int, ready: int
) -> int:
    """Return when a rider picks up, or -1 if that is too late for the shift."""
    t = max(time + way[place, merchant] + c[PICKUP_BEFORE], ready)
    return t if t <= riders[r, LATEST] else -1


@inlined
def ready_ms(orders: Ints, q: Ints, row: int, at: int) -> int:
    """Return when all orders of a trip (in row ``row``, column ``at``) are ready."""
    ready = orders[q[row, at + 1], READY]
    for i in range(at + 2, at + q[row, at] + 1):
        ready = max(ready, orders[q[row, i], READY])
    return ready


@inlined
def trip_from(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    row: int,
    at: int,
    r: int,
    place: int,
    time: int,
    count: int,
) -> tuple[int, int]:
    """Return cost and end of a trip (in row ``row``, column ``at``) that a rider starts from a state."""
    n = q[row, at]
    first = q[row, at + 1]
    ready = ready_ms(orders, q, row, at)
    t = pickup_ms(c, riders, way, r, place, time, orders[first, MERCHANT], ready)
    if t < 0:
        return INFEASIBLE, time
    t += c[PICKUP_AFTER] + orders[first, LAST_MILE] + c[DROPOFF_BEFORE]
    cost = order_cost(c, orders, first, t)
    before = first
    for i in range(2, n + 1):
        o = q[row, at + i]
        t += c[DROPOFF_AFTER] + way[c[RIDERS] + before, c[MERCHANTS] + o] + c[DROPOFF_BEFORE]
        cost += order_cost(c, orders, o, t)
        before = o
    if orders[first, REAL] != 0:
        cost += n * pay_cost(c, riders, r, count)
    return cost, t + c[DROPOFF_AFTER]


@inlined
def after_trip(c: Ints, orders: Ints, q: Ints, row: int, at: int) -> tuple[int, int]:
    """Return where a trip (in row ``row``, column ``at``) ends, and how many real orders it delivers."""
    n = q[row, at]
    last = q[row, at + n]
    return c[RIDERS] + last, n * orders[last, REAL]


@inlined
def rest_from(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    owner: int,
    first: int,
    r: int,
    place: int,
    time: int,
    count: int,
    limit: int,
) -> int:
    """Return the cost of the trips of one queue from ``first`` on, done by rider ``r`` from a state on.

    Stops early, with ``INFEASIBLE``, when it exceeds ``limit``.
    """
    total = 0
    for k in range(first, q[owner, TRIPS]):
        at = trip_at(c, k)
        cost, time = trip_from(c, riders, orders, way, q, owner, at, r, place, time, count)
        total += cost
        if total > limit:
            return INFEASIBLE
        place, delivered = after_trip(c, orders, q, owner, at)
        count += delivered
    return total


@inlined
def delayed_rest(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    r: int,
    first: int,
    place: int,
    time: int,
    count: int,
    limit: int,
) -> int:
    """Return what ``rest_from`` does for a rider's own queue, after more orders than planned.

    Stops as soon as it is sure that the limit is exceeded: what starts no earlier than planned costs no less
    than planned.
    """
    total = 0
    planned = total_cost(c, q, r)
    for k in range(first, q[r, TRIPS]):
        at, state = trip_at(c, k), state_at(c, k)
        merchant = orders[q[r, at + 1], MERCHANT]
        planned_ms = q[r, state + TIME] + way[q[r, state + PLACE], merchant]
        later = time + way[place, merchant] >= planned_ms
        if later and planned - q[r, state + COST] > limit - total:
            return INFEASIBLE
        cost, time = trip_from(c, riders, orders, way, q, r, at, r, place, time, count)
        total += cost
        if total > limit:
            return INFEASIBLE
        place, delivered = after_trip(c, orders, q, r, at)
        count += delivered
    return total


@inlined
def begin(c: Ints, riders: Ints, q: Ints, r: int) -> None:
    """Set the state in which a rider begins."""
    at = state_at(c, 0)
    q[r, at + PLACE] = r
    q[r, at + TIME] = riders[r, FREE]
    q[r, at + COUNT] = riders[r, DELIVERED]
    q[r, at + COST] = 0


@inlined
def refresh(c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, r: int, first: int) -> None:
    """Compute the states of a queue anew from a trip on."""
    for k in range(first, q[r, TRIPS]):
        at = trip_at(c, k)
        state = state_at(c, k)
        count = q[r, state + COUNT]
        cost, end = trip_from(
            c, riders, orders, way, q, r, at, r, q[r, state + PLACE], q[r, state + TIME], count
        )
        place, delivered = after_trip(c, orders, q, r, at)
        after = state + STATE_SIZE
        q[r, after + PLACE] = place
        q[r, after + TIME] = end
        q[r, after + COUNT] = count + delivered
        q[r, after + COST] = q[r, state + COST] + cost


@inlined
def total_cost(c: Ints, q: Ints, r: int) -> int:
    """Return what a queue costs."""
    return q[r, state_at(c, q[r, TRIPS]) + COST]


@inlined
def cost_of_new_trip(
    c: Ints,
    riders: Ints,
    orders: Ints,
    way: Ints,
    q: Ints,
    r: int,
    k: int,
    o: int,
    single: Single,
    limit: int,
) -> int:
    """Return the cost of a queue with an order as a new trip before trip ``k``, if not above a limit."""
    state = state_at(c, k)
    count = q[r, state + COUNT]
    t = pickup_ms(c, riders, way, r, q[r, state + PLACE], q[r, state + TIME], single.merchant, single.ready)
    if t < 0:
        return INFEASIBLE
    t += single.drop_after_ms
    cost = q[r, state + COST] + delay_cost(single.rates, t)
    if single.real != 0:
        cost += pay_cost(c, riders, r, count)
        count += 1
    if cost > limit or k == q[r, TRIPS]:
        return cost
    place, time = c[RIDERS] + o, t + c[DROPOFF_AFTER]
    return cost + delayed_rest(c, riders, orders, way, q, r, k, place, time, count, limit - cost)


@inlined
def cost_of_joining(
    c: Ints, riders: Ints, orders: Ints, way: Ints, q: Ints, r: int, k: int, s: int, o: int, limit: int
) -> int:
    """Return the cost of a queue with an order as stop ``s`` of trip ``k``, if not above a limit."""
    at = trip_at(c, k)
    n = q[r, at]
    scratch = c[RIDERS]
    q[scratch, 1] = n + 1
    for i in range(s):
        q[scratch, 2 + i] = q[r, at + 1 + i]
    q[scratch, 2 + s] = o
    for i in range(s, n):
        q[scratch, 3 + i] = q[r, at + 1 + i]
    state = state_at(c, k)
    count = q[r, state + COUNT]
    cost, end = trip_from(
        c, riders, orders, way, q, scratch, 1, r, q[r, state + PLACE], q[r, state + TIME], count
    )
    cost += q[r, state + COST]
    if cost > limit or k + 1 == q[r, TRIPS]:
        return cost
    last = q[scratch, 2 + n]
    count += (n + 1) * orders[o, REAL]
    return cost + delayed_rest(
        c, riders, orders, way, q, r, k + 1, c[RIDERS] + last, end, count, limit - cost
    )


@inlined
def insert_trip(c: Ints, q: Ints, r: int, k: int, o: int) -> None:
    """Put an order as a trip of its own before trip ``k``."""
    step = c[MOST] + 1
    for i in range(trip_at(c, q[r, TRIPS]) - 1, trip_at(c, k) - 1, -1):
        q[r, i + step] = q[r, i]
    q[r, TRIPS] += 1
    q[r, trip_at(c, k)] = 1
    q[r, trip_at(c, k) + 1] = o


@inlined
def join_trip(c: Ints, q: Ints, r: int, k: int, s: int, o: int) -> None:
    """Put an order as stop ``s`` of trip ``k``."""
    at = trip_at(c, k)
    for i in range(at + q[r, at], at + s, -1):
        q[r, i + 1] = q[r, i]
    q[r, at + 1 + s] = o
    q[r, at] += 1


@inlined
def take_out(c: Ints, q: Ints, r: int, o: int) -> int:
    """Take an order out of a queue; return the trip from which on it has changed."""
    for k in range(q[r, TRIPS]):
        at = trip_at(c, k)
        n = q[r, at]
        for i in range(at + 1, at + n + 1):
            if q[r, i] != o:
                continue
            if n > 1:
                for j in range(i, at + n):
                    q[r, j] = q[r, j + 1]
                q[r, at] = n - 1
            else:
                step = c[MOST] + 1
                for j in range(at, trip_at(c, q[r, TRIPS] - 1)):
                    q[r, j] = q[r, j + step]
                q[r, TRIPS] -= 1
            return k
    return q[r, TRIPS]
