"""The live time line: a wall clock that runs at a rate and never goes back."""

from collections.abc import Callable

from domain.errors import InvalidValueError
from domain.units import SECOND_MS, Millis


class LiveClock:
    """Tells the control room's time from a monotonic clock.

    Parameters
    ----------
    starts_at_ms : int
        The instant at which it starts.
    rate : float
        How much faster than the wall clock it runs.
    monotonic : callable
        Gives seconds that never go back; where they begin does not matter.
    """

    def __init__(self, starts_at_ms: Millis, rate: float, monotonic: Callable[[], float]) -> None:
        if not 0 < rate <= 10_000:
            raise InvalidValueError("rate", rate, "above 0, at most 10000")
        self.rate = rate
        self._monotonic = monotonic
        self._base_ms = starts_at_ms
        self._base_s = monotonic()
        self._latest_ms = starts_at_ms

    def now_ms(self) -> Millis:
        """Return the present instant, never smaller than one returned before."""
        passed_s = self._monotonic() - self._base_s
        self._latest_ms = max(self._latest_ms, self._base_ms + int(passed_s * self.rate * SECOND_MS))
        return self._latest_ms

    def jump_to(self, at_ms: Millis) -> None:
        """Go on from an instant, unless that is past already."""
        self._base_ms = max(at_ms, self.now_ms())
        self._base_s = self._monotonic()
        self._latest_ms = self._base_ms

    def seconds_until(self, at_ms: Millis) -> float:
        """Return the wall seconds until an instant, 0 when it is past."""
        return max(0.0, (at_ms - self.now_ms()) / SECOND_MS / self.rate)
