"""Bundles and the riders who come into question for them: what each pair costs, and who is chosen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.candidates import NOBODY, NearestRiders, Starts, declined
from dispatch.matching.bundles import COST_UNIT, NO_ORDER, Bundles, OrderTable, Weights
from dispatch.matching.sparse_assignment import assign_sparse
from dispatch.snapshot import Snapshot
from domain.units import MINUTE_MS, Millis

Ints = NDArray[np.int64]

COST_UNITS_PER_MINUTE = COST_UNIT * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of bundles and riders, sorted by bundle, then by arrival.

    Attributes
    ----------
    bundle, rider : array of int64, shape (pairs,)
        Indices.
    drive_ms, pickup_ms : array of int64, shape (pairs,)
        The rider's drive to the merchant, and the instant of the pickup.
    cost : array of int64, shape (pairs,)
        Of all orders of the bundle, in tenths of a ms.
    """

    bundle: Ints
    rider: Ints
    drive_ms: Ints
    pickup_ms: Ints
    cost: Ints


def pairs_of(
    snapshot: Snapshot,
    begin: Starts,
    near: NearestRiders,
    table: OrderTable,
    bundles: Bundles,
    weights: Weights,
) -> Pairs:
    """Compute what every bundle costs with each of the riders nearest to its merchant who can take all of it.

    Parameters
    ----------
    snapshot : Snapshot
        For the rules, the service times and who turned what down.
    begin, near : Starts, NearestRiders
        Where riders can start, and who is near to each merchant of the table.
    table, bundles : OrderTable, Bundles
        What is to be delivered.
    weights : Weights
        What lateness costs.
    """
    rider = near.rider[bundles.merchant]
    bundle = np.repeat(np.arange(len(bundles.size)), rider.shape[1])
    rider, drive_ms = rider.ravel(), near.drive_ms[bundles.merchant].ravel()
    arrival_ms = begin.free_ms[rider] + drive_ms + snapshot.times.pickup_before_ms
    pickup_ms = np.maximum(arrival_ms, bundles.ready_ms[bundle])
    grid = snapshot.rules.time_grid_ms
    able = (rider != NOBODY) & (pickup_ms - pickup_ms % grid <= begin.ends_ms[rider])
    for k in range(bundles.orders.shape[1]):
        able &= ~declined(snapshot, bundles.orders[bundle, k], rider)
    bundle, rider, drive_ms, pickup_ms = bundle[able], rider[able], drive_ms[able], pickup_ms[able]
    cost = _costs(snapshot, table, bundles, bundle, pickup_ms, weights)
    return Pairs(bundle, rider, drive_ms, pickup_ms, cost)


def _costs(
    snapshot: Snapshot, table: OrderTable, bundles: Bundles, bundle: Ints, pickup_ms: Ints, weights: Weights
) -> Ints:
    grid = snapshot.rules.time_grid_ms
    total = np.zeros(len(bundle), dtype=np.int64)
    for k in range(bundles.orders.shape[1]):
        order = bundles.orders[bundle, k]
        at_ms = pickup_ms + bundles.drop_ms[bundle, k]
        at_ms -= at_ms % grid
        late_ms = np.maximum(0, at_ms - table.promised_ms[order])
        cost = COST_UNIT * (at_ms - table.placed_ms[order])
        cost += weights.late * late_ms + weights.broken * (late_ms > 0)
        total += np.where(order == NO_ORDER, 0, cost)
    return total


@dataclass(frozen=True, slots=True)
class Choice:
    """Which pairs were chosen.

    Attributes
    ----------
    pair : array of int64, shape (bundles,)
        Index of the bundle's pair, -1 for none.
    first : array of int64, shape (bundles + 1,)
        Where the pairs of each bundle begin.
    """

    pair: Ints
    first: Ints


def choose(pairs: Pairs, bundles: Bundles, riders: int, unassigned: Ints) -> Choice:
    """Give each rider at most one bundle, so that the sum of costs is least.

    ``unassigned``, shape (bundles,), is the cost of a bundle without a rider.
    """
    count = len(bundles.size)
    rider = assign_sparse(pairs.bundle, pairs.rider, pairs.cost, count, riders, unassigned)
    chosen = np.full(count, -1, dtype=np.int64)
    taken = np.flatnonzero(pairs.rider == rider[pairs.bundle])
    chosen[pairs.bundle[taken]] = taken
    return Choice(chosen, np.searchsorted(pairs.bundle, np.arange(count + 1)))


def unassigned_cost(snapshot: Snapshot, table: OrderTable, bundles: Bundles, penalty_ms: Millis) -> Ints:
    """Return the cost of bundles without a rider: a penalty an order, beside the time it has waited already.

    Without the latter an order that has waited for very long would be given up.
    """
    waited_ms = penalty_ms + snapshot.at_ms - table.placed_ms[bundles.orders]
    summed: Ints = np.where(bundles.orders == NO_ORDER, 0, COST_UNIT * waited_ms).sum(axis=1)
    return summed
