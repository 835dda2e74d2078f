"""Named random streams, one per entity, so that a new draw in one place shifts nothing elsewhere.

References
----------
NumPy, "Parallel random number generation", `SeedSequence.spawn`; common random numbers: Law, *Simulation
Modeling and Analysis*, 5th edition, section 11.2.
"""

from enum import IntEnum

import numpy as np

from domain.errors import InvalidValueError
from domain.units import Millis


class StreamKind(IntEnum):
    """What a stream belongs to; the numbers are part of every seeded result and never change."""

    DEMAND = 1
    ORDER = 2
    KITCHEN = 3
    RIDER_ANSWERS = 4
    RIDER_DRIVES = 5
    RIDER_DWELLS = 6
    SENSOR_NOISE = 7
    SENSOR_DROPOUTS = 8
    SENSOR_PHASE = 9
    WALK_IN_ORDER = 10
    SITE_MERCHANTS = 11
    SITE_DOORS = 12
    SITE_RIDERS = 13
    RIDER_MOVES = 14
    ORDER_WISHES = 15


class Streams:
    """All random streams of one run.

    Parameters
    ----------
    root : int
        The seed of the run, not negative.

    Raises
    ------
    InvalidValueError
        If the seed is negative.
    """

    def __init__(self, root: int) -> None:
        if root < 0:
            raise InvalidValueError("seed", root, "a whole number, 0 or more")
        self.root = root

    def stream(self, kind: StreamKind, *entity: int) -> np.random.Generator:
        """Return a new generator at the start of an entity's stream.

        Parameters
        ----------
        kind : StreamKind
            What the stream belongs to.
        entity : int
            The entity's stream key: a rider's index, an order's zone and index, ...; never its id, so that
            renaming changes nothing.
        """
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.root, spawn_key=(int(kind), *entity)))
        )


def gamma_ms(stream: np.random.Generator, mean_ms: float, cv: float) -> Millis:
    """Draw a duration from a gamma distribution, rounded to whole milliseconds.

    Parameters
    ----------
    stream : numpy.random.Generator
        The entity's stream; exactly one draw is taken, also where ``mean_ms`` is 0.
    mean_ms : float
        Mean in ms, 0 or more.
    cv : float
        Coefficient of variation (standard deviation / mean), above 0.
    """
    shape = 1.0 / (cv * cv)
    return round(float(stream.gamma(shape)) / shape * mean_ms)
