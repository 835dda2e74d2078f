"""Views of riders that are kept from decision to decision, as long as they are true."""

from typing import NamedTuple

from dispatch.snapshot import RiderView
from domain.plans import Stop
from domain.units import Millis


class BusyRider(NamedTuple):
    """The view of a rider on a trip, true while the trip has these very stops and up to an instant."""

    stops: tuple[Stop, ...]
    until_ms: Millis
    view: RiderView


class ComingRiders(NamedTuple):
    """Who comes on duty soon: true until before an instant, unless a shift is announced or begins."""

    from_ms: Millis
    until_ms: Millis
    views: tuple[RiderView, ...]
