"""What the kernels that merge orders are given. Importing it does not load numba."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

INFEASIBLE = np.int64(2**61)
"""The cost of what cannot be done."""
ORDERS_MAX = 4
"""The longest route for which every sequence is tried (24 of them)."""


class Groups(NamedTuple):
    """Orders sorted by group, a group being the orders of one merchant that are compared with each other.

    Attributes
    ----------
    first : array, shape (groups + 1,)
        Where each group begins among the sorted orders.
    base : array, shape (groups,)
        Where the square of each group begins in ``doors_ms``.
    doors_ms : array, shape (pairs,)
        Drives between the doors of a group, square after square, row by row.
    placed_ms, ready_ms, promised_ms, last_mile_ms : arrays, shape (orders,)
        The last one is the drive from the merchant straight to the door.
    reach_ms, approach_ms : arrays, shape (orders,)
        The instant from which a rider can pick up there, and the drive that leads there.
    sequences : array, shape (ORDERS_MAX + 1, 24, ORDERS_MAX)
        Every sequence of so many stops.
    """

    first: Ints
    base: Ints
    doors_ms: Ints
    placed_ms: Ints
    ready_ms: Ints
    promised_ms: Ints
    last_mile_ms: Ints
    reach_ms: Ints
    approach_ms: Ints
    sequences: Ints


class Tariff(NamedTuple):
    """What merging is measured by. Costs are in tenths of a ms of click-to-door, which costs 10 each ms.

    Attributes
    ----------
    pickup_before_ms, pickup_after_ms, dropoff_before_ms, dropoff_after_ms : int
        Time at stops.
    late : int
        Cost of each ms beyond the promise.
    broken : int
        Cost of breaking the promise at all.
    price : int
        Cost of each ms of a rider's time.
    """

    pickup_before_ms: int
    pickup_after_ms: int
    dropoff_before_ms: int
    dropoff_after_ms: int
    late: int
    broken: int
    price: int
