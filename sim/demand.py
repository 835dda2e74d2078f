"""Which orders the city's customers place, and when: drawn, or exactly as recorded.

References
----------
Non-homogeneous Poisson process by its number first, then its times by inverting the cumulative rate: Law,
*Simulation Modeling and Analysis*, 5th edition, section 8.6.2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidValueError
from domain.geo import Point, distance_m
from domain.ids import MerchantId, ZoneId
from domain.loads import Load
from domain.places import City
from domain.schedule import DeliveryWindow
from domain.units import Cents, Millis
from sim.randomness import StreamKind, Streams, gamma_ms
from sim.wishes import NO_WISHES, WishSpec


@dataclass(frozen=True, slots=True)
class DrawnOrder:
    """One order as its customer and its kitchen will make it happen.

    Attributes
    ----------
    stream_key : tuple of int
        Entity of its random stream: zone and index in the largest nested demand, or the index in a record.
    placed_at_ms : int
        When the customer orders.
    preparation_ms : int
        What the kitchen really needs, from placement.
    ready_at_ms, promised_at_ms : int or None
        What is stated with the order; None leaves it to the city.
    load, window : Load or None, DeliveryWindow or None
        What it takes up and when it is wanted, where the customer says so.
    """

    stream_key: tuple[int, ...]
    placed_at_ms: Millis
    merchant_id: MerchantId
    dropoff: Point
    value_cents: Cents
    preparation_ms: Millis
    ready_at_ms: Millis | None = None
    promised_at_ms: Millis | None = None
    reference: str = ""
    load: Load | None = None
    window: DeliveryWindow | None = None


@dataclass(frozen=True, slots=True)
class KitchenSpec:
    """How kitchens work.

    Attributes
    ----------
    preparation_cv : float
        Coefficient of variation of an order's preparation around its merchant's usual time; gamma, because
        that fits the Grubhub days (mean 17.7 min, CV 0.68 over all kitchens), where a lognormal does not.
    confirm_delay_ms : int or None
        Mean of the time until the kitchen acknowledges (gamma, CV 0.5); None: it never does.
    estimate_error_cv : float
        Error of the ready time that the kitchen states then, as a share of the preparation.
    """

    preparation_cv: float = 0.55
    confirm_delay_ms: Millis | None = 45_000
    estimate_error_cv: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.preparation_cv <= 3:
            raise InvalidValueError("preparation_cv", self.preparation_cv, "above 0, at most 3")
        if self.confirm_delay_ms is not None and self.confirm_delay_ms < 0:
            raise InvalidValueError("confirm_delay_ms", self.confirm_delay_ms, "0 or more, or none")
        if not 0 <= self.estimate_error_cv <= 1:
            raise InvalidValueError("estimate_error_cv", self.estimate_error_cv, "0 to 1")


@dataclass(frozen=True, slots=True)
class ZoneDemand:
    """What one zone orders during the scenario.

    Attributes
    ----------
    zone_id : str
        The zone, for people; drawing uses its position in the list.
    expected_orders : float
        Mean number of orders in the whole window.
    profile : tuple of (int, float)
        Points (ms after the start, relative rate) of the piecewise linear rate; its scale does not matter.
    doors : tuple of Point
        Where customers live, each equally likely.
    """

    zone_id: ZoneId
    expected_orders: float
    profile: tuple[tuple[Millis, float], ...]
    doors: tuple[Point, ...]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.expected_orders) and self.expected_orders >= 0):
            raise InvalidValueError("expected_orders", self.expected_orders, "0 or more")
        if not self.doors:
            raise InvalidValueError("doors", self.doors, f"at least one door in zone {self.zone_id!r}")
        check_profile(self.profile)


def check_profile(profile: Sequence[tuple[Millis, float]]) -> None:
    """Refuse a rate profile that is not one.

    Raises
    ------
    InvalidValueError
        With fewer than two points, instants that do not increase, a negative rate, or none above 0.
    """
    offsets = [at for at, _ in profile]
    rates = [rate for _, rate in profile]
    if len(profile) < 2 or any(late <= early for early, late in pairwise(offsets)):
        raise InvalidValueError("profile", tuple(profile), "two or more points at increasing instants")
    if not all(math.isfinite(rate) and rate >= 0 for rate in rates) or max(rates) == 0:
        raise InvalidValueError("profile", tuple(profile), "rates of 0 or more, at least one above 0")


@dataclass(frozen=True, slots=True)
class PoissonDemand:
    """Customers order independently, more of them at meal times.

    Scaling is nested: with the same seed the orders of a smaller ``scale`` are among those of a larger one.

    Attributes
    ----------
    zones : tuple of ZoneDemand
        Where the orders come from.
    reach_m : float
        Customers prefer near kitchens: the weight of a merchant falls by 1/e with each such distance.
    value_cents : int
        Mean basket (gamma, CV 0.45).
    scale : float
        Factor on all expected orders, at most ``largest_scale``.
    largest_scale : float
        The largest scale that this demand can be compared with.
    overdispersion_cv : float
        Days differ: coefficient of variation of a gamma factor on a zone's expected orders; 0 for none.
    wishes : WishSpec
        What some customers ask for beside the food.
    """

    zones: tuple[ZoneDemand, ...]
    reach_m: float = 1_800.0
    value_cents: Cents = 4_600
    scale: float = 1.0
    largest_scale: float = 3.0
    overdispersion_cv: float = 0.0
    wishes: WishSpec = NO_WISHES

    def __post_init__(self) -> None:
        if not self.zones:
            raise InvalidValueError("zones", self.zones, "at least one zone")
        if not self.reach_m > 0:
            raise InvalidValueError("reach_m", self.reach_m, "above 0")
        if self.value_cents < 0:
            raise InvalidValueError("value_cents", self.value_cents, "0 or more")
        if not 0 < self.scale <= self.largest_scale:
            raise InvalidValueError(
                "scale", self.scale, f"above 0, at most largest_scale ({self.largest_scale:g})"
            )
        if not 0 <= self.overdispersion_cv <= 2:
            raise InvalidValueError("overdispersion_cv", self.overdispersion_cv, "0 to 2")


@dataclass(frozen=True, slots=True)
class RecordedDemand:
    """Exactly these orders, for example of a public benchmark or of a recorded day."""

    orders: tuple[DrawnOrder, ...]

    def __post_init__(self) -> None:
        for order in self.orders:
            if order.preparation_ms < 0:
                raise InvalidValueError("preparation_ms", order.preparation_ms, "0 or more")


Demand = PoissonDemand | RecordedDemand


def draw_orders(
    demand: Demand, city: City, kitchens: KitchenSpec, starts_at_ms: Millis, streams: Streams
) -> list[DrawnOrder]:
    """Return the orders of a run by time of placement (ties: as drawn or recorded)."""
    if isinstance(demand, RecordedDemand):
        return sorted(demand.orders, key=lambda order: order.placed_at_ms)
    menu = _Menu(city, demand.reach_m)
    orders = [
        order
        for index, zone in enumerate(demand.zones)
        for order in _draw_zone(demand, index, zone, menu, kitchens, starts_at_ms, streams)
    ]
    return sorted(orders, key=lambda order: (order.placed_at_ms, order.stream_key))


def _draw_zone(
    demand: PoissonDemand,
    index: int,
    zone: ZoneDemand,
    menu: "_Menu",
    kitchens: KitchenSpec,
    starts_at_ms: Millis,
    streams: Streams,
) -> list[DrawnOrder]:
    stream = streams.stream(StreamKind.DEMAND, index)
    busy = 1.0
    if demand.overdispersion_cv > 0:
        shape = demand.overdispersion_cv**-2
        busy = float(stream.gamma(shape)) / shape
    number = int(stream.poisson(zone.expected_orders * demand.largest_scale * busy))
    marks = stream.random(number)
    offsets = invert_rate(zone.profile, stream.random(number))
    kept = np.flatnonzero(marks < demand.scale / demand.largest_scale)
    orders = []
    for nth in kept.tolist():
        own = streams.stream(StreamKind.ORDER, index, nth)
        door = zone.doors[int(own.integers(len(zone.doors)))]
        merchant_id, usual_ms = menu.choose(door, float(own.random()))
        placed_at_ms = starts_at_ms + int(offsets[nth])
        load = window = None
        if demand.wishes.asks_for_anything:
            wishing = streams.stream(StreamKind.ORDER_WISHES, index, nth)
            load, window = demand.wishes.draw(wishing, placed_at_ms, usual_ms)
        orders.append(
            DrawnOrder(
                stream_key=(index, nth),
                placed_at_ms=placed_at_ms,
                merchant_id=merchant_id,
                dropoff=door,
                value_cents=gamma_ms(own, demand.value_cents, 0.45),
                preparation_ms=gamma_ms(own, usual_ms, kitchens.preparation_cv),
                load=load,
                window=window,
            )
        )
    return orders


def invert_rate(profile: Sequence[tuple[Millis, float]], shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the instants (ms after the start) at which given shares of a profile's orders have been placed.

    Parameters
    ----------
    profile : sequence of (int, float)
        The piecewise linear rate, checked by `check_profile`.
    shares : ndarray
        Between 0 and 1, any order; shape (n,).
    """
    at = np.array([point[0] for point in profile], dtype=np.float64)
    rate = np.array([point[1] for point in profile], dtype=np.float64)
    width = np.diff(at)
    area = np.concatenate(([0.0], np.cumsum(width * (rate[:-1] + rate[1:]) / 2)))
    wanted = shares * area[-1]
    piece = np.clip(np.searchsorted(area, wanted, side="right") - 1, 0, len(width) - 1)
    rest = wanted - area[piece]
    slope = (rate[piece + 1] - rate[piece]) / width[piece]
    # The root of rate x + slope x^2 / 2 = rest in the form that needs no division by the slope.
    root = np.sqrt(np.maximum(rate[piece] ** 2 + 2 * slope * rest, 0.0))
    into = np.divide(2 * rest, rate[piece] + root, out=np.zeros_like(rest), where=rate[piece] + root > 0)
    offsets: NDArray[np.int64] = np.floor(at[piece] + np.minimum(into, width[piece])).astype(np.int64)
    return offsets


class _Menu:
    """Which merchants a door orders from: near ones more often."""

    def __init__(self, city: City, reach_m: float) -> None:
        self._city = city
        self._reach_m = reach_m
        self._cumulative: dict[Point, NDArray[np.float64]] = {}

    def choose(self, door: Point, share: float) -> tuple[MerchantId, Millis]:
        """Return the merchant at a share (0 to 1) of the door's preferences, and its usual preparation."""
        cumulative = self._cumulative.get(door)
        if cumulative is None:
            weights = [
                math.exp(-distance_m(door, merchant.point, self._city.frame) / self._reach_m)
                for merchant in self._city.merchants
            ]
            cumulative = self._cumulative[door] = np.cumsum(weights)
        nth = int(np.searchsorted(cumulative, share * cumulative[-1], side="right"))
        merchant = self._city.merchants[min(nth, len(self._city.merchants) - 1)]
        return merchant.merchant_id, merchant.preparation_ms
