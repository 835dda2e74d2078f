"""Scheduled orders: the window in which a customer wants an order at the door."""

from dataclasses import dataclass

from domain.errors import InvalidValueError
from domain.ids import OrderId
from domain.units import MINUTE_MS, Millis

SHORTEST_WINDOW_MS = 15 * MINUTE_MS
"""Nobody can promise less: kitchens and traffic spread by about as much."""


@dataclass(frozen=True, slots=True)
class DeliveryWindow:
    """When an order is to be handed over.

    Attributes
    ----------
    earliest_ms, latest_ms : int
        Not before, and not after; at least ``SHORTEST_WINDOW_MS`` apart.
    """

    earliest_ms: Millis
    latest_ms: Millis

    def __post_init__(self) -> None:
        if self.latest_ms - self.earliest_ms < SHORTEST_WINDOW_MS:
            least_ms = self.earliest_ms + SHORTEST_WINDOW_MS
            minutes = SHORTEST_WINDOW_MS // MINUTE_MS
            allowed = f"at least {minutes} min after the window's start, from {least_ms} on"
            raise InvalidValueError("window.latest_ms", self.latest_ms, allowed)

    def holds(self, at_ms: Millis) -> bool:
        """Tell whether an instant is inside."""
        return self.earliest_ms <= at_ms <= self.latest_ms


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """A scheduled order is due: dispatch looks for a rider from now on, and its kitchen can begin.

    Attributes
    ----------
    pickup_from_ms : int
        Nobody leaves the merchant with it before, or it would come before its window.
    """

    order_id: OrderId
    pickup_from_ms: Millis
