"""When each rider could pick each order up: the table that the simple policies choose from."""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.ports import TravelTimes

_pickup = attrgetter("pickup")
_ready_at_ms = attrgetter("ready_at_ms")
_declined_by = attrgetter("declined_by")

NEVER_MS = np.int64(2**62)
"""A pickup instant that stands for "not possible"."""


@dataclass(frozen=True, slots=True)
class PickupTable:
    """Pickup instants of orders by riders.

    Attributes
    ----------
    drive_ms : array of int64, shape (riders, orders)
        Drive from the rider's free place to the merchant.
    pickup_at_ms : array of int64, shape (riders, orders)
        Earliest pickup, ``NEVER_MS`` where it is not possible (after the shift's end, or declined before).
    """

    drive_ms: NDArray[np.int64]
    pickup_at_ms: NDArray[np.int64]


def pickup_table(
    snapshot: Snapshot, riders: tuple[RiderView, ...], orders: tuple[OpenOrder, ...], travel: TravelTimes
) -> PickupTable:
    """Compute when each of some riders could pick up each of some orders.

    Parameters
    ----------
    snapshot : Snapshot
        For the time, the rules and the service times.
    riders, orders : tuple of RiderView, tuple of OpenOrder
        Rows and columns.
    travel : TravelTimes
        How long drives take.
    """
    pickups = list(map(_pickup, orders))
    # No Python step for each order: hundreds may wait at every epoch.
    merchants = list(dict.fromkeys(pickups))
    column = {location: k for k, location in enumerate(merchants)}
    columns = list(map(column.__getitem__, pickups))
    drive = travel.durations_ms([rider.location for rider in riders], merchants, snapshot.at_ms)[:, columns]
    free = np.array([rider.free_at_ms for rider in riders], dtype=np.int64)
    ready = np.array(list(map(_ready_at_ms, orders)), dtype=np.int64)
    pickup = np.maximum(free[:, None] + drive + snapshot.times.pickup_before_ms, ready[None, :])
    grid = snapshot.rules.time_grid_ms
    ends = np.array([rider.shift_ends_at_ms for rider in riders], dtype=np.int64)
    pickup[pickup - pickup % grid > ends[:, None]] = NEVER_MS
    _strike_declined(pickup, riders, orders)
    return PickupTable(drive, pickup)


def _strike_declined(
    pickup: NDArray[np.int64], riders: tuple[RiderView, ...], orders: tuple[OpenOrder, ...]
) -> None:
    if not any(map(_declined_by, orders)):
        return
    row = {rider.rider_id: k for k, rider in enumerate(riders)}
    for k, order in enumerate(orders):
        for rider_id in order.declined_by:
            if rider_id in row:
                pickup[row[rider_id], k] = NEVER_MS
