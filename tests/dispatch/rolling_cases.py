"""Random situations for the search of queues, with all that can stand in a snapshot."""

from dataclasses import replace

import numpy as np

from dispatch.snapshot import OpenOrder, RecentOrder, RiderView, Snapshot
from domain.geo import Point
from domain.pay import DEFAULT_PAY, PayScheme
from domain.plans import QueuedTrip, ServiceRules
from domain.units import HOUR_MS, MINUTE_MS, Millis
from roads.plane import MetricPlane
from tests.dispatch.desk import START_MS
from tests.dispatch.situations import situation

RULES = (
    ServiceRules(riders_may_decline=False),
    ServiceRules(max_orders_per_trip=None, time_grid_ms=MINUTE_MS),
    ServiceRules(max_orders_per_trip=2),
)
NO_PAY = PayScheme(0, 0)


def rolling_case(
    seed: int, riders: int, orders: int, *, recent: int = 3, coming: int = 1
) -> tuple[Snapshot, MetricPlane]:
    """Riders free, busy and coming; orders declined, foreseen by the plan before, and expected again."""
    draw = np.random.default_rng(seed)
    rules = RULES[int(draw.integers(len(RULES)))]
    snapshot, plane = situation(seed, riders + coming, orders, rules, merchants=2)
    views = [
        view._replace(
            shift_started_at_ms=START_MS - int(draw.integers(0, 4 * HOUR_MS)),
            delivered=int(draw.integers(0, 8)),
        )
        for view in snapshot.riders
    ]
    later = [
        view._replace(is_free=False, free_at_ms=START_MS + int(draw.integers(1, 20 * MINUTE_MS)))
        for view in views[riders:]
    ]
    present = replace(
        snapshot,
        riders=tuple(views[:riders]),
        coming=tuple(later),
        open_trips=(),
        pay=DEFAULT_PAY if draw.random() < 0.7 else NO_PAY,
        recent=recent_orders(draw, snapshot, plane, recent),
    )
    return replace(present, queues=foreseen(draw, present)), plane


def recent_orders(
    draw: np.random.Generator, snapshot: Snapshot, plane: MetricPlane, count: int
) -> tuple[RecentOrder, ...]:
    if not snapshot.orders:
        return ()
    waited_ms = sorted(draw.integers(0, snapshot.recent_ms, count).tolist(), reverse=True)
    pickups = [snapshot.orders[int(draw.integers(len(snapshot.orders)))].pickup for _ in waited_ms]
    doors = [plane.locate(Point(*draw.uniform(0, 4_000, 2).tolist())) for _ in waited_ms]
    return tuple(
        RecentOrder(
            pickup, door, START_MS - ms, START_MS - ms + 9 * MINUTE_MS, START_MS - ms + 40 * MINUTE_MS
        )
        for pickup, door, ms in zip(pickups, doors, waited_ms, strict=True)
    )


def foreseen(draw: np.random.Generator, snapshot: Snapshot) -> tuple[QueuedTrip, ...]:
    """Half of the orders in queues as they come, possible or not."""
    most = min(snapshot.rules.max_orders_per_trip or 4, 4)
    queues: dict[str, list[list[OpenOrder]]] = {}
    riders = [*snapshot.riders, *snapshot.coming]
    for order in snapshot.orders:
        rider: RiderView = riders[int(draw.integers(len(riders)))]
        if draw.random() < 0.5 or rider.rider_id in order.declined_by:
            continue
        queue = queues.setdefault(rider.rider_id, [])
        joins = queue and len(queue[-1]) < most and queue[-1][0].pickup == order.pickup
        if joins and draw.random() < 0.7:
            queue[-1].append(order)
        elif len(queue) < 3:
            queue.append([order])
    return tuple(
        QueuedTrip(rider_id, tuple(order.order_id for order in trip))
        for rider_id, queue in queues.items()
        for trip in queue
    )


def expected_order(number: int, recent: RecentOrder, later_ms: Millis) -> OpenOrder:
    """An order that is like a recent one, a while later."""
    return OpenOrder(
        f"expected-{number}",
        "",
        recent.pickup,
        recent.dropoff,
        recent.placed_at_ms + later_ms,
        recent.ready_at_ms + later_ms,
        recent.promised_at_ms + later_ms,
        (),
        "",
    )
