"""Whole minutes along straight lines, for many drives at once."""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from compiling.kernel import inlined, kernel
from domain.units import MINUTE_MS

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

FRAGILE_MINUTES = 1e-6
"""A quotient this close to a whole minute is left to the formula of the instances."""

FRAGILE = -1
"""Stands for it."""


@inlined
def drive_ms(dx: float, dy: float, minutes_per_meter: float) -> int:
    """Return the whole minutes of a drive in ms, or ``FRAGILE`` where the last bit decides how many.

    Python's ``dx**2`` calls the C library's ``pow``, which now and then differs from ``dx * dx`` in the last
    bit, and a product differs from a quotient as often: neither matters but next to a whole number.
    """
    minutes = math.sqrt(dx * dx + dy * dy) * minutes_per_meter
    whole = np.ceil(minutes - FRAGILE_MINUTES)
    if minutes + FRAGILE_MINUTES < whole:
        return int(whole) * MINUTE_MS
    return 0 if dx == 0 and dy == 0 else FRAGILE


@kernel
def fill_matrix(x: Floats, y: Floats, rows: Ints, columns: Ints, minutes_per_meter: float, out: Ints) -> int:
    """Fill in how long drives take between places, in ms; return how many are ``FRAGILE``.

    Parameters
    ----------
    x, y : array of float64
        Coordinates by key, in meters.
    rows, columns : array of int64
        Keys of where drives start and where they go.
    out : array of int64, shape (rows, columns)
        Filled.
    """
    # Side by side, so that the processor takes several drives at a time.
    to_x, to_y = x[columns], y[columns]
    fragile = 0
    for i in range(len(rows)):
        from_x, from_y = x[rows[i]], y[rows[i]]
        for j in range(len(columns)):
            out[i, j] = drive_ms(from_x - to_x[j], from_y - to_y[j], minutes_per_meter)
            fragile += out[i, j] == FRAGILE
    return fragile


@kernel
def fill_pairs(x: Floats, y: Floats, starts: Ints, ends: Ints, minutes_per_meter: float, out: Ints) -> int:
    """Fill in how long the drive of each pair takes, in ms; return how many are ``FRAGILE``."""
    fragile = 0
    for i in range(len(starts)):
        a, b = starts[i], ends[i]
        out[i] = drive_ms(x[a] - x[b], y[a] - y[b], minutes_per_meter)
        fragile += out[i] == FRAGILE
    return fragile
