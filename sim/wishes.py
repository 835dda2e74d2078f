"""What some customers ask for beside the food: how much they order, and a time to have it at.

Drawn from a stream of each order's own, so that nothing else of a run changes with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidValueError
from domain.loads import MOST_VOLUME_L, MOST_WEIGHT_G, Load, OrderType
from domain.schedule import SHORTEST_WINDOW_MS, DeliveryWindow
from domain.units import HOUR_MS, MINUTE_MS, Millis
from sim.randomness import gamma_ms

SHARES: Mapping[OrderType, float] = {
    OrderType.MEAL: 0.70,
    OrderType.GROCERIES: 0.20,
    OrderType.PHARMACY: 0.05,
    OrderType.PARCEL: 0.05,
}
"""How often each type is ordered among the orders that say what they are; assumed."""

USUAL_LOADS: Mapping[OrderType, tuple[float, float]] = {
    OrderType.MEAL: (6.0, 1_500.0),
    OrderType.GROCERIES: (25.0, 8_000.0),
    OrderType.PHARMACY: (2.0, 500.0),
    OrderType.PARCEL: (15.0, 4_000.0),
}
"""Mean volume in liters and mean weight in grams by type; assumed. Both vary together, gamma, CV 0.6."""

LOAD_CV = 0.6
AHEAD_CV = 0.4
WINDOW_GRID_MS = 5 * MINUTE_MS
"""Customers name round times."""
SOONEST_MS = 30 * MINUTE_MS
"""A window begins at least so long after the food could be ready."""


@dataclass(frozen=True, slots=True)
class WishSpec:
    """How many customers state how much they order, and how many order for later.

    Attributes
    ----------
    load_share : float
        Share of the orders that say what they are and take up, 0 to 1.
    scheduled_share : float
        Share of the orders with a delivery window, 0 to 1.
    ahead_ms : int
        Mean time from placement to the start of the window (gamma, CV 0.4).
    window_ms : int
        Length of the window.
    """

    load_share: float = 0.0
    scheduled_share: float = 0.0
    ahead_ms: Millis = 2 * HOUR_MS
    window_ms: Millis = 30 * MINUTE_MS

    def __post_init__(self) -> None:
        for name in ("load_share", "scheduled_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidValueError(name, getattr(self, name), "0 to 1")
        if self.ahead_ms < 1:
            raise InvalidValueError("ahead_ms", self.ahead_ms, "1 ms or more")
        if self.window_ms < SHORTEST_WINDOW_MS:
            raise InvalidValueError("window_ms", self.window_ms, f"{SHORTEST_WINDOW_MS} or more")

    @property
    def asks_for_anything(self) -> bool:
        """Whether any order has a wish."""
        return self.load_share > 0 or self.scheduled_share > 0

    def draw(
        self, stream: np.random.Generator, placed_at_ms: Millis, usual_ms: Millis
    ) -> tuple[Load | None, DeliveryWindow | None]:
        """Draw what one customer asks for.

        Parameters
        ----------
        stream : numpy.random.Generator
            The order's own; the same draws are taken whatever the shares are, so that more of one wish leaves
            the others as they are.
        placed_at_ms : int
            When the customer orders.
        usual_ms : int
            The merchant's usual preparation.
        """
        has_load, has_window = (float(stream.random()) for _ in range(2))
        load = _draw_load(stream)
        begins_ms = placed_at_ms + max(gamma_ms(stream, self.ahead_ms, AHEAD_CV), usual_ms + SOONEST_MS)
        begins_ms += -begins_ms % WINDOW_GRID_MS
        window = DeliveryWindow(begins_ms, begins_ms + self.window_ms)
        return (
            load if has_load < self.load_share else None,
            window if has_window < self.scheduled_share else None,
        )


NO_WISHES = WishSpec()


def _draw_load(stream: np.random.Generator) -> Load:
    ends = np.cumsum(list(SHARES.values()))
    nth = int(np.searchsorted(ends, float(stream.random()) * ends[-1], side="right"))
    kind = list(SHARES)[min(nth, len(SHARES) - 1)]
    shape = LOAD_CV**-2
    factor = float(stream.gamma(shape)) / shape
    volume_l, weight_g = USUAL_LOADS[kind]
    return Load(
        kind,
        min(MOST_VOLUME_L, max(1, round(volume_l * factor))),
        min(MOST_WEIGHT_G, max(1, round(weight_g * factor))),
    )
