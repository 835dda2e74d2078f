"""Units of time and money, and the few conversions between them.

Instants are integer Unix milliseconds (UTC) and money is integer minor units of one currency per city;
floats are allowed only inside formulas. See ``docs/decisions`` for why.
"""

import math
from typing import TypeAlias

Millis: TypeAlias = int
"""An instant (Unix ms, UTC) or a duration in milliseconds."""

Cents: TypeAlias = int
"""Minor units of the city's ISO-4217 currency."""

SECOND_MS: Millis = 1_000
MINUTE_MS: Millis = 60_000
HOUR_MS: Millis = 3_600_000


def ceil_ms(duration_s: float) -> Millis:
    """Round a duration in seconds up to whole milliseconds.

    Parameters
    ----------
    duration_s : float
        A duration in seconds, not negative.

    Returns
    -------
    int
        The duration in milliseconds, rounded up.

    Raises
    ------
    ValueError
        If the duration is negative, infinite or not a number.
    """
    if not math.isfinite(duration_s) or duration_s < 0:
        raise ValueError(f"duration_s must be finite and not negative, not {duration_s!r}")
    return math.ceil(duration_s * SECOND_MS)
