"""One linear assignment of all open orders to riders, committed as late as possible.

References
----------
.. [1] Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research Logistics Quarterly
   2, 83-97. doi:10.1002/nav.3800020109 (scipy solves it by a shortest augmenting path).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dispatch.commitment import can_wait
from dispatch.explain import (
    CHEAPEST_ASSIGNMENT,
    NO_FREE_RIDER,
    NO_RIDER_IN_TIME,
    NO_RIDER_ON_DUTY,
    WAITS_FOR_BUSY_RIDER,
    WAITS_FOR_KITCHEN,
    explain_pickup,
    hold_all,
)
from dispatch.matching.base import Budget
from dispatch.pickups import NEVER_MS, PickupTable, pickup_table
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan, Hold, PlannedTrip
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS

UNASSIGNED_MS = 4 * HOUR_MS
"""What leaving an order without a rider costs, as delay: more than any drive, so that as many as possible are
served (240 min as in dispatch.md)."""
PATIENCE_MS = 30 * MINUTE_MS
"""Food that has waited longer than this since it was ready weighs more and more: 4 after twice, 9 after three
times as long. A sum of delays alone does not care who waits, and could keep one order waiting for ever."""


class HungarianMatcher:
    """Assign orders to riders, also to those still on a trip, so that the sum of pickup delays is least.

    An assignment to a free rider is carried out only when waiting for the next epoch would delay the pickup;
    one to a rider still busy is not carried out at all, but keeps a farther rider from being sent.
    """

    name = "hungarian"

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Decide by one linear assignment. O(n^3) in the worst case; ``make bench`` times 500 x 1,000."""
        if not snapshot.riders:
            holds = hold_all(snapshot.orders, NO_RIDER_ON_DUTY)
            return DispatchPlan(snapshot.decision_id, self.name, (), tuple(holds))
        table = pickup_table(snapshot, snapshot.riders, snapshot.orders, travel)
        possible: list[bool] = (table.pickup_at_ms < NEVER_MS).max(axis=0).tolist()
        rows, columns = linear_sum_assignment(_cost(snapshot, table))
        rider_of = dict(zip(columns.tolist(), rows.tolist(), strict=True))
        trips: list[PlannedTrip] = []
        held: list[Hold] = []
        for k, order in enumerate(snapshot.orders):
            chosen = rider_of.get(k)
            reason = _reason_to_hold(snapshot, table, chosen, k) if possible[k] else NO_RIDER_IN_TIME
            if reason:
                held += hold_all((order,), reason)
            elif chosen is not None:
                explanation = explain_pickup(
                    order,
                    snapshot.riders,
                    chosen,
                    table.pickup_at_ms[:, k],
                    int(table.drive_ms[chosen, k]),
                    CHEAPEST_ASSIGNMENT,
                )
                trips.append(PlannedTrip(snapshot.riders[chosen].rider_id, (order.order_id,), (explanation,)))
        return DispatchPlan(snapshot.decision_id, self.name, tuple(trips), tuple(held))


def _reason_to_hold(snapshot: Snapshot, table: PickupTable, chosen: int | None, k: int) -> str:
    """Return why order ``k``, which somebody could pick up, is not sent now; empty when it is."""
    if chosen is None or table.pickup_at_ms[chosen, k] >= NEVER_MS:
        return NO_FREE_RIDER
    if not snapshot.riders[chosen].is_free:
        in_time = table.pickup_at_ms[chosen, k] <= snapshot.orders[k].ready_at_ms
        return WAITS_FOR_KITCHEN if in_time else WAITS_FOR_BUSY_RIDER
    return WAITS_FOR_KITCHEN if can_wait(snapshot, int(table.drive_ms[chosen, k]), k) else ""


def _cost(snapshot: Snapshot, table: PickupTable) -> NDArray[np.float64]:
    """Return delays less what leaving the order unassigned would cost, shape (riders, orders).

    In whole ms, which floats hold exactly: ties stay ties on every machine.
    """
    placed = np.array([order.placed_at_ms for order in snapshot.orders], dtype=np.int64)
    ready = np.array([order.ready_at_ms for order in snapshot.orders], dtype=np.int64)
    delay = table.pickup_at_ms - np.maximum(ready, snapshot.at_ms)
    gain = UNASSIGNED_MS + (snapshot.at_ms - placed)
    weight = np.square(1.0 + np.maximum(0, snapshot.at_ms - ready - PATIENCE_MS) / PATIENCE_MS)
    return np.where(table.pickup_at_ms < NEVER_MS, np.rint((delay - gain) * weight), 0.0)
