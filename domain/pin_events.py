"""What happens to orders that are assigned by hand; ``domain.events`` lists it with all others."""

from dataclasses import dataclass

from domain.ids import OrderId, RiderId
from domain.plans import Explanation


@dataclass(frozen=True, slots=True)
class OrderPinned:
    """A dispatcher assigned an order to a rider by hand: so it stays until ``OrderUnpinned`` or the pickup.

    Attributes
    ----------
    by : str
        The dispatcher, as far as told.
    explanation : Explanation
        What it costs, and who else could have carried it; ``foreseen`` is the rider while the order waits
        for the end of that rider's present trip.
    """

    order_id: OrderId
    rider_id: RiderId
    by: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class OrderUnpinned:
    """An order is no longer pinned to a rider.

    Attributes
    ----------
    reason : str
        A stable word of ``dispatch/pins.py``: ``released``, ``rider_declined``, ``rider_broke_down``, ...
    by : str
        The dispatcher who released it or assigned it to somebody else, as far as told.
    """

    order_id: OrderId
    rider_id: RiderId
    reason: str
    by: str = ""
