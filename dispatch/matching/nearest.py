"""The nearest free rider at once, oldest order first: what people do by hand."""

import numpy as np

from dispatch.explain import (
    NEAREST_FREE_RIDER,
    NO_FREE_RIDER,
    NO_RIDER_IN_TIME,
    NO_RIDER_ON_DUTY,
    explain_pickup,
    hold_all,
)
from dispatch.matching.base import Budget
from dispatch.pickups import NEVER_MS, pickup_table
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan, Hold, PlannedTrip
from domain.ports import TravelTimes


class NearestMatcher:
    """Give each order, oldest first, the free rider with the shortest drive to its merchant; never wait."""

    name = "nearest"

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        """Decide greedily. Ties go to the smaller rider id. O(orders x riders)."""
        free = tuple(rider for rider in snapshot.riders if rider.is_free)
        if not free:
            reason = NO_FREE_RIDER if snapshot.riders else NO_RIDER_ON_DUTY
            return DispatchPlan(snapshot.decision_id, self.name, (), tuple(hold_all(snapshot.orders, reason)))
        table = pickup_table(snapshot, free, snapshot.orders, travel)
        pickup, left = table.pickup_at_ms, len(free)
        drive = np.where(pickup < NEVER_MS, table.drive_ms, NEVER_MS)
        # Whether the riders still on a trip would be in time is not asked: the reason would change all day.
        nobody = NO_RIDER_IN_TIME if len(free) == len(snapshot.riders) else NO_FREE_RIDER
        trips: list[PlannedTrip] = []
        held: list[Hold] = []
        for k, order in enumerate(snapshot.orders):
            if not left:
                held += hold_all(snapshot.orders[k:], NO_FREE_RIDER)
                break
            chosen = int(drive[:, k].argmin())
            if drive[chosen, k] >= NEVER_MS:
                held += hold_all((order,), nobody)
                continue
            explanation = explain_pickup(
                order, free, chosen, pickup[:, k], int(drive[chosen, k]), NEAREST_FREE_RIDER
            )
            trips.append(PlannedTrip(free[chosen].rider_id, (order.order_id,), (explanation,)))
            drive[chosen, :] = pickup[chosen, :] = NEVER_MS
            left -= 1
        return DispatchPlan(snapshot.decision_id, self.name, tuple(trips), tuple(held))
