"""What riders earn."""

from dataclasses import dataclass

from domain.errors import InvalidValueError
from domain.units import Cents


@dataclass(frozen=True, slots=True)
class PayScheme:
    """What riders earn: per order, but at least a guarantee per hour of the shift.

    Attributes
    ----------
    per_order_cents : int
        Pay for one delivery.
    guaranteed_per_hour_cents : int
        What an hour on shift pays at least.
    """

    per_order_cents: Cents = 1_000
    guaranteed_per_hour_cents: Cents = 1_500

    def __post_init__(self) -> None:
        for name in ("per_order_cents", "guaranteed_per_hour_cents"):
            if not getattr(self, name) >= 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")


DEFAULT_PAY = PayScheme()
"""What riders earn where nothing is said: the Grubhub pay (10 an order, at least 15 an hour)."""
