"""A town for tests: one straight street on a plane, with a place every 100 m, driven at 10 m/s."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.commands import Command, RecordFixes
from domain.events import (
    Event,
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
    OrderDelivered,
    OrderPickedUp,
    OrderPlaced,
    RiderArrivedAtDoor,
    RiderArrivedAtMerchant,
    ShiftEnded,
    ShiftStarted,
    TripAssigned,
    TripEnded,
)
from domain.fixes import Fix
from domain.geo import Frame, Point
from domain.places import City, Merchant, Zone
from domain.plans import Leg, ServiceTimes, Stop, StopKind
from domain.ports import LocationKey, StreetPath
from domain.units import MINUTE_MS, Millis
from tracking.engine import TrackingEngine
from tracking.params import TrackingParams

START_MS = 1_800_000_000_000
BLOCK_M = 100.0
BLOCK_MS = 10_000
LAST_KEY = 60

INCIDENTS = (IncidentOpened, IncidentEscalated, IncidentResolved, IncidentAcknowledged)


class Street:
    """Street paths of the town: key k lies 100 k meters east."""

    def point(self, key: LocationKey) -> Point:
        return Point(BLOCK_M * key, 0.0)

    def path(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> StreetPath:
        step = 1 if destination >= origin else -1
        keys = tuple(range(origin, destination + step, step))
        return StreetPath(keys, tuple(BLOCK_MS * k for k in range(len(keys))), BLOCK_M * (len(keys) - 1))


class NoStreets(Street):
    """A plane without streets: only the straight distance is known."""

    def path(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> StreetPath:
        return StreetPath((), (), abs(destination - origin) * BLOCK_M)


TOWN = City(
    "Town",
    Frame.PLANE,
    "Asia/Shanghai",
    (Merchant("m-1", "Noodles", Point(1_000.0, 0.0)),),
    (Zone("z-1", "Town", "镇", (Point(0, -500), Point(6_000, -500), Point(6_000, 500), Point(0, 500))),),
)


def new_engine(params: TrackingParams | None = None) -> TrackingEngine:
    return TrackingEngine(TOWN, Street(), ServiceTimes(), params or TrackingParams())


@dataclass
class Player:
    """Plays messages to an engine as the control room does: timers first, each at its own time."""

    engine: TrackingEngine = field(default_factory=new_engine)
    happened: list[tuple[Millis, Event]] = field(default_factory=list)

    def advance(self, now_ms: Millis) -> None:
        while (due_ms := self.engine.next_wakeup_ms()) is not None and due_ms <= now_ms:
            self.happened += [(due_ms, event) for event in self.engine.wake(due_ms)]

    def play(self, message: Command | Event, now_ms: Millis) -> list[Event]:
        self.advance(now_ms)
        events = self.engine.handle(message, now_ms)
        self.happened += [(now_ms, event) for event in events]
        return events

    def of(self, *kinds: type[Event]) -> list[tuple[Millis, Event]]:
        return [(at_ms, event) for at_ms, event in self.happened if isinstance(event, kinds)]

    def incidents(self) -> list[tuple[Millis, Event]]:
        return self.of(*INCIDENTS)

    def drive(self, rider_id: str, from_ms: Millis, until_ms: Millis, every_ms: Millis = 5_000) -> None:
        """Send the fixes of a rider who stands still at key 10."""
        for at_ms in range(from_ms, until_ms, every_ms):
            self.play(RecordFixes((fix(rider_id, at_ms, 1_000.0),)), at_ms + 200)


def fix(
    rider_id: str,
    fixed_at_ms: Millis,
    x: float,
    y: float = 0.0,
    sequence: int | None = None,
    accuracy_m: float = 8.0,
) -> Fix:
    number = (fixed_at_ms - START_MS) // 100 if sequence is None else sequence
    return Fix(rider_id, fixed_at_ms, max(number, 0), Point(x, y), accuracy_m)


def shift(rider_id: str = "r-1") -> ShiftStarted:
    return ShiftStarted(rider_id, rider_id, Point(0.0, 0.0), 0, START_MS + 600 * MINUTE_MS)


def placed(
    order_id: str = "o-1",
    *,
    door: LocationKey = 30,
    ready_in_ms: Millis = 5 * MINUTE_MS,
    promise_in_ms: Millis = 30 * MINUTE_MS,
    at_ms: Millis = START_MS,
) -> OrderPlaced:
    point = Point(BLOCK_M * door, 0.0)
    return OrderPlaced(
        order_id, "", "m-1", "z-1", point, 10, door, 0, at_ms + ready_in_ms, at_ms + promise_in_ms
    )


def leg(origin: LocationKey, destination: LocationKey) -> Leg:
    path = Street().path(origin, destination, 0)
    return Leg(origin, destination, path.passed_ms[-1], path.length_m, path.keys, path.passed_ms)


def stops_of(doors: dict[str, LocationKey], at_ms: Millis, origin: LocationKey = 0) -> tuple[Stop, ...]:
    """Plan a trip from a place to the merchant at key 10 and on to the doors."""
    times = ServiceTimes()
    way = leg(origin, 10)
    arrives_ms = at_ms + way.duration_ms
    done_ms = arrives_ms + times.pickup_before_ms
    stops = [Stop(StopKind.PICKUP, tuple(doors), 10, way, arrives_ms, done_ms)]
    here, leaves_ms = 10, done_ms + times.pickup_after_ms
    for order_id, door in doors.items():
        way = leg(here, door)
        arrives_ms = leaves_ms + way.duration_ms
        done_ms = arrives_ms + times.dropoff_before_ms
        stops.append(Stop(StopKind.DROPOFF, (order_id,), door, way, arrives_ms, done_ms))
        here, leaves_ms = door, done_ms + times.dropoff_after_ms
    return tuple(stops)


def assigned(
    doors: dict[str, LocationKey], at_ms: Millis, rider_id: str = "r-1", trip_id: str = "t-1"
) -> TripAssigned:
    return TripAssigned(trip_id, rider_id, "m-1", tuple(doors), stops_of(doors, at_ms))


def whole_trip(
    at_ms: Millis, order_id: str, rider_id: str, trip_id: str, slow_ms: Millis = 0
) -> Iterable[tuple[Millis, Event]]:
    """Everything dispatch would say about one order, from placement to the end of the trip."""
    yield at_ms, placed(order_id, at_ms=at_ms, promise_in_ms=12 * MINUTE_MS)
    assigned_ms = at_ms + 15_000
    yield assigned_ms, assigned({order_id: 30}, assigned_ms, rider_id, trip_id)
    arrived_ms = assigned_ms + 100_000
    yield arrived_ms, RiderArrivedAtMerchant(rider_id, trip_id, "m-1", (order_id,))
    picked_ms = arrived_ms + 4 * MINUTE_MS + slow_ms
    yield picked_ms, OrderPickedUp(order_id, rider_id, trip_id)
    door_ms = picked_ms + 230_000
    yield door_ms, RiderArrivedAtDoor(order_id, rider_id, trip_id)
    yield door_ms + MINUTE_MS, OrderDelivered(order_id, rider_id, trip_id)
    yield door_ms + MINUTE_MS, TripEnded(trip_id, rider_id, 30, door_ms + 90_000)


def shift_end(rider_id: str = "r-1") -> ShiftEnded:
    return ShiftEnded(rider_id)
