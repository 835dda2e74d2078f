"""Every key that a scenario file may hold: kind, range, default and meaning. This is their reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.loads import Vehicle


class Kind(StrEnum):
    """What a key holds."""

    TEXT = "text"
    INTEGER = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    INSTANT = "a date and time with offset, like 2026-03-17T11:00:00+08:00"
    PROFILE = "a list of [minute, rate] pairs"


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes
    ----------
    kind : Kind
        What it holds.
    meaning : str
        One line, with the unit where the name does not carry it.
    low, high : float or None
        Allowed range, inclusive, where there is one.
    default : object
        What holds where the key is absent; ``...`` where it must be given.
    choices : tuple of str
        The only values, where there are few.
    """

    kind: Kind
    meaning: str
    low: float | None = None
    high: float | None = None
    default: Any = ...
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What would be right, in words."""
        if self.choices:
            return " or ".join(repr(choice) for choice in self.choices)
        if self.low is None:
            return str(self.kind)
        return f"{self.kind}, {self.low:g} to {self.high:g}"

    def holds(self, value: object) -> bool:
        """Tell whether a value is possible."""
        if self.kind is Kind.TEXT:
            return isinstance(value, str) and value != "" and (not self.choices or value in self.choices)
        if self.kind is Kind.FLAG:
            return isinstance(value, bool)
        if self.kind is Kind.INSTANT:
            return isinstance(value, datetime) and value.tzinfo is not None
        if self.kind is Kind.PROFILE:
            return _is_profile(value)
        numbers = (int,) if self.kind is Kind.INTEGER else (int, float)
        if isinstance(value, bool) or not isinstance(value, numbers):
            return False
        return self.low is None or self.high is None or self.low <= value <= self.high


def _is_profile(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(part, int | float) and not isinstance(part, bool) for part in pair)
        for pair in value
    )


DAY_MIN = 24 * 60

SCENARIO = {
    "title": Key(Kind.TEXT, "a line for people"),
    "description": Key(Kind.TEXT, "one paragraph"),
    "starts_at": Key(Kind.INSTANT, "when the window begins in which orders are placed"),
    "time_zone": Key(Kind.TEXT, "IANA name, for showing clock times", default="Asia/Shanghai"),
    "duration_min": Key(Kind.NUMBER, "length of the window", 1, 7 * DAY_MIN),
    "drain_min": Key(Kind.NUMBER, "how long a run goes on afterwards at most", 0, DAY_MIN, 180),
    "tracking": Key(
        Kind.TEXT,
        "full: phones report positions; events: riders only report what they do",
        default="full",
        choices=("full", "events"),
    ),
}
CITY = {
    "seed": Key(Kind.INTEGER, "the synthetic city, its merchants and where riders start", 0, 2**31),
    "promise_floor_min": Key(Kind.NUMBER, "shortest promise after placement", 0, 240, 30),
    "promise_allowance_min": Key(Kind.NUMBER, "promised beyond ready time and drive", 0, 240, 12),
}
ZONE = {
    "id": Key(Kind.TEXT, "a zone of the city"),
    "merchants": Key(Kind.INTEGER, "kitchens in it", 0, 1_000, 0),
    "orders": Key(Kind.NUMBER, "expected orders from its doors in the window", 0, 1_000_000, 0),
    "profile": Key(Kind.TEXT, "a name of [profiles]"),
}
DEMAND = {
    "reach_m": Key(
        Kind.NUMBER, "preference for a merchant falls by 1/e with each such distance", 100, 20_000, 1800
    ),
    "value_cents": Key(Kind.INTEGER, "mean basket", 0, 1_000_000, 4_600),
    "scale": Key(Kind.NUMBER, "factor on all expected orders; scaled days are nested", 0.01, 3, 1),
    "overdispersion_cv": Key(Kind.NUMBER, "how much days differ in each zone", 0, 2, 0),
    "load_share": Key(Kind.NUMBER, "share of the orders that state type, volume and weight", 0, 1, 0),
    "scheduled_share": Key(Kind.NUMBER, "share of the orders with a delivery window", 0, 1, 0),
    "scheduled_ahead_min": Key(Kind.NUMBER, "mean time from placement to the window", 1, DAY_MIN, 120),
    "window_min": Key(Kind.NUMBER, "length of a delivery window", 15, DAY_MIN, 30),
}
MERCHANTS = {
    "preparation_min": Key(Kind.NUMBER, "mean preparation over all merchants", 0, 240, 17.7),
    "preparation_spread_cv": Key(Kind.NUMBER, "spread of merchants' usual times (gamma)", 0.01, 2, 0.25),
    "preparation_cv": Key(Kind.NUMBER, "spread of orders around the usual time (gamma)", 0.01, 2, 0.55),
    "confirm_delay_s": Key(Kind.NUMBER, "mean time until an order is acknowledged", 0, 3_600, 45),
    "estimate_error_cv": Key(Kind.NUMBER, "error of the ready time stated then", 0, 1, 0.2),
}
SHIFT = {
    "riders": Key(Kind.INTEGER, "how many work this shift", 1, 100_000),
    "from_min": Key(Kind.NUMBER, "start, minutes after the window begins", -DAY_MIN, 7 * DAY_MIN),
    "to_min": Key(Kind.NUMBER, "end, minutes after the window begins", -DAY_MIN, 8 * DAY_MIN),
    "spread_min": Key(Kind.NUMBER, "riders log on within so long after the start", 0, 240, 0),
    "vehicle": Key(
        Kind.TEXT,
        "how they get about, which limits what they can carry; any: no limit",
        default="any",
        choices=("any", *Vehicle),
    ),
}
RIDERS = {
    "accept_base": Key(Kind.NUMBER, "logit of accepting a trip next door", -10, 20, 2.5),
    "accept_per_minute": Key(Kind.NUMBER, "change per minute to the merchant", -5, 5, -0.15),
    "answer_delay_s": Key(Kind.NUMBER, "mean time to answer an offer", 0, 600, 9),
    "drive_cv": Key(Kind.NUMBER, "spread of drives around the plan", 0, 2, 0),
    "dwell_cv": Key(Kind.NUMBER, "spread of service times", 0, 2, 0),
}
SERVICE_TIMES = {
    "pickup_before_s": Key(Kind.NUMBER, "from arrival at the merchant to the pickup", 0, 3_600, 60),
    "pickup_after_s": Key(Kind.NUMBER, "from the pickup to leaving", 0, 3_600, 30),
    "dropoff_before_s": Key(Kind.NUMBER, "from arrival at the door to the drop-off", 0, 3_600, 60),
    "dropoff_after_s": Key(Kind.NUMBER, "from the drop-off to leaving", 0, 3_600, 30),
}
RULES = {
    "max_orders_per_trip": Key(Kind.INTEGER, "most orders of one trip", 1, 20, 3),
    "riders_may_decline": Key(Kind.FLAG, "trips are offered, not ordered", default=True),
    "additions_until": Key(
        Kind.TEXT,
        "until when orders may join a trip to their merchant",
        default="departure",
        choices=("departure", "arrival", "pickup"),
    ),
    "divert_en_route": Key(Kind.FLAG, "riders may be called back on the way to a merchant", default=False),
    "prepositioning": Key(Kind.FLAG, "riders may be sent to a merchant without an order", default=True),
}
CUSTOMERS = {
    "cancel_unassigned_after_min": Key(Kind.NUMBER, "patience without a rider", 1, DAY_MIN, 45),
}
DISPATCH = {
    "epoch_s": Key(Kind.NUMBER, "time between decisions", 1, 600, 15),
    "offer_expires_s": Key(Kind.NUMBER, "time to answer an offer", 1, 600, 45),
}
PREPOSITIONING = {
    "active": Key(Kind.FLAG, "idle riders are advised to wait where orders are expected", default=False),
    "horizon_min": Key(Kind.NUMBER, "orders are expected so far ahead", 1, 60, 10),
    "half_life_min": Key(Kind.NUMBER, "an order so old tells half as much about demand", 1, 240, 15),
    "least_saving_min": Key(Kind.NUMBER, "on the expected drive to the next merchant", 0.1, 30, 2),
    "most_drive_min": Key(Kind.NUMBER, "nobody is sent farther", 0.5, 60, 8),
    "before_end_min": Key(Kind.NUMBER, "nobody is moved so shortly before the end of the shift", 0, 240, 20),
}
GPS = {
    "cadence_s": Key(Kind.NUMBER, "time between two fixes of a phone", 0.5, 600, 5),
    "noise_m": Key(Kind.NUMBER, "standard deviation of the error, each axis", 0, 200, 5),
    "noise_memory": Key(Kind.NUMBER, "correlation of errors from fix to fix", 0, 0.999, 0.8),
    "dropouts_per_hour": Key(Kind.NUMBER, "silences of one phone per hour", 0, 60, 0),
    "dropout_min": Key(Kind.NUMBER, "mean length of a silence", 0.1, 240, 3),
}

TABLES: Mapping[str, Mapping[str, Key]] = {
    "scenario": SCENARIO,
    "city": CITY,
    "demand": DEMAND,
    "merchants": MERCHANTS,
    "riders": RIDERS,
    "service_times": SERVICE_TIMES,
    "rules": RULES,
    "customers": CUSTOMERS,
    "dispatch": DISPATCH,
    "prepositioning": PREPOSITIONING,
    "gps": GPS,
}
"""Tables that appear once; only `scenario` and `city` have keys without a default."""

LISTS: Mapping[str, Mapping[str, Key]] = {"zones": ZONE, "shifts": SHIFT}
"""Tables that appear once per entry, at least one entry each."""

PROFILES = "profiles"
"""The table whose keys are names of the author's own, each holding a profile."""
