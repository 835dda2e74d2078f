"""Random situations: several orders of each merchant, riders free and busy, trips that others may join."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from dispatch.snapshot import OpenOrder, OpenTrip, RiderView, Snapshot
from domain.geo import Point
from domain.ids import RiderId
from domain.plans import AdditionsUntil, Explanation, PlannedTrip, ServiceRules
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from roads.plane import MetricPlane
from tests.dispatch.desk import START_MS, TIMES

ADDING = ServiceRules(additions_until=AdditionsUntil.ARRIVAL)
GRUBHUB_LIKE = ServiceRules(max_orders_per_trip=None, time_grid_ms=MINUTE_MS, riders_may_decline=False)


def situation(
    seed: int,
    riders: int,
    orders: int,
    rules: ServiceRules = ADDING,
    *,
    merchants: int = 3,
    side_m: int = 4_000,
) -> tuple[Snapshot, MetricPlane]:
    draw = np.random.default_rng(seed)
    plane = MetricPlane(300.0)

    def place() -> int:
        x, y = draw.uniform(0, side_m, 2)
        return plane.locate(Point(float(x), float(y)))

    def after(low_min: float, high_min: float) -> Millis:
        return START_MS + round(float(draw.uniform(low_min, high_min)) * MINUTE_MS)

    kitchens = [place() for _ in range(merchants)]
    views = []
    for k in range(riders):
        is_free = draw.random() < 0.7
        free_at_ms = START_MS if is_free else after(0.1, 20)
        views.append(RiderView(f"rider-{k:03}", place(), free_at_ms, after(1, 120), is_free))

    def order(name: str, placed_at_ms: Millis, kitchen: int) -> OpenOrder:
        ready_at_ms = placed_at_ms + round(float(draw.uniform(0, 20)) * MINUTE_MS)
        promised_at_ms = placed_at_ms + round(float(draw.uniform(20, 60)) * MINUTE_MS)
        declined = tuple(view.rider_id for view in views if draw.random() < 0.05)
        return OpenOrder(
            name,
            f"m-{kitchen}",
            kitchens[kitchen],
            place(),
            placed_at_ms,
            ready_at_ms,
            promised_at_ms,
            declined,
            "",
        )

    placed = sorted(after(-40, 0) for _ in range(orders))
    waiting = tuple(
        order(f"order-{k:04}", at_ms, int(draw.integers(merchants))) for k, at_ms in enumerate(placed)
    )
    snapshot = Snapshot(
        "decision-1", START_MS, START_MS + 15 * SECOND_MS, waiting, tuple(views), rules, TIMES
    )
    if rules.additions_until is AdditionsUntil.DEPARTURE:
        return snapshot, plane
    trips = tuple(
        _open_trip(draw, k, view, kitchens, order, after) for k, view in enumerate(views) if not view.is_free
    )
    return replace(snapshot, open_trips=trips), plane


def _open_trip(
    draw: np.random.Generator,
    k: int,
    view: RiderView,
    kitchens: list[int],
    order: Callable[[str, Millis, int], OpenOrder],
    after: Callable[[float, float], Millis],
) -> OpenTrip:
    kitchen = int(draw.integers(len(kitchens)))
    carried = tuple(
        order(f"old-{k:03}-{n}", after(-30, 0), kitchen)._replace(declined_by=())
        for n in range(int(draw.integers(1, 3)))
    )
    arrives_ms = after(-2, 8)
    ready_ms = max(c.ready_at_ms for c in carried)
    pickup_ms = max(arrives_ms + TIMES.pickup_before_ms, ready_ms, START_MS)
    ends_ms = max(view.shift_ends_at_ms, pickup_ms)
    return OpenTrip(
        f"trip-{k}", view.rider_id, f"m-{kitchen}", kitchens[kitchen], arrives_ms, pickup_ms, ends_ms, carried
    )


def trip(rider_id: RiderId, *order_ids: str) -> PlannedTrip:
    return PlannedTrip(rider_id, order_ids, (Explanation(reason="test"),) * len(order_ids))


def at_one_kitchen(
    *doors: float, ready_min: Sequence[float] = (), x: float = 0.0
) -> tuple[Snapshot, MetricPlane]:
    """One rider at the kitchen, orders with doors at so many meters to the east, promised in 60 minutes."""
    plane = MetricPlane(300.0)
    here = plane.locate(Point(0.0, 0.0))
    rider = RiderView("r", plane.locate(Point(x, 0.0)), START_MS, START_MS + 8 * HOUR_MS, is_free=True)
    orders = tuple(
        OpenOrder(
            f"o{k}",
            "m",
            here,
            plane.locate(Point(door, 0.0)),
            START_MS,
            START_MS + round((ready_min[k] if ready_min else 0) * MINUTE_MS),
            START_MS + HOUR_MS,
            (),
            "",
        )
        for k, door in enumerate(doors)
    )
    return Snapshot("d", START_MS, START_MS + 15_000, orders, (rider,), GRUBHUB_LIKE, TIMES), plane
