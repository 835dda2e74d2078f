"""Why an order got its rider, or none: the record that every decision leaves.

The words are stable: pages translate them, tests and logs compare them.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.pickups import NEVER_MS
from dispatch.snapshot import OpenOrder, RiderView
from domain.plans import Alternative, CostTerm, Explanation, Hold
from domain.units import MINUTE_MS, Millis

NEAREST_FREE_RIDER = "nearest_free_rider"
"""The free rider with the shortest drive to the merchant."""
CHEAPEST_ASSIGNMENT = "cheapest_assignment"
"""Part of the cheapest assignment of all open orders to riders."""
GREEDY_INSERTION = "greedy_insertion"
"""The fallback's choice: where it delays everybody the least, oldest order first."""
JOINS_TRIP = "joins_trip"
"""A rider is on the way to the merchant anyway, and takes it along sooner than anybody else."""
ASSIGNED_BY_HAND = "assigned_by_hand"
"""A dispatcher chose the rider, and no policy changes it."""
WAITS_FOR_PINNED_RIDER = "waits_for_pinned_rider"
"""A dispatcher chose a rider who is still on a trip; it is that rider's next."""
NO_RIDER_ON_DUTY = "no_rider_on_duty"
"""Nobody is on duty."""
NO_FREE_RIDER = "no_free_rider"
"""Everybody on duty is on a trip."""
NO_RIDER_IN_TIME = "no_rider_in_time"
"""Nobody can pick it up before the end of the shift, or all who could have declined."""
NO_RIDER_CAN_CARRY = "no_rider_can_carry"
"""It is too large or too heavy for everybody on duty."""
WAITS_FOR_BUSY_RIDER = "waits_for_busy_rider"
"""A rider still on a trip comes after the food is ready, but sooner than any free one that can be spared."""
WAITS_FOR_KITCHEN = "waits_for_kitchen"
"""Nobody has to leave yet: the food is not ready before the rider chosen for now would be there."""

WAITS_FOR_WINDOW = "waits_for_window"
"""Its delivery window is later: dispatch looks for a rider at the latest safe time."""
WAITS_IN_QUEUE = "waits_in_queue"
"""It is foreseen as a later trip of a rider, after others."""
CHEAPEST_PLAN = "cheapest_plan"
"""Part of the cheapest plan of trips for all riders, and its rider has to leave now."""

ORDERS_EXPECTED = "orders_expected"
"""Why a rider should wait elsewhere: from there the orders expected next are nearer."""

KITCHEN = "kitchen"
"""Binding: the food is not ready earlier."""
RIDER_ARRIVAL = "rider_arrival"
"""Binding: the rider cannot be there earlier."""
SEQUENCE = "sequence"
"""Binding: other drop-offs of the trip come first."""

ALTERNATIVES_KEPT = 3
"""How many other riders an explanation names."""


def explain_pickup(
    order: OpenOrder,
    riders: Sequence[RiderView],
    chosen: int,
    pickup_at_ms: NDArray[np.int64],
    drive_ms: Millis,
    reason: str,
) -> Explanation:
    """Explain the choice of one rider for one order by the instants of pickup.

    Parameters
    ----------
    order : OpenOrder
        The order.
    riders : sequence of RiderView
        All riders that were compared, sorted by id.
    chosen : int
        Index of the rider who got it.
    pickup_at_ms : array of int64, shape (riders,)
        When each could pick it up.
    drive_ms : int
        Drive of the chosen rider to the merchant.
    reason : str
        A word of this module.
    """
    pickup = int(pickup_at_ms[chosen])
    terms = (
        CostTerm("first_mile", drive_ms / MINUTE_MS, "min"),
        CostTerm("pickup_after_ready", (pickup - order.ready_at_ms) / MINUTE_MS, "min"),
        CostTerm("pickup_after_placed", (pickup - order.placed_at_ms) / MINUTE_MS, "min"),
    )
    others = tuple(
        Alternative(riders[k].rider_id, (int(pickup_at_ms[k]) - pickup) / MINUTE_MS)
        for k in _earliest(pickup_at_ms, ALTERNATIVES_KEPT + 1)
        if k != chosen
    )
    return Explanation(terms, others[:ALTERNATIVES_KEPT], reason)


def _earliest(pickup_at_ms: NDArray[np.int64], count: int) -> list[int]:
    """Return the rows of the so many earliest possible pickups, earliest first, ties by row.

    Not by ``argpartition``: which of equal values it keeps differs between processors.
    """
    limit = NEVER_MS - 1
    if count < len(pickup_at_ms):
        limit = min(limit, np.partition(pickup_at_ms, count - 1)[count - 1])
    rows: list[int] = np.flatnonzero(pickup_at_ms <= limit).tolist()
    if len(rows) > count:
        sooner: list[int] = np.flatnonzero(pickup_at_ms < limit).tolist()
        rows = sooner + [k for k in rows if pickup_at_ms[k] == limit][: count - len(sooner)]
    return sorted(rows, key=lambda k: (int(pickup_at_ms[k]), k))


def hold_all(orders: Iterable[OpenOrder], reason: str) -> list[Hold]:
    """Return the holds of orders for one reason, without those for which it is the reason already known."""
    return [
        Hold(order.order_id, Explanation(reason=reason)) for order in orders if order.held_reason != reason
    ]
