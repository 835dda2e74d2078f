"""A snapshot in numbers: the arrays that the search of queues works on (``dispatch/kernels/layout.py``)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.kernels.layout import (
    DELIVERED,
    FREE,
    GUARANTEED,
    IS_FREE,
    LAST_MILE,
    LATEST,
    MERCHANT,
    ORDER_SIZE,
    PLACED,
    PROMISED,
    READY,
    REAL,
    RIDER_SIZE,
    TRIPS,
    WEIGHT,
    Ints,
    queue_width,
)
from dispatch.matching.rolling_cost import guaranteed_hourly, pay_unit
from dispatch.matching.rolling_params import RollingParams
from dispatch.snapshot import RecentOrder, RiderView, Snapshot
from domain.ids import MerchantId, OrderId, RiderId
from domain.plans import QueuedTrip
from domain.ports import LocationKey, TravelTimes
from domain.units import HOUR_MS

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

    @property
    def arrays(self) -> tuple[Ints, Ints, Ints, Ints, NDArray[np.bool_], Ints]:
        """What every search and its conclusion take first."""
        return self.city, self.rider_rows, self.order_rows, self.way, self.barred, self.queues


def expected_orders(snapshot: Snapshot, params: RollingParams) -> Sequence[RecentOrder]:
    """Return the recent orders, of which some are expected to come again."""
    return snapshot.recent if params.expected_weight_pct else ()


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
    # In columns: hundreds of riders and orders are looked at in every decision.
    rider_ids, starts, *rider_columns = zip(*riders, strict=True)
    order_ids, merchant_ids, *order_columns, declined_by, _ = zip(*snapshot.orders, strict=True)
    if expected:
        order_columns = [a + b for a, b in zip(order_columns, zip(*expected, strict=True), strict=True)]
    pickups, doors, *instants = order_columns
    merchants, merchant_of = _merchants(pickups, merchant_ids)
    rows = _order_rows(snapshot, instants, params)
    rows[:, MERCHANT] = merchant_of
    rows[:, LAST_MILE] = travel.pair_durations_ms(pickups, doors, snapshot.at_ms)
    most = params.most_orders
    if snapshot.rules.max_orders_per_trip is not None:
        most = min(most, snapshot.rules.max_orders_per_trip)
    return Problem(
        riders,
        _city(snapshot, params, len(riders), len(merchants), len(doors), most),
        _rider_rows(snapshot, rider_columns, params),
        rows,
        # Nobody asks for drives from where riders start to doors; leaving them out would take longer.
        travel.durations_ms((*starts, *doors), (*merchants, *doors), snapshot.at_ms),
        _barred(rider_ids, declined_by, len(doors)),
        _queues(snapshot.queues, rider_ids, order_ids, params.most_trips, most),
    )


def _merchants(
    pickups: Sequence[LocationKey], merchant_ids: Sequence[MerchantId]
) -> tuple[list[LocationKey], list[int]]:
    """Return where the merchants are, and the merchant of every order; two may share a place.

    Of an order that is only expected just the place is known: these come last.
    """
    column: dict[tuple[LocationKey, MerchantId], int] = {}
    merchant_of = [column.setdefault(key, len(column)) for key in zip(pickups, merchant_ids, strict=False)]
    places = [place for place, _ in column]
    at_place = {place: k for k, place in enumerate(places)}
    for place in pickups[len(merchant_ids) :]:
        if place not in at_place:
            at_place[place] = len(places)
            places.append(place)
        merchant_of.append(at_place[place])
    return places, merchant_of


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


def _rider_rows(snapshot: Snapshot, columns: Sequence[Sequence[int]], params: RollingParams) -> Ints:
    """Put riders into rows, from the columns of their views after the location."""
    free_at_ms, shift_ends_at_ms, is_free, shift_started_at_ms, delivered = columns
    rows = np.empty((len(free_at_ms), RIDER_SIZE), dtype=np.int64)
    rows[:, FREE], rows[:, LATEST], rows[:, DELIVERED] = free_at_ms, shift_ends_at_ms, delivered
    rows[:, GUARANTEED], rows[:, IS_FREE] = shift_started_at_ms, is_free
    now_ms, grid_ms = snapshot.rules.floor(snapshot.at_ms), snapshot.rules.time_grid_ms
    free, latest, since = rows[:, FREE], rows[:, LATEST], rows[:, GUARANTEED]
    free -= free % grid_ms
    latest += grid_ms - 1 - latest % grid_ms
    np.maximum(free, now_ms, out=free)
    since[:] = guaranteed_hourly(snapshot, params) * np.maximum(0, now_ms - since) // HOUR_MS
    return rows


def _order_rows(snapshot: Snapshot, instants: Sequence[Sequence[int]], params: RollingParams) -> Ints:
    """Put orders into rows, from when they are placed, ready and promised; recent ones come last."""
    real, count = len(snapshot.orders), len(instants[0])
    rows = np.empty((count, ORDER_SIZE), dtype=np.int64)
    rows[:, PLACED], rows[:, READY], rows[:, PROMISED] = instants
    rows[:, WEIGHT], rows[:, REAL] = 100, 1
    if real < count:
        rows[real:, WEIGHT], rows[real:, REAL] = params.expected_weight_pct, 0
    return rows


def _barred(
    rider_ids: Sequence[RiderId], declined_by: Sequence[tuple[RiderId, ...]], columns: int
) -> NDArray[np.bool_]:
    if not any(declined_by):
        return NOBODY_BARRED
    barred = np.zeros((len(rider_ids), columns), dtype=np.bool_)
    row = {rider_id: k for k, rider_id in enumerate(rider_ids)}
    for k, declining in enumerate(declined_by):
        barred[[row[rider_id] for rider_id in declining if rider_id in row], k] = True
    return barred


def _queues(
    before: Sequence[QueuedTrip],
    rider_ids: Sequence[RiderId],
    order_ids: Sequence[OrderId],
    longest: int,
    most: int,
) -> Ints:
    """Return the queues of the plan before, as far as they fit."""
    width = queue_width(longest, most)
    queues = np.zeros((len(rider_ids) + 1, width), dtype=np.int64)
    row = dict(zip(rider_ids, range(len(rider_ids)), strict=True))
    number = dict(zip(order_ids, range(len(order_ids)), strict=True))
    trips = [0] * len(rider_ids)
    # Collected first and written at once: a write into an array costs more than all the rest of a trip.
    cells: list[int] = []
    values: list[int] = []
    for trip in before:
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
