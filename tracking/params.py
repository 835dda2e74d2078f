"""Parameters of tracking: frozen, checked on construction, each with unit and source.

``tracking.md`` stands for the design page of that name. "Assumed" marks an engineering default that nothing
has been fitted to yet.
"""

from dataclasses import dataclass, field

from domain.errors import InvalidValueError
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis


@dataclass(frozen=True, slots=True)
class IngestParams:
    """What is accepted of a fix, and how long it is held.

    Attributes
    ----------
    hold_ms : int
        How long a fix is held, counted from its own stamp, so that later ones can be put in order. 3 s:
        tracking.md.
    release_step_ms : int
        Held fixes are released at multiples of this, together, so that riders of one city share a timer. 500
        ms: a sixth of the hold.
    oldest_ms : int
        Fixes older than this on arrival are rejected; clocks that fell back to 1970 among them. 24 h: a phone
        that was offline for a shift.
    future_ms : int
        Fixes that claim to be later than this after their arrival are rejected. 60 s: where tracking.md calls
        a device's clock wrong.
    margin_m : float
        How far beyond the box around merchants and zones a fix may be. 5 km: assumed.
    worst_accuracy_m : float
        Fixes that claim a worse accuracy are rejected: no position at all. 1 km: cell-tower positioning.
    fastest_mps : float
        Fixes that claim a higher speed are rejected. 70 m/s: no vehicle of a rider, yet above 42 m/s, from
        which tracking.md suspects a jump.
    """

    hold_ms: Millis = 3 * SECOND_MS
    release_step_ms: Millis = SECOND_MS // 2
    oldest_ms: Millis = 24 * HOUR_MS
    future_ms: Millis = MINUTE_MS
    margin_m: float = 5_000.0
    worst_accuracy_m: float = 1_000.0
    fastest_mps: float = 70.0

    def __post_init__(self) -> None:
        _positive(self, "release_step_ms", "oldest_ms", "worst_accuracy_m", "fastest_mps")
        _not_negative(self, "hold_ms", "future_ms", "margin_m")


@dataclass(frozen=True, slots=True)
class RouteParams:
    """How a rider is followed along the planned path.

    Attributes
    ----------
    back_m, ahead_m : float
        The window of the path, around the last progress, in which the rider is looked for, so that a route
        that crosses itself is no trap. -150 and +400 m: tracking.md.
    off_route_m : float
        A fix farther than this from the window says nothing about progress. 250 m: assumed, two city blocks.
    search_after : int
        After so many fixes in a row off the window, the whole rest of the path is searched. 3: as tracking.md
        re-anchors after three rejected fixes.
    worst_accuracy_m : float
        Fixes with a worse accuracy do not move progress. 100 m: from there on tracking.md speaks of drift.
    """

    back_m: float = 150.0
    ahead_m: float = 400.0
    off_route_m: float = 250.0
    search_after: int = 3
    worst_accuracy_m: float = 100.0

    def __post_init__(self) -> None:
        _positive(self, "ahead_m", "off_route_m", "search_after", "worst_accuracy_m")
        _not_negative(self, "back_m")


@dataclass(frozen=True, slots=True)
class EtaParams:
    """Defaults and errors of the legs that an arrival estimate is the sum of.

    Attributes
    ----------
    refresh_ms : int
        Estimates are renewed at least this often. 15 s: tracking.md.
    calm_refresh_ms : int
        The same for an order without a rider that will hardly be late. 60 s: it moves with the clock at most,
        so that it is not news sooner.
    step_ms : int
        An estimate is published when it has moved by this much. 60 s: what a clock in minutes shows.
    assignment_ms : int
        Expected remaining wait for a rider while some are idle, memoryless as the two below. 90 s: assumed;
        two decisions of 15 s and an answer.
    busy_ms : int
        The same while every rider on duty has a trip. 4 min: assumed; what is left of a trip that ends soon.
    no_rider_ms : int
        The same while nobody is on duty. 30 min: assumed; a shift may begin at any time, and none may.
    to_merchant_ms : int
        Expected drive to the merchant of a rider yet unknown. 5 min: assumed; 2 km at 24 km/h.
    overdue_ms : int
        Expected remaining preparation of food that is past its ready estimate. 3 min: assumed.
    straight_mps : float
        Speed for a drive without a street path, along the straight line. 5 m/s: assumed.
    drive_cv : float
        Standard deviation of a drive's remaining time, as a share of it. 0.2: assumed.
    kitchen_cv : float
        Standard deviation of the remaining preparation, as a share of it. 0.25: assumed.
    handover_ms : int
        Standard deviation of what remains when all is done but the handover. 45 s: assumed.
    window_sd : float
        Half width of the window told to the customer, in standard deviations. 1.2816: 80 % of a normal error.
    """

    refresh_ms: Millis = 15 * SECOND_MS
    calm_refresh_ms: Millis = MINUTE_MS
    step_ms: Millis = MINUTE_MS
    assignment_ms: Millis = 90 * SECOND_MS
    busy_ms: Millis = 4 * MINUTE_MS
    no_rider_ms: Millis = 30 * MINUTE_MS
    to_merchant_ms: Millis = 5 * MINUTE_MS
    overdue_ms: Millis = 3 * MINUTE_MS
    straight_mps: float = 5.0
    drive_cv: float = 0.2
    kitchen_cv: float = 0.25
    handover_ms: Millis = 45 * SECOND_MS
    window_sd: float = 1.2816

    def __post_init__(self) -> None:
        _positive(self, "refresh_ms", "calm_refresh_ms", "step_ms", "straight_mps", "handover_ms")
        _positive(self, "assignment_ms", "busy_ms", "no_rider_ms")
        _not_negative(self, "to_merchant_ms", "overdue_ms", "drive_cv", "kitchen_cv", "window_sd")


@dataclass(frozen=True, slots=True)
class SilenceParams:
    """When a rider's phone counts as silent; all from tracking.md, row 9, but for the cadence.

    Attributes
    ----------
    shortest_ms : int
        No silence shorter than this is reported. 60 s.
    cadences : float
        Nor one shorter than this many times the usual time between the rider's fixes. 6.
    serious_ms, serious_with_food_ms : int
        When silence becomes serious: 600 s, and 180 s for a rider who carries food.
    first_cadence_ms : int
        Time between fixes of a phone not known yet. 10 s: assumed.
    learning_rate : float
        Weight of the latest interval in the learned cadence. 0.1: the last twenty or so fixes count.
    """

    shortest_ms: Millis = MINUTE_MS
    cadences: float = 6.0
    serious_ms: Millis = 10 * MINUTE_MS
    serious_with_food_ms: Millis = 3 * MINUTE_MS
    first_cadence_ms: Millis = 10 * SECOND_MS
    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        _positive(self, "shortest_ms", "cadences", "serious_ms", "serious_with_food_ms", "first_cadence_ms")
        _share(self, "learning_rate")


@dataclass(frozen=True, slots=True)
class LatenessParams:
    """When an order counts as probably late, and as badly late; all from tracking.md, rows 1 and 2.

    Attributes
    ----------
    enter_probability, leave_probability : float
        Raised at 0.6 (twice), let go below 0.35.
    serious_probability : float
        Serious from 0.85 on.
    confirm_ms : int
        "Twice" means two estimates at least this far apart. 10 s: less than a refresh, more than a burst of
        events.
    serious_late_ms : int
        Serious once this much past the promise, or predicted as likely as not to be. 10 min.
    """

    enter_probability: float = 0.6
    leave_probability: float = 0.35
    serious_probability: float = 0.85
    confirm_ms: Millis = 10 * SECOND_MS
    serious_late_ms: Millis = 10 * MINUTE_MS

    def __post_init__(self) -> None:
        _share(self, "enter_probability", "leave_probability", "serious_probability")
        _not_negative(self, "confirm_ms")
        _positive(self, "serious_late_ms")
        if not self.leave_probability < self.enter_probability <= self.serious_probability:
            raise InvalidValueError(
                "enter_probability",
                self.enter_probability,
                "above leave_probability and at most serious_probability",
            )


@dataclass(frozen=True, slots=True)
class TrackingParams:
    """Everything that can be set about tracking.

    Attributes
    ----------
    ingest, route, eta, silence, lateness
        Parameters of each part.
    settle_ms : int
        How long a condition must be clear before its incident resolves by itself. 60 s: tracking.md.
    """

    ingest: IngestParams = field(default_factory=IngestParams)
    route: RouteParams = field(default_factory=RouteParams)
    eta: EtaParams = field(default_factory=EtaParams)
    silence: SilenceParams = field(default_factory=SilenceParams)
    lateness: LatenessParams = field(default_factory=LatenessParams)
    settle_ms: Millis = MINUTE_MS

    def __post_init__(self) -> None:
        _not_negative(self, "settle_ms")


def _positive(params: object, *names: str) -> None:
    for name in names:
        if not getattr(params, name) > 0:
            raise InvalidValueError(name, getattr(params, name), "more than 0")


def _not_negative(params: object, *names: str) -> None:
    for name in names:
        if not getattr(params, name) >= 0:
            raise InvalidValueError(name, getattr(params, name), "0 or more")


def _share(params: object, *names: str) -> None:
    for name in names:
        if not 0 < getattr(params, name) <= 1:
            raise InvalidValueError(name, getattr(params, name), "more than 0, at most 1")
