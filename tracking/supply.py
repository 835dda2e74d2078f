"""How many riders there are for the orders that wait for one: counted as it changes, never by a walk."""

from collections.abc import Iterable

from domain.units import Millis
from tracking.params import EtaParams
from tracking.state import RiderTrack


class Supply:
    """Riders on duty and those without a trip; it can be counted anew from the riders at any time.

    Parameters
    ----------
    riders : iterable of RiderTrack
        All riders known.

    Attributes
    ----------
    on_duty, idle : int
        Riders whose shift is on, and those among them who are on no trip. Offers do not concern tracking:
        a rider who thinks one over counts as idle.
    """

    def __init__(self, riders: Iterable[RiderTrack]) -> None:
        self.on_duty = 0
        self.idle = 0
        for rider in riders:
            self.add(rider)

    def add(self, rider: RiderTrack) -> None:
        """Count a rider in, as the rider is now."""
        self._count(rider, 1)

    def remove(self, rider: RiderTrack) -> None:
        """Count a rider out, before anything about the rider changes."""
        self._count(rider, -1)

    def wait_ms(self, eta: EtaParams) -> Millis:
        """Return the expected wait of an order for a rider, as things are now."""
        if self.idle:
            return eta.assignment_ms
        return eta.busy_ms if self.on_duty else eta.no_rider_ms

    def _count(self, rider: RiderTrack, number: int) -> None:
        if rider.on_duty:
            self.on_duty += number
            if not rider.trip_ids:
                self.idle += number
