"""Where the merchants of a city are, and that riders can get there."""

from domain.errors import InvalidValueError
from domain.ids import MerchantId
from domain.places import City
from domain.ports import LocationKey, TravelTimes
from domain.units import HOUR_MS

REACHABLE_MS = 12 * HOUR_MS
"""A merchant farther from the others than this is a mistake in the data, or cut off from them."""


def locate_merchants(city: City, travel: TravelTimes) -> dict[MerchantId, LocationKey]:
    """Return where every merchant is.

    Raises
    ------
    InvalidValueError
        If one is outside the city, or riders cannot get there; names the merchant.
    """
    locations: dict[MerchantId, LocationKey] = {}
    for merchant in city.merchants:
        try:
            locations[merchant.merchant_id] = travel.locate(merchant.point)
        except InvalidValueError as error:
            field = f"merchant {merchant.merchant_id}: {error.field}"
            raise InvalidValueError(field, error.value, error.allowed) from error
    if not locations:
        return locations
    first = city.merchants[0].merchant_id
    drives_ms = travel.durations_ms([locations[first]], list(locations.values()), 0)[0].tolist()
    for merchant_id, drive_ms in zip(locations, drives_ms, strict=True):
        if not 0 <= drive_ms <= REACHABLE_MS:
            allowed = f"0 to {REACHABLE_MS} ms from merchant {first}, so that riders can get there"
            raise InvalidValueError(f"merchant {merchant_id}: drive_ms", drive_ms, allowed)
    return locations
