"""The three solution files of a run on a Grubhub instance, as the public evaluator reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputFileError, InvalidValueError
from domain.events import OrderDelivered, OrderPickedUp, OrderPlaced, TripAssigned
from domain.ids import OrderId, RiderId
from domain.plans import ServiceTimes
from domain.units import Millis
from runtime.event_log.port import LogRecord
from scenarios.grubhub.instance import minute_of
from sim.run import RunResult

ON_LOCATION = "0"
"""What the format calls the place where a courier comes on duty."""

ASSIGNMENTS = "solution_info_assignments.txt"
ORDERS = "solution_info_orders.txt"
COURIERS = "solution_info_couriers.txt"

NOT_YET_MS: Millis = -1
"""Stands for the instant of what has not happened."""


@dataclass(slots=True)
class _Order:
    """What happened to one order."""

    reference: str
    placed_at_ms: Millis
    ready_at_ms: Millis
    picked_up_at_ms: Millis = NOT_YET_MS
    delivered_at_ms: Millis = NOT_YET_MS


@dataclass(frozen=True, slots=True)
class _Trip:
    """One assignment, with its orders in drop-off sequence."""

    at_ms: Millis
    rider_id: RiderId
    merchant_id: str
    orders: tuple[_Order, ...]


def _trips(records: Iterable[LogRecord]) -> list[_Trip]:
    """Return what the log says of orders and assignments."""
    orders: dict[OrderId, _Order] = {}
    trips: list[_Trip] = []
    for _, at_ms, _, message in records:
        # Most records of a day tell nothing that the format wants to know.
        if type(message) not in _TOLD:
            continue
        if isinstance(message, OrderPlaced):
            orders[message.order_id] = _Order(message.reference, at_ms, message.ready_at_ms)
        elif isinstance(message, TripAssigned):
            loaded = tuple([orders[order_id] for order_id in message.order_ids])
            trips.append(_Trip(at_ms, message.rider_id, message.merchant_id, loaded))
        elif isinstance(message, OrderPickedUp):
            orders[message.order_id].picked_up_at_ms = at_ms
        elif isinstance(message, OrderDelivered):
            orders[message.order_id].delivered_at_ms = at_ms
    for trip in trips:
        _check_finished(trip)
    return trips


_TOLD = frozenset({OrderPlaced, TripAssigned, OrderPickedUp, OrderDelivered})


def _check_finished(trip: _Trip) -> None:
    for order in trip.orders:
        if NOT_YET_MS in (order.picked_up_at_ms, order.delivered_at_ms):
            message = "a run that went on until every assigned order was delivered"
            raise InvalidValueError("records", f"{order.reference} is on its way", message)


def write_solution(result: RunResult, directory: str | Path) -> None:
    """Write the solution files of a run; the directory is made if need be.

    Every instant is floored to its minute, which is exact: all durations are whole minutes, and flooring
    commutes with the maximum.

    Raises
    ------
    InvalidValueError
        If the run stopped while an order was under way.
    InputFileError
        If a file cannot be written.
    """
    trips = _trips(result.records)
    folder = Path(directory)
    times = result.spec.setup.service_times
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / ASSIGNMENTS, _assignment_lines(trips))
        _write(folder / ORDERS, _order_lines(trips))
        _write(folder / COURIERS, _courier_lines(trips, times))
    except OSError as error:
        raise InputFileError(folder, f"the solution cannot be written: {error}") from error


def _assignment_lines(trips: Sequence[_Trip]) -> list[str]:
    lines = ["assignment_time pickup_time courier order"]
    for trip in trips:
        picked_up = minute_of(trip.orders[0].picked_up_at_ms)
        references = " ".join([order.reference for order in trip.orders])
        lines.append(f"{minute_of(trip.at_ms)} {picked_up} {trip.rider_id} {references}")
    return lines


def _order_lines(trips: Sequence[_Trip]) -> list[str]:
    lines = ["order placement_time ready_time pickup_time dropoff_time courier"]
    for trip in trips:
        for order in trip.orders:
            placed, ready = minute_of(order.placed_at_ms), minute_of(order.ready_at_ms)
            picked_up, delivered = minute_of(order.picked_up_at_ms), minute_of(order.delivered_at_ms)
            lines.append(f"{order.reference} {placed} {ready} {picked_up} {delivered} {trip.rider_id}")
    return lines


def _courier_lines(trips: Sequence[_Trip], times: ServiceTimes) -> list[str]:
    """Every move of every courier, courier by courier, each in the order of time."""
    by_rider: dict[RiderId, list[_Trip]] = {}
    for trip in trips:
        by_rider.setdefault(trip.rider_id, []).append(trip)
    lines = ["courier departure_time origin destination"]
    for rider_id, mine in by_rider.items():
        here = ON_LOCATION
        for trip in mine:
            lines.append(f"{rider_id} {minute_of(trip.at_ms)} {here} {trip.merchant_id}")
            here = trip.merchant_id
            leaves_ms = trip.orders[0].picked_up_at_ms + times.pickup_after_ms
            for order in trip.orders:
                lines.append(f"{rider_id} {minute_of(leaves_ms)} {here} {order.reference}")
                here = order.reference
                leaves_ms = order.delivered_at_ms + times.dropoff_after_ms
    return lines


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
