"""A snapshot in numbers: the arrays that the search of queues works on (``dispatch/kernels/layout.py``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from dispatch.kernels.layout import (
    FREE,
    GUARANTEED,
    LAST_MILE,
    MERCHANT,
    ORDER_SIZE,
    REAL,
    TRIPS,
    WEIGHT,
    Ints,
    queue_width,
)
from dispatch.matching.rolling_cost import guaranteed_hourly, pay_unit
from dispatch.matching.rolling_params import RollingParams
from dispatch.snapshot import OpenOrder, RecentOrder, RiderView, Snapshot
from domain.ports import LocationKey, TravelTimes
from domain.units import HOUR_MS, Millis

_pickup = attrgetter("pickup")
_merchant_id = attrgetter("merchant_id")
_dropoff = attrgetter("dropoff")
_order_id = attrgetter("order_id")
_rider_id = attrgetter("rider_id")
_location = attrgetter("location")
_declined_by = attrgetter("declined_by")
_rider_columns = attrgetter("free_at_ms", "shift_ends_at_ms", "delivered", "shift_started_at_ms", "is_free")
_order_columns = attrgetter("ready_at_ms", "placed_at_ms", "promised_at_ms")

NOBODY_BARRED = np.zeros((0, 0), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Problem:
    """A decision in arrays; columns are named in ``dispatch/kernels/layout.py``.

    Attributes
    ----------
    riders : tuple of RiderView
        Those on duty, then those who come soon.
    city, rider_rows, order_rows, way, barred, queues
        What the kernels take; ``queues`` holds the warm start.
    """

    riders: tuple[RiderView, ...]
    city: Ints
    rider_rows: Ints
    order_rows: Ints
    way: Ints
    barred: NDArray[np.bool_]
    queues: Ints


def expected_orders(snapshot: Snapshot, params: RollingParams) -> Sequence[RecentOrder]:
    """Return the recent orders that are expected to come again within the horizon, a ``recent_ms`` later."""
    if not params.expected_weight_pct:
        return ()
    latest_ms = snapshot.at_ms - snapshot.recent_ms + params.expected_ahead_ms
    recent = snapshot.recent
    count = len(recent)
    while count and recent[count - 1].placed_at_ms > latest_ms:
        count -= 1
    return recent[:count]


def pose(snapshot: Snapshot, travel: TravelTimes, params: RollingParams) -> Problem:
    """Put a snapshot into arrays.

    Parameters
    ----------
    snapshot : Snapshot
        With at least one rider and one order.
    travel : TravelTimes
        How long drives take.
    params : RollingParams
        Costs and limits.
    """
    riders = snapshot.riders + snapshot.coming
    expected = expected_orders(snapshot, params)
    pickups = [*map(_pickup, snapshot.orders), *map(_pickup, expected)]
    doors = [*map(_dropoff, snapshot.orders), *map(_dropoff, expected)]
    merchants, columns = _merchants(snapshot.orders, expected)
    way = _way(travel, list(map(_location, riders)), merchants, doors, snapshot.at_ms)
    rows = _order_rows(snapshot, expected, params)
    rows[:, MERCHANT] = columns
    rows[:, LAST_MILE] = travel.pair_durations_ms(pickups, doors, snapshot.at_ms)
    most = params.most_orders
    if snapshot.rules.max_orders_per_trip is not None:
        most = min(most, snapshot.rules.max_orders_per_trip)
    return Problem(
        riders,
        _city(snapshot, params, len(riders), len(merchants), len(doors), most),
        _rider_rows(snapshot, riders, params),
        rows,
        way,
        _barred(riders, snapshot.orders, len(doors)),
        _queues(snapshot, riders, params.most_trips, most),
    )


def _way(
    travel: TravelTimes,
    starts: list[LocationKey],
    merchants: list[LocationKey],
    doors: list[LocationKey],
    at_ms: Millis,
) -> Ints:
    """Return the travel matrix; nobody asks for drives from where riders start to doors."""
    way = np.zeros((len(starts) + len(doors), len(merchants) + len(doors)), dtype=np.int64)
    way[:, : len(merchants)] = travel.durations_ms(starts + doors, merchants, at_ms)
    way[len(starts) :, len(merchants) :] = travel.durations_ms(doors, doors, at_ms)
    return way


def _merchants(
    orders: Sequence[OpenOrder], expected: Sequence[RecentOrder]
) -> tuple[list[LocationKey], list[int]]:
    """Return where the merchants are, and the merchant of every order; two may share a place."""
    keys = list(zip(map(_pickup, orders), map(_merchant_id, orders), strict=True))
    column = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    places: list[LocationKey] = [pickup for pickup, _ in column]
    at_place = {place: k for k, place in enumerate(places)}
    for place in map(_pickup, expected):
        if place not in at_place:
            at_place[place] = len(places)
            places.append(place)
    columns = map(at_place.__getitem__, map(_pickup, expected))
    return places, [*map(column.__getitem__, keys), *columns]


def _city(
    snapshot: Snapshot, params: RollingParams, riders: int, merchants: int, orders: int, most: int
) -> Ints:
    floor, times = snapshot.rules.floor, snapshot.times
    return np.array(
        (
            floor(snapshot.at_ms),
            floor(snapshot.next_epoch_ms),
            times.pickup_before_ms,
            times.pickup_after_ms,
            times.dropoff_before_ms,
            times.dropoff_after_ms,
            snapshot.rules.time_grid_ms,
            100,
            params.late_pct,
            params.broken_promise_ms,
            params.unassigned_ms,
            pay_unit(snapshot, params),
            riders,
            merchants,
            orders,
            params.most_trips,
            most,
        ),
        dtype=np.int64,
    )


def _rider_rows(snapshot: Snapshot, riders: Sequence[RiderView], params: RollingParams) -> Ints:
    now_ms, grid_ms = snapshot.rules.floor(snapshot.at_ms), snapshot.rules.time_grid_ms
    # In columns: hundreds of riders are looked at in every decision.
    rows = np.array([_rider_columns(rider) for rider in riders], dtype=np.int64)
    free, since = rows[:, FREE], rows[:, GUARANTEED]
    free -= free % grid_ms
    np.maximum(free, now_ms, out=free)
    since[:] = guaranteed_hourly(snapshot, params) * np.maximum(0, now_ms - since) // HOUR_MS
    return rows


def _order_rows(snapshot: Snapshot, expected: Sequence[RecentOrder], params: RollingParams) -> Ints:
    real = len(snapshot.orders)
    rows = np.zeros((real + len(expected), ORDER_SIZE), dtype=np.int64)
    rows[:, :3] = [*map(_order_columns, snapshot.orders), *map(_order_columns, expected)]
    rows[:real, WEIGHT], rows[:real, REAL] = 100, 1
    rows[real:, :3] += snapshot.recent_ms
    rows[real:, WEIGHT] = params.expected_weight_pct
    return rows


def _barred(riders: Sequence[RiderView], orders: tuple[OpenOrder, ...], columns: int) -> NDArray[np.bool_]:
    if not any(map(_declined_by, orders)):
        return NOBODY_BARRED
    barred = np.zeros((len(riders), columns), dtype=np.bool_)
    row = {rider.rider_id: k for k, rider in enumerate(riders)}
    for k, order in enumerate(orders):
        barred[[row[rider_id] for rider_id in order.declined_by if rider_id in row], k] = True
    return barred


def _queues(snapshot: Snapshot, riders: Sequence[RiderView], longest: int, most: int) -> Ints:
    """Return the queues of the plan before, as far as they fit."""
    width = queue_width(longest, most)
    queues = np.zeros((len(riders) + 1, width), dtype=np.int64)
    row = {rider_id: k for k, rider_id in enumerate(map(_rider_id, riders))}
    number = {order_id: k for k, order_id in enumerate(map(_order_id, snapshot.orders))}
    trips = [0] * len(riders)
    # Collected first and written at once: a write into an array costs more than all the rest of a trip.
    cells: list[int] = []
    values: list[int] = []
    for trip in snapshot.queues:
        r, size = row.get(trip.rider_id, -1), len(trip.order_ids)
        if r < 0 or size > most or trips[r] == longest:
            continue
        at = r * width + 1 + trips[r] * (most + 1)
        cells += range(at, at + 1 + size)
        values.append(size)
        values += [number[order_id] for order_id in trip.order_ids]
        trips[r] += 1
    queues[:-1, TRIPS] = trips
    queues.ravel()[cells] = values
    return queues
