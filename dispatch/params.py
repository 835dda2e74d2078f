"""Parameters of dispatch: frozen, checked on construction, each with unit and reason."""

from dataclasses import dataclass

from domain.errors import InvalidValueError
from domain.plans import ServiceRules
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis


@dataclass(frozen=True, slots=True)
class VerifierParams:
    """The soft limits: policies price them, the verifier reports what exceeds them.

    Attributes
    ----------
    food_age_ms : int
        From the food being ready to the door. 30 min: dispatch.md.
    promise_slip_ms : int
        How far an order may arrive after what was promised. 5 min: dispatch.md.
    detour_ms : int
        How much longer than the direct drive an order may be carried. 15 min: assumed; half the food age.
    """

    food_age_ms: Millis = 30 * MINUTE_MS
    promise_slip_ms: Millis = 5 * MINUTE_MS
    detour_ms: Millis = 15 * MINUTE_MS

    def __post_init__(self) -> None:
        for name in ("food_age_ms", "promise_slip_ms", "detour_ms"):
            if not getattr(self, name) >= 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")


@dataclass(frozen=True, slots=True)
class RescueParams:
    """When orders are taken away from a rider who cannot be expected to carry them in time.

    Attributes
    ----------
    silent_ms : int
        Orders not yet picked up are given to somebody else when a rider's phone was found silent this long
        ago and the rider has not been heard of since. 4 min: with the minute after which silence is noticed,
        as long as the usual dropout of a phone.
    slip_ms : int
        An order whose kitchen makes everybody else wait this much longer leaves its trip, where the rider has
        not set out or others ride on without it. 5 min: the slip of a promise that dispatch.md allows.
    most_returns : int
        An order is taken back for its kitchen at most so often. 2: dispatch.md.
    """

    silent_ms: Millis = 4 * MINUTE_MS
    slip_ms: Millis = 5 * MINUTE_MS
    most_returns: int = 2

    def __post_init__(self) -> None:
        for name in ("silent_ms", "slip_ms"):
            if not getattr(self, name) >= 1:
                raise InvalidValueError(name, getattr(self, name), "1 ms or more")
        if not self.most_returns >= 0:
            raise InvalidValueError("most_returns", self.most_returns, "0 or more")


@dataclass(frozen=True, slots=True)
class PrepositioningParams:
    """How idle riders are advised to wait where orders are expected.

    Attributes
    ----------
    horizon_ms : int
        Orders are expected so far ahead, and each of the riders free by then covers one of them. 10 min:
        measured beside 5 and 20 on the lunch peak (docs/reference/prepositioning.md).
    half_life_ms : int
        An order so old tells half as much about what is expected as one just placed. 15 min: dinner is not
        lunch, and a kitchen needs a few orders to be told from chance.
    least_saving_ms : int
        A rider is moved only when that shortens the expected drive to the next merchant by at least this.
        2 min: with 1 riders ride twice as far for little more (docs/reference/prepositioning.md).
    most_drive_ms : int
        Nobody is sent farther than this. 8 min: longer than that, demand has changed on arrival.
    before_end_ms : int
        Nobody is moved in the last part of a shift. 20 min: what is still to come is too little.
    """

    horizon_ms: Millis = 10 * MINUTE_MS
    half_life_ms: Millis = 15 * MINUTE_MS
    least_saving_ms: Millis = 2 * MINUTE_MS
    most_drive_ms: Millis = 8 * MINUTE_MS
    before_end_ms: Millis = 20 * MINUTE_MS

    def __post_init__(self) -> None:
        for name in ("horizon_ms", "half_life_ms", "least_saving_ms", "most_drive_ms"):
            if not getattr(self, name) >= 1:
                raise InvalidValueError(name, getattr(self, name), "1 ms or more")
        if not self.before_end_ms >= 0:
            raise InvalidValueError("before_end_ms", self.before_end_ms, "0 or more")


@dataclass(frozen=True, slots=True)
class SchedulingParams:
    """When orders with a delivery window are released.

    Attributes
    ----------
    slack_ms : int
        How long before the end of its window an order is aimed at. 10 min: what kitchens and riders are
        usually late by, and the rest of a window of 15 min stays for being early.
    first_mile_ms : int
        Time to find a rider who is there then. 10 min: the usual wait and way when riders are busy.
    most_ahead_ms : int
        How far ahead a window may start. 7 days: no roster is known farther.
    """

    slack_ms: Millis = 10 * MINUTE_MS
    first_mile_ms: Millis = 10 * MINUTE_MS
    most_ahead_ms: Millis = 7 * 24 * HOUR_MS

    def __post_init__(self) -> None:
        for name in ("slack_ms", "first_mile_ms"):
            if not getattr(self, name) >= 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")
        if not self.most_ahead_ms >= 1:
            raise InvalidValueError("most_ahead_ms", self.most_ahead_ms, "1 ms or more")


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
        A plan that is not back by then is given up, and the fallback decides at once.
    reoffer_after_ms : int
        A rider who turned an order down, or did not answer, is not asked for it again before this: long
        enough to find somebody else, short enough that a small fleet still serves everybody.
    recent_ms : int
        For how long a placed order counts as recent demand. 40 min: shorter is noise, longer misses the turns
        of the day (measured, ADR 30).
    coming_ms : int
        How long before an announced shift decisions may count on its rider. 45 min: longer than
        any trip that a rider on duty could be given instead.
    no_show_after_ms : int
        How long after an announced start a rider is still counted on. 5 min: people log on a little late.
    relocate_beyond_m : float
        An idle rider is believed to have moved when reported farther than this from the known place;
        below it, GPS noise would move riders who stand still.
    verifier : VerifierParams
        The soft limits.
    rescue : RescueParams
        When orders are taken away from riders.
    scheduling : SchedulingParams
        When orders with a delivery window are released.
    prepositioning : PrepositioningParams or None
        How idle riders are moved to where orders are expected; None: they wait where they are.
    """

    epoch_ms: Millis = 15 * SECOND_MS
    epoch_offset_ms: Millis = 0
    offer_expires_ms: Millis = 45 * SECOND_MS
    solve_timeout_ms: Millis = MINUTE_MS
    reoffer_after_ms: Millis = 3 * MINUTE_MS
    recent_ms: Millis = 40 * MINUTE_MS
    coming_ms: Millis = 45 * MINUTE_MS
    no_show_after_ms: Millis = 5 * MINUTE_MS
    relocate_beyond_m: float = 120.0
    verifier: VerifierParams = VerifierParams()
    rescue: RescueParams = RescueParams()
    scheduling: SchedulingParams = SchedulingParams()
    prepositioning: PrepositioningParams | None = None

    def __post_init__(self) -> None:
        patience = ("offer_expires_ms", "solve_timeout_ms", "reoffer_after_ms")
        for name in ("epoch_ms", *patience, "recent_ms", "coming_ms", "no_show_after_ms"):
            if not getattr(self, name) >= 1:
                raise InvalidValueError(name, getattr(self, name), "1 ms or more")
        if not 0 <= self.epoch_offset_ms < self.epoch_ms:
            raise InvalidValueError("epoch_offset_ms", self.epoch_offset_ms, "0 up to epoch_ms - 1")
        if not self.relocate_beyond_m >= 0:
            raise InvalidValueError("relocate_beyond_m", self.relocate_beyond_m, "0 or more meters")

    def check_allowed(self, rules: ServiceRules) -> None:
        """See to it that nothing is asked for that a city forbids.

        Raises
        ------
        InvalidValueError
            If riders are to be moved where they may not be sent anywhere without an order.
        """
        if self.prepositioning is not None and not rules.prepositioning:
            allowed = "none, because the city's rules let nobody be sent to a merchant without an order"
            raise InvalidValueError("prepositioning", "given", allowed)
