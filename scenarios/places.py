"""Where a synthetic city's people live, cook and start: drawn from the city's seed, the same in every run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.geo import Point, contains, offset
from domain.places import Merchant, Zone
from domain.units import MINUTE_MS
from roads.graph import StreetNetwork
from sim.randomness import StreamKind, Streams, gamma_ms

CUISINES = (
    ("牛肉面", "Beef Noodles"),
    ("小笼包", "Soup Dumplings"),
    ("川菜馆", "Sichuan Kitchen"),
    ("粤式烧腊", "Cantonese Roast"),
    ("黄焖鸡", "Braised Chicken"),
    ("麻辣烫", "Spicy Hot Soup"),
    ("沙县小吃", "Shaxian Snacks"),
    ("兰州拉面", "Hand-Pulled Noodles"),
    ("轻食沙拉", "Salad Bar"),
    ("饺子馆", "Dumpling House"),
    ("茶餐厅", "Tea Restaurant"),
    ("寿司", "Sushi"),
    ("汉堡店", "Burger Shop"),
    ("粥铺", "Congee Shop"),
    ("煲仔饭", "Claypot Rice"),
    ("素食馆", "Vegetarian Kitchen"),
)
SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗"
GIVEN_NAMES = ("伟", "敏", "静", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "霞", "平")

DOOR_STRAY_M = 20.0
"""Doors lie a little off the crossing that riders stop at."""


@dataclass(frozen=True, slots=True)
class Sites:
    """The places of one zone.

    Attributes
    ----------
    merchants : tuple of Merchant
        Its kitchens.
    doors : tuple of Point
        Its doors, each near a crossing.
    """

    merchants: tuple[Merchant, ...]
    doors: tuple[Point, ...]


def draw_sites(
    network: StreetNetwork,
    zone: Zone,
    merchants: int,
    preparation_min: float,
    preparation_spread_cv: float,
    seed: int,
    index: int,
) -> Sites:
    """Draw the kitchens and doors of a zone.

    Parameters
    ----------
    network : StreetNetwork
        The streets.
    zone : Zone
        The zone; at least one crossing must lie in it.
    merchants : int
        How many kitchens.
    preparation_min, preparation_spread_cv : float
        Mean and spread of the kitchens' usual preparation.
    seed, index : int
        The city's seed, and the zone's position in the scenario.
    """
    streams = Streams(seed)
    inside = [network.point(key) for key in range(network.node_count)]
    crossings = [point for point in inside if contains(zone.polygon, point)]
    own = streams.stream(StreamKind.SITE_MERCHANTS, index)
    chosen = own.permutation(len(crossings))[:merchants].tolist()
    cuisines = [
        CUISINES[nth % len(CUISINES)] for nth in own.permutation(max(merchants, len(CUISINES))).tolist()
    ]
    kitchens = tuple(
        Merchant(
            merchant_id=f"{zone.zone_id}-{nth + 1}",
            name=f"{zone.name_zh}{cuisine[0]} {zone.name_en} {cuisine[1]}",
            point=crossings[place],
            preparation_ms=gamma_ms(own, preparation_min * MINUTE_MS, preparation_spread_cv),
        )
        for nth, (place, cuisine) in enumerate(zip(chosen, cuisines, strict=False))
    )
    drawn_m = streams.stream(StreamKind.SITE_DOORS, index).normal(0, DOOR_STRAY_M, (len(crossings), 2))
    strays_m = np.clip(drawn_m, -2 * DOOR_STRAY_M, 2 * DOOR_STRAY_M)
    doors = tuple(
        offset(point, east_m, north_m, network.frame)
        for point, (east_m, north_m) in zip(crossings, strays_m.tolist(), strict=True)
    )
    return Sites(kitchens, doors)


def draw_starts(
    riders: int, sites: Sequence[Sites], spread_ms: float, first: int, seed: int
) -> list[tuple[Point, int]]:
    """Draw where riders come on duty, mostly where kitchens are, and how late after the start of the shift.

    Parameters
    ----------
    riders : int
        How many.
    sites : sequence of Sites
        The zones' places.
    spread_ms : float
        Riders log on within so long.
    first : int
        Stream key of the first of them.
    seed : int
        The city's seed.
    """
    streams = Streams(seed)
    weights = np.array([len(site.merchants) + 0.5 for site in sites])
    drawn = []
    for nth in range(riders):
        own = streams.stream(StreamKind.SITE_RIDERS, first + nth)
        site = sites[int(own.choice(len(sites), p=weights / weights.sum()))]
        point = site.doors[int(own.integers(len(site.doors)))]
        drawn.append((point, round(float(own.random()) * spread_ms)))
    return drawn


def rider_name(index: int) -> str:
    """Return a name for the rider at a position; names repeat after 320."""
    return (
        SURNAMES[(index * 7) % len(SURNAMES)] + GIVEN_NAMES[(index * 7 // len(SURNAMES)) % len(GIVEN_NAMES)]
    )
