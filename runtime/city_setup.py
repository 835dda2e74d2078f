"""What is needed to open a control room for a city, in one frozen value."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from dispatch.params import DispatchParams
from domain.pay import DEFAULT_PAY, PayScheme
from domain.places import City
from domain.plans import ServiceRules, ServiceTimes
from domain.ports import StreetPaths, TravelTimes
from tracking.params import TrackingParams


@dataclass(frozen=True, slots=True)
class CitySetup:
    """A city, its streets, its rules, and how the engines work in it.

    Attributes
    ----------
    city : City
        Merchants, zones and promise policy.
    travel : TravelTimes
        How long drives take; picklable, because the live solver works in a process of its own.
    paths : StreetPaths
        Which way drives go.
    rules : ServiceRules
        What the city allows.
    service_times : ServiceTimes
        How long stops take.
    dispatch_params : DispatchParams
        How dispatch works.
    tracking_params : TrackingParams or None
        How tracking works; None: there is no tracking engine (Grubhub).
    pay : PayScheme
        What riders earn.
    streets_geojson : callable or None
        Gives the streets as a GeoJSON feature collection for maps; None where there are none.
    """

    city: City
    travel: TravelTimes
    paths: StreetPaths
    rules: ServiceRules
    service_times: ServiceTimes
    dispatch_params: DispatchParams
    tracking_params: TrackingParams | None = None
    pay: PayScheme = DEFAULT_PAY
    streets_geojson: Callable[[], dict[str, Any]] | None = None

    def fingerprint(self) -> str:
        """Return a SHA-256 over city, rules and parameters, for the header of a log, hexadecimal."""
        values = (
            self.city,
            self.rules,
            self.service_times,
            self.dispatch_params,
            self.tracking_params,
            self.pay,
        )
        return hashlib.sha256(msgspec.json.encode(values)).hexdigest()
