"""Places of a city: merchants, zones, and what a city promises."""

from dataclasses import dataclass

from domain.errors import InvalidValueError
from domain.geo import Frame, Point, contains
from domain.ids import MerchantId, ZoneId
from domain.units import MINUTE_MS, Millis


@dataclass(frozen=True, slots=True)
class Merchant:
    """A kitchen that orders are picked up from.

    Attributes
    ----------
    merchant_id : str
        Its identifier.
    name : str
        The name shown to people.
    point : Point
        Where the rider picks up, in the city's frame.
    preparation_ms : int
        Usual preparation time; the ready estimate of an order that states none.
    """

    merchant_id: MerchantId
    name: str
    point: Point
    preparation_ms: Millis = 15 * MINUTE_MS

    def __post_init__(self) -> None:
        if not self.preparation_ms >= 0:
            raise InvalidValueError("preparation_ms", self.preparation_ms, "0 or more")


@dataclass(frozen=True, slots=True)
class Zone:
    """A named part of the city: a polygon in the city's frame (the closing edge is implied)."""

    zone_id: ZoneId
    name_en: str
    name_zh: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """When an order is promised: ready estimate + travel + allowance, but never sooner than a floor.

    Attributes
    ----------
    floor_ms : int
        The shortest promise after placement.
    allowance_ms : int
        Added to the ready estimate and the drive from the merchant to the door.
    """

    floor_ms: Millis = 30 * MINUTE_MS
    allowance_ms: Millis = 12 * MINUTE_MS

    def __post_init__(self) -> None:
        for name in ("floor_ms", "allowance_ms"):
            if not getattr(self, name) >= 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")


@dataclass(frozen=True, slots=True)
class City:
    """What every part of Peakline knows of a city, apart from its streets.

    Attributes
    ----------
    name : str
        Name shown to people.
    frame : Frame
        How points are meant.
    time_zone : str
        IANA time zone, for showing clock times.
    currency : str
        ISO-4217 code of all amounts.
    merchants : tuple of Merchant
        Every kitchen.
    zones : tuple of Zone
        Named zones; points outside all of them belong to the zone ``all``.
    promise : PromisePolicy
        When an order is promised.
    """

    name: str
    frame: Frame
    time_zone: str
    merchants: tuple[Merchant, ...]
    zones: tuple[Zone, ...] = ()
    currency: str = "CNY"
    promise: PromisePolicy = PromisePolicy()

    def __post_init__(self) -> None:
        seen: set[MerchantId] = set()
        for merchant in self.merchants:
            if merchant.merchant_id in seen:
                raise InvalidValueError("merchants", merchant.merchant_id, "each merchant once")
            seen.add(merchant.merchant_id)

    def zone_of(self, point: Point) -> ZoneId:
        """Return the zone that a point lies in, or ``all`` where no zone holds it."""
        for zone in self.zones:
            if contains(zone.polygon, point):
                return zone.zone_id
        return ALL_ZONES


ALL_ZONES: ZoneId = "all"
"""The zone of a point outside every polygon, and the topic that covers the whole city."""
