"""How a decision lies in arrays: columns by name, for the kernels and for those who fill and read them.

Importing it does not load numba.

Every value is a whole number (int64): instants and durations in ms, costs in ``COST_PER_MS`` a ms. Sums
are exact in any sequence, and the compiled kernels give what plain Python gives.

A *door* is where an order goes. Rows of the travel matrix are where drives start, riders first, then doors;
its columns are where drives go, merchants first, then doors.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]

COST_PER_MS = 10_000
"""Cost of a ms of delay of a real order: weight (hundredths) times slope (hundredths)."""
INFEASIBLE = 2**61
"""The cost of what cannot be done."""

MULTIPLIER, MODULUS = 48_271, 2**31 - 1
"""Of the random generator, whose state is 1 up to the modulus less 1."""

# The city: a vector.
NOW, NEXT = 0, 1
"""The present, and the next decision."""
PICKUP_BEFORE, PICKUP_AFTER, DROPOFF_BEFORE, DROPOFF_AFTER = 2, 3, 4, 5
SLOPE_BEFORE, SLOPE_AFTER, STEP = 6, 7, 8
"""Hundredths of the cost of a minute up to the promise, the same beyond it, and breaking it (ms)."""
UNASSIGNED = 9
"""Having no rider (ms)."""
PAY_UNIT = 10
"""An order more for a rider whose earnings are an order beyond the guarantee (cost)."""
RIDERS, MERCHANTS, ORDERS = 11, 12, 13
"""How many there are."""
LONGEST, MOST = 14, 15
"""Trips of a queue and orders of a trip, at most."""
CITY_SIZE = 16

# A rider: a row.
FREE, LATEST, DELIVERED, GUARANTEED, IS_FREE = 0, 1, 2, 3, 4
"""Free from, last ms for a pickup (instants are floored before they are compared with the end of the shift),
orders delivered, guaranteed pay so far (cost), whether a trip can start now."""
RIDER_SIZE = 5

# An order: a row.
READY, PLACED, PROMISED, MERCHANT, WEIGHT, REAL, LAST_MILE = 0, 1, 2, 3, 4, 5, 6
"""Weight in hundredths; expected orders come last and are not real; drive from merchant to door."""
ORDER_SIZE = 7

# A queue: a row with the number of its trips, then for each the number of its orders and the orders, then the
# state before each trip and after the last. One row more than riders is scratch.
TRIPS = 0
PLACE, TIME, COUNT, COST = 0, 1, 2, 3
"""Where the rider is (a row of the travel matrix), since when, orders delivered, cost of the trips so far."""
STATE_SIZE = 4

STARTS, WAITS_FOR_KITCHEN, WAITS_FOR_BUSY_RIDER, WAITS_IN_QUEUE, WITHOUT_RIDER = 0, 1, 2, 3, 4
"""What becomes of an order."""

ALTERNATIVES = 3
"""How many other riders are named for a trip that starts."""
PRICE_SIZE = 2 + 2 * ALTERNATIVES
"""End of the trip, opportunity price, then rider and extra cost of each alternative (-1: there is none)."""


def queue_width(longest: int, most: int) -> int:
    """Return the number of columns of a row of queues."""
    return 1 + longest * (most + 1) + STATE_SIZE * (longest + 1)
