"""Overload on a public day: fewer riders, by one rule that everybody can repeat."""

import math
from collections.abc import Sequence
from typing import TypeVar

from domain.errors import InvalidValueError

T = TypeVar("T")


def checked_share(share: float) -> float:
    """Return a share of riders as it is.

    Raises
    ------
    InvalidValueError
        If it is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise InvalidValueError("riders_share", share, "above 0 and at most 1")
    return share


def thinned(riders: Sequence[T], share: float) -> list[T]:
    """Keep rider i (from 0, in the sequence of the file) when floor((i + 1) share) > floor(i share).

    Any stretch of the file keeps its share, so that every hour of the day is thinned alike. The products are
    rounded to double precision, as in any script that writes the rule down: 90 x 0.7 is below 63 there.

    Raises
    ------
    InvalidValueError
        If the share is not above 0 and at most 1.
    """
    checked_share(share)
    return [rider for i, rider in enumerate(riders) if math.floor((i + 1) * share) > math.floor(i * share)]
