"""The fallback: greedy insertion, for when a policy's plan breaks the rules or does not come.

Oldest order first, each goes to the free rider or into the trip (started in this very plan, same merchant)
where it delays everybody the least. It is simple enough to be right and takes milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.explain import (
    GREEDY_INSERTION,
    NO_FREE_RIDER,
    NO_RIDER_IN_TIME,
    NO_RIDER_ON_DUTY,
    WAITS_FOR_KITCHEN,
    explain_pickup,
    hold_all,
)
from dispatch.params import VerifierParams
from dispatch.pickups import NEVER_MS, PickupTable, pickup_table
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from dispatch.soft_limits import exceeded
from domain.ids import MerchantId
from domain.plans import CostTerm, DispatchPlan, Explanation, Hold, PlannedTrip
from domain.ports import LocationKey, TravelTimes
from domain.units import MINUTE_MS, Millis

FALLBACK = "fallback"
"""The name under which its plans are logged; not a policy that can be chosen."""

MOST_ORDERS = 3
"""Orders in one of its trips, where the city allows more."""
TRIPS_TRIED = 4
"""Trips of a merchant into which an order is tried, the latest ones: more cost time and gain little."""

DEFAULT_LIMITS = VerifierParams()


def plan_fallback(
    snapshot: Snapshot, travel: TravelTimes, limits: VerifierParams = DEFAULT_LIMITS
) -> DispatchPlan:
    """Decide greedily. Never breaks a hard constraint; bundles only where no soft one is exceeded.

    Parameters
    ----------
    snapshot : Snapshot
        The situation.
    travel : TravelTimes
        How long drives take.
    limits : VerifierParams
        The soft limits that a bundle has to keep.

    Notes
    -----
    O(orders x riders), all but a few steps in numpy: 500 riders x 1,000 orders in less than 50 ms.
    """
    free = tuple(rider for rider in snapshot.riders if rider.is_free)
    if not free:
        reason = NO_FREE_RIDER if snapshot.riders else NO_RIDER_ON_DUTY
        return DispatchPlan(snapshot.decision_id, FALLBACK, (), tuple(hold_all(snapshot.orders, reason)))
    greedy = _Greedy(snapshot, travel, limits, free)
    held: list[Hold] = []
    for column, order in enumerate(snapshot.orders):
        reason = greedy.place(column, order)
        if reason:
            held += hold_all((order,), reason)
    return DispatchPlan(snapshot.decision_id, FALLBACK, greedy.planned_trips(), tuple(held))


@dataclass(slots=True)
class _Trip:
    """A trip in the making."""

    row: int
    arrives_ms: Millis
    columns: list[int]
    pickup_ms: Millis
    dropoffs_ms: list[Millis]


class _Greedy:
    """The greedy plan of one snapshot."""

    def __init__(
        self, snapshot: Snapshot, travel: TravelTimes, limits: VerifierParams, free: tuple[RiderView, ...]
    ) -> None:
        self.snapshot = snapshot
        self.travel = travel
        self.limits = limits
        self.free = free
        self.table: PickupTable = pickup_table(snapshot, free, snapshot.orders, travel)
        # The rows of riders with a trip are blotted out; the table itself stays for the explanations.
        self.drive_ms: NDArray[np.int64] = np.where(
            self.table.pickup_at_ms < NEVER_MS, self.table.drive_ms, NEVER_MS
        )
        self.nobody = NO_RIDER_IN_TIME if len(free) == len(snapshot.riders) else NO_FREE_RIDER
        self.trips: list[_Trip] = []
        self.trips_of: dict[MerchantId, list[_Trip]] = {}
        self.drives: dict[tuple[LocationKey, LocationKey], Millis] = {}
        most = snapshot.rules.max_orders_per_trip
        self.most = MOST_ORDERS if most is None else min(most, MOST_ORDERS)

    def place(self, column: int, order: OpenOrder) -> str:
        """Put an order into the plan, or return why it is held."""
        row = int(self.drive_ms[:, column].argmin())
        drive_ms = int(self.drive_ms[row, column])
        alone = self._trip(row, drive_ms, [column]) if drive_ms < NEVER_MS else None
        joined = self._cheapest_join(column, order)
        if joined is not None and (alone is None or joined[0] <= alone.dropoffs_ms[0]):
            _, trip, longer = joined
            trip.columns, trip.pickup_ms, trip.dropoffs_ms = (
                longer.columns,
                longer.pickup_ms,
                longer.dropoffs_ms,
            )
            return ""
        if alone is None:
            return self.nobody
        if alone.arrives_ms + self._waits_ms() <= order.ready_at_ms:
            return WAITS_FOR_KITCHEN
        self.drive_ms[row, :] = NEVER_MS
        self.trips.append(alone)
        self.trips_of.setdefault(order.merchant_id, []).append(alone)
        return ""

    def planned_trips(self) -> tuple[PlannedTrip, ...]:
        """Return the plan's trips, each with its reasons."""
        orders = self.snapshot.orders
        return tuple(
            PlannedTrip(
                self.free[trip.row].rider_id,
                tuple(orders[column].order_id for column in trip.columns),
                tuple(self._explanation(trip, column) for column in trip.columns),
            )
            for trip in self.trips
        )

    def _waits_ms(self) -> Millis:
        """Return how much later a rider who leaves at the next epoch is done arriving."""
        return self.snapshot.next_epoch_ms - self.snapshot.at_ms + self.snapshot.times.pickup_before_ms

    def _cheapest_join(self, column: int, order: OpenOrder) -> tuple[Millis, _Trip, _Trip] | None:
        """Return the cost, the trip and the longer trip of the cheapest insertion, if there is any.

        The cost is the drop-off of the order with all that it delays others by.
        """
        best: tuple[Millis, _Trip, _Trip] | None = None
        for trip in self.trips_of.get(order.merchant_id, ())[-TRIPS_TRIED:]:
            if len(trip.columns) >= self.most or self.free[trip.row].rider_id in order.declined_by:
                continue
            for position in range(len(trip.columns) + 1):
                columns = [*trip.columns[:position], column, *trip.columns[position:]]
                longer = self._trip(trip.row, None, columns, trip.arrives_ms)
                cost_ms = sum(longer.dropoffs_ms) - sum(trip.dropoffs_ms)
                if (best is None or cost_ms < best[0]) and self._keeps_limits(longer):
                    best = (cost_ms, trip, longer)
        return best

    def _trip(
        self, row: int, drive_ms: Millis | None, columns: list[int], arrives_ms: Millis | None = None
    ) -> _Trip:
        orders, times = self.snapshot.orders, self.snapshot.times
        if arrives_ms is None:
            arrives_ms = self.free[row].free_at_ms + (drive_ms or 0)
        pickup_ms = arrives_ms + times.pickup_before_ms
        for column in columns:
            pickup_ms = max(pickup_ms, orders[column].ready_at_ms)
        here, clock_ms = orders[columns[0]].pickup, pickup_ms + times.pickup_after_ms
        dropoffs_ms: list[Millis] = []
        for column in columns:
            door = orders[column].dropoff
            clock_ms += self._drive_ms(here, door) + times.dropoff_before_ms
            dropoffs_ms.append(clock_ms)
            clock_ms += times.dropoff_after_ms
            here = door
        return _Trip(row, arrives_ms, columns, pickup_ms, dropoffs_ms)

    def _drive_ms(self, origin: LocationKey, destination: LocationKey) -> Millis:
        known = self.drives.get((origin, destination))
        if known is None:
            known = self.travel.duration_ms(origin, destination, self.snapshot.at_ms)
            self.drives[origin, destination] = known
        return known

    def _keeps_limits(self, trip: _Trip) -> bool:
        """Tell whether the pickup is within the shift and nothing exceeds a soft limit because of others."""
        if self.snapshot.rules.floor(trip.pickup_ms) > self.free[trip.row].shift_ends_at_ms:
            return False
        for place, column in enumerate(trip.columns):
            worse = self._exceeded(trip, place)
            if worse:
                alone = self._trip(trip.row, None, [column], trip.arrives_ms)
                if worse & ~self._exceeded(alone, 0):
                    return False
        return True

    def _exceeded(self, trip: _Trip, place: int) -> int:
        order, times = self.snapshot.orders[trip.columns[place]], self.snapshot.times
        dropoff_ms = trip.dropoffs_ms[place]
        carried_ms = dropoff_ms - times.dropoff_before_ms - trip.pickup_ms - times.pickup_after_ms
        direct_ms = self._drive_ms(order.pickup, order.dropoff)
        return exceeded(order, self.limits, carried_ms, direct_ms, dropoff_ms)

    def _explanation(self, trip: _Trip, column: int) -> Explanation:
        order = self.snapshot.orders[column]
        drive_ms = trip.arrives_ms - self.free[trip.row].free_at_ms
        if len(trip.columns) == 1:
            pickups_ms = self.table.pickup_at_ms[:, column]
            return explain_pickup(order, self.free, trip.row, pickups_ms, drive_ms, GREEDY_INSERTION)
        return _of_bundle(order, drive_ms, trip.pickup_ms)


def _of_bundle(order: OpenOrder, drive_ms: Millis, pickup_ms: Millis) -> Explanation:
    spans: Sequence[tuple[str, Millis]] = (
        ("first_mile", drive_ms),
        ("pickup_after_ready", pickup_ms - order.ready_at_ms),
        ("pickup_after_placed", pickup_ms - order.placed_at_ms),
    )
    terms = tuple(CostTerm(name, span_ms / MINUTE_MS, "min") for name, span_ms in spans)
    return Explanation(terms, (), GREEDY_INSERTION)
