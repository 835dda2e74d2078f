"""Explanations of ``rolling`` computed a second time, without its arrays and kernels.

A plan of queues says what every rider is to do: the trips that start, then those that are foreseen. From
that and the snapshot follows why each trip starts with its rider, what other riders would cost more, and why
the other orders wait. Everything is counted in whole numbers, so that it comes out to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from dispatch.explain import (
    ALTERNATIVES_KEPT,
    NO_FREE_RIDER,
    NO_RIDER_IN_TIME,
    NO_RIDER_ON_DUTY,
    WAITS_FOR_BUSY_RIDER,
    WAITS_FOR_KITCHEN,
    WAITS_IN_QUEUE,
)
from dispatch.matching.rolling_cost import TripPrice, delay_cost, explain_trip, pay_cost
from dispatch.matching.rolling_params import RollingParams
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.errors import InvalidValueError
from domain.ids import OrderId, RiderId
from domain.plans import DispatchPlan, Explanation, PlannedTrip, QueuedTrip
from domain.ports import LocationKey, TravelTimes
from domain.units import Millis

Trip: TypeAlias = tuple[OpenOrder, ...]
"""Orders in the sequence of their drop-offs."""

DEFAULT_PARAMS = RollingParams()


def explain_trip_again(
    snapshot: Snapshot,
    plan: DispatchPlan,
    trip: int,
    travel: TravelTimes,
    params: RollingParams = DEFAULT_PARAMS,
) -> tuple[Explanation, ...]:
    """Explain a trip that starts, order by order.

    Parameters
    ----------
    snapshot : Snapshot
        What was decided on.
    plan : DispatchPlan
        What was decided.
    trip : int
        Which of its trips.
    travel : TravelTimes
        How long drives take.
    params : RollingParams
        Costs.

    Notes
    -----
    O(riders + orders foreseen).
    """
    return _Queues(snapshot, plan, travel, params).explain_trip(trip)


def explain_hold_again(
    snapshot: Snapshot,
    plan: DispatchPlan,
    hold: int,
    travel: TravelTimes,
    params: RollingParams = DEFAULT_PARAMS,
) -> Explanation:
    """Explain why an order waits; parameters as for trips, ``hold`` is the number of the hold."""
    return _Queues(snapshot, plan, travel, params).explain_hold(plan.holds[hold].order_id)


def is_for_whole_city(snapshot: Snapshot, plan: DispatchPlan, params: RollingParams = DEFAULT_PARAMS) -> bool:
    """Tell whether a plan was made by min-cost flows: it is explained by other terms."""
    joined = sum(len(addition.added) for addition in plan.additions)
    riders = len(snapshot.riders) + len(snapshot.coming)
    return riders * (len(snapshot.orders) - joined) > params.most_cells


@dataclass(frozen=True, slots=True)
class _Start:
    """Where and when a rider begins a trip, with how many orders delivered."""

    place: LocationKey
    at_ms: Millis
    delivered: int


@dataclass(frozen=True, slots=True)
class _Ride:
    """A trip as a rider would do it."""

    cost: int
    arrives_ms: Millis
    drops_ms: tuple[Millis, ...]
    after: _Start


class _Queues:
    """What a plan wants of every rider."""

    def __init__(
        self, snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes, params: RollingParams
    ) -> None:
        self._snapshot, self._plan, self._travel = snapshot, plan, travel
        joined = sum(len(addition.added) for addition in plan.additions)
        riders = len(snapshot.riders) + len(snapshot.coming)
        self._params = params.in_force(len(snapshot.orders) - joined, riders, len(snapshot.recent))
        self._now_ms = snapshot.rules.floor(snapshot.at_ms)

    @cached_property
    def _riders(self) -> dict[RiderId, RiderView]:
        return {rider.rider_id: rider for rider in (*self._snapshot.riders, *self._snapshot.coming)}

    @cached_property
    def _orders(self) -> dict[OrderId, OpenOrder]:
        return {order.order_id: order for order in self._snapshot.orders}

    @cached_property
    def _of_rider(self) -> dict[RiderId, list[Trip]]:
        """The trips of every rider who has any."""
        queues: dict[RiderId, list[Trip]] = {}
        foreseen: list[PlannedTrip | QueuedTrip] = [*self._plan.trips, *self._plan.queues]
        for trip in foreseen:
            orders = tuple(self._orders[order_id] for order_id in trip.order_ids)
            queues.setdefault(trip.rider_id, []).append(orders)
        return queues

    def explain_trip(self, trip: int) -> tuple[Explanation, ...]:
        planned = self._plan.trips[trip]
        rider = self._riders[planned.rider_id]
        first, *rest = self._of_rider[planned.rider_id]
        ride, queue = self._ride(rider, self._start(rider), first), self._cost(rider, (first, *rest))
        if ride is None or queue is None:
            raise InvalidValueError("plan", f"{len(rest) + 1} trips of {rider.rider_id}", "what can be done")
        without = self._cost(rider, rest)
        own = ride.cost if without is None else queue - without
        price = TripPrice(
            pay_cost(self._snapshot, rider, rider.delivered, self._params),
            own - ride.cost,
            self._others(planned.rider_id, first, own),
        )
        return explain_trip(first, ride.drops_ms, ride.arrives_ms, price, self._params)

    def explain_hold(self, order_id: OrderId) -> Explanation:
        if not self._riders:
            return Explanation(reason=NO_RIDER_ON_DUTY)
        order = self._orders[order_id]
        for rider_id, queue in self._of_rider.items():
            for place, trip in enumerate(queue):
                if order in trip:
                    reason = WAITS_IN_QUEUE if place else self._why_first_waits(rider_id, trip, order)
                    return Explanation(reason=reason, foreseen=rider_id)
        in_time = any(self._can_be_next(rider, order) for rider in self._riders.values())
        return Explanation(reason=NO_FREE_RIDER if in_time else NO_RIDER_IN_TIME)

    def _why_first_waits(self, rider_id: RiderId, trip: Trip, order: OpenOrder) -> str:
        """Return why the first trip of a rider does not start.

        A free rider who would have to leave now is kept for an order that is only expected.
        """
        rider = self._riders[rider_id]
        drive_ms = self._drive_ms(rider.location, order.pickup)
        before_ms = self._snapshot.times.pickup_before_ms
        if rider.is_free:
            next_ms = self._snapshot.rules.floor(self._snapshot.next_epoch_ms)
            ready_ms = max(other.ready_at_ms for other in trip)
            return WAITS_IN_QUEUE if next_ms + drive_ms + before_ms > ready_ms else WAITS_FOR_KITCHEN
        there_ms = self._start(rider).at_ms + drive_ms + before_ms
        return WAITS_FOR_BUSY_RIDER if there_ms > order.ready_at_ms else WAITS_FOR_KITCHEN

    def _can_be_next(self, rider: RiderView, order: OpenOrder) -> bool:
        return rider.rider_id not in order.declined_by and (
            self._ride(rider, self._start(rider), (order,)) is not None
        )

    def _others(self, owner: RiderId, trip: Trip, own: int) -> tuple[tuple[RiderId, int], ...]:
        """Return the riders whose queues the trip would lengthen least if it came first, and by how much."""
        others: list[tuple[RiderId, int]] = []
        for rider_id, rider in self._riders.items():
            if rider_id == owner or any(rider_id in order.declined_by for order in trip):
                continue
            queue = self._of_rider.get(rider_id, [])
            longer, present = self._cost(rider, (trip, *queue)), self._cost(rider, queue)
            if longer is not None and present is not None:
                others.append((rider_id, longer - present - own))
        others.sort(key=lambda other: other[1])
        return tuple(others[:ALTERNATIVES_KEPT])

    def _start(self, rider: RiderView) -> _Start:
        free_ms = self._now_ms
        if not rider.is_free:
            free_ms = max(free_ms, self._snapshot.rules.floor(rider.free_at_ms))
        return _Start(rider.location, free_ms, rider.delivered)

    def _cost(self, rider: RiderView, queue: Sequence[Trip]) -> int | None:
        """Return what trips cost one after the other, None where one cannot be."""
        start, cost = self._start(rider), 0
        for trip in queue:
            ride = self._ride(rider, start, trip)
            if ride is None:
                return None
            start, cost = ride.after, cost + ride.cost
        return cost

    def _ride(self, rider: RiderView, start: _Start, trip: Trip) -> _Ride | None:
        """Return how a rider would do a trip, None if its pickup is after the end of the shift."""
        times = self._snapshot.times
        here = trip[0].pickup
        arrives_ms = start.at_ms + self._drive_ms(start.place, here) + times.pickup_before_ms
        at_ms = max(arrives_ms, *(order.ready_at_ms for order in trip))
        if self._snapshot.rules.floor(at_ms) > rider.shift_ends_at_ms:
            return None
        at_ms += times.pickup_after_ms
        cost = len(trip) * pay_cost(self._snapshot, rider, start.delivered, self._params)
        drops_ms: list[Millis] = []
        for order in trip:
            at_ms += self._drive_ms(here, order.dropoff) + times.dropoff_before_ms
            drops_ms.append(at_ms)
            cost += delay_cost(order, at_ms, self._params)
            here, at_ms = order.dropoff, at_ms + times.dropoff_after_ms
        return _Ride(cost, arrives_ms, tuple(drops_ms), _Start(here, at_ms, start.delivered + len(trip)))

    def _drive_ms(self, origin: LocationKey, destination: LocationKey) -> Millis:
        return self._travel.duration_ms(origin, destination, self._snapshot.at_ms)
