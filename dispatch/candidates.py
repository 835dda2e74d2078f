"""Who comes into question for an order: the riders who can be at its merchant first.

A city of 5,000 riders and 5,000 orders has 25 million pairs, of which 24 an order are worth a thought. Travel
times are asked once a merchant, not once an order, in blocks of bounded size. There is no spatial index: a
location key carries no coordinates, and on streets a rider beyond the river is not near. Time grows with
riders x merchants, memory does not.
"""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from dispatch.snapshot import OpenOrder, Snapshot
from domain.ports import LocationKey, TravelTimes

Ints = NDArray[np.int64]

CANDIDATES = 24
"""Riders per merchant: between the 20 and 30 beyond which plans no longer become better (dispatch.md)."""
BLOCK_CELLS = 200_000
"""Travel times computed at a time: small enough to stay in the cache of a core."""
NOBODY = -1
"""Stands for a rider where fewer than asked for can come."""
_NEVER = np.int64(2**62)

_pickup = attrgetter("pickup")
_declined_by = attrgetter("declined_by")
_location = attrgetter("location")
_ready_at_ms = attrgetter("ready_at_ms")
_free_at_ms = attrgetter("free_at_ms")
_shift_ends_at_ms = attrgetter("shift_ends_at_ms")


@dataclass(frozen=True, slots=True)
class Starts:
    """Where and when riders can start their next trip.

    Attributes
    ----------
    places : array of int64, shape (riders,)
        Location keys.
    free_ms, ends_ms : array of int64, shape (riders,)
        When they can leave, and the last instant of a pickup.
    """

    places: Ints
    free_ms: Ints
    ends_ms: Ints


@dataclass(frozen=True, slots=True)
class NearestRiders:
    """The riders who can be at each merchant first, sorted by arrival, ties by index.

    Attributes
    ----------
    rider : array of int64, shape (merchants, k)
        Index of the rider, ``NOBODY`` where there is none left.
    drive_ms : array of int64, shape (merchants, k)
        Drive to the merchant; 0 where there is nobody.
    """

    rider: Ints
    drive_ms: Ints


def starts(snapshot: Snapshot) -> Starts:
    """Return where and when the riders of a snapshot are free."""
    riders = snapshot.riders
    return Starts(
        np.array(list(map(_location, riders)), dtype=np.int64),
        np.array(list(map(_free_at_ms, riders)), dtype=np.int64),
        np.array(list(map(_shift_ends_at_ms, riders)), dtype=np.int64),
    )


def merchants_of(orders: tuple[OpenOrder, ...]) -> tuple[list[LocationKey], Ints]:
    """Return the different pickup places of orders, and the index of each order's among them."""
    pickups = list(map(_pickup, orders))
    places = list(dict.fromkeys(pickups))
    index = {place: k for k, place in enumerate(places)}
    return places, np.array(list(map(index.__getitem__, pickups)), dtype=np.int64)


def first_ready(snapshot: Snapshot, merchant: Ints) -> Ints:
    """Return when the first of the food at each merchant is ready, shape (merchants,)."""
    ready = np.array(list(map(_ready_at_ms, snapshot.orders)), dtype=np.int64)
    first = np.full(merchant.max(initial=-1) + 1, _NEVER)
    np.minimum.at(first, merchant, ready)
    return first


def nearest_riders(
    snapshot: Snapshot,
    begin: Starts,
    merchants: list[LocationKey],
    earliest_ms: Ints,
    travel: TravelTimes,
    k: int = CANDIDATES,
) -> NearestRiders:
    """Find the ``k`` riders who can be at each merchant first, and pick up before their shift ends.

    Parameters
    ----------
    snapshot : Snapshot
        For the time, the rules and the service times.
    begin : Starts
        The riders; free instants not before the snapshot's.
    merchants : list of int
        Location keys.
    earliest_ms : array of int64, shape (merchants,)
        When the first of the food there is ready: nobody picks up before.
    travel : TravelTimes
        How long drives take.
    k : int
        How many riders a merchant.
    """
    riders, kept = len(begin.places), min(k, len(begin.places))
    if not riders or not merchants:
        empty = np.empty((len(merchants), kept), dtype=np.int64)
        return NearestRiders(empty, empty)
    wait_ms = begin.free_ms - snapshot.at_ms
    grid = snapshot.rules.time_grid_ms
    # The last arrival in time, and the first food, both as instants of arrival at the merchant from now on.
    last_ms = (
        begin.ends_ms - begin.ends_ms % grid + grid - 1 - snapshot.at_ms - snapshot.times.pickup_before_ms
    )
    food_ms = earliest_ms - snapshot.at_ms - snapshot.times.pickup_before_ms
    places, width = begin.places.tolist(), max(1, BLOCK_CELLS // riders)
    blocks = []
    for low in range(0, len(merchants), width):
        drive_ms = travel.durations_ms(places, merchants[low : low + width], snapshot.at_ms)
        arrival = drive_ms.T + wait_ms
        in_time = np.maximum(arrival, food_ms[low : low + width, None]) <= last_ms
        blocks.append(_first(arrival, in_time, kept))
    key = np.concatenate(blocks)
    some = key < _NEVER
    rider = np.where(some, key % riders, NOBODY)
    return NearestRiders(rider, np.where(some, key // riders - wait_ms[rider], 0))


def _first(arrival: Ints, in_time: NDArray[np.bool_], kept: int) -> Ints:
    """Return arrival and rider of the first to arrive, as one number each: ties are broken by the rider."""
    riders = arrival.shape[1]
    key = np.where(in_time, arrival * riders + np.arange(riders), _NEVER)
    key.partition(kept - 1, axis=1)
    first = key[:, :kept]
    first.sort(axis=1)
    return first


@dataclass(frozen=True, slots=True)
class CandidateEdges:
    """Pairs of riders and orders that come into question, by order, then by arrival.

    Attributes
    ----------
    rider, order : array of int64, shape (pairs,)
        Indices in the snapshot.
    drive_ms : array of int64, shape (pairs,)
        From where the rider is free to the merchant.
    """

    rider: Ints
    order: Ints
    drive_ms: Ints


def candidate_edges(snapshot: Snapshot, travel: TravelTimes, k: int = CANDIDATES) -> CandidateEdges:
    """Return the ``k`` riders per order who can be there first, without those who turned it down."""
    merchants, merchant = merchants_of(snapshot.orders)
    near = nearest_riders(snapshot, starts(snapshot), merchants, first_ready(snapshot, merchant), travel, k)
    rider, drive_ms = near.rider[merchant], near.drive_ms[merchant]
    order = np.repeat(np.arange(len(snapshot.orders)), rider.shape[1])
    real = ~(rider == NOBODY).ravel() & ~declined(snapshot, order, rider.ravel())
    return CandidateEdges(rider.ravel()[real], order[real], drive_ms.ravel()[real])


def declined(snapshot: Snapshot, order: Ints, rider: Ints) -> NDArray[np.bool_]:
    """Tell for pairs of orders and riders (indices) whether the rider turned the order down of late."""
    if not any(map(_declined_by, snapshot.orders)):
        return np.zeros(order.shape, dtype=np.bool_)
    row = {view.rider_id: k for k, view in enumerate(snapshot.riders)}
    # Of a load that few can carry thousands of riders are told, but the same ones of every such order.
    known: dict[int, int] = {}
    masks: list[NDArray[np.bool_]] = []
    which = np.empty(len(snapshot.orders), dtype=np.int64)
    for k, riders in enumerate(map(_declined_by, snapshot.orders)):
        mask = known.setdefault(id(riders), len(masks))
        which[k] = mask
        if mask == len(masks):
            masks.append(np.zeros(len(row), dtype=np.bool_))
            masks[mask][[row[rider_id] for rider_id in riders if rider_id in row]] = True
    found: NDArray[np.bool_] = (order >= 0) & np.stack(masks)[which[order], rider]
    return found
