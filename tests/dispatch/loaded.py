"""Random situations and days on which orders take up room and riders can carry only so much."""

import random
from collections.abc import Iterator
from dataclasses import replace

from dispatch.snapshot import OrderLoad, RiderCapacity, Snapshot
from domain.commands import Command, PlaceOrder, StartShift
from domain.events import TripAssigned, TripOffered, TripRevised
from domain.geo import Point
from domain.ids import OrderId
from domain.loads import Capacity, Load, OrderType
from domain.units import HOUR_MS, Millis
from roads.plane import MetricPlane
from runtime.event_log.port import LogRecord
from tests.dispatch.desk import START_MS
from tests.dispatch.situations import situation

VOLUMES_L = (0, 3, 10, 20, 60)
WEIGHTS_G = (0, 500, 5_000)
CAPACITIES = (Capacity(20, 4_000), Capacity(45, 12_000), Capacity(50, 20_000))


def loaded_situation(seed: int, riders: int, orders: int) -> tuple[Snapshot, MetricPlane]:
    """Return a situation in which most riders are limited, and what is on open trips can be carried."""
    snapshot, plane = situation(seed, riders, orders)
    draw = random.Random(seed)
    capacities = {rider.rider_id: draw.choice(CAPACITIES) for rider in snapshot.riders if draw.random() < 0.8}
    loads = [
        OrderLoad(order.order_id, OrderType.MEAL, draw.choice(VOLUMES_L), draw.choice(WEIGHTS_G))
        for order in snapshot.orders
    ]
    for trip in snapshot.open_trips:
        capacity = capacities.get(trip.rider_id, Capacity(500, 200_000))
        count = len(trip.orders)
        loads += [
            OrderLoad(
                order.order_id,
                OrderType.GROCERIES,
                draw.randint(0, capacity.volume_l // count),
                draw.randint(0, capacity.weight_g // count),
            )
            for order in trip.orders
        ]
    return replace(
        snapshot,
        loads=tuple(loads),
        capacities=tuple(
            RiderCapacity(rider_id, capacity.volume_l, capacity.weight_g)
            for rider_id, capacity in sorted(capacities.items())
        ),
    ), plane


def loaded_day(seed: int, riders: int = 5, orders: int = 24) -> Iterator[tuple[Millis, Command]]:
    """Yield the commands of a small day: riders of all capacities, orders of all loads."""
    draw = random.Random(seed)
    for k in range(riders):
        capacity = draw.choice((None, *CAPACITIES))
        ends_at_ms = START_MS + draw.randint(1, 3) * HOUR_MS
        yield START_MS + k, StartShift(f"rider-{k}", Point(k * 900.0, 0.0), ends_at_ms, capacity=capacity)
    for k in range(orders):
        load = Load(OrderType.MEAL, draw.choice(VOLUMES_L), draw.choice(WEIGHTS_G))
        yield (
            START_MS + 1_000 + draw.randint(0, HOUR_MS // 2),
            PlaceOrder(
                f"m-{1 + k % 3}",
                Point(draw.uniform(-2_500, 2_500), draw.uniform(-2_000, 2_000)),
                load=load if draw.random() < 0.8 else None,
            ),
        )


def overloaded(log: list[LogRecord]) -> list[TripAssigned | TripOffered | TripRevised]:
    """Return the trips of a day, as offered, assigned or revised, that their riders cannot carry."""
    loads: dict[OrderId, Load | None] = {}
    capacities: dict[str, Capacity | None] = {}
    found: list[TripAssigned | TripOffered | TripRevised] = []
    placed: list[Load | None] = []
    for record in log:
        message = record.message
        if isinstance(message, PlaceOrder):
            placed.append(message.load)
            loads[f"order-{len(placed)}"] = message.load
        elif isinstance(message, StartShift):
            capacities[message.rider_id] = message.capacity
        elif isinstance(message, TripAssigned | TripOffered | TripRevised):
            capacity = capacities[message.rider_id]
            carried = [load for order_id in message.order_ids if (load := loads[order_id]) is not None]
            if capacity is not None and (
                sum(load.volume_l for load in carried) > capacity.volume_l
                or sum(load.weight_g for load in carried) > capacity.weight_g
            ):
                found.append(message)
    return found
