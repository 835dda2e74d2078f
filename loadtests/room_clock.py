"""The control room's time as a client knows it: asked once, then counted on."""

import time
from datetime import UTC, datetime, timedelta

from domain.units import SECOND_MS, Millis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_rfc3339_ms(text: str) -> Millis:
    """Return an instant of the API in Unix ms."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def rfc3339(at_ms: Millis) -> str:
    """Return an instant as the API wants it."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")


class RoomClock:
    """Counts on from one answer of ``GET /clock``.

    Parameters
    ----------
    now : str
        The control room's time, RFC 3339.
    rate : float
        How fast it goes by.
    """

    def __init__(self, now: str, rate: float) -> None:
        self._at_ms = parse_rfc3339_ms(now)
        self._rate = rate
        self._asked_s = time.perf_counter()

    def now_ms(self) -> Millis:
        """Return the control room's time, a little behind rather than ahead."""
        return self._at_ms + int((time.perf_counter() - self._asked_s) * self._rate * SECOND_MS)
