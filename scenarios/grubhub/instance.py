"""A Grubhub instance as a scenario: whole minutes, exact people, and nothing known before its time."""

from dataclasses import dataclass
from pathlib import Path

from dispatch.params import DispatchParams
from domain.errors import InputFileError
from domain.geo import Frame, Point
from domain.pay import PayScheme
from domain.places import City, Merchant, PromisePolicy
from domain.plans import AdditionsUntil, ServiceRules, ServiceTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis
from roads.plane import COORDINATE_MAX_M, MetricPlane
from runtime.city_setup import CitySetup
from scenarios.grubhub.tables import Row, read_rows, read_single_row
from scenarios.grubhub.thinning import thinned
from sim.demand import DrawnOrder, KitchenSpec, RecordedDemand
from sim.spec import CustomerBehavior, RiderBehavior, RiderShift, ScenarioSpec

DAY_STARTS_AT_MS: Millis = 1_519_516_800_000
"""Minute 0: 2018-02-25T00:00Z, the day of the paper."""

PARAMETERS = (
    "meters_per_minute",
    "pickup_service_min",
    "dropoff_service_min",
    "target_click_to_door_min",
    "maximum_click_to_door_min",
    "pay_per_order",
    "guaranteed_pay_per_hour",
)

GRUBHUB_RULES = ServiceRules(
    one_merchant_per_trip=True,
    queue_next_trip=False,
    divert_en_route=False,
    additions_until=AdditionsUntil.DEPARTURE,
    prepositioning=False,
    max_orders_per_trip=None,
    time_grid_ms=MINUTE_MS,
    riders_may_decline=False,
)

INSTANCE_FILES = ("orders.txt", "couriers.txt", "restaurants.txt", "instance_parameters.txt")
"""What an instance consists of."""

DRAIN_MS: Millis = 24 * HOUR_MS
"""Far beyond the last drop-off; a run stops by itself when nobody is left to deliver."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of an instance, in its own units.

    Attributes
    ----------
    pickup_service_min, dropoff_service_min : int
        Even, because half is spent before and half after the pickup or drop-off.
    target_min : int
        Promised click-to-door.
    pay : PayScheme
        What a courier earns.
    """

    meters_per_minute: float
    pickup_service_min: int
    dropoff_service_min: int
    target_min: int
    pay: PayScheme


def is_instance(path: Path) -> bool:
    """Tell whether a path is a folder with at least one file of an instance (one may be missing)."""
    return any((path / name).is_file() for name in INSTANCE_FILES)


def minute_ms(minute: int) -> Millis:
    """Return the instant of a minute of the day."""
    return DAY_STARTS_AT_MS + minute * MINUTE_MS


def minute_of(at_ms: Millis) -> int:
    """Return the minute of the day that an instant lies in; exact, as every duration is a whole minute."""
    return (at_ms - DAY_STARTS_AT_MS) // MINUTE_MS


def read_instance(directory: str | Path, riders_share: float = 1.0) -> ScenarioSpec:
    """Read an instance directory as a scenario.

    Parameters
    ----------
    directory : str or Path
        The instance.
    riders_share : float
        Share of the couriers who come to work, see `thinned`.

    Raises
    ------
    InputFileError
        If a file is missing or damaged, or says something impossible; it names the file and the line.
    InvalidValueError
        If the share of riders is not above 0 and at most 1.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise InputFileError(
            folder, "there is no such directory; an instance is a directory with orders.txt in it"
        )
    parameters = _read_parameters(folder / "instance_parameters.txt")
    seen: set[str] = set()
    merchants = _read_merchants(folder / "restaurants.txt", seen)
    orders = _read_orders(folder / "orders.txt", seen, merchants, parameters)
    shifts = thinned(_read_shifts(folder / "couriers.txt", seen), riders_share)
    plane = MetricPlane(parameters.meters_per_minute)
    # Known from minute 0. Doors get their keys as orders are placed, so that keys tell nothing of the future.
    for point in [m.point for m in merchants.values()] + [shift.point for shift in shifts]:
        plane.locate(point)
    last_ms = max((order.placed_at_ms for order in orders), default=DAY_STARTS_AT_MS)
    return ScenarioSpec(
        name=folder.resolve().name,
        title=_title(folder.resolve().name, riders_share),
        starts_at_ms=DAY_STARTS_AT_MS,
        duration_ms=last_ms - DAY_STARTS_AT_MS,
        drain_ms=DRAIN_MS,
        setup=_setup(folder.resolve().name, merchants, parameters, plane),
        streets=f"plane, {parameters.meters_per_minute!r} meters per minute",
        demand=RecordedDemand(tuple(orders)),
        shifts=tuple(shifts),
        kitchens=KitchenSpec(confirm_delay_ms=None, estimate_error_cv=0.0),
        riders=RiderBehavior(drive_cv=0.0, dwell_cv=0.0),
        customers=CustomerBehavior(cancel_unassigned_after_ms=None),
    )


def _title(name: str, riders_share: float) -> str:
    of = "" if riders_share == 1 else f", {100 * riders_share:g} % of the riders"
    return f"Grubhub MDRP instance {name}{of}"


def _setup(
    name: str, merchants: dict[str, Merchant], parameters: Parameters, plane: MetricPlane
) -> CitySetup:
    half_pickup_ms = parameters.pickup_service_min * MINUTE_MS // 2
    half_dropoff_ms = parameters.dropoff_service_min * MINUTE_MS // 2
    target_ms = parameters.target_min * MINUTE_MS
    return CitySetup(
        city=City(
            name=name,
            frame=Frame.PLANE,
            time_zone="UTC",
            merchants=tuple(merchants.values()),
            currency="USD",
            promise=PromisePolicy(floor_ms=target_ms, allowance_ms=0),
        ),
        travel=plane,
        paths=plane,
        rules=GRUBHUB_RULES,
        service_times=ServiceTimes(half_pickup_ms, half_pickup_ms, half_dropoff_ms, half_dropoff_ms),
        dispatch_params=DispatchParams(epoch_ms=MINUTE_MS, epoch_offset_ms=1),
        tracking_params=None,
        pay=parameters.pay,
        streets_geojson=None,
    )


def _read_parameters(path: Path) -> Parameters:
    row = read_single_row(path, PARAMETERS)
    speed = row.number("meters_per_minute")
    if speed <= 0:
        raise row.error(f"meters_per_minute is {speed:g}, but must be above 0")
    service = [row.minute(name) for name in ("pickup_service_min", "dropoff_service_min")]
    for minutes in service:
        if minutes % 2:
            raise row.error(
                f"a service of {minutes} minutes; it must be even, as half of it is before the hand-over"
            )
    pay = [row.number(name) for name in ("pay_per_order", "guaranteed_pay_per_hour")]
    if min(pay) < 0:
        raise row.error(f"a pay of {min(pay):g}; it must not be below 0")
    scheme = PayScheme(*(round(amount * 100) for amount in pay))
    return Parameters(speed, service[0], service[1], row.minute("target_click_to_door_min"), scheme)


def _read_merchants(path: Path, seen: set[str]) -> dict[str, Merchant]:
    merchants = {}
    for row in read_rows(path, ("restaurant", "x", "y")):
        merchant_id = row.word("restaurant", seen, "restaurant")
        merchants[merchant_id] = Merchant(merchant_id, merchant_id, _point(row))
    return merchants


def _read_orders(
    path: Path, seen: set[str], merchants: dict[str, Merchant], parameters: Parameters
) -> list[DrawnOrder]:
    orders: list[DrawnOrder] = []
    columns = ("order", "x", "y", "placement_time", "restaurant", "ready_time")
    for row in read_rows(path, columns):
        reference = row.word("order", seen, "order")
        placed, ready = row.minute("placement_time"), row.minute("ready_time")
        merchant_id = row.cells["restaurant"]
        if merchant_id not in merchants:
            raise row.error(
                f"order {reference!r} is for restaurant {merchant_id!r}, which restaurants.txt does not list"
            )
        if ready < placed:
            raise row.error(f"order {reference!r} is ready at {ready}, before it is placed at {placed}")
        orders.append(
            DrawnOrder(
                stream_key=(len(orders),),
                placed_at_ms=minute_ms(placed),
                merchant_id=merchant_id,
                dropoff=_point(row),
                value_cents=0,
                preparation_ms=(ready - placed) * MINUTE_MS,
                ready_at_ms=minute_ms(ready),
                promised_at_ms=minute_ms(placed + parameters.target_min),
                reference=reference,
            )
        )
    return orders


def _read_shifts(path: Path, seen: set[str]) -> list[RiderShift]:
    shifts = []
    for row in read_rows(path, ("courier", "x", "y", "on_time", "off_time")):
        rider_id = row.word("courier", seen, "courier")
        on, off = row.minute("on_time"), row.minute("off_time")
        if off <= on:
            raise row.error(f"courier {rider_id!r} goes off at {off}, not after coming on at {on}")
        shifts.append(RiderShift(rider_id, rider_id, _point(row), minute_ms(on), minute_ms(off)))
    return shifts


def _point(row: Row) -> Point:
    x, y = row.number("x"), row.number("y")
    if max(abs(x), abs(y)) > COORDINATE_MAX_M:
        raise row.error(f"the place ({x:g}, {y:g}) is beyond {COORDINATE_MAX_M:g} meters")
    return Point(x, y)
