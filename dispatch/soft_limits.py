"""The soft limits as those see them who make bundles: none may be exceeded because of a bundle.

The verifier has its own eyes for this and shares nothing with here.
"""

from dispatch.params import VerifierParams
from dispatch.snapshot import OpenOrder
from domain.units import Millis

KEPT = 0
FOOD_AGE, PROMISE_SLIP, DETOUR = 1, 2, 4


def exceeded(
    order: OpenOrder, limits: VerifierParams, carried_ms: Millis, direct_ms: Millis, dropoff_ms: Millis
) -> int:
    """Return which limits an order exceeds, as a sum of the words of this module.

    Parameters
    ----------
    order : OpenOrder
        The order.
    limits : VerifierParams
        The limits.
    carried_ms, direct_ms : int
        Time from leaving the merchant to arriving at the door: as planned, and without a stop between.
    dropoff_ms : int
        When it is handed over.
    """
    found = KEPT
    if dropoff_ms - order.ready_at_ms > limits.food_age_ms:
        found |= FOOD_AGE
    if dropoff_ms - order.promised_at_ms > limits.promise_slip_ms:
        found |= PROMISE_SLIP
    if carried_ms - direct_ms > limits.detour_ms:
        found |= DETOUR
    return found
