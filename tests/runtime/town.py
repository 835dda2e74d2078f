"""A town of sixteen crossings for tests of the shell: real streets, real engines, three kitchens."""

from functools import cache

import networkx as nx

from dispatch.params import DispatchParams, PrepositioningParams
from domain.geo import Frame, Point
from domain.places import City, Merchant
from domain.plans import ServiceRules, ServiceTimes
from domain.units import HOUR_MS
from roads.graph import StreetNetwork
from roads.travel_times import StreetTravelTimes
from runtime.bootstrap import build_control_room, new_header
from runtime.city_setup import CitySetup
from runtime.control_room import ControlRoom
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import EventLog, LogHeader
from tracking.params import TrackingParams

START_MS = 1_800_000_000_000
SIDE = 4
BLOCK_DEG = 0.005
WEST, SOUTH = 104.0, 30.0
SCENARIO = "town"


def corner(column: int, row: int) -> Point:
    return Point(WEST + column * BLOCK_DEG, SOUTH + row * BLOCK_DEG)


def anywhere(number: int) -> Point:
    """Spread numbers over places near the crossings."""
    near = corner(number % SIDE, number // SIDE % SIDE)
    return Point(near.x + number % 7 * 1e-5, near.y)


@cache
def streets() -> StreetTravelTimes:
    graph = nx.MultiDiGraph()
    for key in range(SIDE * SIDE):
        point = corner(key % SIDE, key // SIDE)
        graph.add_node(key, x=point.x, y=point.y)
    for key in range(SIDE * SIDE):
        for other in (
            key + 1 if (key + 1) % SIDE else None,
            key + SIDE if key + SIDE < SIDE * SIDE else None,
        ):
            if other is not None:
                for start, end in ((key, other), (other, key)):
                    graph.add_edge(start, end, **_street(450.0 + 10 * key))
    return StreetTravelTimes(StreetNetwork(graph))


def _street(length_m: float) -> dict[str, object]:
    return {
        "length_m": length_m,
        "speed_kmh": 24.0,
        "name_en": "Main Street",
        "name_zh": "大街",
        "road_class": "street",
        "bridge": False,
    }


TOWN = City(
    "Town",
    Frame.WGS84,
    "Asia/Shanghai",
    (
        Merchant("m1", "Noodles", corner(0, 0), 300_000),
        Merchant("m2", "Dumplings", corner(2, 1), 420_000),
        Merchant("m3", "Pizza", corner(3, 3), 600_000),
    ),
)


def setup(params: DispatchParams = DispatchParams(), **rules: object) -> CitySetup:  # noqa: B008
    return CitySetup(
        city=TOWN,
        travel=streets(),
        paths=streets(),
        rules=ServiceRules(**rules),  # type: ignore[arg-type]
        service_times=ServiceTimes(),
        dispatch_params=params,
        tracking_params=TrackingParams(),
    )


def header(seed: int | None = None) -> LogHeader:
    return new_header(setup(), scenario=SCENARIO, policy="nearest", seed=seed)


MOVING = DispatchParams(
    prepositioning=PrepositioningParams(least_saving_ms=1_000, most_drive_ms=HOUR_MS, before_end_ms=0)
)
"""Riders are moved as soon as it saves a second."""


def control_room(
    log: EventLog | None = None,
    solve_ms: int = 0,
    params: DispatchParams = DispatchParams(),  # noqa: B008
) -> ControlRoom:
    log = log or MemoryLog(header())
    return build_control_room(setup_with(params), log, policy="nearest", solve_ms=solve_ms)


def setup_with(params: DispatchParams) -> CitySetup:
    """Return the town with parameters, and with rules that let riders be moved if these do."""
    return setup(params, prepositioning=params.prepositioning is not None)
