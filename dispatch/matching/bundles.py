"""Which orders of one merchant travel together: greedy merging of the cheapest pair, routes by trying all.

References
----------
.. [1] Joshi, M., Singh, A., Ranu, S., Bagchi, A., Karia, P., Kala, P. (2022). FoodMatch: Batching and
   matching for food delivery in dynamic road networks. ACM Transactions on Spatial Algorithms and Systems
   8, 1-25. doi:10.1145/3494530 (clustering of the order graph, ended by the average cost of a batch).
.. [2] Clarke, G., Wright, J. W. (1964). Scheduling of vehicles from a central depot to a number of delivery
   points. Operations Research 12, 568-581. doi:10.1287/opre.12.4.568 (merging by savings).
"""

import itertools
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from dispatch.candidates import merchants_of
from dispatch.kernels.groups import ORDERS_MAX, Groups, Ints, Tariff
from dispatch.snapshot import Snapshot
from domain.plans import ServiceTimes
from domain.ports import LocationKey, TravelTimes

GROUP_MAX = 64
"""Orders of one merchant that are compared with each other; more are split by ready time, so that one hot
kitchen does not cost a decision the square of its queue."""
COST_UNIT = 10
"""Costs are whole tenths of a ms of click-to-door."""
NO_ORDER = -1
NO_LIMIT = 2**60

_placed = attrgetter("placed_at_ms")
_ready = attrgetter("ready_at_ms")
_promised = attrgetter("promised_at_ms")
_dropoff = attrgetter("dropoff")
_merchant_id = attrgetter("merchant_id")


class Weights(NamedTuple):
    """What lateness costs, on top of each ms of click-to-door.

    Attributes
    ----------
    late : int
        Each ms beyond the promise, in tenths.
    broken : int
        Breaking the promise at all, in tenths of a ms.
    """

    late: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class OrderTable:
    """The open orders of a snapshot in arrays, shape (orders,) each.

    Attributes
    ----------
    placed_ms, ready_ms, promised_ms : array of int64
        Instants.
    door : array of int64
        Location key of the door.
    merchants : list of int
        Location keys of the pickup places.
    merchant : array of int64
        Index into ``merchants``.
    last_mile_ms : array of int64
        Drive from the merchant straight to the door.
    """

    placed_ms: Ints
    ready_ms: Ints
    promised_ms: Ints
    door: Ints
    merchants: list[LocationKey]
    merchant: Ints
    last_mile_ms: Ints


def order_table(snapshot: Snapshot, travel: TravelTimes) -> OrderTable:
    """Put the open orders of a snapshot into arrays."""
    orders = snapshot.orders
    merchants, merchant = merchants_of(orders)
    door = np.array(list(map(_dropoff, orders)), dtype=np.int64)
    pickups = np.array(merchants, dtype=np.int64)[merchant]
    return OrderTable(
        np.array(list(map(_placed, orders)), dtype=np.int64),
        np.array(list(map(_ready, orders)), dtype=np.int64),
        np.array(list(map(_promised, orders)), dtype=np.int64),
        door,
        merchants,
        merchant,
        travel.pair_durations_ms(pickups, door, snapshot.at_ms),
    )


@dataclass(frozen=True, slots=True)
class Bundles:
    """Orders that travel together, one row a bundle, sorted by the first order's index.

    Attributes
    ----------
    orders : array of int64, shape (bundles, width)
        Indices of the orders in drop-off sequence, filled up with ``NO_ORDER``.
    drop_ms : array of int64, shape (bundles, width)
        From the pickup to each drop-off; 0 where there is no order.
    size, merchant, ready_ms : array of int64, shape (bundles,)
        Number of orders; index of the pickup place; when everything is ready.
    busy_ms : array of int64, shape (bundles,)
        From the pickup until the rider is free again.
    """

    orders: Ints
    drop_ms: Ints
    size: Ints
    merchant: Ints
    ready_ms: Ints
    busy_ms: Ints


def tariff(times: ServiceTimes, weights: Weights, price: int = 0) -> Tariff:
    """Return what merging is measured by, with the price of a ms of a rider's time in tenths."""
    return Tariff(
        times.pickup_before_ms,
        times.pickup_after_ms,
        times.dropoff_before_ms,
        times.dropoff_after_ms,
        weights.late,
        weights.broken,
        price,
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when to merge.

    Attributes
    ----------
    orders : int
        Most orders of a bundle.
    weight : int
        A merge must cost less than this, in tenths of a ms.
    average : int
        What the merges may cost for each bundle that is left, in tenths of a ms.
    """

    orders: int
    weight: int = NO_LIMIT
    average: int = NO_LIMIT


@dataclass(frozen=True, slots=True)
class Kitchens:
    """The open orders by merchant, ready to be bundled in several ways.

    Attributes
    ----------
    order, merchant : array of int64, shape (orders,)
        Index in the snapshot, and of the pickup place, by sorted order.
    groups : Groups
        What the kernels see.
    """

    order: Ints
    merchant: Ints
    groups: Groups


def kitchens(
    snapshot: Snapshot, table: OrderTable, travel: TravelTimes, reach_ms: Ints, approach_ms: Ints
) -> Kitchens:
    """Group the open orders by merchant.

    Parameters
    ----------
    snapshot : Snapshot
        The situation.
    table : OrderTable
        Its orders.
    travel : TravelTimes
        Asked for the drives between the doors of a merchant.
    reach_ms, approach_ms : array of int64, shape (merchants,)
        From when a rider can pick up there, and how long the drive is that leads there.
    """
    # By merchant, not by place: two merchants may be at one corner.
    names: dict[str, int] = {}
    group = np.array([names.setdefault(m, len(names)) for m in map(_merchant_id, snapshot.orders)])
    order = np.lexsort((table.ready_ms, group))
    first = _group_starts(group[order])
    size = np.diff(first)
    base = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(size**2)))
    number = np.arange(base[-1]) - np.repeat(base[:-1], size**2)
    width = np.repeat(size, size**2)
    begin = np.repeat(first[:-1], size**2)
    door = table.door[order]
    origins, destinations = door[begin + number // width], door[begin + number % width]
    doors_ms = travel.pair_durations_ms(origins, destinations, snapshot.at_ms)
    at = table.merchant[order]
    groups = Groups(
        first,
        base[:-1],
        doors_ms,
        table.placed_ms[order],
        table.ready_ms[order],
        table.promised_ms[order],
        table.last_mile_ms[order],
        reach_ms[at],
        approach_ms[at],
        _sequences(),
    )
    return Kitchens(order, at, groups)


def _group_starts(group: Ints) -> Ints:
    """Return where groups of sorted orders begin, none larger than ``GROUP_MAX``, with the end."""
    changes = np.flatnonzero(np.diff(group)) + 1
    starts = np.concatenate((np.zeros(1, dtype=np.int64), changes, [len(group)]))
    pieces = [np.arange(a, b, GROUP_MAX) for a, b in itertools.pairwise(starts.tolist())]
    return np.concatenate([*pieces, [len(group)]]).astype(np.int64)


def _sequences() -> Ints:
    table = np.zeros((ORDERS_MAX + 1, 24, ORDERS_MAX), dtype=np.int64)
    for n in range(1, ORDERS_MAX + 1):
        every = list(itertools.permutations(range(n)))
        table[n, : len(every), :n] = every
    return table


def bundle(ready: Kitchens, how: Tariff, limits: Limits) -> Bundles:
    """Merge the orders of each merchant, the cheapest merge first, as long as the limits allow."""
    # The first kernel of a process loads numba, which takes a second: not every command needs it.
    from dispatch.kernels.merging import merge_all, time_stops  # noqa: PLC0415

    g = ready.groups
    count = len(ready.order)
    size = np.ones(count, dtype=np.int64)
    member = np.full((count, ORDERS_MAX), NO_ORDER, dtype=np.int64)
    member[:, 0] = np.arange(count)
    merge_all(g, how, min(limits.orders, ORDERS_MAX), limits.weight, limits.average, size, member)
    rows = np.flatnonzero(size)
    member, size = member[rows], size[rows]
    group_of = np.searchsorted(g.first, rows, side="right") - 1
    drop_ms = np.zeros(member.shape, dtype=np.int64)
    busy_ms = np.zeros(len(rows), dtype=np.int64)
    time_stops(g, how, group_of, size, member, drop_ms, busy_ms)
    real = member != NO_ORDER
    ready_ms = np.where(real, g.ready_ms[member], np.iinfo(np.int64).min).max(axis=1)
    orders = np.where(real, ready.order[member], NO_ORDER)
    return Bundles(orders, drop_ms, size, ready.merchant[rows], ready_ms, busy_ms)
