"""What happens to riders without work; ``domain.events`` lists it with all others."""

from dataclasses import dataclass

from domain.ids import MerchantId, RiderId
from domain.plans import Explanation, Leg
from domain.units import Millis


@dataclass(frozen=True, slots=True)
class MoveAdvised:
    """A rider without work was advised to wait elsewhere; the rider stays free for trips, also on the way.

    Attributes
    ----------
    rider_id : str
        The rider.
    merchant_id : str or None
        Near whose kitchen to wait, None where the place is nobody's.
    leg : Leg
        The way there from where the rider is.
    arrives_at_ms : int
        When the rider is there, as planned.
    explanation : Explanation
        Why there: the orders expected, and the minutes that a shorter way to them saves.
    """

    rider_id: RiderId
    merchant_id: MerchantId | None
    leg: Leg
    arrives_at_ms: Millis
    explanation: Explanation
