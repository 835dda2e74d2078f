"""Merging orders of one merchant into bundles: the cheapest first, every sequence of drop-offs tried."""

import numpy as np

from compiling.kernel import kernel
from dispatch.kernels.groups import INFEASIBLE, ORDERS_MAX, Groups, Ints, Tariff


@kernel
def drop_cost(g: Groups, t: Tariff, p: int, at_ms: int) -> int:
    """Return the cost of delivering order ``p`` at an instant."""
    cost = 10 * (at_ms - g.placed_ms[p])
    late_ms = at_ms - g.promised_ms[p]
    if late_ms > 0:
        cost += t.late * late_ms + t.broken
    return cost


@kernel
def best_sequence(g: Groups, t: Tariff, group: int, members: Ints, n: int, out: Ints) -> int:
    """Return the least cost of delivering ``n`` orders of a group together; ``out`` takes their sequence."""
    begin = g.first[group]
    width = g.first[group + 1] - begin
    base = g.base[group]
    pickup_ms = g.reach_ms[members[0]]
    ways = 1
    for i in range(n):
        pickup_ms = max(pickup_ms, g.ready_ms[members[i]])
        ways *= i + 1
    least = INFEASIBLE
    chosen = 0
    for w in range(ways):
        p = members[g.sequences[n, w, 0]]
        at_ms = pickup_ms + t.pickup_after_ms + g.last_mile_ms[p] + t.dropoff_before_ms
        cost = drop_cost(g, t, p, at_ms)
        for i in range(1, n):
            q = members[g.sequences[n, w, i]]
            leg_ms = g.doors_ms[base + (p - begin) * width + (q - begin)]
            at_ms += t.dropoff_after_ms + leg_ms + t.dropoff_before_ms
            cost += drop_cost(g, t, q, at_ms)
            p = q
        cost += t.price * (g.approach_ms[p] + t.pickup_before_ms + at_ms + t.dropoff_after_ms - pickup_ms)
        if cost < least:
            least = cost
            chosen = w
    for i in range(n):
        out[i] = members[g.sequences[n, chosen, i]]
    return least


@kernel
def merge_weight(
    g: Groups,
    t: Tariff,
    group: int,
    a: int,
    b: int,
    most: int,
    size: Ints,
    member: Ints,
    cost: Ints,
    out: Ints,
) -> int:
    """Return what it costs more to deliver bundles ``a`` and ``b`` together than each on its own."""
    n = size[a] + size[b]
    if size[a] == 0 or size[b] == 0 or n > most:
        return INFEASIBLE
    both = np.empty(ORDERS_MAX, np.int64)
    for i in range(size[a]):
        both[i] = member[a, i]
    for i in range(size[b]):
        both[size[a] + i] = member[b, i]
    return best_sequence(g, t, group, both, n, out) - cost[a] - cost[b]


@kernel
def find_cheapest(g: Groups, group: int, weight: Ints, best: Ints, pair: Ints) -> None:
    """Note the cheapest merge of a group."""
    begin = g.first[group]
    width = g.first[group + 1] - begin
    best[group] = INFEASIBLE
    for i in range(width):
        row = g.base[group] + i * width
        for j in range(i + 1, width):
            if weight[row + j] < best[group]:
                best[group] = weight[row + j]
                pair[group, 0] = begin + i
                pair[group, 1] = begin + j


@kernel
def reweigh(
    g: Groups, t: Tariff, group: int, a: int, most: int, size: Ints, member: Ints, cost: Ints, weight: Ints
) -> None:
    """Compute the weights of merging bundle ``a`` with every other of its group."""
    begin = g.first[group]
    end = g.first[group + 1]
    width = end - begin
    out = np.empty(ORDERS_MAX, np.int64)
    for b in range(begin, end):
        if b == a:
            continue
        low, high = min(a, b), max(a, b)
        cell = g.base[group] + (low - begin) * width + high - begin
        weight[cell] = merge_weight(g, t, group, low, high, most, size, member, cost, out)


@kernel
def merge_all(
    g: Groups, t: Tariff, most: int, weight_limit: int, average_limit: int, size: Ints, member: Ints
) -> None:
    """Merge in place, the cheapest merge of all groups first, until one would break a limit.

    ``size`` and ``member`` begin with every order on its own; a bundle that went into another has size 0.
    Ends before a merge that costs ``weight_limit`` or more, or after which all merges together cost more than
    ``average_limit`` for each bundle left. O(groups x merges + pairs of a group x merges).
    """
    groups = len(g.first) - 1
    cost = np.empty(len(size), np.int64)
    weight = np.empty(len(g.doors_ms), np.int64)
    best = np.full(groups, INFEASIBLE, np.int64)
    pair = np.zeros((groups, 2), np.int64)
    out = np.empty(ORDERS_MAX, np.int64)
    for group in range(groups):
        for p in range(g.first[group], g.first[group + 1]):
            cost[p] = best_sequence(g, t, group, member[p], 1, out)
        for p in range(g.first[group], g.first[group + 1] - 1):
            reweigh(g, t, group, p, most, size, member, cost, weight)
        find_cheapest(g, group, weight, best, pair)
    total = 0
    bundles = len(size)
    while bundles > 1:
        group = int(np.argmin(best))
        step = best[group]
        if step >= weight_limit or total + step > average_limit * (bundles - 1):
            return
        a, b = pair[group, 0], pair[group, 1]
        merge_weight(g, t, group, a, b, most, size, member, cost, out)
        cost[a] += cost[b] + step
        size[a] += size[b]
        size[b] = 0
        for i in range(size[a]):
            member[a, i] = out[i]
        reweigh(g, t, group, b, most, size, member, cost, weight)
        reweigh(g, t, group, a, most, size, member, cost, weight)
        find_cheapest(g, group, weight, best, pair)
        total += step
        bundles -= 1


@kernel
def time_stops(
    g: Groups, t: Tariff, group_of: Ints, size: Ints, member: Ints, drop_ms: Ints, busy_ms: Ints
) -> None:
    """Write for every bundle the time from the pickup to each drop-off, and until the rider is free."""
    for k in range(len(size)):
        begin = g.first[group_of[k]]
        width = g.first[group_of[k] + 1] - begin
        base = g.base[group_of[k]]
        p = member[k, 0]
        after_ms = t.pickup_after_ms + g.last_mile_ms[p] + t.dropoff_before_ms
        drop_ms[k, 0] = after_ms
        for i in range(1, size[k]):
            q = member[k, i]
            leg_ms = g.doors_ms[base + (p - begin) * width + (q - begin)]
            after_ms += t.dropoff_after_ms + leg_ms + t.dropoff_before_ms
            drop_ms[k, i] = after_ms
            p = q
        busy_ms[k] = after_ms + t.dropoff_after_ms
