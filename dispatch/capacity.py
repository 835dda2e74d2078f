"""Capacity: no policy plans a trip that its rider cannot carry.

One way for all policies, greedy ones and compiled searches alike: the policy is shown a snapshot in which
nothing that it may plan can be too much.

- An order that a rider cannot carry even alone looks as if that rider had turned it down.
- An order travels alone, as if from a kitchen of its own, if with others it could be too much for anybody who
  comes into question. That is when somebody could carry it alone, but not as many like it as a trip may have.
  Any orders that may still share a trip fit all who may get them: each takes at most an equal part.
- An order that nobody can carry is not shown at all: it is held with that reason, and tried again.

Rather one bundle too few than a rider too few: an order that a bicycle could take is never kept waiting for a
car by being bundled. Without loads or without limits a policy sees the very snapshot that it is given.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from dispatch.explain import NO_RIDER_CAN_CARRY, hold_all
from dispatch.snapshot import OpenOrder, OpenTrip, OrderLoad, Snapshot
from domain.ids import OrderId, RiderId
from domain.plans import DispatchPlan, QueuedTrip

MOST_TOGETHER = 4
"""The most orders that any policy puts into a trip, where the city allows more."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a policy is to see of a snapshot.

    Attributes
    ----------
    snapshot : Snapshot
        The situation without loads and capacities, in which nothing can be planned that is too much.
    too_large : tuple of OpenOrder
        Orders that nobody on duty or soon to come can carry.
    """

    snapshot: Snapshot
    too_large: tuple[OpenOrder, ...] = ()


def decide_within_capacity(snapshot: Snapshot, decide: Callable[[Snapshot], DispatchPlan]) -> DispatchPlan:
    """Have a policy decide so that everybody can carry what they get."""
    if not (snapshot.loads and snapshot.capacities):
        return decide(snapshot)
    fitted = fit(snapshot)
    plan = decide(fitted.snapshot)
    if not fitted.too_large:
        return plan
    return replace(plan, holds=(*plan.holds, *hold_all(fitted.too_large, NO_RIDER_CAN_CARRY)))


def fit(snapshot: Snapshot) -> Fitted:
    """Return what a policy is to see of a snapshot; O(loads x different capacities + riders)."""
    if not (snapshot.loads and snapshot.capacities):
        return Fitted(snapshot)
    rules = snapshot.rules
    most = min(rules.max_orders_per_trip or MOST_TOGETHER, MOST_TOGETHER)
    limits = _Limits(snapshot, most)
    orders, too_large = [], []
    for order in snapshot.orders:
        if limits.is_too_large(order.order_id):
            too_large.append(order)
        else:
            orders.append(limits.view(order))
    shown = replace(
        snapshot,
        orders=tuple(orders),
        queues=limits.queues(snapshot.queues, {order.order_id for order in orders}),
        open_trips=tuple([limits.open_trip(trip) for trip in snapshot.open_trips]),
        rules=replace(rules, max_orders_per_trip=most),
        loads=(),
        capacities=(),
    )
    return Fitted(shown, tuple(too_large))


class _Limits:
    """Which orders of a snapshot which riders cannot carry, and which cannot share a trip."""

    def __init__(self, snapshot: Snapshot, most: int) -> None:
        present = {rider.rider_id for rider in (*snapshot.riders, *snapshot.coming)}
        present.update(trip.rider_id for trip in snapshot.open_trips)
        # Riders of one vehicle can carry the same: there are few different capacities.
        riders: dict[tuple[int, int], list[RiderId]] = {}
        for rider_id, volume_l, weight_g in snapshot.capacities:
            if rider_id in present:
                riders.setdefault((volume_l, weight_g), []).append(rider_id)
        limited = sum(map(len, riders.values()))
        together: dict[tuple[bool, ...], tuple[RiderId, ...]] = {}
        self._cannot: dict[OrderId, tuple[RiderId, ...]] = {}
        self._alone: set[OrderId] = set()
        self._too_large: set[OrderId] = set()
        for load in snapshot.loads:
            carries = tuple([_carries(capacity, load, 1) for capacity in riders])
            cannot = together.get(carries)
            if cannot is None:
                groups = zip(carries, riders.values(), strict=True)
                cannot = tuple(sorted(chain.from_iterable(group for can, group in groups if not can)))
                together[carries] = cannot
            self._cannot[load.order_id] = cannot
            if any(
                can and not _carries(capacity, load, most)
                for can, capacity in zip(carries, riders, strict=True)
            ):
                self._alone.add(load.order_id)
            if cannot and len(cannot) == limited == len(present):
                self._too_large.add(load.order_id)

    def is_too_large(self, order_id: OrderId) -> bool:
        return order_id in self._too_large

    def view(self, order: OpenOrder) -> OpenOrder:
        """Return an order as a policy is to see it."""
        cannot = self._cannot.get(order.order_id)
        if cannot:
            declined_by = (*order.declined_by, *cannot) if order.declined_by else cannot
            order = order._replace(declined_by=declined_by)
        if order.order_id in self._alone:
            order = order._replace(merchant_id=f"{order.merchant_id}:{order.order_id}")
        return order

    def open_trip(self, trip: OpenTrip) -> OpenTrip:
        """Return a trip as a policy is to see it: nothing joins what travels alone, or is too much."""
        is_full = any(
            order.order_id in self._alone or trip.rider_id in self._cannot.get(order.order_id, ())
            for order in trip.orders
        )
        return replace(trip, merchant_id=f"{trip.merchant_id}:{trip.trip_id}") if is_full else trip

    def queues(self, queues: tuple[QueuedTrip, ...], shown: set[OrderId]) -> tuple[QueuedTrip, ...]:
        """Return what was foreseen, as far as it still can be carried."""
        kept: list[QueuedTrip] = []
        for trip in queues:
            ids = [
                order_id
                for order_id in trip.order_ids
                if order_id in shown and trip.rider_id not in self._cannot.get(order_id, ())
            ]
            together = tuple([order_id for order_id in ids if order_id not in self._alone])
            if together:
                kept.append(QueuedTrip(trip.rider_id, together))
            kept += [QueuedTrip(trip.rider_id, (order_id,)) for order_id in ids if order_id in self._alone]
        return tuple(kept)


def _carries(capacity: tuple[int, int], load: OrderLoad, times: int) -> bool:
    """Tell whether who can carry so many liters and grams can carry so many orders of a load."""
    volume_l, weight_g = capacity
    return times * load.volume_l <= volume_l and times * load.weight_g <= weight_g
