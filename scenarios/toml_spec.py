"""A scenario file as a `ScenarioSpec`."""

from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.params import DispatchParams, PrepositioningParams
from domain.errors import InvalidValueError
from domain.geo import Frame
from domain.loads import Vehicle
from domain.places import City, PromisePolicy, Zone
from domain.plans import AdditionsUntil, ServiceRules, ServiceTimes
from domain.units import MINUTE_MS, SECOND_MS, Millis
from roads.geojson import city_geojson
from roads.synthetic import SyntheticCity, synthetic_city
from roads.travel_times import StreetTravelTimes
from runtime.city_setup import CitySetup
from scenarios.places import Sites, draw_sites, draw_starts, rider_name
from scenarios.toml_text import ScenarioTables, read_tables
from sim.demand import KitchenSpec, PoissonDemand, ZoneDemand, check_profile
from sim.spec import CustomerBehavior, GpsSpec, RiderBehavior, RiderShift, ScenarioSpec, Tracking
from sim.wishes import WishSpec
from tracking.params import TrackingParams

Profile: TypeAlias = tuple[tuple[Millis, float], ...]


def read_scenario(path: str | Path) -> ScenarioSpec:
    """Read a scenario file and build its city (about two seconds for a synthetic one).

    Raises
    ------
    InputFileError
        If anything in the file is wrong; it names the line and what would be right.
    """
    file = Path(path)
    tables = read_tables(file)
    starts_at_ms = _check_time(tables)
    profiles = {name: _profile(tables, name) for name in tables.profiles}
    city = _city(tables.tables["city"]["seed"])
    zones = _zones(tables, city)
    sites = _sites(tables, city, zones)
    scenario = tables.tables["scenario"]
    try:
        return ScenarioSpec(
            name=file.stem,
            title=scenario["title"],
            starts_at_ms=starts_at_ms,
            duration_ms=_ms(scenario["duration_min"], MINUTE_MS),
            drain_ms=_ms(scenario["drain_min"], MINUTE_MS),
            setup=_setup(tables, city, sites),
            streets=f"synthetic city, seed {tables.tables['city']['seed']}",
            demand=_demand(tables, profiles, zones, sites),
            shifts=_shifts(tables, sites, starts_at_ms),
            kitchens=_kitchens(tables.tables["merchants"]),
            riders=_riders(tables.tables["riders"]),
            customers=CustomerBehavior(
                _ms(tables.tables["customers"]["cancel_unassigned_after_min"], MINUTE_MS)
            ),
            gps=_gps(tables.tables["gps"]),
            tracking=Tracking(scenario["tracking"]),
        )
    except InvalidValueError as error:
        raise tables.error(str(error), "scenario") from error


@lru_cache(maxsize=2)
def _city(seed: int) -> SyntheticCity:
    """Draw a city once: it is frozen, and drawing takes a second or two."""
    return synthetic_city(seed)


def _ms(value: float, unit_ms: Millis) -> Millis:
    return round(value * unit_ms)


def _check_time(tables: ScenarioTables) -> Millis:
    scenario = tables.tables["scenario"]
    try:
        ZoneInfo(scenario["time_zone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = (
            f"time_zone = {scenario['time_zone']!r} is unknown; allowed: an IANA name, like 'Asia/Shanghai'"
        )
        raise tables.error(message, "scenario", "time_zone") from error
    starts_at: datetime = scenario["starts_at"]
    return round(starts_at.timestamp() * 1_000)


def _zones(tables: ScenarioTables, city: SyntheticCity) -> list[Zone]:
    """Return the city's zone of each entry."""
    known = {zone.zone_id: zone for zone in city.zones}
    zones: list[Zone] = []
    for nth, entry in enumerate(tables.lists["zones"]):
        zone = known.get(entry["id"])
        if zone is None or zone in zones:
            message = (
                f"id = {entry['id']!r} is unknown or there twice; allowed: {', '.join(known)}, each once"
            )
            raise tables.error(message, "zones", "id", nth)
        if entry["profile"] not in tables.profiles:
            names = ", ".join(tables.profiles) or "none is defined"
            message = f"profile = {entry['profile']!r} is not in [profiles] ({names})"
            raise tables.error(message, "zones", "profile", nth)
        zones.append(zone)
    if not any(entry["merchants"] for entry in tables.lists["zones"]):
        raise tables.error("no zone has merchants; at least one must", "zones", "merchants")
    return zones


def _sites(tables: ScenarioTables, city: SyntheticCity, zones: list[Zone]) -> list[Sites]:
    merchants = tables.tables["merchants"]
    sites = []
    for nth, (entry, zone) in enumerate(zip(tables.lists["zones"], zones, strict=True)):
        drawn = draw_sites(
            city.network,
            zone,
            entry["merchants"],
            merchants["preparation_min"],
            merchants["preparation_spread_cv"],
            tables.tables["city"]["seed"],
            nth,
        )
        if len(drawn.merchants) < entry["merchants"]:
            message = f"merchants = {entry['merchants']}: the zone has room for {len(drawn.merchants)}"
            raise tables.error(message, "zones", "merchants", nth)
        sites.append(drawn)
    return sites


def _setup(tables: ScenarioTables, city: SyntheticCity, sites: list[Sites]) -> CitySetup:
    values, times = tables.tables["city"], tables.tables["service_times"]
    dispatch, rules = tables.tables["dispatch"], tables.tables["rules"]
    travel = StreetTravelTimes(city.network)
    return CitySetup(
        city=City(
            name=f"{city.name_zh} {city.name_en}",
            frame=Frame.WGS84,
            time_zone=tables.tables["scenario"]["time_zone"],
            merchants=tuple(merchant for site in sites for merchant in site.merchants),
            zones=city.zones,
            promise=PromisePolicy(
                _ms(values["promise_floor_min"], MINUTE_MS), _ms(values["promise_allowance_min"], MINUTE_MS)
            ),
        ),
        travel=travel,
        paths=travel,
        rules=ServiceRules(
            max_orders_per_trip=rules["max_orders_per_trip"],
            riders_may_decline=rules["riders_may_decline"],
            additions_until=AdditionsUntil(rules["additions_until"]),
            divert_en_route=rules["divert_en_route"],
            prepositioning=rules["prepositioning"],
        ),
        service_times=ServiceTimes(
            pickup_before_ms=_ms(times["pickup_before_s"], SECOND_MS),
            pickup_after_ms=_ms(times["pickup_after_s"], SECOND_MS),
            dropoff_before_ms=_ms(times["dropoff_before_s"], SECOND_MS),
            dropoff_after_ms=_ms(times["dropoff_after_s"], SECOND_MS),
        ),
        dispatch_params=DispatchParams(
            epoch_ms=_ms(dispatch["epoch_s"], SECOND_MS),
            offer_expires_ms=_ms(dispatch["offer_expires_s"], SECOND_MS),
            prepositioning=_prepositioning(tables),
        ),
        tracking_params=TrackingParams() if tables.tables["scenario"]["tracking"] == "full" else None,
        streets_geojson=partial(city_geojson, city),
    )


def _prepositioning(tables: ScenarioTables) -> PrepositioningParams | None:
    values = tables.tables["prepositioning"]
    if not values["active"]:
        return None
    if not tables.tables["rules"]["prepositioning"]:
        message = "active = true is not possible where [rules] says prepositioning = false; allowed: false"
        raise tables.error(message, "prepositioning", "active")
    return PrepositioningParams(
        horizon_ms=_ms(values["horizon_min"], MINUTE_MS),
        half_life_ms=_ms(values["half_life_min"], MINUTE_MS),
        least_saving_ms=_ms(values["least_saving_min"], MINUTE_MS),
        most_drive_ms=_ms(values["most_drive_min"], MINUTE_MS),
        before_end_ms=_ms(values["before_end_min"], MINUTE_MS),
    )


def _demand(
    tables: ScenarioTables, profiles: dict[str, Profile], zones: list[Zone], sites: list[Sites]
) -> PoissonDemand:
    demand = tables.tables["demand"]
    return PoissonDemand(
        zones=tuple(
            ZoneDemand(zone.zone_id, entry["orders"], profiles[entry["profile"]], site.doors)
            for entry, zone, site in zip(tables.lists["zones"], zones, sites, strict=True)
        ),
        reach_m=demand["reach_m"],
        value_cents=demand["value_cents"],
        scale=demand["scale"],
        overdispersion_cv=demand["overdispersion_cv"],
        wishes=WishSpec(
            demand["load_share"],
            demand["scheduled_share"],
            _ms(demand["scheduled_ahead_min"], MINUTE_MS),
            _ms(demand["window_min"], MINUTE_MS),
        ),
    )


def _profile(tables: ScenarioTables, name: str) -> Profile:
    profile = tuple((_ms(minute, MINUTE_MS), float(rate)) for minute, rate in tables.profiles[name])
    duration_ms = _ms(tables.tables["scenario"]["duration_min"], MINUTE_MS)
    try:
        check_profile(profile)
    except InvalidValueError as error:
        message = f"profile {name!r} is not possible; allowed: {error.allowed}"
        raise tables.error(message, "profiles", name) from error
    if profile[0][0] < 0 or profile[-1][0] > duration_ms:
        message = f"profile {name!r} leaves the window; allowed: minutes 0 to {duration_ms / MINUTE_MS:g}"
        raise tables.error(message, "profiles", name)
    return profile


def _shifts(tables: ScenarioTables, sites: list[Sites], starts_at_ms: Millis) -> tuple[RiderShift, ...]:
    shifts: list[RiderShift] = []
    seed = tables.tables["city"]["seed"]
    for nth, entry in enumerate(tables.lists["shifts"]):
        if entry["to_min"] <= entry["from_min"] + entry["spread_min"]:
            message = f"to_min = {entry['to_min']} is not possible; allowed: after from_min + spread_min"
            raise tables.error(message, "shifts", "to_min", nth)
        begins_ms = starts_at_ms + _ms(entry["from_min"], MINUTE_MS)
        ends_ms = starts_at_ms + _ms(entry["to_min"], MINUTE_MS)
        first = len(shifts)
        vehicle = None if entry["vehicle"] == "any" else Vehicle(entry["vehicle"])
        starts = draw_starts(entry["riders"], sites, entry["spread_min"] * MINUTE_MS, first, seed)
        shifts += [
            RiderShift(f"rider-{index + 1}", rider_name(index), point, begins_ms + late_ms, ends_ms, vehicle)
            for index, (point, late_ms) in enumerate(starts, start=first)
        ]
    return tuple(shifts)


def _kitchens(values: dict[str, Any]) -> KitchenSpec:
    return KitchenSpec(
        preparation_cv=values["preparation_cv"],
        confirm_delay_ms=_ms(values["confirm_delay_s"], SECOND_MS),
        estimate_error_cv=values["estimate_error_cv"],
    )


def _riders(values: dict[str, Any]) -> RiderBehavior:
    return RiderBehavior(
        accept_base=values["accept_base"],
        accept_per_minute=values["accept_per_minute"],
        answer_delay_ms=_ms(values["answer_delay_s"], SECOND_MS),
        drive_cv=values["drive_cv"],
        dwell_cv=values["dwell_cv"],
    )


def _gps(values: dict[str, Any]) -> GpsSpec:
    return GpsSpec(
        cadence_ms=_ms(values["cadence_s"], SECOND_MS),
        noise_m=values["noise_m"],
        noise_memory=values["noise_memory"],
        dropouts_per_hour=values["dropouts_per_hour"],
        dropout_ms=_ms(values["dropout_min"], MINUTE_MS),
    )
