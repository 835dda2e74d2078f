"""Parameters of dispatch: frozen, checked on construction, each with unit and reason."""

from dataclasses import dataclass

from domain.errors import InvalidValueError
from domain.units import MINUTE_MS, SECOND_MS, Millis


@dataclass(frozen=True, slots=True)
class DispatchParams:
    """How often dispatch decides and how long it waits for answers.

    Attributes
    ----------
    epoch_ms : int
        Time between decisions. 15 s: orders batch up without a customer noticing (dispatch.md: 10-60 s).
    epoch_offset_ms : int
        Decisions are due at whole multiples of ``epoch_ms`` (Unix time) plus this. Grubhub uses 1 ms, so that
        everything stamped with a whole minute is seen first.
    offer_expires_ms : int
        How long a rider may think about an offer. 45 s: a little more than riders usually take to answer.
    solve_timeout_ms : int
        A plan that is not back by then is given up and the next epoch decides anew.
    reoffer_after_ms : int
        A rider who turned an order down, or did not answer, is not asked for it again before this: long
        enough to find somebody else, short enough that a small fleet still serves everybody.
    recent_ms : int
        For how long a placed order counts as recent demand. 20 min: shorter is noise, longer misses the turns
        of the day (measured, dispatch.md).
    relocate_beyond_m : float
        An idle rider is believed to have moved when reported farther than this from the known place;
        below it, GPS noise would move riders who stand still.
    """

    epoch_ms: Millis = 15 * SECOND_MS
    epoch_offset_ms: Millis = 0
    offer_expires_ms: Millis = 45 * SECOND_MS
    solve_timeout_ms: Millis = MINUTE_MS
    reoffer_after_ms: Millis = 3 * MINUTE_MS
    recent_ms: Millis = 20 * MINUTE_MS
    relocate_beyond_m: float = 120.0

    def __post_init__(self) -> None:
        for name in ("epoch_ms", "offer_expires_ms", "solve_timeout_ms", "reoffer_after_ms", "recent_ms"):
            if getattr(self, name) < 1:
                raise InvalidValueError(name, getattr(self, name), "1 ms or more")
        if not 0 <= self.epoch_offset_ms < self.epoch_ms:
            raise InvalidValueError("epoch_offset_ms", self.epoch_offset_ms, "0 up to epoch_ms - 1")
        if not self.relocate_beyond_m >= 0:
            raise InvalidValueError("relocate_beyond_m", self.relocate_beyond_m, "0 or more meters")
