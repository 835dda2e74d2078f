"""A city of any size for ``peakline bench dispatch``: laid out by a seed, moved on by each plan."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.snapshot import OpenOrder, RecentOrder, RiderView, Snapshot
from domain.errors import InvalidValueError
from domain.geo import Point
from domain.ids import RiderId
from domain.plans import DispatchPlan, PlannedTrip, ServiceRules, ServiceTimes
from domain.ports import LocationKey
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from roads.plane import MetricPlane

STARTS_AT_MS: Millis = 1_800_000_000_000
EPOCH_MS: Millis = 30 * SECOND_MS
RECENT_MS: Millis = 20 * MINUTE_MS
METERS_PER_MINUTE = 320.0
RIDERS_PER_KM2 = 10.0
"""The city grows with its riders, so that a drive takes as long in a large one."""
ORDERS_PER_MERCHANT = 5
MERCHANTS_PER_QUARTER = 40
QUARTER_M = 700.0
"""Merchants lie around the middle of a quarter, with this standard deviation."""
DOOR_M = 1_500.0
"""Doors lie around their merchant, with this standard deviation each way."""
ORDERS_MAX = RIDERS_MAX = 20_000

RULES = ServiceRules(riders_may_decline=False)
TIMES = ServiceTimes()


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city is.

    Attributes
    ----------
    riders : int
        Riders on duty, half of them on a trip at first.
    orders : int
        Orders without a rider at every decision.
    """

    riders: int
    orders: int

    def __post_init__(self) -> None:
        for name, most in (("riders", RIDERS_MAX), ("orders", ORDERS_MAX)):
            if not 1 <= getattr(self, name) <= most:
                raise InvalidValueError(name, getattr(self, name), f"1 to {most}")


class CityMoments:
    """A city between two decisions.

    Whoever starts a trip is busy until it is over, straight on at the planned times; for every order that
    leaves with a rider a new one is placed. Riders who come free wait where they are.

    Parameters
    ----------
    size : Size
        How large it is.
    seed : int
        The same seed gives the same city and the same orders.
    """

    def __init__(self, size: Size, seed: int = 1) -> None:
        self._draw = np.random.default_rng(seed)
        self.plane = MetricPlane(METERS_PER_MINUTE)
        count = max(1, size.orders // ORDERS_PER_MERCHANT)
        side_m = 1_000.0 * math.sqrt(max(size.riders, 50) / RIDERS_PER_KM2)
        quarters = self._draw.uniform(0, side_m, (max(1, count // MERCHANTS_PER_QUARTER), 2))
        homes = quarters[self._draw.integers(0, len(quarters), count)]
        self._merchants = homes + self._draw.normal(0, QUARTER_M, (count, 2))
        self._placed = 0
        self._epoch = 0
        placed = np.sort(self._draw.integers(0, 12 * MINUTE_MS, size.orders))[::-1]
        orders = tuple(self._order(STARTS_AT_MS - int(ago_ms)) for ago_ms in placed)
        self.snapshot = Snapshot(
            "decision-1",
            STARTS_AT_MS,
            STARTS_AT_MS + EPOCH_MS,
            orders,
            self._riders(size.riders),
            RULES,
            TIMES,
            recent=tuple(map(_recent, orders)),
        )

    def move_on(self, plan: DispatchPlan) -> None:
        """Carry out a plan, and move on to the next decision."""
        before = self.snapshot
        at_ms = before.at_ms + EPOCH_MS
        self._epoch += 1
        known = {order.order_id: order for order in before.orders}
        started = {trip.rider_id: self._end_of(trip, before, known) for trip in plan.trips}
        gone = {order_id for trip in plan.trips for order_id in trip.order_ids}
        reason = {hold.order_id: hold.explanation.reason for hold in plan.holds}
        left = [
            order._replace(held_reason=reason.get(order.order_id, order.held_reason))
            for order in before.orders
            if order.order_id not in gone
        ]
        placed = np.sort(self._draw.integers(1, EPOCH_MS, len(gone))) + before.at_ms
        new = [self._order(int(instant_ms)) for instant_ms in placed]
        self.snapshot = replace(
            before,
            decision_id=f"decision-{self._epoch + 1}",
            at_ms=at_ms,
            next_epoch_ms=at_ms + EPOCH_MS,
            orders=(*left, *new),
            riders=tuple(_at(rider, started.get(rider.rider_id), at_ms) for rider in before.riders),
            queues=plan.queues,
            recent=tuple(
                order
                for order in (*before.recent, *map(_recent, new))
                if order.placed_at_ms >= at_ms - RECENT_MS
            ),
        )

    def _key(self, where: NDArray[np.float64]) -> LocationKey:
        return self.plane.locate(Point(float(where[0]), float(where[1])))

    def _order(self, placed_ms: Millis) -> OpenOrder:
        """Draw an order of any merchant; the food takes 8 to 25 min, the promise is 40 min."""
        self._placed += 1
        merchant = int(self._draw.integers(0, len(self._merchants)))
        home = self._merchants[merchant]
        ready_ms = placed_ms + int(self._draw.integers(8 * MINUTE_MS, 25 * MINUTE_MS))
        return OpenOrder(
            f"order-{self._placed:07}",
            f"m-{merchant:05}",
            self._key(home),
            self._key(home + self._draw.normal(0, DOOR_M, 2)),
            placed_ms,
            ready_ms,
            placed_ms + 40 * MINUTE_MS,
            (),
            "",
        )

    def _riders(self, count: int) -> tuple[RiderView, ...]:
        """Draw riders where they come free, at doors; every second one is on a trip for up to 25 min."""
        homes = self._merchants[self._draw.integers(0, len(self._merchants), count)]
        places = homes + self._draw.normal(0, DOOR_M, (count, 2))
        ends_ms = self._draw.integers(HOUR_MS, 4 * HOUR_MS, count).tolist()
        busy_ms = self._draw.integers(1, 25 * MINUTE_MS, count).tolist()
        delivered = self._draw.integers(0, 8, count).tolist()
        return tuple(
            RiderView(
                f"rider-{k:05}",
                self._key(places[k]),
                STARTS_AT_MS + (busy_ms[k] if k % 2 else 0),
                STARTS_AT_MS + ends_ms[k],
                k % 2 == 0,
                STARTS_AT_MS + ends_ms[k] - 5 * HOUR_MS,
                delivered[k],
            )
            for k in range(count)
        )

    def _end_of(
        self, trip: PlannedTrip, before: Snapshot, known: dict[str, OpenOrder]
    ) -> tuple[LocationKey, Millis, int]:
        """Return place and instant of a trip's end, and how many orders it delivers."""
        rider = _rider(before, trip.rider_id)
        orders = [known[order_id] for order_id in trip.order_ids]
        pickup, times = orders[0].pickup, before.times
        arrives_ms = before.at_ms + self.plane.duration_ms(rider.location, pickup, before.at_ms)
        at_ms = max(arrives_ms + times.pickup_before_ms, *(order.ready_at_ms for order in orders))
        at_ms += times.pickup_after_ms
        here = pickup
        for order in orders:
            at_ms += self.plane.duration_ms(here, order.dropoff, at_ms)
            at_ms += times.dropoff_before_ms + times.dropoff_after_ms
            here = order.dropoff
        return here, at_ms, len(orders)


def _rider(snapshot: Snapshot, rider_id: RiderId) -> RiderView:
    return snapshot.riders[int(rider_id.rpartition("-")[2])]


def _at(rider: RiderView, end: tuple[LocationKey, Millis, int] | None, at_ms: Millis) -> RiderView:
    """Return a rider at the next decision: on the trip just started, still on one, or free."""
    if end is not None:
        place, free_ms, orders = end
        return rider._replace(
            location=place, free_at_ms=free_ms, is_free=False, delivered=rider.delivered + orders
        )
    if rider.free_at_ms <= at_ms:
        return rider._replace(free_at_ms=at_ms, is_free=True)
    return rider


def _recent(order: OpenOrder) -> RecentOrder:
    return RecentOrder(
        order.pickup, order.dropoff, order.placed_at_ms, order.ready_at_ms, order.promised_at_ms
    )
