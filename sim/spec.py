"""What a scenario is: everything that a run needs besides its seed and its policy, frozen and checked."""

import hashlib
from dataclasses import dataclass, field, fields
from enum import StrEnum

from domain.errors import InvalidValueError
from domain.geo import Point
from domain.ids import RiderId
from domain.loads import Vehicle
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.city_setup import CitySetup
from sim.demand import Demand, KitchenSpec, RecordedDemand


class Tracking(StrEnum):
    """How much of a rider's way is simulated."""

    FULL = "full"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class RiderShift:
    """One rider's working time; the position in the scenario's list is the rider's stream key.

    Attributes
    ----------
    point : Point
        Where the rider comes on duty.
    starts_at_ms, ends_at_ms : int
        When the rider says to start, and to go home.
    vehicle : Vehicle or None
        How the rider gets about, which limits what the rider can carry; None: anything.
    """

    rider_id: RiderId
    name: str
    point: Point
    starts_at_ms: Millis
    ends_at_ms: Millis
    vehicle: Vehicle | None = None

    def __post_init__(self) -> None:
        if self.ends_at_ms <= self.starts_at_ms:
            allowed = f"after the start of the shift of rider {self.rider_id!r} ({self.starts_at_ms})"
            raise InvalidValueError("ends_at_ms", self.ends_at_ms, allowed)


@dataclass(frozen=True, slots=True)
class RiderBehavior:
    """How riders answer, drive and serve; every spread of 0 makes them exact.

    Attributes
    ----------
    accept_base : float
        Logit of accepting a trip whose merchant is at hand. 2.5, with the next one, gives about 13 % declined
        in the lunch peak, as in public data.
    accept_per_minute : float
        Change of the logit per minute of driving to the merchant.
    answer_delay_ms : int
        Mean time until a rider answers an offer (gamma, CV 0.6).
    drive_cv : float
        Spread of a drive around its planned duration (gamma factor of mean 1).
    dwell_cv : float
        Spread of the time at doors and merchants around the city's usual service times (gamma).
    """

    accept_base: float = 2.5
    accept_per_minute: float = -0.15
    answer_delay_ms: Millis = 9_000
    drive_cv: float = 0.0
    dwell_cv: float = 0.0

    def __post_init__(self) -> None:
        if self.answer_delay_ms < 0:
            raise InvalidValueError("answer_delay_ms", self.answer_delay_ms, "0 or more")
        for name in ("drive_cv", "dwell_cv"):
            if not 0 <= getattr(self, name) <= 2:
                raise InvalidValueError(name, getattr(self, name), "0 to 2")


@dataclass(frozen=True, slots=True)
class CustomerBehavior:
    """What customers do after ordering.

    Attributes
    ----------
    cancel_unassigned_after_ms : int or None
        They call the order off when it has no rider after this; None: they wait for ever.
    """

    cancel_unassigned_after_ms: Millis | None = 45 * MINUTE_MS

    def __post_init__(self) -> None:
        patience = self.cancel_unassigned_after_ms
        if patience is not None and patience <= 0:
            raise InvalidValueError("cancel_unassigned_after_ms", patience, "above 0, or none")


@dataclass(frozen=True, slots=True)
class GpsSpec:
    """The riders' phones.

    Attributes
    ----------
    cadence_ms : int
        Time between two fixes of a phone, which is also the time between two messages.
    noise_m : float
        Standard deviation of the error to the east and to the north.
    noise_memory : float
        Correlation of the error with that of the fix before, 0 to 1: errors wander rather than jump.
    dropouts_per_hour : float
        Mean number of silences of one phone per hour.
    dropout_ms : int
        Mean length of a silence (exponential, at least two cadences).
    """

    cadence_ms: Millis = 5_000
    noise_m: float = 5.0
    noise_memory: float = 0.8
    dropouts_per_hour: float = 0.0
    dropout_ms: Millis = 3 * MINUTE_MS

    def __post_init__(self) -> None:
        if self.cadence_ms < 100:
            raise InvalidValueError("cadence_ms", self.cadence_ms, "100 ms or more")
        if not 0 <= self.noise_m <= 1_000:
            raise InvalidValueError("noise_m", self.noise_m, "0 to 1000 meters")
        if not 0 <= self.noise_memory < 1:
            raise InvalidValueError("noise_memory", self.noise_memory, "0 up to, but not, 1")
        if not 0 <= self.dropouts_per_hour <= 60:
            raise InvalidValueError("dropouts_per_hour", self.dropouts_per_hour, "0 to 60")
        if self.dropout_ms < 1:
            raise InvalidValueError("dropout_ms", self.dropout_ms, "above 0")


@dataclass(frozen=True, slots=True)
class ScenarioSpec:
    """A city, its demand, and how everybody in it behaves: with a seed and a policy, all that a run needs.

    Attributes
    ----------
    name : str
        A word for files and logs.
    title : str
        A line for people.
    starts_at_ms, duration_ms : int
        The window in which orders are placed.
    drain_ms : int
        How long a run goes on after the window at most, for orders still open.
    setup : CitySetup
        The city, as the control room needs it.
    streets : str
        What ``setup.travel`` was made from (a seed, a speed): part of the scenario's hash in its place.
    demand : PoissonDemand or RecordedDemand
        Who orders what and when.
    shifts : tuple of RiderShift
        The fleet.
    gps : GpsSpec or None
        The riders' phones; required with full tracking.
    tracking : Tracking
        ``full``: phones report positions; ``events``: riders only report what they do.
    """

    name: str
    title: str
    starts_at_ms: Millis
    duration_ms: Millis
    setup: CitySetup
    streets: str
    demand: Demand
    shifts: tuple[RiderShift, ...]
    kitchens: KitchenSpec = field(default_factory=KitchenSpec)
    riders: RiderBehavior = field(default_factory=RiderBehavior)
    customers: CustomerBehavior = field(default_factory=CustomerBehavior)
    gps: GpsSpec | None = None
    tracking: Tracking = Tracking.EVENTS
    drain_ms: Millis = 3 * HOUR_MS

    def __post_init__(self) -> None:
        if not self.name:
            raise InvalidValueError("name", self.name, "a word")
        for name in ("starts_at_ms", "duration_ms", "drain_ms"):
            if getattr(self, name) < 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")
        self._check_shifts()
        self._check_demand()
        if self.tracking is Tracking.FULL and (self.gps is None or self.setup.tracking_params is None):
            raise InvalidValueError(
                "tracking", str(self.tracking), "full only with gps and tracking parameters"
            )

    @property
    def ends_at_ms(self) -> Millis:
        """The end of the window in which orders are placed."""
        return self.starts_at_ms + self.duration_ms

    @property
    def scenario_hash(self) -> str:
        """SHA-256 of everything that a run depends on besides seed and policy, hexadecimal."""
        own = [(f.name, getattr(self, f.name)) for f in fields(self) if f.name != "setup"]
        setup = self.setup
        city = (setup.city, setup.rules, setup.service_times, setup.dispatch_params, setup.tracking_params)
        return hashlib.sha256(repr((own, city)).encode()).hexdigest()

    def _check_shifts(self) -> None:
        seen: set[RiderId] = set()
        for shift in self.shifts:
            if shift.rider_id in seen:
                raise InvalidValueError("shifts", shift.rider_id, "each rider once")
            seen.add(shift.rider_id)

    def _check_demand(self) -> None:
        if not isinstance(self.demand, RecordedDemand):
            return
        merchants = {merchant.merchant_id for merchant in self.setup.city.merchants}
        for order in self.demand.orders:
            if order.merchant_id not in merchants:
                raise InvalidValueError("merchant_id", order.merchant_id, "a merchant of the city")
            if not self.starts_at_ms <= order.placed_at_ms <= self.ends_at_ms:
                allowed = f"inside the window, {self.starts_at_ms} to {self.ends_at_ms}"
                raise InvalidValueError("placed_at_ms", order.placed_at_ms, allowed)
