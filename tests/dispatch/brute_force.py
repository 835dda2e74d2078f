"""Every way to deliver a few orders, tried one by one: what optimizers are compared with.

To compare another policy, describe what it minimizes as an ``Objective`` and what it may do as ``Limits``,
and list both as an ``Optimizer`` in ``test_optimality.py``. ``cheapest`` is the least cost there is;
``cost_of_plan`` is what a plan costs, its trips and queues, by the same plain arithmetic.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.ids import OrderId, RiderId
from domain.plans import DispatchPlan
from domain.ports import TravelTimes
from domain.units import Millis

Trip = tuple[OpenOrder, ...]
Queue = tuple[Trip, ...]


def _no_pay(rider: RiderView, delivered_before: int) -> int:
    return 0


@dataclass(frozen=True)
class Objective:
    """What is to be as small as possible, in whole numbers.

    ``order`` is the cost of an order delivered at an instant, ``unassigned`` of one without a rider, and
    ``pay`` of one order more for a rider who has delivered so many in this shift.
    """

    order: Callable[[OpenOrder, Millis], int]
    unassigned: Callable[[OpenOrder], int]
    pay: Callable[[RiderView, int], int] = _no_pay


@dataclass(frozen=True)
class Limits:
    """What a plan may do: trips of one rider, orders of one trip."""

    trips: int = 3
    orders: int = 3


def cost_of_queue(
    snapshot: Snapshot, travel: TravelTimes, objective: Objective, rider: RiderView, queue: Iterable[Trip]
) -> int | None:
    """Return what the trips of one rider cost one after the other, None where one cannot be."""
    times, rules = snapshot.times, snapshot.rules
    here, at_ms, delivered, total = rider.location, rider.free_at_ms, rider.delivered, 0
    for trip in queue:
        arrives_ms = at_ms + travel.duration_ms(here, trip[0].pickup, at_ms)
        at_ms = max(arrives_ms + times.pickup_before_ms, *(order.ready_at_ms for order in trip))
        if rules.floor(at_ms) > rider.shift_ends_at_ms:
            return None
        if any(rider.rider_id in order.declined_by for order in trip):
            return None
        here, at_ms = trip[0].pickup, at_ms + times.pickup_after_ms
        for order in trip:
            at_ms += travel.duration_ms(here, order.dropoff, at_ms) + times.dropoff_before_ms
            total += objective.order(order, rules.floor(at_ms)) + objective.pay(rider, delivered)
            here, at_ms = order.dropoff, at_ms + times.dropoff_after_ms
        # Pay is settled when a trip is planned: all of its orders count as the first does.
        delivered += len(trip)
    return total


def queues(orders: Sequence[OpenOrder], limits: Limits) -> Iterator[Queue]:
    """Every way to deliver exactly these orders one trip after the other, each trip from one merchant."""
    for sequence in itertools.permutations(orders):
        for cuts in itertools.product((False, True), repeat=len(orders) - 1):
            trips: list[Trip] = [sequence[:1]]
            for cut, order in zip(cuts, sequence[1:], strict=True):
                trips = [*trips, (order,)] if cut else [*trips[:-1], (*trips[-1], order)]
            alike = all(len({order.merchant_id for order in trip}) == 1 for trip in trips)
            if alike and len(trips) <= limits.trips and max(map(len, trips)) <= limits.orders:
                yield tuple(trips)


def cheapest(snapshot: Snapshot, travel: TravelTimes, objective: Objective, limits: Limits = Limits()) -> int:
    """Return the least cost over every way to give the orders, or some of them, to the riders."""
    orders = snapshot.orders
    every = range(2 ** len(orders))
    chosen = [tuple(order for k, order in enumerate(orders) if mask >> k & 1) for mask in every]
    best: dict[int, int] = {0: 0}
    for rider in snapshot.riders:
        alone: dict[int, int] = {0: 0}
        for mask in every[1:]:
            costs = (
                cost_of_queue(snapshot, travel, objective, rider, queue)
                for queue in queues(chosen[mask], limits)
            )
            if (least := min((cost for cost in costs if cost is not None), default=None)) is not None:
                alone[mask] = least
        joint: dict[int, int] = {}
        for (a, cost_a), (b, cost_b) in itertools.product(best.items(), alone.items()):
            if not a & b:
                joint[a | b] = min(joint.get(a | b, cost_a + cost_b), cost_a + cost_b)
        best = joint
    left = [sum(objective.unassigned(o) for o in orders) - sum(map(objective.unassigned, c)) for c in chosen]
    return min(cost + left[mask] for mask, cost in best.items())


def cost_of_plan(snapshot: Snapshot, travel: TravelTimes, objective: Objective, plan: DispatchPlan) -> int:
    """Return what a plan costs, with all that it foresees; it must obey the rules."""
    known = {order.order_id: order for order in snapshot.orders}
    planned: dict[RiderId, list[tuple[OrderId, ...]]] = {}
    for trip in (*plan.trips, *plan.queues):
        planned.setdefault(trip.rider_id, []).append(trip.order_ids)
    taken = [order_id for trips in planned.values() for trip in trips for order_id in trip]
    assert len(set(taken)) == len(taken)
    total = sum(objective.unassigned(order) for order in snapshot.orders if order.order_id not in taken)
    most = snapshot.rules.max_orders_per_trip
    riders = {rider.rider_id: rider for rider in snapshot.riders}
    for rider_id, trips in planned.items():
        assert all(most is None or len(trip) <= most for trip in trips)
        queue = [tuple(known[order_id] for order_id in trip) for trip in trips]
        assert all(len({order.merchant_id for order in trip}) == 1 for trip in queue)
        cost = cost_of_queue(snapshot, travel, objective, riders[rider_id], queue)
        assert cost is not None, "a trip that cannot be"
        total += cost
    return total
