"""Why an order got its rider, or none: the record that every decision leaves.

The words are stable: pages translate them, tests and logs compare them.
"""

from collections.abc import Sequence

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
NO_RIDER_ON_DUTY = "no_rider_on_duty"
"""Nobody is on duty."""
NO_FREE_RIDER = "no_free_rider"
"""Everybody on duty is on a trip."""
NO_RIDER_IN_TIME = "no_rider_in_time"
"""Nobody can pick it up before the end of the shift, or all who could have declined."""
WAITS_FOR_BUSY_RIDER = "waits_for_busy_rider"
"""A rider who is still on a trip would be there sooner, or the free ones are needed elsewhere."""
WAITS_FOR_KITCHEN = "waits_for_kitchen"
"""Leaving later does not delay the pickup: the food is not ready before."""

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
        All riders that were compared.
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
    wanted = min(ALTERNATIVES_KEPT + 1, len(riders))
    best = np.argpartition(pickup_at_ms, wanted - 1)[:wanted] if wanted < len(riders) else range(wanted)
    others = sorted(
        (int(pickup_at_ms[k]), riders[k].rider_id) for k in best if k != chosen and pickup_at_ms[k] < NEVER_MS
    )
    return Explanation(
        terms,
        tuple(Alternative(rider, (at - pickup) / MINUTE_MS) for at, rider in others[:ALTERNATIVES_KEPT]),
        reason,
    )


def hold_if_news(order: OpenOrder, reason: str) -> list[Hold]:
    """Return the hold of an order when its reason is not the one already known, else nothing."""
    if order.held_reason == reason:
        return []
    return [Hold(order.order_id, Explanation(reason=reason))]
