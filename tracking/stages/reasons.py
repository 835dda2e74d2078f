"""Why a fix is not used: the words of ``FixesRejected`` and of the stages after the hold."""

from enum import StrEnum


class DropReason(StrEnum):
    """Why a fix goes no further."""

    UNKNOWN_RIDER = "unknown_rider"
    OFF_DUTY = "off_duty"
    NOT_FINITE = "not_finite"
    OUTSIDE_CITY = "outside_city"
    STALE = "stale"
    FUTURE = "future"
    BAD_SEQUENCE = "bad_sequence"
    BAD_ACCURACY = "bad_accuracy"
    BAD_SPEED = "bad_speed"
    BAD_HEADING = "bad_heading"
    DUPLICATE = "duplicate"
    OUT_OF_SHIFT = "out_of_shift"
    """After the hold: measured before the shift, or the shift has ended."""
    OVERTAKEN = "overtaken"
    """After the hold: a later fix was already released."""
