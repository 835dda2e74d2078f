"""What a plan promises for each order: who picks it up and hands it over, and when."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from dispatch.snapshot import OpenOrder, Snapshot
from domain.ids import OrderId, RiderId
from domain.plans import DispatchPlan
from domain.ports import LocationKey, TravelTimes
from domain.units import Millis


class Expected(NamedTuple):
    """What a plan has in mind for one order.

    Attributes
    ----------
    rider_id : str
        Who carries it.
    pickup_at_ms, dropoff_at_ms : int
        When it is picked up and handed over if everything goes as planned.
    starts_now : bool
        Whether its rider is told now; otherwise it is foreseen for later.
    """

    rider_id: RiderId
    pickup_at_ms: Millis
    dropoff_at_ms: Millis
    starts_now: bool


def expected(
    snapshot: Snapshot,
    plan: DispatchPlan,
    travel: TravelTimes,
    foreseen: AbstractSet[OrderId] | None = None,
) -> dict[OrderId, Expected]:
    """Return what a plan has in mind, for every order that it starts or adds, and for those foreseen.

    Parameters
    ----------
    snapshot : Snapshot
        The situation that the plan answers, which it has to fit.
    plan : DispatchPlan
        The plan.
    travel : TravelTimes
        How long drives take.
    foreseen : set of str, optional
        Which orders are asked about of those that are foreseen for later; None: all. Others may come along.

    Notes
    -----
    Cost: some microseconds for each trip looked at; a large city foresees hundreds.
    """
    queues = plan.queues
    if foreseen is not None:
        asked = {queued.rider_id for queued in queues if not foreseen.isdisjoint(queued.order_ids)}
        queues = tuple([queued for queued in queues if queued.rider_id in asked])
    orders = {order.order_id: order for order in snapshot.orders}
    free = {view.rider_id: (view.location, view.free_at_ms) for view in (*snapshot.riders, *snapshot.coming)}
    found: dict[OrderId, Expected] = {}
    trips = [(trip.rider_id, trip.order_ids, True) for trip in plan.trips]
    trips += [(queued.rider_id, queued.order_ids, False) for queued in queues]
    for rider_id, order_ids, starts_now in trips:
        carried = [orders[order_id] for order_id in order_ids]
        place, leaves_ms = free[rider_id]
        leaves_ms = max(leaves_ms, snapshot.at_ms)
        arrives_ms = leaves_ms + travel.duration_ms(place, carried[0].pickup, leaves_ms)
        pickup_ms, doors_ms = _carry(snapshot, carried, arrives_ms, travel)
        for order, door_ms in zip(carried, doors_ms, strict=True):
            found[order.order_id] = Expected(rider_id, pickup_ms, door_ms, starts_now)
        free[rider_id] = carried[-1].dropoff, doors_ms[-1] + snapshot.times.dropoff_after_ms
    return found | dict(_additions(snapshot, plan, orders, travel))


def _additions(
    snapshot: Snapshot, plan: DispatchPlan, orders: dict[OrderId, OpenOrder], travel: TravelTimes
) -> Iterable[tuple[OrderId, Expected]]:
    trips = {trip.trip_id: trip for trip in snapshot.open_trips} if plan.additions else {}
    for addition in plan.additions:
        trip = trips[addition.trip_id]
        known = orders | {order.order_id: order for order in trip.orders}
        carried = [known[order_id] for order_id in addition.order_ids]
        pickup_ms, doors_ms = _carry(snapshot, carried, trip.arrives_at_ms, travel)
        for order, door_ms in zip(carried, doors_ms, strict=True):
            if order.order_id in addition.added:
                yield order.order_id, Expected(trip.rider_id, pickup_ms, door_ms, True)


def _carry(
    snapshot: Snapshot, orders: Sequence[OpenOrder], arrives_ms: Millis, travel: TravelTimes
) -> tuple[Millis, list[Millis]]:
    """Return when orders of one place are picked up by who arrives at an instant, and each is handed over."""
    times = snapshot.times
    ready_ms = max(order.ready_at_ms for order in orders)
    pickup_ms = max(arrives_ms + times.pickup_before_ms, ready_ms, snapshot.at_ms)
    place: LocationKey = orders[0].pickup
    leaves_ms = pickup_ms + times.pickup_after_ms
    doors_ms: list[Millis] = []
    for order in orders:
        doors_ms.append(
            leaves_ms + travel.duration_ms(place, order.dropoff, leaves_ms) + times.dropoff_before_ms
        )
        place, leaves_ms = order.dropoff, doors_ms[-1] + times.dropoff_after_ms
    return pickup_ms, doors_ms
