"""The three solution files of a run on a Grubhub instance, as the public evaluator reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import InputFileError, InvalidValueError
from domain.events import OrderDelivered, OrderPickedUp, OrderPlaced, TripAssigned
from domain.ids import OrderId, RiderId
from domain.plans import ServiceTimes
from domain.units import Millis
from runtime.event_log.port import LogRecord, Message
from scenarios.grubhub.instance import minute_of
from sim.run import RunResult

ON_LOCATION = "0"
"""What the format calls the place where a courier comes on duty."""

ASSIGNMENTS = "solution_info_assignments.txt"
ORDERS = "solution_info_orders.txt"
COURIERS = "solution_info_couriers.txt"


@dataclass(slots=True)
class _Order:
    """What happened to one order."""

    placed: OrderPlaced
    placed_at_ms: Millis
    picked_up_at_ms: Millis | None = None
    delivered_at_ms: Millis | None = None

    @property
    def done_at_ms(self) -> tuple[Millis, Millis]:
        """Instants of pickup and drop-off."""
        if self.picked_up_at_ms is None or self.delivered_at_ms is None:
            message = "a run that went on until every assigned order was delivered"
            raise InvalidValueError("records", f"{self.placed.reference} is on its way", message)
        return self.picked_up_at_ms, self.delivered_at_ms


@dataclass(frozen=True, slots=True)
class _Trip:
    """One assignment, with its orders in drop-off sequence."""

    at_ms: Millis
    rider_id: RiderId
    merchant_id: str
    orders: tuple[_Order, ...]


@dataclass(slots=True)
class _Course:
    """What the log says of orders and assignments."""

    orders: dict[OrderId, _Order] = field(default_factory=dict)
    trips: list[_Trip] = field(default_factory=list)

    def follow(self, records: Iterable[LogRecord]) -> None:
        for _, at_ms, _, message in records:
            # Most records of a day tell nothing that the format wants to know.
            if type(message) in _TOLD:
                self._note(message, at_ms)

    def _note(self, message: Message, at_ms: Millis) -> None:
        match message:
            case OrderPlaced() as placed:
                self.orders[placed.order_id] = _Order(placed, at_ms)
            case TripAssigned() as trip:
                orders = tuple([self.orders[order_id] for order_id in trip.order_ids])
                self.trips.append(_Trip(at_ms, trip.rider_id, trip.merchant_id, orders))
            case OrderPickedUp(order_id):
                self.orders[order_id].picked_up_at_ms = at_ms
            case OrderDelivered(order_id):
                self.orders[order_id].delivered_at_ms = at_ms
            case _:
                pass


_TOLD = frozenset({OrderPlaced, TripAssigned, OrderPickedUp, OrderDelivered})


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
    course = _Course()
    course.follow(result.records)
    folder = Path(directory)
    times = result.spec.setup.service_times
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / ASSIGNMENTS, _assignment_lines(course.trips))
        _write(folder / ORDERS, _order_lines(course.trips))
        _write(folder / COURIERS, _courier_lines(course.trips, times))
    except OSError as error:
        raise InputFileError(folder, f"the solution cannot be written: {error}") from error


def _assignment_lines(trips: Sequence[_Trip]) -> list[str]:
    lines = ["assignment_time pickup_time courier order"]
    for trip in trips:
        picked_up_ms, _ = trip.orders[0].done_at_ms
        references = " ".join(order.placed.reference for order in trip.orders)
        lines.append(f"{minute_of(trip.at_ms)} {minute_of(picked_up_ms)} {trip.rider_id} {references}")
    return lines


def _order_lines(trips: Sequence[_Trip]) -> list[str]:
    lines = ["order placement_time ready_time pickup_time dropoff_time courier"]
    for trip in trips:
        for order in trip.orders:
            instants = (order.placed_at_ms, order.placed.ready_at_ms, *order.done_at_ms)
            minutes = " ".join(str(minute_of(at_ms)) for at_ms in instants)
            lines.append(f"{order.placed.reference} {minutes} {trip.rider_id}")
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
            leaves_ms = trip.orders[0].done_at_ms[0] + times.pickup_after_ms
            for order in trip.orders:
                reference = order.placed.reference
                lines.append(f"{rider_id} {minute_of(leaves_ms)} {here} {reference}")
                here = reference
                leaves_ms = order.done_at_ms[1] + times.dropoff_after_ms
    return lines


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
