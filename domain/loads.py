"""How much an order takes up, and how much a rider can carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import InvalidValueError

MOST_VOLUME_L = 500
"""The largest order, and the largest vehicle, in liters."""
MOST_WEIGHT_G = 200_000
"""The heaviest order, and the most that a vehicle carries, in grams."""


def _check(field: str, value: int, low: int, high: int, unit: str) -> None:
    if type(value) is not int or not low <= value <= high:
        raise InvalidValueError(field, value, f"a whole number of {unit}, {low} to {high}")


class OrderType(StrEnum):
    """What an order is, as far as carrying it is concerned."""

    MEAL = "meal"
    GROCERIES = "groceries"
    PHARMACY = "pharmacy"
    PARCEL = "parcel"


class Vehicle(StrEnum):
    """How a rider gets about."""

    ON_FOOT = "on_foot"
    BICYCLE = "bicycle"
    E_BIKE = "e_bike"
    SCOOTER = "scooter"
    CAR = "car"


@dataclass(frozen=True, slots=True)
class Load:
    """What an order is and takes up.

    Attributes
    ----------
    type : OrderType
        What it is.
    volume_l : int
        Room that it takes, in whole liters; 0: not worth counting.
    weight_g : int
        Weight in grams; 0: not worth counting.
    """

    type: OrderType = OrderType.MEAL
    volume_l: int = 0
    weight_g: int = 0

    def __post_init__(self) -> None:
        _check("volume_l", self.volume_l, 0, MOST_VOLUME_L, "liters")
        _check("weight_g", self.weight_g, 0, MOST_WEIGHT_G, "grams")


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a rider can carry at a time.

    Attributes
    ----------
    volume_l : int
        Room in whole liters.
    weight_g : int
        Weight in grams.
    """

    volume_l: int
    weight_g: int

    def __post_init__(self) -> None:
        _check("volume_l", self.volume_l, 1, MOST_VOLUME_L, "liters")
        _check("weight_g", self.weight_g, 1, MOST_WEIGHT_G, "grams")


USUAL_CAPACITY: Mapping[Vehicle, Capacity] = {
    Vehicle.ON_FOOT: Capacity(25, 8_000),
    Vehicle.BICYCLE: Capacity(45, 12_000),
    Vehicle.E_BIKE: Capacity(60, 20_000),
    Vehicle.SCOOTER: Capacity(90, 30_000),
    Vehicle.CAR: Capacity(400, 150_000),
}
"""What a vehicle carries where nothing else is said: a backpack holds 45 l, a scooter's box 90 l."""


def capacity_of(vehicle: Vehicle | None, capacity: Capacity | None) -> Capacity | None:
    """Return what a rider can carry: as stated, else as usual for the vehicle, else None for no limit."""
    if capacity is not None or vehicle is None:
        return capacity
    return USUAL_CAPACITY[vehicle]
